"""Names that a text speaks of and never defines: given, for all that it tells of them.

sigmoid(x) = 1/(1 + e^{-x}) holds for every x, and dE/dy_i = y_i - t_i for every t.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from derive.reading.inferring.axes import UnifiedAxes
from derive.reading.inferring.candidates import Collected
from derive.reading.inferring.formulas.grouping import FUNCTIONS
from derive.reading.inferring.formulas.nodes import Applied, Name, Node, Summed
from derive.reading.inferring.names import Key, key_of

#: What is a number or a function of mathematics, or counts units, wherever it is not defined.
_NO_TENSORS = frozenset(
    {"\\pi", "e", "d", "I", "1", "\\mathbb{1}", "\\mathbb{R}", "T", "m", "n", "N"}
)


def spoken_of(
    found: Collected,
    axes: UnifiedAxes,
    ranks: Mapping[Key, int],
    taken: Collection[Key],
    joined: Collection[Key],
    *,
    vectors: bool,
    implied: Mapping[Key, tuple[str, ...]],
) -> dict[Key, int]:
    """Names that claims alone have, each with the number of its indices; their axes are joined.

    Args:
        ranks: how many indices a name has, as far as the text tells.
        taken: names that are defined, given, or should be defined and could not be.
        joined: others of them whose axes only claims tell.
        implied: for names that stand for an entry without its indices, these.
        vectors: whether names without indices may be vectors, so that these stay open.
    """
    counters = {letter for line in found.lines for letter in _counters(line)}

    def is_meant(key: Key, count: int) -> bool:
        if key in taken or key.is_cost or key.stands_for_derivative or key.any_layer:
            return False
        if key.base in FUNCTIONS or key.base in _NO_TENSORS or key.base in counters:
            return False
        whole = Key(key.base, "", key.layer)
        if key.below.isdigit() and count == 0 and whole in taken and ranks.get(whole) == 1:
            return False  # p_1 is a unit of p_i
        if len(axes.owned.get(key, range(count))) != count:
            return False  # a formula that could not be read wrote it otherwise
        return ranks.get(key, -1) == count and not (vectors and count == 0)

    meant: dict[Key, int] = {}
    for line in found.lines:
        named = [(key, letters or implied.get(key, ())) for key, letters in _names(line)]
        for key, letters in named:
            if is_meant(key, len(letters)):
                meant[key] = len(letters)
                axes.of(key, len(letters))
        _join(named, axes, {*meant, *joined}.__contains__)
    for pair in found.slopes:
        named = [(key, letters or implied.get(key, ())) for key, letters in pair]
        _join(named, axes, {*joined}.__contains__)
    return meant


def _names(line: tuple[Node, ...]) -> Iterator[tuple[Key, tuple[str, ...]]]:
    """The tensors of an equality with their letters; what stands before a bracket is none."""
    applied = {id(part.name) for side in line for part in side.walk() if isinstance(part, Applied)}
    for side in line:
        for part in side.walk():
            if isinstance(part, Name) and id(part) not in applied:
                yield key_of(part)


def _counters(line: tuple[Node, ...]) -> Iterator[str]:
    """The letters that count something in an equality."""
    for side in line:
        for part in side.walk():
            if isinstance(part, Summed):
                yield from part.letters
            elif isinstance(part, Name):
                yield from key_of(part)[1]


def _join(
    named: list[tuple[Key, tuple[str, ...]]], axes: UnifiedAxes, is_spoken: Callable[[Key], bool]
) -> None:
    """One letter counts one axis; what a model says of its own tensors stays as it is."""
    ordered = sorted(named, key=lambda pair: is_spoken(pair[0]))
    counted: dict[str, int] = {}
    for key, letters in ordered:
        own = axes.owned.get(key, ())
        for axis, letter in zip(own, letters, strict=False):
            if letter in counted and is_spoken(key):
                axes.unify(counted[letter], axis)
            counted.setdefault(letter, axis)
