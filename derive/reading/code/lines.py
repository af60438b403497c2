"""A program line by line: what it defines, and what it claims of gradients."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sympy import Expr, Integer, S, Symbol

from derive.algebra.functions import ReLU, Step
from derive.algebra.quantities import Partial, Quantity
from derive.reading.code.arrays.array import Array, combined
from derive.reading.code.arrays.axes import ShapesError, UnreadableError
from derive.reading.code.arrays.expressions import name_of, operated
from derive.reading.code.arrays.operations import without_jumps
from derive.reading.code.arrays.places import pick_of
from derive.reading.code.arrays.scope import (
    OBJECTIVE,
    Drafted,
    Given,
    NeedsShapeError,
    Scope,
    has_gradient,
    is_drawn,
)
from derive.reading.code.arrays.values import Items, Unknown, Value
from derive.reading.code.gradients import base_of


#: A shape with another number of places than are taken of it tells more than any line.
_MISCOUNTED = 100


@dataclass(frozen=True)
class Line:
    """One line of the program that says something.

    Attributes:
        node: where it stands.
        name: what is assigned to.
    """

    node: ast.AST
    name: str


@dataclass(frozen=True)
class Definition(Line):
    """A quantity of the model is computed here, called `quantity` there."""

    quantity: str


@dataclass(frozen=True)
class Update(Line):
    """A step of gradient descent."""


@dataclass(frozen=True)
class Assigned(Line):
    """A gradient is claimed: the derivative by a quantity is this.

    Attributes:
        by: the quantity, with letters of its own.
        array: what the program computes for it.
        scope: what names stood for, to read the line in another way.
        value: the expression, if one line says it all.
    """

    by: Array
    array: Array
    scope: Scope
    value: ast.expr | None


@dataclass(frozen=True)
class Unread(Line):
    """A gradient whose formula could not be read, and why.

    Attributes:
        by: the quantity, if it is known.
        is_shape: whether arrays do not go together.
    """

    why: str
    by: Array | None = None
    is_shape: bool = False
    scope: Scope | None = None
    value: ast.expr | None = None


@dataclass
class Lines:
    """Reads statements one after another.

    Attributes:
        said: what they say, in order.
        open: gradients that were assigned and may still be changed in place.
        scale: by what the gradients of what is computed are multiplied, in all of the program.
        same: for each name, the object that it names; two names may name one.
        changed: what was changed in place; the name still stands for it.
        handed_in: the quantity whose gradient is given, if one is.
    """

    scope: Scope
    scale: Expr = S.One
    has_objective: Callable[[], bool] = lambda: True
    said: list[Line] = field(default_factory=list)
    open: dict[str, Assigned] = field(default_factory=dict)
    same: dict[str, object] = field(default_factory=dict)
    returned: Value | None = None
    handed_in: Array | None = None
    dimensions: frozenset[str] = frozenset()
    changed: set[str] = field(default_factory=set)

    def run(self, statements: Sequence[ast.stmt]) -> None:
        """Read statements in order, to the first return."""
        for one in statements:
            if self.returned is not None:
                return
            self._statement(one)

    def close(self) -> None:
        """Nothing changes any more."""
        for name in (*self.open,):
            self._finish(name)

    # -- statements ----------------------------------------------------------------------------

    def _statement(self, one: ast.stmt) -> None:
        self._finish_used(one)
        match one:
            case ast.Assign():
                for target in one.targets:
                    self._assign(target, one.value, one)
            case ast.AnnAssign(value=ast.expr() as value):
                self._assign(one.target, value, one)
            case ast.AugAssign():
                self._change(one)
            case ast.Return(value=ast.expr() as value):
                self.returned = self._returned(value, one)
            case ast.Expr(value=ast.Call() as call):
                self._kept_for_later(call)
            case ast.For() | ast.While() | ast.If() | ast.With() | ast.Try():
                self._nested(one)
            case _:
                return

    def _nested(self, one: ast.stmt) -> None:
        """Loops over epochs and the like are read once; what branches is not known after."""
        if isinstance(one, ast.With) or _is_straight(one):
            self.run(one.body)  # pyright: ignore
            return
        for name in _assigned(one):
            if self._is_data(name) and not any(map(_is_whole_assignment(name), ast.walk(one))):
                continue
            self.open.pop(name, None)
            why = f"it is assigned in a loop or a branch (line {one.lineno}), which is not read"
            self.scope.names[name] = Unknown(why)
            if base_of(ast.Name(name), self.scope.names) is not None:
                self.said.append(Unread(one, name, why))

    def _is_data(self, name: str) -> bool:
        """Whether a name stands for a tensor that is given, whatever fills it."""
        held = self.scope.names.get(name)
        entry = held.value if isinstance(held, Array) else None
        return isinstance(entry, Quantity) and entry.kind in self.scope.draft.given

    def _returned(self, value: ast.expr, one: ast.stmt) -> Value:
        if isinstance(value, ast.Dict):
            self._table(value, one)
        try:
            return self.scope.value(value)
        except UnreadableError:
            parts = value.elts if isinstance(value, ast.Tuple) else []
            return Items(tuple(self._or_unknown(part) for part in parts))

    def _or_unknown(self, node: ast.expr) -> Value:
        try:
            return self.scope.value(node)
        except UnreadableError as problem:
            return Unknown(str(problem))

    def _kept_for_later(self, call: ast.Call) -> None:
        """ctx.save_for_backward(x, w), and whatever changes an array by a method."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name == "save_for_backward":
            self.scope.names["saved_tensors"] = Items(tuple(map(self._or_unknown, call.args)))
        elif name.endswith("_") and isinstance(call.func, ast.Attribute):
            held = name_of(call.func.value)
            if held is not None and name not in ("zero_", "requires_grad_"):
                self.scope.names[held] = Unknown(f"{name} changes it in place")

    # -- assignments ---------------------------------------------------------------------------

    def _assign(self, target: ast.expr, value: ast.expr, one: ast.stmt) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value, one)
            return
        name = name_of(target)
        if isinstance(target, ast.Subscript) and name is None:
            self._change_part(target, value, one)
            return
        base = self._base(target)
        if isinstance(value, ast.Dict):
            self._table(value, one)
        if name is None and base is None:
            return
        name = name or f"{base}.grad"
        if isinstance(value, ast.Constant) and name in self.dimensions:
            self.scope.names[name] = Array((), (), self.scope.axes.named(name))
            return
        if base is not None and name not in self.open:
            self._gradient(base, name, value, one)
            return
        if base is not None:
            self._recompute(name, base, lambda: self.scope.array(value), value, one)
            return
        try:
            found = self.scope.value(value)
        except UnreadableError as problem:
            self._failed(name, base, problem, value, one)
            return
        self._bind(name, found, value, one)

    def _base(self, target: ast.expr) -> str | None:
        """What a target is the gradient by, in the program itself."""
        return None if self.scope.inside else base_of(target, self._known())

    def _known(self) -> set[str]:
        """What may be differentiated by."""
        return {n for n, v in self.scope.names.items() if isinstance(v, Array)} | {
            *self.scope.draft.given, *self.scope.draft.defined
        }  # fmt: skip

    def _bind(self, name: str, found: Value, value: ast.expr, one: ast.stmt) -> None:
        """Let a name stand for a value; one that is computed becomes a quantity."""
        self.same[name] = (
            self.same.get(value.id, value.id) if isinstance(value, ast.Name) else object()
        )
        if isinstance(found, Array):
            if isinstance(found.value, Symbol) and found.value.is_positive:
                self.scope.axes.call(found.value, name)
                found = replace(found, value=self.scope.axes.of(found.value))
            elif not self.scope.inside:
                found = self._quantity(name, found, one)
        self.scope.names[name] = found

    def _quantity(self, name: str, found: Array, one: ast.stmt) -> Array:
        """The value under its name, where it is one of the forward pass."""
        draft = self.scope.draft
        if has_gradient(found.value):
            if name in draft.given:
                self.said.append(Update(one, name))
            return found
        zeros = not found.value and base_of(ast.Name(name), self._known()) is None
        if is_drawn(found.value) or (_is_filled(found) and (zeros or name in self.scope.targets)):
            return draft.give(name, Given(found.slots))
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
        if isinstance(plain, ReLU) and not isinstance(plain.args[0], Quantity):
            inner = draft.define(f"{name}_in", replace(found, value=plain.args[0]))  # pyright: ignore
            plain = ReLU(inner.value, plain.args[1])
        defined = draft.define(name, replace(found, value=plain))
        assert isinstance(defined.value, Quantity)
        self.said.append(Definition(one, name, defined.value.kind))
        return defined

    def _unpack(self, targets: Sequence[ast.expr], value: ast.expr, one: ast.stmt) -> None:
        """a, b = c, d; from what is not known each name keeps its meaning."""
        if isinstance(value, ast.Tuple) and len(value.elts) == len(targets):
            for target, part in zip(targets, value.elts, strict=True):
                self._assign(target, part, one)
            return
        try:
            found = self.scope.value(value)
        except (UnreadableError, NeedsShapeError):
            return
        if isinstance(found, Items) and len(found.values) != len(targets):
            self.scope.draft.failures += _MISCOUNTED
        elif isinstance(found, Items):
            for target, part in zip(targets, found.values, strict=True):
                if (name := name_of(target)) is not None and not isinstance(part, Unknown):
                    self._bind(name, part, value, one)

    def _table(self, table: ast.Dict, one: ast.stmt) -> None:
        """{"dW1": x.T @ dz}: gradients that are formulas there."""
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and not isinstance(value, ast.Name):
                base = self._base(ast.Name(str(key.value)))
                if base is not None:
                    self._gradient(base, str(key.value), value, one)

    # -- gradients -----------------------------------------------------------------------------

    def _gradient(self, base: str, name: str, value: ast.expr, one: ast.stmt) -> None:
        """The gradient by what is called `base`; the claim is made when it is used."""
        by = self._by(base)
        if by is None:
            self.scope.names[name] = Unknown(f"{base} is assigned more than once; which is meant?")
            self.said.append(Unread(one, name, self.scope.names[name].why))  # pyright: ignore
            return
        self.scope.axes.kept_apart = self.scope.axes.kept_apart or self._axes_so_far()
        try:
            array = self.scope.array(value)
        except UnreadableError as problem:
            self._failed(name, base, problem, value, one)
            return
        if not self.has_objective() and self.handed_in is None and not has_gradient(array.value):
            self.handed_in = by
            self.scope.names[name] = self._derivative(by)
            return
        self.same[name] = (
            self.same.get(value.id, value.id) if isinstance(value, ast.Name) else object()
        )
        scope = replace(self.scope, names={**self.scope.names})
        self.open[name] = Assigned(one, name, by, array, scope, value)
        self.scope.names[name] = array

    def _axes_so_far(self) -> frozenset[Symbol]:
        draft = self.scope.draft
        every = (*draft.given.values(), *draft.defined.values())
        return frozenset(
            self.scope.axes.of(slot) for one in every for slot in one.slots if slot is not None
        )

    def _by(self, base: str) -> Array | None:
        """The quantity of a name; None where two have had it."""
        held, draft = self.scope.names.get(base), self.scope.draft
        if isinstance(held, Array) and isinstance(held.value, Quantity):
            renewed = held.value.kind.startswith(f"{base}_") and base not in self.changed
            return None if renewed else held
        found = draft.given.get(base) or draft.defined.get(base)
        return None if found is None else draft.entry(base, found.slots)

    def _derivative(self, by: Array) -> Array:
        """The derivative that a name of a gradient stands for from here on."""
        by = by.fresh(self.scope.axes)
        assert isinstance(by.value, Quantity)
        factor = scale_of(self.scope.draft, by, self.scale)
        return replace(by, value=factor * Partial(OBJECTIVE, by.value))

    def _finish_used(self, one: ast.stmt) -> None:
        """Close the gradients that a statement uses, but for what it changes in place."""
        own = set[str]()
        if isinstance(one, ast.Assign | ast.AugAssign):
            target = one.targets[0] if isinstance(one, ast.Assign) else one.target
            if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant):
                target = target.value
            own = {name_of(target) or ""}
        for node in ast.walk(one):
            if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
                name = name_of(node)
                if name is not None and name in self.open and name not in own:
                    self._finish(name)

    def _finish(self, name: str) -> None:
        claim = self.open.pop(name)
        self.said.append(claim)
        if self.axes_of(claim.by) == self.axes_of(claim.array):
            self.scope.names[name] = self._derivative(claim.by)
        else:
            self.scope.names[name] = Unknown("it has not the shape of what it is the gradient of")

    def axes_of(self, array: Array) -> list[Symbol]:
        """The axes of more than one entry."""
        return [self.scope.axes.of(slot) for slot in array.slots if slot is not None]

    def _failed(
        self, name: str, base: str | None, problem: UnreadableError, value: ast.expr, one: ast.stmt
    ) -> None:
        line = f" (line {one.lineno})" if not self.scope.inside else ""
        self.open.pop(name, None)
        self.scope.draft.failures += isinstance(problem, ShapesError)
        self.scope.names[name] = Unknown(f"{problem}{line}")
        by = self._by(base) if base is not None else None
        if by is not None:
            scope = replace(self.scope, names={**self.scope.names})
            shape = isinstance(problem, ShapesError)
            self.said.append(Unread(one, name, str(problem), by, shape, scope, value))
            self.scope.names[name] = self._derivative(by)

    # -- changes in place ----------------------------------------------------------------------

    def _masks(self, name: str, compute: Callable[[], Array], one: ast.stmt) -> bool:
        """After its mask the gradient by r = ReLU(z) is that by z: whether this is the mask."""
        claim = self.open.get(name)
        inner = None if claim is None else self.scope.draft.argument_of_relu(claim.by.value)
        if claim is None or inner is None:
            return False
        before = self.scope.names[name]
        self.scope.names[name] = self._derivative(claim.by)
        try:
            found = compute()
        except UnreadableError:
            found = None
        if found is None or not found.value.has(Step):
            self.scope.names[name] = before
            return False
        self._finish(name)
        self._rename(name, found)
        by = replace(claim.by, value=inner)
        self.open[name] = Assigned(one, name, by, found, claim.scope, None)
        return True

    def _change(self, one: ast.AugAssign) -> None:
        if isinstance(one.target, ast.Subscript) and name_of(one.target) is None:
            self._change_part(one.target, one.value, one, one.op)
            return
        name = name_of(one.target)
        base = self._base(one.target)
        name = name or (f"{base}.grad" if base else None)
        if name is None or name not in self.scope.names:
            return

        def compute() -> Array:
            new = self.scope.value(one.value)
            return operated(one.op, self.scope.named(name), new, self.scope)

        self._recompute(name, base, compute, one.value, one)

    def _change_part(
        self,
        target: ast.Subscript,
        value: ast.expr,
        one: ast.stmt,
        sign: ast.operator | None = None,
    ) -> None:
        """dz[z <= 0] = 0, and p[range(N), y] -= 1."""
        name = name_of(target.value)
        if name is None or name not in self.scope.names:
            return
        base = self._base(target.value)
        self._recompute(name, base, lambda: self._with_part(target, value, sign), value, one)

    def _recompute(
        self,
        name: str,
        base: str | None,
        compute: Callable[[], Array],
        value: ast.expr,
        one: ast.stmt,
    ) -> None:
        """Let a name stand for what is computed of what it stood for."""
        if self._masks(name, compute, one):
            return
        try:
            found = compute()
        except UnreadableError as problem:
            self._failed(name, base, problem, value, one)
            return
        self._changed(name, found, one)

    def _with_part(
        self, target: ast.Subscript, value: ast.expr, sign: ast.operator | None
    ) -> Array:
        scope = self.scope
        array = scope.array(target.value).plain().fresh(scope.axes)
        pick = pick_of(array, target.slice, scope)
        if pick is not None:
            mask = replace(array, value=pick.label)
        else:
            mask = scope.array(target.slice)
            if not mask.truth:
                raise UnreadableError(
                    f"the subscript [{ast.unparse(target.slice)[:40]}] is not read"
                )
        new = scope.array(value)
        if sign is not None:
            new = operated(sign, array, new, scope)
        return combined(scope.axes, lambda a, m, b: a * (1 - m) + b * m, array, mask, new)

    def _changed(self, name: str, found: Array, one: ast.stmt) -> None:
        """Let an object have another value, under all of its names."""
        if self.scope.inside and isinstance(self.same.get(name, name), str):
            raise UnreadableError(f"{name} is changed in place, also for the one who handed it in")
        claim = self.open.get(name)
        if claim is not None:
            self.open[name] = replace(claim, node=one, array=found, value=None)
        elif not self.scope.inside:
            self.changed.add(name)
            found = self._quantity(name, found, one)
        self._rename(name, found)

    def _rename(self, name: str, found: Array) -> None:
        mine = self.same.get(name, name)
        for other in (*self.scope.names,):
            if self.same.get(other, other) == mine and other not in self.open:
                self.scope.names[other] = found
        self.scope.names[name] = found


