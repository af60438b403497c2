"""Stationary points over two weights, against solutions by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Matrix, Rational

from derive import read_network
from derive.documents.illustrating import illustrations
from derive.documents.rendering import rendered
from derive.figures.cost_landscape import CostSurface, cost_surface
from derive.model.network import Network
from tests.laid_out import document
from tests.verified import verified

CHAIN = {"x": (2,), "y": (1,), "W0": ((Rational(3, 2),),), "W1": ((Rational(1, 2),),)}


def surface(network: Network) -> CostSurface:
    found = cost_surface(network)
    assert found is not None
    return found


def network(shape: str, activation: str, point: dict[str, Any], reduction: str = "sum") -> Network:
    of = read_network(shape, activation=activation)
    return replace(of, point=point, reduction=reduction)


@pytest.mark.parametrize("activation", ["identity", "tanh"])
def test_weights_0_of_a_chain_are_a_saddle(activation: str) -> None:
    """C = (f(v f(w x)) - y)^2/2 has at 0 the slopes 0 and the Hessian -x y [0 1; 1 0]."""
    (found,) = surface(network("1-1-1", activation, CHAIN)).stationary
    assert (found.at, found.kind, found.cost) == ((0, 0), "saddle", Rational(1, 2))


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_least_squares_has_its_minimum_where_the_normal_equations_hold(reduction: str) -> None:
    inputs, targets = [(2, 1), (1, 0), (1, 1)], [1, 3, 0]
    samples = tuple({"x": x, "y": (y,)} for x, y in zip(inputs, targets, strict=True))
    point = {"samples": samples, "W0": ((2,), (-2,))}
    (found,) = surface(network("2-1", "identity", point, reduction)).stationary
    rows = Matrix(inputs)
    solved = (rows.T * rows).inv() * rows.T * Matrix(targets)
    assert found.at == tuple(solved) == (Rational(7, 3), -3)
    share = 3 if reduction == "mean" else 1
    left = rows * solved - Matrix(targets)
    assert found.kind == "minimum" and found.cost == left.dot(left) / 2 / share


def test_out_of_sight_there_is_none() -> None:
    samples = ({"x": (2, 1), "y": (1,)}, {"x": (1, 0), "y": (30,)})  # at w = (30, -59)
    point = {"samples": samples, "W0": ((2,), (-2,))}
    assert surface(network("2-1", "identity", point)).stationary == ()


def test_a_curve_a_plateau_and_a_kink_are_no_points() -> None:
    """Of ReLU the chain has a curve of minima, a plateau of dead units, and a kink at 0."""
    for name in ("two-layer-chain", "regression-2-3-1", "sigmoid-chain"):
        assert surface(read_network(name)).stationary == ()
    one = {"x": (2, 1), "y": (1,), "W0": ((2,), (-2,))}  # a line of minima
    assert surface(network("2-1", "identity", one)).stationary == ()


def test_the_document_says_what_is_marked() -> None:
    of = network("1-1-1", "identity", CHAIN)
    drawn = illustrations(of, 1, "chain")
    steps = verified("two-layer-chain")
    for language, said in (
        ("english", "A cross is a saddle of the cost over these two weights, at $(0,\\, 0)$."),
        ("german", "Ein Kreuz ist ein Sattelpunkt der Kosten über diesen beiden Gewichten, bei"),
    ):
        laid_out = document(of, *steps, figures=drawn)
        files = dict(rendered(laid_out, ["plain"], language=language))
        texts = [text for text in files.values() if isinstance(text, str)]
        assert any(said in text for text in texts)
