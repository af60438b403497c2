"""Arrays by the index that each axis counts: put side by side, multiplied, and summed over.

A product is a graph: its indices are the points, and each factor joins those that it has.  Factors
of the same indices are multiplied entry by entry; a sum over an index of one factor is a sum along
an axis; one over an index of two factors is a product of matrices, or a sum of Einstein's where
these have more axes.  An index that a factor does not have is an axis of length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from string import ascii_letters

from sympy import Expr, Integer, Rational, S, Symbol

from derive.kernels.dialects import ArrayDialect

Letters = tuple[Symbol, ...]

#: How strongly a text binds.  Python reads a * B @ c from the left, so that a product of matrices
#: is taken for less than a product of numbers.
COMPARISON, SUM, MATRICES, PRODUCT, POWER, ATOM = range(6)


@dataclass(frozen=True)
class WrittenArray:
    """A formula of arrays: its text, the index that each axis counts, and how strongly it binds."""

    code: str
    letters: Letters
    strength: int = ATOM

    def at_least(self, strength: int) -> str:
        """The text, in parentheses where it binds less than its place asks for."""
        return self.code if self.strength >= strength else f"({self.code})"


@dataclass
class ArrayLayout:
    """Arrays of one formula in a dialect, with the order in which letters came.

    `size` is the text for how many entries a letter counts.
    """

    dialect: ArrayDialect
    size: Callable[[Symbol], str]
    order: Letters

    def enter(self, letter: Symbol) -> None:
        """Let a letter come after those before it."""
        if letter not in self.order:
            self.order = (*self.order, letter)

    def in_order(self, letters: Iterable[Symbol]) -> Letters:
        """Letters, each once, in the order in which they came."""
        return tuple(sorted({*letters}, key=self.order.index))

    def together(self, arrays: Iterable[WrittenArray]) -> Letters:
        """All letters: in the order in which arrays have all of them, if it is one order."""
        arrays = tuple(arrays)
        every = self.in_order(letter for one in arrays for letter in one.letters)
        whole = {one.letters for one in arrays if len(one.letters) == len(every)}
        return whole.pop() if len(whole) == 1 else every

    def aligned(self, one: WrittenArray, letters: Letters) -> WrittenArray:
        """The array so that its axes stand where they are among all letters."""
        kept = tuple(letter for letter in letters if letter in one.letters)
        if kept != one.letters:
            turned = f"{one.at_least(ATOM)}.T"
            code = turned if len(kept) == 2 else self.einsum([one.letters], kept, one.code)
            one = WrittenArray(code, kept)
        if not kept:
            return one
        later = letters[letters.index(kept[0]) :]
        places = [":" if letter in kept else "None" for letter in later]
        if "None" not in places:
            return one
        return WrittenArray(f"{one.at_least(ATOM)}[{', '.join(places)}]", letters)

    def einsum(self, inputs: Sequence[Letters], out: Letters, *codes: str) -> str:
        """Einstein's sum over the letters that are not in `out`, as text."""
        every = dict.fromkeys(letter for letters in inputs for letter in letters)
        short: dict[Symbol, str] = {}
        for letter in every:
            free = [letter.name[0], *ascii_letters]
            short[letter] = next(c for c in free if c not in short.values())
        text = ",".join("".join(short[i] for i in letters) for letters in inputs)
        text += "->" + "".join(short[i] for i in out)
        return self.dialect.call("einsum", text, *codes)

    def added(self, terms: Iterable[tuple[bool, WrittenArray]]) -> WrittenArray:
        """Arrays, each with whether it is subtracted, entry by entry."""
        terms = tuple(terms)
        letters = self.together(one for _, one in terms)
        code = ""
        for negative, one in terms:
            sign = (" - " if negative else " + ") if code else ("-" if negative else "")
            code += sign + self.aligned(one, letters).at_least(MATRICES)
        return WrittenArray(code, letters, SUM)

    def multiplied(
        self, number: Expr, above: Sequence[WrittenArray], below: Sequence[WrittenArray]
    ) -> WrittenArray:
        """A number times arrays, divided by others, entry by entry."""
        letters = self.together((*above, *below))
        negative = bool(number.is_negative)
        number = -number if negative else number
        top = [self.aligned(one, letters).at_least(PRODUCT) for one in above]
        if number != 1 or not top:
            inverse = 1 / number
            if isinstance(inverse, Integer) and top:
                below = (*below, WrittenArray(str(inverse), ()))
            else:
                top.insert(0, constant(number).at_least(PRODUCT))
        code = " * ".join(top)
        for one in below:
            code += f" / {self.aligned(one, letters).at_least(POWER)}"
        if len(top) == 1 and above and not below and not negative:
            return self.aligned(above[0], letters)
        code = f"-{code}" if negative else code
        return WrittenArray(code, letters, SUM if negative else PRODUCT)

    def contracted(
        self,
        number: Expr,
        above: Sequence[WrittenArray],
        below: Sequence[WrittenArray],
        bound: Sequence[Symbol],
    ) -> WrittenArray:
        """The sum over letters of a product."""
        outer, inner = _parted(above, bound)
        divisors, inverse = _parted(below, bound)
        if len(inner) == 1 and all({*one.letters} <= {*inner[0].letters} for one in inverse):
            inner, inverse = [self.multiplied(S.One, inner, inverse)], []  # b_i / a_i
        inner += [self.multiplied(S.One, [], [one]) for one in inverse]
        factors = self._merged(inner)
        waiting = list(bound)
        while waiting:
            letter = min(waiting, key=lambda b: sum(b in one.letters for one in factors))
            joined = [one for one in factors if letter in one.letters]
            if not joined:  # what does not vary is counted
                outer.append(WrittenArray(self.size(letter), ()))
                waiting.remove(letter)
                continue
            rest = [one for one in factors if letter not in one.letters]
            while len(joined) > 2:
                joined = self._with_two_multiplied(joined, letter)
            elsewhere = {other for one in rest for other in one.letters}
            shared = set[Symbol].intersection(*({*one.letters} for one in joined))
            gone = [b for b in waiting if b in shared - elsewhere]
            factors = self._merged([*rest, self._joined(joined, gone)])
            waiting = [b for b in waiting if b not in gone]
        return self.multiplied(number, [*outer, *factors], divisors)

    def _merged(self, factors: Iterable[WrittenArray]) -> list[WrittenArray]:
        """Factors of the same letters multiplied entry by entry."""
        found: dict[frozenset[Symbol], list[WrittenArray]] = {}
        for one in factors:
            found.setdefault(frozenset(one.letters), []).append(one)
        return [
            self.multiplied(S.One, group, []) if len(group) > 1 else group[0]
            for group in found.values()
        ]

    def _with_two_multiplied(self, factors: list[WrittenArray], gone: Symbol) -> list[WrittenArray]:
        """Two of the factors as one.

        Such that products of matrices are left, or of three those whose letters stand together in
        the result, x_i from (d_jm x_l): then nothing is to be put in another order.  Otherwise
        those with the fewest letters together.
        """
        pairs = [(a, b) for n, a in enumerate(factors) for b in factors[n + 1 :]]
        every = self.in_order(i for one in factors for i in one.letters if i != gone)

        def cost(pair: tuple[WrittenArray, WrittenArray]) -> tuple[bool, bool, int]:
            own = {*pair[0].letters, *pair[1].letters} - {gone}
            others = {i for one in factors if one not in pair for i in one.letters} - {gone}
            apart = len(factors) == 3 and not own & others
            together = apart and {*every[: len(others)]} == others
            sides = (tuple(i for i in every if i in part) for part in (own, others))
            left, right = (WrittenArray("", (*letters, gone)) for letters in sides)
            return not _are_matrices(left, right, (gone,), every), not together, len(own)

        first, second = min(pairs, key=cost)
        rest = [one for one in factors if one is not first and one is not second]
        return [*rest, self.multiplied(S.One, [first, second], [])]

    def _joined(self, factors: Sequence[WrittenArray], gone: Sequence[Symbol]) -> WrittenArray:
        """The sum over letters of one factor, or of the product of two."""
        if len(factors) == 1:
            return _sum_along(factors[0], gone)
        left, right = factors
        every = (*left.letters, *right.letters)
        kept = self.in_order(letter for letter in every if letter not in gone)
        flat = len(left.letters) < 3 and len(right.letters) < 3
        if flat and len(gone) == 1 and {*left.letters} & {*right.letters} == {*gone}:
            return self._matrix_product(left, right, gone[0], kept)
        for first, second in ((left, right), (right, left)):
            if _are_matrices(first, second, gone, kept):
                return _products(first, second, gone[0], kept)
        code = self.einsum([left.letters, right.letters], kept, left.code, right.code)
        return WrittenArray(code, kept)

    def _matrix_product(
        self, left: WrittenArray, right: WrittenArray, inner: Symbol, kept: Letters
    ) -> WrittenArray:
        """A B, of which the inner letter is the last of A and the first of B."""
        if kept and kept[0] not in left.letters:
            left, right = right, left
        sides: list[str] = []
        for one, place in ((left, len(left.letters) - 1), (right, 0)):
            code = one.at_least(POWER)
            sides.append(code if one.letters[place] == inner else f"{one.at_least(ATOM)}.T")
        return WrittenArray(" @ ".join(sides), kept, MATRICES)


