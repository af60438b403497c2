"""Proofs of equations; `judge` is the only way in."""

from derive.proving.judge import judge
from derive.proving.proof import Kinks, Method, Proof, Scope, Status, Widths

__all__ = ["Kinks", "Method", "Proof", "Scope", "Status", "Widths", "judge"]
