"""Conditions: z > 0, 0 < x < 1, z_1 > 0 and z_2 > 0, or otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sympy import And, Basic, Expr, Max, Min, Or
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne

from derive.algebra.indices import LETTERS
from derive.model.matrices import Matrix
from derive.notation.ascii.arithmetic import has_widths
from derive.reading.latex.grammar import values
from derive.reading.latex.grammar.reader import FormulaReader
from derive.reading.latex.lexical.cursor import split, with_depth
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.tokens import Token

_AND = ("and", "with", "und", "mit")
_OR = ("or", "oder")
#: Words that may stand in a condition.
_JOINING = frozenset(
    ("", *_AND, *_OR, "both", "all", "if", "for", "when", "where", "falls", "wenn")
)
_SIGNS = {">": Gt, "<": Lt, "=": Eq}
_COMMANDS = {
    **dict.fromkeys(("gt",), Gt),
    **dict.fromkeys(("lt",), Lt),
    **dict.fromkeys(("ge", "geq", "geqslant"), Ge),
    **dict.fromkeys(("le", "leq", "leqslant"), Le),
    **dict.fromkeys(("ne", "neq"), Ne),
}


def relation_of(token: Token) -> Any:
    """The relation that a sign of comparison writes."""
    if token.kind == "sign":
        return _SIGNS.get(token.text)
    return _COMMANDS.get(token.text) if token.kind == "command" else None


def condition(reader: FormulaReader, of_units: bool = False) -> Basic:
    """All of the reader's tokens as one condition; `of_units` admits i = j.

    Raises:
        LatexError: when they are none.
    """
    tokens: list[Token] = []
    while not reader.at_end:
        tokens.append(reader.advance())
    for token in tokens:
        if token.kind == "text" and token.text.strip(" ,.;:").lower() not in _JOINING:
            raise LatexError(token.start, f"the words {token} in a condition are not read")
    return _any(reader, tokens, of_units)


def _any(reader: FormulaReader, tokens: Sequence[Token], of_units: bool) -> Basic:
    """Alternatives, which "or" parts; each several conditions, which "and" or a comma parts."""
    alternatives: list[Basic] = []
    for alternative in _cut(tokens, _OR, ("lor", "vee")):
        parts = _cut(alternative, _AND, ("land", "wedge", "&"))
        parts = [piece for part in parts for piece in split(part, ",", "quad", ";")]
        parts = _shared([part for part in parts if _meaningful(part)])
        found = [_comparison(reader, part, of_units) for part in parts]
        if not found:
            at = tokens[0].start if tokens else 0
            raise LatexError(at, "a condition such as z > 0 is expected here")
        alternatives.append(And(*found))
    return Or(*alternatives)


def _shared(parts: Sequence[list[Token]]) -> list[list[Token]]:
    """w, x > 0 as w > 0, x > 0; and 0 < w, x < 1 as 0 < w < 1, 0 < x < 1."""
    found: list[list[Token]] = []
    waiting: list[list[Token]] = []
    for part in parts:
        sides, signs = _sides(part)
        if not signs and _is_name(part):
            waiting.append(part)
            continue
        found += ([*name, *part[len(sides[0]) :]] for name in waiting)
        found.append(part)
        waiting = []
    found += waiting
    for n, (one, other) in enumerate(pairwise(found)):
        (left, first), (right, second) = _sides(one), _sides(other)
        if len(first) == len(second) == 1 and first[0] in (Gt, Ge, Lt, Le):
            same_way = (first[0] in (Lt, Le)) == (second[0] in (Lt, Le))
            open_ends = not _is_name(left[0]) and not _is_name(right[1])
            if same_way and open_ends and _is_name(left[1]) and _is_name(right[0]):
                found[n] = [*one, *other[len(right[0]) :]]
                found[n + 1] = [*one[: -len(left[1])], *other]
    return found


def _is_name(tokens: Sequence[Token]) -> bool:
    """Whether a part begins as a name does, and is no number."""
    first = next((token for token in tokens if token.kind not in ("quad", "text")), None)
    return first is not None and first.kind == "name"


def _meaningful(tokens: Sequence[Token]) -> bool:
    return any(token.kind not in ("quad", "text") and not token.is_sign(".") for token in tokens)


def _cut(
    tokens: Sequence[Token], words: tuple[str, ...], commands: tuple[str, ...]
) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token, depth in with_depth(tokens):
        is_word = token.kind == "text" and token.text.strip(" ,.").lower() in words
        if depth == 0 and (is_word or token.is_command(*commands)):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _comparison(reader: FormulaReader, tokens: Sequence[Token], of_units: bool) -> Basic:
    """a > b, or a < b < c."""
    sides, signs = _sides(tokens)
    if not signs:
        raise LatexError(tokens[0].start, "a comparison such as > 0 is expected here")
    units = [_unit(reader, side) if of_units else None for side in sides]
    if all(sign in (Eq, Ne) for sign in signs) and all(unit is not None for unit in units):
        read = [unit for unit in units if unit is not None]
    else:
        read = [_number(reader, side, tokens) for side in sides]
    links: list[Basic] = []
    for sign, (left, right) in zip(signs, pairwise(read), strict=True):
        links.append(_related(sign, left, right))
    return And(*links)


def _related(sign: Any, left: Expr, right: Expr) -> Basic:
    """left > right; of the smallest of several, each of them; of the largest, one of them."""
    for extreme, all_of in ((Min, (Gt, Ge)), (Max, (Lt, Le))):
        if isinstance(left, extreme) and sign in (Gt, Ge, Lt, Le):
            parts = [_related(sign, argument, right) for argument in left.args]
            return And(*parts) if sign in all_of else Or(*parts)
    return sign(left, right, evaluate=not has_widths(left, right))


def _unit(reader: FormulaReader, side: Sequence[Token]) -> Expr | None:
    """A letter that counts units in this formula and means nothing else: the i of i = j."""
    kept = [token for token in side if token.kind not in ("quad", "text")]
    while kept and kept[-1].is_sign(".", ",", ";"):
        kept = kept[:-1]
    if len(kept) != 1 or kept[0].kind != "name":
        return None
    text = kept[0].text
    if reader.scope.lexicon.knows(text) or not (text in LETTERS or text in reader.scope.free):
        return None
    return reader.scope.unit(text, kept[0].start)


def _number(reader: FormulaReader, side: Sequence[Token], tokens: Sequence[Token]) -> Expr:
    value = _value(reader, side, tokens)
    if isinstance(value, Matrix):
        raise LatexError(tokens[0].start, "a condition compares numbers, and this is a vector")
    return value


def _value(reader: FormulaReader, side: Sequence[Token], tokens: Sequence[Token]) -> values.Value:
    kept = [token for token in side if token.kind not in ("quad", "text")]
    while kept and kept[-1].is_sign(".", ",", ";"):
        kept = kept[:-1]
    if not kept:
        raise LatexError(tokens[0].start, "one side of this comparison is empty")
    return reader.inside(kept, kept[-1].end).whole()


def _sides(tokens: Sequence[Token]) -> tuple[list[list[Token]], list[Any]]:
    sides: list[list[Token]] = [[]]
    signs: list[Any] = []
    for token, depth in with_depth(tokens):
        relation = relation_of(token) if depth == 0 else None
        if relation is None:
            sides[-1].append(token)
        else:
            signs.append(relation)
            sides.append([])
    return sides, signs


def condition_or_vector(reader: FormulaReader) -> Basic | tuple[Matrix, Basic]:
    """A condition; where it compares a vector with a number, the vector and its entries' one."""
    tokens: list[Token] = []
    while not reader.at_end:
        tokens.append(reader.advance())
    sides, signs = _sides(tokens)
    if len(signs) == 1 and not all(_unit(reader, side) is not None for side in sides):
        left, right = (_value(reader, side, tokens) for side in sides)
        if isinstance(left, Matrix) and not isinstance(right, Matrix):
            return left, signs[0](values.ENTRY, right)
        if isinstance(right, Matrix) and not isinstance(left, Matrix):
            return right, signs[0](left, values.ENTRY)
    return _any(reader, tokens, True)


def otherwise(tokens: Sequence[Token]) -> bool:
    """Whether these words say: in all other cases."""
    words = " ".join(token.text for token in tokens if token.kind in ("text", "name"))
    squeezed = words.replace(" ", "").strip(" ,.").lower()
    return squeezed in (
        *("otherwise", "else", "elsewhere", "inallothercases", "ow", "o.w"),
        *("sonst", "andernfalls"),
    )
