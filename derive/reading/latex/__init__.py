"""Formulas in LaTeX, as people write them, as expressions and equations of a network."""
