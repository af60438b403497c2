"""Activations and their derivatives as curves, with the points at their kinks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sympy import Dummy, Expr, Rational, S, Symbol, exp, tanh

from derive.algebra.functions import sigmoid, softplus
from derive.algebra.kinked import Kinked
from derive.figures.floats import on_floats
from derive.model.activations import Activation
from derive.model.network import Network

#: What is drawn for a slope that is a symbol.
DRAWN_SLOPE = Rational(1, 10)
#: How far a figure goes beyond the kinks; smooth activations take more room to level off.
_BESIDE_KINKS, _SMOOTH = Rational(2), Rational(4)
_SAMPLES = 80

_z = Dummy("z", real=True)

Place = tuple[float, float]


@dataclass(frozen=True)
class KinkPoint:
    """A kink: the limits on both sides, and the value there, None where it is left open."""

    at: float
    left: float
    right: float
    value: float | None
    convention: Expr

    @property
    def jumps(self) -> bool:
        """Whether the curve is broken here."""
        return self.left != self.right


@dataclass(frozen=True)
class Curve:
    """A function between kinks, in pieces that reach to the limits at the kinks."""

    pieces: tuple[tuple[Place, ...], ...]
    kinks: tuple[KinkPoint, ...]


@dataclass(frozen=True)
class ActivationCurves:
    """An activation and its derivative; `slope` is drawn where its own is a symbol."""

    activation: Activation
    function: Curve
    derivative: Curve
    slope: Expr | None = None


@dataclass(frozen=True)
class ActivationFigure:
    """The different activations of a network, in the order of its layers."""

    rows: tuple[ActivationCurves, ...]
    step_at_zero: Expr


def activation_figure(network: Network) -> ActivationFigure | None:
    """The activations of a network with their derivatives; None where all are the identity."""
    different = dict.fromkeys(layer.activation for layer in network.layers)
    shown = [one for one in different if one.kind.elementwise and one(_z, S.Zero) != _z]
    if not shown:
        return None
    at_zero = network.step_at_zero
    return ActivationFigure(tuple(activation_curves(one, at_zero) for one in shown), at_zero)


def activation_curves(activation: Activation, at_zero: Expr) -> ActivationCurves:
    """phi and phi' with Step(0) = `at_zero`."""
    slope = DRAWN_SLOPE if isinstance(activation.slope, Symbol) else None
    drawn = activation if slope is None else Activation(activation.name, slope)
    phi = drawn(_z, at_zero)
    kinks = tuple(sorted(activation.kind.kinks))
    reach = _BESIDE_KINKS if kinks else _SMOOTH
    if phi.atoms(exp, sigmoid, softplus, tanh):
        reach = _SMOOTH
    ends = (*kinks, S.Zero)
    places = (min(ends) - reach, *kinks, max(ends) + reach)
    function, derivative = (_curve(one, places) for one in (phi, phi.diff(_z)))
    return ActivationCurves(activation, function, derivative, slope)


def _curve(formula: Expr, places: tuple[Any, ...]) -> Curve:
    """A formula in z from the first place to the last, with kinks at those between."""
    smooth = [_between(formula, a, b) for a, b in itertools.pairwise(places)]
    pieces: list[tuple[Place, ...]] = []
    for part, low, high in zip(smooth, places, places[1:], strict=False):
        value = on_floats(_elementary(part), (_z,))
        steps = (low + (high - low) * Rational(n, _SAMPLES) for n in range(_SAMPLES + 1))
        pieces.append(tuple((float(z), value(float(z))) for z in steps))
    return Curve(tuple(pieces), tuple(_kinks(formula, smooth, places[1:-1])))


def _kinks(formula: Expr, smooth: list[Expr], kinks: tuple[Any, ...]) -> Iterator[KinkPoint]:
    for kink, left, right in zip(kinks, smooth, smooth[1:], strict=False):
        before, after = (float(part.subs(_z, kink)) for part in (left, right))
        there = formula.subs(_z, kink)
        value = float(there) if there.is_number else None
        yield KinkPoint(float(kink), before, after, value, there)


def _between(formula: Expr, low: Any, high: Any) -> Expr:
    """The formula where no gate turns: each gate is what it is on its side."""
    middle = (low + high) / 2
    sides: dict[Expr, Expr] = {}
    for gate in formula.atoms(Kinked):
        sign = 1 if gate.args[0].subs(_z, middle) > 0 else -1
        sides[gate] = gate.sides(*gate.args).at(sign)
    return formula.xreplace(sides)


def _elementary(formula: Expr) -> Expr:
    """sigmoid, softplus and tanh written in exp and log."""
    return formula.xreplace({f: f.rewrite(exp) for f in formula.atoms(sigmoid, softplus, tanh)})
