"""Figures: what they show as data, and the drawing of it."""
