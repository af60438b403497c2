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

from sympy import Derivative, Expr

from derive.algebra.quantities import Partial, Quantity
from derive.deriving.chains.active_chain import active_gradient, determinant, newton
from derive.deriving.chains.chain_eigenvalues import eigenvalues
from derive.deriving.chains.chain_entries import resolved_blocks
from derive.deriving.chains.named_curvature import named_curvature
from derive.deriving.chains.smooth_chain import smooth_determinant, stationary
from derive.deriving.chains.smooth_newton import smooth_newton
from derive.deriving.first_order import (
    activation_group,
    cost_function,
    forward,
    result,
    targets_sum_to_one,
)
from derive.deriving.hessian_entries import (
    SECOND_TARGET,
    SOURCE,
    TARGET,
    Known,
    first_entry,
    pairs,
    second_derivative,
    second_entry,
)
from derive.deriving.hessian_products import gauss_newton_vector, hessian_vector
from derive.deriving.hessian_regions import all_active, zero_rows
from derive.deriving.laws import Rule, cases, chain, gauss_newton, kronecker
from derive.errors import DeriveError
from derive.meaning.derivation import Derivation, Equation, Group, Line
from derive.model.matrices import MatrixEquation
from derive.model.model import Source
from derive.model.network import Network, needed_network

View = Callable[[Network, Quantity, Quantity], MatrixEquation]


def second_order(network: Network | Source) -> Derivation:
    """Derive every block of the Hessian of the cost, its two parts, and its product with a vector.

    Raises:
        DeriveError: when the network has no cost.
    """
    network = needed_network(network)
    if network.cost is None:
        raise DeriveError("a network without a cost has no Hessian; give it a cost")
    known: Known = {}
    groups = list(_blocks_and_products(network, known))
    (resolved,) = (group for group in groups if group.title == "resolved_blocks")
    groups += _of_a_chain(network, known, resolved)
    return Derivation(tuple(group for group in groups if group.steps))


def _blocks_and_products(network: Network, known: Known) -> Iterator[Group]:
    """The Hessian of any network: its blocks, their parts, its products with a vector."""
    yield from (
        activation_group(network),
        second_activations(network),
        forward(network),
        cost_function(network),
        recalled(network, known),
        cost_curvature(network, known),
        jacobians(network, known),
        *(layer_curvature(network, k, known) for k in reversed(network.layer_numbers[1:])),
        mixed_curvature(network, known),
        *blocks(network, known),
        resolved_blocks(network, known),
        gauss_newton_matrices(network, known),
        *split_blocks(network, known),
        diagonals(network, known),
        *matrix_forms(network, known),
        hessian_vector(network, known),
        gauss_newton_vector(network, known),
    )


def _of_a_chain(network: Network, known: Known, resolved: Group) -> tuple[Group, ...]:
    """What the Hessian comes to where units are off or on, and that of a chain as a whole."""
    still = stationary(network, known, resolved)
    step = smooth_newton(network, still, resolved)
    whole = smooth_determinant(network, resolved, bool(step.steps))
    return (
        zero_rows(network),
        all_active(network),
        active_gradient(network),
        determinant(network),
        still,
        whole,
        named_curvature(network, whole, step),
        eigenvalues(network, resolved),
        newton(network),
        step,
    )


# -- what the blocks are made of -----------------------------------------------------------


def second_activations(network: Network) -> Group:
    """phi''(z) of each activation, as a function of one variable."""
    steps: list[Line] = []
    for function in cases.activations_of(network):
        z = cases.VARIABLE
        slope = function.diff(z)
        where = cases.kink_condition(function, z)
        for step in chain(network, Derivative(slope, z), "derivative of the function", "collect"):
            steps.append(replace(step, where=where))
    return Group("second_activations", network, tuple(steps))


def recalled(network: Network, known: Known) -> Group:
    """The first-order results that are differentiated again, each in one step."""
    steps: list[Line] = []
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
        start = Partial(network.C, first_entry(network, kind, source))
        steps += _learned(known, chain(network, start, ("first order", ())))
    return Group("recalled", network, tuple(steps))


def _output_gradient(network: Network, z: Partial, outer: Equation) -> tuple[Line, ...]:
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
    start = second_derivative(network, first, second)
    given = known[Partial(network.C, network.quantity("r", network.last, TARGET))]
    steps = chain(network, start, ("insert within", (given.equation,)), "local derivative")
    return Group("cost_curvature", network, _learned(known, steps))


