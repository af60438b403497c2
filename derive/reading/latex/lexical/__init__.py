"""LaTeX as tokens, rows and sentences, before any of it is understood."""
