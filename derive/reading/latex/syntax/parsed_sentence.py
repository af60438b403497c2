"""A sentence with the tree of each of its sides, which all that is read of it folds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from derive.reading.latex.lexical.sentences import Relation, Sentence
from derive.reading.latex.syntax.parsing import parsed_side
from derive.reading.latex.syntax.tree import Node, Terms


@dataclass(frozen=True)
class ParsedSentence:
    """A chain and its sides as trees; None where nothing stands on a side.

    Attributes:
        for_one_sample: whether it speaks of many, and the trees are of what it says of each.
    """

    sentence: Sentence
    sides: tuple[Terms | None, ...]
    for_one_sample: bool = False

    @property
    def relations(self) -> tuple[Relation, ...]:
        """The signs between the sides."""
        return self.sentence.relations

    @property
    def continued(self) -> bool:
        """Whether the chain goes on from what was said last."""
        return self.sentence.continued

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes of all sides."""
        return tuple(node for side in self.sides if side is not None for node in side.walk())

    def changed(self, change: Callable[[Terms], Terms]) -> ParsedSentence:
        """The sentence with each side changed; itself where none is."""
        sides = tuple(None if side is None else change(side) for side in self.sides)
        same = all(one is side for one, side in zip(sides, self.sides, strict=True))
        return self if same else replace(self, sides=sides)


def parsed_sentence(sentence: Sentence) -> ParsedSentence:
    """A sentence, parsed once, whatever its names mean."""
    return ParsedSentence(sentence, tuple(map(parsed_side, sentence.sides)))
