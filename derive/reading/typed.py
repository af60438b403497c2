"""Formulas as people type them, in the ASCII notation, each character with its place.

dC/dw2 = (yhat-y)(1 if z2>0 else 0) r1        dC/dw2 = (yhat-y)*cases(1 if z2>0; 0 otherwise)*r1
∂C/∂w₁ = 2(ŷ−y)·𝟙[z₁>0]·x                     ∂C/∂w1 = 2*(ŷ−y)*cases(1 if z1>0; 0 otherwise)*x
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_WORD = r"(?!(?:if|else|and|or|when|for|otherwise|then|where)\b)[A-Za-z]"
#: 1 where a comparison holds: 1[z>0], 1{z>0}, 1(z>0), with any sign for the 1.
_INDICATOR = re.compile(
    r"(?:𝟙|𝟏|(?<![\w.])1|(?<![\w.])I)(?:_?\{(?P<curly>[^{}]*[<>≤≥][^{}]*)\}"
    r"|\[(?P<square>[^\[\]]*[<>≤≥][^\[\]]*)\]|\((?P<round>[^()]*[<>≤≥][^()]*)\))"
)
_BRACKETED = re.compile(
    r"\((?P<yes>[^()]{1,80}?)\s+if\s+(?P<when>[^()]{1,80}?)\s+else\s+(?P<no>[^()]{1,80}?)\)"
)
_WHOLE = re.compile(
    r"(?<==)\s*(?P<yes>[^=()]{1,80}?)\s+if\s+(?P<when>[^=()]{1,80}?)\s+else\s+(?P<no>[^=()]{1,80})$"
)
_PRODUCT = re.compile(
    rf"(?P<left>\)|(?<![\w.])\d+(?:\.\d+)?|(?<![\w.]){_WORD}\w*(?=\s))\s*(?={_WORD}|ŷ|\()"
)
_POWER = re.compile(r"(?<=[\w)\]ŷ])(?P<digits>[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4})")
_SUBSCRIPT = re.compile(r"[₀₁₂₃₄₅₆₇₈₉]{1,4}")


@dataclass(frozen=True)
class Typed:
    """A text, and for each of its characters the place in what was typed."""

    text: str
    places: tuple[int, ...]

    def place(self, position: int) -> int:
        """Where a position of the text stands in what was typed."""
        return self.places[min(position, len(self.places) - 1)]

    def put(self, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> Typed:
        """Other words where a pattern is found; each of them is at its start."""
        pieces: list[str] = []
        places: list[int] = []
        done = 0
        for found in pattern.finditer(self.text):
            word = new(found)
            pieces += [self.text[done : found.start()], word]
            places += self.places[done : found.start()]
            places += _along(word, self.text, found.start(), self.places)
            done = found.end()
        text = "".join([*pieces, self.text[done:]])
        return Typed(text, (*places, *self.places[done:]))


def _along(word: str, text: str, start: int, places: tuple[int, ...]) -> list[int]:
    """The characters that stay keep their places, and the others have that of the first."""
    if text.startswith(word[:1], start) and len(word) > 1:
        kept = next(
            (n for n, c in enumerate(word) if text[start + n : start + n + 1] != c), len(word)
        )
        return [*places[start : start + kept], *([places[start]] * (len(word) - kept))]
    return [places[start]] * len(word)


def typed(content: str) -> Typed:
    """What was typed, as it is."""
    return Typed(content, (*range(len(content) + 1),))


def as_ascii(content: str, names: Mapping[str, str]) -> Typed:
    """Cases, indicators, Unicode digits and products without a sign, in the ASCII notation.

    `names` are those that the document declares, w_1 or w1, by what they stand for.
    """
    found = typed(content)
    found = found.put(_SUBSCRIPT, lambda f: f[0].translate(_DIGITS))
    for name, target in names.items():
        whole = re.compile(
            rf"(?<!\w)(?P<d>d?)(?:{re.escape(name)}|{re.escape(name.replace('_', ''))})(?!\w)"
        )
        found = found.put(whole, lambda f, t=target: f"{f['d']}{t}")
    found = found.put(_POWER, lambda f: f"^{f['digits'].translate(_POWERS)}")
    found = found.put(re.compile("½"), lambda _: "(1/2)")
    found = found.put(_INDICATOR, lambda f: f"cases(1 if {_inside(f)}; 0 otherwise)")
    for pattern in (_BRACKETED, _WHOLE):
        found = found.put(
            pattern,
            lambda f: f"cases({f['yes'].strip()} if {f['when']}; {f['no'].strip()} otherwise)",
        )
    return found.put(_PRODUCT, lambda f: f"{f['left']}*")


def _inside(found: re.Match[str]) -> str:
    inside = found["curly"] or found["square"] or found["round"]
    return inside.replace("≤", "<=").replace("≥", ">=")
