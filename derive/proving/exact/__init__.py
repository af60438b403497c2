"""Exact identities: normal forms, and from a few sizes to every size."""
