"""The tensors and functions that a formula names."""

from __future__ import annotations

from collections.abc import Iterator

from derive.reading.inferring.formulas.grouping import FUNCTIONS
from derive.reading.inferring.formulas.nodes import Applied, Name, Node, Summed
from derive.reading.inferring.names import Key, key_of


def used_in(node: Node) -> list[Key]:
    """The tensors and functions of a formula, each once, in order."""
    found: dict[Key, None] = {}
    for part in node.walk():
        if isinstance(part, Applied) and part.name.text not in FUNCTIONS:
            found[key_of(part.name)[0]] = None
        if isinstance(part, Name) and part.text not in FUNCTIONS and part.text != "\\pi":
            found[key_of(part)[0]] = None
    return [*found]


def named_outside_sums(node: Node) -> Iterator[tuple[Key, tuple[str, ...]]]:
    """The names of a formula with their index letters, but for those inside of sums."""
    if isinstance(node, Name):
        yield key_of(node)
    for part in () if isinstance(node, Summed) else node.parts:
        yield from named_outside_sums(part)


def is_of(node: Node, key: Key | None) -> bool:
    """Whether a formula is a name, or f(x) for the name f."""
    name = node.name if isinstance(node, Applied) else node
    return isinstance(name, Name) and key_of(name) == (key, ())
