"""A program line by line: what it defines, and what it claims of gradients."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from derive.algebra.functions import Step
from derive.algebra.quantities import Quantity
from derive.reading.code.arrays.array import IndexedArray, combined
from derive.reading.code.arrays.axes import MeetingAxesError, UnreadableError
from derive.reading.code.arrays.expressions import name_of, operated
from derive.reading.code.arrays.places import pick_of
from derive.reading.code.arrays.scope import NeedsShapeError, has_gradient
from derive.reading.code.arrays.values import Items, Unknown, Value
from derive.reading.code.bindings import Bindings
from derive.reading.code.branches import (
    CHANGES_LIST,
    assigned,
    is_straight,
    is_whole_assignment,
)
from derive.reading.code.gradients import base_of, bases
from derive.reading.code.said import Assigned, Taken, Unread
from derive.reading.code.signals import by_argument
from derive.reading.code.unrolling import rounds, unrolled, with_numbers_known

#: A shape with another number of places than are taken of it tells more than any line.
_MISCOUNTED = 100


#: Functions that change their first argument.
_CHANGING = ("copyto", "at", "fill_diagonal", "put", "putmask", "place", "shuffle")


@dataclass
class Lines(Bindings):
    """Reads statements one after another.

    Attributes:
        has_objective: whether a cost has been computed.
        returned: what the statements return, and `answer` where they do.
        handed_in: the quantity whose gradient is given, if one is.
        before_last: whether the gradient "by a" of the last a = phi(z) is that by z.
        dimensions: names of numbers that are sizes.
        arguments: what the function that is read is given.
        apart: loops whose rounds are programs of their own.
    """

    has_objective: Callable[[], bool] = lambda: True
    returned: Value | None = None
    answer: ast.Return | None = None
    handed_in: IndexedArray | None = None
    before_last: bool = False
    dimensions: frozenset[str] = frozenset()
    arguments: tuple[str, ...] = ()
    apart: frozenset[ast.stmt] = frozenset()

    def run(self, statements: Sequence[ast.stmt]) -> None:
        """Read statements in order, to the first return."""
        for one in statements:
            if self.returned is not None:
                return
            for told in with_numbers_known(one, self.scope):
                self._statement(told)

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
                first, *others = (name_of(target) for target in one.targets)
                for other in others:
                    if first is not None and other is not None:
                        self.same[other] = self.same.get(first, first)
            case ast.AnnAssign(value=ast.expr() as value):
                self._assign(one.target, value, one)
            case ast.AugAssign():
                self._change(one)
            case ast.Return(value=ast.expr() as value):
                self.returned, self.answer = self._returned(value, one), one
            case ast.Expr(value=ast.Call() as call):
                self._kept_for_later(call)
            case ast.For() | ast.While() | ast.If() | ast.With() | ast.Try():
                self._nested(one)
            case _:
                return

    def _nested(self, one: ast.stmt) -> None:
        """Loops over epochs and the like are read once; what branches is not known after."""
        if isinstance(one, ast.With) or is_straight(one):
            self.run(one.body)  # pyright: ignore
            return
        if isinstance(one, ast.For) and (each := rounds(one, self.scope)) is not None:
            for given in each:
                self.scope.names |= {n: v for n, v in given.items() if not isinstance(v, int)}
                self.run([*unrolled(one.body, given)])
            return
        for name in assigned(one):
            if self.is_data(name) and not any(map(is_whole_assignment(name), ast.walk(one))):
                continue
            self.open.pop(name, None)
            why = f"it is assigned in a loop or a branch (line {one.lineno}), which is not read"
            self.scope.names[name] = Unknown(why)
            if one not in self.apart and base_of(ast.Name(name), self.scope.names) is not None:
                self.said.append(Unread(one, name, why))

    def _returned(self, value: ast.expr, one: ast.stmt) -> Value:
        if isinstance(value, ast.Dict):
            self._table(value, one)
        try:
            return self.scope.value(value)
        except UnreadableError:
            parts = value.elts if isinstance(value, ast.Tuple) else []
            return Items(tuple(self._or_unknown(part) for part in parts))

    def answers_for(self, by: IndexedArray) -> None:
        """Claim that what is returned, where it has no name of its own, is the gradient by this."""
        one, found = self.answer, self.returned
        if one is None or one.value is None or isinstance(one.value, ast.Name | ast.Tuple):
            return
        if isinstance(found, IndexedArray) and has_gradient(found.value):
            scope = replace(self.scope, names={**self.scope.names})
            self.said.append(Assigned(one, "return", by, found, scope, one.value))
        elif isinstance(found, Items) and not found.values:
            self.scope.draft.failures += 1  # it is not read

    def _or_unknown(self, node: ast.expr) -> Value:
        try:
            return self.scope.value(node)
        except UnreadableError as problem:
            return Unknown(str(problem))

    def _kept_for_later(self, call: ast.Call) -> None:
        """ctx.save_for_backward(x, w), and whatever changes an array by a method."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        changed = [key.value for key in call.keywords if key.arg == "out"]
        changed += call.args[:1] if name in _CHANGING else []
        own = isinstance(call.func, ast.Name) and call.func.id in self.scope.functions
        if name in CHANGES_LIST and isinstance(call.func, ast.Attribute):
            self._change_list(name, call.func.value, call.args, call)
            return
        for one in call.args if own else changed:
            if (held := name_of(one)) is not None and held in self.scope.names:
                self.scope.names[held] = Unknown(f"{ast.unparse(call.func)} may change it in place")
        if name == "save_for_backward":
            self.scope.names["saved_tensors"] = Items(tuple(map(self._or_unknown, call.args)))
        elif name.endswith("_") and isinstance(call.func, ast.Attribute):
            held = name_of(call.func.value)
            if held is not None and name not in ("zero_", "requires_grad_"):
                self.scope.names[held] = Unknown(f"{name} changes it in place")

    def _change_list(
        self, method: str, owner: ast.expr, given: Sequence[ast.expr], call: ast.Call
    ) -> None:
        """zs.append(z); what is done to a list otherwise is not read."""
        name = name_of(owner)
        held = self.scope.names.get(name) if name is not None else None
        if name is None or held is None:
            return
        if method != "append" or not isinstance(held, Items) or len(given) != 1:
            self.rename(name, Unknown(f"{ast.unparse(call)[:60]} is not read"))
            return
        value = self._or_unknown(given[0])
        if isinstance(value, IndexedArray) and self.scope.defines:
            place = ast.copy_location(ast.Expr(call), call)
            value = self.quantity(f"{name}_{len(held.values)}", value, place)
        self.rename(name, Items((*held.values, value)))

    # -- assignments ---------------------------------------------------------------------------

    def _assign(self, target: ast.expr, value: ast.expr, one: ast.stmt) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value, one)
            return
        name = name_of(target)
        if isinstance(target, ast.Subscript) and name is None:
            self._change_part(target, value, one)
            return
        base = self.base_name(target)
        if isinstance(value, ast.Dict):
            self._table(value, one)
        if name is None and base is None:
            return
        name = name or f"{base}.grad"
        if isinstance(value, ast.Constant) and name in self.dimensions:
            self.scope.names[name] = IndexedArray((), (), self.scope.axes.named(name))
            return
        if base is not None and name not in self.open:
            self._gradient(base, name, lambda: self.scope.array(value), value, one)
            return
        if base is not None:
            self._recompute(name, base, lambda: self.scope.array(value), value, one)
            return
        try:
            found = self.scope.value(value)
        except UnreadableError as problem:
            self._failed(name, base, problem, value, one)
            return
        self.bind(name, found, value, one)

    def _unpack(self, targets: Sequence[ast.expr], value: ast.expr, one: ast.stmt) -> None:
        """a, b = c, d; from what is not known each name keeps its meaning."""
        names = {name_of(target) for target in targets}
        if isinstance(value, ast.Tuple) and len(value.elts) == len(targets):
            if names & {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}:
                self._lose(names, one)  # a, b = b, a
                return
            for target, part in zip(targets, value.elts, strict=True):
                self._assign(target, part, one)
            return
        try:
            found = self.scope.value(value)
        except NeedsShapeError as needed:
            if needed.name == name_of(value):  # a cache, of which nothing is known
                return
            raise
        except UnreadableError:
            if isinstance(value, ast.Call) and not self.is_of_data(value):
                self._lose(names, one)
            return
        if isinstance(found, Items) and len(found.values) != len(targets):
            self.scope.draft.failures += _MISCOUNTED
        elif isinstance(found, Items):
            for target, part in zip(targets, found.values, strict=True):
                self._unpacked(target, part, value, one)

    def _unpacked(self, target: ast.expr, part: Value, value: ast.expr, one: ast.stmt) -> None:
        """One of the values that a function returns: a gradient is a claim there too."""
        name, base = name_of(target), self.base_name(target)
        if isinstance(part, IndexedArray) and base is not None and isinstance(value, ast.Call):
            self._gradient(base, name or f"{base}.grad", lambda: part, None, one)
        elif name is not None and not isinstance(part, Unknown):
            self.bind(name, part, value, one)

    def _lose(self, names: Iterable[str | None], one: ast.stmt) -> None:
        """What names stand for now is not known."""
        for name in names:
            if name is not None:
                self.open.pop(name, None)
                self.scope.names[name] = Unknown(
                    f"what is assigned in line {one.lineno} is not read"
                )

    def _table(self, table: ast.Dict, one: ast.stmt) -> None:
        """{"dW1": x.T @ dz}: gradients that are formulas there."""
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and not isinstance(value, ast.Name):
                base = self.base_name(ast.Name(str(key.value)))
                if base is not None:
                    read = partial(self.scope.array, value)
                    self._gradient(base, str(key.value), read, value, one)

    # -- gradients -----------------------------------------------------------------------------

    def _gradient(
        self,
        base: str,
        name: str,
        read: Callable[[], IndexedArray],
        value: ast.expr | None,
        one: ast.stmt,
    ) -> None:
        """The gradient by what is called `base`; the claim is made when it is used."""
        by = self.by_name(base)
        if by is None:
            self.scope.names[name] = Unknown(f"{base} is assigned more than once; which is meant?")
            self.said.append(Unread(one, name, self.scope.names[name].why))  # pyright: ignore
            return
        self.scope.axes.kept_apart = self.scope.axes.kept_apart or self.axes_so_far()
        if not self.has_objective() and self.handed_in is None:
            self._hand_in()
        try:
            array = read()
        except UnreadableError as problem:
            self._failed(name, base, problem, value, one)
            return
        by = by_argument(self.scope.draft, by, array, of_last=self.before_last)
        if not self.has_objective() and self.handed_in is None:
            self._taken(name, by, one)
            return
        self.same_object(name, value or ast.Constant(None))
        scope = replace(self.scope, names={**self.scope.names})
        self.open[name] = Assigned(one, name, by, array, scope, value)
        self.scope.names[name] = array

    def _hand_in(self) -> None:
        """Without a cost an argument dh is the gradient of the h that is computed, if one is."""
        names, draft = self.scope.names, self.scope.draft
        found = {
            name: array
            for name in self.arguments
            if name not in names and name not in draft.given
            for array in map(names.get, bases(name))
            if isinstance(array, IndexedArray)
            and isinstance(array.value, Quantity)
            and array.value.kind in draft.defined
        }
        if len(found) == 1:
            ((name, self.handed_in),) = found.items()
            names[name] = self.derivative(self.handed_in)

    def _taken(self, name: str, by: IndexedArray, one: ast.stmt) -> None:
        """Without a cost the gradient of something that is computed is taken for given."""
        assert isinstance(by.value, Quantity)
        if by.value.kind in self.scope.draft.defined:
            self.handed_in = by
            self.said.append(Taken(one, name))
            self.scope.names[name] = self.derivative(by)
            return
        why = "no cost is computed, so that nothing says what is differentiated"
        self.scope.names[name] = Unknown(why)
        self.said.append(Unread(one, name, why))

    def _finish_used(self, one: ast.stmt) -> None:
        """Close the gradients that a statement uses, but for what it changes in place."""
        if not self.open:
            return
        own = set[str]()
        if isinstance(one, ast.Assign | ast.AugAssign):
            target = one.targets[0] if isinstance(one, ast.Assign) else one.target
            if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant):
                target = target.value
            own = {name_of(target) or ""}
        for name in _used(one):
            if name in self.open and name not in own:
                self._finish(name)

    def _finish(self, name: str) -> None:
        claim = self.open.pop(name)
        self.said.append(claim)
        if self.axes_of(claim.by) == self.axes_of(claim.array):
            self.scope.names[name] = self.derivative(claim.by)
        else:
            self.scope.names[name] = Unknown("it has not the shape of what it is the gradient of")

    def _failed(
        self,
        name: str,
        base: str | None,
        problem: UnreadableError,
        value: ast.expr | None,
        one: ast.stmt,
    ) -> None:
        line = f" (line {one.lineno})" if not self.scope.inside else ""
        self.open.pop(name, None)
        plain = base is None and not isinstance(problem, MeetingAxesError)
        if plain and value is not None and self.is_of_data(value):
            self.scope.names.pop(name, None)  # what it is made of is not asked for
            return
        self.scope.draft.failures += isinstance(problem, MeetingAxesError)
        self.scope.names[name] = Unknown(f"{problem}{line}")
        by = self.by_name(base) if base is not None else None
        if by is not None:
            scope = replace(self.scope, names={**self.scope.names})
            shape = isinstance(problem, MeetingAxesError)
            self.said.append(Unread(one, name, str(problem), by, shape, scope, value))
            self.scope.names[name] = self.derivative(by)

    # -- changes in place ----------------------------------------------------------------------

    def _masks(self, name: str, compute: Callable[[], IndexedArray], one: ast.stmt) -> bool:
        """After its mask the gradient by r = ReLU(z) is that by z: whether this is the mask."""
        claim = self.open.get(name)
        inner = None if claim is None else self.scope.draft.argument_of_relu(claim.by.value)
        if claim is None or inner is None:
            return False
        before = self.scope.names[name]
        self.scope.names[name] = self.derivative(claim.by)
        try:
            found = compute()
        except UnreadableError:
            found = None
        if found is None or not found.value.has(Step):
            self.scope.names[name] = before
            return False
        self._finish(name)
        self.rename(name, found)
        by = replace(claim.by, value=inner)
        self.open[name] = Assigned(one, name, by, found, claim.scope, None)
        return True

    def _change(self, one: ast.AugAssign) -> None:
        if isinstance(one.target, ast.Subscript) and name_of(one.target) is None:
            self._change_part(one.target, one.value, one, one.op)
            return
        name = name_of(one.target)
        base = self.base_name(one.target)
        name = name or (f"{base}.grad" if base else None)
        if name is None or name not in self.scope.names:
            return

        def compute() -> IndexedArray:
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
        base = self.base_name(target.value)
        self._recompute(name, base, lambda: self._with_part(target, value, sign), value, one)

    def _recompute(
        self,
        name: str,
        base: str | None,
        compute: Callable[[], IndexedArray],
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
    ) -> IndexedArray:
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
        if pick is not None and new.rank == 1:  # one for each sample
            new = replace(new, slots=(*new.slots, None), letters=(*new.letters, None))
        if sign is not None:
            new = operated(sign, array, new, scope)
        return combined(scope.axes, lambda a, m, b: a * (1 - m) + b * m, array, mask, new)

    def _changed(self, name: str, found: IndexedArray, one: ast.stmt) -> None:
        """Let an object have another value, under all of its names."""
        if self.scope.inside and isinstance(self.same.get(name, name), str):
            raise UnreadableError(f"{name} is changed in place, also for the one who handed it in")
        claim = self.open.get(name)
        if claim is not None:
            self.open[name] = replace(claim, node=one, array=found, value=None)
        elif not self.scope.inside:
            self.changed.add(name)
            found = self.quantity(name, found, one)
        self.rename(name, found)


@lru_cache(maxsize=4096)
def _used(one: ast.stmt) -> tuple[str, ...]:
    """The names in a statement, in order; kept, as each way to read a program asks for them."""
    nodes = (n for n in ast.walk(one) if isinstance(n, ast.Name | ast.Attribute | ast.Subscript))
    names = (name_of(node) for node in nodes)
    return tuple(dict.fromkeys(name for name in names if name is not None))
