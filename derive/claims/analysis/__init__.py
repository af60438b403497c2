"""What follows from the formulas: gradient flow, initialisation, kinks, Newton's method.

Every number and formula here is computed when it is asked for, exactly wherever it can be:
rational arithmetic, SymPy's limits, and equations for the judge.  Results are values
(`Finding`, `Table`, `Passage`) that any document can hold; their words are in the templates.
"""
