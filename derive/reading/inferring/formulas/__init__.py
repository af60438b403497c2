"""Formulas of a text as definitions need them: grouped, and with what is left unsaid."""
