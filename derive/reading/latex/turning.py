"""The factors of a side that may have lost a transposition, and what turning each does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.syntax.tree import Enclosed, Named, Node, Scripted, Terms
from derive.reading.statements import Turn

#: So far into a side factors are tried.
_MOST_PLACES = 200


def turnable(side: Terms) -> Iterator[tuple[Named | Enclosed | Scripted, Turn]]:
    """Each name or bracket with its scripts, in order, and what turning it does."""
    inner: Node | None = None
    for node in islice(side.walk(), _MOST_PLACES):
        within = node.of if isinstance(node, Scripted) else node
        is_bracket = isinstance(within, Enclosed) and within.opened in ("(", "[")
        if isinstance(node, Named) and node.scripts.with_indices_exchanged() != node.scripts:
            yield node, Turn.EXCHANGED
        elif isinstance(node, Named) or (is_bracket and node is not inner):
            assert isinstance(node, Named | Enclosed | Scripted)
            scripts = Scripts() if isinstance(node, Enclosed) else node.scripts
            yield node, Turn.NOT_TRANSPOSED if scripts.transposed else Turn.TRANSPOSED
        inner = within
