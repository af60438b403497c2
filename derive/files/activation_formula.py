"""The formula of an activation as a user writes it: "z*sigmoid(z)", or two cases."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sympy import Basic, Expr, Piecewise, S

from derive.errors import NetworkError, ReadingError
from derive.model.activations import ACTIVATIONS, Activation
from derive.model.literals import did_you_mean, shown
from derive.model.own_activation import SUPPORTED, checked
from derive.notation.ascii.formulas import read_condition, read_with_domain
from derive.notation.ascii.function_names import FUNCTIONS

_MOST_CHARACTERS = 500
_CALL = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)[ \t]*\(")
_CASES = ("if", "then", "else")


def is_formula(value: object) -> bool:
    """Whether a value is meant as a formula, and not as the name of an activation."""
    if isinstance(value, str):
        return value not in ACTIVATIONS and (value.strip() == "z" or bool(_SIGNS & {*value}))
    return isinstance(value, Mapping)


_SIGNS = frozenset("()+*/^")


def read_activation(formula: object) -> Activation:
    """The activation that a formula in z describes, or two cases of formulas.

    `"z*sigmoid(z)"`, or `{"if": "z > 0", "then": "z", "else": "exp(z) - 1"}`.

    Raises:
        NetworkError: one sentence that says what is wrong, or not supported.
    """
    found = _cases(formula) if isinstance(formula, Mapping) else _formula(formula)
    return Activation(formula=checked(found))


def _cases(table: Mapping[str, object]) -> Expr:
    for key in table:
        if key not in _CASES:
            raise NetworkError(
                f"has the unknown key {shown(key)}{did_you_mean(key, _CASES)}; two cases are "
                'written { if = "z > 0", then = "z", else = "exp(z) - 1" }'
            )
    for key in _CASES:
        if key not in table:
            raise NetworkError(f"with cases needs the key {key}")
    condition = _condition(table["if"])
    then, otherwise = (_formula(table[key]) for key in ("then", "else"))
    return Piecewise((then, condition), (otherwise, S.true), evaluate=False)


def _condition(value: object) -> Basic:
    try:
        return read_condition(_text(value))
    except ReadingError as problem:
        raise NetworkError(f"cannot be read: {problem}") from None


def _formula(value: object) -> Expr:
    text = _text(value)
    for name in _CALL.findall(text):
        if name not in FUNCTIONS and name != "cases":
            raise NetworkError(
                f"has the function {shown(name)}, which is not known; known are {SUPPORTED} "
                "and ReLU"
            )
    try:
        reading = read_with_domain(text)
    except ReadingError as problem:
        raise NetworkError(f"cannot be read: {problem}") from None
    for divisor in reading.divisors:
        if not divisor.is_nonzero:
            raise NetworkError(
                f"divides by {divisor}, and that is not known to be different from 0 for every z"
            )
    return reading.value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise NetworkError(f"is a name or a formula in z, not {shown(value)}")
    if len(value) > _MOST_CHARACTERS:
        raise NetworkError(f"is a formula of more than {_MOST_CHARACTERS} characters")
    return value
