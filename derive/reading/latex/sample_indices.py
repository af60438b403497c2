r"""Samples as an index: x^{(i)} beside \sum_i is entry i of x, in a model of many samples.

x^{(i,2)} is that of layer 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.tree import (
    BigSum,
    Enclosed,
    Limits,
    Named,
    Node,
    Scripted,
    Terms,
    plain_bracket,
)

#: What samples are counted with.
SAMPLES = frozenset("ijnmpst")


@dataclass(frozen=True)
class SampleMark:
    """What may count a sample above a name: (i), (i,2) with a layer behind it, or i alone.

    Attributes:
        rest: the scripts without it.
    """

    letter: Token
    rest: Scripts
    bare: bool = False


def samples_summed(sentences: Iterable[ParsedSentence]) -> frozenset[str]:
    """The letters over which a text sums, and which stand in brackets above names."""
    above: set[str] = set()
    summed: set[str] = set()
    for sentence in sentences:
        for node in sentence.nodes:
            if isinstance(node, Named | Scripted):
                mark = _mark(node.scripts)
                above |= {mark.letter.text} if mark is not None and not mark.bare else set()
            if isinstance(node, BigSum) and isinstance(node.limits, Limits):
                summed |= {one.text for one in node.limits.letters}
    return frozenset(above & summed & SAMPLES)


def with_samples_below(
    sentence: ParsedSentence, counts: Callable[[Token, SampleMark], bool]
) -> ParsedSentence:
    """The sentence with x_i for x^{(i)}, x_{ij} for x^{(i)}_j, and f(x_{ij}) for f(x^{(i)})_j.

    `counts` tells of a name and a mark above it whether that is its sample.
    """

    def below(node: Node) -> Node:
        if isinstance(node, Scripted):
            return _with_index_inside(node, counts)
        mark = _mark(node.scripts) if isinstance(node, Named) else None
        if not isinstance(node, Named) or mark is None or not counts(node.token, mark):
            return node
        lowered = replace(mark.rest, below=(mark.letter, *mark.rest.below))
        return replace(node, scripts=lowered)

    def changed(side: Terms) -> Terms:
        found = _rewritten(side, below)
        assert isinstance(found, Terms)
        return found

    return sentence.changed(changed)


def _rewritten(node: Node, change: Callable[[Node], Node]) -> Node:
    """A node changed from the root down, so that a bracket is seen before what is in it."""
    return change(node).with_parts(lambda part: _rewritten(part, change))


def _with_index_inside(node: Scripted, counts: Callable[[Token, SampleMark], bool]) -> Node:
    """(x^{(i)}_j) for (x^{(i)})_j: entry j of what is written for one sample."""
    if not node.scripts.below or replace(node.scripts, below=(), at=0) != Scripts():
        return node
    bracket = plain_bracket(node.of, "(")
    name = bracket.members[0].lone if bracket is not None and len(bracket.members) == 1 else None
    mark = _mark(name.scripts) if isinstance(name, Named) else None
    if bracket is None or not isinstance(name, Named) or mark is None or mark.rest.below:
        return node
    if not counts(name.token, mark):
        return node
    inside = replace(name, scripts=replace(name.scripts, below=node.scripts.below))
    (terms,) = bracket.members
    (run,) = terms.runs
    whole = replace(terms, runs=(replace(run, items=(inside,)),))
    return _bracket_of(bracket, whole)


def _bracket_of(bracket: Enclosed, inside: Terms) -> Enclosed:
    return replace(bracket, members=(inside,))


def _mark(scripts: Scripts) -> SampleMark | None:
    """The mark of (i), (i,2) or i, where nothing else stands above."""
    layer = [token for token in scripts.layer if token.kind != "quad"]
    if not layer or len(layer[0].text) != 1 or scripts.power or scripts.transposed:
        return None
    if scripts.bare:
        rest = replace(scripts, layer=(), bare=False)
        named = len(layer) == 1 and layer[0].kind == "name"
        return SampleMark(layer[0], rest, bare=True) if named else None
    if scripts.brackets != "()":
        return None
    if len(layer) == 1:
        return SampleMark(layer[0], replace(scripts, layer=(), brackets=""))
    numbered = len(layer) == 3 and layer[1].is_sign(",") and layer[2].kind == "number"
    return SampleMark(layer[0], replace(scripts, layer=(layer[2],))) if numbered else None
