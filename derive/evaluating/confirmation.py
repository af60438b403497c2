"""Claimed derivatives against power series, at points on different regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from sympy import Add, Expr, Integer, Rational, S

from derive.errors import DeriveError
from derive.evaluating.evaluation import entry_names, parameter_shapes
from derive.evaluating.series import AGREEING, KinkError, Point, directional_series, sides_of_kinks
from derive.model.activations import Activation
from derive.model.network import Network

#: How many points to look at for regions that are not met yet.
_ATTEMPTS = 60
#: For a symbolic slope or threshold.
_SLOPE = Rational(1, 3)

#: Entries of a gradient, by name (such as "W0[0,1]").
Gradient = Mapping[str, Expr]


@dataclass(frozen=True)
class Confirmation:
    """At how many points derivatives were compared; `mismatch` says where one is wrong."""

    points: int
    mismatch: str | None = None


@dataclass(frozen=True)
class Curvature:
    """A claim u' H v = the sum of `products`, with directions u and v by names of entries."""

    title: str
    u: Mapping[str, Expr]
    v: Mapping[str, Expr]
    products: Sequence[Expr]


@dataclass(frozen=True)
class _Comparison:
    """What is claimed of a direction, as terms of a sum, and what the series says."""

    title: str
    along: str
    products: Sequence[Expr]
    expected: Expr


def confirm_gradient(
    network: Network,
    claims: Callable[[Network, Point], Iterable[tuple[str, Gradient]]],
    points: int = 3,
) -> Confirmation:
    """Compare claimed derivatives with power series, at points on different regions.

    `claims(instance, point)` gives entries of the gradient of an instance of the network (see
    `numeric_instance`), under a title.  Each claim is multiplied by a random direction among
    its own entries, and the series must have that slope: exactly where all is rational,
    otherwise to `AGREEING` digits.

    Raises:
        DeriveError: when the network has no cost.
    """

    def comparisons(instance: Network, point: Point) -> Iterator[_Comparison]:
        for number, (title, gradient) in enumerate(claims(instance, point)):
            source = Random(f"{point} {number}")
            step = {name: Integer(source.choice((-3, -2, -1, 1, 2, 3))) for name in gradient}
            _, expected, _ = directional_series(instance, point, _groups(instance, step))
            products = [gradient[name] * by for name, by in step.items()]
            yield _Comparison(title, str(step), products, expected)

    return _compared(network, comparisons, points)


def confirm_hessian(
    network: Network,
    claims: Callable[[Network, Point], Iterable[Curvature]],
    points: int = 3,
) -> Confirmation:
    """Compare claimed second derivatives with power series, as `confirm_gradient` does.

    With q(v) = v' H v / 2, the coefficient of t^2 along v, u' H v = q(u + v) - q(u) - q(v).

    Raises:
        DeriveError: when the network has no cost.
    """

    def comparisons(instance: Network, point: Point) -> Iterator[_Comparison]:
        def second(step: Mapping[str, Expr]) -> Expr:
            return directional_series(instance, point, _groups(instance, step))[2]

        for claim in claims(instance, point):
            both = {
                name: claim.u.get(name, S.Zero) + claim.v.get(name, S.Zero)
                for name in {**claim.u, **claim.v}
            }
            expected = second(both) - second(claim.u) - second(claim.v)
            along = f"{dict(claim.u)} and {dict(claim.v)}"
            yield _Comparison(claim.title, along, claim.products, expected)

    return _compared(network, comparisons, points)


def _compared(
    network: Network,
    comparisons: Callable[[Network, Point], Iterable[_Comparison]],
    points: int,
) -> Confirmation:
    instance = numeric_instance(network)
    tried = 0
    for point in regular_points(instance, points):
        for one in comparisons(instance, point):
            if not _agree(one.products, one.expected):
                found = Add(*one.products)
                mismatch = f"{one.title}: {found} and not {one.expected} along {one.along}"
                return Confirmation(tried, mismatch)
        tried += 1
    return Confirmation(tried)


def _agree(products: Sequence[Expr], expected: Expr) -> bool:
    """Whether the products add up to what is expected, exactly or in `AGREEING` digits."""
    difference = abs(Add(*products) - expected)
    if isinstance(difference, Rational):
        return difference == 0
    near = Rational(1, 10**AGREEING)
    return bool(difference <= near * max(abs(number) for number in (*products, expected, near)))


def numeric_instance(network: Network) -> Network:
    """The network with 2 for symbolic widths, and 1/3 for symbolic slopes and thresholds.

    Raises:
        DeriveError: when it has no cost.
    """
    if network.cost is None:
        raise DeriveError(f"{network.name} has no cost, so its gradient cannot be confirmed")

    def width(units: Expr) -> Expr:
        return units if isinstance(units, Integer) else Integer(2)

    def numeric(activation: Activation) -> Activation:
        slope = activation.slope
        return activation if isinstance(slope, Rational) else replace(activation, slope=_SLOPE)

    threshold = network.cost.threshold
    cost = replace(network.cost, threshold=_SLOPE) if threshold.is_Symbol else network.cost
    layers = (
        replace(layer, units=width(layer.units), activation=numeric(layer.activation))
        for layer in network.layers
    )
    inputs = width(network.inputs)
    return replace(network, inputs=inputs, layers=tuple(layers), cost=cost, point=None)


def regular_points(network: Network, count: int) -> Iterator[Point]:
    """Points away from kinks, on regions as different as a search finds; the same every time.

    At the first one all parameters are positive, and so all units are active.
    """
    seen: set[tuple[bool, ...]] = set()
    found = 0
    for attempt in range(2 * _ATTEMPTS):
        point = _random_point(network, Random(attempt), least=0 if attempt == 0 else -1)
        try:
            region = sides_of_kinks(network, point)
        except KinkError:
            continue
        if region in seen and network.uses_step and attempt < _ATTEMPTS:
            continue
        seen.add(region)
        yield point
        found += 1
        if found == count:
            return


def _random_point(network: Network, source: Random, least: int) -> Point:
    """Small fractions; incoming weights of a unit add up to 3 at most, so nothing saturates."""
    widths = [int(network.width(number)) for number in network.layer_numbers]

    def row(length: int, parts: int = 1) -> tuple[Rational, ...]:
        low = 12 * least
        return tuple(Rational(2 * source.randint(low, 11) + 1, 8 * parts) for _ in range(length))

    point: dict[str, Any] = {"x": row(widths[0]), "y": row(widths[-1])}
    if network.has_distributions:  # targets of a cross-entropy are shares, of 1 in all
        parts = [source.randint(1, 5) for _ in point["y"]]
        total = sum(parts) + (len(parts) == 1)
        point["y"] = tuple(Rational(part, total) for part in parts)
    for k, layer in enumerate(network.layers):
        point[f"W{k}"] = tuple(row(widths[k + 1], widths[k]) for _ in range(widths[k]))
        if layer.bias:
            point[f"b{k}"] = row(widths[k + 1])
    return point


def _groups(network: Network, step: Mapping[str, Expr]) -> dict[str, Any]:
    """Entries by name, "W0[0,1]", as parameter groups; 0 where there is none."""
    return {
        f"{kind}{layer}": [step.get(name, S.Zero) for name in entry_names({(kind, layer): shape})]
        for (kind, layer), shape in parameter_shapes(network).items()
    }
