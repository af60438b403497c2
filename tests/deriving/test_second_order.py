"""Hessian blocks: run as a program they give the Hessian; what is altered is refused."""

from itertools import product

import pytest
from sympy import Float, Function, S, Symbol, hessian, symbols

from derive.algebra.functions import ReLU
from derive.algebra.quantities import Partial, Quantity
from derive.deriving import laws
from derive.deriving.hessian_entries import pairs
from derive.deriving.hessian_parts import hessian_part
from derive.deriving.second_order import second_order
from derive.deriving.verifying import verify
from derive.errors import DeriveError
from derive.files.network_file import read_network
from derive.meaning.derivation import Derivation, Group
from derive.meaning.valuation import Valuation
from derive.model.activations import Activation
from derive.model.network import Layer, Network, general_network
from derive.proving import judge
from derive.proving.prove import prove
from tests.definitions import FOR_THE_BLOCKS, assignments, expanded_cost, run
from tests.networks import HIDDEN, random_network
from tests.sweeps import sweep

OUTPUTS = (
    ("half_squared_error", "identity"),
    ("half_squared_error", "tanh"),
    ("mean_squared_error", "relu"),
    ("mean_squared_error", "sigmoid"),
    ("cross_entropy", "softmax"),
    ("binary_cross_entropy", "sigmoid"),
)
KINDS = [(hidden, *output) for hidden in HIDDEN for output in OUTPUTS]
#: Each activation and each output once.
ALWAYS = [(hidden, *OUTPUTS[n]) for hidden, n in zip(HIDDEN, (4, 5, 3, 0, 2, 1), strict=True)]


def groups(title, derivation):
    return [group for group in derivation.groups if group.title == title]


# -- against exact values -----------------------------------------------------


@pytest.mark.parametrize(("hidden", "cost_name", "output"), sweep(KINDS, ALWAYS[:5]))
def test_the_derived_blocks_run_as_a_program_give_the_hessian(hidden, cost_name, output):
    """`evaluate` is compared with automatic differentiation in test_second_order_values."""
    sample = random_network(f"{hidden}{output}", hidden, output, cost_name, largest=2)
    network = sample.network
    values = run(second_order(network), sample.widths, sample.given)
    shape = Valuation(network, sample.widths, {})
    parameters = [(g, q) for g in network.parameter_groups for q in shape.entries(*g)]
    place = {q: n for n, (_, q) in enumerate(parameters)}
    expected = exact_hessian(sample)
    largest = max(abs(entry) for row in expected for entry in row)
    compared = 0
    for later, earlier in pairs(network):
        for first, second in product(shape.entries(*later), shape.entries(*earlier)):
            derived = values[Partial(Partial(network.C, first), second)]
            error = abs(derived - expected[place[first]][place[second]])
            assert error <= Float("1e-20") * max(largest, 1), (first, second)
            compared += 1
    assert compared >= len(parameters) * (len(parameters) + 1) // 2


def exact_hessian(sample):
    """The Hessian by another route: Valuation applies the chain rule entry by entry."""
    valuation = sample.valuation
    network = sample.network
    parameters = [q for g in network.parameter_groups for q in valuation.entries(*g)]
    return [
        [valuation(Partial(Partial(network.C, p), q)).evalf(40) for q in parameters]
        for p in parameters
    ]


# -- what is claimed of the blocks ---------------------------------------------------------


@pytest.mark.parametrize("activation", sweep(["relu", "leaky_relu", "identity"], ["leaky_relu"]))
def test_same_layer_residual_of_piecewise_linear_networks_is_zero_for_every_width(activation):
    network = any_width(activation)
    within = residuals_within_a_layer(network)
    assert len(within) == 3
    for part, value in within:
        assert value == 0
        proof = judge(network, part, value)
        assert proof.proved
        assert proof.scope.widths.every


def residuals_within_a_layer(network):
    """The residual part of each block within a layer, and what it was found to be."""
    chains = hessian_part(second_order(network), "residual")
    return [(chain[0].lhs, chain[-1].rhs) for chain in chains if same_layer(chain[0].lhs)]


def same_layer(part):
    (second,) = {p for p in part.atoms(Partial) if len(p.unnested[1]) == 2}
    first, other = second.unnested[1]
    return first.layer == other.layer


def any_width(activation):
    sizes = symbols("n_0 n_1 n_2 n_3", integer=True, positive=True)
    chosen = Activation(activation, S.Half if activation == "leaky_relu" else S.Zero)
    return Network(sizes[0], tuple(Layer(size, chosen) for size in sizes[1:]))


def test_the_residual_within_a_layer_does_not_vanish_for_sigmoid():
    network = read_network("sigmoid-chain")
    within = residuals_within_a_layer(network)
    assert len(within) == 3
    assert all(value != 0 for _, value in within)
    refuted = judge(network, within[0][0], S.Zero)
    assert refuted.status.value == "refuted"


