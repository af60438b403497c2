"""The order in which a teacher derives the gradient: forward, cost, then layer by layer.

Source of the mathematics: the chain rule on the network's own definitions.  Shapes and
indices: W^(k) is n_k x n_{k+1} with entries W^(k)_ij, b^(k) has n_{k+1} entries, and
dC/dW^(k)_ij = dC/dz^(k+1)_j r^(k)_i.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Derivative, Expr, S, Sum, Symbol

from derive.algebra.functions import ReLU, Step, sigmoid
from derive.algebra.indices import fresh_index, index, index_symbols, substitute
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.laws import Rule, cases, chain
from derive.deriving.matrix_lines import matrix_group
from derive.errors import DeriveError
from derive.meaning.derivation import Derivation, Equation, Group, Line
from derive.model.model import Model, Source
from derive.model.network import Network, general_network, needed_network

#: Up to this depth the gradients are also written out in full; each is a product of up to
#: two factors a layer, so that all of them together grow with the square of the depth.
RESOLVED_DEPTH = 5
#: Up to this depth they are written in the inputs and parameters alone: those grow faster.
EXPLICIT_DEPTH = 3

SOURCE, TARGET = index("i"), index("j")


def backpropagate(network: Network | Source) -> Derivation:
    """Derive dC/dW^(k) and dC/db^(k) for every layer of a network, step by step.

    Raises:
        DeriveError: when the cost of the network is not specified and it has more than one
            layer (only a single generic layer can be derived without a cost).
    """
    network = needed_network(network)
    if network.cost is None:
        if network.depth > 1:
            raise DeriveError("a network of several layers needs a cost to be differentiated")
        return Derivation(generic_layer(network))
    groups = [activation_group(network), forward(network), cost_function(network)]
    groups += cost_groups(network)
    groups += [layer_group(network, number) for number in reversed(network.layer_numbers[1:])]
    known = _results(groups)
    if network.depth <= RESOLVED_DEPTH:
        errors, gradients = resolved_groups(network, known)
        in_matrices = matrix_group(network, groups[1].steps, known, errors.chains)
        groups += [errors, gradients, in_matrices]
    groups.append(region_group(network))
    if network.depth > 1:
        groups += generic_layer(general_network(network))
    return Derivation(tuple(group for group in groups if group.steps))


def generic_layer(general: Network) -> tuple[Group, ...]:
    """The layer (k) -> (k+1) of a `general_network`, whatever follows it."""
    return (
        replace(forward(general), title="general_forward"),
        replace(layer_group(general, general.last), title="general_layer"),
    )


# -- the pieces, in the order of the document ----------------------------------------------


def activation_group(network: Network) -> Group:
    """The formula and the derivative of each activation, as functions of one variable z."""
    z = Symbol("z", real=True)
    steps: list[Line] = []
    defined: set[Expr] = set()
    for function in cases.activations_of(network):
        slope = slope_of(network, function, z)
        new = cases.at_the_variable(slope[-1].rhs, Step, sigmoid) - {function}
        is_formula = cases.is_formula(function)
        named = cases.named_in(function) if is_formula else []
        gated = not is_formula or function.has(Step)
        whole = [function] if gated else []
        for formula in (*named, *whole, *sorted(new - {*named}, key=str)):
            if formula not in defined:
                defined.add(formula)
                steps += chain(network, formula, "formula")
        where = cases.kink_condition(function, z)
        steps += [replace(step, where=where) for step in slope]
    return Group("activations", network, tuple(steps))


def cost_function(network: Network) -> Group:
    """What an output adds to a cost with kinks that is a function of U_j, by cases."""
    cost, steps = network.cost, ()
    if cost is not None and cost.has_difference and cost.has_kinks:
        difference = network.quantity("U", network.last, TARGET)
        term = cost.of_difference(difference, network.step_at_zero)
        steps = _by_cases(network, cost.scale(network.width(network.last)) * term)
    return Group("cost_function", network, steps)


def _by_cases(network: Network, function: Expr) -> tuple[Line, ...]:
    """A function of U_j with gates by cases, if it jumps nowhere; a threshold is positive."""
    assert network.cost is not None
    gates = function.atoms(Step)
    if function.atoms(ReLU) or not gates:
        return ()
    steps = chain(network, function, "formula")
    threshold = network.cost.threshold
    if not threshold.is_Symbol:
        return steps
    return tuple(replace(step, where=threshold > 0) for step in steps)


def slope_of(network: Network, function: Expr, z: Symbol) -> tuple[Line, ...]:
    """phi'(z): of a smooth activation from its formula, of one with a kink by its cases."""
    start = Derivative(function, z)
    if cases.is_formula(function) or getattr(function, "kinks", ()):
        return chain(network, start, "derivative of the function")
    (formula,) = chain(network, function, "formula")
    return chain(
        network,
        start,
        ("insert", (formula.equation,)),
        "derivative of the function",
        "name the function",
    )


