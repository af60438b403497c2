"""What one layer does to a gradient, and what a chain of L layers can and cannot do.

For a chain of one-unit layers dC/dw_a = (r_L - y) r_a phi'(z_{a+1}) prod_k w_k phi'(z_{k+1}),
so every layer passed contributes the factor w_k phi'(z_{k+1}).  The range of phi' is found
here: for ReLU and leaky ReLU from their two pieces, for the others from an identity
sup - phi' = gap with a gap that is never negative, which the judge proves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sympy import (
    Abs,
    Basic,
    Expr,
    FiniteSet,
    Integer,
    Interval,
    Rational,
    S,
    Symbol,
    exp,
    factor,
    limit,
    oo,
)

from derive.algebra.functions import DEFAULT_STEP_AT_ZERO, ReLU, sigmoid
from derive.claims.analysis.blocks import Cell, Passage, Table
from derive.claims.analysis.finding import Finding, found
from derive.errors import DeriveError
from derive.meaning.derivation import Equation
from derive.model.activations import Activation
from derive.notation.decimals import fixed, log10_power, significant
from derive.proving.prove import prove

_z = Symbol("z", real=True)
_POSITIVE, _NEGATIVE = Symbol("z", positive=True), Symbol("z", negative=True)
_ALPHA = Symbol("alpha", positive=True)

#: The depths of the table.
DEPTHS = (10, 50, 100, 1000)


@dataclass(frozen=True)
class SlopeRange:
    """The values that phi' takes, away from kinks.

    Attributes:
        slope: phi'(z) as an expression.
        values: the set of its values.
        supremum: the least upper bound; 1 for every activation here but sigmoid.
        proved: the equation supremum - phi'(z) = gap that the judge proved; None where phi'
            has only two values.
    """

    activation: Activation
    slope: Expr
    values: Basic
    supremum: Expr
    proved: Equation | None = None


def slope_range(activation: Activation) -> SlopeRange:
    """The range of phi'.

    Raises:
        DeriveError: when the bound is not proved, or the activation is not one of the five.
    """
    slope = activation(_z, DEFAULT_STEP_AT_ZERO).diff(_z)
    if activation.kind.kinks:
        pieces = FiniteSet(*(slope.subs(_z, side) for side in (_POSITIVE, _NEGATIVE)))
        return SlopeRange(activation, slope, pieces, S.One)
    bound = activation.kind.slope_bound
    if bound is None:
        raise DeriveError(f"the range of the derivative of {activation.name} is not known here")
    supremum, gap = bound(_z)
    if not prove(supremum - slope, gap).proved:
        raise DeriveError(
            f"the bound {supremum} on the derivative of {activation.name} is unproved"
        )
    attained = slope.subs(_z, 0).equals(supremum)
    if not attained and limit(slope.rewrite(exp), _z, oo) != supremum:
        raise DeriveError(
            f"the bound {supremum} on the derivative of {activation.name} is not sharp"
        )
    infimum = limit(slope.rewrite(exp), _z, -oo)
    values = Interval(infimum, supremum, left_open=True, right_open=not attained)
    return SlopeRange(activation, slope, values, supremum, Equation(supremum - slope, gap))


def activations() -> tuple[Activation, ...]:
    """The five whose gradient flow is compared; leaky ReLU with a slope 0 < alpha < 1."""
    return (
        Activation("relu"),
        Activation("leaky_relu", _ALPHA),
        Activation("tanh"),
        Activation("sigmoid"),
        Activation("softplus"),
    )


def factor_table() -> Table:
    """One row an activation: phi', its values, the most of one layer and of L, what explodes."""
    w, depth = Symbol("w", real=True), Symbol("L", integer=True, positive=True)
    rows: list[tuple[Cell, ...]] = []
    for activation in activations():
        known = slope_range(activation)
        rows.append(
            (
                activation.name,
                known.slope,
                known.values,
                known.supremum * Abs(w),
                known.supremum**depth,
                Abs(w) > 1 / known.supremum,
            )
        )
    columns = ("activation", "slope", "values", "layer_most", "chain_most", "explodes")
    return Table("factors", columns, tuple(rows))


