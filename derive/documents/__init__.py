"""Derivations as documents: blocks, templates, certificates."""
