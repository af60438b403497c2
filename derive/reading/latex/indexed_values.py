r"""Entries of what a name is at an argument: s(x)_i is s_i(x), entry i of the vector s(x)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.tree import Enclosed, Named, Node, Run, Scripted, Terms


def with_indices_at_names(
    sentence: ParsedSentence, is_tensor: Callable[[str], bool]
) -> ParsedSentence:
    """The sentence with the indices behind arguments at the names; itself where none stand there.

    Args:
        is_tensor: whether a name is that of a vector or matrix, and of no function.
    """

    def moved(node: Node) -> Node:
        places = [*_indexed(node, is_tensor)] if isinstance(node, Run) else []
        if not isinstance(node, Run) or not places:
            return node
        items = [*node.items]
        for place in places:
            name, behind = items[place], items[place + 1]
            assert isinstance(name, Named) and isinstance(behind, Scripted)
            items[place] = replace(name, scripts=replace(name.scripts, below=behind.scripts.below))
            rest = replace(behind.scripts, below=())
            plain = rest == Scripts(at=rest.at)
            items[place + 1] = behind.of if plain else replace(behind, scripts=rest)
        return replace(node, items=tuple(items))

    def whole(side: Terms) -> Terms:
        found = side.rewritten(moved)
        assert isinstance(found, Terms)
        return found

    return sentence.changed(whole)


def named_with_indices(sentences: Iterable[ParsedSentence]) -> frozenset[str]:
    """The names of which an equality says what such an entry is, as s of s(x)_i = …"""
    found: set[str] = set()
    for one in sentences:
        run = one.sides[0].run if one.relations and one.sides[0] is not None else None
        if run is None or len(run.items) != 2:
            continue
        for place in _indexed(run, lambda _: True):
            name = run.items[place]
            found |= {name.token.text} if isinstance(name, Named) else set()
    return frozenset(found)


def _indexed(run: Run, is_tensor: Callable[[str], bool]) -> Iterator[int]:
    """The places of names without a subscript before the arguments that one follows."""
    for place, (name, behind) in enumerate(zip(run.items, run.items[1:], strict=False)):
        if not isinstance(name, Named) or not isinstance(behind, Scripted):
            continue
        bracket = behind.of
        listed = isinstance(bracket, Enclosed) and bracket.opened == "(" and not bracket.condition
        if not (listed and name.is_bare and behind.scripts.below and is_tensor(name.token.text)):
            continue
        if all(isinstance(member.lone, Named) for member in bracket.members):  # pyright: ignore
            yield place
