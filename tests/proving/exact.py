"""An independent opinion on an equation: both sides at many exact points."""

from random import Random

from sympy import Integer, Rational, S, Symbol

from derive.algebra.quantities import Partial, Quantity, ascii_name
from derive.meaning.valuation import Valuation
from derive.model.instances import free_axes
from derive.proving.points.search import instance_widths
from tests.networks import random_values

#: Units of each layer where the network says only n_k.
WIDTHS = {0: 2, 1: 3, 2: 2, 3: 2}


def widths_of(network):
    return {
        layer: int(network.width(layer))
        if network.width(layer).is_Integer
        else WIDTHS[network.position(layer)]
        for layer in network.layer_numbers
        if network.has_index(layer)
    }


def differ(left, right):
    """Whether two values differ; those that do not exist (1/0) do not."""
    difference = left - right
    if difference.is_Rational:
        return difference != 0
    if not difference.is_number:
        raise ValueError(f"{difference} has no value")
    value = difference.evalf(40)
    return bool(value.is_finite) and abs(value) > Rational(1, 10**20)


def really_differ(network, left, right, where=S.true, points=12, seed=1):
    """Whether the sides differ at one of many random points that satisfy the condition."""
    widths, source = widths_of(network), Random(seed)
    axes = free_axes(network, left, right)
    met = 0
    for _ in range(40 * points):
        given = random_values(source, network, widths)
        if network.cost is None:
            at = Valuation(network, widths, {})
            for r in at.entries("r", network.last):
                given[Partial(network.C, r)] = Rational(source.randint(-9, 9), 4)
        at = Valuation(network, widths, given)
        free = {symbol: Integer(source.randint(1, widths[layer])) for symbol, layer in axes.items()}
        if where != S.true and at(where, free) != S.true:
            continue
        met += 1
        if differ(at(left, free), at(right, free)):
            return True
        if met == points:
            break
    assert met >= 5, f"{met} points are too few to judge {left} = {right} where {where}"
    return False


def _widths_named(network, named):
    """The units of each layer: those of a small instance, and more if some are named."""
    counts = dict(instance_widths(network))
    for layer in counts:
        of_inputs = layer == network.first
        tensor = Quantity("r", layer) if of_inputs else Quantity("W", layer - 1)
        prefix = ascii_name(tensor) + "["
        units = [int(n[len(prefix) : -1].split(",")[-1]) for n in named if n.startswith(prefix)]
        counts[layer] = max(counts[layer], *(unit + 1 for unit in units), 1)
    return counts


def confirmed(network, left, right, counterexample, where=S.true):
    """Whether both sides have the values that a counterexample says, and these differ.

    What it does not name may have any value: the equation does not depend on it.
    """
    named = counterexample.values
    widths = _widths_named(network, named)
    shape = Valuation(network, widths, {})
    groups = [("r", network.first), *network.parameter_groups, ("y", network.last)]
    entries = [entry for kind, layer in groups for entry in shape.entries(kind, layer)]
    if network.cost is None:
        entries += [Partial(network.C, r) for r in shape.entries("r", network.last)]
    others = Random(len(named))
    given = {
        entry: named.get(ascii_name(entry), Rational(others.randint(1, 9), 4)) for entry in entries
    }
    at = Valuation(network, widths, given)
    free = {s: named[s.name] for s in free_axes(network, left, right)}
    symbols = {
        s: named[s.name] for s in left.atoms(Symbol) | right.atoms(Symbol) if s.name in named
    }
    sides = [at(side, free).xreplace(symbols) for side in (left, right)]
    holds = where == S.true or at(where, free) == S.true
    return (
        holds
        and differ(*sides)
        and not any(
            abs((side - shown).evalf(30)) > Rational(1, 10**8)
            for side, shown in zip(sides, (counterexample.left, counterexample.right), strict=True)
        )
    )
