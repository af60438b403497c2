"""The axes of arrays: symbols that become one where arrays are put together."""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Basic, Integer, Symbol

from derive.algebra.indices import Index, index
from derive.model.defined_model import axis_named


class UnreadableError(Exception):
    """What cannot be read; the message says what, and what would be right."""


class MeetingAxesError(UnreadableError):
    """Arrays that do not go together."""


@dataclass
class ArrayAxes:
    """Which axes are one, which have names of the author's, and how many letters were used.

    Attributes:
        joined: for an axis that became another one, that one.
        declared: the axes that the author named; two of these are never one.
        sizes: sizes that are given as numbers.
        made: the axes that nobody named.
        kept_apart: axes of a model that is complete: what claims do with them makes no two one.
    """

    joined: dict[Symbol, Symbol] = field(default_factory=dict)
    declared: set[Symbol] = field(default_factory=set)
    sizes: dict[Symbol, int] = field(default_factory=dict)
    made: set[Symbol] = field(default_factory=set)
    kept_apart: frozenset[Symbol] = frozenset()
    count: int = 0

    def letter(self) -> Index:
        """A letter that nothing has."""
        self.count += 1
        return index(f"i_{self.count}")

    def new(self, name: str) -> Symbol:
        """An axis that nobody named, called after where it stands."""
        axis = axis_named(name)
        while axis in self.joined or axis in self.declared or axis in self.made:
            axis = axis_named(f"{axis}_")
        self.made.add(axis)
        return axis

    def named(self, name: str) -> Symbol:
        """The axis that the author calls so."""
        axis = axis_named(name)
        self.declared.add(self.of(axis))
        return self.of(axis)

    def of(self, axis: Symbol) -> Symbol:
        """The axis that it has become."""
        while axis in self.joined:
            axis = self.joined[axis]
        return axis

    def call(self, axis: Symbol, name: str) -> Symbol:
        """Give an axis a name of the author's; one that has a name already keeps it."""
        own, wanted = self.of(axis), self.of(axis_named(name))
        is_new = wanted not in self.declared
        if own == wanted or (own in self.declared and not is_new):
            self.declared.add(own)
            return own
        if own in self.declared:
            self.joined[wanted] = own
            return own
        self.declared.add(wanted)
        try:
            return self.join(own, wanted)
        except MeetingAxesError:
            if is_new:
                self.declared.discard(wanted)
            return own

    def join(self, one: Symbol, other: Symbol) -> Symbol:
        """Make one axis of two.

        Raises:
            MeetingAxesError: when both have names of the author's, or sizes that differ.
        """
        one, other = self.of(one), self.of(other)
        if one == other:
            return one
        if one in self.declared and other in self.declared:
            raise MeetingAxesError(f"an axis {one} meets an axis {other}")
        if one in self.kept_apart and other in self.kept_apart:
            raise MeetingAxesError(f"an axis {one} meets an axis {other}")
        sizes = {self.sizes[a] for a in (one, other) if a in self.sizes}
        if len(sizes) > 1:
            raise MeetingAxesError(f"an axis of {min(sizes)} meets one of {max(sizes)}")
        kept, gone = (other, one) if other in self.declared else (one, other)
        self.joined[gone] = kept
        if gone in self.kept_apart:
            self.kept_apart |= {kept}
        if sizes:
            self.sizes[kept] = sizes.pop()
        return kept

    def settled(self, expression: Basic) -> Basic:
        """The expression with each axis as what it has become."""
        found = {axis: self.of(axis) for axis in expression.free_symbols if axis in self.joined}
        return expression.xreplace(found) if found else expression

    def sized(self, size: int, name: str) -> Symbol | None:
        """An axis of a number of units; None where it is one."""
        if size == 1:
            return None
        axis = self.new(name)
        self.sizes[axis] = size
        return axis

    @property
    def written(self) -> set[Symbol]:
        """The axes whose size the author wrote, by a name or as a number."""
        return self.declared | {self.of(axis) for axis in self.sizes}

    @property
    def numbers(self) -> frozenset[Integer]:
        """Sizes that were given as numbers."""
        return frozenset(map(Integer, self.sizes.values()))
