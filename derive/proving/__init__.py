"""Proofs of equations: `judge` for steps; `prove.prove` is the same for people."""

from derive.proving.judge import judge
from derive.proving.proof import Counterexample, Kinks, Method, Proof, Scope, Status, Widths

__all__ = ["Counterexample", "Kinks", "Method", "Proof", "Scope", "Status", "Widths", "judge"]
