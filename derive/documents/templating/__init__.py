"""Jinja templates: where they are, how files of one name go together, and their sandbox."""
