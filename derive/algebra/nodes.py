"""The nodes of an expression by their class, found in one pass for all who ask."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from sympy import Basic

Node = TypeVar("Node", bound=Basic)


def nodes_of(expression: Basic, *kinds: type[Node]) -> set[Node]:
    """What SymPy's `atoms` finds, from a pass that is made once for each expression."""
    found: set[Node] = set()
    for kind, nodes in _by_class(expression).items():
        if issubclass(kind, kinds):
            found.update(nodes)  # pyright: ignore[reportArgumentType]
    return found


@lru_cache(maxsize=2_000)
def _by_class(expression: Basic) -> Mapping[type, tuple[Basic, ...]]:
    found: dict[type, list[Basic]] = {}
    waiting, seen = [expression], {expression}
    while waiting:
        node = waiting.pop()
        found.setdefault(type(node), []).append(node)
        for argument in node.args:
            if argument not in seen:
                seen.add(argument)
                waiting.append(argument)
    return {kind: tuple(nodes) for kind, nodes in found.items()}
