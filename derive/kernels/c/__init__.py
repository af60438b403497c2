"""Programs in C: formulas as loops and products of matrices, and the functions they stand in."""
