"""Index expressions at given widths: which layer an index counts, and sums written out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from sympy import Add, Basic, Expr, Integer, KroneckerDelta, Mul, S, Sum, Symbol, Tuple

from derive.algebra.indices import Shift, free_indices, offset_of, without_idle_sums
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Quantity, quantities_in, rebuilt
from derive.model.model import Model


class IllTypedError(ValueError):
    """An index counts the units of no layer, or of two."""


def free_axes(model: Model, *sides: Basic) -> dict[Symbol, Expr]:
    """For each free index, the layer whose units it counts.

    An index may count the units of several layers of one width, as in the claim
    W^(1)_ij = W^(1)_ji of a square matrix; then it is given the first of them, as are all
    indices of layers that are linked in this way (see `linked_layers`).

    Raises:
        IllTypedError: when the layers that an index counts differ in width.
    """
    together = Tuple(*sides)
    found = {
        symbol: layers_of(model, symbol, together)
        for symbol in sorted(free_indices(together), key=str)
    }
    classes = _classes(model, found)
    return {symbol: classes[layers[0]] for symbol, layers in found.items()}


def check_indices(model: Model, *parts: Basic) -> None:
    """Whether every index, free or bound, counts units of layers of one width.

    Raises:
        IllTypedError: when one does not; an equation with it means nothing.
    """
    for part in parts:
        for quantity in quantities_in(part):
            _check_quantity(model, quantity)
    free_axes(model, *parts)
    for part in parts:
        for node in nodes_of(part, Sum):
            for symbol, _, size in node.limits:
                axis_summed(model, symbol, size, node.function)


def _check_quantity(model: Model, quantity: Quantity) -> None:
    """Whether the network has such a quantity, with as many indices as it is given."""
    if not model.has(quantity):
        raise IllTypedError(f"the network has no {quantity}")
    if len(model.axes(quantity)) != len(quantity.indices):
        raise IllTypedError(f"{quantity} has the wrong number of indices")


def linked_layers(model: Model, *sides: Basic) -> dict[Expr, Expr]:
    """For each layer that shares an index with others, the first of them."""
    together = Tuple(*sides)
    found = {symbol: layers_of(model, symbol, together) for symbol in free_indices(together)}
    return _classes(model, found)


def _classes(model: Model, found: Mapping[Symbol, tuple[Expr, ...]]) -> dict[Expr, Expr]:
    """The classes of layers that indices link, each named by its first layer."""
    first: dict[Expr, Expr] = {}
    for layers in found.values():
        members = {first.get(layer, layer) for layer in layers}
        name = min(members, key=model.position)
        for layer in {*layers, *(k for k, v in first.items() if v in members)}:
            first[layer] = name
    return first


@lru_cache(maxsize=20_000)
def layers_of(model: Model, symbol: Symbol, expression: Basic) -> tuple[Expr, ...]:
    """The layers whose units a free index counts, read off the quantities that carry it."""
    found: set[Expr] = set()
    linked: set[Symbol] = set()

    def visit(node: Basic) -> None:
        if isinstance(node, Sum) and symbol in node.bound_symbols:
            return
        if isinstance(node, Quantity):
            axes = model.axes(node)
            if len(axes) != len(node.indices):
                raise IllTypedError(f"{node} has the wrong number of indices")
            found.update(a for i, a in zip(node.indices, axes, strict=True) if i == symbol)
        elif isinstance(node, KroneckerDelta) and symbol in node.args:
            linked.update(a for a in node.args if isinstance(a, Symbol) and a != symbol)
        for argument in node.args:
            if argument.args:
                visit(argument)

    visit(expression)
    if linked:
        # Without the deltas only what a factor carries is still free.
        bare = expression.replace(KroneckerDelta, lambda *_: S.One)
        for other in sorted(linked & free_indices(bare), key=str):
            found.update(layers_of(model, other, bare))
    if not found and expression.has(Shift):
        found.update(_by_shifts(model, symbol, expression))
    if not found:
        raise IllTypedError(f"the index {symbol} occurs in no factor")
    in_order = sorted(found, key=model.position)
    if not model.are_one(found):
        raise IllTypedError(
            f"the index {symbol} counts both the units of {model.axis_in_words(in_order[0])} and "
            f"those of {model.axis_in_words(in_order[1])}"
        )
    return tuple(in_order)


def _by_shifts(model: Model, symbol: Symbol, expression: Basic) -> Iterator[Expr]:
    """What an index counts that nothing but a shift has: what is left of the axes of that."""
    bare = expression.replace(Shift, lambda *_: S.One)
    carried_by = bare.replace(KroneckerDelta, lambda *_: S.One)
    known: dict[Symbol, Expr] = {}
    for letter in free_indices(carried_by):
        known[letter] = layers_of(model, letter, bare)[0]
    for shift, carried in _shifts_with_carriers(model, expression, known):
        if symbol in shift.args:
            yield _axes_of_shift(shift, carried, shifts_of(model))[symbol]


def _shifts_with_carriers(
    model: Model, expression: Basic, known: Mapping[Symbol, Expr]
) -> Iterator[tuple[Shift, Mapping[Symbol, Expr]]]:
    """Each shift, and what letters count where something else than a shift has them too."""
    if isinstance(expression, Shift):
        yield expression, known
        return
    if isinstance(expression, Sum):
        bare = expression.function.replace(Shift, lambda *_: S.One)
        here = dict(known)
        for bound, _, size in expression.limits:
            here.pop(bound, None)
            if bound in free_indices(bare):
                here[bound] = layers_of(model, bound, bare)[0]
            elif (axis := _axis_of_size(model, size)) is not None:
                here[bound] = axis
        known = here
    for argument in expression.args:
        if argument.has(Shift):
            yield from _shifts_with_carriers(model, argument, known)


def axis_of(model: Model, symbol: Symbol, expression: Basic) -> Expr:
    """The one layer whose units an index counts.

    Raises:
        IllTypedError: when it counts none, or those of several layers.
    """
    layers = layers_of(model, symbol, expression)
    if len(layers) != 1:
        raise IllTypedError(f"the index {symbol} counts the units of several layers")
    return layers[-1]


def axis_summed(model: Model, bound: Symbol, size: Expr, body: Basic) -> Expr:
    """The axis that a sum runs over; by its size where its letter stands in shifts alone.

    Raises:
        IllTypedError: when it runs over none, or over those of several layers.
    """
    if not body.has(Shift) or bound in free_indices(body.replace(Shift, lambda *_: S.One)):
        return axis_of(model, bound, body)
    known = _axis_of_size(model, size)
    return axis_of(model, bound, body) if known is None else known


def _axis_of_size(model: Model, size: Expr) -> Expr | None:
    """The one axis of this size; None where there are several."""
    axes = [axis for axis in model.all_axes if model.width(axis) == size]
    return axes[0] if len(axes) == 1 else None


#: The axis of x[t+s], and those of t and s in the order of the model; behind them an offset.
ShiftAxes = tuple[Expr, tuple[Expr, ...]]


def fitting_shifts(model: Model) -> Iterator[ShiftAxes]:
    """The shifts that say how large an axis is, L = T + S - 1: those without an offset."""
    for axis, parts in shifts_of(model):
        if not any(isinstance(part, Integer) for part in parts):
            yield axis, parts


@lru_cache(maxsize=64)
def shifts_of(model: Model) -> tuple[ShiftAxes, ...]:
    """The axes that shifted indices such as x[t+s] in the definitions count."""
    found: dict[ShiftAxes, None] = {}
    for head in model.defined:
        left, letters = model.general_entry(head)
        formula = model.definition(left)
        if formula is not None and formula.has(Shift):
            known = {letter: axis for axis, letter in letters}
            found |= dict.fromkeys(axes for _, _, axes in shifts_in(model, formula, known))
    return tuple(found)


def shifts_in(
    model: Model,
    expression: Basic,
    known: Mapping[Symbol, Expr],
) -> Iterator[tuple[Shift, tuple[Symbol, ...], ShiftAxes]]:
    """Each shift of an expression, its letters in the order of its axes, and these.

    The axes of free letters are given.

    Raises:
        IllTypedError: when nothing says what a letter of a shift counts.
    """
    if isinstance(expression, Shift):
        unit, *letters, offset = _in_parts(expression)
        if lost := [letter for letter in (unit, *letters) if letter not in known]:
            raise IllTypedError(f"nothing says what the index {lost[0]} counts")
        axis_by: dict[Basic, Expr] = {one: known[one] for one in (unit, *letters)}  # pyright: ignore
        parts = sorted(letters, key=lambda letter: model.position(axis_by[letter]))
        axes = (axis_by[unit], (*(axis_by[letter] for letter in parts), *offset))
        yield expression, (unit, *parts), axes  # pyright: ignore
        return
    if isinstance(expression, Sum):
        inner = dict(known)
        for bound, _, size in expression.limits:
            inner[bound] = axis_summed(model, bound, size, expression.function)
        known = inner
    for argument in expression.args:
        if argument.has(Shift):
            yield from shifts_in(model, argument, known)


def _in_parts(shift: Shift) -> tuple[Any, ...]:
    """The unit of a shift, its letters, and last a tuple of its offset if it has one."""
    unit, *letters = (part for part in shift.args if isinstance(part, Symbol))
    offset = offset_of(shift)
    return unit, *letters, (Integer(offset),) if offset else ()


def without_shifts(expression: Basic) -> Basic:
    """The expression with 1 for each shift, and without sums over what nothing else has."""
    return without_idle_sums(expression.replace(Shift, lambda *_: S.One))


def _axes_of_shift(
    shift: Shift, known: Mapping[Symbol, Expr], defined: tuple[ShiftAxes, ...]
) -> dict[Basic, Expr]:
    """The axis of each letter of a shift, those that are not known by the one shift that fits.

    Raises:
        IllTypedError: when none of the model's shifts fits, or more than one.
    """
    found: dict[Basic, Expr] = {one: known[one] for one in shift.args if one in known}  # pyright: ignore
    unit, *letters, _ = _in_parts(shift)
    letters.sort(key=str)  # t + s is s + t
    lost = [letter for letter in (unit, *letters) if letter not in found]
    if not lost:
        return found
    fitting: list[dict[Basic, Expr]] = []
    for axis, with_offset in defined:
        parts = [part for part in with_offset if not isinstance(part, Integer)]
        left = Counter(parts) - Counter(found[o] for o in letters if o in found)
        counted = _counted(Counter(letter for letter in letters if letter in lost), left)
        one = None if counted is None else {unit: axis, **counted}
        if one is not None and found.get(unit, axis) == axis and one not in fitting:
            fitting.append(one)  # shifts may differ in their offsets alone
    if len(fitting) != 1:
        raise IllTypedError(f"nothing says what the index {lost[0]} counts")
    return found | fitting[0]


def _counted(letters: Counter[Basic], axes: Counter[Expr]) -> dict[Basic, Expr] | None:
    """The axis of each letter, which stands as often as it counts; None where they do not fit.

    Of two letters that nothing else has, either may count either axis.
    """
    left = Counter(axes)
    found: dict[Basic, Expr] = {}
    for letter, times in sorted(letters.items(), key=lambda one: -one[1]):
        axis = next((axis for axis, most in left.most_common() if most >= times), None)
        if axis is None:
            return None
        left[axis] -= times
        found[letter] = axis
    return None if any(left.values()) else found


@lru_cache(maxsize=100_000)
def _named(quantity: Quantity, units: tuple[Expr, ...]) -> Quantity:
    """The entry at these units; sums name the same few entries over and over."""
    return quantity.at(*units)


def instantiate(
    model: Model, expression: Basic, widths: Mapping[Expr, int], free: Mapping[Symbol, Integer]
) -> Any:
    """The expression at given widths, sums written out and free indices put in."""
    if isinstance(expression, Sum):
        *outer, last = reversed(expression.limits)
        inner = expression.function if not outer else Sum(expression.function, *reversed(outer))
        bound = last[0]
        if inner == 0:
            return S.Zero
        layer = axis_summed(model, bound, last[2], inner)
        if last[1] != 1 or last[2] != model.width(layer):
            raise IllTypedError(f"a sum over {bound} does not run over a whole layer")
        return Add(
            *(
                instantiate(model, inner, widths, {**free, bound: Integer(unit)})
                for unit in range(1, widths[layer] + 1)
            )
        )
    if isinstance(expression, Symbol):
        return free.get(expression, expression)
    if isinstance(expression, Quantity):
        return _named(expression, tuple(free.get(i, i) for i in expression.indices))
    if not expression.args:
        return expression
    if isinstance(expression, Mul) and S.Zero in expression.args:
        return S.Zero
    arguments = [
        instantiate(model, a, widths, free) if a.args or isinstance(a, Symbol) else a
        for a in expression.args
    ]
    return rebuilt(expression, arguments)
