"""Where an equation that is wrong in general is right: while units are active.

On the region where all units of a layer are active the network is the one with the identity
in their place, and so an equation that holds for that network holds there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sympy import And, Basic, Derivative, Expr, Gt, Lt, S, Tuple

from derive.algebra.functions import Step
from derive.algebra.indices import index
from derive.algebra.quantities import Quantity
from derive.checking.sampling.pointwise import same
from derive.checking.sampling.samples import places, values_at
from derive.model.activations import Activation
from derive.model.defined_model import DefinedModel
from derive.model.instances import IllTypedError, free_axes
from derive.model.model import GATES, Head, Model, head_named
from derive.model.network import Layer, Network
from derive.proving import judge
from derive.proving.conditions import sufficient_condition


def condition_for(network: Model, left: Expr, right: Expr, where: Basic) -> Basic | None:
    """Where a refuted equation holds: where units are active, or some signs are given."""
    if left.has(Derivative) or right.has(Derivative):
        return _by_sign(network, left, right, where)
    if not _holds_somewhere(network, left, right, where):
        return None
    if isinstance(network, DefinedModel):
        return _where_linear(network, left, right, where)
    assert isinstance(network, Network)
    for layers in _layers_with_kinks(network):
        active = _all_active(network, layers)
        linear = _linear(network, layers)
        plain_left, plain_right, plain_where = (
            _without_gates(part, layers) for part in (left, right, where)
        )
        if judge(linear, plain_left, plain_right, plain_where).proved:
            return active
    return sufficient_condition(network, left, right, where)


def _where_linear(model: DefinedModel, left: Expr, right: Expr, where: Basic) -> Basic | None:
    """The arguments of all gates of one definition positive, where that is enough."""
    for head in (head for head in model.defined if head in model.kinked):
        entry, _ = model.general_entry(head)
        formula = model.definition(entry) or S.Zero
        arguments = {gate.args[0] for gate in formula.atoms(*GATES)}
        if not all(isinstance(argument, Quantity) for argument in arguments):
            continue
        tensors = {argument.args[:2] for argument in arguments}
        linear = replace(
            model,
            definitions=tuple(
                replace(one, right=_ungated(one.right, tensors)) for one in model.definitions
            ),
        )
        first, second, under = (_ungated(part, tensors) for part in (left, right, where))
        if judge(linear, first, second, under).proved:
            return And(*(Gt(argument, 0) for argument in arguments))
    return None


def _ungated(expression: Any, tensors: set[Head]) -> Any:
    """ReLU(q) = q and Step(q) = 1 for the entries of some tensors."""
    return expression.replace(
        lambda node: (
            isinstance(node, GATES)
            and isinstance(node.args[0], Quantity)
            and node.args[0].args[:2] in tensors
        ),
        lambda node: S.One if isinstance(node, Step) else node.args[0],
    )


def _by_sign(network: Model, left: Expr, right: Expr, where: Basic) -> Basic | None:
    """The sign of a variable that makes an equation with a spelled-out derivative right.

    As everywhere, that both sides are 0 is no help.
    """
    if S.Zero in (left, right):
        return None
    variables = {v for node in Tuple(left, right).atoms(Derivative) for v in node.variables}
    for variable in sorted(variables, key=str):
        for condition in (Gt(variable, 0), Lt(variable, 0)):
            if judge(network, left, right, And(where, condition)).proved:
                return condition
    return None


def _holds_somewhere(network: Model, left: Expr, right: Expr, where: Basic) -> bool:
    """Whether both sides agree, and are not 0, at some point in general position."""
    try:
        axes = free_axes(network, left, right)
    except IllTypedError:
        return False
    found = values_at(places(network, axes, where), left, right)
    return any(same(first, second) and abs(first) > 0 for first, second in found)


def _layers_with_kinks(network: Network) -> Iterator[tuple[Expr, ...]]:
    """One layer whose activation has a kink at a time, then all of them."""
    kinked = [
        number
        for number in network.layer_numbers[1:]
        if network.layer(number).activation.kind.kinks
    ]
    for number in kinked:
        yield (number,)
    if len(kinked) > 1:
        yield tuple(kinked)


def _all_active(network: Network, layers: tuple[Expr, ...]) -> Basic:
    """z^(k)_j > 0 for these layers and, where there are several, all units j."""
    return And(*(Gt(network.quantity("z", k, index("j")), 0) for k in layers))


def _linear(network: Network, layers: tuple[Expr, ...]) -> Network:
    """The network that this one is where all units of some layers are active."""
    changed = tuple(
        Layer(layer.units, Activation("identity"), layer.bias) if number in layers else layer
        for number, layer in zip(network.layer_numbers[1:], network.layers, strict=True)
    )
    return replace(network, layers=changed)


def _without_gates(expression: Any, layers: tuple[Expr, ...]) -> Any:
    """ReLU(z) = z and Step(z) = 1 for the pre-activations of some layers."""
    return _ungated(expression, {head_named("z", layer) for layer in layers})