def scale_of(draft: Drafted, by: Array, scale: Expr) -> Expr:
    """By what the gradient of an array is multiplied: that of what is computed of each sample."""
    axes = {draft.axes.of(slot) for slot in by.slots if slot is not None}
    computed = isinstance(by.value, Quantity) and by.value.kind in draft.defined
    return scale if computed and axes & scale.free_symbols else S.One


def _is_filled(found: Array) -> bool:
    """Whether all entries are one number, as those of zeros are."""
    return found.rank > 0 and isinstance(found.value, Integer)


def _is_straight(one: ast.stmt) -> bool:
    """Whether a loop or branch may be read once, as if it were none."""
    match one:
        case ast.For(target=target):
            names = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
            return not any(_subscripted(names, body) for body in one.body)
        case ast.While():
            return True
        case ast.If(test=test):
            text = ast.unparse(test)
            return "__main__" in text or "'train'" in text or text in ("self.training", "training")
        case _:
            return False


def _subscripted(names: set[str], body: ast.stmt) -> bool:
    """Whether a counter is used for more than being printed."""
    if isinstance(body, ast.If | ast.Expr):
        return any(_assigned(body)) and any(
            isinstance(n, ast.Name) and n.id in names for n in ast.walk(body)
        )
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(body))


def _is_whole_assignment(name: str) -> Callable[[ast.AST], bool]:
    """Whether a node lets a name stand for something else."""

    def is_one(node: ast.AST) -> bool:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AugAssign) else targets
        return any(name_of(target) == name for target in targets)

    return is_one


def _assigned(one: ast.stmt) -> Iterator[str]:
    """The names that a statement may assign to."""
    for node in ast.walk(one):
        targets: Sequence[ast.expr] = ()
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            parts = target.elts if isinstance(target, ast.Tuple) else [target]
            for part in parts:
                whole = part.value if isinstance(part, ast.Subscript) else part
                name = name_of(part) or name_of(whole)
                if name is not None:
                    yield name
