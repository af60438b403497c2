"""What `evaluate` and the derived formulas say, against power series along directions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from random import Random

from sympy import Expr, Float, Integer, NumberSymbol, Pow, Rational, S, Symbol, flatten

from derive.algebra.quantities import PARAMETERS, Partial, Quantity
from derive.deriving.first_order import backpropagate
from derive.deriving.second_order import second_order
from derive.evaluating.confirmation import (
    Confirmation,
    Curvature,
    Gradient,
    confirm_gradient,
    confirm_hessian,
    numeric_instance,
)
from derive.evaluating.evaluate import evaluate
from derive.evaluating.evaluation import Evaluation
from derive.evaluating.local_derivatives import PRE_ACTIVATION
from derive.evaluating.series import DIGITS, Point
from derive.meaning.derivation import Derivation, Line
from derive.meaning.valuation import Valuation
from derive.model.instances import free_axes
from derive.model.network import Network

#: Of how many units a formula is confirmed, at each point.
_UNITS = 4

#: The values of entries that the end of a chain gives, by the names of the parameters.
_Values = Callable[[Sequence[Line]], dict[tuple[str, ...], Expr]]


def confirmed(network: Network, order: int = 1, points: int = 3) -> Confirmation:
    """Whether `evaluate` and the derived formulas agree with series.

    Confirmed are the derivatives of the cost by parameters: the gradient, and at order 2
    the Hessian too.

    Raises:
        DeriveError: when the network has no cost.
    """
    numeric_instance(network)  # refuses a network without a cost before anything is derived
    first = _confirmed_gradient(network, points)
    if order == 1 or first.mismatch is not None:
        return first
    return _confirmed_hessian(network, points)


def _confirmed_gradient(network: Network, points: int) -> Confirmation:
    chains = _chains(network, backpropagate(network), 1)

    def claims(instance: Network, point: Point) -> Iterator[tuple[str, Gradient]]:
        found = evaluate(instance, point)
        assert found.gradient is not None
        yield "evaluate", dict(zip(found.parameters, found.gradient, strict=True))
        values = _formula_values(network, instance, point, found)
        for title, chain in chains:
            if entries := values(chain):
                yield title, {name: value for (name,), value in entries.items()}

    return confirm_gradient(network, claims, points)


def _confirmed_hessian(network: Network, points: int) -> Confirmation:
    chains = _chains(network, second_order(network), 2)

    def claims(instance: Network, point: Point) -> Iterator[Curvature]:
        found = evaluate(instance, point, order=2)
        assert found.hessian is not None
        source = Random(str(point))
        along = {name: Integer(source.choice((-3, -2, -1, 1, 2, 3))) for name in found.parameters}
        rows = zip(along.values(), found.hessian, strict=True)
        products = [
            v * entry * w for v, row in rows for w, entry in zip(along.values(), row, strict=True)
        ]
        yield Curvature("evaluate", along, along, products)
        values = _formula_values(network, instance, point, found)
        for title, chain in chains:
            for (one, other), value in values(chain).items():
                yield Curvature(title, {one: S.One}, {other: S.One}, [value])

    return confirm_hessian(network, claims, points)


def _chains(
    network: Network, derivation: Derivation, order: int
) -> list[tuple[str, Sequence[Line]]]:
    """What derives entries of the gradient (order 1) or the Hessian (2), with names."""
    return [
        (f"{group.title} {chain[0].lhs}", chain)
        for group in derivation.groups
        if group.network is network
        for chain in group.chains
        if _is_of_the_cost(network, chain[0].lhs, order)
    ]


def _is_of_the_cost(network: Network, expression: Expr, order: int) -> bool:
    """Whether an expression is a derivative of C by so many parameters."""
    if not isinstance(expression, Partial):
        return False
    of, variables = expression.unnested
    parameters = all(one.kind in PARAMETERS for one in variables)
    return of == network.C and len(variables) == order and parameters


def _formula_values(
    network: Network, instance: Network, point: Point, found: Evaluation
) -> _Values:
    """The entries that the end of a chain gives at a point, for a few units."""
    rational = all(isinstance(number, Rational) for number in (found.C, *(found.gradient or ())))
    widths = {n: int(instance.width(n)) for n in network.layer_numbers if network.has_index(n)}
    numbers = dict(zip(network.hyperparameters, instance.hyperparameters, strict=True))
    shape = Valuation(network, widths, {})
    given: dict[Expr, Expr] = {}
    for kind, layer, name in (
        ("r", network.first, "x"),
        ("y", network.last, "y"),
        *((kind, source, f"{kind}{source}") for kind, source in network.parameter_groups),
    ):
        row = flatten(point[name])
        exact = row if rational else [Float(number, DIGITS) for number in row]
        given |= dict(zip(shape.entries(kind, layer), exact, strict=True))
    if not rational:
        given |= {number: number.n(DIGITS) for number in _irrational(network)}
    valuation = Valuation(network, widths, given)

    def values(chain: Sequence[Line]) -> dict[tuple[str, ...], Expr]:
        last = chain[-1]
        _, variables = chain[0].lhs.unnested
        axes = free_axes(network, chain[0].lhs)
        units = list(product(*(range(1, widths[layer] + 1) for layer in axes.values())))
        entries: dict[tuple[str, ...], Expr] = {}
        for chosen in units[:: max(1, (len(units) - 1) // _UNITS)]:
            free = dict(zip(axes, map(Integer, chosen), strict=True))
            if valuation(last.where, free).xreplace(numbers) == S.true:
                names = tuple(_entry_name(network, one, free) for one in variables)
                entries[names] = valuation(last.rhs, free).xreplace(numbers)
        return entries

    return values


def _irrational(network: Network) -> set[Expr]:
    """Constants such as pi and sqrt(2) in the activations, left standing by SymPy."""
    found: set[Expr] = set()
    for layer in network.layers:
        if layer.activation.kind.elementwise:
            phi = layer.activation(PRE_ACTIVATION, network.step_at_zero)
            for formula in (phi, phi.diff(PRE_ACTIVATION)):
                numbers = formula.atoms(Pow, NumberSymbol)
                found |= {n for n in numbers if n.is_number and not n.is_Rational}
    return found


def _entry_name(network: Network, entry: Quantity, free: Mapping[Symbol, Integer]) -> str:
    """W0[0,1], with every index that the mathematics has, from 0."""
    written = iter(free.get(index, index) for index in entry.indices)
    slots = network.slots(entry.kind, entry.layer)
    units = (next(written) - 1 if network.has_index(axis) else 0 for axis in slots)
    return f"{entry.kind}{entry.layer}[{','.join(map(str, units))}]"
