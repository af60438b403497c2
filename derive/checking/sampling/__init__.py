"""Equations at points in floating point: a quick look, never a verdict."""
