"""The definitions of a model as a graph: what is computed from what, from left to right.

Each tensor stands in the column behind the last that it is computed from; an arrow over several
columns goes through a place of its own in each.  Columns are put in order by the means of their
neighbours, which keeps crossings few (Sugiyama, Tagawa, Toda 1981), and heights are as near to
those means as the order and the distances allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from derive.algebra.quantities import Quantity
from derive.deriving.laws.users import written_entry
from derive.model.model import Head, Model

#: Graphs with more columns or places in one could not be read.
MOST_COLUMNS = 14
MOST_PLACES = 16
#: How often columns are put in order, and heights are moved.
_SWEEPS = 12
#: What a place takes of the height: a tensor, and an arrow that only passes.
_TENSOR, _PASSING = 1.0, 0.5

#: A tensor, or an arrow between two at a column that it passes.
_Node = tuple[Head, Head | None, int]


@dataclass(frozen=True)
class DrawnTensor:
    """A tensor, by a general entry, with its role and its place."""

    entry: Quantity
    role: str
    column: int
    height: float


@dataclass(frozen=True)
class DrawnUse:
    """An arrow from a tensor to one that uses it, with the heights at columns between them."""

    start: DrawnTensor
    end: DrawnTensor
    heights: tuple[float, ...]


@dataclass(frozen=True)
class DefinitionsGraph:
    """The tensors, those that are computed after what they are computed from, and all uses."""

    objective: Quantity
    tensors: tuple[DrawnTensor, ...]
    uses: tuple[DrawnUse, ...]


def definitions_graph(model: Model) -> DefinitionsGraph | None:
    """The graph of a model; None where it would be too large to be read."""
    ranks = _ranks(model)
    pairs = [(part, head) for head in model.defined for part in model.parts(head) if part in ranks]
    columns = _ordered(*_columns(ranks, pairs))
    if len(columns) > MOST_COLUMNS or max(map(len, columns), default=0) > MOST_PLACES:
        return None
    heights = _heights(columns, _neighbours(ranks, pairs))
    tensors = {
        head: DrawnTensor(
            written_entry(model, head, set())[0], model.role(head), rank, heights[head, None, rank]
        )
        for head, rank in sorted(ranks.items(), key=lambda item: item[1])
    }
    uses = (
        DrawnUse(tensors[part], tensors[head], tuple(heights[node] for node in way[1:-1]))
        for part, head in pairs
        for way in [_way(ranks, part, head)]
    )
    return DefinitionsGraph(model.C, tuple(tensors.values()), tuple(uses))


def _ranks(model: Model) -> dict[Head, int]:
    """The column of each tensor: as far left as may be, and what is given just before its use."""
    ranks: dict[Head, int] = {}
    for head in model.defined:
        before = [ranks[part] for part in model.parts(head) if part in ranks]
        ranks[head] = 1 + max(before, default=0)
    for head in model.given:
        users = [ranks[user] for user in model.users(Quantity(*head))]
        if users:
            ranks[head] = min(users) - 1
    return ranks


def _way(ranks: Mapping[Head, int], part: Head, head: Head) -> list[_Node]:
    """The places of an arrow, from a tensor to one that uses it."""
    between = range(ranks[part] + 1, ranks[head])
    passed: list[_Node] = [(part, head, column) for column in between]
    return [(part, None, ranks[part]), *passed, (head, None, ranks[head])]


def _neighbours(
    ranks: Mapping[Head, int], pairs: Sequence[tuple[Head, Head]]
) -> dict[_Node, list[_Node]]:
    """For each place those that arrows join it to, one column before or behind."""
    joined: dict[_Node, list[_Node]] = {(head, None, rank): [] for head, rank in ranks.items()}
    for one, other in (step for pair in pairs for step in pairwise(_way(ranks, *pair))):
        joined.setdefault(one, []).append(other)
        joined.setdefault(other, []).append(one)
    return joined


def _columns(
    ranks: Mapping[Head, int], pairs: Sequence[tuple[Head, Head]]
) -> tuple[list[list[_Node]], dict[_Node, list[_Node]]]:
    """The places column by column, as they come, and what joins them."""
    joined = _neighbours(ranks, pairs)
    columns: list[list[_Node]] = [[] for _ in range(max(ranks.values(), default=0) + 1)]
    for node in joined:
        columns[node[2]].append(node)
    return columns, joined


def _ordered(
    columns: list[list[_Node]], joined: Mapping[_Node, Sequence[_Node]]
) -> list[list[_Node]]:
    """The order with the fewest crossings of those that the means of neighbours lead to."""
    best, fewest = columns, _crossings(columns, joined)
    for sweep in range(_SWEEPS):
        columns = [list(column) for column in columns]
        backwards = sweep % 2 == 1
        for number in reversed(range(len(columns))) if backwards else range(len(columns)):
            beside = number + 1 if backwards else number - 1
            if 0 <= beside < len(columns):
                places = {node: place for place, node in enumerate(columns[beside])}
                columns[number] = _by_means(columns[number], joined, places)
        if (count := _crossings(columns, joined)) < fewest:
            best, fewest = columns, count
    return best


def _by_means(
    column: Sequence[_Node],
    joined: Mapping[_Node, Sequence[_Node]],
    places: Mapping[_Node, int],
) -> list[_Node]:
    """A column by the mean place of neighbours in another; what has none there stays."""
    own = {node: place for place, node in enumerate(column)}

    def mean(node: _Node) -> float:
        found = [places[other] for other in joined[node] if other in places]
        return sum(found) / len(found) if found else own[node]

    return sorted(column, key=mean)


def _crossings(columns: Sequence[Sequence[_Node]], joined: Mapping[_Node, Sequence[_Node]]) -> int:
    return sum(
        (first - second) * (third - fourth) < 0
        for before, after in pairwise(columns)
        for steps in [list(_steps(before, after, joined))]
        for place, (first, third) in enumerate(steps)
        for second, fourth in steps[:place]
    )


def _steps(
    before: Sequence[_Node], after: Sequence[_Node], joined: Mapping[_Node, Sequence[_Node]]
) -> Iterator[tuple[int, int]]:
    """The places at both ends of what joins two columns."""
    places = {node: place for place, node in enumerate(after)}
    for place, node in enumerate(before):
        yield from ((place, places[other]) for other in joined[node] if other in places)


def _heights(
    columns: Sequence[Sequence[_Node]], joined: Mapping[_Node, Sequence[_Node]]
) -> dict[_Node, float]:
    """The height of each place, downwards from the first, in the order of its column."""
    heights: dict[_Node, float] = {}
    for column in columns:
        offsets = _offsets(column)
        middle = offsets[-1] / 2
        heights |= {node: offset - middle for node, offset in zip(column, offsets, strict=True)}
    for _ in range(_SWEEPS):
        for column in (*columns, *reversed(columns)):
            wanted = [_mean([heights[other] for other in joined[node]]) for node in column]
            offsets = _offsets(column)
            rest = [w - offset for w, offset in zip(wanted, offsets, strict=True)]
            moved = [r + offset for r, offset in zip(_ascending(rest), offsets, strict=True)]
            heights |= dict(zip(column, moved, strict=True))
    top = min(heights.values(), default=0.0)
    return {node: round(height - top, 3) for node, height in heights.items()}


def _offsets(column: Sequence[_Node]) -> list[float]:
    """How far below the first place of a column each is at least."""
    offsets = [0.0]
    for one, other in pairwise(column):
        sizes = [_TENSOR if node[1] is None else _PASSING for node in (one, other)]
        offsets.append(offsets[-1] + sum(sizes) / 2)
    return offsets


def _ascending(wanted: Sequence[float]) -> list[float]:
    """The numbers that do not descend and are nearest to these, by least squares."""
    blocks: list[list[float]] = []
    for one in wanted:
        blocks.append([one])
        while len(blocks) > 1 and _mean(blocks[-2]) > _mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    return [_mean(block) for block in blocks for _ in block]


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