def layer_curvature(network: Network, number: Expr, known: Known) -> Group:
    """d2C/dz^(k)_i dz^(k)_j from the same of layer k+1 (or from the cost)."""
    first, second = (network.quantity("z", number, unit) for unit in (SOURCE, TARGET))
    unit = TARGET if number == network.last else SOURCE
    given = known[Partial(network.C, network.quantity("z", number, unit))]
    slopes = _jacobians(network, known, number)
    moves: list[Rule] = ["forward", "output form"]
    if slopes:
        moves = [("insert", slopes)]
    if number != network.last:
        moves = ["through the layer", *moves]
    laws: tuple[Rule, ...] = ("constant slope", "local derivative", *moves)
    start = second_derivative(network, first, second)
    inserted: Rule = ("insert within", (given.equation,))
    steps = chain(network, start, inserted, "sum rule", "product rule", *laws, "collect")
    steps = _assuming(steps, given)
    return Group("curvature", network, _learned(known, steps), {"layer": number})


def _jacobians(network: Network, known: Known, number: Expr) -> tuple[Equation, ...]:
    """How the outputs of a layer, and the pre-activations of the next, move with its own."""
    z = network.quantity("z", number, SECOND_TARGET)
    moved = [network.quantity("r", number, SOURCE)]
    if number != network.last:
        moved.append(network.quantity("z", number + 1, SOURCE))
    starts = (Partial(one, z) for one in moved)
    return tuple(known[start].equation for start in starts if start in known)


def jacobians(network: Network, known: Known) -> Group:
    """dz^(b)_i/dz^(a)_m and dr^(b)_i/dz^(a)_m for a < b, one layer at a time."""
    steps: list[Line] = []
    numbers = network.layer_numbers[1:]
    for position, low in enumerate(numbers):
        z = network.quantity("z", low, SECOND_TARGET)
        for high in numbers[position:]:
            if high != low:
                start = Partial(network.quantity("z", high, SOURCE), z)
                steps += _learned(known, chain(network, start, "layer Jacobian", "output form"))
            if high != network.last or (low == high and network.split == "r"):
                start = Partial(network.quantity("r", high, SOURCE), z)
                steps += _learned(known, chain(network, start, "forward", "output form"))
    return Group("jacobians", network, tuple(steps))


def mixed_curvature(network: Network, known: Known) -> Group:
    """d2C/dz^(b)_j dz^(a)_m = sum_p d2C/dz^(b)_j dz^(b)_p dz^(b)_p/dz^(a)_m for a < b."""
    steps: list[Line] = []
    numbers = network.layer_numbers[1:]
    for position, low in enumerate(numbers):
        for high in numbers[position + 1 :]:
            first = network.quantity("z", high, TARGET)
            start = second_derivative(network, first, network.quantity("z", low, SECOND_TARGET))
            steps += _learned(known, chain(network, start, "through the layer"))
    return Group("mixed_curvature", network, tuple(steps))


# -- the blocks ----------------------------------------------------------------------------


def blocks(network: Network, known: Known) -> Iterator[Group]:
    """The Hessian blocks d2C/dW^(b)_ij dW^(a)_lm, by pairs of layers."""
    found: dict[tuple[Expr, Expr], list[Line]] = {}
    for later, earlier in pairs(network):
        first, second = first_entry(network, *later), second_entry(network, *earlier)
        gradient = known[Partial(network.C, first)]
        steps = chain(
            network,
            second_derivative(network, first, second),
            ("insert within", (gradient.equation,)),
            "product rule",
            "through the pre-activation",
            ("insert", _jacobians(network, known, earlier[1] + 1)[:1]),
        )
        _learned(known, steps)
        found.setdefault((earlier[1], later[1]), []).extend(steps)
    for (low, high), steps in found.items():
        yield Group("blocks", network, tuple(steps), {"low": low, "high": high})


