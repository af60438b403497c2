"""Derivations: which law is applied to what, in the order in which a teacher speaks."""
