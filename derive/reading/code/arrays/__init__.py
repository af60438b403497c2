"""Values of code as arrays in index form, and what NumPy and PyTorch do with them."""
