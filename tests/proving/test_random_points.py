"""Proofs by random points modulo a prime, where multiplying out would be too much."""

from __future__ import annotations

import sys
from math import prod

import pytest
from sympy import Add, Expr, Rational, symbols

from derive import prove
from derive.algebra.functions import ReLU, Step
from derive.proving import Kinks, Method, Status
from derive.proving.exact.modular import degree
from tests.sweeps import thorough

letters = symbols("a b c d e f g h", real=True)
p, q = symbols("p q", real=True)
BIG = prod(Add(*(n**k * v for n, v in enumerate(letters, start=1))) for k in range(1, 10))


def test_a_large_identity_is_proved_with_a_bound() -> None:
    proof = prove((p + q) ** 2 * BIG, (p**2 + 2 * p * q + q**2) * BIG)
    assert proof.status is Status.PROVED
    assert proof.method is Method.SCHWARTZ_ZIPPEL
    assert proof.error_bound is not None
    assert 0 < proof.error_bound < Rational(1, 2**100)


@pytest.mark.parametrize("wrong", [p**2 + p * q + q**2, p**2 + 2 * p * q - q**2, p**2 + q**2])
def test_a_large_falsehood_is_refuted(wrong: object) -> None:
    proof = prove((p + q) ** 2 * BIG, wrong * BIG)  # pyright: ignore
    assert proof.status is Status.REFUTED
    assert proof.counterexample is not None
    assert proof.counterexample.left != proof.counterexample.right


HALF = Rational(1, 2)


@pytest.mark.parametrize(
    ("left", "right", "kinks"),
    [
        (ReLU(p), p * Step(p), Kinks.EVERY_CONVENTION),
        thorough((Step(p) ** 2, Step(p), Kinks.AS_STATED)),
        thorough((Step(p, HALF) ** 2, Step(p, HALF), Kinks.EXCLUDED)),
    ],
    ids=str,
)
def test_gates_are_tried_for_every_convention_first(left: Expr, right: Expr, kinks: Kinks) -> None:
    proof = prove(left * (p + q) * BIG, right * (q + p) * BIG)
    assert proof.method is Method.SCHWARTZ_ZIPPEL
    assert proof.scope.kinks is kinks


def test_the_degree_is_a_bound() -> None:
    assert degree((p + q) ** 2 * p, q, {}) >= 3
    assert degree(1 / (p + q) ** 2, q, {}) >= 3


def test_without_z3_the_judge_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    # Verdicts are kept: a letter of its own, so that no other test is answered from here.
    proof = prove("ReLU(ReLU(kappa))", "ReLU(kappa)")
    assert proof.status is Status.UNDECIDED
    assert "z3 is not installed" in proof.remark
    assert prove("ReLU(x)^2", "x*ReLU(x)").status is Status.PROVED
