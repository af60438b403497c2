"""How many indices names have that are written without: numbers, vectors, matrices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from derive.reading.inferring.entries import SOFTMAX
from derive.reading.inferring.formulas.nodes import Applied, Factors, Name, Node, Norm, Turned
from derive.reading.inferring.names import Key, key_of


def written_ranks(
    sides: Sequence[Node], names: Sequence[tuple[Key, int]], *, matrices: bool, in_rows: bool
) -> dict[Key, int]:
    """How many indices each tensor has; open for what only its neighbours tell.

    Args:
        names: each as often as it stands there, with the number of its written indices.
        matrices: whether names without indices are vectors and matrices.
        in_rows: whether the samples of a batch may be the rows of matrices.
    """
    ranks: dict[Key, int] = {}
    for key, count in (*names, *_under_softmax(sides)):
        ranks[key] = max(ranks.get(key, 0), count)
    if not matrices:
        return ranks
    measured = {*_measured_rows(sides)}  # Z_j may be an entry, |Y_i| is of a row
    samples = (key for key, count in names if not count and key in measured)
    whole = {key for key in samples if in_rows and key.role != "parameter"}
    ranks |= {key: 2 for key in whole if ranks[key] == 1}  # Y_i is sample i of a batch Y
    turned = {*_turned_names(sides)}
    for key, count in [*ranks.items()]:
        if count or key.is_cost or key.role == "constant":
            continue
        if key.is_matrix and key.role in ("parameter", "input", "unexplained"):
            ranks[key] = 2
        elif key.role == "target" or key.base in ("b", "c", "\\beta", "bias"):
            del ranks[key]
            if key in turned and not key.is_matrix:
                ranks[key] = 1
        elif key.role in ("input", "parameter"):
            ranks[key] = 1
    return ranks


def samples_in_rows(sides: Iterable[Node]) -> bool:
    """Whether the samples of a batch may be the rows of matrices."""
    products = (node for side in sides for node in side.walk() if isinstance(node, Factors))
    return not any(map(_has_samples_in_columns, products))


def shows_matrices(side: Node) -> bool:
    """Whether a formula is written as those about vectors and matrices alone are."""
    return any(
        isinstance(node, Turned | Norm)
        or (isinstance(node, Factors) and ("odot" in node.signs or _has_rows_of_samples(node)))
        for node in side.walk()
    )


def _has_rows_of_samples(product: Factors) -> bool:
    """Whether it is X w: in capitals what is given, and behind it in small what is learnt."""
    return any(
        not (letters or others)
        and (left.role, right.role) == ("input", "parameter")
        and left.is_matrix > right.is_matrix
        for (left, letters), (right, others) in _neighbours(product)
    )


def _has_samples_in_columns(product: Factors) -> bool:
    """Whether it has W X: a matrix of weights before one of inputs."""
    return any(
        (left.role, right.role) == ("parameter", "input") and left.is_matrix and right.is_matrix
        for (left, _), (right, _) in _neighbours(product)
    )


def _neighbours(
    product: Factors,
) -> Iterator[tuple[tuple[Key, tuple[str, ...]], tuple[Key, tuple[str, ...]]]]:
    """The names beside each other, each with its index letters."""
    for left, right in pairwise(product.parts):
        if isinstance(left, Name) and isinstance(right, Name):
            yield key_of(left), key_of(right)


def _measured_rows(sides: Iterable[Node]) -> Iterator[Key]:
    """The matrices of whose rows lengths are taken: Y of |Y_i|^2."""
    for side in sides:
        for norm in side.walk():
            for part in norm.walk() if isinstance(norm, Norm) else ():
                if isinstance(part, Name):
                    key, letters = key_of(part)
                    if key.is_matrix and len(letters) == 1:
                        yield key


def _turned_names(sides: Iterable[Node]) -> Iterator[Key]:
    """The names without indices that are transposed somewhere."""
    for side in sides:
        for node in side.walk():
            if isinstance(node, Turned) and isinstance(node.of, Name):
                key, letters = key_of(node.of)
                if not letters:
                    yield key


def _under_softmax(sides: Iterable[Node]) -> Iterator[tuple[Key, int]]:
    """What a softmax is of has entries, also where none is named."""
    for side in sides:
        for node in side.walk():
            if isinstance(node, Applied) and node.name.text in SOFTMAX:
                inside = node.arguments[0]
                if isinstance(inside, Name):
                    key, letters = key_of(inside)
                    yield key, max(1, len(letters))
