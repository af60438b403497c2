"""Straight-line code in NumPy or PyTorch as definitions and claims; it is read and never run."""