def forward(network: Network) -> Group:
    """z^(k+1) = ..., r^(k+1) = ..., and the cost: the definitions in order.

    A cost of the difference U = y - r that is no square is written in U.
    """
    steps: list[Line] = []
    for number in network.layer_numbers[1:]:
        for kind in ("z", "r"):
            steps += chain(network, network.quantity(kind, number, TARGET), "definition")
    if network.cost is not None and network.has_difference and not network.cost.kind.is_square:
        steps += _in_the_difference(network)
    elif network.cost is not None:
        steps += chain(network, network.C, "definition")
    return Group("forward", network, tuple(steps))


def _in_the_difference(network: Network) -> tuple[Line, ...]:
    """U_j = y_j - r_j, and the cost in U."""
    difference = network.quantity("U", network.last, TARGET)
    define = chain(network, difference, "definition")
    return (*define, *chain(network, network.C, "name the difference"))


def cost_groups(network: Network) -> list[Group]:
    """dC/dr^(L)_j: by U = y - r, before that by expanding a square; directly for entropies."""
    assert network.cost is not None
    r = network.quantity("r", network.last, TARGET)
    start = Partial(network.C, r)
    if not network.has_difference:
        steps = chain(network, start, "insert the cost", "single term", "differentiate")
        return [Group("cost_directly", network, steps)]
    difference = network.quantity("U", network.last, TARGET)
    define = chain(network, difference, "definition")
    outer = chain(
        network,
        Partial(network.C, difference),
        "insert the cost",
        "single term",
        "differentiate",
    )
    inner = chain(network, Partial(difference, r), "insert the definition", "differentiate")
    given = (Equation(outer[0].lhs, outer[-1].rhs), Equation(inner[0].lhs, inner[-1].rhs))
    by_chain = chain(
        network,
        start,
        "chain rule",
        ("insert as it stands", given),
        ("insert as it stands", (define[0].equation,)),
        "simplify" if network.cost.kind.is_square else "multiply out",
    )
    by_cases = _by_cases(network, outer[-1].rhs) if not network.cost.jumps else ()
    steps = (*outer, *by_cases, *inner, *by_chain)
    if not network.cost.kind.is_square:
        return [Group("cost_by_difference", network, steps)]
    by_difference = Group("cost_by_difference", network, (*_in_the_difference(network), *steps))
    expanded = chain(
        network,
        start,
        "insert the cost",
        "single term",
        "expand the square",
        "differentiate term by term",
        "simplify",
    )
    return [Group("cost_expanded", network, expanded), by_difference]


def layer_group(network: Network, number: Expr) -> Group:
    """The three equations of one layer: dC/dz, then dC/dr of the layer before, dC/dW, dC/db."""
    steps: list[Line] = [*pre_activation_gradient(network, number)]
    source = number - 1
    if source != network.first or network.cost is None:
        steps += _chain_rule_steps(network, network.quantity("r", source, SOURCE))
    steps += _chain_rule_steps(network, network.quantity("W", source, SOURCE, TARGET))
    if network.layer(number).bias:
        steps += _chain_rule_steps(network, network.quantity("b", source, TARGET))
    return Group("layer", network, tuple(steps), {"layer": number, "source": source})


def _chain_rule_steps(network: Network, variable: Quantity) -> tuple[Line, ...]:
    """Chain rule, local definition, local derivative."""
    return chain(
        network,
        Partial(network.C, variable),
        "chain rule",
        "insert the definition",
        "differentiate",
    )


def pre_activation_gradient(network: Network, number: Expr) -> tuple[Line, ...]:
    """dC/dz^(k)_j from dC/dr^(k)_j, resolved at the output layer."""
    z = network.quantity("z", number, TARGET)
    steps = chain(
        network,
        Partial(network.C, z),
        "chain rule",
        "insert the definition",
        "differentiate",
        "output form",
    )
    if network.cost is None or number != network.last:
        return steps
    *_, found = cost_groups(network)[-1].chains
    known = Equation(found[0].lhs, found[-1].rhs)
    if network.cost.output is None:
        return steps + chain(network, steps[-1].rhs, ("insert", (known,)))
    laws: tuple[Rule, ...] = (("insert as it stands", (known,)), "multiply out", "simplify")
    steps += chain(network, steps[-1].rhs, *laws)
    if network.cost.output == "softmax":
        steps += chain(network, steps[-1].rhs, ("assumption", (targets_sum_to_one(network),)))
    return steps


def targets_sum_to_one(network: Network) -> Equation:
    """sum_j y_j = 1, what cross-entropy assumes of its targets."""
    bound = index("m")
    y = network.quantity("y", network.last, bound)
    return Equation(network.sum_over(network.last, bound, y), S.One)


def targets_assumed(network: Model) -> tuple[Equation, ...]:
    """sum_j y_j = 1, what a softmax layer with cross-entropy takes for granted."""
    if not isinstance(network, Network) or network.cost is None or network.cost.output != "softmax":
        return ()
    return (targets_sum_to_one(network),)


def _results(groups: list[Group]) -> dict[Partial, Line]:
    """For each derivative that a chain starts from, an equation with the chain's end."""
    found: dict[Partial, Line] = {}
    for group in groups:
        for steps in group.chains:
            if isinstance(steps[0].lhs, Partial):
                found[steps[0].lhs] = result(steps)
    return found


