r"""Targets that are shares of classes: -\sum_k y_k \log p_k, with p a softmax, says so.

A cross-entropy is one of two distributions, whose entries sum to 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from derive.reading.inferring.formulas.nodes import Applied, Factors, Name, Node
from derive.reading.inferring.names import Key, key_of

_SOFTMAX = re.compile(r"\(*softmax\(|\(*exp\(.*/\(?sum\(")


def targets_of_softmax(
    cost: Node, written: Mapping[Key, str]
) -> Iterator[tuple[Key, tuple[str, ...]]]:
    """The targets beside logarithms of what is a softmax as it is written, with their letters."""
    for node in cost.walk():
        if not isinstance(node, Factors):
            continue
        names = [key_of(one) for one in node.factors if isinstance(one, Name)]
        logs = [one for one in node.factors if isinstance(one, Applied) and one.name.text in _LOG]
        for one in logs:
            inside = one.arguments[0]
            if not isinstance(inside, Name):
                continue
            output, letters = key_of(inside)
            if _SOFTMAX.match(written.get(output, "")) and letters:
                yield from ((key, own) for key, own in names if own == letters)


_LOG = ("log", "\\log", "ln", "\\ln")