def depth_table() -> Table:
    """log10 of what is left of a gradient after L layers."""
    rows: list[tuple[Cell, ...]] = []
    for key, base, layers in (
        ("sigmoid_best", Rational(1, 4), lambda depth: depth),
        ("weights_below_one", Rational(9, 10), lambda depth: depth),
        ("weights_above_one", Rational(11, 10), lambda depth: depth),
        ("glorot_rms", Rational(1, 2), lambda depth: Rational(depth - 1, 2)),
        ("alive", Rational(1, 2), lambda depth: depth),
    ):
        powers = (fixed(log10_power(base, Integer(1) * layers(depth))) for depth in DEPTHS)
        rows.append((key, *powers))
    return Table("depth", ("left_after", *map(Integer, DEPTHS)), tuple(rows))


# -- floating point ------------------------------------------------------------------------


@dataclass(frozen=True)
class FloatFormat:
    """A binary format of IEEE 754: bits of the significand (the hidden one too), least exponent."""

    name: str
    significand: int
    least_exponent: int

    @property
    def smallest(self) -> Rational:
        """The smallest positive (subnormal) number."""
        return Rational(2) ** (self.least_exponent - self.significand + 1)


FORMATS = (
    FloatFormat("float64", 53, -1022),
    FloatFormat("float32", 24, -126),
    FloatFormat("float16", 11, -14),
)


def underflow_depth(factor: Rational, form: FloatFormat) -> int:
    """The least L for which factor^L is rounded to 0 (to nearest, ties to even); 0 < factor < 1.

    What is at most half of the smallest positive number becomes 0.
    """
    depth, power = 0, Rational(1)
    while power > form.smallest / 2:
        depth, power = depth + 1, power * factor
    return depth


def underflow_passage() -> Passage:
    """At which depth sigmoid's best case, (1/4)^L, is 0 in floating point."""
    quarter = Rational(1, 4)
    return Passage("underflow", {f.name: Integer(underflow_depth(quarter, f)) for f in FORMATS})


# -- products of weights -------------------------------------------------------------------


def products(depth: int = 1000) -> Finding:
    """A product of equal weights next to 1 vanishes or explodes with depth."""
    bases = {"low": "9/10", "high": "11/10", "near_low": "99/100", "near_high": "101/100"}
    exact = {name: Rational(base) ** depth for name, base in bases.items()}
    rounded = {name: significant(value, 3) for name, value in exact.items()}
    holds = exact["low"] < Rational(10) ** -20 and exact["high"] > 10**20
    return found(holds, depth=depth, **rounded)


def doubling(depth: int = 1000) -> Finding:
    """Equal weights 2: all units active, ReLU gives 2^L; sigmoid at most (2/4)^L.

    Holds where ReLU's factor explodes no more than sigmoid's can.
    """
    relu = Integer(2) ** depth
    most = slope_range(Activation("sigmoid")).supremum * 2
    return found(
        relu <= most**depth,
        depth=depth,
        relu=significant(relu),
        layer=most,
        sigmoid=significant(most**depth),
    )


def large_outputs() -> Finding:
    """Half the squared error for one target y when z grows: without bound for ReLU.

    For the sigmoid it has a limit, because it saturates.  Holds where just so.
    """
    y = Symbol("y", real=True)
    relu, bounded = (
        limit(((activation - y) ** 2 / 2).rewrite(exp), _POSITIVE, oo)
        for activation in (ReLU(_POSITIVE), sigmoid(_POSITIVE))
    )
    return found(relu == oo and bounded.is_finite is not False, saturated=factor(bounded))


def saturation(points: tuple[int, ...] = (1, 2, 5, 10)) -> Finding:
    """sigmoid' falls from its greatest value 1/4 at 0 as z grows."""
    slope = sigmoid(_z).diff(_z)
    values = [slope.subs(_z, z) for z in (0, *points)]
    falling = all(bool(b < a) for a, b in pairwise(values))
    return found(
        falling,
        best=values[0],
        **{f"at_{z}": significant(v) for z, v in zip(points, values[1:], strict=True)},
    )
