"""How wide LaTeX mathematics will be, roughly, and where to break it.

Widths are in em of the running text.  They are estimates, a little on the large side; a
test compiles every example and finds what would stick out.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sympy import Add, Expr, Mul, Sum

from derive.algebra.quantities import Partial
from derive.algebra.quantity_tex import THIN
from derive.model.matrices import Matrix
from derive.notation.spelling import parenthesised
from derive.notation.tex import LatexWriter, factors_of, shared_fraction, terms_of
from derive.notation.tex_matrices import terms as matrix_terms

#: Spaces count in words only.
_WORDS = re.compile(r"\\text\{([^{}]*)\}")
_SPACE = 0.33
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}^_&]|.", re.S)
#: Commands that take room of their own; all others count as one letter or nothing.
_WIDTHS = {
    r"\sum": 1.5, r"\frac": 0.3, r"\,": 0.17, r"\;": 0.28, r"\left": 0.15, r"\right": 0.15,
    r"\mathrm": 0.0, r"\text": 0.0, r"\partial": 0.58, r"\begin": 1.2, r"\end": 0.0,
    r"\tanh": 2.0, r"\log": 1.4, r"\min": 1.7, r"\max": 1.9, r"\qquad": 2.0, r"\quad": 1.0,
    r"\otimes": 1.25, r"\odot": 1.25, r"\top": 0.8,
    r"\\": 0.0, r"\cdot": 0.75, r"\le": 1.3, r"\ge": 1.3, r"\ne": 1.3,
}  # fmt: skip
_CHARACTERS = {" ": 0.0, "+": 1.25, "-": 1.25, "=": 1.35, ">": 1.35, "<": 1.35, ",": 0.45,
               "(": 0.4, ")": 0.4, "[": 0.35, "]": 0.35, "|": 0.3, "W": 1.0, "C": 0.77,
               "m": 0.9, "w": 0.75, "i": 0.35, "j": 0.42, "l": 0.32}  # fmt: skip

#: A single term is broken only where it is too wide by more than an estimate may be off.
_ROUGHLY = 1.1
#: A sum in parentheses is broken where its lines are narrower than this part of the whole.
_MUCH_NARROWER = 0.75


def width(text: str) -> float:
    """The estimated width in em."""
    tokens = _TOKEN.findall(text)
    total, _ = _run(tokens, 0, 1.0)
    return total + _SPACE * sum(words.count(" ") for words in _WORDS.findall(text))


def _run(tokens: list[str], at: int, scale: float) -> tuple[float, int]:
    """Width of tokens up to the brace that closes this group."""
    total = 0.0
    scripts: dict[str, float] = {}
    beside = 0.0
    while at < len(tokens) and tokens[at] != "}":
        token = tokens[at]
        if token in "^_":
            inner, at = _argument(tokens, at + 1, scale * 0.72)
            # A sub- and a superscript of one letter stand above each other, and those of a
            # sum sign above and below it.
            extra = max(0.0, inner - max(scripts.values(), default=beside))
            scripts[token] = inner
            total += extra
            continue
        scripts = {}
        beside = _WIDTHS[token] * scale if token == r"\sum" else 0.0
        if token == r"\frac":
            above, at = _argument(tokens, at + 1, scale)
            below, at = _argument(tokens, at, scale)
            total += max(above, below) + 0.3 * scale
        elif token == r"\begin" or token == r"\end":
            _, at = _argument(tokens, at + 1, 0.0)
            total += _WIDTHS[token] * scale
        elif token == "{":
            inner, at = _run(tokens, at + 1, scale)
            total += inner
            at += 1
        else:
            total += scale * (
                _WIDTHS.get(token, 0.6) if token[0] == "\\" else _CHARACTERS.get(token, 0.55)
            )
            at += 1
    return total, at


def _argument(tokens: list[str], at: int, scale: float) -> tuple[float, int]:
    if at < len(tokens) and tokens[at] == "{":
        inner, end = _run(tokens, at + 1, scale)
        return inner, end + 1
    return (scale * 0.55, at + 1)


def lines(expression: Expr | Matrix, limit: float, writer: LatexWriter) -> list[str]:
    """The expression as LaTeX on one line, or broken at its terms or factors to fit."""
    text = writer.text(expression)
    if width(text) <= limit:
        return [text]
    if isinstance(expression, Matrix):
        return _packed(
            [[writer.text(term)] for term in matrix_terms(expression)], limit, _with_sign
        )
    if isinstance(expression, Add):
        return _sum_lines(expression, limit, writer)
    if isinstance(expression, Partial) and rf"\left[{writer.text(expression.of)}\right]" in text:
        # Brackets that grow by themselves would have to close on the line that they open on.
        head = text[: text.index(r"\left[")] + r"\Bigl["
        return _around(head, lines(expression.of, limit - width(head), writer), r"\Bigr]")
    if isinstance(expression, Mul) and Mul(*expression.args) == expression:
        negative, above, below = factors_of(expression)
        if not below and not any(isinstance(factor, Sum) for factor in above):
            parts = [_factor_lines(factor, limit, writer) for factor in above]
            packed = _packed(parts, limit, lambda text: THIN + text, r"{}\cdot ")
            return [("-" if negative else "") + packed[0], *packed[1:]]
    if isinstance(expression, Sum):
        head = text[: len(text) - len(writer.text(expression.function))]
        return _around(head, lines(expression.function, limit - width(head), writer), "")
    return [text]


def _sum_lines(expression: Add, limit: float, writer: LatexWriter) -> list[str]:
    """A sum broken at its terms, inside the brackets behind a fraction that they share."""
    size, bare = shared_fraction(expression)
    if size == 1:
        terms = terms_of(expression)
        return _packed([lines(term, _ROUGHLY * limit, writer) for term in terms], limit, _with_sign)
    head = f"{writer.text(size)}{THIN}("
    return _around(head, _sum_lines(bare, limit - width(head), writer), ")")


def _factor_lines(factor: Expr, limit: float, writer: LatexWriter) -> list[str]:
    """A factor of a product; a sum is in parentheses, broken inside where that helps."""
    text = writer.juxtaposed([factor])
    if not isinstance(factor, Add):
        return [text]
    broken = _sum_lines(factor, limit - width("("), writer)
    if max(map(width, broken)) > _MUCH_NARROWER * width(text):
        return [parenthesised(text)]
    return _around(r"\Bigl(", broken, r"\Bigr)")


def _around(head: str, broken: list[str], tail: str) -> list[str]:
    """Lines with something before the first and behind the last."""
    first, *rest = broken
    whole = [head + first, *rest]
    return [*whole[:-1], whole[-1] + tail]


def _with_sign(text: str) -> str:
    return f" - {text[1:]}" if text.startswith("-") else f" + {text}"


def _packed(
    parts: list[list[str]], limit: float, joined: Callable[[str], str], start: str = ""
) -> list[str]:
    """Parts put on as few lines as fit; one that is broken itself has lines to itself."""
    packed = [*parts[0]]
    broken = len(parts[0]) > 1
    for first, *rest in parts[1:]:
        if not broken and not rest and width(packed[-1] + joined(first)) <= limit:
            packed[-1] += joined(first)
        else:
            packed.append((start + first) if start else "{}" + joined(first))
        packed += rest
        broken = bool(rest)
    return packed
