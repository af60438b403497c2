r"""The entries of a formula in the ASCII notation, with the axes that its indices count.

z = W x + b becomes z[i] := sum(j, W[i,j]*x[j]) + b[i].  Which axes are one follows from what
stands beside what; a formula whose shapes do not go together defines nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from derive.errors import DeriveError
from derive.reading.inferring.axes import Axes
from derive.reading.inferring.names import Key, key_of
from derive.reading.latex.syntax.nodes import (
    Applied,
    Bracket,
    Digits,
    Factors,
    Name,
    Node,
    Norm,
    Raised,
    Summed,
    TermSum,
    Turned,
)

_ASCII = {
    "\\sigma": "sigmoid",
    **dict.fromkeys(("sigmoid", "sigm", "logistic"), "sigmoid"),
    **dict.fromkeys(("ReLU", "relu", "RELU", "Relu"), "relu"),
    **{
        name: name
        for name in ("exp", "log", "tanh", "sqrt", "max", "min", "softplus", "erf", "abs")
    },
}
_SOFTMAX = ("softmax", "Softmax")


class UndefinedError(DeriveError):
    """Nothing can be made of this formula as a definition; the sentence says why."""


@dataclass(frozen=True)
class ShapedValue:
    """A value of a formula: its row and column axes, None where it has none, and its entries.

    `entry` writes the entry at a row and a column; letters of axes that it has not are ignored.
    """

    rows: int | None
    columns: int | None
    entry: Callable[[str, str], str]

    @property
    def is_number(self) -> bool:
        """Whether it is one number."""
        return self.rows is None and self.columns is None


@dataclass
class EntryWriter:
    """Folds one formula after another into entries.

    Attributes:
        axes: which axes are one, found while formulas are read.
        ranks: for each tensor without written indices how many it has; what is not here is
            told by what it is added to.
        spelled: the ASCII name of each tensor.
        functions: names that the document has given to functions.
        letters: those of the rows and columns of what is written without indices, and behind
            them those of the sums that are brought in.
        counted: in this formula, for each index letter its axis.
        summed: how many sums were brought in for it.
    """

    axes: Axes
    ranks: dict[Key, int]
    spelled: Callable[[Key], str]
    functions: Mapping[Key, str]
    letters: tuple[str, ...]
    counted: dict[str, int] = field(default_factory=dict[str, int])
    summed: int = 0

    def begin(self) -> None:
        """Another formula: its letters have no axes yet."""
        self.counted = {}
        self.summed = 0

    def axis_of(self, letter: str) -> int:
        """The axis that a letter counts in this formula."""
        if letter not in self.counted:
            self.counted[letter] = self.axes.new()
        return self.counted[letter]

    def array(self, node: Node) -> ShapedValue:
        """The value of a formula.

        Raises:
            UndefinedError: where it is none, or its shapes do not go together.
        """
        match node:
            case Digits():
                return _number(node.text)
            case Name():
                return self._named(node)
            case TermSum():
                return self._total(node)
            case Factors():
                return self._product(node)
            case Raised():
                return self._raised(node)
            case Turned():
                of = self.array(node.of)
                if of.is_number:
                    return of
                return ShapedValue(of.columns, of.rows, lambda row, column: of.entry(column, row))
            case Bracket():
                if len(node.inside) != 1:
                    raise UndefinedError("a list is no value")
                inner = self.array(node.inside[0])
                if isinstance(node.inside[0], TermSum):
                    return inner  # has brackets of its own
                return ShapedValue(inner.rows, inner.columns, lambda r, c: f"({inner.entry(r, c)})")
            case Applied():
                return self._applied(node)
            case Summed():
                return self._summed(node)
            case Norm():
                return self._length(node, "sqrt({})")
            case _:
                raise UndefinedError("this is no formula of values")

    # -- names -----------------------------------------------------------------------------

    def _named(self, node: Name) -> ShapedValue:
        if node.text == "\\pi":
            return _number("pi")
        key, letters = key_of(node)
        name = self.spelled(key)
        if letters:
            own = self.axes.of(key, len(letters))
            for axis, letter in zip(own, letters, strict=True):
                self.axes.unify(axis, self.axis_of(letter))
            return _number(f"{name}[{','.join(letters)}]")
        if key not in self.ranks:
            raise UndefinedError(f"nothing says which shape {name} has")
        return self.tensor(key)

    def tensor(self, key: Key) -> ShapedValue:
        """A tensor that is written without its indices: a column, or a matrix."""
        name = self.spelled(key)
        own = self.axes.of(key, self.ranks[key])
        if not own:
            return _number(name)
        if len(own) == 1:
            return ShapedValue(own[0], None, lambda row, _: f"{name}[{row}]")
        return ShapedValue(own[0], own[1], lambda row, column: f"{name}[{row},{column}]")

    def _is_open(self, node: Node) -> Key | None:
        """The tensor of a lone name whose shape is not known yet."""
        if not isinstance(node, Name) or node.text == "\\pi":
            return None
        key, letters = key_of(node)
        return key if not letters and key not in self.ranks else None

    def _adopt(self, key: Key, like: ShapedValue, *, added: bool) -> None:
        """Give a tensor the shape of what it stands beside; a bias is added to every row."""
        own = [axis for axis in (like.rows, like.columns) if axis is not None]
        if added and len(own) == 2 and key.role == "parameter":
            own = own[1:]
        self.ranks[key] = len(own)
        for axis, other in zip(self.axes.of(key, len(own)), own, strict=True):
            self.axes.unify(axis, other)

    # -- sums and products -----------------------------------------------------------------

    def _total(self, node: TermSum) -> ShapedValue:
        arrays: dict[int, ShapedValue] = {}
        open_keys = [self._is_open(term) for term in node.terms]
        for place, term in enumerate(node.terms):
            if open_keys[place] is None:
                arrays[place] = self.array(term)
        for place, key in enumerate(open_keys):
            if key is not None and key not in self.ranks:
                shaped = [one for one in arrays.values() if not one.is_number]
                like = shaped[0] if shaped else next(iter(arrays.values()), _number("0"))
                self._adopt(key, like, added=True)
            if key is not None:
                arrays[place] = self.array(node.terms[place])
        ordered = [arrays[place] for place in range(len(node.terms))]
        rows, columns, fitted = self._fitted(ordered)
        signs = node.signs

        def entry(row: str, column: str) -> str:
            parts = [one.entry(row, column) for one in fitted]
            written = "".join(
                f"{'-' if sign < 0 else '+'}{part}" for sign, part in zip(signs, parts, strict=True)
            )
            return f"({written.removeprefix('+')})"

        return ShapedValue(rows, columns, entry)

    def _fitted(
        self, arrays: list[ShapedValue]
    ) -> tuple[int | None, int | None, list[ShapedValue]]:
        """Arrays that are added or multiplied entry by entry, with one shape for all."""
        shaped = [one for one in arrays if not one.is_number]
        if not shaped:
            return None, None, arrays
        widest = max(shaped, key=lambda one: (one.rows is not None) + (one.columns is not None))
        fitted: list[ShapedValue] = []
        for one in arrays:
            if one.is_number:
                fitted.append(one)
                continue
            matrix = widest.rows is not None and widest.columns is not None
            alone = (one.rows is None) != (one.columns is None)
            if matrix and alone:  # a bias beside a matrix whose rows are samples
                axis = one.rows if one.rows is not None else one.columns
                self._join(axis, widest.columns)
                fitted.append(_along_columns(one))
                continue
            self._join(one.rows, widest.rows)
            self._join(one.columns, widest.columns)
            fitted.append(one)
        return widest.rows, widest.columns, fitted

    def _join(self, first: int | None, second: int | None) -> None:
        if (first is None) != (second is None):
            raise UndefinedError("a row and a column stand beside each other")
        if first is not None and second is not None:
            self.axes.unify(first, second)

    def _product(self, node: Factors) -> ShapedValue:
        self._settle(node)
        found = self.array(node.factors[0])
        for factor, sign in zip(node.factors[1:], node.signs[1:], strict=True):
            found = self._times(found, self.array(factor), sign)
        return found

    def _settle(self, node: Factors) -> None:
        """A target beside a function of the output has its shape."""
        open_keys = [key for factor in node.factors if (key := self._is_open(factor)) is not None]
        others = [f for f in node.factors if self._is_open(f) is None]
        for key in open_keys:
            arrays = [self.array(other) for other in others]
            shaped = [one for one in arrays if not one.is_number]
            self._adopt(key, shaped[0] if shaped else _number("0"), added=False)

    def _times(self, left: ShapedValue, right: ShapedValue, sign: str) -> ShapedValue:
        if sign in ("odot", "over") or left.is_number or right.is_number:
            rows, columns, (first, second) = self._fitted([left, right])
            if sign == "over":
                return ShapedValue(
                    rows, columns, lambda r, c: f"({first.entry(r, c)}/{second.entry(r, c)})"
                )
            return ShapedValue(
                rows, columns, lambda r, c: f"{first.entry(r, c)}*{second.entry(r, c)}"
            )
        if left.columns is None and right.rows is None:  # a column times a row
            return ShapedValue(
                left.rows, right.columns, lambda r, c: f"{left.entry(r, '')}*{right.entry('', c)}"
            )
        written_as_column = left.columns is None and right.columns is not None
        if written_as_column:
            of = left  # x W, with x a row
            left = ShapedValue(None, of.rows, lambda row, column: of.entry(column, row))
        if left.columns is None or right.rows is None:
            raise UndefinedError("these two cannot be multiplied as they stand")
        self.axes.unify(left.columns, right.rows)
        letter = self._fresh()
        rows, columns = left.rows, right.columns
        if written_as_column:
            return ShapedValue(
                columns,
                None,
                lambda r, _: f"sum({letter}, {left.entry('', letter)}*{right.entry(letter, r)})",
            )
        return ShapedValue(
            rows,
            columns,
            lambda r, c: f"sum({letter}, {left.entry(r, letter)}*{right.entry(letter, c)})",
        )

    def _fresh(self) -> str:
        """A letter for a sum that is brought in; letters of the formula itself are others."""
        self.summed += 1
        free = [letter for letter in self.letters[2:] if letter not in self.counted]
        if self.summed > len(free):
            raise UndefinedError("this formula has too many products of matrices")
        return free[self.summed - 1]

    def _raised(self, node: Raised) -> ShapedValue:
        if (
            isinstance(node.base, Norm)
            and isinstance(node.exponent, Digits)
            and node.exponent.text == "2"
        ):
            return self._length(node.base, "{}")
        base, exponent = self.array(node.base), self.array(node.exponent)
        if not exponent.is_number:
            raise UndefinedError("an exponent is one number")
        power = exponent.entry("", "")
        power = power if power.isdigit() else f"({power})"
        return ShapedValue(base.rows, base.columns, lambda r, c: f"({base.entry(r, c)})^{power}")

    def _length(self, node: Norm, around: str) -> ShapedValue:
        """The sum of the squares of all entries."""
        of = self.array(node.of)
        if of.is_number:
            return _number(around.format(f"({of.entry('', '')})^2"))
        row = self._fresh() if of.rows is not None else ""
        column = self._fresh() if of.columns is not None else ""
        written = f"({of.entry(row, column)})^2"
        for letter in (column, row):
            written = f"sum({letter}, {written})" if letter else written
        return _number(around.format(written))

    # -- functions and sums over letters ---------------------------------------------------

    def _applied(self, node: Applied) -> ShapedValue:
        key, letters = key_of(node.name)
        function = self.functions.get(key) or _ASCII.get(node.name.text)
        if node.name.text in _SOFTMAX:
            return self._softmax(node)
        if function is None:
            return self._not_applied(node)
        arguments = list(node.arguments)
        first = arguments[0]
        if function == "max" and isinstance(first, Digits) and first.text == "0":
            function, arguments = "relu", arguments[1:]
        rows, columns, fitted = self._fitted([self.array(one) for one in arguments])
        if letters:
            raise UndefinedError("a function has no indices")
        return ShapedValue(
            rows,
            columns,
            lambda r, c: f"{function}({', '.join(one.entry(r, c) for one in fitted)})",
        )

    def _not_applied(self, node: Applied) -> ShapedValue:
        """C(w) is C, and w (a + b) a product."""
        name = self.array(node.name)
        if len(node.arguments) == 1 and not isinstance(node.arguments[0], Name):
            bracket = Bracket(node.start, node.arguments)
            return self._times(name, self.array(bracket), "")
        raise UndefinedError("this function is not given")

    def _softmax(self, node: Applied) -> ShapedValue:
        of = self.array(node.arguments[0])
        if len(node.arguments) != 1 or of.rows is None or of.columns is not None:
            raise UndefinedError("softmax is read for a vector")
        return ShapedValue(of.rows, None, lambda row, _: f"softmax({row}, {of.entry(row, '')})")

    def _summed(self, node: Summed) -> ShapedValue:
        outer = {letter: self.counted.pop(letter, None) for letter in node.letters}
        body = self.array(node.body)
        if not body.is_number:
            raise UndefinedError("a sum over letters is one of numbers")
        written = body.entry("", "")
        for letter in reversed(node.letters):
            if letter not in self.counted:
                raise UndefinedError(f"the letter {letter} of this sum does not occur in it")
            self.axes.bound(self.counted.pop(letter), node.last)
            written = f"sum({letter}, {written})"
        self.counted |= {letter: axis for letter, axis in outer.items() if axis is not None}
        return _number(written)


def _number(text: str) -> ShapedValue:
    return ShapedValue(None, None, lambda _row, _column: text)


def _along_columns(one: ShapedValue) -> ShapedValue:
    """A vector as a row that is repeated."""
    if one.rows is None:
        return ShapedValue(None, one.columns, one.entry)
    return ShapedValue(None, one.rows, lambda _, column: one.entry(column, ""))


def letters_of(node: Node) -> Iterator[str]:
    """All index letters of a formula."""
    for part in node.walk():
        if isinstance(part, Name):
            yield from key_of(part)[1]
        elif isinstance(part, Summed):
            yield from part.letters
