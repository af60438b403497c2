"""The words around formulas, which may only weaken what is known."""
