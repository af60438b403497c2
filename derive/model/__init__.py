"""What is described: a network with its activations, its cost and its conventions."""
