"""Axes that are only ever counted together, as one axis.

    sum_i sum_t x_it / (d L)   with i = 1..d, t = 1..L   is   sum_p u_p / D   with p = 1..D = d L.

Where each tensor with an index of one axis has one of the other too, always in the same pair, and
each sum runs over both of a pair, nothing tells the pairs (i, t) from the numbers 1 to d L.  What
holds for arrays u of every size D holds for these.  So a mean over two axes needs no more sizes
than a mean over one: fewer than the square of their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from sympy import Basic, Expr, KroneckerDelta, Mul, Piecewise, Rel, Sum, Symbol

from derive.algebra.indices import Shift, fresh_index, index_symbols, substitute
from derive.algebra.quantities import (
    NO_SUPERSCRIPT,
    Partial,
    Quantity,
    quantities_in,
    rebuilt,
)
from derive.model.defined_model import DefinedModel, Tensor, axis_named
from derive.model.model import GATES

Sides = tuple[Expr, Expr]


class _ApartError(Exception):
    """Two axes that are not only counted together."""


def with_joined_axes(model: DefinedModel, left: Expr, right: Expr) -> tuple[DefinedModel, Sides]:
    """Sides about other tensors, of fewer axes, that are equal only if these are.

    The model has nothing but those tensors.  Where no axes can be joined, they are what is given.
    """
    sides = (left, right)
    if any(side.has(Shift, Piecewise, Rel, *GATES) for side in sides):
        return model, sides
    while True:
        for first, second in combinations(model.all_axes, 2):
            if not all(isinstance(model.width(axis), Symbol) for axis in (first, second)):
                continue
            try:
                model, sides = _joined(model, sides, first, second)
            except _ApartError:
                continue
            break
        else:
            return model, sides


def _joined(
    model: DefinedModel, sides: Sides, first: Basic, second: Basic
) -> tuple[DefinedModel, Sides]:
    """Sides in which two axes are one."""
    used = set(index_symbols(sides[0]) | index_symbols(sides[1]))
    apart = [_with_own_letters(side, used) for side in sides]
    partners = _partners(model, apart, first, second)
    if not partners:
        raise _ApartError
    writer = _Writer(model, first, second, partners)
    left, right = map(writer.written, apart)
    if {first, second} & (left.free_symbols | right.free_symbols):
        raise _ApartError  # a size stands by itself
    tensors = tuple(Tensor(name, axes, "input") for name, axes in writer.tensors.values())
    return DefinedModel(tensors, ()), (left, right)


def _with_own_letters(side: Expr, used: set[Symbol]) -> Expr:
    """A side in which no two sums have a letter in common, and none has one that is free."""
    if isinstance(side, Sum):
        body, limits = side.function, []
        for bound, low, high in side.limits:
            letter = fresh_index(used)
            used.add(letter)
            body = substitute(body, {bound: letter})
            limits.append((letter, low, high))
        return Sum(_with_own_letters(body, used), *limits)
    if not side.args or isinstance(side, Quantity | Partial):
        return side
    return rebuilt(side, [_with_own_letters(argument, used) for argument in side.args])  # pyright: ignore


def _partners(
    model: DefinedModel, sides: Iterable[Expr], first: Basic, second: Basic
) -> dict[Symbol, Symbol]:
    """For each letter of one axis the one of the other that stands beside it everywhere."""
    found: dict[Symbol, Symbol] = {}
    back: dict[Symbol, Symbol] = {}
    for entry in (one for side in sides for one in quantities_in(side)):
        letters = dict(_lettered(model, entry))
        pair = [[one for one in letters if letters[one] == axis] for axis in (first, second)]
        if [*map(len, pair)] == [0, 0]:
            continue
        if [*map(len, pair)] != [1, 1]:
            raise _ApartError
        (one,), (other,) = pair
        if found.setdefault(one, other) != other or back.setdefault(other, one) != one:
            raise _ApartError
    return found


def _lettered(model: DefinedModel, entry: Quantity) -> Iterator[tuple[Symbol, Basic]]:
    axes = model.axes(entry)
    if len(axes) != len(entry.indices) or len({*entry.indices}) != len(entry.indices):
        raise _ApartError
    for letter, axis in zip(entry.indices, axes, strict=True):
        if not isinstance(letter, Symbol):
            raise _ApartError
        yield letter, axis


@dataclass
class _Writer:
    """Writes sides with one letter for each pair, and a tensor for each tensor or derivative."""

    model: DefinedModel
    first: Basic
    second: Basic
    partners: dict[Symbol, Symbol]
    tensors: dict[Basic, tuple[str, tuple[Symbol, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = f"{self.first}_{self.second}"
        while axis_named(name) in self.model.all_axes:
            name += "_"
        self.axis = axis_named(name)
        self.back = {other: one for one, other in self.partners.items()}

    def written(self, node: Basic) -> Expr:
        """An expression, or a size, in the joined axis."""
        match node:
            case Quantity() | Partial():
                return self._entry(node)
            case Sum():
                return self._sum(node)
            case Mul():
                return self._product(node)
            case KroneckerDelta() if index_symbols(node) & {*self.partners, *self.back}:
                raise _ApartError
            case Symbol() if node == self.second:
                return self.axis / self.first  # pyright: ignore
            case _:
                pass
        if not node.args:
            return node  # pyright: ignore
        return rebuilt(node, [*map(self.written, node.args)])

    def _sum(self, node: Sum) -> Expr:
        limits: list[tuple[Symbol, Expr, Expr]] = []
        bound = {*node.bound_symbols}
        for letter, low, high in node.limits:
            partner = self.partners.get(letter, self.back.get(letter))
            if partner is None:
                limits.append((letter, low, high))
            elif partner not in bound:
                raise _ApartError
            elif letter in self.partners:
                limits.append((letter, low, self.axis))
        factors = Mul.make_args(self.written(node.function))
        before = [one for one in factors if not index_symbols(one) & bound]  # sizes among them
        return Mul(*before) * Sum(Mul(*(one for one in factors if one not in before)), *limits)

    def _product(self, node: Mul) -> Expr:
        """A product; the delta of two letters stands for that of their partners beside it too."""
        deltas = [one for one in node.args if isinstance(one, KroneckerDelta)]
        mine = [one for one in deltas if {*one.args} <= {*self.partners}]
        theirs = [one for one in deltas if {*one.args} <= {*self.back}]
        expected = {KroneckerDelta(*(self.partners[one] for one in d.args)) for d in mine}  # pyright: ignore
        if expected != {*theirs}:
            raise _ApartError
        others = [one for one in node.args if one not in mine and one not in theirs]
        return Mul(*mine, *map(self.written, others))

    def _entry(self, node: Quantity | Partial) -> Quantity:
        letters: dict[Symbol, Symbol] = {}
        for entry in quantities_in(node):
            for letter, axis in _lettered(self.model, entry):
                if letter not in self.back:
                    letters[letter] = self.axis if letter in self.partners else axis  # pyright: ignore
        places = {letter: Symbol(f"_{place}") for place, letter in enumerate(letters)}
        ends = {self.partners[one]: Symbol(f"{places[one]}'") for one in letters
                if one in self.partners}  # fmt: skip
        form = node.xreplace({**places, **ends})
        name, _ = self.tensors.setdefault(form, (f"u{len(self.tensors)}", tuple(letters.values())))
        return Quantity(name, NO_SUPERSCRIPT, *letters)
