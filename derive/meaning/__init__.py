"""What quantities and derivatives mean: no laws, no proofs."""
