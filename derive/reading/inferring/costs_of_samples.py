r"""The cost of one sample, E_p, beside that of all, E: two quantities with one letter.

Of other names x_i is an entry of x; a cost is one number and has no entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from derive.reading.inferring.names import COSTS, each, is_index
from derive.reading.latex.lexical.scripts import end_of_group
from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.lexical.tokens import Token


def with_costs_apart(lines: Sequence[Sequence[Sentence]]) -> list[list[Sentence]]:
    """Sentences in which a cost that is written with indices and without has two names."""
    sides = [side for line in lines for sentence in line for side in sentence.sides]
    written = {pair for side in sides for pair in _costs(side)}
    both = {name for name, indexed in written if indexed and (name, False) in written}

    def renamed(side: Sequence[Token]) -> tuple[Token, ...]:
        return tuple(
            replace(token, text=each(token.text))
            if token.text in both and _is_indexed(side, at)
            else token
            for at, token in enumerate(side)
        )

    def apart(sentence: Sentence) -> Sentence:
        return replace(sentence, sides=tuple(map(renamed, sentence.sides)))

    return [[apart(one) if both else one for one in line] for line in lines]


def _costs(side: Sequence[Token]) -> Iterator[tuple[str, bool]]:
    """The costs of a side, each with whether an index stands below it."""
    for at, token in enumerate(side):
        if token.kind == "name" and token.text in COSTS:
            if _is_indexed(side, at):
                yield token.text, True
            elif not (side[at + 1 : at + 2] and side[at + 1].is_sign("_")):
                yield token.text, False


def _is_indexed(side: Sequence[Token], at: int) -> bool:
    """Whether one letter that counts stands below a name."""
    if not (side[at + 1 : at + 2] and side[at + 1].is_sign("_")):
        return False
    behind = side[at + 2 : end_of_group(side, at + 2)]
    below = [token.text for token in behind if not token.is_sign("{", "}")]
    return len(below) == 1 and is_index(below[0])
