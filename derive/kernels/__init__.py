"""Definitions as programs in other languages, and exact numbers to test programs with."""
