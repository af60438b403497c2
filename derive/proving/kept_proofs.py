"""Proofs that were found, by what was asked: texts say things twice, and processes help each other.

A proof depends on nothing but what was asked, so that it does not matter who looked for it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable, Iterable

from derive.proving.proof import Proof

Asked = Hashable
Entry = tuple[Asked, Proof]


class KeptProofs:
    """The proofs that were found last, `most` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[Asked, Proof] = {}

    def found(self, asked: Asked, judge: Callable[[], Proof]) -> Proof:
        """The proof of what is asked, from `judge` where it is not known."""
        proof = self._found.get(asked)
        if proof is None:
            proof = judge()
            self.add([(asked, proof)])
        return proof

    def add(self, entries: Iterable[Entry]) -> None:
        """Keep proofs that were found elsewhere."""
        for asked, proof in entries:
            self._found[asked] = proof
            if len(self._found) > self._most:
                del self._found[next(iter(self._found))]

    def added_by(self, work: Callable[[], object]) -> list[Entry]:
        """The proofs that a piece of work looks for, as far as they reach another process."""
        before = set(self._found)
        work()
        new = ((asked, proof) for asked, proof in self._found.items() if asked not in before)
        return [entry for entry in new if _travels(entry)]


def _travels(entry: Entry) -> bool:
    """Whether it is the same in another process; some sums are put together on the way."""
    try:
        return pickle.loads(pickle.dumps(entry)) == entry
    except (pickle.PicklingError, TypeError, AttributeError, ValueError, RecursionError):
        return False


#: What the judge has found in this process.
KEPT = KeptProofs(4_096)
