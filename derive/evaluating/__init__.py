"""Values at a point, and the power series that confirm them."""
