"""Formulas as trees with places; what the names in them mean is not known here."""
