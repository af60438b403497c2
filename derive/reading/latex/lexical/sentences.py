r"""What a formula says, one chain of equalities at a time, before any of it is understood.

A chain a = b = c is a `Sentence`: its sides and the signs between them, and the condition
that its line states.  Commas, \Rightarrow, "and" and wide spaces part sentences; rows of an
aligned display continue the chain when they begin with a sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from derive.reading.latex.lexical.bracing import (
    with_matrices,
    without_idle_braces,
    without_idle_brackets,
)
from derive.reading.latex.lexical.cursor import split, with_depth
from derive.reading.latex.lexical.raw import Macro
from derive.reading.latex.lexical.rows import rows_of
from derive.reading.latex.lexical.spelling import DOTS, QUESTIONED
from derive.reading.latex.lexical.squares import with_squares_named
from derive.reading.latex.lexical.tokens import Token, tokenize
from derive.reading.latex.lexical.words import begins_condition
from derive.reading.latex.lexical.written_sums import with_sums_of_dots
from derive.reading.prose.roles import takes_back

_ARROWS = frozenset(
    {
        *("Rightarrow", "implies", "iff", "Leftrightarrow", "Longrightarrow", "Longleftrightarrow"),
        *("therefore", "because", "impliedby", "Leftarrow", "leadsto", "rightsquigarrow"),
    }
)
_DEFINING = frozenset({"equiv", "triangleq", "coloneqq", "doteq", "colonequals", "eqdef"})
_COMPARING = frozenset({"le", "leq", "ge", "geq", "lt", "gt", "ne", "neq", "leqslant", "geqslant"})
_OTHER = {
    **dict.fromkeys(("approx", "simeq", "cong", "sim", "asymp"), "an approximation"),
    "propto": "a proportionality",
    **dict.fromkeys(("to", "rightarrow", "longrightarrow", "mapsto"), "a limit or a mapping"),
    **dict.fromkeys(("leftarrow", "gets", "longleftarrow"), "an assignment of a new value"),
    **dict.fromkeys(("in", "notin", "subset", "subseteq"), "a statement about a set"),
    **dict.fromkeys(("ll", "gg"), "an estimate"),
}
_REASONS = ("since", "because", "as", "given", "assuming", "given that", "assuming that", "with")
#: Words that join conditions, and what they mean.
_JOINING = {"and": "and", "und": "and", "or": "or", "oder": "or"}
_OPERATORS = ("cdot", "times", "ast", "odot", "circ", "otimes")
_COUNTING = frozenset("ijklmn")


@dataclass(frozen=True)
class Relation:
    """The sign between two sides: "=" for an equality, otherwise what it says in words.

    Attributes:
        defining: whether it gives a name, as := does.
        asked: whether it asks for the equality instead of claiming it, with a ? on top.
    """

    sign: str
    token: Token
    defining: bool = False
    asked: bool = False


@dataclass(frozen=True)
class Sentence:
    """A chain: sides[0] relations[0] sides[1] …; `continued` where sides[0] stands before."""

    sides: tuple[tuple[Token, ...], ...] = ((),)
    relations: tuple[Relation, ...] = ()
    where: tuple[Token, ...] = ()

    @property
    def continued(self) -> bool:
        """Whether the chain goes on from what was said last."""
        return bool(self.relations) and not self.sides[0]

    @property
    def is_condition(self) -> bool:
        """Whether it only compares, as x > 0 does."""
        return bool(self.relations) and all(r.sign == "comparison" for r in self.relations)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All tokens but those of the condition, in order."""
        found = list(self.sides[0])
        for relation, side in zip(self.relations, self.sides[1:], strict=True):
            found += [relation.token, *side]
        return tuple(found)


@dataclass(frozen=True)
class _Piece:
    """A stretch between two separators, and how it joins what stands before."""

    joined_by: str  # "start", "comma", "quad", "arrow", "words", "if", "reason", "or", "and"
    tokens: list[Token]


def compares_letters(sentence: Sentence) -> bool:
    r"""Whether a sentence is i = j or i \ne j, of letters that only count units."""
    signs = {relation.sign for relation in sentence.relations}
    if signs not in ({"="}, {"comparison"}) or sentence.where:
        return False
    sides = [[t for t in side if t.kind not in ("quad", "text")] for side in sentence.sides]
    return all(len(side) == 1 and side[0].text in _COUNTING for side in sides)


@lru_cache(maxsize=2_048)
def sentences_in(
    text: str,
    start: int,
    end: int,
    macros: tuple[tuple[str, Macro], ...],
    words: frozenset[str],
    squares: frozenset[str],
) -> tuple[Sentence, ...]:
    """The sentences of the formula text[start:end], which every reading of it shares.

    Raises:
        LatexError: where it cannot be cut into tokens.
    """
    tokens = tokenize(text, start, end, dict(macros), words)
    return tuple(sentences(with_squares_named(tokens, squares)))


