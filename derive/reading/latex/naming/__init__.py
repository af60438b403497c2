"""What the names of a document in LaTeX stand for."""
