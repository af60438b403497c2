"""The Hessian of a chain as a whole: entries, determinant, eigenvalues, Newton's step."""