def gauss_newton_matrices(network: Network, known: Known) -> Group:
    """G^(k)_ij: its definition at the output, then from layer to layer."""
    steps: list[Line] = []
    for number in reversed(network.layer_numbers[1:]):
        start = network.quantity("G", number, SOURCE, TARGET)
        if number != network.last:
            steps += chain(network, start, "definition")
            steps += chain(network, start, "Gauss-Newton step", "output form")
        elif network.split == "r":
            outputs = (network.quantity("r", number, unit) for unit in (SOURCE, TARGET))
            curved = known[second_derivative(network, *outputs)].equation
            slopes = _jacobians(network, known, number)
            laws: tuple[Rule, ...] = (("insert", slopes), "sum out", ("insert", (curved,)))
            steps += chain(network, start, "definition", *laws)
        else:
            steps += chain(network, start, "definition", "Gauss-Newton at the output")
    for number in reversed(network.layer_numbers[1:]):
        if network.is_straight_from(number):
            units = (network.quantity("z", number, unit) for unit in (SOURCE, TARGET))
            start = second_derivative(network, *units)
            steps += chain(network, start, "Hessian is Gauss-Newton")
    return Group("gauss_newton", network, tuple(steps))


def split_blocks(network: Network, known: Known) -> Iterator[Group]:
    """Each block as Gauss-Newton part plus residual part, and both parts worked out."""
    steps: list[Line] = []
    slopes: dict[tuple[str, Expr], Equation] = {}
    for kind, source in network.parameter_groups:
        first, second = first_entry(network, kind, source), second_entry(network, kind, source)
        s, _ = network.split_entries(first, second)
        steps += chain(network, Partial(s, first), "through the pre-activation")
        slopes[kind, source] = steps[-1].equation
    for later, earlier in pairs(network):
        first, second = first_entry(network, *later), second_entry(network, *earlier)
        s, _ = network.split_entries(first, second)
        bent = chain(
            network,
            Partial(Partial(s, first), second),
            ("insert within", (slopes[later],)),
            "product rule",
            "through the pre-activation",
            "no curvature",
        )
        steps += bent
        start = second_derivative(network, first, second)
        steps += chain(network, start, "Gauss-Newton and residual")
        split = (steps[-1].equation,)
        curved, residual = gauss_newton.parts(network, first, second)
        to_outputs: tuple[Rule, ...] = (
            ("insert", tuple(dict.fromkeys((slopes[later], slopes[earlier])))),
            ("through the later layer", split),
            ("Gauss-Newton part", split),
        )
        steps += _learned(known, chain(network, curved, *to_outputs))
        put_in: Rule = ("insert", (result(bent).equation,))
        steps += chain(network, residual, put_in, ("residual part", split))
    yield Group("split", network, tuple(steps))


def diagonals(network: Network, known: Known) -> Group:
    """d2C/d(W^(k)_ij)^2 and its Gauss-Newton part; blocks of one entry are that already."""
    steps: list[Line] = []
    for kind, source in network.parameter_groups:
        first, second = first_entry(network, kind, source), second_entry(network, kind, source)
        if not first.indices:
            continue
        block = second_derivative(network, first, second)
        for entry in (block, gauss_newton.parts(network, first, second)[0]):
            given = (known[entry].equation,)
            steps += chain(network, gauss_newton.diagonal(entry), ("equal indices", given))
    return Group("diagonals", network, tuple(steps))


def matrix_forms(network: Network, known: Known) -> Iterator[Group]:
    """Curvatures and blocks, then Gauss-Newton parts, as products of matrices."""
    steps: list[Line] = []
    factors: list[Line] = []
    for number in reversed(network.layer_numbers[1:-1]):
        units = (network.quantity("z", number, unit) for unit in (SOURCE, TARGET))
        steps += _in_matrices(network, "matrix form of a layer", kronecker.curvature_view, *units)
    for later, earlier in pairs(network):
        both = first_entry(network, *later), second_entry(network, *earlier)
        steps += _in_matrices(network, "matrix form", kronecker.block_view, *both)
    for kind, source in network.parameter_groups:
        both = first_entry(network, kind, source), second_entry(network, kind, source)
        block = known[second_derivative(network, *both)]
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
) -> tuple[Line, ...]:
    """An entry of an equation between matrices, where there is one."""
    try:
        matrices = view(network, first, second)
    except kronecker.NoMatrixError:
        return ()
    left, _ = matrices.entries(network)
    return tuple(replace(s, matrices=matrices) for s in chain(network, left, (rule, given)))


# -- results -------------------------------------------------------------------------------


def _learned(known: Known, steps: tuple[Line, ...]) -> tuple[Line, ...]:
    """The steps, their result kept under what they start from."""
    if steps:
        known[steps[0].lhs] = result(steps)
    return steps


def _assuming(steps: tuple[Line, ...], given: Line) -> tuple[Line, ...]:
    """The steps, the first of which uses a result that assumed something."""
    if not given.assuming or not steps:
        return steps
    return (replace(steps[0], assuming=given.assuming), *steps[1:])
