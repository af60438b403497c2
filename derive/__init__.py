"""derive: backpropagation derived step by step, every step proved."""
