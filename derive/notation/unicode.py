r"""Expressions as a terminal shows them: ∂C/∂W⁽⁰⁾ᵢⱼ = (r⁽²⁾ - y)·r⁽¹⁾ᵢ.

Names are those of the LaTeX of a document.  A name is a letter, a Greek letter or a word, perhaps
with an accent, and scripts; where a script has no Unicode of its own it stands behind ^ or _.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Basic, Expr, Symbol

from derive.algebra.boxes import ATOM, GREEK, GREEK_CAPITALS, Box
from derive.algebra.quantities import Partial, Quantity
from derive.notation.one_line import LineWriter
from derive.notation.tex import LatexWriter

_RELATIONS = {
    "StrictGreaterThan": ">",
    "StrictLessThan": "<",
    "GreaterThan": "≥",
    "LessThan": "≤",
    "Equality": "=",
    "Unequality": "≠",
}
_FUNCTIONS = {"sqrt": "√", "pi": "π"}
_ABOVE = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzTLW",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᴸᵂ",
        strict=True,
    )
)
_BELOW = dict(
    zip(
        "0123456789+-=()aehijklmnoprstuvx,",
        "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ,",
        strict=True,
    )
)
#: Unicode spells lambda without its b.
_LETTERS = {
    name: unicodedata.lookup(f"GREEK {case} LETTER {name.replace('mb', 'm')}")
    for case, names in (("SMALL", GREEK), ("CAPITAL", GREEK_CAPITALS))
    for name in names
} | {
    "varepsilon": "ε", "varphi": "φ", "ell": "ℓ", "partial": "∂",
    "top": "T", "prime": "′",
}  # fmt: skip
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "vec": "\u20d7"}
_TOKEN = re.compile(r"\\([A-Za-z]+) ?|\\[,;! ]|(.)", re.S)


@dataclass(frozen=True)
class UnicodeWriter(LineWriter):
    """Writes expressions with the names that `latex` gives to quantities."""

    latex: LatexWriter

    times = "·"
    relations = _RELATIONS

    def box(self, node: Basic) -> Box:
        """As in one line, with error signals by their names."""
        own = self.latex.signal(node) if isinstance(node, Partial) else None
        if own is None:
            return super().box(node)
        name = unicode_name(own.text)
        return Box(name, len(name), ATOM)

    def quantity(self, node: Quantity) -> str:
        """W⁽⁰⁾ᵢⱼ; units count from 1, as in LaTeX."""
        return unicode_name(self.latex.quantity(node).text)

    def symbol(self, node: Symbol) -> str:
        """α, n₀."""
        return unicode_name(self.latex.text(node))

    def derivative(self, of: str, variables: Sequence[str]) -> str:
        """∂C/∂z, ∂²C/∂W∂V."""
        order = "" if len(variables) == 1 else _script(str(len(variables)), _ABOVE, "^")
        return f"∂{order}{of}/" + "".join(f"∂{one}" for one in variables)

    def power(self, base: str, exponent: Expr) -> str:
        """x²."""
        return base + _script(self.text(exponent), _ABOVE, "^")

    def delta(self, places: Sequence[str]) -> str:
        """δᵢⱼ."""
        single = all(len(place) == 1 for place in places)
        return "δ" + _script(("" if single else ",").join(places), _BELOW, "_")

    def index(self, node: Basic) -> str:
        """A letter, or a number from 1."""
        return unicode_name(self.latex.text(node))

    def big_sum(self, bound: Symbol, body: str) -> str:
        """Σⱼ (…)."""
        return f"Σ{_script(bound.name, _BELOW, '_')}({body})"

    def function(self, name: str) -> str:
        """√ and π as signs, all others by their names."""
        return _FUNCTIONS.get(name, name)


def unicode_name(latex: str) -> str:
    r"""A name of LaTeX, `\hat{y}^{(n)}_j`, in Unicode: ŷ⁽ⁿ⁾ⱼ."""
    return _Name(tuple(_TOKEN.finditer(latex))).read()


@dataclass
class _Name:
    """The tokens of a name, and how far they were read."""

    tokens: tuple[re.Match[str], ...]
    at: int = 0

    def read(self) -> str:
        """All that is left, or all up to the end of a group."""
        found = ""
        while self.at < len(self.tokens):
            command, letter = self.tokens[self.at].groups()
            self.at += 1
            if letter == "}":
                break
            if letter in ("^", "_"):
                found += _script(self._one(), *((_ABOVE, "^") if letter == "^" else (_BELOW, "_")))
            elif command in _ACCENTS:
                found += unicodedata.normalize("NFC", self._one() + _ACCENTS[command])
            elif letter == "{":
                found += self.read()
            elif command:
                found += _LETTERS.get(command, "")
            else:
                found += letter or ""
        return found

    def _one(self) -> str:
        """The argument of a command: a group, or one token."""
        if self.at == len(self.tokens):
            return ""
        command, letter = self.tokens[self.at].groups()
        self.at += 1
        if letter == "{":
            return self.read()
        if command in _ACCENTS:
            return unicodedata.normalize("NFC", self._one() + _ACCENTS[command])
        return _LETTERS.get(command, "") if command else letter or ""


def _script(text: str, letters: dict[str, str], sign: str) -> str:
    """A text above or below the line, where Unicode has all of it there."""
    if all(letter in letters for letter in text):
        return "".join(letters[letter] for letter in text)
    return sign + (text if len(text) == 1 else f"({text})")
