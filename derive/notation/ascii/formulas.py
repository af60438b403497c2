"""A whole text as an expression, an equation or a condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sympy import Basic, Expr, S

from derive.errors import ReadingError
from derive.meaning.derivation import Equation
from derive.model.model import Model
from derive.notation.ascii.arithmetic import check_real
from derive.notation.ascii.grammar import Reader
from derive.notation.ascii.names import FunctionInFormulas, Vocabulary, vocabulary
from derive.notation.ascii.tokens import tokenize

Whole = TypeVar("Whole")


def read_expression(
    text: str,
    network: Model | None = None,
    *,
    names: Iterable[str] = (),
    functions: Mapping[str, FunctionInFormulas] | None = None,
    at_zero: Expr | None = None,
) -> Expr:
    """The expression that a text writes.

    Args:
        text: a formula such as `dC/dz2*W1 + 1/2`.
        network: whose quantities the names are; without one every name is a real symbol.
        names: further names that are real symbols.
        functions: those that the notation does not have, by name.
        at_zero: Step(0) where the text does not say; the network's, or 0.

    Raises:
        ReadingError: one sentence with the column, what stands there and what would be right.
    """
    known = vocabulary(network, names, functions)
    return _read(text, known, at_zero, lambda reader: check_real(reader.value()))


@dataclass(frozen=True)
class Reading:
    """An expression, and where it has a value; what cancels is in the expression no more.

    Attributes:
        divisors: all that is divided by.
        domain: what has to hold for logarithms and roots to have real values.
        mentioned: the symbols and quantities that the text names.
    """

    value: Expr
    divisors: tuple[Expr, ...] = ()
    domain: tuple[Basic, ...] = ()
    mentioned: tuple[Expr, ...] = ()


def read_with_domain(
    text: str, network: Model | None = None, *, at_zero: Expr | None = None
) -> Reading:
    """The expression that a text writes, and where the text as it stands has a value.

    Raises:
        ReadingError: as `read_expression`.
    """

    def whole(reader: Reader) -> Reading:
        value = check_real(reader.value())
        mentioned = tuple(dict.fromkeys(reader.mentioned))
        return Reading(value, tuple(reader.denominators), tuple(reader.domain), mentioned)

    return _read(text, vocabulary(network), at_zero, whole)


def read_equation(
    text: str,
    network: Model | None = None,
    *,
    names: Iterable[str] = (),
    at_zero: Expr | None = None,
) -> Equation:
    """The equation, with exactly one =, that a text writes; otherwise as `read_expression`."""
    return _read(text, vocabulary(network, names), at_zero, _equation)


def read_condition(
    text: str,
    network: Model | None = None,
    *,
    names: Iterable[str] = (),
    at_zero: Expr | None = None,
) -> Basic:
    """Comparisons joined by and, or, such as `0 < x and x < 1`; otherwise as `read_expression`."""
    known = vocabulary(network, names)
    return _read(text, known, at_zero, lambda reader: check_real(reader.condition()))


def _equation(reader: Reader) -> Equation:
    left = reader.value()
    if reader.next.kind == "end":
        raise reader.error("the text ends without =; an equation is written left = right")
    reader.take("=")
    right = reader.value()
    if reader.next.is_sign("="):
        raise reader.error("found a second =; write one equation at a time")
    return Equation(check_real(left), check_real(right))


def _read(
    text: str, known: Vocabulary, at_zero: Expr | None, whole: Callable[[Reader], Whole]
) -> Whole:
    tokens = tokenize(text)
    if len(tokens) == 1:
        raise ReadingError(1, "the text is empty; write a formula such as dC/dz2*W1")
    if at_zero is None:
        at_zero = S.Zero if known.network is None else known.network.step_at_zero
    reader = Reader(known.in_our_names(tokens), known, at_zero)
    try:
        result = whole(reader)
    except RecursionError:
        raise reader.too_deep() from None
    reader.end()
    return result
