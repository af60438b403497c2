"""Every Hessian block by the product rule, split into Gauss-Newton and residual part.

Source of the mathematics: Bishop 1992 (exact Hessian), Pearlmutter 1994 (the R-operator),
Schraudolph 2002 (Gauss-Newton products), Botev et al. 2017 (the recursion).  Shapes: the
block of W^(b)_ij and W^(a)_lm, a <= b, has n_b n_{b+1} n_a n_{a+1} entries; i counts the
units of layer b, j of b+1, l of a, m of a+1.  All blocks share the pre-activation Hessians
d2C/dz^(k)_i dz^(k)_j and the Jacobians dz^(b)_i/dz^(a)_m, so that a network of L layers has
of the order of L^2 equations, none of which grows with L.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sympy import Basic, Derivative, Expr

from derive import rules
from derive.backpropagation import (
    EXPLICIT_DEPTH,
    Rule,
    activation_group,
    chain,
    forward,
    result,
    targets_sum_to_one,
)
from derive.derivation import Derivation, Equation, Group, Step
from derive.errors import DeriveError
from derive.indices import index
from derive.matrices import MatrixEquation
from derive.network import Network
from derive.operation_counts import PassCosts, parameter_count, pass_costs, zero_entries
from derive.quantities import Partial, Quantity
from derive.rules import cases, gauss_newton, kronecker

SOURCE, TARGET, SECOND_SOURCE, SECOND_TARGET = (index(letter) for letter in "ijlm")

Known = dict[Expr, Step]
View = Callable[[Network, Quantity, Quantity], MatrixEquation]


def second_order(network: Network) -> Derivation:
    """Derive every block of the Hessian of the cost, its two parts, and its product with a vector.

    Raises:
        DeriveError: when the network has no cost.
    """
    if network.cost is None:
        raise DeriveError("a network without a cost has no Hessian; give it a cost")
    known: Known = {}
    groups = [
        activation_group(network),
        second_activations(network),
        forward(network),
        recalled(network, known),
        cost_curvature(network, known),
        *(layer_curvature(network, k, known) for k in reversed(network.layer_numbers[1:])),
        jacobians(network, known),
        mixed_curvature(network, known),
        *blocks(network, known),
        gauss_newton_matrices(network, known),
        *split_blocks(network, known),
        diagonals(network, known),
        *matrix_forms(network, known),
        hessian_vector(network, known),
        gauss_newton_vector(network, known),
        zero_rows(network),
        all_active(network),
    ]
    return Derivation(tuple(group for group in groups if group.steps))


# -- what the blocks are made of -----------------------------------------------------------


def second_activations(network: Network) -> Group:
    """phi''(z) of each activation, as a function of one variable."""
    steps: list[Step] = []
    for function in cases.activations_of(network):
        (z,) = function.args[0].free_symbols
        slope = function.diff(z)
        where = cases.kink_condition(function, z)
        for step in chain(network, Derivative(slope, z), "derivative of the function"):
            steps.append(replace(step, where=where))
    return Group("second_activations", network, tuple(steps))


def recalled(network: Network, known: Known) -> Group:
    """The first-order results that are differentiated again, each in one step."""
    steps: list[Step] = []
    last = network.last
    r = Partial(network.C, network.quantity("r", last, TARGET))
    z = Partial(network.C, network.quantity("z", last, TARGET))
    steps += _learned(known, chain(network, r, ("first order", ())))
    steps += _learned(known, _output_gradient(network, z, known[r].equation))
    for number in reversed(network.layer_numbers[1:-1]):
        r = Partial(network.C, network.quantity("r", number, SOURCE))
        z = Partial(network.C, network.quantity("z", number, SOURCE))
        steps += _learned(known, chain(network, r, ("first order", ())))
        steps += _learned(known, chain(network, z, ("first order", (known[r].equation,))))
    for kind, source in network.parameter_groups:
        start = Partial(network.C, _first(network, kind, source))
        steps += _learned(known, chain(network, start, ("first order", ())))
    return Group("recalled", network, tuple(steps))


def _output_gradient(network: Network, z: Partial, outer: Equation) -> tuple[Step, ...]:
    """dC/dz of the output layer; for a softmax with targets that sum to 1."""
    assert network.cost is not None
    if network.cost.output != "softmax":
        return chain(network, z, ("first order", (outer,)))
    total = targets_sum_to_one(network)
    (step,) = chain(network, z, ("first order", (outer, total)))
    return (replace(step, assuming=(total,)),)


def cost_curvature(network: Network, known: Known) -> Group:
    """d2C/dr_i dr_j, which is diagonal, where Gauss-Newton splits at the outputs."""
    if network.split == "z":
        return Group("cost_curvature", network, ())
    first, second = (network.quantity("r", network.last, unit) for unit in (SOURCE, TARGET))
    start = _second_derivative(network, first, second)
    given = known[Partial(network.C, network.quantity("r", network.last, TARGET))]
    steps = chain(network, start, ("insert within", (given.equation,)), "local derivative")
    return Group("cost_curvature", network, _learned(known, steps))


def layer_curvature(network: Network, number: Expr, known: Known) -> Group:
    """d2C/dz^(k)_i dz^(k)_j from the same of layer k+1 (or from the cost)."""
    first, second = (network.quantity("z", number, unit) for unit in (SOURCE, TARGET))
    unit = TARGET if number == network.last else SOURCE
    given = known[Partial(network.C, network.quantity("z", number, unit))]
    laws: tuple[Rule, ...]
    if number == network.last:
        laws = ("local derivative", "forward", "output form")
    else:
        laws = ("local derivative", "through the layer", "layer Jacobian")
    start = _second_derivative(network, first, second)
    steps = chain(network, start, ("insert within", (given.equation,)), "product rule", *laws)
    steps = _assuming(steps, given)
    return Group("curvature", network, _learned(known, steps), {"layer": number})


def jacobians(network: Network, known: Known) -> Group:
    """dz^(b)_i/dz^(a)_m and dr^(b)_i/dz^(a)_m for a < b, one layer at a time."""
    steps: list[Step] = []
    numbers = network.layer_numbers[1:]
    for position, low in enumerate(numbers):
        z = network.quantity("z", low, SECOND_TARGET)
        for high in numbers[position:]:
            if high != low:
                start = Partial(network.quantity("z", high, SOURCE), z)
                steps += _learned(known, chain(network, start, "layer Jacobian"))
            if high != network.last:
                start = Partial(network.quantity("r", high, SOURCE), z)
                steps += _learned(known, chain(network, start, "forward"))
    return Group("jacobians", network, tuple(steps))


def mixed_curvature(network: Network, known: Known) -> Group:
    """d2C/dz^(b)_j dz^(a)_m = sum_p d2C/dz^(b)_j dz^(b)_p dz^(b)_p/dz^(a)_m for a < b."""
    steps: list[Step] = []
    numbers = network.layer_numbers[1:]
    for position, low in enumerate(numbers):
        for high in numbers[position + 1 :]:
            first = network.quantity("z", high, TARGET)
            start = _second_derivative(network, first, network.quantity("z", low, SECOND_TARGET))
            steps += _learned(known, chain(network, start, "through the layer"))
    return Group("mixed_curvature", network, tuple(steps))


# -- the blocks ----------------------------------------------------------------------------


def pairs(network: Network) -> Iterator[tuple[tuple[str, Expr], tuple[str, Expr]]]:
    """Each pair of parameter groups once, the later group first."""
    groups = list(network.parameter_groups)
    for position, later in enumerate(groups):
        for earlier in groups[: position + 1]:
            yield later, earlier


def blocks(network: Network, known: Known) -> Iterator[Group]:
    """The Hessian blocks d2C/dW^(b)_ij dW^(a)_lm, by pairs of layers."""
    found: dict[tuple[Expr, Expr], list[Step]] = {}
    for later, earlier in pairs(network):
        first, second = _first(network, *later), _second(network, *earlier)
        gradient = known[Partial(network.C, first)]
        steps = chain(
            network,
            _second_derivative(network, first, second),
            ("insert within", (gradient.equation,)),
            "product rule",
            "through the pre-activation",
        )
        _learned(known, steps)
        found.setdefault((earlier[1], later[1]), []).extend(steps)
    for (low, high), steps in found.items():
        yield Group("blocks", network, tuple(steps), {"low": low, "high": high})


def gauss_newton_matrices(network: Network, known: Known) -> Group:
    """G^(k)_ij: its definition at the output, then from layer to layer."""
    steps: list[Step] = []
    for number in reversed(network.layer_numbers[1:]):
        start = network.quantity("G", number, SOURCE, TARGET)
        if number == network.last:
            laws: list[Rule] = ["definition", "Gauss-Newton at the output"]
            if network.split == "r":
                outputs = (network.quantity("r", number, unit) for unit in (SOURCE, TARGET))
                laws.append(("insert", (known[_second_derivative(network, *outputs)].equation,)))
            steps += chain(network, start, *laws)
        else:
            steps += chain(network, start, "Gauss-Newton step")
    for number in reversed(network.layer_numbers[1:]):
        if network.is_straight_from(number):
            units = (network.quantity("z", number, unit) for unit in (SOURCE, TARGET))
            start = _second_derivative(network, *units)
            steps += chain(network, start, "Hessian is Gauss-Newton")
    return Group("gauss_newton", network, tuple(steps))


def split_blocks(network: Network, known: Known) -> Iterator[Group]:
    """Each block as Gauss-Newton part plus residual part, and both parts worked out."""
    steps: list[Step] = []
    for later, earlier in pairs(network):
        first, second = _first(network, *later), _second(network, *earlier)
        start = _second_derivative(network, first, second)
        steps += chain(network, start, "Gauss-Newton and residual")
        split = (steps[-1].equation,)
        curved, residual = gauss_newton.parts(network, first, second)
        steps += _learned(known, chain(network, curved, ("Gauss-Newton part", split)))
        steps += chain(network, residual, ("residual part", split))
    yield Group("split", network, tuple(steps))


def diagonals(network: Network, known: Known) -> Group:
    """d2C/d(W^(k)_ij)^2 and its Gauss-Newton part; blocks of one entry are that already."""
    steps: list[Step] = []
    for kind, source in network.parameter_groups:
        first, second = _first(network, kind, source), _second(network, kind, source)
        if not first.indices:
            continue
        block = _second_derivative(network, first, second)
        for entry in (block, gauss_newton.parts(network, first, second)[0]):
            given = (known[entry].equation,)
            steps += chain(network, gauss_newton.diagonal(entry), ("equal indices", given))
    return Group("diagonals", network, tuple(steps))


def matrix_forms(network: Network, known: Known) -> Iterator[Group]:
    """Curvatures and blocks, then Gauss-Newton parts, as products of matrices."""
    steps: list[Step] = []
    factors: list[Step] = []
    for number in reversed(network.layer_numbers[1:-1]):
        units = (network.quantity("z", number, unit) for unit in (SOURCE, TARGET))
        steps += _in_matrices(network, "matrix form of a layer", kronecker.curvature_view, *units)
    for later, earlier in pairs(network):
        both = _first(network, *later), _second(network, *earlier)
        steps += _in_matrices(network, "matrix form", kronecker.block_view, *both)
    for kind, source in network.parameter_groups:
        both = _first(network, kind, source), _second(network, kind, source)
        block = known[_second_derivative(network, *both)]
        factors += _in_matrices(
            network, "Kronecker factors", kronecker.kfac_view, *both, given=(block.equation,)
        )
    yield Group("matrices", network, tuple(steps))
    yield Group("kronecker_factors", network, tuple(factors))


def _in_matrices(
    network: Network,
    rule: str,
    view: View,
    first: Quantity,
    second: Quantity,
    given: tuple[Equation, ...] = (),
) -> tuple[Step, ...]:
    """An entry of an equation between matrices, where there is one."""
    try:
        matrices = view(network, first, second)
    except kronecker.NoMatrixError:
        return ()
    left, _ = matrices.entries(network)
    return tuple(replace(s, matrices=matrices) for s in chain(network, left, (rule, given)))


# -- products with a vector ----------------------------------------------------------------


def hessian_vector(network: Network, known: Known) -> Group:
    """R{.} of every line of the forward and the backward pass: Hv without H."""
    t = network.direction
    steps: list[Step] = []
    for number in network.layer_numbers[1:]:
        kinds = "z" if (number, network.split) == (network.last, "z") else "zr"
        for kind in kinds:
            steps += chain(network, Partial(network.quantity(kind, number, TARGET), t), "forward")
    for number in reversed(network.layer_numbers[1:]):
        z = Partial(network.C, network.quantity("z", number, SOURCE))
        if number == network.last:
            steps += chain(network, Partial(z, t), "through the layer")
            continue
        r = Partial(network.C, network.quantity("r", number, SOURCE))
        slope = rules.apply(network, "first order", z)
        for gradient, found in ((r, known[r].equation), (z, slope.equation)):
            steps += chain(network, Partial(gradient, t), ("along", (found,)))
    for kind, source in network.parameter_groups:
        gradient = Partial(network.C, _first(network, kind, source))
        steps += chain(network, Partial(gradient, t), ("along", (known[gradient].equation,)))
    costs = _costs(network)
    about = {
        "parameters": parameter_count(network),
        "zeros": zero_entries(network),
        "gradient": costs.gradient,
        "product": costs.hessian_vector,
    }
    return Group("hessian_vector", network, tuple(steps), about)


def gauss_newton_vector(network: Network, known: Known) -> Group:
    """gamma^(k) = the Gauss-Newton product with respect to z^(k), and to the parameters."""
    steps: list[Step] = []
    for number in reversed(network.layer_numbers[1:]):
        start = network.quantity("Gv", number, SOURCE)
        if number == network.last:
            steps += chain(network, start, "definition", "Gauss-Newton at the output")
        else:
            steps += chain(network, start, "Gauss-Newton step")
    for kind, source in network.parameter_groups:
        start = network.gauss_newton_sum(_first(network, kind, source), network.direction)
        steps += chain(network, start, "Gauss-Newton product")
    about = {"product": _costs(network).gauss_newton_vector}
    return Group("gauss_newton_vector", network, tuple(steps), about)


def _costs(network: Network) -> PassCosts:
    return pass_costs([network.width(number) for number in network.layer_numbers])


# -- zeros ---------------------------------------------------------------------------------


def zero_rows(network: Network) -> Group:
    """The gradients of the weights into and out of a ReLU unit that is not active, which are 0.

    They are 0 in a neighbourhood, and so are all second derivatives by these weights.
    """
    steps: list[Step] = []
    for number, layer in zip(network.layer_numbers[1:], network.layers, strict=True):
        if layer.activation.name != "relu":
            continue
        z, r, out = (network.quantity(kind, number, unit) for kind, unit in
                     (("z", TARGET), ("r", SOURCE), ("z", SOURCE)))  # fmt: skip
        slope = rules.apply(network, "first order", Partial(network.C, z))
        output = rules.apply(network, "definition", r)
        for kind, source in network.parameter_groups:
            gradient = Partial(network.C, _first(network, kind, source))
            if source + 1 == number:
                steps += _where(z < 0, chain(network, gradient, _inactive(slope)))
            elif source == number and kind == "W":
                steps += _where(out < 0, chain(network, gradient, _inactive(output)))
    return Group("zero_rows", network, tuple(steps))


def _inactive(given: Step) -> Rule:
    return "inactive unit", (given.equation,)


def _where(condition: Basic, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(replace(step, where=condition) for step in steps)


# -- one-unit chains -----------------------------------------------------------------------


def all_active(network: Network) -> Group:
    """The closed forms of a ReLU chain without biases where every unit is active."""
    steps: list[Step] = []
    relu = all(layer.activation.name == "relu" for layer in network.layers)
    plain = not any(layer.bias for layer in network.layers)
    if network.is_chain and relu and plain and network.depth <= EXPLICIT_DEPTH:
        where = cases.all_active(network)
        for later, earlier in pairs(network):
            first, second = _first(network, *later), _second(network, *earlier)
            start = _second_derivative(network, first, second)
            steps += _where(where, chain(network, start, "all units active, Hessian"))
    return Group("all_active", network, tuple(steps))


# -- names and results ---------------------------------------------------------------------


def _first(network: Network, kind: str, source: Expr) -> Quantity:
    return network.quantity(kind, source, *((SOURCE, TARGET) if kind == "W" else (TARGET,)))


def _second(network: Network, kind: str, source: Expr) -> Quantity:
    units = (SECOND_SOURCE, SECOND_TARGET) if kind == "W" else (SECOND_TARGET,)
    return network.quantity(kind, source, *units)


def _second_derivative(network: Network, first: Quantity, second: Quantity) -> Partial:
    return Partial(Partial(network.C, first), second)


def _learned(known: Known, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps, their result kept under what they start from."""
    if steps:
        known[steps[0].lhs] = result(steps)
    return steps


def _assuming(steps: tuple[Step, ...], given: Step) -> tuple[Step, ...]:
    """The steps, the first of which uses a result that assumed something."""
    if not given.assuming or not steps:
        return steps
    return (replace(steps[0], assuming=given.assuming), *steps[1:])
