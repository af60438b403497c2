"""Numbers, symbols and choices as a user writes them, read exactly and without evaluation.

Each reader takes a value of unknown type and raises a `NetworkError` whose text continues a
sentence that starts with the name of the key or option: "is a number from 0 to 1, not 'x'".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from keyword import iskeyword

from sympy import Expr, Symbol

from derive.algebra.indices import LETTERS
from derive.algebra.numerals import MAXIMAL_DIGITS, FloatText, exact
from derive.algebra.primitives import PRIMITIVES
from derive.algebra.quantities import KINDS
from derive.errors import NetworkError

MAXIMAL_NAME = 20
_SHOWN = 40
_LISTED = 12

_NAME = re.compile(r"[A-Za-z]+(_[A-Za-z0-9]+)?")

#: What a formula already writes; with or without an index, so z_1 is no name of a width.
_TAKEN_WITH_INDEX = frozenset({*KINDS, *LETTERS, "x", "k", "h", "H", "e", "E", "I", "pi", "delta"})
_TAKEN = frozenset(
    {
        *("ReLU", "Step", "LeakyReLU", "exp", "log", "max", "sum", "yhat", "d", "phi"),
        *(f"d{kind}" for kind in (*KINDS, "x")),
    }
)
#: Words that formulas use or might, in any mixture of capitals.
_WORDS = frozenset(
    {
        *(row.name for row in PRIMITIVES),
        *("relu", "step", "leakyrelu", "leaky_relu", "heaviside", "dirac", "right", "left"),
        *("identity", "softmax", "silu", "gelu", "elu"),
        *("abs", "sign", "max", "min", "sum", "product", "integral", "limit"),
        *("cases", "diff", "derivative", "if", "otherwise", "and", "or", "not", "true", "false"),
        *("none", "null"),
    }
)
#: What is no real number, in any mixture of capitals, with or without an index.
_NOT_REAL = frozenset({"nan", "inf", "infinity", "oo", "zoo"})


def shown(value: object) -> str:
    """A user's value as messages quote it: short, on one line, harmless."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        large = abs(value) >= 10**MAXIMAL_DIGITS  # str() refuses very long ones
        return f"a number of more than {MAXIMAL_DIGITS} digits" if large else str(value)
    if isinstance(value, FloatText):
        return _shortened(value.text)
    if isinstance(value, str):
        return repr(_shortened(value))
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    return "nothing" if value is None else "a date or time"


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def did_you_mean(value: object, known: Iterable[str]) -> str:
    """'; did you mean relu?' when a name is close to a known one, otherwise nothing."""
    text = value[:_SHOWN] if isinstance(value, str) else ""
    spellings = {name.lower(): name for name in known}
    near = get_close_matches(re.sub(r"[\s-]", "_", text.lower()), spellings, 1)
    near = near or get_close_matches(text.lower(), spellings, 1)
    return f"; did you mean {spellings[near[0]]}?" if near else ""


def listed(names: Iterable[str]) -> str:
    """'a, b, c', cut where it would be too long to read."""
    every = list(names)
    return ", ".join(every[:_LISTED]) + (", …" if len(every) > _LISTED else "")


def _numeric(text: str) -> bool:
    """Whether a text is meant as a number, be it a valid one or not."""
    return text.lstrip()[:1] in tuple("+-.0123456789")


def symbol(text: str, example: str, **assumptions: bool) -> Symbol:
    """A symbol of this name, which must be none that formulas already use."""
    if len(text) > MAXIMAL_NAME or not _NAME.fullmatch(text):
        raise NetworkError(
            f"cannot be the symbol {shown(text)}: a symbol is up to {MAXIMAL_NAME} characters, "
            f"letters and then perhaps _ and an index, such as {example}"
        )
    base = text.split("_")[0]
    words = text in _TAKEN or text.lower() in _WORDS or iskeyword(text)
    if words or base in _TAKEN_WITH_INDEX or base.lower() in _NOT_REAL:
        raise NetworkError(
            f"cannot be the symbol {shown(text)}: that name is taken; "
            f"choose another, such as {example}"
        )
    return Symbol(text, **assumptions)


def width(value: object) -> Expr:
    """A number of units: a whole number from 1, or a symbol."""
    if isinstance(value, str) and not _numeric(value):
        return symbol(value, "n_1", integer=True, positive=True)
    number = exact(value)
    if number is None or number.q != 1 or number < 1 or isinstance(value, FloatText):
        raise NetworkError(f"is a whole number from 1 or a symbol such as n_1, not {shown(value)}")
    return number


def slope(value: object) -> Expr:
    """The slope of a leaky ReLU: an exact number or a symbol."""
    if isinstance(value, str) and not _numeric(value):
        return symbol(value, "alpha", real=True)
    number = exact(value)
    if number is None:
        raise NetworkError(f"is a number such as 1/10 or a symbol, not {shown(value)}")
    return number


def threshold(value: object) -> Expr:
    """The threshold of a cost: a positive exact number or a symbol."""
    if isinstance(value, str) and not _numeric(value):
        return symbol(value, "tau", real=True)
    number = exact(value)
    if number is None or number <= 0:
        raise NetworkError(f"is a positive number such as 1/2 or a symbol, not {shown(value)}")
    return number


def step_at_zero(value: object) -> Expr:
    """The value of Step(0): an exact number (the network checks its range) or h0."""
    if value in ("h0", "h_0"):
        return Symbol("h_0", real=True)
    number = exact(value)
    if number is None:
        raise NetworkError(f"is a number from 0 to 1, or h0, not {shown(value)}")
    return number


def choice(value: object, known: Iterable[str]) -> str:
    """One of the known names."""
    names = list(known)
    if isinstance(value, str) and value in names:
        return value
    raise NetworkError(f"is one of {listed(names)}, not {shown(value)}{did_you_mean(value, names)}")


def boolean(value: object) -> bool:
    """True or false, and nothing that merely resembles them."""
    if isinstance(value, bool):
        return value
    raise NetworkError(f"is true or false, not {shown(value)}")
