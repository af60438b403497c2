"""Proofs of equations: `prove` for people, `judge` for steps."""

from derive.proving.judge import judge
from derive.proving.proof import Counterexample, Kinks, Method, Proof, Scope, Status, Widths
from derive.proving.prove import prove

__all__ = [
    "Counterexample",
    "Kinks",
    "Method",
    "Proof",
    "Scope",
    "Status",
    "Widths",
    "judge",
    "prove",
]
