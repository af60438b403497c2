r"""LaTeX mathematics as boxes: a text, how wide it will be, and how strongly it holds together.

Boxes are put side by side, above each other and in parentheses; what is large knows its width
from that of its parts, and no text is read again.  Widths are in em of the running text.  They
are estimates, a little on the large side; a test compiles every example and finds what would
stick out.  The layout of quantities and of their derivatives, W^{(0)}_{ij}, \partial C, is here
too; `write` is the printer that writes layer numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr

#: The space between factors.
THIN = r"\,"
#: Binding strength; a part that binds less than its place asks for gets parentheses.
OR, AND, COMPARISON, SUM, KRONECKER, PRODUCT, POWER, ATOM = range(8)

#: In the order of the alphabet, without those that look like Latin letters.
GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi"),
    "omega",
)
GREEK_CAPITALS = (
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
)
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|.", re.S)
#: Commands that take room of their own; all others are as wide as a letter.
_COMMANDS = {
    r"\,": 0.17, r"\;": 0.28, r"\left": 0.15, r"\right": 0.15, r"\mathrm": 0.0,
    r"\partial": 0.58, r"\tanh": 2.0, r"\sin": 1.3, r"\cos": 1.4,
    r"\log": 1.4, r"\min": 1.7, r"\max": 1.9, r"\qquad": 2.0,
    r"\quad": 1.0, r"\otimes": 1.25, r"\odot": 1.25, r"\top": 0.8, r"\\": 0.0, r"\cdot": 0.75,
    r"\le": 1.3, r"\ge": 1.3, r"\ne": 1.3,
}  # fmt: skip
_CHARACTERS = {" ": 0.0, "+": 1.25, "-": 1.25, "=": 1.35, ">": 1.35, "<": 1.35, ",": 0.45,
               "(": 0.4, ")": 0.4, "[": 0.35, "]": 0.35, "|": 0.3, "W": 1.0, "C": 0.77,
               "m": 0.9, "w": 0.75, "i": 0.35, "j": 0.42, "l": 0.32, "{": 0.0,
               "}": 0.0}  # fmt: skip
_SCRIPT = 0.72
_WORD_SPACE = 0.33


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of mathematics.

    Attributes:
        text: how it is written.
        width: how wide it will be.
        strength: how strongly it holds together.
        tall: whether parentheses around it grow.
        raised: whether something in it stands above the line.
    """

    text: str
    width: float
    strength: int = ATOM
    tall: bool = False
    raised: bool = False


@lru_cache(maxsize=4096)
def glyphs(text: str, strength: int = ATOM) -> Box:
    """A name, a number or a sign; what stands behind ^ or _ in a name of a user's is small."""
    base, *scripts = re.split(r"[\^_]", text)
    width = _width(base) + _SCRIPT * sum(map(_width, scripts))
    return Box(text, width, strength, raised="^" in text)


def words(text: str) -> Box:
    """Words between formulas."""
    return Box(rf"\text{{{text}}}", _width(text) + _WORD_SPACE * text.count(" "))


def _width(text: str) -> float:
    return sum(
        _COMMANDS.get(token, 0.6) if token[0] == "\\" else _CHARACTERS.get(token, 0.55)
        for token in _TOKEN.findall(text)
    )


def row(*parts: Box | str, strength: int = ATOM, tall: bool = False) -> Box:
    """Parts side by side."""
    boxes = [glyphs(part) if isinstance(part, str) else part for part in parts]
    return Box(
        "".join(box.text for box in boxes),
        sum(box.width for box in boxes),
        strength,
        tall or any(box.tall for box in boxes),
        any(box.raised for box in boxes),
    )


def listed(between: str | Box, boxes: Sequence[Box], strength: int = ATOM) -> Box:
    """Boxes with something between each two."""
    parts = [part for box in boxes for part in (between, box)]
    return row(*parts[1:], strength=strength)


def grown(opening: str, box: Box, closing: str) -> Box:
    """Brackets that are as tall as what is in them."""
    return row(rf"\left{opening}", box, rf"\right{closing}", tall=True)


def parenthesised(box: Box) -> Box:
    """Parentheses, which grow where the content is tall."""
    return grown("(", box, ")") if box.tall else row("(", box, ")")


def fraction(above: Box, below: Box, strength: int = PRODUCT) -> Box:
    """One above the other."""
    width = max(above.width, below.width) + 0.3
    text = rf"\frac{{{above.text}}}{{{below.text}}}"
    return Box(text, width, strength, tall=True, raised=above.raised or below.raised)


