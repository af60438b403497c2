"""Expressions that know no model: quantities, functions with a kink, indices."""
