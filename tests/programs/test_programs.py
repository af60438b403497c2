"""Programs of definitions: their values are those of `evaluate`, every line is proved."""

from dataclasses import replace
from itertools import product

import pytest
from sympy import Float, Integer, Max, Piecewise, Rational, Symbol, hessian

from derive import DeriveError, Program, ReLU, hessian_program, read_network
from derive.algebra.quantities import Quantity, outermost
from derive.evaluating.evaluate import evaluate
from derive.meaning.valuation import Valuation
from derive.model.activations import Activation
from derive.model.network import Layer, Network, general_network
from derive.proving import judge
from tests.definitions import expanded_cost
from tests.evaluating.test_evaluating import KINDS, close, point_of
from tests.evaluating.test_second_order_values import kinky
from tests.networks import random_network
from tests.sweeps import sampled, sweep

h0 = Symbol("h_0", real=True)
LINEAR_PIECES = ("relu", "leaky_relu", "identity")


def given_by(network, point):
    """The numbers of a point by the names that a program uses."""
    widths = {n: int(network.width(n)) for n in network.layer_numbers if network.has_index(n)}
    entries = Valuation(network, widths, {}).entries
    places = {"x": entries("r", network.first), "y": entries("y", network.last)}
    places |= {f"{kind}{layer}": entries(kind, layer) for kind, layer in network.parameter_groups}
    return {
        entry: Rational(number)
        for name, names in places.items()
        for entry, number in zip(names, flat(point[name]), strict=True)
    }


def flat(value):
    nested = isinstance(value, list | tuple)
    return [number for part in value for number in flat(part)] if nested else [value]


def same(found, expected):
    if found.is_Rational and expected.is_Rational:
        return found == expected
    return close(found.evalf(60), expected)


def pairs_of_values(network, point, given):
    """C, gradient and Hessian by the program, each beside what `evaluate` finds."""
    program = hessian_program(network)
    values = program.values(given)
    found = evaluate(network, point, order=2)
    yield values.get(network.C), found.C
    for name, expected in zip(program.gradient, found.gradient, strict=True):
        yield name.xreplace(values), expected
    for names, row in zip(program.hessian, found.hessian, strict=True):
        for name, expected in zip(names, row, strict=True):
            yield name.xreplace(values), expected


# -- values --------------------------------------------------------------------------------


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("hidden", LINEAR_PIECES)
def test_2_2_2_1_has_exactly_the_values_of_evaluate(hidden, bias):
    slope = "1/3" if hidden == "leaky_relu" else None
    network = read_network("2-2-2-1", activation=hidden, slope=slope, bias=bias)
    point = {
        "x": ["3/2", "-1"],
        "y": ["2"],
        "W0": [["1", "-2"], ["1/2", "-1/3"]],
        "W1": [["2", "1/5"], ["3", "-1"]],
        "W2": [["1/7"], ["4"]],
    }
    if bias:
        point |= {"b0": ["1", "5"], "b1": ["-1/2", "3"], "b2": ["1/9"]}
    compared = list(pairs_of_values(network, point, given_by(network, point)))
    assert len(compared) == 1 + len(hessian_program(network).parameters) * (11 + 5 * bias)
    assert all(found.is_Rational and found == expected for found, expected in compared)


@pytest.mark.parametrize("seed", sweep(range(4), [3]))
@pytest.mark.parametrize(("hidden", "output", "cost"), sampled(KINDS, every=3), ids=str)
def test_values_are_those_of_evaluate(hidden, output, cost, seed):
    """Exactly where numbers stay rational; the targets of the softmax need not add up to 1."""
    sample = random_network(f"program {hidden} {output} {cost} {seed}", hidden, output, cost)
    network, point = sample.network, point_of(sample)
    given = dict(sample.given)
    if output == "softmax" and seed % 2:
        point["y"] = tuple(2 * entry for entry in point["y"])
        given = {q: 2 * v if q.kind == "y" else v for q, v in given.items()}
    if not {hidden, output} <= set(LINEAR_PIECES):
        given = {q: Float(v, 60) for q, v in given.items()}
    assert all(same(*pair) for pair in pairs_of_values(network, point, given))


@pytest.mark.parametrize("seeds", sweep([10, 40], [10]))
@pytest.mark.parametrize("at_zero", sweep([0, Rational(1, 2), h0], [h0]), ids=str)
def test_at_kinks_step_follows_the_convention(at_zero, seeds):
    kinks = 0
    for seed in range(seeds):
        network, point = kinky(seed, at_zero)
        for found, expected in pairs_of_values(network, point, given_by(network, point)):
            assert (found - expected).expand() == 0
        kinks += bool(evaluate(network, point).kinks)
    assert kinks > seeds / 2


# -- every line ----------------------------------------------------------------------------

