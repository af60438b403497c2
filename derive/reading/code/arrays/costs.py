"""The costs of PyTorch by their names, with what they do with the costs of single samples."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sympy import Expr, Sum, log

from derive.algebra.functions import softplus
from derive.reading.code.arrays.array import IndexedArray, combined, summed
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.operations import absolute, softmax
from derive.reading.code.arrays.places import label_of
from derive.reading.code.arrays.scope import CodeScope
from derive.reading.code.arrays.values import Labels

#: Costs of an array and its targets, entry by entry.
_ENTRYWISE: Mapping[str, Callable[[Expr, Expr], Expr]] = {
    "mse_loss": lambda a, y: (a - y) ** 2,
    "l1_loss": lambda a, y: absolute(a - y),
    "binary_cross_entropy": lambda p, y: -y * log(p) - (1 - y) * log(1 - p),
    "binary_cross_entropy_with_logits": lambda z, y: softplus(z) - y * z,
}
COSTS = frozenset({*_ENTRYWISE, "cross_entropy", "nll_loss"})


def cost(
    name: str, array: IndexedArray, arguments: Sequence[ast.expr], node: ast.Call, scope: CodeScope
) -> IndexedArray:
    """A cost of its array and targets: their mean, their sum, or one for each sample.

    Raises:
        UnreadableError: for other arguments.
    """
    named = {key.arg: key.value for key in node.keywords}
    wanted = named.pop("reduction", ast.Constant("mean"))
    how = wanted.value if isinstance(wanted, ast.Constant) else None
    if named or len(arguments) != 2 or how not in ("mean", "sum", "none"):
        raise UnreadableError(f"{name} is not read with these arguments")
    if name in _ENTRYWISE:
        each = combined(scope.axes, _ENTRYWISE[name], array, scope.array(arguments[1]))
    else:
        if array.rank != 2:
            raise UnreadableError(f"{name} is read of a matrix with a row for each sample")
        logs = array if name == "nll_loss" else softmax(scope.axes, array, 1).entrywise(log)
        each = _of_classes(logs.entrywise(lambda value: -value), arguments[1], scope)
    return each if how == "none" else summed(scope.axes, each, None, False, how == "mean")


def _of_classes(costs: IndexedArray, labels: ast.expr, scope: CodeScope) -> IndexedArray:
    """The cost of each sample: of its class, or with the weights that targets give to classes."""
    held = scope.names.get(labels.id) if isinstance(labels, ast.Name) else None
    known = isinstance(labels, ast.Name) and labels.id in scope.shapes
    shape = len(scope.shapes[labels.id]) if known else 1  # pyright: ignore
    if isinstance(labels, ast.Name) and (held is None or isinstance(held, Labels)) and shape == 1:
        pick = label_of(labels.id, costs, scope)
        return replace(costs, slots=costs.slots[:1], letters=costs.letters[:1], pick=pick)
    both = combined(scope.axes, lambda t, c: t * c, scope.array(labels), costs)
    if both.rank != 2 or both.slots[1] is None:
        raise UnreadableError("targets are read as the name of labels, or as one row for each")
    value = Sum(both.value, (both.letters[1], 1, scope.axes.of(both.slots[1])))
    return IndexedArray(both.slots[:1], both.letters[:1], value)
