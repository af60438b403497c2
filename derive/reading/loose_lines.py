"""Formulas outside of all delimiters: in plain fences, in indented code, on lines of their own.

A line counts as one that has an equality and a derivative, or a sign that only mathematics has;
dZ2 = … is a derivative too; where derivatives stand on such lines, also one that is an equality and
nothing else.
What stands among words is not read, since nobody can tell where it ends; but it is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from derive.reading.ascii_lines import read_line
from derive.reading.delimiters import (
    MATHML,
    is_read,
    with_delimiters,
    with_fences,
    with_typed_scripts,
)
from derive.reading.latex.lexical.raw import blank
from derive.reading.latex.state import Source, State
from derive.reading.prose.words import is_among_words
from derive.reading.spans import spans_of, without_tagged_code
from derive.reading.statements import NotUnderstood, Place, ShapesDisagree, Statement

_EQUALITY = re.compile(r"(?<![<>=!:+\-*/])=(?!=)|＝")
_DERIVATIVE = re.compile(
    r"(?<![\w\\])(?:∂|d)\s?[A-Za-zŷ][\w\[\],₀-₉]{0,20}\s?/\s?(?:∂|d)\s?[A-Za-zŷ]|∇_?[A-Za-z]"
)
_SIGNS = re.compile(r"[∂∇∑Σ∏𝟙ᵀ⊙∘ŷδσ₀-₉][^=\n]*＝?=|=[^=\n]*[∂∇∑Σ𝟙ᵀ⊙ŷσ₀-₉]")
#: dZ2 = A2 - Y and dW[1] = ..., as courses call derivatives in their programs.
_SIGNAL = re.compile(r"[ \t>]*d[A-Z][A-Za-z]?\d{0,2}(?:\[\w{1,3}\])?[ \t]*=(?!=)")
#: z = w*x + b: a line that is one equality, of which no sign tells that it is mathematics.
_FORMULA = re.compile(
    r"[ \t]*[^\W\d][\w\u0302^'{}()\[\],]{0,20}[ \t]*=[ \t]*(?!-?[\d.]+(?:e-?\d+)?[ \t]*$)"
    r"[\w\s\u0302.,+\-*/^()\[\]{}·⋅×−²³½‖|]*[+\-*/^(·⋅×−²³½‖\s][\w\s\u0302.,+\-*/^()\[\]{}·⋅×−²³½‖|]*"
)
_BULLET = re.compile(r"[ \t]*(?:[-*+>]|\d{1,3}[.)])?[ \t]*")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAGS = re.compile(r"<[^<>\n]{0,300}>")
_FENCES = re.compile(r"^[ \t>]{0,40}(?:`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_MOST = 200
_NO_TEX = "this MathML has an element that is not read; it may carry its TeX, in an annotation"
_AMONG_WORDS = "a formula among words is not read; put it between $ signs, or on a line of its own"


def loose_statements(
    text: str, state: State, place: Callable[[int, int], Place]
) -> Iterator[Statement]:
    """What such lines say, each with the names that those before it have introduced."""
    text = with_typed_scripts(text)
    source = Source(text, place)
    for tree in MATHML.finditer(text):
        if not is_read(tree[0]):
            yield NotUnderstood(place(*tree.span()), _TAGS.sub("", tree[0])[:100], _NO_TEX)
    for start, end in loose_lines(text):
        content = text[start:end]
        found: list[Statement] = []
        if not is_among_words(content):
            state, found = read_line(state, content, start, source)
        if found and all(map(_says_something, found)):
            yield from found
        else:
            why = _AMONG_WORDS if is_among_words(content) else _why(found)
            yield NotUnderstood(place(start, end), content, why)


def _says_something(statement: Statement) -> bool:
    """Whether it was read, perhaps as what shapes deny."""
    return isinstance(statement, ShapesDisagree) or not isinstance(statement, NotUnderstood)


def _why(found: list[Statement]) -> str:
    told = (one.message for one in found if isinstance(one, NotUnderstood))
    return next(told, _AMONG_WORDS)


def _without_spans(text: str) -> str:
    """The text with blanks for what stands in delimiters."""
    pieces: list[str] = []
    done = 0
    for span in sorted(spans_of(text), key=lambda one: one.outer_start):
        start = max(span.outer_start, done)
        end = max(span.outer_end, start)
        pieces += [text[done:start], blank(text[start:end])]
        done = end
    return "".join([*pieces, text[done:]])


def _looks_like_one(line: str) -> bool:
    """Whether a line has an equality, and what only mathematics has."""
    marks = _DERIVATIVE.search(line) or _SIGNS.search(line) or _SIGNAL.match(line)
    return marks is not None and _EQUALITY.search(line) is not None


@lru_cache(maxsize=8)
def loose_lines(text: str) -> tuple[tuple[int, int], ...]:
    """Where lines stand that look like mathematics and are in no delimiters.

    Kept for the last texts, as one is read under many models.
    """
    return tuple(_loose_lines(text))


def _loose_lines(text: str) -> Iterator[tuple[int, int]]:
    rest = without_tagged_code(with_fences(with_typed_scripts(text)))
    rest = _COMMENT.sub(lambda f: blank(f[0]), rest)
    rest = _without_spans(with_delimiters(rest))
    rest = _FENCES.sub(lambda f: blank(f[0]), rest)
    rest = MATHML.sub(lambda f: blank(f[0]), rest)
    rest = _TAGS.sub(lambda f: blank(f[0]), rest)
    lines = [line for line in re.finditer(r"[^\n]+", rest) if _EQUALITY.search(line[0])]
    signed = {line for line in lines if _looks_like_one(line[0])}
    if any(_DERIVATIVE.search(line[0]) and not is_among_words(line[0]) for line in signed):
        signed |= {line for line in lines if _is_formula(line[0])}
    for line in [line for line in lines if line in signed][:_MOST]:
        bullet = _BULLET.match(line[0])
        start = line.start() + (bullet.end() if bullet else 0)
        end = line.end() - (len(line[0]) - len(line[0].rstrip(" \t.,;")))
        if start < end:
            yield start, end


def _is_formula(line: str) -> bool:
    """Whether a line is an equality alone, as one beside derivatives that are typed may be."""
    content = _BULLET.sub("", line.rstrip(" \t.,;"), count=1)
    return _FORMULA.fullmatch(content) is not None and not is_among_words(line)