CASES = (
    ("2-2-2-1", {}),
    ("1-1-1", {}),
    ("2-3-2", {"bias": True, "cost": "mean_squared_error"}),
    ("2-2-2-1", {"bias": True, "activation": "sigmoid"}),
    ("1-2-1", {"activation": "tanh"}),
    ("2-1-2", {"activation": "softplus", "bias": True}),
    ("2-2-2", {"activation": "leaky_relu", "slope": "alpha"}),
    ("1-2-2", {"output_activation": "softmax", "cost": "cross_entropy", "bias": True}),
    ("2-2-2", {"output_activation": "sigmoid", "cost": "binary_cross_entropy"}),
)
SMALL = [case for case in CASES if case[0] in ("1-1-1", "1-2-1", "2-1-2")]


@pytest.mark.parametrize(("shape", "options"), sweep(CASES, SMALL), ids=str)
def test_every_definition_is_proved(shape, options):
    """The judge knows the definitions of the network, and none of these."""
    network = read_network(shape, **options)
    for definition in hessian_program(network).definitions:
        assert judge(network, definition.lhs, definition.rhs).proved, definition


@pytest.mark.parametrize(("shape", "options"), CASES, ids=str)
def test_names_are_defined_once_before_they_are_used_and_are_all_used(shape, options):
    network = read_network(shape, **options)
    program = hessian_program(network)
    known = set()
    given = ("W", "b", "y")
    used = {network.C, *program.gradient, *(name for row in program.hessian for name in row)}
    for definition in program.definitions:
        parts = outermost(definition.rhs)
        for part in parts:
            inputs = isinstance(part, Quantity) and (part.kind in given or part.layer == 0)
            assert inputs or part in known, (definition.lhs, part)
        used.update(parts)
        assert definition.lhs not in known
        known.add(definition.lhs)
    formulas = [definition.rhs for definition in program.definitions]
    assert len(set(formulas)) == len(formulas)
    assert known <= used


def test_a_symmetric_pair_has_one_name():
    program = hessian_program(read_network("2-2-2-1", bias=True))
    size = range(len(program.parameters))
    assert all(program.hessian[p][q] == program.hessian[q][p] for p, q in product(size, size))


def test_derivatives_that_are_zero_are_numbers():
    """Parameters into different outputs have no common second derivative."""
    program = hessian_program(read_network("1-2"))
    assert program.hessian[0][1] == 0
    assert program.hessian[0][0] != 0


# -- size ----------------------------------------------------------------------------------


def test_the_hessian_of_2_2_2_1_takes_200_operations():
    """C takes 23, the five Step(z) 5, delta 14, the gradient 10; the Hessian the other 148."""
    program = hessian_program(read_network("2-2-2-1"))
    assert program.operations == 200
    assert len(program.definitions) == 147


def as_maximum(z, _at_zero):
    return Max(0, z)


def as_cases(z, _at_zero):
    """Not folded: SymPy does not end with the Hessian of nested cases on one level."""
    return Piecewise((z, z > 0), (0, True))


@pytest.mark.parametrize("form", sweep([as_maximum, as_cases], [as_maximum]))
def test_that_is_a_hundredth_of_what_sympy_writes(form):
    """count_ops of sympy.hessian of C in the parameters, with ReLU as Max or as Piecewise."""
    network = read_network("2-2-2-1")
    widths = {layer: int(network.width(layer)) for layer in network.layer_numbers[:-1]}
    cost, parameters = expanded_cost(network, widths)
    plain = {q: Symbol(str(q), real=True) for q in cost.atoms(Quantity)}
    matrix = hessian(cost.xreplace(plain).replace(ReLU, form), [plain[q] for q in parameters])
    written = sum(entry.count_ops() for entry in matrix)
    assert written > 100 * hessian_program(network).operations


@pytest.mark.parametrize("depth", sweep([2, 4, 8, 16], [2, 4, 8]))
def test_operations_grow_with_the_number_of_entries(depth):
    """No formula grows with depth; each entry of the Hessian takes one multiplication."""
    program = hessian_program(read_network("-".join(["2"] * (depth + 1))))
    entries = len(program.parameters) * (len(program.parameters) + 1) // 2
    assert max(definition.rhs.count_ops() for definition in program.definitions) <= 5
    assert program.operations < 5 * entries


# -- what it refuses -----------------------------------------------------------------------


def test_widths_must_be_known():
    with pytest.raises(DeriveError, match="layer 0 has n_0 units"):
        hessian_program(read_network("n_0-2-1"))


def test_a_cost_is_needed():
    network = replace(general_network(read_network("two-layer-general")), inputs=Integer(2))
    with pytest.raises(DeriveError, match="no Hessian"):
        hessian_program(network)


def test_large_hessians_are_refused_at_once():
    network = Network(Integer(100), (Layer(Integer(1000), Activation("relu")),))
    with pytest.raises(DeriveError, match="100000 x 100000 entries is too large"):
        hessian_program(network)


def test_it_is_a_value():
    program = hessian_program(read_network("1-1"))
    assert isinstance(program, Program)
    assert program == hessian_program(read_network("1-1"))
    assert hash(program.definitions)
