"""Formulas that a page has as trees of MathML, without the LaTeX that they were made of."""
