"""What a definition of the document amounts to: a quantity of the network, a known function."""

from __future__ import annotations

from itertools import islice, permutations

from sympy import Expr, Rational, Sum, Symbol, preorder_traversal

from derive.algebra.indices import free_indices, fresh_index, index_symbols, substitute
from derive.algebra.quantities import Partial, Quantity, quantities_in, replace_whole
from derive.model.matrices import Entries, Matrix, entry
from derive.model.model import Model
from derive.model.network import Network

#: More definitions than this are not unfolded to see whether two formulas are one.
_MAXIMAL_UNFOLDED = 40
_MAXIMAL_NODES = 2_000
_MOST_AXES = 4
_POINTS = (Rational(-3), Rational(-1, 2), Rational(1, 3), Rational(2))
_PRECISION = 30


def same_function(first: Expr, second: Expr, variable: Symbol) -> bool:
    """Whether two formulas in one variable agree at several points on both sides of 0."""
    if (first.free_symbols | second.free_symbols) - {variable}:
        return False
    for point in _POINTS:
        difference = (first - second).xreplace({variable: point})
        value = difference.doit().evalf(_PRECISION)
        if not value.is_number or abs(value) > Rational(1, 10**20):
            return False
    return True


def quantity_meant(network: Model, value: Expr | Matrix) -> Expr | Matrix | None:
    """The quantity of the network whose definition this is, in whole or in part unfolded.

    A matrix is compared in its entries.  None where the value is a formula of its own.
    """
    if isinstance(value, Matrix):
        letters = _letters(value)
        body = entry(network, value, letters[: len(value.rows)], letters[len(value.rows) :])
        meant = quantity_meant(network, body)
        if isinstance(meant, Quantity | Partial):
            return Entries(
                value.rows,
                value.columns,
                letters[: len(value.rows)],
                letters[len(value.rows) :],
                meant,
            )
        return None
    if isinstance(value, Quantity | Partial):
        return value
    if not isinstance(network, Network):
        return _defined_as(network, value)
    if network.depth > _MAXIMAL_UNFOLDED or _size(value) > _MAXIMAL_NODES:
        return None
    unfolded = _unfolded(network, value)
    free = sorted(free_indices(value), key=str)
    for candidate in _candidates(network, free):
        definition = network.definition(candidate)
        if definition is not None and _same(_unfolded(network, definition), unfolded):
            return candidate
    return None


def _defined_as(model: Model, value: Expr) -> Quantity | None:
    """The quantity whose definition a formula is as it stands."""
    free = sorted(free_indices(value), key=str)
    for head in model.defined:
        if len(model.axes(Quantity(*head))) == len(free) <= _MOST_AXES:
            for letters in permutations(free):
                candidate = Quantity(*head, *letters)
                definition = model.definition(candidate)
                if definition is not None and _same(definition, value):
                    return candidate
    return None


def _letters(matrix: Matrix) -> tuple[Symbol, ...]:
    found: list[Symbol] = []
    for _ in (*matrix.rows, *matrix.columns):
        found.append(fresh_index(found))
    return tuple(found)


def _candidates(network: Network, free: list[Symbol]) -> list[Quantity]:
    """The quantities with definitions that have as many indices as the value."""
    found: list[Quantity] = []
    for number in network.layer_numbers[1:]:
        indexed = network.has_index(number)
        if len(free) == int(indexed):
            found += [Quantity(kind, number, *free) for kind in ("z", "r")]
    last = int(network.has_index(network.last))
    if network.has_difference and len(free) == last:
        found.append(Quantity("U", network.last, *free))
    if not free:
        found.append(network.C)
    return found


def _unfolded(network: Network, value: Expr) -> Expr:
    """The value in inputs, parameters and targets, as far as that stays small."""
    for _ in range(3 * network.depth + 3):
        mapping: dict[Expr, Expr] = {}
        for quantity in set(quantities_in(value)):
            definition = network.definition(quantity, frozenset(index_symbols(value)))
            if definition is not None:
                mapping[quantity] = definition
        if not mapping or _size(value) > _MAXIMAL_NODES:
            return value
        value = replace_whole(value, mapping)
    return value


def _same(first: Expr, second: Expr) -> bool:
    if first == second:
        return True
    if _size(first) > _MAXIMAL_NODES or _size(second) > _MAXIMAL_NODES:
        return False
    return _with_numbered_sums(first) == _with_numbered_sums(second) or bool(
        (first - second).expand() == 0
    )


def _with_numbered_sums(value: Expr) -> Expr:
    """The value with its bound letters renamed from the outside in."""
    counter = 0

    def visit(node: Expr) -> Expr:
        nonlocal counter
        if isinstance(node, Sum):
            bound, low, high = node.limits[0]
            counter += 1
            letter = Symbol(f"bound_{counter}", integer=True, positive=True)
            inner = Sum(node.function, *node.limits[1:]) if len(node.limits) > 1 else node.function
            return Sum(visit(substitute(inner, {bound: letter})), (letter, low, high))
        if not node.args or isinstance(node, Quantity):
            return node
        return node.func(*(visit(argument) for argument in node.args))

    return visit(value)


def _size(value: Expr) -> int:
    """The number of nodes, counted up to the limit."""
    return sum(1 for _ in islice(preorder_traversal(value), _MAXIMAL_NODES + 1))
