"""What names stand for while a program is read: quantities of the model, and derivatives."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from sympy import Expr, Integer, S, Symbol
from sympy.core.function import Application

from derive.algebra.functions import Step, with_logistic
from derive.algebra.quantities import Partial, Quantity
from derive.reading.code.arrays.array import IndexedArray
from derive.reading.code.arrays.calls import computes, viewed
from derive.reading.code.arrays.modules import kept, under
from derive.reading.code.arrays.operations import without_jumps
from derive.reading.code.arrays.scope import (
    OBJECTIVE,
    CodeScope,
    Drafted,
    GivenArray,
    has_gradient,
    is_drawn,
)
from derive.reading.code.arrays.values import Items, Module, Unknown, Value
from derive.reading.code.gradients import base_of
from derive.reading.code.said import Assigned, CodeLine, ComputedArray, Update


@dataclass
class Bindings:
    """The names of a program, and what it has said.

    Attributes:
        sign: -1 where the program adds what it calls gradients, and they are their negatives.
        samples: an axis of a tensor that is given, by whose size the gradients of all that has it
            are multiplied in all of the program; None if they are not.
        said: what the lines say, in order.
        open: gradients that were assigned and may still be changed in place.
        same: for each name, the object that it names; two names may name one.
        views: for each name that is a view of an object, as x.T is, that object.
        changed: what was changed in place; the name still stands for it.
    """

    scope: CodeScope
    sign: Expr = S.One
    samples: tuple[str, int] | None = None
    said: list[CodeLine] = field(default_factory=list)
    open: dict[str, Assigned] = field(default_factory=dict)
    same: dict[str, object] = field(default_factory=dict)
    views: dict[str, object] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    @property
    def scale(self) -> Expr:
        """By what the gradients of what has an axis of samples are multiplied."""
        given = None if self.samples is None else self.scope.draft.given.get(self.samples[0])
        slot = None if given is None or self.samples is None else given.slots[self.samples[1]]
        return S.One if slot is None else self.scope.axes.of(slot)

    def with_names(self, returned: Value) -> Value:
        """What is returned, with a name for its first array if that has none."""
        values = returned.values if isinstance(returned, Items) else (returned,)
        first, rest = next(iter(values), None), values[1:]
        if not isinstance(first, IndexedArray) or isinstance(first.value, Quantity):
            return returned
        named = self.quantity("output", first, None)
        return Items((named, *rest)) if rest else named

    def is_data(self, name: str) -> bool:
        """Whether a name stands for a tensor that is given, whatever fills it."""
        held = self.scope.names.get(name)
        entry = held.value if isinstance(held, IndexedArray) else None
        return isinstance(entry, Quantity) and entry.kind in self.scope.draft.given

    def base_name(self, target: ast.expr) -> str | None:
        """What a target is the gradient by, in the program itself."""
        return None if self.scope.inside else base_of(target, self.known())

    def known(self) -> set[str]:
        """What may be differentiated by."""
        return {n for n, v in self.scope.names.items() if isinstance(v, IndexedArray)} | {
            *self.scope.draft.given, *self.scope.draft.defined
        }  # fmt: skip

    def bind(self, name: str, found: Value, value: ast.expr, one: ast.stmt) -> None:
        """Let a name stand for a value; one that is computed becomes a quantity."""
        self.same_object(name, value)
        if isinstance(found, Module):
            found = kept(found if found.name else under(found, name), self.scope)
        elif isinstance(found, IndexedArray):
            if isinstance(found.value, Symbol) and found.value.is_positive:
                self.scope.axes.call(found.value, name)
                found = replace(found, value=self.scope.axes.of(found.value))
            elif self.scope.defines:
                found = self.quantity(name, found, one)
        self.scope.names[name] = found

    def _name_axes(self, name: str, found: IndexedArray) -> None:
        """Give the axes of what is computed the names that a comment has for them."""
        shape = self.scope.shapes.get(name, ())
        if len(shape) != found.rank:
            return
        for slot, wanted in zip(found.slots, shape, strict=True):
            if slot is not None and isinstance(wanted, str) and wanted[0] != ".":
                self.scope.axes.call(slot, wanted)

    def same_object(self, name: str, value: ast.expr) -> None:
        """Note what object a name stands for now, and of what it is only a view."""
        whole = value
        while not isinstance(whole, ast.Name) and (inner := viewed(whole)) is not None:
            whole = inner
        held = self.same.get(whole.id, whole.id) if isinstance(whole, ast.Name) else object()
        self.same[name] = held if whole is value else object()
        self.views.pop(name, None)
        if whole is not value and isinstance(whole, ast.Name):
            self.views[name] = held

    def quantity(self, name: str, found: IndexedArray, one: ast.stmt | None) -> IndexedArray:
        """The value under its name, where it is one of the forward pass."""
        draft = self.scope.draft
        if has_gradient(found.value):
            if name in draft.given and one is not None:
                self.said.append(Update(one, name))
            return found
        zeros = not found.value and base_of(ast.Name(name), self.known()) is None
        if is_drawn(found.value) or (_is_filled(found) and (zeros or name in self.scope.targets)):
            return draft.give(name, GivenArray(found.slots))
        plain: Expr | None = found.value
        if found.value.has(Step):
            plain = without_jumps(found.value)
        if (
            found.pick
            or found.truth
            or plain is None
            or isinstance(plain, Quantity)
            or not plain.atoms(Quantity)
        ):
            return found
        whole = with_logistic(plain)
        if isinstance(whole, Application) and not isinstance(whole.args[0], Quantity):
            inside, *others = whole.args
            inner = draft.define(f"{name}_in", replace(found, value=inside))  # pyright: ignore
            whole = whole.func(inner.value, *others)
        self._name_axes(name, found)
        defined = draft.define(name, replace(found, value=whole))
        assert isinstance(defined.value, Quantity)
        if one is not None:
            self.said.append(ComputedArray(one, name, defined.value.kind))
        return defined

    def axes_so_far(self) -> frozenset[Symbol]:
        draft = self.scope.draft
        every = (*draft.given.values(), *draft.defined.values())
        return frozenset(
            self.scope.axes.of(slot) for one in every for slot in one.slots if slot is not None
        )

    def by_name(self, base: str) -> IndexedArray | None:
        """The quantity of a name; None where two have had it."""
        held, draft = self.scope.names.get(base), self.scope.draft
        if isinstance(held, IndexedArray) and isinstance(held.value, Quantity):
            renewed = held.value.kind.startswith(f"{base}_") and base not in self.changed
            return None if renewed else held
        found = draft.given.get(base) or draft.defined.get(base)
        return None if found is None else draft.entry(base, found.slots)

    def derivative(self, by: IndexedArray) -> IndexedArray:
        """The derivative that a name of a gradient stands for from here on."""
        by = by.fresh(self.scope.axes)
        assert isinstance(by.value, Quantity)
        factor = scale_of(self.scope.draft, by, self.scale)
        return replace(by, value=self.sign * factor * Partial(OBJECTIVE, by.value))

    def axes_of(self, array: IndexedArray) -> list[Symbol]:
        """The axes of more than one entry."""
        return [self.scope.axes.of(slot) for slot in array.slots if slot is not None]

    def is_of_data(self, value: ast.expr) -> bool:
        """Whether an expression is made of numbers and of tensors that nothing is derived by."""
        if self.scope.inside or isinstance(value, ast.Name):
            return False
        for node in ast.walk(value):
            if isinstance(node, ast.Call) and not (computes(node) or _is_constant(node)):
                return False
            held = self.scope.names.get(node.id) if isinstance(node, ast.Name) else None
            if isinstance(held, IndexedArray):
                kinds = {q.kind for q in held.value.atoms(Quantity)}
                if kinds & self.scope.targets or kinds & self.scope.draft.defined.keys():
                    return False
            elif held is not None or (isinstance(node, ast.Attribute) and _is_own(node)):
                return False
            if isinstance(node, ast.Name) and node.id in self.scope.targets:
                return False
        return True

    def rename(self, name: str, found: Value) -> None:
        """Let an object have another value under all of its names; views of it are lost."""
        mine, seen = self.same.get(name, name), self.views.get(name)
        for other in (*self.scope.names,):
            own = self.same.get(other, other)
            if own == mine and other not in self.open:
                self.scope.names[other] = found
            elif other != name and (self.views.get(other) == mine or own == seen):
                self.scope.names[other] = Unknown("it is changed in place through another name")
        self.scope.names[name] = found


def scale_of(draft: Drafted, by: IndexedArray, scale: Expr) -> Expr:
    """By what the gradient of an array is multiplied: that of what has an axis of samples."""
    axes = {draft.axes.of(slot) for slot in by.slots if slot is not None}
    return scale if axes & scale.free_symbols else S.One


def _is_constant(node: ast.Call) -> bool:
    """Whether a call is given nothing but numbers and words, as a loader of data is."""
    given = [*node.args, *(key.value for key in node.keywords)]
    return all(isinstance(one, ast.Constant) for one in given) and isinstance(node.func, ast.Name)


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "ctx")


def _is_filled(found: IndexedArray) -> bool:
    """Whether all entries are one number, as those of zeros are."""
    return found.rank > 0 and isinstance(found.value, Integer)
