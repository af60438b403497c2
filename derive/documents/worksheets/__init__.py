"""Exercises on a network, drawn or given, and their solutions."""
