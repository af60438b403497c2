"""How figures are drawn: a module for each, loaded with matplotlib."""
