"""The version, which packaging reads from here."""

__version__ = "1.0.0"
