r"""The letters in subscripts, with their primes: k, j', \alpha."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.syntax.tree import (
    BigSum,
    Differential,
    Limits,
    Named,
    Node,
    OneSided,
    Scripted,
)


def letters_below(node: Node) -> Iterator[str]:
    """The letters in the subscripts of an item itself, and below a sign of sum or limit."""
    match node:
        case Named() | Scripted() | Differential():
            yield from _names(node.scripts.below)
            for above in (node.scripts.layer, node.scripts.power):
                yield from subscripts(above)
        case BigSum(limits=Limits() as limits):
            for letter in limits.letters:
                yield from dict.fromkeys((letter.text.rstrip("'"), letter.text))
            yield from _names((*(limits.low or ()), *((limits.apart,) if limits.apart else ())))
        case OneSided():
            within = (part for part in node.place.walk() if isinstance(part, Named))
            yield from (part.token.text for part in within)
        case _:
            return


def _names(tokens: Sequence[Token]) -> Iterator[str]:
    """The names of a subscript, each with its primes once more."""
    last = ""
    for token in tokens:
        if token.kind == "name":
            last = token.text
            yield last
        elif token.is_sign("'") and last:
            last += "'"
            yield last


def subscripts(tokens: Sequence[Token]) -> list[str]:
    """The letters in the subscripts of a stretch that is not parsed."""
    found: list[str] = []
    depths: list[int] = []  # how many braces are open in each subscript that is open
    starts = False
    for token in tokens:
        if token.is_sign("_"):
            starts = True
            continue
        if token.is_sign("{"):
            if starts:
                depths.append(0)
            depths = [depth + 1 for depth in depths[-3:]]
        elif token.is_sign("}"):
            depths = [depth - 1 for depth in depths if depth > 1]
        elif token.kind == "name" and (starts or depths):
            found.append(token.text)
        elif token.is_sign("'") and depths and found:
            found.append(found[-1] + "'")
        starts = False
    return found
