"""Random equations: a true rewriting is never refuted, a mutant that differs never proved.

The opinion against which the judge is held is a small evaluator of its own, at exact points
that include kinks: zeros, and values at which the argument of a gate is 0.
"""

from fractions import Fraction
from random import Random

import mpmath
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Add,
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    exp,
    symbols,
    tanh,
)
from sympy import sign as sign_of

from derive import Network, Partial, Quantity, Valuation, judge, prove
from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid
from derive.algebra.quantities import replace_whole
from derive.model.network import Layer
from derive.proving import Kinks, Status
from derive.proving.prove import NOWHERE
from tests.networks import random_values
from tests.proving.exact import differ
from tests.sweeps import sweep

VARIABLES = x, y, w = symbols("x y w", real=True)
NUMBERS = tuple(map(Rational, ("-2", "-1", "-1/2", "1/2", "1", "2", "3")))
SLOPE = Rational(1, 4)
GATES = (ReLU, Step, LeakyReLU, Abs, Max, Min, sign_of)
PRECISION = 40
TINY = mpmath.mpf(10) ** -25

seldom = settings(
    max_examples=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


# -- an evaluator --------------------------------------------------------------------------


class TooCloseError(Exception):
    """A rounded number is too close to 0 for its sign to be known."""


def sign(value):
    if isinstance(value, Fraction):
        return (value > 0) - (value < 0)
    if abs(value) < TINY:
        raise TooCloseError
    return 1 if value > 0 else -1


def evaluated(node, at):
    """The value of an expression: a Fraction, or 40 digits where a function rounds."""
    if isinstance(node, Symbol):
        return at[node]
    if isinstance(node, Rational):
        return Fraction(int(node.p), int(node.q))
    values = [evaluated(argument, at) for argument in node.args]
    first = values[0]
    match node:
        case Add():
            return mixed(sum, values)
        case Mul():
            return mixed(product, values)
        case Pow():
            return first ** int(node.exp)
        case ReLU():
            return first if sign(first) > 0 else Fraction(0)
        case Step():
            return {1: Fraction(1), 0: values[1], -1: Fraction(0)}[sign(first)]
        case LeakyReLU():
            return first if sign(first) > 0 else mixed(product, [first, values[1]])
        case Abs():
            return abs(first)
        case Max():
            return max(map(rounded_if(values), values))
        case Min():
            return min(map(rounded_if(values), values))
        case sign_of():
            return Fraction(sign(first))
        case sigmoid():
            return 1 / (1 + mpmath.exp(-rounded(first)))
        case exp():
            return mpmath.exp(rounded(first))
        case tanh():
            return mpmath.tanh(rounded(first))
    raise NotImplementedError(node)


def rounded(value):
    return mpmath.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else value


def rounded_if(values):
    """Fractions stay as they are unless there is a rounded number among them."""
    exact = all(isinstance(value, Fraction) for value in values)
    return (lambda value: value) if exact else rounded


def mixed(combine, values):
    return combine(list(map(rounded_if(values), values)))


def product(values):
    result = values[0]
    for value in values[1:]:
        result = result * value
    return result


def disagree(left, right, at):
    try:
        with mpmath.workdps(PRECISION):
            difference = mixed(sum, [evaluated(left, at), evaluated(-right, at)])
            return bool(abs(rounded(difference)) > TINY)
    except TooCloseError:
        return False


# -- points --------------------------------------------------------------------------------


def generic_points(source, count):
    """Points that lie on no boundary between regions."""
    for _ in range(count):
        yield {v: Fraction(source.randint(-3000, 3000) * 2 + 1, 1009) for v in VARIABLES}


def points_with_kinks(source, count, *sides):
    """Small numbers, zeros, and solutions of the arguments of gates where these are linear."""
    arguments = [
        inside
        for side in sides
        for gate in sorted(side.atoms(*GATES), key=str)
        for inside in (
            [gate.args[0] - gate.args[1]] if isinstance(gate, Max | Min) else [gate.args[0]]
        )
    ]
    for number in range(count):
        at = {v: Fraction(source.randint(-4, 4), source.choice((1, 1, 2))) for v in VARIABLES}
        yield dict(at)
        if arguments:
            yield from at_a_kink(arguments[number % len(arguments)], source, at)


def at_a_kink(argument, source, at):
    variable = source.choice(VARIABLES)
    with mpmath.workdps(PRECISION):
        try:
            low, high = (evaluated(argument, {**at, variable: Fraction(v)}) for v in (0, 1))
        except TooCloseError:
            return
    if isinstance(low, Fraction) and isinstance(high, Fraction) and low != high:
        yield {**at, variable: low / (low - high)}


def ever_disagree(left, right, kinks=True, count=200):
    source = Random(7)
    points = [*generic_points(source, count // 2)]
    if kinks:
        points += points_with_kinks(source, count // 2, left, right)
    return any(disagree(left, right, at) for at in points)


# -- expressions, true rewritings and mutations ----------------------------------------------

FUNCTIONS = (
    ReLU,
    Step,
    lambda e: LeakyReLU(e, SLOPE),
    Abs,
    lambda e: ReLU(-e),
    lambda e: e * Step(e),
)
SMOOTH = (sigmoid, tanh)


def grown(inner):
    """One more node on top of smaller expressions."""
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda p: Add(*p)),
        pair.map(lambda p: Mul(*p)),
        pair.map(lambda p: Max(*p)),
        pair.map(lambda p: Min(*p)),
        st.tuples(st.sampled_from(FUNCTIONS), inner).map(lambda p: p[0](p[1])),
    )


leaves = st.one_of(st.sampled_from(VARIABLES), st.sampled_from(VARIABLES), st.sampled_from(NUMBERS))
piecewise = st.recursive(leaves, grown, max_leaves=4)
smooth = st.tuples(st.sampled_from(SMOOTH), piecewise).map(lambda p: p[0](p[1]))
expressions = st.one_of(
    piecewise,
    piecewise,
    st.tuples(piecewise, smooth).map(lambda p: Add(*p)),
    st.tuples(piecewise, smooth).map(lambda p: Mul(*p)),
    smooth.map(lambda e: ReLU(e)),
).filter(lambda e: e.free_symbols and e.count_ops() < 16)


def rewritings(node):
    """Other ways to write a node, each true for all real values."""
    match node:
        case ReLU():
            z = node.args[0]
            yield from (z * Step(z), (z + Abs(z)) / 2, z + ReLU(-z), Max(z, 0), ReLU(3 * z) / 3)
            yield ReLU(z) * Step(z)
        case LeakyReLU():
            z = node.args[0]
            yield from (SLOPE * z + (1 - SLOPE) * ReLU(z), ReLU(z) - SLOPE * ReLU(-z))
            yield Max(z, SLOPE * z)
        case Step():
            z = node.args[0]
            yield from (Step(2 * z), Step(z) ** 2, Step(z / 5))
        case Abs():
            z = node.args[0]
            yield from (ReLU(z) + ReLU(-z), Max(z, -z), 2 * ReLU(z) - z)
        case Max() if len(node.args) == 2:
            p, q = node.args
            yield from (q + ReLU(p - q), (p + q + Abs(p - q)) / 2, p + q - Min(p, q))
        case Min() if len(node.args) == 2:
            p, q = node.args
            yield from (q - ReLU(q - p), (p + q - Abs(p - q)) / 2, -Max(-p, -q))
        case Mul() | Add():
            yield node.expand()
        case sigmoid():
            z = node.args[0]
            yield from (1 - sigmoid(-z), 1 / (1 + exp(-z)), (1 + tanh(z / 2)) / 2)
        case tanh():
            z = node.args[0]
            yield from (2 * sigmoid(2 * z) - 1, -tanh(-z), 1 - 2 / (exp(2 * z) + 1))


def mutations(node):
    """What somebody may write by mistake."""
    match node:
        case Mul():
            for factor in node.args:
                yield Mul(*(other for other in node.args if other is not factor))
        case Add():
            first, *rest = node.args
            yield from (Add(*rest), Add(-first, *rest), Mul(*node.args))
        case ReLU():
            yield from (node.args[0], ReLU(-node.args[0]), Step(node.args[0]), Abs(node.args[0]))
        case Step():
            yield from (S.One, S.Zero, Step(-node.args[0]), 1 - Step(-node.args[0]))
        case LeakyReLU():
            z = node.args[0]
            yield from (z, ReLU(z), SLOPE * z, LeakyReLU(z, SLOPE**2), -LeakyReLU(-z, SLOPE))
        case Abs():
            yield from (node.args[0], -node.args[0], ReLU(node.args[0]))
        case Max() | Min():
            yield from (Max(*node.args), Min(*node.args), node.args[0], Add(*node.args))
        case sigmoid():
            z = node.args[0]
            yield from (tanh(z), sigmoid(2 * z), -sigmoid(-z), sigmoid(z) ** 2, ReLU(z))
        case tanh():
            z = node.args[0]
            yield from (sigmoid(z), tanh(2 * z), 2 * sigmoid(z) - 1, z)
        case Symbol():
            yield from (v for v in VARIABLES if v != node)
            yield -node
        case Rational():
            yield from (node + 1, -node, 2 * node)


def changed(draw, expression, changes):
    """The expression with one node replaced, chosen by `draw` among all that can be."""
    nodes = [*dict.fromkeys(n for n in walk(expression))]
    options = [(node, new) for node in nodes for new in changes(node)]
    node, new = draw(st.sampled_from(options)) if options else (expression, expression)
    return replaced(expression, node, new)


def walk(node):
    yield node
    count = len(node.args) if not isinstance(node, ReLU | Step | LeakyReLU | Pow) else 1
    for argument in node.args[:count]:
        yield from walk(argument)


def replaced(expression, node, new):
    if expression == node:
        return new
    if not expression.args:
        return expression
    keep = isinstance(expression, ReLU | Step | LeakyReLU | Pow)
    arguments = [
        argument if keep and place else replaced(argument, node, new)
        for place, argument in enumerate(expression.args)
    ]
    return expression.func(*arguments)


@st.composite
def true_equations(draw):
    left = draw(expressions)
    right = changed(draw, left, rewritings)
    return left, changed(draw, right, rewritings)


@st.composite
def mutated_equations(draw):
    left = draw(expressions)
    right = changed(draw, left, rewritings) if draw(st.booleans()) else left
    return left, changed(draw, right, mutations)


# -- the properties ------------------------------------------------------------------------


def hold_against(left, right, proof):
    """A proof against the evaluator, and a counterexample against both sides."""
    if proof.proved:
        kinks = proof.scope.kinks is not Kinks.EXCLUDED
        assert not ever_disagree(left, right, kinks), f"{left} = {right} is proved"
    found = proof.counterexample
    if found is not None:
        at = {v: number(found.values[v.name]) for v in VARIABLES if v.name in found.values}
        assert disagree(left, right, at), f"{left} = {right} does not fail at {found.values}"


def number(value):
    value = Rational(value)
    return Fraction(int(value.p), int(value.q))


@pytest.mark.parametrize("examples", sweep([15, 50], [15]))
def test_a_true_rewriting_is_never_refuted(examples):
    # Settings are set once for a function, so they are those of what `given` makes anew.
    settings(seldom, max_examples=examples)(given(true_equations())(_is_never_refuted))()


def _is_never_refuted(equation):
    left, right = equation
    assert not ever_disagree(left, right, count=40), "the rewriting itself is wrong"
    proof = prove(left, right)
    assert proof.status is not Status.REFUTED
    hold_against(left, right, proof)


@seldom
@given(mutated_equations())
def test_a_mutant_that_differs_is_never_proved(equation):
    left, right = equation
    hold_against(left, right, judge(NOWHERE, left, right))


# -- the same for quantities of networks -----------------------------------------------------

CHAIN = Network(Integer(1), (Layer(Integer(1)), Layer(Integer(1))))
SQUARE = Network(Integer(2), (Layer(Integer(2)), Layer(Integer(1))))


def true_in(net):
    """Right equations of a network, as pairs, to start from."""
    q = net.quantity
    C, one = net.C, (1, 1)
    z1, z2, r1, r2 = (q(k, n, 1) for k, n in (("z", 1), ("z", 2), ("r", 1), ("r", 2)))
    W0, W1, x0, target = q("W", 0, *one), q("W", 1, *one), q("r", 0, 1), q("y", 2, 1)
    return [
        (Partial(C, r2), r2 - target),
        (Partial(C, z2), (r2 - target) * Step(z2)),
        (Partial(C, W1), (r2 - target) * Step(z2) * ReLU(z1)),
        (Partial(C, r1), Partial(C, z2) * W1),
        (Partial(C, z1), Step(z1) * W1 * Partial(C, z2)),
        (Partial(C, W0), (r2 - target) * Step(z2) * W1 * Step(z1) * x0),
        (Partial(C, W0) * r1, z1 * Step(z1) * Partial(C, z1) * x0),
        (Partial(r2, W0), Step(z2) * W1 * Step(z1) * x0),
    ]


def points_of(net, source, count):
    """Random points of a network; at every other one some of the values are 0 or 1."""
    widths = {n: int(net.width(n)) for n in net.layer_numbers if net.has_index(n)}
    for number in range(count):
        given = random_values(source, net, widths)
        for entry in given if number % 2 else ():
            if source.random() < 0.4:
                given[entry] = source.choice((S.Zero, S.Zero, S.One, S.NegativeOne))
        yield Valuation(net, widths, given)


def mutations_in_a_network(node):
    match node:
        case Quantity():
            yield from (-node, 2 * node, S.One)
            if node.kind in "zr" and node.layer > 0:
                yield Quantity({"z": "r", "r": "z"}[node.kind], *node.args[1:])
        case Partial():
            yield from (-node, S.One)
        case _:
            yield from mutations(node)


def walk_in_a_network(node):
    yield node
    if isinstance(node, Quantity | Partial):
        return
    for argument in node.args[:1] if isinstance(node, ReLU | Step | Pow) else node.args:
        yield from walk_in_a_network(argument)


def mutants(net):
    """Every mutant of every right side, each with its equation."""
    for left, right in true_in(net):
        yield left, right, True
        for node in dict.fromkeys(walk_in_a_network(right)):
            for new in mutations_in_a_network(node):
                mutant: Expr = replace_whole(right, {node: new})
                if mutant != right:
                    yield left, mutant, False


def hold_in(net, equations):
    for left, right, true in equations:
        proof = judge(net, left, right)
        if true:
            assert proof.proved, f"{left} = {right}"
        if proof.proved:
            points = points_of(net, Random(3), 40)
            kinks = proof.scope.kinks is not Kinks.EXCLUDED
            differences = [
                at.given for at in points
                if differ(at(left), at(right)) and (kinks or not on_a_kink(net, at))
            ]  # fmt: skip
            assert not differences, f"{left} = {right} is proved, and fails at {differences[0]}"
        if proof.status is Status.REFUTED:
            assert differ(proof.counterexample.left, proof.counterexample.right)


def on_a_kink(net, at):
    return any(value == 0 for entry, value in at.values.items() if entry.kind == "z")


def test_mutants_in_a_chain():
    hold_in(CHAIN, [*mutants(CHAIN)][::5])


def test_mutants_in_a_network_of_two_inputs():
    hold_in(SQUARE, [*mutants(SQUARE)][::20])
