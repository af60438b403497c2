"""What SymPy asks of a function: its code for other languages, what is known of it, its zero."""