def sentences(tokens: Sequence[Token]) -> list[Sentence]:
    """The sentences of a formula, in order."""
    found: list[Sentence] = []
    for row in rows_of(with_matrices(without_idle_brackets(without_idle_braces(tokens)))):
        starts_row = True
        for piece in _pieces(row):
            _add(found, piece, starts_row)
            starts_row = False
    said = (s for s in found if s.relations or s.sides[0] or s.where)
    return [replace(s, sides=tuple(map(with_sums_of_dots, s.sides))) for s in said]


def _add(found: list[Sentence], piece: _Piece, starts_row: bool) -> None:
    """Put a piece to the sentence that it continues, or begin another."""
    if _is_quantifier(piece):
        return
    sentence = _chain(piece.tokens)
    joined = _joined(found[-1], piece, sentence, starts_row) if found else None
    if joined is not None:
        found[-1] = joined
    elif not found and piece.joined_by == "if":
        found.append(Sentence(where=tuple(piece.tokens)))
    else:
        found.append(sentence)


def _joined(
    current: Sentence, piece: _Piece, sentence: Sentence, starts_row: bool
) -> Sentence | None:
    """The sentence with a piece that goes on with it; None where the piece begins another."""
    is_chain = any(relation.sign == "=" for relation in current.relations)
    if _is_condition_of(current, piece, sentence, is_chain and not starts_row):
        return _with_condition(current, piece)
    *before, last = current.sides
    if starts_row and _continues(current, sentence):
        first, *others = sentence.sides
        sides = (*before, (*last, *_without_empty_group(first)), *others)
        return replace(current, sides=sides, relations=current.relations + sentence.relations)
    parted = starts_row or piece.joined_by != "quad" or bool(sentence.relations)
    if not parted and not current.where:
        return replace(current, sides=(*before, (*last, *sentence.sides[0])))
    if _only_states(current) and any(relation.sign == "=" for relation in sentence.relations):
        return replace(sentence, where=current.where + sentence.where)  # if z > 0: a = b
    return None


def _is_condition_of(current: Sentence, piece: _Piece, sentence: Sentence, in_chain: bool) -> bool:
    """Whether a piece says where a sentence holds; `in_chain` if it is in one row with a chain."""
    if in_chain and compares_letters(sentence) and not compares_letters(current):
        return True
    if piece.joined_by == "if" or (piece.joined_by == "reason" and sentence.is_condition):
        return True
    if current.where and piece.joined_by in ("or", "and", "comma") and sentence.is_condition:
        return True
    return in_chain and sentence.is_condition and piece.joined_by in ("comma", "quad")


def _only_states(sentence: Sentence) -> bool:
    """Whether it is a condition at the head, of which nothing has been said yet."""
    return bool(sentence.where) and not sentence.relations and not sentence.sides[0]


def _continues(current: Sentence, sentence: Sentence) -> bool:
    """Whether a new row goes on with the side that the row before ended in."""
    if current.where:
        return False
    ends_open = current.relations and not [t for t in current.sides[-1] if t.kind != "quad"]
    first = next((t for t in sentence.sides[0] if t.kind != "quad"), None)
    if first is None:
        # The row begins with a sign: a link of a chain, or the first behind its left side.
        return not current.relations
    begins_open = first.is_sign("+", "-", "*", "/") or first.is_command(*_OPERATORS)
    empty_group = (
        first.is_sign("{")
        and len(sentence.sides[0]) > 1
        and any(t.is_sign("}") for t in sentence.sides[0][1:2])
    )
    last = next((t for t in reversed(current.sides[-1]) if t.kind != "quad"), None)
    hanging = last is not None and (last.is_sign("+", "-", "*") or last.is_command(*_OPERATORS))
    opened = any(d > 0 for _, d in with_depth(current.sides[-1])[-1:]) and not _closed(
        current.sides[-1]
    )
    return bool(ends_open or begins_open or empty_group or hanging or opened)


def _without_empty_group(side: Sequence[Token]) -> Sequence[Token]:
    r"""\quad {} + b without its {}, which only makes the space before the sign."""
    kept = [n for n, token in enumerate(side) if token.kind != "quad"][:2]
    texts = [side[n].text for n in kept]
    return side[kept[1] + 1 :] if texts == ["{", "}"] else side


def _closed(side: Sequence[Token]) -> bool:
    last = side[-1] if side else None
    return (
        last is None
        or last.is_sign(")", "]", "}")
        or last.kind == "end"
        or last.is_command("}", "right")
    )


def _with_condition(sentence: Sentence, piece: _Piece) -> Sentence:
    joining: tuple[Token, ...] = ()
    if sentence.where:
        at = piece.tokens[0].start if piece.tokens else 0
        joining = (Token("text", "or" if piece.joined_by == "or" else "and", at, at),)
    return replace(sentence, where=(*sentence.where, *joining, *piece.tokens))


# -- pieces --------------------------------------------------------------------------------


