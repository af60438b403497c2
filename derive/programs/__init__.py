"""Flat lists of definitions that give numbers, for those who write kernels."""

from derive.programs.hessian import hessian_program
from derive.programs.program import Program

__all__ = ["Program", "hessian_program"]