def _are_matrices(
    left: WrittenArray, right: WrittenArray, gone: Sequence[Symbol], kept: Letters
) -> bool:
    """Whether a sum is of products of matrices, of one for each of the letters before the last."""
    if len(gone) != 1 or len(left.letters) < 2 or len(right.letters) < 2:
        return False
    before = [one.letters[:-2] for one in (left, right)]
    ends = [tuple(i for i in one.letters[-2:] if i not in gone) for one in (left, right)]
    stacks = {*filter(None, before)}
    whole = [*(stacks.pop() if len(stacks) == 1 else ()), *ends[0], *ends[1]]
    return not stacks and len(ends[0]) == len(ends[1]) == 1 and tuple(whole) == kept


def _products(
    left: WrittenArray, right: WrittenArray, inner: Symbol, kept: Letters
) -> WrittenArray:
    """A B for each of the letters before the last two of A or of B."""
    sides: list[str] = []
    for one, place in ((left, -1), (right, -2)):
        turned = ".T" if len(one.letters) == 2 else ".swapaxes(-1, -2)"
        is_turned = one.letters[place] != inner
        sides.append(f"{one.at_least(ATOM)}{turned}" if is_turned else one.at_least(POWER))
    return WrittenArray(" @ ".join(sides), kept, MATRICES)


def _parted(
    arrays: Iterable[WrittenArray], bound: Iterable[Symbol]
) -> tuple[list[WrittenArray], list[WrittenArray]]:
    """The arrays that have none of some letters, and the others."""
    without: list[WrittenArray] = []
    others: list[WrittenArray] = []
    for one in arrays:
        (others if {*one.letters} & {*bound} else without).append(one)
    return without, others


def _sum_along(one: WrittenArray, gone: Sequence[Symbol]) -> WrittenArray:
    """The sum along axes."""
    kept = tuple(letter for letter in one.letters if letter not in gone)
    places = sorted(one.letters.index(letter) for letter in gone)
    axes = str(places[0]) if len(places) == 1 else str(tuple(places))
    return WrittenArray(f"{one.at_least(ATOM)}.sum({axes if kept else ''})", kept)


def constant(value: Expr) -> WrittenArray:
    """A number, as text that is exact where it can be."""
    if isinstance(value, Integer):
        return WrittenArray(str(value), (), ATOM if value >= 0 else SUM)
    if isinstance(value, Rational):
        return WrittenArray(f"{value.p} / {value.q}", (), PRODUCT)
    return WrittenArray(repr(float(value)), ())
