"""Counterexamples as short lists of settings: a tensor whose entries are all equal is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from sympy import Expr, Float, Integer, Symbol

from derive.algebra.quantities import Quantity
from derive.claims.outcome import DifferenceShown, Setting
from derive.meaning.derivation import Equation
from derive.model.network import Network
from derive.notation.ascii.formulas import read_expression
from derive.notation.decimals import significant
from derive.proving import Proof


def difference(proof: Proof, equation: Equation, network: Network | None) -> DifferenceShown | None:
    """Where the two sides of a refuted equation differ."""
    point = proof.counterexample
    if point is None:
        return None
    indices = {s.name for side in (equation.lhs, equation.rhs) for s in side.free_symbols
               if isinstance(s, Symbol) and s.is_integer}  # fmt: skip
    settings: list[tuple[Expr, Expr]] = []
    settings += [] if network is None else _widths(network, point.values)
    for name, value in point.values.items():
        if name in indices:
            settings.append((Symbol(name, integer=True), value))
        else:
            settings.append((_named(name, network), value))
    return DifferenceShown(tuple(_together(settings)), _short(point.left), _short(point.right))


def _short(value: Expr) -> Expr:
    """A value to read: exact, or a decimal with four digits."""
    return significant(value, 4) if isinstance(value, Float) else value


def _named(name: str, network: Network | None) -> Expr:
    """The quantity or variable of this name."""
    if network is None:
        return Symbol(name, real=True)
    try:
        return read_expression(name, network)
    except ValueError:
        return Symbol(name, real=True)


def _together(settings: Iterable[tuple[Expr, Expr]]) -> Iterable[Setting]:
    """Tensors with one value as one setting, all else entry by entry."""

    def tensor(setting: tuple[Expr, Expr]) -> object:
        name = setting[0]
        return name.args[:2] if isinstance(name, Quantity) else name

    for _, entries in groupby(settings, tensor):
        listed = list(entries)
        name, value = listed[0]
        if len(listed) > 1 and all(other == value for _, other in listed):
            yield Setting(Quantity(name.kind, name.layer), value, whole=True)
        else:
            yield from (Setting(*entry) for entry in listed)


def _widths(network: Network, values: Mapping[str, Expr]) -> list[tuple[Expr, Expr]]:
    """How many units the layers of a symbolic width have at a point that lists all entries."""
    units: dict[Expr, set[Expr]] = {}
    for name in values:
        quantity = _named(name, network)
        if isinstance(quantity, Quantity):
            for layer, unit in zip(network.axes(quantity), quantity.indices, strict=True):
                units.setdefault(layer, set()).add(unit)
    return [
        (network.width(layer), Integer(len(units[layer])))
        for layer in network.layer_numbers
        if layer in units and isinstance(network.width(layer), Symbol)
    ]
