"""Modules of PyTorch: layers with their parameters, stacks of them, and classes of the program."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace

from derive.reading.code.arrays.array import IndexedArray, Slot, combined, product
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.reshaping import shape
from derive.reading.code.arrays.scope import CodeScope, GivenArray, NeedsShapeError
from derive.reading.code.arrays.values import Module, Value

#: What applies a function, by the function's name in torch.nn.functional.
_FUNCTIONS: Mapping[str, str] = {
    "ReLU": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "SiLU": "silu",
    "GELU": "gelu",
    "LogSigmoid": "logsigmoid",
    "Identity": "clone",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "MSELoss": "mse_loss",
    "L1Loss": "l1_loss",
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
}
_STACKS = ("Sequential", "ModuleList")


def module_made(node: ast.Call, scope: CodeScope) -> Module | None:
    """The module that a call makes; None where it makes none.

    Raises:
        UnreadableError: for sizes and parts that are not read.
    """
    whole = ast.unparse(node.func)
    name = whole.rpartition(".")[2]
    if whole in scope.classes:
        return _instance(scope.classes[whole], node, scope)
    if whole not in (name, f"nn.{name}", f"torch.nn.{name}"):
        return None
    if name == "Linear":
        into, out = (_size(one, scope) for one in _sizes(node))
        return Module(node, slots=(out, into))
    if name == "Parameter" and node.args:
        return Module(node, slots=scope.array(node.args[0]).slots)
    if name in _STACKS:
        given = node.args[0].elts if node.args and isinstance(node.args[0], ast.List) else node.args
        return Module(node, parts={str(n): _part(one, scope) for n, one in enumerate(given)})
    return Module(node) if name in _FUNCTIONS else None


def _sizes(node: ast.Call) -> tuple[ast.expr, ast.expr]:
    named = {key.arg: key.value for key in node.keywords}
    given = dict(zip(("in_features", "out_features"), node.args, strict=False))
    found = [(named | given).get(one) for one in ("in_features", "out_features")]
    if found[0] is None or found[1] is None:
        raise UnreadableError("a linear layer is read with both of its sizes")
    return found[0], found[1]


def _size(node: ast.expr, scope: CodeScope) -> Slot:
    """An axis by its size; a name that nothing was assigned to is that of an axis."""
    if isinstance(node, ast.Name) and node.id not in scope.names:
        return scope.axes.named(node.id)
    return shape([node], scope)[0]


def _part(node: ast.expr, scope: CodeScope) -> Module:
    found = scope.value(node)
    if not isinstance(found, Module):
        raise UnreadableError(f"{ast.unparse(node)[:60]!r} is no module that is read")
    return found


def _instance(defined: ast.ClassDef, node: ast.Call, scope: CodeScope) -> Module | None:
    """A module of a class of the program: the modules that its __init__ keeps."""
    methods = {one.name: one for one in defined.body if isinstance(one, ast.FunctionDef)}
    forward, start = methods.get("forward"), methods.get("__init__")
    if forward is None:
        return None
    parts = dict[str, Module]()
    inner = replace(scope, names=_arguments(start, node, scope), inside=scope.inside + 1)
    for one in kept_modules(start.body if start else ()):
        target = one.targets[0]
        assert isinstance(target, ast.Attribute)
        if isinstance(found := inner.value(one.value), Module):
            parts[target.attr] = under(found, target.attr)
    return Module(node, parts=parts, forward=forward)


def kept_modules(body: Sequence[ast.stmt]) -> list[ast.Assign]:
    """The statements self.name = nn.Linear(…), and others that keep a module."""
    known = {"Linear", "Parameter", *_STACKS, *_FUNCTIONS}
    return [
        one
        for one in body
        if isinstance(one, ast.Assign)
        and isinstance(one.targets[0], ast.Attribute)
        and isinstance(one.value, ast.Call)
        and ast.unparse(one.value.func).rpartition(".")[2] in known
    ]


def _arguments(start: ast.FunctionDef | None, node: ast.Call, scope: CodeScope) -> dict[str, Value]:
    """What __init__ is given; sizes that are not read stay names of axes."""
    named = [one.arg for one in start.args.args[1:]] if start else []
    defaults = start.args.defaults if start else []
    given = dict(zip(reversed(named), reversed(defaults), strict=False))
    given |= dict(zip(named, node.args, strict=False))
    given |= {key.arg: key.value for key in node.keywords if key.arg is not None}
    found = dict[str, Value]()
    for name, value in given.items():
        try:
            found[name] = scope.value(value)
        except (UnreadableError, NeedsShapeError):
            continue
    return found


def under(module: Module, name: str) -> Module:
    """The module with the name that it is kept under, and its parts with names that begin so."""
    parts = {key: under(one, f"{name}_{one.name or key}") for key, one in module.parts.items()}
    return replace(module, name=name, parts=parts)


def module_of(node: ast.expr, scope: CodeScope) -> Module | None:
    """The module that an expression names; None where it names none."""
    match node:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
            held = scope.names.get(name)
            return held if isinstance(held, Module) else None
        case ast.Attribute(value=value, attr=name):
            whole = module_of(value, scope)
            return whole if whole is None or name == "forward" else whole.parts.get(name)
        case ast.Subscript(value=value, slice=ast.Constant(value=place)):
            whole = module_of(value, scope)
            return None if whole is None else _at(whole, place)
        case ast.Call() if isinstance(node.func, ast.Attribute | ast.Name):
            return module_made(node, scope)
        case _:
            return None


def _at(module: Module, place: object) -> Module | None:
    count = len(module.parts)
    return module.parts.get(str(place % count)) if isinstance(place, int) and count else None


def member(module: Module, name: str, scope: CodeScope) -> Value:
    """A part of a module, or a parameter of a linear layer.

    Raises:
        UnreadableError: for what it has not.
    """
    if name in module.parts:
        return kept(module.parts[name], scope)
    kind = ast.unparse(module.made.func).rpartition(".")[2]
    if kind == "Linear" and name == "weight":
        return _parameter(f"{module.name}_weight", module.slots, scope)
    if kind == "Linear" and name == "bias" and _has_bias(module.made):
        return _parameter(f"{module.name}_bias", module.slots[:1], scope)
    raise UnreadableError(f"{module.name} has no {name} that is read")


def kept(module: Module, scope: CodeScope) -> Value:
    """What a name of a module stands for: a parameter is an array."""
    is_parameter = ast.unparse(module.made.func).rpartition(".")[2] == "Parameter"
    return _parameter(module.name, module.slots, scope) if is_parameter else module


def _has_bias(made: ast.Call) -> bool:
    named = [key.value for key in made.keywords if key.arg == "bias"]
    said = (*named, *made.args[2:])
    return not said or (isinstance(said[0], ast.Constant) and said[0].value is True)


def _parameter(name: str, slots: tuple[Slot, ...], scope: CodeScope) -> IndexedArray:
    if name not in scope.draft.given:
        return scope.draft.give(name, GivenArray(slots))
    return scope.draft.entry(name, slots)


def applied(module: Module, given: Sequence[ast.expr], scope: CodeScope) -> Value:
    """What a call of a module computes.

    Raises:
        UnreadableError: for modules that are not kept under a name, and other values than theirs.
    """
    kind = ast.unparse(module.made.func).rpartition(".")[2]
    if module.forward is not None:
        named = [one.arg for one in module.forward.args.args[1:]]
        if len(given) != len(named):
            raise UnreadableError(f"{kind} is called with {len(named)} values")
        held: dict[str, Value] = {key: kept(one, scope) for key, one in module.parts.items()}
        values = dict(zip(named, map(scope.value, given), strict=True))
        return scope.call(module.forward, held | values, defines=not scope.inside)
    if kind == "Sequential":
        for one in module.parts.values():
            found = applied(one, given, scope)
            scope = replace(scope, names={**scope.names, "input": found})
            given = (ast.Name("input", ast.Load()),)
        return scope.value(given[0])
    if kind == "Linear" and module.name:
        weight = member(module, "weight", scope)
        assert isinstance(weight, IndexedArray)
        found = product(scope.axes, scope.array(given[0]), weight.moved((1, 0)))
        if not _has_bias(module.made):
            return found
        bias = member(module, "bias", scope)
        assert isinstance(bias, IndexedArray)
        return combined(scope.axes, lambda a, b: a + b, found, bias)
    if kind not in _FUNCTIONS:
        raise UnreadableError(f"a call of {module.name or kind} is not read")
    function = ast.Attribute(ast.Name("F", ast.Load()), _FUNCTIONS[kind], ast.Load())
    return scope.value(ast.Call(function, [*given], module.made.keywords))
