"""Sentences that give a new value, or say which layers are meant: an update, a step, l = L - 1."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from derive.reading.latex.lexical.cursor import with_depth
from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.lexical.tokens import Token

#: What a new value is written with, above a parameter or below.
_RENEWED = frozenset({"new", "old", "next", "+", "t+1", "(t+1)", "k+1", "(k+1)", "n+1", "(n+1)"})
_RATES = frozenset({"\\eta", "\\alpha", "\\epsilon", "\\gamma", "\\mu", "\\Delta", "lr"})
_COUNTERS = frozenset("ijklmnLNK")


def updates(sentence: Sentence, known: Collection[str] = ()) -> bool:
    r"""Whether a sentence gives a parameter a new value: w := w - \eta dC/dw, also with =.

    The left side begins the right one, and a step follows: a rate, or a derivative.  What has
    no such beginning is a step itself, \Delta w = ..., unless \Delta is a known name.
    """
    left, right = (_plain(side) for side in sentence.sides[:2])
    if not left or not right or left[0].kind != "name":
        return False
    if left[0].text == "\\Delta":
        return len(left) > 1 and left[1].kind == "name" and "\\Delta" not in known
    if sentence.relations[0].token.text == ":" and _begins(left, right):
        return True
    if left[0].text != right[0].text or not _steps(right):
        return False
    return _begins(left, right) or _is_renewed(left) or _is_renewed(right)


def _plain(side: Sequence[Token]) -> list[Token]:
    return [token for token in side if token.kind not in ("quad", "cell")]


def _begins(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Whether the right side is the left one and a step."""
    texts = [token.text for token in right]
    ends = len(left)
    return (
        texts[:ends] == [token.text for token in left]
        and len(right) > ends
        and right[ends].is_sign("+", "-")
    )


def _steps(side: Sequence[Token]) -> bool:
    """Whether a plus or minus is followed by a rate or a derivative."""
    signs = [n for n, (token, depth) in enumerate(with_depth(side)) if n and not depth
             and token.is_sign("+", "-")]  # fmt: skip
    step = side[signs[0] + 1 :] if signs else ()
    return any(
        token.text in _RATES or token.is_command("partial", "nabla") or token.text == "d"
        for token in step
    )


def _is_renewed(side: Sequence[Token]) -> bool:
    """Whether the name at the head of a side has a mark of a new or an old value."""
    for place, token in enumerate(side[1:], start=1):
        if not token.is_sign("^", "_"):
            continue
        rest = side[place + 1 :]
        if rest and rest[0].is_sign("{"):
            closed = next((n for n, t in enumerate(rest) if t.is_sign("}")), len(rest))
            rest = rest[1:closed]
        else:
            rest = rest[:1]
        if "".join(part.text for part in rest) in _RENEWED:
            return True
    return False


def counts(sentence: Sentence, known: Collection[str] = ()) -> bool:
    """Whether a sentence says which layers or units are meant, as l = L - 1 does."""
    if any(relation.sign != "=" for relation in sentence.relations) or sentence.where:
        return False
    sides = [_plain(side) for side in sentence.sides]
    if len(sides[0]) != 1 or sides[0][0].text not in _COUNTERS:
        return False
    letters = {token.text for side in sides for token in side if token.kind == "name"}
    fine = all(
        token.text in _COUNTERS or token.kind == "number" or token.is_sign("+", "-")
        for side in sides
        for token in side
    )
    return fine and letters.isdisjoint(known)
