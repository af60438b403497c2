r"""Samples as an index: x^{(i)} beside \sum_i is entry i of x, in a model of many samples."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.lexical.tokens import Token

#: What samples are counted with.
SAMPLES = frozenset("ijnmst")


def samples_summed(sentences: Iterable[Sentence]) -> frozenset[str]:
    """The letters over which a text sums, and which stand in brackets above names."""
    above: set[str] = set()
    summed: set[str] = set()
    for sentence in sentences:
        for side in sentence.sides:
            for n, token in enumerate(side):
                if token.is_sign("^") and (letter := _letter_above(side, n)) is not None:
                    above.add(letter)
                if token.is_command("sum"):
                    summed |= {one.text for one in side[n + 1 : n + 5] if one.kind == "name"}
    return frozenset(above & summed & SAMPLES)


def with_samples_below(sentence: Sentence, counts: Callable[[Token, str], bool]) -> Sentence:
    """The sentence with x_i for x^{(i)}, and x_{ij} for x^{(i)}_j.

    `counts` tells of a name and a letter above it in brackets whether that is its sample.
    """
    sides = tuple(tuple(_below(side, counts)) for side in sentence.sides)
    return sentence if sides == sentence.sides else replace(sentence, sides=sides)


def _letter_above(side: Sequence[Token], at: int) -> str | None:
    """The letter of ^{(i)} that stands here."""
    texts = [token.text for token in side[at + 1 : at + 6] if token.kind != "quad"]
    framed = texts[:2] == ["{", "("] and texts[3:5] == [")", "}"]
    return texts[2] if framed and len(texts[2]) == 1 else None


def _below(side: Sequence[Token], counts: Callable[[Token, str], bool]) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(side):
        token = side[at]
        letter = _letter_above(side, at) if token.is_sign("^") else None
        start = _start_of_subscript(found)
        if letter is None or not start or not counts(found[start - 1], letter):
            found.append(token)
            at += 1
            continue
        own = [t for t in found[start + 1 :] if not t.is_sign("{", "}")]
        del found[start:]
        at += 6
        if at < len(side) and side[at].is_sign("_"):
            end = _end_of_group(side, at + 1)
            own += [t for t in side[at + 1 : end] if not t.is_sign("{", "}")]
            at = end
        place = token.start, token.end
        found += [
            Token("sign", "_", *place),
            Token("sign", "{", *place),
            Token("name", letter, *place),
            *own,
            Token("sign", "}", *place),
        ]
    return found


def _start_of_subscript(found: Sequence[Token]) -> int:
    """Where the subscript begins that ends here; the end where there is none."""
    if len(found) > 2 and found[-2].is_sign("_"):
        return len(found) - 2
    if found and found[-1].is_sign("}"):
        for at in range(len(found) - 2, 0, -1):
            if found[at].is_sign("{"):
                return at - 1 if found[at - 1].is_sign("_") else len(found)
    return len(found)


def _end_of_group(side: Sequence[Token], start: int) -> int:
    if not side[start].is_sign("{"):
        return start + 1
    depth = 0
    for at in range(start, len(side)):
        depth += side[at].is_sign("{") - side[at].is_sign("}")
        if depth == 0:
            return at + 1
    return len(side)


def in_letters(letters: Collection[str]) -> Callable[[Token, str], bool]:
    """Whether a letter above a name is one of these."""
    return lambda name, letter: name.kind in ("name", "command") and letter in letters
