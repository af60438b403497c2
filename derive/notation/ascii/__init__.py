"""The ASCII notation, W0[i,j]*r1[i]: written and read, never evaluated as code."""
