"""The ASCII notation: what is written reads back as the same, and nothing else gets in."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    And,
    Derivative,
    Eq,
    Heaviside,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Ne,
    Or,
    Piecewise,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
    log,
    sign,
    symbols,
    tanh,
)
from sympy.logic.boolalg import Boolean

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.algebra.indices import index
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.entries import written_out
from derive.deriving.first_order import backpropagate
from derive.deriving.laws.algebra import evaluated
from derive.errors import DeriveError, ReadingError
from derive.files.built_in import builtin_names, builtin_network
from derive.meaning.derivation import Equation
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Layer, Network
from derive.notation.ascii.formulas import read_condition, read_equation, read_expression
from derive.notation.ascii.printing import ascii_text
from tests.sweeps import sampled

i, j, l, m = (index(letter) for letter in "ijlm")  # noqa: E741
half = Rational(1, 2)
alpha, h0, z = symbols("alpha h_0 z", real=True)
n0, n1, n2 = symbols("n_0:3", integer=True, positive=True)

CHAIN = builtin_network("two-layer-chain")
GENERAL = builtin_network("two-layer-general")
LAYER = builtin_network("general-layer")
WIDE = Network(  # 2 inputs, 3 leaky units, 1 output
    S(2),
    (Layer(S(3), Activation("leaky_relu", alpha), True), Layer(S(1), Activation("identity"))),
    step_at_zero=h0,
    symbols={"w": "W0", "w_1": "W0[0,1]", "a": "r1", "g": "dC/dW0", "h": "d2C/dW0dW1"},
)


def W(layer, *units):
    return Quantity("W", layer, *units)


def r(layer, *units):
    return Quantity("r", layer, *units)


def pre(layer, *units):
    return Quantity("z", layer, *units)


y, C, U = Quantity("y", 2), Quantity("C", 2), Quantity("U", 2)

WRITTEN = [
    (CHAIN, W(0) * r(0), "W0*x"),
    (CHAIN, (y - r(2)) ** 2 / 2, "1/2*(y - r2)^2"),
    (CHAIN, Mul(U, -1, evaluate=False), "U*(-1)"),
    (CHAIN, Mul(half, 2 * r(2) - 2 * y, evaluate=False), "1/2*(2*r2 - 2*y)"),
    (CHAIN, Partial(C, W(0)), "dC/dW0"),
    (CHAIN, Partial(Partial(C, W(0)), W(1)), "d2C/dW0dW1"),
    (CHAIN, Partial(W(1) * r(1), r(1)), "d(W1*r1)/dr1"),
    (CHAIN, Partial(C, r(0)) ** 2, "dC/dx^2"),
    (CHAIN, Mul(-1, 1 - y, log(1 - r(2))), "-(1 - y)*log(1 - r2)"),
    (CHAIN, y / (r(2) * W(1)), "y/(r2*W1)"),
    (CHAIN, 1 / (1 + exp(-pre(1))), "1/(1 + exp(-z1))"),
    (CHAIN, Step(pre(1)) * Step(pre(1), half), "Step(z1)*Step(z1, 1/2)"),
    (CHAIN, Max(0, pre(1)) - Min(0, pre(1)) + Abs(y) * sign(y), None),
    (CHAIN, Heaviside(pre(1), half), "Heaviside(z1, 1/2)"),
    (CHAIN, Piecewise((y, pre(1) > 0), (S.Zero, True)), "cases(y if z1 > 0; 0 otherwise)"),
    (CHAIN, r(1) ** -2, "1/r1^2"),
    (CHAIN, Rational(-3, 2) * y, "-3/2*y"),
    (CHAIN, S(0), "0"),
    (CHAIN, exp(S.One) * y, "exp(1)*y"),
    (GENERAL, Partial(C, W(0, i, j)), "dC/dW0[i,j]"),
    (GENERAL, Partial(Partial(C, W(0, i, j)), W(1, l, m)), "d2C/dW0[i,j]dW1[l,m]"),
    (GENERAL, Sum(W(0, i, j) * r(0, i), (i, 1, n0)), "sum(i, W0[i,j]*x[i])"),
    (GENERAL, Sum(W(0, i, j), (i, 1, n0), (j, 1, n1)), "sum(j, sum(i, W0[i,j]))"),
    (GENERAL, W(0, 1, 3), "W0[0,2]"),
    (GENERAL, KroneckerDelta(i, j), "delta(i,j)"),
    (GENERAL, pre(1, index("i_1")), "z1[i_1]"),
    (GENERAL, 2 * r(2, j) / n2, "2/n_2*r2[j]"),
    (LAYER, Quantity("z", Symbol("k", integer=True) + 1, j), "z{k+1}[j]"),
    (WIDE, LeakyReLU(pre(1, j), alpha, h0), "LeakyReLU(z1[j], alpha)"),
    (WIDE, Step(pre(1, 1), 0) + h0, None),
]


@pytest.mark.parametrize(("network", "expression", "text"), WRITTEN)
def test_an_expression_and_its_text(network, expression, text) -> None:
    written = ascii_text(expression, network.step_at_zero)
    assert text is None or written == text
    assert evaluated(read_expression(written, network)) == evaluated(expression)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (And(pre(2) > 0, pre(1) > 0), "z1 > 0 and z2 > 0"),
        (Or(pre(2) < 0, And(pre(1) >= 0, y <= 1)), None),
        (And(y > 0, Or(pre(1) > 0, pre(2) > 0)), None),
        (Ne(pre(1), 0), "z1 != 0"),
        (Eq(pre(1), 0), "z1 = 0"),
        (S.true, "true"),
    ],
)
def test_a_condition_and_its_text(condition, text) -> None:
    written = ascii_text(condition)
    assert text is None or written == text
    assert read_condition(written, CHAIN) == condition


@pytest.mark.parametrize(
    ("network", "text", "meaning"),
    [
        (CHAIN, "W0[0,0] * x[0]", W(0) * r(0)),
        (CHAIN, "yhat**2 + 0.15", r(2) ** 2 + Rational(3, 20)),
        (CHAIN, "-2^2 - -1 + 2^-1", Rational(-5, 2)),
        (CHAIN, "2^3^2", S(512)),
        (CHAIN, "1/2/2*y/3*2", y / 6),
        (CHAIN, "y\n + \t1", y + 1),
        (WIDE, "w[i,j] + w_1 + a[j]", W(0, i, j) + W(0, 1, 2) + r(1, j)),
        (WIDE, "g[0,2]", Partial(C, W(0, 1, 3))),
        (WIDE, "dC/dw_1", Partial(C, W(0, 1, 2))),
        (WIDE, "d2C/dw_1dw[i,j]", Partial(Partial(C, W(0, 1, 2)), W(0, i, j))),
        (WIDE, "h[i,j,l]", Partial(Partial(C, W(0, i, j)), W(1, l))),
        (WIDE, "da[j]/dz1[j]", Partial(r(1, j), pre(1, j))),
        (WIDE, "W1[i,0] + z2[0] + b0[1]", W(1, i) + pre(2) + Quantity("b", 0, 2)),
        (WIDE, "Step(z2)*alpha*h0", Step(pre(2), h0) * alpha * h0),
        (LAYER, "W{ k }[i,j]*x[i]", W(LAYER.first, i, j) * r(LAYER.first, i)),
        (None, "W0*x + e", Mul(*symbols("W0 x", real=True)) + Symbol("e", real=True)),
    ],
)  # fmt: skip
def test_other_ways_to_write_it(network, text, meaning) -> None:
    assert read_expression(text, network) == meaning


def test_a_chain_of_comparisons_is_a_conjunction() -> None:
    assert read_condition("0 < x <= 1", CHAIN) == And(S(0) < r(0), r(0) <= 1)
    assert read_condition("y > 0 or y < 0 and z1 = 0", CHAIN) == Or(
        y > 0, And(y < 0, Eq(pre(1), 0))
    )


def test_equations() -> None:
    assert read_equation("dC/dr2 = r2 - y", CHAIN) == Equation(Partial(C, r(2)), r(2) - y)
    assert read_equation("z1 == W0*x", CHAIN) == Equation(pre(1), W(0) * r(0))


def test_step_at_zero_is_that_of_the_call_then_of_the_network() -> None:
    assert read_expression("Step(x)", WIDE, names=("x",)).args[1] == h0
    assert read_expression("Step(x)", WIDE, names=("x",), at_zero=half).args[1] == half
    assert read_expression("Step(x)").args[1] == 0
    assert ascii_text(ReLU(z, half)) == "ReLU(z, 1/2)"


# -- everything that the engine makes -------------------------------------------------------


def variations():
    for name in builtin_names():
        yield name, builtin_network(name)
    widths = {"chain": (S(1),) * 3, "numbers": (S(2), S(3), S(2)), "symbols": (n0, n1, n2)}
    for shape, sizes in widths.items():
        for name in ("relu", "leaky_relu", "identity", "sigmoid", "tanh", "softplus"):
            for at_zero in (S(0), half, S(1), h0):
                hidden = Activation(name, alpha if name == "leaky_relu" else S.Zero)
                layers = (Layer(sizes[1], hidden, True), Layer(sizes[2], hidden))
                cost = Cost("mean_squared_error")
                yield f"{shape}-{name}-{at_zero}", Network(sizes[0], layers, cost, at_zero)
        for output, cost in (("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")):
            if shape != "chain" or output == "sigmoid":
                layers = (Layer(sizes[1]), Layer(sizes[2], Activation(output), True))
                yield f"{shape}-{cost}", Network(sizes[0], layers, Cost(cost), half)


def derivations(network):
    derivation = backpropagate(network)
    yield derivation
    try:
        yield written_out(derivation)
    except DeriveError:  # a width is a symbol
        return


VARIATIONS = dict(variations())


@pytest.mark.parametrize("name", sampled(VARIATIONS, every=30))
def test_every_side_of_every_step_reads_back(name: str) -> None:
    network = VARIATIONS[name]
    seen = set()
    for derivation in derivations(network):
        for group in derivation.groups:
            for step in group.steps:
                for side in (step.lhs, step.rhs, step.where):
                    if (side, group.network) not in seen:
                        seen.add((side, group.network))
                        reads_back(side, group.network)


def reads_back(side, network) -> None:
    text = ascii_text(side, network.step_at_zero)
    assert text.isascii()
    if isinstance(side, Boolean):
        assert read_condition(text, network, names=("z",)) == side
        return
    back = read_expression(text, network, names=("z",))
    assert evaluated(back) == evaluated(side), text
    again = ascii_text(back, network.step_at_zero)
    assert read_expression(again, network, names=("z",)) == back
    if not any(Mul(*node.args) != node for node in side.atoms(Mul)):
        assert back == side  # cases as they stand included


# -- random formulas ------------------------------------------------------------------------

LEAVES = st.one_of(
    st.sampled_from([W(0), W(1), r(0), pre(1), r(1), r(2), y, C, Partial(C, W(0)), z, alpha]),
    st.fractions(-9, 9, max_denominator=9).map(lambda f: Rational(f.numerator, f.denominator)),
)


def branches(parts):
    two = st.tuples(parts, parts)
    one = (ReLU, Step, sigmoid, softplus, tanh, Abs, sign, lambda a: LeakyReLU(a, alpha))
    return st.one_of(
        two.map(lambda p: p[0] + p[1]),
        two.map(lambda p: p[0] - p[1]),
        two.map(lambda p: p[0] * p[1]),
        two.map(lambda p: Mul(*p, evaluate=False)),
        two.map(lambda p: p[0] / (1 + p[1] ** 2)),
        st.tuples(parts, st.integers(2, 4)).map(lambda p: p[0] ** p[1]),
        st.tuples(st.sampled_from(one), LEAVES).map(lambda p: p[0](p[1])),
        parts.map(lambda p: Partial(p, W(0))),
        LEAVES.filter(lambda p: not p.is_number).map(exp),
        two.map(lambda p: Piecewise((p[0], pre(1) > 0), (p[1], pre(1) <= 0), evaluate=False)),
        two.map(lambda p: Max(*p)),
        parts.map(lambda p: Derivative(p * z, z)),
    )


def settled(expression):
    """Left-standing products worked out everywhere, inside Partials as well."""
    if isinstance(expression, Partial):
        return Partial(settled(expression.of), expression.wrt)
    if not expression.args or isinstance(expression, Quantity):
        return expression
    return expression.func(*(settled(argument) for argument in expression.args))


@settings(max_examples=100, deadline=None)
@given(st.recursive(LEAVES, branches, max_leaves=8))
def test_random_formulas_read_back(expression) -> None:
    text = ascii_text(expression)
    back = read_expression(text, CHAIN, names=("z", "alpha"))
    assert settled(back) == settled(expression), text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.text("W0xy z1()[]+-*/^,;=<>.{k}dCsumifcases", max_size=40))
def test_any_text_is_read_or_refused(text) -> None:
    for network in (None, CHAIN, GENERAL):
        for read in (read_expression, read_equation, read_condition):
            try:
                read(text, network)
            except ReadingError as problem:
                assert str(problem).startswith(f"column {problem.column}: ")
                assert "\n" not in str(problem)


# -- messages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2y", "column 2: found 'y' where an operator is expected; a product needs its *"),
        ("y + ", "column 5: found the end where a number, a name or ( is expected"),
        ("(y", "column 3: the text ends before the ( of column 1 is closed"),
        ("y)", "column 2: found ')' where an operator or the end is expected"),
        ("y × 2", "column 3: found '×'; in this notation write *"),
        ("relu(z1[0])", "column 1: 'relu' is not in this network; did you mean ReLU?"),
        (
            "ReLU(y, 0, 1)",
            "column 1: ReLU takes 1 argument, or one more for the value of Step(0), not 3",
        ),
        ("W0[0]", "column 1: W0 has 2 indices, as in W0[i,j]; here it has 1 index"),
        ("W0[0,3]", "column 6: the units of layer 1 count from 0 to 2, and this is '3'"),
        ("W1[0,1]", "column 6: layer 2 has one unit, whose index is 0 or left out, not '1'"),
        (
            "W0[i,k]",
            "column 6: found 'k' as an index; "
            "an index is a number from 0 or a letter such as i, j, l, m or i_1",
        ),
        ("y/0", "column 2: this divides by zero"),
        ("y^0.3", "column 2: an exponent is a whole number from -1000 to 1000, or half of one"),
        (
            "sum(i, y)",
            "column 5: in this sum the index i occurs in no factor; "
            "it must count the units of one layer, of several units",
        ),
        (
            "sum(i, x[i]*z1[i])",
            "column 5: in this sum the index i counts both the units of layer 0 and those of "
            "layer 1; it must count the units of one layer, of several units",
        ),
        ("dC/y", "column 4: found 'y' where a differential such as dz1 is expected"),
        ("x > 0", "column 1: x has 1 index, as in x[i]; here it has no index"),
        ("y > 0", "column 3: found '>' where an operator or the end is expected"),
        ("log(-1)", "column 1: log of a number that is not positive has no real value"),
        ("", "column 1: the text is empty; write a formula such as dC/dz2*W1"),
    ],
)  # fmt: skip
def test_messages(text, message) -> None:
    with pytest.raises(ReadingError) as problem:
        read_expression(text, WIDE)
    assert str(problem.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y", "column 2: the text ends without =; an equation is written left = right"),
        ("y = r2 = 1", "column 8: found a second =; write one equation at a time"),
    ],
)
def test_messages_of_equations(text, message) -> None:
    with pytest.raises(ReadingError) as problem:
        read_equation(text, WIDE)
    assert str(problem.value) == message


def test_a_value_is_no_condition_and_a_condition_no_value() -> None:
    with pytest.raises(ReadingError, match="where a comparison such as > 0 is expected"):
        read_condition("y", CHAIN)
    with pytest.raises(ReadingError, match="a condition stands here where a value is expected"):
        read_expression("1 + (y > 0)", CHAIN)


HOSTILE = {
    "open brackets": "(" * 4000,
    "deep brackets": "(" * 4000 + "x" + ")" * 4000,
    "minus signs": "-" * 50_000 + "x",
    "tower": "^".join("2" * 4000),
    "huge power": "((9^999)^999)^999",
    "huge power of a symbol": "(" * 50 + "x" + "^999)" * 50,
    "huge product": "*".join(["9^999"] * 2000),
    "huge fractions": "+".join(f"x/{k}^999" for k in range(900, 2400)),
    "long number": "9" * 100_000,
    "huge exponential": "exp(exp(exp(exp(100))))",
    "hidden power": "exp(x + 1000000000*log(2))",
    "power of a log": "exp(1000000000*log(x))",
    "infinite": "0^-1",
    "undefined": "(x - x)/(x - x)",
    "complex": "log(-x^2*0 - 1)",
    "letters": "δ + é",
    "digits": "x²",
    "zero byte": "x\0",
    "one megabyte": "x+" * 500_000,
    "one megabyte of spaces": " " * 1_000_000,
    "empty": "",
    "blank": " \n\t",
    "unbalanced": "(x))",
    "many arguments": "max(" + ",".join(f"x{k}" for k in range(1000)) + ")",
    "code": "__import__('os').system('true')",
    "attribute": "x.__class__",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_hostile_texts_are_refused_quickly(text) -> None:
    started = process_time()
    with pytest.raises(ReadingError):
        read_expression(text)
    assert process_time() - started < 10


@pytest.mark.parametrize(
    "text",
    [
        "2*(" * 90 + "+".join(f"x{k}" for k in range(2000)) + ")" * 90,
        "abs(1+log(2+y*" * 49 + "x" + "))" * 49,
        "ReLU(" * 99 + "x" + ")" * 99,
        "max(x, " * 90 + "y" + ")" * 90,
    ],
)
def test_large_texts_are_read_quickly(text) -> None:
    started = process_time()
    read_expression(text)
    assert process_time() - started < 10


def test_widths_to_a_high_power_are_refused() -> None:
    with pytest.raises(ReadingError, match="widths are read up to a power of 20"):
        read_expression("Step(n_0^999 - 3*n_0^500 + 1)", GENERAL)