def _pieces(row: Sequence[Token]) -> Iterable[_Piece]:
    """The row cut at commas, arrows, words and wide spaces outside of brackets."""
    joined_by = "start"
    tokens: list[Token] = []
    marked = with_depth(row)
    for number, (token, depth) in enumerate(marked):
        separator = _separator(token) if depth == 0 else ""
        if depth == 0 and joined_by == "if" and token.is_sign(":"):
            following = marked[number + 1][0] if number + 1 < len(marked) else None
            separator = "" if following is not None and following.is_sign("=") else "quad"
        if not separator:
            tokens.append(token)
            continue
        if any(t.kind != "quad" for t in tokens):
            yield _Piece(joined_by, _stripped(tokens))
            joined_by = separator
        elif joined_by in ("start", "comma", "quad", "words") or separator in ("if", "or", "arrow"):
            joined_by = separator
        tokens = []
    if any(t.kind != "quad" for t in tokens):
        yield _Piece(joined_by, _stripped(tokens))


def _separator(token: Token) -> str:
    if token.is_sign(",", ";"):
        return "comma"
    if token.kind == "quad":
        return "quad"
    if token.kind == "command" and token.text in _ARROWS:
        return "arrow"
    if token.kind != "text" or takes_back(token.text):
        return ""
    words = token.text.strip(" ,.;:()").lower()
    if begins_condition(token):
        return "if"
    if words in _JOINING:
        return _JOINING[words]
    return "reason" if words in _REASONS else "words"


def _stripped(tokens: list[Token]) -> list[Token]:
    while tokens and (tokens[-1].is_sign(".", ":", "!") or tokens[-1].kind == "quad"):
        tokens = tokens[:-1]
    while tokens and tokens[0].kind == "quad":
        tokens = tokens[1:]
    return tokens


def _is_quantifier(piece: _Piece) -> bool:
    r"""\forall i, j \in …, i = 1, \dots, n, which say that an index is free; dots for a blank."""
    tokens = [t for t in piece.tokens if t.kind != "quad"]
    if not tokens or tokens[0].is_command("forall"):
        return True
    if any(t.is_command(*DOTS) for t in tokens):
        sides = split(tokens, "=")
        return len(sides) < 2 or any(all(t.is_command(*DOTS) for t in side) for side in sides)
    if piece.joined_by == "quad" and [t.kind for t in tokens] == ["sign", "number", "sign"]:
        return tokens[0].is_sign("(")  # the number of the equation
    names = {"i", "j", "k", "l", "m", "n", "p", "q"}
    if tokens[0].kind == "name" and tokens[0].text in names and len(tokens) > 1:
        if tokens[1].is_command("in"):
            return True
        counts = tokens[1].is_sign("=") and all(t.kind == "number" for t in tokens[2:])
        return counts and piece.joined_by in ("if", "comma", "quad", "words")
    return (
        len(tokens) == 1 and tokens[0].text in ("n", "N", "K", "L") and piece.joined_by == "comma"
    )


# -- chains --------------------------------------------------------------------------------


def _chain(tokens: Sequence[Token]) -> Sentence:
    """The sides of a stretch of mathematics and the signs between them."""
    sides: list[list[Token]] = [[]]
    relations: list[Relation] = []
    marked = with_depth(tokens)
    position = 0
    while position < len(marked):
        token, depth = marked[position]
        following = marked[position + 1][0] if position + 1 < len(marked) else None
        relation = _relation(token, following) if depth == 0 else None
        if relation is None:
            sides[-1].append(token)
            position += 1
            continue
        if _is_written_twice(relations, sides[-1], relation):  # a = = b
            relations[-1] = relation
        else:
            relations.append(relation)
            sides.append([])
        position += 1 if not (token.is_sign(":", "!") or _double(token, following)) else 2
    return Sentence(tuple(map(tuple, sides)), tuple(relations))


def _is_written_twice(before: Sequence[Relation], between: Sequence[Token], sign: Relation) -> bool:
    """Whether a second sign of equality follows with nothing in between."""
    plain = bool(before) and {before[-1].sign, sign.sign} == {"="}
    return plain and all(token.kind in ("quad", "cell") for token in between)


def _double(token: Token, following: Token | None) -> bool:
    return (
        following is not None
        and following.is_sign("=")
        and token.is_sign("=", "<", ">")
        and following.start == token.end
    )


def _relation(token: Token, following: Token | None) -> Relation | None:
    if token.is_sign(":", "!") and following is not None and following.is_sign("="):
        if token.text == "!":
            return Relation("comparison", token)
        return Relation("=", token, defining=True)
    if token.is_sign("="):
        return Relation("=", token)
    if token.is_sign("<", ">"):
        return Relation("comparison", token)
    if token.kind != "command":
        return None
    if token.text == QUESTIONED:
        return Relation("=", token, asked=True)
    if token.text in _DEFINING:
        return Relation("=", token, defining=True)
    if token.text in _COMPARING:
        return Relation("comparison", token)
    said = _OTHER.get(token.text)
    return Relation(said, token) if said else None