@pytest.mark.parametrize("activation", ["leaky_relu", "sigmoid"])
def test_slopes_from_layer_to_layer_stay_factors(activation):
    slope = "alpha" if activation == "leaky_relu" else None
    network = read_network("2-2-2", activation=activation, slope=slope)
    (slopes,) = groups("jacobians", second_order(network))
    (first, *_) = [step for step in slopes.steps if str(step.lhs).startswith("dz2")]
    assert first.rhs.is_Mul
    if activation == "leaky_relu":  # nothing is a name of an output there
        assert not any(step.rule == "output form" for step in slopes.steps)


def test_two_weights_of_one_layer_have_a_second_derivative():
    network = read_network("1-2-1")
    proof = prove("d2C/dW0[0]dW0[1]", "0", network)
    assert proof.status.value == "refuted"
    assert proof.counterexample is not None
    output = prove("d2yhat/dW0[0]dW0[1]", "0", network)
    assert output.proved


@pytest.mark.parametrize(
    ("block", "closed"),
    [
        ("d2C/dW0dW0", "(W1*x)^2"),
        ("d2C/dW1dW1", "(W0*x)^2"),
        ("d2C/dW0dW1", "2*W0*W1*x^2 - x*y"),
    ],
)
def test_closed_forms_of_the_two_layer_chain(block, closed):
    network = read_network("two-layer-chain")
    assert prove(block, closed, network, assume=["z1 > 0", "z2 > 0"]).proved
    assert not prove(block, closed, network).proved


def test_mixed_partials_are_symmetric_for_every_width():
    network = any_width("relu")
    for later, earlier in pairs(network):
        first = network.quantity(*later, *symbols_of("ij"))
        second = network.quantity(*earlier, *symbols_of("lm"))
        one = Partial(Partial(network.C, first), second)
        assert judge(network, one, Partial(Partial(network.C, second), first)).proved


def symbols_of(letters):
    from derive.algebra.indices import index

    return [index(letter) for letter in letters]


# -- errors are noticed --------------------------------------------------------------------


@pytest.mark.parametrize("name", sweep(["two-layer-chain", "leaky-chain"], ["two-layer-chain"]))
def test_a_changed_sign_or_factor_is_not_proved(name):
    network = read_network(name)
    derivation = second_order(network)
    changed = 0
    for title in ("curvature", "blocks", "gauss_newton", "hessian_vector", "jacobians"):
        for group in groups(title, derivation):
            for chain in group.chains:
                step = chain[-1]
                if step.rhs in (0, 1):
                    continue
                for wrong in (-step.rhs, 2 * step.rhs):
                    assert not judge(network, step.lhs, wrong).proved, (title, step.lhs)
                    changed += 1
    assert changed > 20


def test_a_rule_that_does_not_yield_the_right_side_is_not_confirmed():
    network = read_network("two-layer-chain")
    derivation = second_order(network)
    (group,) = groups("mixed_curvature", derivation)
    step = group.steps[0]
    assert laws.confirm(network, step)
    from dataclasses import replace

    false = Group("x", network, (replace(step, rule="product rule"),))
    (verdict,) = verify(type(derivation)((false,)))
    assert verdict.proof.proved
    assert not verdict.proved


def test_a_network_without_a_cost_has_no_hessian():
    general = general_network(read_network("two-layer-general"))
    with pytest.raises(DeriveError, match="no Hessian"):
        second_order(general)


# -- size ----------------------------------------------------------------------------------


def test_the_number_of_equations_grows_with_the_square_of_the_depth_only():
    counts = []
    for depth in (2, 4, 8):
        network = read_network("-".join(["1"] * (depth + 1)))
        steps = [s for g in second_order(network).groups for s in g.steps]
        counts.append(len(steps))
        longest = max(step.rhs.count_ops() for step in steps)
        assert longest < 40
    assert counts[2] < 4.5 * counts[1]


class Ramp(Function):
    """ReLU for SymPy alone."""

    def fdiff(self, argindex=1):
        return Gate(self.args[0])


class Gate(Function):
    """Its slope, which is constant on each side of 0."""

    def fdiff(self, argindex=1):
        return S.Zero


def test_shared_definitions_are_a_twentieth_of_the_expanded_hessian():
    """As SymPy differentiates the cost, with a slope of ReLU that has no Dirac terms."""
    network = read_network("2-2-2-1")
    widths = {layer: int(network.width(layer)) for layer in network.layer_numbers[:-1]}
    derivation = second_order(network)
    needed = Derivation(tuple(g for g in derivation.groups if g.title in FOR_THE_BLOCKS))
    shared = sum(right.count_ops() for _, right in assignments(needed, widths))
    cost, parameters = expanded_cost(network, widths)
    plain = {
        q: Symbol(f"p_{n}", real=True) for n, q in enumerate(sorted(cost.atoms(Quantity), key=str))
    }
    expanded = cost.xreplace(plain).replace(ReLU, lambda z, _: Ramp(z))
    matrix = hessian(expanded, [plain[q] for q in parameters])
    assert matrix.shape == (10, 10)
    assert sum(entry.count_ops() for entry in matrix) > 20 * shared
