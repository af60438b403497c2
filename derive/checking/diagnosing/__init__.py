"""What may be wrong with an equation: candidates, a quick filter, and what to say."""
