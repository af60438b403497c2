"""A program as a model with claims about its gradients, under one reading of what is open."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Basic, Eq, Expr, S, Sum, Symbol

from derive.algebra.indices import index, index_symbols, substitute
from derive.algebra.quantities import NO_SUPERSCRIPT, Partial, Quantity
from derive.meaning.sides import Sides
from derive.model.defined_model import DefinedModel, Role, Tensor, TensorDefinition
from derive.reading.code.arrays.array import IndexedArray, Slot
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.expressions import evaluated
from derive.reading.code.arrays.scope import (
    OBJECTIVE,
    CodeScope,
    Dimension,
    Drafted,
    Function,
    GivenArray,
    has_gradient,
)
from derive.reading.code.arrays.values import Items, Uncounted, Unknown, Value
from derive.reading.code.bindings import scale_of
from derive.reading.code.gradients import all_bases, bases, is_handed_in, is_some_gradient
from derive.reading.code.lines import Lines
from derive.reading.code.programs import CodeProgram
from derive.reading.code.said import CodeLine

_COST = re.compile(r"(?i)\w*(?:loss|cost|obj|error|nll|mse)\w*|[LJCE]")
#: What the output of the forward pass is called where the backward pass is given it.
_OUTPUT = re.compile(
    r"(?i)outputs?|final_?outputs?|y_?hat|y_?pred(?:icted|s)?|pred(?:iction|icted)?s?|activations?_?out"
)
#: What is a difference as often as a cost.
_ERROR = re.compile(r"(?i)(?:\w+_)?errors?(?:_?\w+)?|E")
_INPUT = re.compile(r"(?i)x\w*|inputs?|data|images?")
_TARGET = re.compile(
    r"(?i)y|y_?(?:true|batch|train|oh|enc|one_?hot)|t|targets?|labels?|y_hot|onehot"
)
_SIZING = {
    *("zeros", "ones", "empty", "randn", "rand", "normal", "uniform", "random"),
    *("Linear", "reshape", "view"),
}


@dataclass(frozen=True)
class CodeConventions:
    """What a program is taken to mean where nothing says it.

    Attributes:
        samples: a tensor and the place of its axis of samples, by whose size all gradients of
            what has that axis are multiplied; None if they are not.
        count: a name that is handed in for the number of samples, if one is.
        guessed: names of which nothing tells whether they are numbers.
        sign: -1 where what the program calls gradients is their negatives.
        before_last: whether the gradient "by a" of the last a = phi(z) is that by z.
    """

    samples: tuple[str, int] | None = None
    count: str | None = None
    guessed: frozenset[str] = frozenset()
    sign: Expr = S.One
    before_last: bool = False


@dataclass(frozen=True)
class Drafting:
    """What a program says under one reading.

    Attributes:
        model: the forward pass.
        lines: what each line says, in order.
        draft: what the model was made of.
        shapes: what was taken for the shapes of what is given.
        scale: by what gradients of what is computed are multiplied.
        conventions: what was taken for so where nothing says it.
    """

    model: DefinedModel
    lines: tuple[CodeLine, ...]
    draft: Drafted
    shapes: Mapping[str, tuple[Dimension, ...]]
    scale: Expr
    conventions: CodeConventions

    def gradient(self, by: IndexedArray) -> Expr:
        """The derivative of the cost by an entry, by what the program multiplies all of them."""
        assert isinstance(by.value, Quantity)
        return (
            self.conventions.sign
            * scale_of(self.draft, by, self.scale)
            * Partial(OBJECTIVE, by.value)
        )

    def sides(self, left: Expr, right: Expr, *others: Expr) -> tuple[Sides, tuple[Expr, ...]]:
        """An equation of the program in the names of the model, and what is said beside it."""
        parts = (_settled(self.draft, part, self.model.C) for part in (left, right, *others))
        both, rest = (named := _lettered(self.draft, *parts))[:2], named[2:]
        return Sides(*both), rest  # pyright: ignore

    def slopes(self, by: IndexedArray) -> Iterator[Expr]:
        """The derivatives of the activations that an array goes into, by its entries."""
        for one in self.draft.defined.values():
            entries = [q for q in one.value.atoms(Quantity) if q.kind == by.value.kind]  # pyright: ignore
            if len(entries) == 1 and entries[0].indices and not one.value.has(Sum):
                slope = one.value.diff(entries[0])
                letters = zip(entries[0].indices, by.value.indices, strict=True)  # pyright: ignore
                yield substitute(slope, dict(letters))


def drafted(
    program: CodeProgram,
    shapes: Mapping[str, tuple[Dimension, ...]],
    uses_torch: bool,
    conventions: CodeConventions,
) -> Drafting:
    """Read a program with these shapes of what is given.

    Raises:
        UnreadableError: when there is no model in it.
        NeedsShapeError: when the shape of something is not given.
    """
    draft = Drafted()
    for axis in sorted({one for shape in shapes.values() for one in shape if isinstance(one, str)}):
        if axis[0] != ".":
            draft.axes.named(axis)
    scope = CodeScope(draft, program.functions, shapes, evaluated, _returned, _targets(program))
    scope = replace(scope, uses_torch=uses_torch, classes=program.classes)
    samples, count = conventions.samples, conventions.count
    given = None if samples is None or count is None else (count, *samples)
    scope = replace(scope, guessed=conventions.guessed, count=given)
    lines = Lines(scope, conventions.sign, samples, dimensions=_dimensions(program))
    lines.apart = program.apart
    lines.before_last = conventions.before_last
    lines.has_objective = lambda: _objective(scope) is not None
    handed_on = _forward(program, lines)
    if program.then is not None:
        _backward(program.then, lines, handed_on)
        only = _only_input(program)
        if lines.handed_in is not None and only in draft.given:
            lines.answers_for(draft.entry(only, draft.given[only].slots))
    lines.close()
    if _objective(lines.scope) is None and lines.handed_in is None:
        raise UnreadableError(_without_cost(lines.scope))
    return _whole(lines, draft, shapes, conventions)


def _without_cost(scope: CodeScope) -> str:
    """Why there is no cost: what it would be computed from is not read, or nothing computes one."""
    lost = [(name, value.why) for name, value in scope.names.items() if isinstance(value, Unknown)]
    costs = [one for one in lost if _COST.fullmatch(one[0])]
    for name, why in costs or lost:
        return f"no cost is computed, since {name} is not read: {why}"
    return "no cost is computed, so that nothing says what is differentiated"


def _targets(program: CodeProgram) -> frozenset[str]:
    return frozenset(name for part in program.parts for name in all_bases(part))


def _dimensions(program: CodeProgram) -> frozenset[str]:
    """The names of numbers that stand in shapes."""
    return frozenset(name for part in program.parts for name in _sizes_in(part))


@lru_cache(maxsize=4096)
def _sizes_in(part: ast.AST) -> frozenset[str]:
    calls = (n for n in ast.walk(part) if isinstance(n, ast.Call))
    sizing = (one for one in calls if ast.unparse(one.func).rpartition(".")[2] in _SIZING)
    return frozenset(n.id for one in sizing for n in ast.walk(one) if isinstance(n, ast.Name))


def _returned(function: Function, scope: CodeScope) -> Value:
    """What a function of the program returns."""
    if isinstance(function, ast.Lambda):
        return scope.value(function.body)
    lines = Lines(scope)
    lines.run(function.body)
    return lines.returned if lines.returned is not None else Uncounted()


def _forward(program: CodeProgram, lines: Lines) -> list[Value]:
    """Read the forward pass and the cost; what they return."""
    found: list[Value] = []
    for part in program.first:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            _kept(part, lines)
        elif isinstance(part, ast.FunctionDef):
            _defaults(part, lines.scope)
            lines.arguments = tuple(one.arg for one in part.args.args)
            lines.run(part.body)
        else:
            lines.run(part)
        if lines.returned is not None:
            found.append(lines.with_names(lines.returned))
        lines.returned = None
    if not found and lines.scope.draft.defined:
        last, one = [*lines.scope.draft.defined.items()][-1]
        found.append(lines.scope.draft.entry(last, one.slots))
    return found


def _kept(start: ast.FunctionDef, lines: Lines) -> None:
    """Read what an object keeps; the sizes that it is made with have their names only there."""
    _defaults(start, lines.scope)
    names, axes = lines.scope.names, lines.scope.axes
    sizes = {one.arg for one in start.args.args} & lines.dimensions - names.keys()
    names |= {one: IndexedArray((), (), axes.new(one)) for one in sorted(sizes)}
    lines.run(start.body)
    unread = {name for name, value in names.items() if isinstance(value, Unknown)}
    for one in sizes | unread:
        names.pop(one, None)
    lines.said.clear()


def _defaults(function: ast.FunctionDef, scope: CodeScope) -> None:
    """Numbers that parameters have where nothing else is handed in."""
    given = function.args.defaults
    pairs = [*zip(reversed(function.args.args), reversed(given), strict=False)]
    pairs += [
        (a, d)
        for a, d in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
        if d
    ]
    for name, default in pairs:
        number = isinstance(default, ast.Constant) and isinstance(default.value, float | int)
        if number and name.arg not in scope.names and name.arg not in scope.draft.given:
            scope.names[name.arg] = scope.draft.give(name.arg, GivenArray((), is_constant=True))


def _backward(function: ast.FunctionDef, lines: Lines, handed_on: Sequence[Value]) -> None:
    """Read the backward pass, with what the forward pass hands on."""
    scope = lines.scope
    output, rest = _output(handed_on)
    parameters = [one.arg for one in function.args.args if one.arg not in ("self", "cls", "ctx")]
    unknown = [name for name in parameters if name not in scope.names]
    handed = _handed_in(unknown, scope)
    if output is not None:
        scope.names |= {name: output for name in unknown if _OUTPUT.fullmatch(name)}
    for name in unknown:
        by = next((b for b in bases(name) if isinstance(scope.names.get(b), IndexedArray)), None)
        array = scope.names[by] if by is not None else output if name in handed else None
        if isinstance(array, IndexedArray) and isinstance(array.value, Quantity):
            if lines.handed_in is not None and lines.handed_in.value != array.value:
                raise UnreadableError("gradients of two outputs are handed in; one is read")
            lines.handed_in = array
            scope.names[name] = lines.derivative(array)
        elif rest and isinstance(rest[0], Items) and name not in scope.shapes:
            scope.names[name] = rest.pop(0)
    _defaults(function, scope)
    lines.run(function.body)


def _only_input(program: CodeProgram) -> str | None:
    """What a forward pass is given, where that is one thing; None where it is more."""
    passes = (one for one in program.first if isinstance(one, ast.FunctionDef))
    forward = next((one for one in passes if one.name != "__init__"), None)
    names = (
        [one.arg for one in forward.args.args if one.arg not in ("self", "ctx")] if forward else []
    )
    return names[0] if len(names) == 1 else None


def _handed_in(parameters: Sequence[str], scope: CodeScope) -> list[str]:
    """The parameters that are the gradient of the output: by their names, or as the only ones."""
    called = [name for name in parameters if is_handed_in(name)]
    if called or any(isinstance(scope.names.get(b), IndexedArray)
                     for name in parameters for b in bases(name)):  # fmt: skip
        return called
    only = [name for name in parameters if is_some_gradient(name)]
    return only if len(only) == 1 else []


def _output(handed_on: Sequence[Value]) -> tuple[IndexedArray | None, list[Value]]:
    """What the forward pass returns first, and what else."""
    for value in handed_on:
        if isinstance(value, Items) and value.values:
            first, *rest = value.values
            return (first if isinstance(first, IndexedArray) else None), rest
        if isinstance(value, IndexedArray):
            return value, []
    return None, []


def _objective(scope: CodeScope) -> str | None:
    """The cost: a number that is computed, the last that is called so, or the last of all.

    What is a number only under shapes that were guessed is a cost only where it is called so.
    """
    draft = scope.draft
    numbers = [
        name for name, one in draft.defined.items()
        if all(slot is None for slot in one.slots) and not has_gradient(one.value)
    ]  # fmt: skip
    called = [name for name in numbers if _COST.fullmatch(name)]
    open_axes = any(str(one)[0] == "." for shape in scope.shapes.values() for one in shape)
    if open_axes or any(not scope.shapes[name] for name in scope.guessed):
        numbers = []
        called = [name for name in called if not _ERROR.fullmatch(name)]
    return (called or numbers or [None])[-1]


# -- the model -----------------------------------------------------------------------------------


def _whole(
    lines: Lines,
    draft: Drafted,
    shapes: Mapping[str, tuple[Dimension, ...]],
    conventions: CodeConventions,
) -> Drafting:
    """The model that was drafted."""
    output = None
    objective = None if lines.handed_in is not None else _objective(lines.scope)
    if lines.handed_in is not None:
        assert isinstance(lines.handed_in.value, Quantity)
        output = lines.handed_in.value.kind
    cost = Quantity(objective or "C", NO_SUPERSCRIPT)
    names = {*draft.given, *draft.defined}
    if output is not None and "C" in names:
        raise UnreadableError("C is a cost here; call the array otherwise")
    tensors = tuple(
        Tensor(name, _axes(draft, one.slots), _role(name, one, lines))
        for name, one in draft.given.items()
    )
    definitions: list[TensorDefinition] = []
    for one in draft.defined.values():
        whole = _settled(draft, one.value, cost)
        left = one.entry
        both = _lettered(draft, left, whole)
        definitions.append(TensorDefinition(both[0], _axes(draft, one.slots), both[1]))
    assumed = tuple(_assumed(draft))
    model = DefinedModel(
        tensors, tuple(definitions), objective, output, assumptions=assumed, name="code"
    )
    return Drafting(model, tuple(lines.said), draft, shapes, lines.scale, conventions)


def _axes(draft: Drafted, slots: Sequence[Slot]) -> tuple[Symbol, ...]:
    return tuple(draft.axes.of(slot) for slot in slots if slot is not None)


def _role(name: str, one: GivenArray, lines: Lines) -> Role:
    if one.is_label or _TARGET.fullmatch(name):
        return "target"
    if one.is_shift or one.is_constant or (not one.slots and name not in lines.scope.targets):
        return "constant"
    if _INPUT.fullmatch(name):
        return "input"
    return "parameter"


def _assumed(draft: Drafted) -> list[Basic]:
    """Labels are 1 for one class of each sample."""
    found: list[Basic] = []
    for name, one in draft.given.items():
        entry = draft.entry(name, one.slots)
        if one.is_label:
            letter, axis = entry.letters[1], one.slots[1]
            assert letter is not None and axis is not None
            found.append(Eq(Sum(entry.value, (letter, 1, draft.axes.of(axis))), S.One))
    return found


def _settled(draft: Drafted, value: Expr, cost: Quantity) -> Expr:
    """Each axis as what it has become, and derivatives as those of the cost."""
    whole = draft.axes.settled(value)
    return whole.xreplace({OBJECTIVE: cost})  # pyright: ignore


def _lettered(draft: Drafted, *parts: Basic) -> tuple[Basic, ...]:
    """Expressions with letters that are short, the same in all."""
    every = set[Symbol]().union(*map(index_symbols, parts))
    letters = sorted(every, key=lambda s: int(str(s).rpartition("_")[2]))
    taken = {*draft.given, *draft.defined, *map(str, draft.axes.declared)}
    names = (name for name in _LETTERS if name not in taken)
    renamed = {letter: index(name) for letter, name in zip(letters, names, strict=False)}
    return tuple(part.xreplace(renamed) for part in parts)


_LETTERS = (*"ijlmpqstuvnkabcdefgh", *(f"{x}_{n}" for n in range(1, 9) for x in "ijlmpqstuv"))
