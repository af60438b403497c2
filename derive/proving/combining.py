"""One proof of several: of the parts of an equation, or of the equalities of a chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sympy import Basic, Expr, Rational

from derive.algebra.indices import substitute
from derive.proving.proof import Method, Proof, Status, weakest


def combined(proofs: Sequence[Proof], where: Basic, method: Method) -> Proof:
    """One answer for parts of which none is refuted: proved only if each is."""
    for proof in proofs:
        if not proof.proved:
            return proof
    widths = [proof.scope.widths for proof in proofs]
    every = all(w.every for w in widths)
    worst = next((w for w in widths if not w.every), widths[0])
    scope = replace(
        proofs[0].scope,
        where=where,
        kinks=weakest([proof.scope.kinks for proof in proofs]),
        widths=replace(worst, every=every),
        nonzero=tuple(dict.fromkeys(n for proof in proofs for n in proof.scope.nonzero)),
        domain=tuple(dict.fromkeys(d for proof in proofs for d in proof.scope.domain)),
        apart=tuple(dict.fromkeys(a for proof in proofs for a in proof.scope.apart)),
        derivative=any(proof.scope.derivative for proof in proofs),
    )
    bounds = [proof.error_bound for proof in proofs if proof.error_bound is not None]
    if not bounds:
        return Proof(Status.PROVED, method, scope)
    return Proof(Status.PROVED, Method.SCHWARTZ_ZIPPEL, scope, error_bound=Rational(sum(bounds)))


def in_letters(proof: Proof, letters: Mapping[Expr, Expr]) -> Proof:
    """The proof with other letters, or numbers, for free indices in what its scope says."""
    scope = proof.scope
    return replace(
        proof,
        scope=replace(
            scope,
            nonzero=tuple(substitute(one, letters) for one in scope.nonzero),
            domain=tuple(one.xreplace(dict(letters)) for one in scope.domain),
            apart=tuple(substitute(one, letters) for one in scope.apart),
        ),
    )
