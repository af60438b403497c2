"""The grammar of formulas in LaTeX."""
