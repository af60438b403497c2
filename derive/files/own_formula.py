"""Formulas of a user's own: "z*sigmoid(z)" as an activation, "(y-r)^4" as a cost, or cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sympy import Basic, Expr, Piecewise, S, Symbol

from derive.algebra.output_range import REALS, OutputRange
from derive.errors import NetworkError, ReadingError
from derive.lazy import late
from derive.model.activations import ACTIVATIONS, Activation
from derive.model.costs import COSTS, Cost
from derive.model.literals import did_you_mean, shown
from derive.model.own_formula import (
    OUTPUT_AND_TARGET,
    PRE_ACTIVATION,
    SUPPORTED,
    checked,
    divides,
    range_needed,
)
from derive.notation.ascii.function_names import FUNCTIONS

#: Loaded for the first formula: most files have names only.
_read_condition = late("derive.notation.ascii.formulas", "read_condition")
_read_with_domain = late("derive.notation.ascii.formulas", "read_with_domain")

_MOST_CHARACTERS = 500
_CALL = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)[ \t]*\(")
_CASES = ("if", "then", "else")
_SIGNS = frozenset("()+*/^")


@dataclass(frozen=True)
class FormulaPlace:
    """A key of a network file that takes a name or a formula.

    Attributes:
        names: the table of those that are known.
        letters: what a formula is written in.
        example: cases, as messages show them.
        first_in: where the first letter has to lie for a formula to have values.
    """

    names: Mapping[str, object]
    letters: tuple[Symbol, ...]
    example: str
    first_in: Callable[[Expr], OutputRange]

    def holds_formula(self, value: object) -> bool:
        """Whether a value is meant as a formula, and not as a name."""
        if isinstance(value, str):
            letter = value.strip() == self.letters[0].name
            return value not in self.names and (letter or bool(_SIGNS & {*value}))
        return isinstance(value, Mapping)

    def read(self, value: object) -> Expr:
        """The formula that a text writes, or the cases of formulas in a table.

        Raises:
            NetworkError: one sentence that says what is wrong, or not supported.
        """
        found = self._cases(value) if isinstance(value, Mapping) else self._formula(value)
        return checked(found, self.letters, self.first_in(found))

    @property
    def _letters(self) -> str:
        return " and ".join(letter.name for letter in self.letters)

    def _cases(self, table: Mapping[str, object]) -> Expr:
        for key in table:
            if key not in _CASES:
                raise NetworkError(
                    f"has the unknown key {shown(key)}{did_you_mean(key, _CASES)}; two cases "
                    f"are written {self.example}"
                )
        for key in _CASES:
            if key not in table:
                raise NetworkError(f"with cases needs the key {key}")
        condition = self._condition(table["if"])
        then, otherwise = (self._formula(table[key]) for key in ("then", "else"))
        return Piecewise((then, condition), (otherwise, S.true), evaluate=False)

    def _condition(self, value: object) -> Basic:
        try:
            return _read_condition(self._text(value))
        except ReadingError as problem:
            raise NetworkError(f"cannot be read: {problem}") from None

    def _formula(self, value: object) -> Expr:
        text = self._text(value)
        for name in _CALL.findall(text):
            if name not in FUNCTIONS and name not in ("cases", "if", "and", "or"):
                raise NetworkError(
                    f"has the function {shown(name)}, which is not known; known are {SUPPORTED} "
                    "and ReLU"
                )
        try:
            reading = _read_with_domain(text)
        except ReadingError as problem:
            raise NetworkError(f"cannot be read: {problem}") from None
        first_in = self.first_in(reading.value)
        for divisor in reading.divisors:
            if not first_in.holds_nonzero(divisor, self.letters[0]):
                raise NetworkError(divides(divisor, self.letters))
        return reading.value

    def _text(self, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise NetworkError(f"is a name or a formula in {self._letters}, not {shown(value)}")
        if len(value) > _MOST_CHARACTERS:
            raise NetworkError(f"is a formula of more than {_MOST_CHARACTERS} characters")
        return value


ACTIVATION = FormulaPlace(
    ACTIVATIONS,
    PRE_ACTIVATION,
    '{ if = "z > 0", then = "z", else = "exp(z) - 1" }',
    lambda _formula: REALS,
)
COST = FormulaPlace(
    COSTS,
    OUTPUT_AND_TARGET,
    '{ if = "abs(y-r) <= 1", then = "(y-r)^2/2", else = "abs(y-r) - 1/2" }',
    range_needed,
)


def read_activation(formula: object) -> Activation:
    """The activation that a formula in z describes, or two cases of formulas.

    `"z*sigmoid(z)"`, or `{"if": "z > 0", "then": "z", "else": "exp(z) - 1"}`.

    Raises:
        NetworkError: one sentence that says what is wrong, or not supported.
    """
    return Activation(formula=ACTIVATION.read(formula))


def read_cost(formula: object) -> Cost:
    """The cost whose term of one output r with the target y is a formula, or two cases of such.

    `"(y-r)^4"`, or `{"if": "abs(y-r) <= 1", "then": "(y-r)^2/2", "else": "abs(y-r) - 1/2"}`.

    Raises:
        NetworkError: one sentence that says what is wrong, or not supported.
    """
    return Cost(formula=COST.read(formula))
