"""The model that a text itself defines."""
