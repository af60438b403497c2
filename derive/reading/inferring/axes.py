"""Which axes of tensors are one, found step by step; each has a name in the end."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field


@dataclass
class Axes:
    """Axes as numbers, of which many may turn out to be one.

    Attributes:
        parents: for each axis another that is the same, or itself.
        owned: the axes of each tensor.
        ends: what is written above sums over an axis.
    """

    parents: list[int] = field(default_factory=list[int])
    owned: dict[Hashable, tuple[int, ...]] = field(default_factory=dict[Hashable, tuple[int, ...]])
    ends: dict[int, str] = field(default_factory=dict[int, str])

    def new(self) -> int:
        """An axis that is none of the others yet."""
        self.parents.append(len(self.parents))
        return self.parents[-1]

    def root(self, axis: int) -> int:
        """The one that stands for all that are the same."""
        while self.parents[axis] != axis:
            axis = self.parents[axis]
        return axis

    def unify(self, first: int, second: int) -> None:
        """Both are one."""
        first, second = self.root(first), self.root(second)
        if first != second:
            self.parents[second] = first
            if second in self.ends:
                self.ends.setdefault(first, self.ends[second])

    def of(self, tensor: Hashable, rank: int) -> tuple[int, ...]:
        """The axes of a tensor, of which it has so many.

        Raises:
            ValueError: where it had another number of them before.
        """
        if tensor not in self.owned:
            self.owned[tensor] = tuple(self.new() for _ in range(rank))
        if len(self.owned[tensor]) != rank:
            raise ValueError(f"{len(self.owned[tensor])} indices before, and {rank} here")
        return self.owned[tensor]

    def bound(self, axis: int, last: str) -> None:
        """A sum over the axis goes up to what is written."""
        if last:
            self.ends.setdefault(self.root(axis), last)

    def named(self, taken: Collection[str]) -> dict[int, tuple[str, int | None]]:
        """A name for each axis, and its size where that is a number."""
        found: dict[int, tuple[str, int | None]] = {}
        used = set(taken)
        for axis in dict.fromkeys(self.root(one) for axes in self.owned.values() for one in axes):
            last = self.ends.get(axis, "")
            size = int(last) if last.isdigit() and 0 < len(last) < 6 else None
            plain = last if last.isidentifier() and last.isascii() and last not in used else ""
            name = plain or next(f"n_{k}" for k in range(1, 999) if f"n_{k}" not in used)
            used.add(name)
            found[axis] = name, size
        return found
