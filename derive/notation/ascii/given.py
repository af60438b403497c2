"""Formulas and conditions that callers of the library hand in, as SymPy or as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sympy import Basic, Expr

from derive.algebra import arguments
from derive.errors import DeriveError
from derive.lazy import late
from derive.model.model import Model

Whole = TypeVar("Whole")

#: Loaded for the first text: most callers hand in SymPy.
_read_condition = late("derive.notation.ascii.formulas", "read_condition")
_read_expression = late("derive.notation.ascii.formulas", "read_expression")


def formula(value: object, what: str, network: Model) -> Expr:
    """The expression that a number, a SymPy expression or text in the ASCII notation is, exactly.

    `what` begins the sentence of a refusal; `network` is what the names of a text are about.

    Raises:
        DeriveError: for everything else, and for what cannot be read.
    """
    if isinstance(value, str):
        return _read(what, lambda: _read_expression(value, network))
    return arguments.exactly(value, what)


def condition(value: object, what: str, network: Model) -> Basic:
    """The condition that a SymPy relation, a truth value or text such as "x > 0" is.

    Raises:
        DeriveError: for everything else, and for what cannot be read.
    """
    if isinstance(value, str):
        return _read(what, lambda: _read_condition(value, network))
    return arguments.condition(value, what)


def _read(what: str, reader: Callable[[], Whole]) -> Whole:
    try:
        return reader()
    except DeriveError as error:
        raise DeriveError(f"{what}: {error}") from None
