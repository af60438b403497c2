"""`Line` and `Derivation`: the equations of a derivation, each with the rule that gave it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import Basic, Expr, Integer, S, Symbol

from derive.algebra.arguments import condition, expression
from derive.algebra.quantities import Partial, Quantity, ascii_name
from derive.errors import DeriveError
from derive.lazy import late
from derive.model.matrices import Matrix, MatrixEquation
from derive.model.model import Model

_as_latex = late("derive.documents.displays", "as_latex")
_as_markdown = late("derive.documents.displays", "as_markdown")


def _as_sympy(record: Any, *fields: str) -> None:
    """Make expressions of what these fields of a frozen record were given."""
    for name in fields:
        if not isinstance(given := getattr(record, name), Basic):
            object.__setattr__(record, name, expression(given, name))


@dataclass(frozen=True)
class Equation:
    """lhs = rhs, and nothing else."""

    lhs: Expr
    rhs: Expr

    def __post_init__(self) -> None:
        _as_sympy(self, "lhs", "rhs")

    def _repr_latex_(self) -> str | None:
        return _as_latex(self)


@dataclass(frozen=True)
class GeneralStep:
    """A step in index form, and the widths and units at which it was written out."""

    general: Line
    widths: tuple[tuple[Expr, int], ...]
    units: tuple[tuple[Symbol, Integer], ...]


@dataclass(frozen=True)
class Line:
    """One equation of a derivation.

    A step whose `lhs` is the `rhs` of the step before continues a chain a = b = c.

    Attributes:
        rule: the name of the law in `derive.deriving.laws` that turns `lhs` into `rhs`; "claimed"
            for an equation that somebody else wrote.
        given: earlier equations that the rule uses ("insert (12)").
        assuming: equations that are assumed of the inputs, such as sum_j y_j = 1.
        where: a condition under which the equation is stated; true by default.
        instance: the step in index form that this one writes out, if it does.
        matrices: the equation between matrices of which this is an entry, if it is one.
    """

    lhs: Expr
    rhs: Expr
    rule: str
    given: tuple[Equation, ...] = ()
    assuming: tuple[Equation, ...] = ()
    where: Basic = S.true
    instance: GeneralStep | None = None
    matrices: MatrixEquation | None = None

    def __post_init__(self) -> None:
        _as_sympy(self, "lhs", "rhs")
        if not isinstance(self.where, Basic):
            object.__setattr__(self, "where", condition(self.where, "where"))

    @property
    def equation(self) -> Equation:
        """The equation alone."""
        return Equation(self.lhs, self.rhs)

    @property
    def printed_left(self) -> Expr | Matrix:
        """The left side as documents print it: a matrix where this is an entry of one."""
        return self.lhs if self.matrices is None else self.matrices.left

    @property
    def printed_right(self) -> Expr | Matrix:
        """The right side, likewise."""
        return self.rhs if self.matrices is None else self.matrices.right

    def _repr_latex_(self) -> str | None:
        return _as_latex(self)


class Chain(tuple[Line, ...]):
    """Lines that go on from one another, a = b = c."""

    def _repr_latex_(self) -> str | None:
        return _as_latex(self)


@dataclass(frozen=True)
class Group:
    """Steps under one title, about the quantities of one network.

    `title` is a key of the templates, `about` what the title speaks of.
    """

    title: str
    network: Model
    steps: tuple[Line, ...]
    about: Mapping[str, Basic] = field(default_factory=dict)

    @property
    def chains(self) -> Iterator[Chain]:
        """The steps, cut where a chain a = b = c ends."""
        chain: list[Line] = []
        for step in self.steps:
            if chain and chain[-1].rhs != step.lhs:
                yield Chain(chain)
                chain = []
            chain.append(step)
        if chain:
            yield Chain(chain)

    def _repr_markdown_(self) -> str | None:
        return _as_markdown(self)


@dataclass(frozen=True)
class Derivation:
    """Titled groups of steps; `derivation["dC/dW0"]` is the chain that derives a quantity."""

    groups: tuple[Group, ...]

    @property
    def steps(self) -> Iterator[Line]:
        """All steps in order."""
        for group in self.groups:
            yield from group.steps

    def __getitem__(self, quantity: str | Quantity | Partial) -> Chain:
        """The first chain that starts from a quantity, by value or by ASCII name.

        Indices in a name may be left out: "dC/dW0" finds dC/dW0[i,j].

        Raises:
            DeriveError: when no chain starts from it; the message lists what does.
        """
        name = (quantity if isinstance(quantity, str) else ascii_name(quantity)).replace(" ", "")
        names: list[str] = []
        for group in self.groups:
            for chain in group.chains:
                start = chain[0].lhs
                if not isinstance(start, Quantity | Partial):
                    continue
                full = [ascii_name(one) for one in (start, _other_order(start))]
                if name in (*full, *map(without_indices, full)):
                    return chain
                names.append(without_indices(full[0]))
        known = ", ".join(dict.fromkeys(names))
        raise DeriveError(f"there is no quantity {name!r} in this derivation; there are {known}")

    def __contains__(self, quantity: str | Quantity | Partial) -> bool:
        try:
            self[quantity]
        except DeriveError:
            return False
        return True

    def _repr_markdown_(self) -> str | None:
        return _as_markdown(self)


def _other_order(start: Quantity | Partial) -> Quantity | Partial:
    """d2C/dW0dW1 for d2C/dW1dW0: mixed derivatives do not depend on the order."""
    if isinstance(start, Partial) and isinstance(inner := start.of, Partial):
        return Partial(Partial(inner.of, start.wrt), inner.wrt)
    return start


def without_indices(name: str) -> str:
    """An ASCII name with its brackets dropped: W0[i,j] -> W0."""
    kept, depth = "", 0
    for character in name:
        depth += character == "["
        if depth == 0:
            kept += character
        depth -= character == "]"
    return kept
