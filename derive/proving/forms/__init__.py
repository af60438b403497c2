"""Proofs from normal forms: at each depth of unfolding, at the sizes that settle every width."""
