"""`Array`: a value of the code, entry by entry, and what NumPy does with such values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, S, Sum, Symbol

from derive.algebra.indices import substitute
from derive.reading.code.arrays.axes import Axes, ShapesError, UnreadableError

#: An axis; None is one of a single entry, which broadcasts.
Slot = Symbol | None


@dataclass(frozen=True)
class Pick:
    """That one class is picked for each sample: sum_c label_c f_c, with f still open.

    Attributes:
        letter: the class.
        label: 1 for the class of the sample and 0 for others, an entry of a tensor.
        labels: whose labels these are.
    """

    letter: Symbol
    axis: Symbol
    label: Expr
    labels: str


@dataclass(frozen=True)
class Array:
    """A general entry of an array; a number has no axes.

    Attributes:
        slots: its axes.
        letters: the letter of each axis, in `value`.
        pick: the class of which this is the value; functions go inside, as f(p[y]) = f(p)[y].
        truth: whether its entries are 0 or 1, as those of a comparison.
    """

    slots: tuple[Slot, ...]
    letters: tuple[Symbol | None, ...]
    value: Expr
    pick: Pick | None = None
    truth: bool = False

    @property
    def rank(self) -> int:
        return len(self.slots)

    def at(self, letters: Sequence[Symbol | None]) -> Array:
        """The same array with other letters for its axes."""
        mine = zip(self.letters, letters, strict=True)
        changed = {old: new for old, new in mine if old is not None and new is not None}
        changed = {old: new for old, new in changed.items() if old != new}
        if not changed:
            return self
        pick = self.pick and replace(self.pick, label=substitute(self.pick.label, changed))  # pyright: ignore[reportArgumentType]
        value = substitute(self.value, changed)  # pyright: ignore[reportArgumentType]
        return replace(self, letters=tuple(letters), value=value, pick=pick)

    def fresh(self, axes: Axes) -> Array:
        """The same array with letters that nothing else has."""
        return self.at(tuple(None if slot is None else axes.letter() for slot in self.slots))

    def plain(self) -> Array:
        """Without an open pick: the sum over classes."""
        if self.pick is None:
            return self
        p = self.pick
        return replace(self, value=Sum(p.label * self.value, (p.letter, 1, p.axis)), pick=None)

    def entrywise(self, function: Callable[[Expr], Expr]) -> Array:
        """f of each entry."""
        return replace(self, value=function(self.value), truth=False)

    def moved(self, order: Sequence[int]) -> Array:
        """With the axes in another order."""
        slots = tuple(self.slots[n] for n in order)
        return replace(self, slots=slots, letters=tuple(self.letters[n] for n in order))


def number(value: Expr) -> Array:
    """A number as an array."""
    return Array((), (), value)


def together(axes: Axes, *given: Array) -> list[Array]:
    """Arrays broadcast to one shape, with the same letters.

    Raises:
        ShapesError: when their shapes do not go together.
        UnreadableError: when broadcasting gives one axis twice.
    """
    arrays = [one.fresh(axes) for one in given]
    rank = max(one.rank for one in arrays)
    wide = [_padded(one, rank) for one in arrays]
    slots: list[Slot] = []
    for places in zip(*(one.slots for one in wide), strict=True):
        found: Slot = None
        for slot in places:
            if slot is not None:
                found = slot if found is None else axes.join(found, slot)
        slots.append(found)
    _check_once(axes, slots, wide)
    letters = [None if slot is None else axes.letter() for slot in slots]
    return [_spread(one, slots, letters) for one in wide]


def _padded(one: Array, rank: int) -> Array:
    extra = (None,) * (rank - one.rank)
    return replace(one, slots=(*extra, *one.slots), letters=(*extra, *one.letters))


def _check_once(axes: Axes, slots: Sequence[Slot], wide: Sequence[Array]) -> None:
    """Refuse (N,) with (N,1), which NumPy makes N by N and nobody means."""
    found = [axes.of(slot) for slot in slots if slot is not None]
    if len({*found}) == len(found):
        return
    for one in wide:
        own = [axes.of(slot) for slot in one.slots if slot is not None]
        if own == found:
            return
    raise UnreadableError(
        f"broadcasting gives the axis {max(found, key=found.count)} twice; is a row meant, or a "
        "column?"
    )


def _spread(one: Array, slots: Sequence[Slot], letters: Sequence[Symbol | None]) -> Array:
    own = [
        None if mine is None else letter for mine, letter in zip(one.slots, letters, strict=True)
    ]
    return replace(one.at(own), slots=tuple(slots), letters=tuple(letters))


def combined(axes: Axes, build: Callable[..., Expr], *given: Array) -> Array:
    """f of the entries of several arrays, broadcast."""
    picks = {one.pick.labels for one in given if one.pick is not None}
    if len(picks) > 1:
        given = tuple(one.plain() for one in given)
    wide = together(axes, *given)
    picked = [one for one in wide if one.pick is not None]
    if picked and _widened(given, picked[0]):
        wide, picked = [one.plain() for one in wide], []
    first = picked[0].pick if picked else None
    values: list[Expr] = []
    for one in wide:
        if one.pick is not None and first is not None:
            values.append(substitute(one.value, {one.pick.letter: first.letter}))
        else:
            values.append(one.value)
    return replace(wide[0], value=build(*values), pick=first, truth=False)


def _widened(given: Sequence[Array], whole: Array) -> bool:
    """Whether what is picked gets further axes, so that it is no longer one for each sample."""
    own = next(one for one in given if one.pick is not None)
    return [slot is None for slot in own.slots] != [slot is None for slot in whole.slots]


def product(axes: Axes, one: Array, other: Array) -> Array:
    """The matrix product a @ b, of matrices and vectors, and of stacks of matrices.

    Raises:
        ShapesError: when the inner axes differ.
    """
    a, b = one.plain().fresh(axes), other.plain().fresh(axes)
    if not a.rank or not b.rank:
        raise ShapesError("a number stands at @")
    if max(a.rank, b.rank) > 2:
        return _stacked(axes, a, b)
    inner = 0 if b.rank == 1 else b.rank - 2
    value = _contracted(axes, a, a.rank - 1, b, inner)
    return Array(
        (*a.slots[:-1], *_without(b.slots, inner)),
        (*a.letters[:-1], *_without(b.letters, inner)),
        value,
    )


def _without(places: tuple[Symbol | None, ...], one: int) -> tuple[Symbol | None, ...]:
    return (*places[:one], *places[one + 1 :])


def _contracted(axes: Axes, a: Array, at: int, b: Array, there: int) -> Expr:
    """Sum over one axis of each."""
    left, right = a.slots[at], b.slots[there]
    if left is None and right is None:
        return a.value * b.value
    if left is None or right is None:
        axis = right if left is None else left
        assert axis is not None
        if axes.of(axis) in axes.declared or axis in axes.sizes:
            raise ShapesError(f"an axis of one entry meets the axis {axes.of(axis)} at @")
        raise UnreadableError(f"whether the axis {axis} has one entry is not said")
    axis = axes.join(left, right)
    letter = axes.letter()
    first, second = a.letters[at], b.letters[there]
    assert first is not None and second is not None
    body = substitute(a.value, {first: letter}) * substitute(b.value, {second: letter})
    return Sum(body, (letter, 1, axis))


def _stacked(axes: Axes, a: Array, b: Array) -> Array:
    """a @ b with further axes in front, which broadcast."""
    if a.rank < 2 or b.rank < 2:
        raise UnreadableError("a vector stands at @ with an array of three axes")
    front = max(a.rank, b.rank) - 2
    a, b = _padded(a, front + 2), _padded(b, front + 2)
    letter = axes.letter()
    left, right = a.slots[-1], b.slots[-2]
    if left is None or right is None:
        raise UnreadableError("an axis of one entry stands at @ in an array of three axes")
    axis = axes.join(left, right)
    rows = replace(a, slots=(*a.slots[:-1], None), letters=(*a.letters[:-1], None),
                   value=substitute(a.value, {a.letters[-1]: letter}))  # pyright: ignore  # fmt: skip
    columns = replace(b, slots=(*b.slots[:-2], None, b.slots[-1]),
                      letters=(*b.letters[:-2], None, b.letters[-1]),
                      value=substitute(b.value, {b.letters[-2]: letter}))  # pyright: ignore  # fmt: skip
    whole = combined(axes, lambda x, y: x * y, rows, columns)
    return replace(whole, value=Sum(whole.value, (letter, 1, axis)))


def summed(axes: Axes, one: Array, over: Sequence[int] | None, keep: bool, mean: bool) -> Array:
    """The sum, or mean, over some axes, or all.

    Raises:
        ShapesError: when there is no such axis.
    """
    a = one.plain().fresh(axes)
    chosen = range(a.rank) if over is None else over
    if any(not -a.rank <= n < a.rank for n in chosen):
        raise ShapesError(f"there is no axis {max(chosen)} in an array of {a.rank}")
    places = {n % a.rank for n in chosen}
    value = a.value
    for n in sorted(places, reverse=True):
        axis, letter = a.slots[n], a.letters[n]
        if axis is not None and letter is not None:
            value = Sum(value, (letter, 1, axis)) / (axis if mean else S.One)
    left = [n for n in range(a.rank) if n not in places]
    if keep:
        slots = tuple(None if n in places else a.slots[n] for n in range(a.rank))
        return Array(
            slots, tuple(None if n in places else a.letters[n] for n in range(a.rank)), value
        )
    return Array(tuple(a.slots[n] for n in left), tuple(a.letters[n] for n in left), value)
