r"""The number in front of a sum as the size of what is summed: 1/D \sum_i x_i is the mean of x."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from derive.reading.inferring.formulas.nodes import Factors, Name, Node, Summed
from derive.reading.inferring.names import Key, key_of

#: What sizes are called; other letters in a denominator, as a temperature T, stay what they are.
_SIZES = frozenset({"n", "m", "N", "M", "D", "d", "H", "K", "B", "S"})


def with_sizes_of_means(node: Node, defined: Collection[Key]) -> Node:
    """The formula with what a mean divides by above its sum, where nothing stands there."""
    if isinstance(node, Factors):
        divisors = [*_divisors(node)]
        sums = [part for part in _numerators(node) if isinstance(part, Summed)]
        names = [one.text for one in divisors if isinstance(one, Name) and _is_size(one, defined)]
        if len(names) == 1 and len(sums) == 1 and len(sums[0].letters) == 1 and not sums[0].last:
            whole = replace(sums[0], last=names[0])
            node = node.with_parts(lambda part: _put(part, sums[0], whole))
    return node.with_parts(lambda part: with_sizes_of_means(part, defined))


def _put(node: Node, one: Node, other: Node) -> Node:
    """The node with another in the place of one of its factors."""
    if node is one:
        return other
    return (
        node.with_parts(lambda part: _put(part, one, other)) if isinstance(node, Factors) else node
    )


def _is_size(name: Name, defined: Collection[Key]) -> bool:
    key, letters = key_of(name)
    return name.text in _SIZES and not letters and not key.below and key not in defined


def _divisors(node: Factors) -> Iterator[Node]:
    """The factors below the fraction lines of a product."""
    for factor, sign in zip(node.factors, node.signs, strict=True):
        if sign == "over":
            yield from factor.factors if isinstance(factor, Factors) else (factor,)
        elif isinstance(factor, Factors):
            yield from _divisors(factor)


def _numerators(node: Factors) -> Iterator[Node]:
    for factor, sign in zip(node.factors, node.signs, strict=True):
        if sign != "over":
            yield from _numerators(factor) if isinstance(factor, Factors) else (factor,)
