"""Networks as people hand them in: TOML files, shorthands, the built-in ones."""
