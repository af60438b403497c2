"""A smaller pair with the same fault."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.oracle.pairs import Pair
from tests.oracle.terms import Term, name, number, replaced, walk

_MOST_TRIES = 60


def shrunk(pair: Pair, complaints: Callable[[Pair], list[str]]) -> Pair:
    """The smallest pair reached by small steps, each of which keeps a fault of the same kind."""
    kind = _kind(complaints(pair))
    tries = 0
    progress = True
    while progress and tries < _MOST_TRIES:
        progress = False
        for smaller in _smaller(pair):
            tries += 1
            if tries > _MOST_TRIES:
                break
            if _kind(complaints(smaller)) == kind:
                pair, progress = smaller, True
                break
    return pair


def _kind(found: list[str]) -> str:
    return " ".join(found[0].split()[:2]) if found else ""


def _smaller(pair: Pair) -> Iterator[Pair]:
    if pair.at_zero is not None:
        yield replace(pair, at_zero=None)
    for n in range(len(pair.assume)):
        yield replace(pair, assume=pair.assume[:n] + pair.assume[n + 1 :])
    sides = sorted(set(walk(pair.left)) | set(walk(pair.right)), key=_size, reverse=True)
    for place in sides:
        for new in _simpler(place):
            left, right = (replaced(side, {place: new}) for side in (pair.left, pair.right))
            assume = tuple(replaced(condition, {place: new}) for condition in pair.assume)
            yield replace(pair, left=left, right=right, assume=assume)
            yield replace(pair, left=left)
            yield replace(pair, right=right)


def _simpler(term: Term) -> Iterator[Term]:
    yield from (a for a in term.args if a.head not in ("true", "<", ">", "=", "<=", ">=", "!="))
    if term.args:
        yield from (name("x"), number(0), number(1))


def _size(term: Term) -> int:
    return sum(1 for _ in walk(term))
