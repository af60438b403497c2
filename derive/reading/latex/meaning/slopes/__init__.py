"""Derivatives and chains of them."""
