r"""Samples as an index: x^{(i)} beside \sum_i is entry i of x, in a model of many samples.

x^{(i,2)} is that of layer 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from derive.reading.latex.lexical.scripts import end_of_group
from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.lexical.tokens import Token

#: What samples are counted with.
SAMPLES = frozenset("ijnmpst")
_SOFTMAX = ("softmax", "Softmax")


@dataclass(frozen=True)
class SampleMark:
    """A superscript that may count a sample: (i), (i,2) with a layer behind it, or i alone.

    Attributes:
        layer: the superscript that is left without the letter, tokens from ^ to its brace.
        end: the place behind it.
        bare: whether it stands there without brackets.
    """

    letter: str
    layer: tuple[Token, ...]
    end: int
    bare: bool = False


def samples_summed(sentences: Iterable[Sentence]) -> frozenset[str]:
    """The letters over which a text sums, and which stand in brackets above names."""
    above: set[str] = set()
    summed: set[str] = set()
    for sentence in sentences:
        for side in sentence.sides:
            for n, token in enumerate(side):
                if (
                    token.is_sign("^")
                    and (mark := _mark_above(side, n)) is not None
                    and not mark.bare
                ):
                    above.add(mark.letter)
                if token.is_command("sum"):
                    summed |= {one.text for one in side[n + 1 : n + 5] if one.kind == "name"}
    return frozenset(above & summed & SAMPLES)


def with_samples_below(sentence: Sentence, counts: Callable[[Token, SampleMark], bool]) -> Sentence:
    """The sentence with x_i for x^{(i)}, x_{ij} for x^{(i)}_j, and softmax(x_{ij}) for its entry.

    `counts` tells of a name and a mark above it whether that is its sample.
    """
    sides = tuple(tuple(_below(side, counts)) for side in sentence.sides)
    return sentence if sides == sentence.sides else replace(sentence, sides=sides)


def _mark_above(side: Sequence[Token], at: int) -> SampleMark | None:
    """The mark ^{(i)}, ^{(i,2)} or ^i that stands here."""
    end = end_of_group(side, at + 1)
    inside = [token for token in side[at + 1 : end] if token.kind != "quad"]
    texts = [token.text for token in inside]
    if len(texts) == 1 and inside[0].kind == "name":
        return SampleMark(texts[0], (), end, bare=True)
    if texts[:2] != ["{", "("] or texts[-2:] != [")", "}"] or len(texts[2]) != 1:
        return None
    if len(texts) == 5:
        return SampleMark(texts[2], (), end)
    numbered = len(texts) == 7 and texts[3] == "," and inside[4].kind == "number"
    return SampleMark(texts[2], (side[at], *inside[:2], *inside[4:]), end) if numbered else None


def _below(side: Sequence[Token], counts: Callable[[Token, SampleMark], bool]) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(side):
        token = side[at]
        mark = _mark_above(side, at) if token.is_sign("^") else None
        start = _start_of_subscript(found)
        if mark is None or not start or not counts(found[start - 1], mark):
            found.append(token)
            at += 1
            continue
        own = [t for t in found[start + 1 :] if not t.is_sign("{", "}")]
        applied = _applied_to(side, found, start, mark.end)
        del found[start:]
        at = mark.end
        if at < len(side) and side[at].is_sign("_"):
            end = end_of_group(side, at + 1)
            own += [t for t in side[at + 1 : end] if not t.is_sign("{", "}")]
            at = end
        found += [*mark.layer, *_subscript(token, mark.letter, [*own, *applied])]
        if applied:
            found.append(side[at])
            at = end_of_group(side, at + 2)
    return found


def _subscript(sign: Token, letter: str, behind: Sequence[Token]) -> list[Token]:
    place = sign.start, sign.end
    opened, closed = Token("sign", "{", *place), Token("sign", "}", *place)
    return [Token("sign", "_", *place), opened, Token("name", letter, *place), *behind, closed]


def _applied_to(side: Sequence[Token], found: Sequence[Token], start: int, end: int) -> list[Token]:
    """The index k of softmax(x^{(i)})_k, where that name stands in the brackets alone."""
    opened = found[start - 3 : start - 1] if start > 2 else []
    is_alone = len(opened) == 2 and opened[0].text in _SOFTMAX and opened[1].is_sign("(")
    closed = side[end : end + 2]
    if not is_alone or len(closed) < 2 or not (closed[0].is_sign(")") and closed[1].is_sign("_")):
        return []
    behind = side[end + 2 : end_of_group(side, end + 2)]
    return [token for token in behind if not token.is_sign("{", "}")]


def _start_of_subscript(found: Sequence[Token]) -> int:
    """Where the subscript begins that ends here; the end where there is none."""
    if len(found) > 2 and found[-2].is_sign("_"):
        return len(found) - 2
    if found and found[-1].is_sign("}"):
        for at in range(len(found) - 2, 0, -1):
            if found[at].is_sign("{"):
                return at - 1 if found[at - 1].is_sign("_") else len(found)
    return len(found)