def script(mark: str, text: str) -> str:
    """A sub- or superscript, its braces dropped where one character needs none."""
    return mark + (text if len(text) == 1 else f"{{{text}}}")


def braced(mark: str, text: str) -> str:
    """A sub- or superscript in braces."""
    return f"{mark}{{{text}}}"


def scripted(
    base: Box | str,
    above: Box | str = "",
    below: Box | str = "",
    strength: int = ATOM,
    write: Callable[[str, str], str] = script,
) -> Box:
    """A base with a superscript and a subscript, of which either may be empty."""
    base, above, below = (glyphs(p) if isinstance(p, str) else p for p in (base, above, below))
    marks = (("^", above.text), ("_", below.text))
    return Box(
        base.text + "".join(write(mark, text) for mark, text in marks if text),
        base.width + _SCRIPT * max(above.width, below.width),
        strength,
        tall=base.tall or above.tall or below.tall,
        raised=bool(above.text) or base.raised or below.raised,
    )


def big_sum(start: Box, end: Box) -> Box:
    r"""\sum_{start}^{end}, with the space behind it."""
    beside = max(1.5, _SCRIPT * start.width, _SCRIPT * end.width)
    text = rf"\sum_{{{start.text}}}{script('^', end.text)} "
    return Box(text, beside, tall=True, raised=True)


def environment(name: str, rows: Sequence[Sequence[Box]]) -> Box:
    """The rows of a table, such as cases, and a bracket beside it."""
    text = r" \\ ".join(" & ".join(box.text for box in cells) for cells in rows)
    width = max(sum(box.width for box in cells) + 0.55 * (len(cells) - 1) for cells in rows)
    return Box(rf"\begin{{{name}}} {text} \end{{{name}}}", 1.2 + width, tall=True)


def joined(written: Sequence[str]) -> str:
    """Indices side by side, with commas where any is longer than a character."""
    separate = any(len(one) > 1 for one in written)
    return ("," if separate else "").join(written)


# -- quantities ----------------------------------------------------------------------------


def quantity_box(
    kind: str, layer: Expr, indices: Sequence[str], write: Callable[[Any], str]
) -> Box:
    """W^{(0)}_{ij}, z^{(1)}_j, x_i (the output of layer 0), y_j, U_j, C."""
    below = joined(indices)
    if kind == "r" and layer == 0:
        return scripted("x", below=below)
    if kind in "yUCt":
        return scripted(kind, below=below)
    letter, number = (r"\gamma" if kind == "Gv" else kind), layer_tex(layer, write)
    if not number:
        letter, number = name_parts(kind)
    return scripted(letter, f"({number})" if number else "", below)


def name_parts(name: str) -> tuple[str, str]:
    r"""W and 0 for W0, \beta for beta, \mathrm{WQ} for WQ: a name of more than a letter."""
    base = name.rstrip("0123456789").rstrip("_")
    number = name[len(base) :].lstrip("_")
    if base in GREEK + GREEK_CAPITALS:
        base = "\\" + base
    elif len(base) > 1:
        base = rf"\mathrm{{{base.replace('_', THIN)}}}"
    return base, number


def layer_tex(layer: Expr, write: Callable[[Any], str]) -> str:
    """A layer number, its symbol first: k+1, k-1, 3; nothing for what has no superscript."""
    if not str(layer):
        return ""
    number, base = layer.as_coeff_Add()
    if base == 0:
        return str(number)
    return write(base) + (f"{int(number):+d}" if number else "")


def derivative_box(of: Box | str, variables: Sequence[Box]) -> Box:
    r"""\frac{\partial^2 C}{\partial W^{(0)}\,\partial W^{(1)}}; `of` may be empty."""
    order = len(variables)
    above = [scripted(r"\partial", str(order) if order > 1 else ""), *([" ", of] if of else [])]
    if order == 2 and variables[0].text == variables[1].text:
        below = row(r"\partial {", variables[0], "}", scripted("", "2"))
    else:
        below = listed(THIN, [row(r"\partial ", variable) for variable in variables])
    return fraction(row(*above), below, ATOM)


def along_box(of: Box) -> Box:
    """R{of}, the derivative along the direction of a Hessian-vector product."""
    return row(r"\mathcal{R}", grown(r"\{", of, r"\}"))


def bracketed(box: Box) -> Box:
    """What a derivative sign acts on."""
    return grown("[", box, "]")
