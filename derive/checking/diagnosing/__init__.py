"""What may be wrong with an equation: guesses, a quick filter, and proof."""