def result(steps: tuple[Line, ...]) -> Line:
    """A chain as one equation from its start to its end, with all that it assumed."""
    assuming = tuple(a for step in steps for a in step.assuming)
    return Line(steps[0].lhs, steps[-1].rhs, "", (), assuming)


def resolved_groups(network: Network, known: dict[Partial, Line]) -> tuple[Group, Group]:
    """The gradients with earlier results put in, down to outputs, weights and inputs."""
    errors: list[Line] = []
    resolved: dict[Partial, Line] = {}
    for number in reversed(network.layer_numbers[1:]):
        z = network.quantity("z", number, TARGET)
        start = Partial(network.C, z)
        if number == network.last:
            resolved[start] = known[start]
            continue
        r = network.quantity("r", number, SOURCE)
        z_i = network.quantity("z", number, SOURCE)
        local = known[start].equation
        before = known[Partial(network.C, r)].equation
        next_z = Partial(network.C, network.quantity("z", number + 1, TARGET))
        steps = chain(
            network,
            Partial(network.C, z_i),
            ("insert", (local,)),
            ("insert", (before,)),
            ("insert", (resolved[next_z].equation,)),
        )
        steps = _assuming(steps, resolved[next_z].assuming)
        errors += steps
        last = steps[-1]
        back = _reindexed(Equation(steps[0].lhs, last.rhs), network, number)
        resolved[start] = Line(back.lhs, back.rhs, "", (), last.assuming)
    gradients: list[Line] = []
    for kind, source in network.parameter_groups:
        gradients += _resolved_gradient(network, kind, source, known, resolved)
    return (
        Group("resolved_errors", network, tuple(errors)),
        Group("resolved_gradients", network, tuple(gradients)),
    )


def _assuming(steps: tuple[Line, ...], assuming: tuple[Equation, ...]) -> tuple[Line, ...]:
    """The steps, the last of which inherits what the inserted result assumed."""
    return (*steps[:-1], replace(steps[-1], assuming=assuming))


def _reindexed(equation: Equation, network: Network, number: Expr) -> Equation:
    """An equation for unit i of a layer, written for unit j."""
    if not network.has_index(number):
        return equation
    right = equation.rhs
    if TARGET in index_symbols(right):
        right = substitute(right, {TARGET: fresh_index(index_symbols(right), after=2)})
        for node in right.atoms(Sum):
            if TARGET in node.bound_symbols:
                new = fresh_index(index_symbols(right) | {SOURCE, TARGET}, after=2)
                right = right.xreplace({TARGET: new})
    return Equation(substitute(equation.lhs, {SOURCE: TARGET}), substitute(right, {SOURCE: TARGET}))


def _resolved_gradient(
    network: Network,
    kind: str,
    source: Expr,
    known: dict[Partial, Line],
    resolved: dict[Partial, Line],
) -> tuple[Line, ...]:
    """dC/dW^(k) with dC/dz^(k+1) put in; then, for small chains, in x and parameters alone."""
    entry = network.quantity(kind, source, *((SOURCE, TARGET) if kind == "W" else (TARGET,)))
    start = Partial(network.C, entry)
    error = resolved[Partial(network.C, network.quantity("z", source + 1, TARGET))]
    laws: list[Rule] = [
        ("insert", (known[start].equation,)),
        ("insert", (error.equation,)),
    ]
    steps = _assuming(chain(network, start, *laws), error.assuming)
    if network.is_chain and network.depth <= EXPLICIT_DEPTH:
        given = tuple(step.equation for step in reversed(forward(network).steps[:-1]))
        steps += chain(network, steps[-1].rhs, ("insert", given))
    return steps


# -- activation regions --------------------------------------------------------------------


def region_group(network: Network) -> Group:
    """The gradients of ReLU layers as cases: unit active, unit at its kink, unit inactive."""
    relu = [n for n in network.layer_numbers[1:] if network.layer(n).activation.kind.is_gate]
    steps: list[Line] = []
    if network.is_chain and len(relu) == network.depth <= RESOLVED_DEPTH:
        for kind, source in network.parameter_groups:
            start = Partial(
                network.C,
                network.quantity(kind, source, SOURCE, TARGET)
                if kind == "W"
                else network.quantity(kind, source, TARGET),
            )
            steps += chain(network, start, "all later units active or not")
        if not any(layer.bias for layer in network.layers):
            steps += _all_active(network)
    elif network.depth <= RESOLVED_DEPTH:
        for number in relu:
            start = Partial(network.C, network.quantity("W", number - 1, SOURCE, TARGET))
            steps += chain(network, start, "unit active or not")
    return Group("regions", network, tuple(steps))


def _all_active(network: Network) -> list[Line]:
    """Output and gradients of a ReLU chain on the region where every unit is active."""
    where = cases.all_active(network)
    output = network.quantity("r", network.last)
    steps = [*chain(network, output, "all units active")]
    for _, source in network.parameter_groups:
        start = Partial(network.C, network.quantity("W", source, SOURCE, TARGET))
        steps += chain(network, start, "all units active, gradient")
    return [replace(step, where=where) for step in steps]
