"""Values with a shape: numbers, columns, rows and matrices, added and multiplied as they stand.

Which axes are one follows from what stands beside what.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from derive.errors import DeriveError
from derive.reading.inferring.axes import UnifiedAxes


class UndefinedError(DeriveError):
    """Nothing can be made of this formula as a definition; the sentence says why."""


@dataclass(frozen=True)
class Shaped:
    """A value of a formula: its row and column axes, None where it has none, and its entries.

    `entry` writes the entry at a row and a column; letters of axes that it has not are ignored.
    """

    rows: int | None
    columns: int | None
    entry: Callable[[str, str], str]

    @property
    def axes(self) -> tuple[int | None, int | None]:
        """Of its rows and its columns, None where it has none."""
        return self.rows, self.columns

    @property
    def is_number(self) -> bool:
        """Whether it is one number."""
        return self.axes == (None, None)


@dataclass
class ShapeRules:
    """How values of one formula after another go together.

    Attributes:
        axes: which axes are one, found while formulas are read.
        letters: those of the rows and columns of what is written without indices, and behind
            them those of the sums that are brought in.
        counted: in this formula, for each index letter its axis.
        summed: how many sums were brought in for it.
    """

    axes: UnifiedAxes
    letters: tuple[str, ...]
    counted: dict[str, int] = field(default_factory=dict[str, int])
    summed: int = 0

    def begin(self) -> None:
        """Another formula: its letters have no axes yet."""
        self.counted = {}
        self.summed = 0

    def fitted(self, arrays: list[Shaped]) -> tuple[int | None, int | None, list[Shaped]]:
        """Arrays that are added or multiplied entry by entry, with one shape for all."""
        shaped = [one for one in arrays if not one.is_number]
        if not shaped:
            return None, None, arrays
        widest = max(shaped, key=lambda one: (one.rows is not None) + (one.columns is not None))
        fitted: list[Shaped] = []
        for one in arrays:
            if one.is_number:
                fitted.append(one)
                continue
            matrix = widest.rows is not None and widest.columns is not None
            alone = (one.rows is None) != (one.columns is None)
            if matrix and alone:  # a bias beside a matrix whose rows are samples
                axis = one.rows if one.rows is not None else one.columns
                self.join(axis, widest.columns)
                fitted.append(_along_columns(one))
                continue
            self.join(one.rows, widest.rows)
            self.join(one.columns, widest.columns)
            fitted.append(one)
        return widest.rows, widest.columns, fitted

    def join(self, first: int | None, second: int | None) -> None:
        """Two axes that stand beside each other are one."""
        if (first is None) != (second is None):
            raise UndefinedError("a row and a column stand beside each other")
        if first is not None and second is not None:
            self.axes.unify(first, second)

    def times(self, left: Shaped, right: Shaped, sign: str) -> Shaped:
        """A product: entry by entry, a number times anything, or one of matrices."""
        if sign in ("odot", "over") or left.is_number or right.is_number:
            rows, columns, (first, second) = self.fitted([left, right])
            if sign == "over":
                return Shaped(
                    rows, columns, lambda r, c: f"({first.entry(r, c)}/({second.entry(r, c)}))"
                )
            return Shaped(rows, columns, lambda r, c: f"{first.entry(r, c)}*{second.entry(r, c)}")
        if left.columns is None and right.rows is None:  # a column times a row
            return Shaped(
                left.rows, right.columns, lambda r, c: f"{left.entry(r, '')}*{right.entry('', c)}"
            )
        written_as_column = left.columns is None and right.columns is not None
        if written_as_column:
            of = left  # x W, with x a row
            left = Shaped(None, of.rows, lambda row, column: of.entry(column, row))
        if left.columns is None or right.rows is None:
            raise UndefinedError("these two cannot be multiplied as they stand")
        self.axes.unify(left.columns, right.rows)
        letter = self.fresh()
        rows, columns = left.rows, right.columns
        if written_as_column:
            return Shaped(
                columns,
                None,
                lambda r, _: f"sum({letter}, {left.entry('', letter)}*{right.entry(letter, r)})",
            )
        return Shaped(
            rows,
            columns,
            lambda r, c: f"sum({letter}, {left.entry(r, letter)}*{right.entry(letter, c)})",
        )

    def fresh(self) -> str:
        """A letter for a sum that is brought in; letters of the formula itself are others."""
        self.summed += 1
        free = [letter for letter in self.letters[2:] if letter not in self.counted]
        if self.summed > len(free):
            raise UndefinedError("this formula has too many products of matrices")
        return free[self.summed - 1]


def number(text: str) -> Shaped:
    """One number, as it is written."""
    return Shaped(None, None, lambda _row, _column: text)


def _along_columns(one: Shaped) -> Shaped:
    """A vector as a row that is repeated."""
    if one.rows is None:
        return Shaped(None, one.columns, one.entry)
    return Shaped(None, one.rows, lambda _, column: one.entry(column, ""))
