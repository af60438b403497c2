"""`Assignment`: one line of a program, with the equations of the derivation that prove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Expr, S

from derive.algebra.indices import index
from derive.algebra.quantities import Partial, Quantity, is_step, outermost
from derive.meaning.derivation import Equation
from derive.model.model import Model

#: A tensor, given or defined, or its derivative: a name without indices.
Name = Quantity | Partial
#: Equations of a document: the first and the last number of each chain.
Places = tuple[tuple[int, int], ...]
#: An index that counts samples, where the equations of a model are about one of them.
SAMPLE = index("sample")


@dataclass(frozen=True)
class Assignment:
    """left := right, for a general entry of a tensor.

    Attributes:
        left: a quantity or a derivative, at index letters.
        right: its formula, in what is given and what was assigned before.
        equations: the numbers, in the document of the model, of the equations that say so.
        assuming: what these assume of the inputs.
    """

    left: Name
    right: Expr
    equations: Places
    assuming: tuple[Equation, ...] = ()

    @property
    def name(self) -> Name:
        """The tensor that is assigned."""
        return without_letters(self.left)


@dataclass(frozen=True)
class Kernel:
    """Everything that programs of a model are made of.

    Attributes:
        model: what the names mean; layers of a stack have symbols for their widths.
        source: the model whose document has the numbers.
        order: 1 or 2, the order of that document.
        assignments: by name, each in terms of others and of what is given.
        per_sample: whether arrays have a row for each sample, of which the equations see one.
        gauss_newton: for each parameter, at letters, its entry of the Gauss-Newton product, and
            the left side of the equation as documents write it.
        diagonal: the same of the diagonal of the Hessian.
        pulled_back: of a model from definitions whose objective is a function of its output: what
            takes derivatives by the output to those by what comes before it.
    """

    model: Model
    source: Model
    order: int
    assignments: Mapping[Name, Assignment]
    per_sample: bool
    gauss_newton: tuple[tuple[Quantity, Assignment, str], ...] = ()
    diagonal: tuple[tuple[Quantity, Assignment, str], ...] = ()
    pulled_back: Mapping[Name, Assignment] = field(default_factory=dict)

    @property
    def given(self) -> tuple[Quantity, ...]:
        """Inputs, targets and parameters, in the order of arguments."""
        order = {"input": 0, "constant": 1, "target": 2}
        heads = [head for head in self.model.given if head not in self.model.parameters]
        heads.sort(key=lambda head: order.get(self.model.role(head), 0))
        return tuple(Quantity(*head) for head in (*heads, *self.model.parameters))

    @property
    def parameters(self) -> tuple[Quantity, ...]:
        """What C is differentiated by."""
        return tuple(Quantity(*head) for head in self.model.parameters)

    @property
    def differentiated(self) -> tuple[Quantity, ...]:
        """What moves along a direction: parameters, and the inputs that a model counts to them."""
        entries = (self.model.general_entry(one.args[:2])[0] for one in self.given)
        return tuple(one.at() for one in entries if self.model.moving(one) != S.Zero)

    @property
    def is_specified(self) -> bool:
        """Whether C is some known function, which has a Hessian."""
        return not self.model.opaque(self.model.C.args[:2])

    def needed(self, *wanted: Name) -> tuple[Assignment, ...]:
        """What is computed for some names, each after what it is computed from."""
        found: dict[Name, Assignment] = {}

        def visit(name: Name) -> None:
            own = self.assignments.get(name)
            if own is None or name in found:
                return
            for part in parts_of(own.right):
                visit(part)
            found[name] = own

        for name in wanted:
            visit(name)
        return tuple(found.values())

    def varies(self, name: Name) -> bool:
        """Whether a tensor has a value for each sample."""
        if not self.per_sample:
            return False
        if isinstance(name, Quantity):
            return name.args[:2] not in self._fixed
        if is_step(name.wrt):
            return self.varies(_tensor(name.of))
        by = self.varies(name.wrt)
        return by if name.of == self.model.C else by and self.varies(_tensor(name.of))

    @cached_property
    def _fixed(self) -> frozenset[Any]:
        """What all samples share: parameters, how they move, and C, which is of all samples."""
        entries = [self.model.general_entry(head)[0] for head in self.model.parameters]
        moves = (self.model.moving(entry).args[:2] for entry in entries)
        return frozenset((*self.model.parameters, *moves, self.model.C.args[:2]))


def _tensor(of: Expr) -> Name:
    assert isinstance(of, Quantity | Partial)
    return of


def parts_of(formula: Expr) -> tuple[Name, ...]:
    """The tensors that a formula is computed from."""
    return tuple(dict.fromkeys(without_letters(one) for one in outermost(formula)))


def variables_of(name: Name) -> tuple[Quantity, ...]:
    """Whose indices a name has, in order: z and W of d2C/dz dW, and q of R{q}."""
    if isinstance(name, Quantity):
        return (name,)
    inner = variables_of(_tensor(name.of))
    return inner if is_step(name.wrt) else (*inner, name.wrt)


def indices_of(name: Name) -> tuple[Expr, ...]:
    """All indices of a name, in the order of the axes of its array."""
    return tuple(index for one in variables_of(name) for index in one.indices)


def without_letters(name: Name) -> Name:
    """The tensor of an entry."""
    if isinstance(name, Quantity):
        return name.at()
    of = without_letters(name.of) if isinstance(name.of, Quantity | Partial) else name.of
    return Partial(of, name.wrt.at())
