"""Questions to z3, and the facts that it is told."""
