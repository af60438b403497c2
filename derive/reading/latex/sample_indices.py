r"""Samples as an index: x^{(i)} beside \sum_i is entry i of x, in a model of many samples."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.tree import BigSum, Limits, Named, Node, Scripted, Terms

#: What samples are counted with.
SAMPLES = frozenset("ijnmst")


def samples_summed(sentences: Iterable[ParsedSentence]) -> frozenset[str]:
    """The letters over which a text sums, and which stand in brackets above names."""
    above: set[str] = set()
    summed: set[str] = set()
    for sentence in sentences:
        for node in sentence.walk():
            if isinstance(node, Named | Scripted) and (letter := _letter_above(node.scripts)):
                above.add(letter.text)
            if isinstance(node, BigSum) and isinstance(node.limits, Limits):
                summed |= {one.text for one in node.limits.letters}
    return frozenset(above & summed & SAMPLES)


def with_samples_below(
    sentence: ParsedSentence, counts: Callable[[Token, str], bool]
) -> ParsedSentence:
    """The sentence with x_i for x^{(i)}, and x_{ij} for x^{(i)}_j.

    `counts` tells of a name and a letter above it in brackets whether that is its sample.
    """

    def below(node: Node) -> Node:
        letter = _letter_above(node.scripts) if isinstance(node, Named) else None
        if not isinstance(node, Named) or letter is None or not counts(node.token, letter.text):
            return node
        scripts = node.scripts
        lowered = replace(scripts, below=(letter, *scripts.below), layer=(), brackets="")
        return replace(node, scripts=lowered)

    def changed(side: Terms) -> Terms:
        found = side.rewritten(below)
        assert isinstance(found, Terms)
        return found

    return sentence.changed(changed)


def _letter_above(scripts: Scripts) -> Token | None:
    """The letter of ^{(i)}, where nothing else stands above."""
    letter = scripts.layer[0] if len(scripts.layer) == 1 else None
    if letter is None or scripts.brackets != "()" or scripts.power or scripts.transposed:
        return None
    return letter if len(letter.text) == 1 else None


def in_letters(letters: Collection[str]) -> Callable[[Token, str], bool]:
    """Whether a letter above a name is one of these."""
    return lambda _, letter: letter in letters
