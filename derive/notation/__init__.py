"""Expressions written, and read back."""
