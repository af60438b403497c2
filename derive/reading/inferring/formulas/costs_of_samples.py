r"""The cost of one sample, E_p, beside that of all, E: two quantities with one letter.

Of other names x_i is an entry of x; a cost is one number and has no entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.reading.inferring.names import COSTS, each, is_index
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.tree import Named, Node, Terms


def with_costs_apart(lines: Sequence[Sequence[ParsedSentence]]) -> list[list[ParsedSentence]]:
    """Sentences in which a cost that is written with indices and without has two names."""
    nodes = (node for line in lines for sentence in line for node in sentence.nodes)
    costs = [node for node in nodes if isinstance(node, Named) and node.token.text in COSTS]
    indexed = {node.token.text for node in costs if _is_indexed(node)}
    both = indexed & {node.token.text for node in costs if not node.scripts.below}

    def renamed(node: Node) -> Node:
        if not isinstance(node, Named) or node.token.text not in both or not _is_indexed(node):
            return node
        return replace(node, token=node.token._replace(text=each(node.token.text)))

    def apart(side: Terms) -> Terms:
        found = side.rewritten(renamed)
        assert isinstance(found, Terms)
        return found

    return [[one.changed(apart) if both else one for one in line] for line in lines]


def _is_indexed(name: Named) -> bool:
    """Whether one letter that counts stands below a name."""
    below = [token.text for token in name.scripts.below if not token.is_sign("{", "}")]
    return len(below) == 1 and is_index(below[0])
