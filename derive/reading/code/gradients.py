"""Names of gradients: dW1, grad_W1, W1_grad, dL_dW1, grads["W1"], W1.grad."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from derive.reading.code.arrays.expressions import GRADIENTS

_COST = r"(?:L|C|J|E|l|loss|cost|Loss|Cost|f)"
_NAME = (
    re.compile(rf"d_?{_COST}_?(?:by_|_)?d_?(?P<base>\w+)"),
    re.compile(r"d_?(?P<base>\w+)"),
    re.compile(r"(?:grad|gradient|nabla|g)_(?P<base>\w+)"),
    re.compile(r"grad(?P<base>[A-Z]\w*)"),
    re.compile(r"(?P<base>\w+?)_(?:grad|gradient|delta)"),
    re.compile(r"delta_?(?P<base>\w+)"),
)
#: The gradient that a backward pass is handed, when it has no name of its own.
_HANDED_IN = re.compile(
    r"d_?(?:out|outputs?|top|next|prev|y|upstream|loss)?|upstream\w*|grad(?:_?\w+)?|delta|g|dvalues"
)
_SOME_GRADIENT = re.compile(
    r"d[A-Z]\w*|d_\w+|d[azhy]\d?|d(?:inputs?|outputs?|values)|\w+_grads?|grad\w*|delta\w*|error_?grad\w*"
)


def bases(name: str) -> Iterator[str]:
    """What a name may be the gradient of, the likeliest first."""
    for pattern in _NAME:
        found = pattern.fullmatch(name)
        if found is not None:
            yield found["base"]


def base_of(target: ast.expr, known: Iterable[str]) -> str | None:
    """What is differentiated by, where a target is a gradient of something that is known."""
    names = {*known}
    for name in _candidates(target):
        if name in names:
            return name
    return None


def _candidates(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(id=name):
            yield from bases(name)
        case ast.Attribute(attr="grad", value=ast.Name(id=name)):
            yield name
        case ast.Attribute(attr="grad", value=ast.Attribute(attr=name) as whole):
            yield _with_owners(whole)
            yield name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            yield from bases(name)
        case ast.Subscript(value=table, slice=ast.Constant(value=str() as key)):
            key = key.replace(".", "_")
            yield from bases(key)
            if GRADIENTS.fullmatch(ast.unparse(table).rpartition(".")[2]):
                yield key
        case _:
            return


def _with_owners(node: ast.expr) -> str:
    """The name of a parameter of a module: net_0_weight of net[0].weight."""
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name) | ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_with_owners(value)}_{name}"
        case ast.Subscript(value=value, slice=ast.Constant(value=place)):
            return f"{_with_owners(value)}_{place}"
        case _:
            return ""


def is_handed_in(name: str) -> bool:
    """Whether a parameter of a backward pass is the gradient of the output."""
    return _HANDED_IN.fullmatch(name) is not None


def is_some_gradient(name: str) -> bool:
    """Whether a name is one of a gradient, of whatever: dA, grad_h, d_out."""
    return _SOME_GRADIENT.fullmatch(name) is not None


def names_in(program: Iterable[ast.AST]) -> frozenset[str | None]:
    """All that a program names; what it computes a gradient of is among it.

    `data` and `derivation` begin as gradients do, of `ata` and `erivation`.
    """
    return frozenset(_named(node) for part in program for node in ast.walk(part))


def _named(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str() as name):
            return name
        case _:
            return None


@lru_cache(maxsize=4096)
def all_bases(tree: ast.AST) -> frozenset[str]:
    """All that a program may compute gradients of."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                found |= {name for part in parts for name in _candidates(part)}
        elif isinstance(node, ast.AugAssign):
            found |= {*_candidates(node.target)}
        elif isinstance(node, ast.Dict):
            keys = (key.value for key in node.keys if isinstance(key, ast.Constant))
            found |= {name for key in keys if isinstance(key, str) for name in bases(key)}
    return frozenset(found)


def adds_gradients(program: Iterable[ast.AST]) -> bool:
    """Whether a program adds what it calls gradients to what they are by: W += lr * dW.

    Then they are negative: steps downhill.
    """
    parts = [*program]
    by = frozenset[str]().union(*map(all_bases, parts))
    return any(_adds(node, by) for part in parts for node in ast.walk(part))


def _adds(node: ast.AST, by: frozenset[str]) -> bool:
    match node:
        case ast.AugAssign(target=target, op=ast.Add(), value=value):
            pass
        case ast.Assign(targets=[target], value=ast.BinOp(op=ast.Add(), left=left, right=value)):
            if ast.unparse(left) != ast.unparse(target):
                return False
        case _:
            return False
    own = _named(target)
    if own is None or next(_candidates(target), None) in by:
        return False
    used = {name for name in names_in([value]) if name is not None}
    product = any(isinstance(one, ast.MatMult) for one in ast.walk(value))
    product |= bool(used & {"dot", "matmul", "outer", "mm"})
    named = {base for name in used for base in bases(name)} & by
    return own in named or (bool(named) and product)
