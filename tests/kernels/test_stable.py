"""Forms that do not overflow: each is proved equal to that of the derivation, and has values."""

import ctypes
import re

import jax
import numpy as np
import pytest
from sympy import Pow, Sum, exp

from derive import Model, code, evaluate, prove, read_model, read_network
from derive.algebra.indices import fresh_index, index_symbols, substitute
from derive.algebra.quantities import Quantity, outermost, replace_whole
from derive.deriving.laws.algebra import match
from derive.files.built_in import builtin_models
from derive.kernels import sources
from derive.kernels.assignments import without_letters
from derive.kernels.c.functions import FunctionWriter
from derive.kernels.routines import routines
from derive.kernels.sources import kernel
from derive.kernels.stable import Softmax, stable
from derive.model.instances import axis_of
from derive.notation.ascii.printing import ascii_text
from derive.proving.judge import judge
from tests.documents.formulas import requires_package
from tests.kernels.running import array_of, flat, floats, program, relative
from tests.kernels.test_c_programs import compiled, passes_its_test
from tests.kernels.test_numpy_programs import BUILT_IN, OTHERS
from tests.sweeps import sampled, sweep

jax.config.update("jax_enable_x64", True)
SIGMOID = {"output_activation": "sigmoid", "cost": "binary_cross_entropy"}
SOFTMAX = {"output_activation": "softmax", "cost": "cross_entropy"}


@pytest.mark.parametrize(
    ("left", "right", "options"),
    [
        ("log(r2[j])", "z2[j] - log(sum(m, exp(z2[m])))", SOFTMAX),
        ("log(r2[j])", "-softplus(-z2[j])", SIGMOID),
        ("log(1 - r2[j])", "-softplus(z2[j])", SIGMOID),
        ("(1 - Step(z1[j]))*exp(z1[j])", "(1 - Step(z1[j]))*exp(-ReLU(-z1[j]))", {}),
        ("Step(z1[j])*exp(-2*z1[j])", "Step(z1[j])*exp(-2*ReLU(z1[j]))", {"at_zero": "1/2"}),
        ("exp(z2[j])/sum(m, exp(z2[m]))", "exp(z2[j] - z2[1])/sum(m, exp(z2[m] - z2[1]))", {}),
        ("log(sum(m, exp(z2[m])))", "z2[1] + log(sum(m, exp(z2[m] - z2[1])))", {}),
        ("softplus(x)", "ReLU(x) + log(1 + exp(-ReLU(x) - ReLU(-x)))", None),
        ("sigmoid(x)", "exp(-ReLU(-x))/(1 + exp(-ReLU(x) - ReLU(-x)))", None),
        ("log(exp(a) + exp(b))", "b + softplus(a - b)", None),
        ("exp(3*a + b)/(exp(a) + exp(b))^4", "sigmoid(a - b)^3*sigmoid(b - a)", None),
    ],
)
def test_each_form_is_proved(left, right, options):
    """A shift by z_1 stands for one by the largest: which unit that is does not matter."""
    network = None if options is None else read_network("2-3-3", **options)
    assert prove(left, right, network=network).proved


TYPED = (
    "sum(n, log(1 + exp(-2*z[n])))",
    "sum(n, z[n]/(1 + exp(-z[n])))",
    "sum(n, exp(z[n])/(1 + exp(z[n]))^2)",
    "sum(n, (exp(z[n]) - exp(-z[n]))/(exp(z[n]) + exp(-z[n])))",
    "log(sum(n, exp(z[n])))",
    "sum(n, z[n]*log(sum(m, exp(z[m])))^2)",
)
FORMS = (*(f"parameter z[N]\nC := {one}" for one in TYPED), *BUILT_IN, *OTHERS, *builtin_models())


@pytest.mark.parametrize(
    "of", sweep(FORMS, [*FORMS[:3], "softmax-classifier", "masked-attention", "info-nce"]), ids=str
)
def test_each_form_in_a_program_is_proved_equal_to_the_printed_one(of):
    """Whatever `stable` makes of a line, at every size; nothing is listed by hand."""
    made = kernel(model_of(of), 2)
    lines = {step.formula for one in routines(made, 2, product=False) for step in one.steps}
    changed = {line: form for line in lines if (form := stable(made.model, line)) != line}
    for line, form in changed.items():
        assert judge(made.model, line, without_softmax(made.model, form)).proved, (line, form)


def model_of(of):
    """A model, of its text, its name, or the options of a network."""
    if isinstance(of, dict):
        return read_network("2-3-2", bias=True, **of)
    return Model.from_definitions(of) if ":=" in of else read_model(of)


def without_softmax(model, formula):
    """exp(u_j)/sum_m exp(u_m) for softmax, which is no function of the derivation."""
    if not formula.has(Softmax):
        return formula
    arguments = [without_softmax(model, one) for one in formula.args]
    if not isinstance(formula, Softmax):
        return formula.func(*arguments)
    u, j = arguments
    m = fresh_index(index_symbols(u))
    size = model.width(axis_of(model, j, u))
    return exp(u) / Sum(exp(substitute(u, {j: m})), (m, 1, size))


@pytest.mark.parametrize("text", [*FORMS[:2], FORMS[4], FORMS[5]])
def test_what_is_typed_out_does_not_overflow(text):
    functions = program(Model.from_definitions(text), 2)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for z in (HUGE * np.array([1.0, -2.0, 3.0]), np.zeros(3)):
            found = flat([*functions["cost_and_gradient"](z), functions["hessian"](z)])
            assert np.isfinite(found).all()


@pytest.mark.parametrize("text", sweep(FORMS[:6], FORMS[5:6]))
def test_what_is_typed_out_is_the_same_in_c(text, tmp_path):
    passes_its_test(code(Model.from_definitions(text), "c", 2), tmp_path)


def test_shares_of_a_logarithm_do_not_overflow():
    """R{l} = exp(-l) sum_m R{S_m} exp(S_m) of InfoNCE, with each power below 1."""
    tau, q, k = np.array(1 / HUGE), np.eye(3), np.eye(3)[::-1].copy()
    functions = program(read_model("info-nce"), 2)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert np.isfinite(flat(functions["hessian_vector_product"](tau, q, k, k, q))).all()


HUGE = 1e4


@pytest.mark.parametrize(
    "options",
    [SIGMOID, SOFTMAX, *({"activation": "elu", "slope": c} for c in ("1", "1/2"))],
    ids=str,
)
def test_huge_numbers_do_not_overflow(options):
    network = read_network("2-3-3", **options)
    draw = np.random.default_rng(1)
    x, y = HUGE * draw.normal(size=(4, 2)), np.eye(4)[:, :3]
    y[3, 0] = 1.0
    weights = [draw.normal(size=(2, 3)), draw.normal(size=(3, 3))]
    functions = program(network)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        C, *slopes = functions["cost_and_gradient"](x, y, *weights)
        product = functions["hessian_vector_product"](x, y, *weights, *weights)
    assert np.isfinite(C) and C > 0
    assert all(np.isfinite(one).all() for one in (*slopes, *product))


@pytest.mark.parametrize(
    "options", sweep([SIGMOID, SOFTMAX, {"activation": "elu", "slope": "1"}], [SOFTMAX]), ids=str
)
def test_huge_numbers_do_not_overflow_in_c(options, tmp_path):
    """What C gives is what NumPy gives, whose numbers are finite."""
    network = read_network("2-3-3", **options)
    draw = np.random.default_rng(1)
    x, y = HUGE * draw.normal(size=(4, 2)), np.eye(4)[:, :3]
    y[3, 0] = 1.0
    given = [np.ascontiguousarray(x), np.ascontiguousarray(y)]
    given += [draw.normal(size=(2, 3)), draw.normal(size=(3, 3))]
    options = ("-shared", "-fPIC", "-DWITHOUT_MAIN")
    library = ctypes.CDLL(str(compiled(code(network, "c", 1), tmp_path, *options)))
    found = [np.full(1, np.nan), np.full((2, 3), np.nan), np.full((3, 3), np.nan)]
    pointers = [ctypes.c_void_p(one.ctypes.data) for one in (*given, *found)]
    assert library.cost_and_gradient(*map(ctypes.c_size_t, (4, 2, 3, 3)), *pointers) == 0
    for one, other in zip(found, program(network, 1)["cost_and_gradient"](*given), strict=True):
        assert relative(one.reshape(np.shape(other)), other) < 1e-12


def test_huge_numbers_do_not_overflow_in_jax_and_pytorch():
    held_to_numpy("jax")
    requires_package("torch")
    held_to_numpy("torch")


def held_to_numpy(target):
    for options in (SIGMOID, SOFTMAX):
        network = read_network("2-3-3", **options)
        draw = np.random.default_rng(1)
        x, y = HUGE * draw.normal(size=(4, 2)), np.eye(4)[:, :3]
        given = [x, y, draw.normal(size=(2, 3)), draw.normal(size=(3, 3))]
        own = program(network, 2, target)
        for kind, more in (("cost_and_gradient", []), ("hessian_vector_product", given[2:])):
            found = own[kind](*map(array_of(target), (*given, *more)))
            wanted = program(network, 2)[kind](*given, *more)
            for one, other in zip(found, wanted, strict=True):
                assert relative(one, other) < 1e-12


FREE = """
input p[N,K], v[N,K]
target y[N,K]
C := sum(n, sum(c, y[n,c]*log(p[n,c])*v[n,c]))
"""


def test_products_without_quotients_are_proved(monkeypatch):
    """dC/dp of the focal loss divides by p, R{dC/dp} by p^2; what is multiplied by p does not.

    Both are the same for any p and R{z}, whatever p is computed from.
    """
    short = lines_of_focal_loss()
    monkeypatch.setattr(sources, "without_quotients", dict)
    printed = lines_of_focal_loss()
    for left in ("dC/dz[n,c]", "R(dC/dz[n,c])"):
        assert divides(put_in(printed, left)) and not divides(short[left].right)
        texts = map(ascii_text, (put_in(printed, left), short[left].right))
        first, second = (re.sub(r"R\(z(\[.*?\])\)", r"v\1", text) for text in texts)
        assert prove(first, second, network=Model.from_definitions(FREE)).proved


def lines_of_focal_loss():
    assignments = kernel(read_model("focal-loss"), 2).assignments.values()
    return {ascii_text(own.left): own for own in assignments}


def put_in(lines, left):
    """The formula with those of dC/dp, R{dC/dp} and R{p} in their places."""
    inner = {one.name: one for name, one in lines.items() if "p[" in name and name != "p[n,c]"}
    formula = lines[left].right
    while nodes := [one for one in outermost(formula) if without_letters(one) in inner]:
        own = {one: inner[without_letters(one)] for one in nodes}
        letters = {one: match(of.left, one) for one, of in own.items()}
        values = {one: substitute(of.right, letters[one]) for one, of in own.items()}
        formula = replace_whole(formula, values)
    return formula


def divides(formula):
    powers = formula.atoms(Pow)
    return any(one.exp.is_negative and one.base.has(Quantity) for one in powers)


@pytest.mark.parametrize("target", sweep(["numpy", "jax"], ["numpy"]))
def test_probabilities_that_are_0_do_no_harm(target):
    """Beside exp(-1600) the derivatives of the focal loss have the values that are exact."""
    model = read_model("focal-loss")
    z, y = [[800, 0, -800], [1, 2, 3]], [[0, 0, 1], [1, 0, 0]]
    moved = [[1, 2, 3], [1, -1, 2]]
    functions = program(model, 2, target)
    given = [array_of(target)(np.array(one, float)) for one in (z, y, moved)]
    exact = evaluate(model, {"z": z, "y": y, "R(z)": moved})
    assert (
        relative(
            np.ravel(functions["cost_and_gradient"](*given[:2])[1]), floats(exact.gradients["z"])
        )
        < 1e-14
    )
    product = functions["hessian_vector_product"](*given)
    assert relative(np.ravel(product), floats(exact.motions["R(dC/dz)"])) < 1e-14


def test_a_masked_row_gets_no_attention_in_jax_and_pytorch():
    masked_rows("jax")
    requires_package("torch")
    masked_rows("torch")


def test_a_masked_row_gets_no_attention():
    masked_rows("numpy")


def masked_rows(target):
    """Where the mask is -inf, shares are 0; where it is so in a whole row, all are."""
    functions = program(read_model("masked-attention"), 1, target)
    draw = np.random.default_rng(2)
    Q, K, V = (draw.normal(size=shape) for shape in ((3, 2), (4, 2), (4, 2)))
    mask = np.zeros((3, 4))
    mask[0, 1:] = mask[2] = -np.inf
    given = map(array_of(target), (mask, Q, K, V, np.ones((3, 2))))
    found = {key: np.asarray(value) for key, value in functions["every_quantity"](*given).items()}
    assert found["P"][0].tolist() == [1, 0, 0, 0]
    assert found["P"][1].sum() == pytest.approx(1)
    assert found["P"][2].tolist() == [0, 0, 0, 0]
    assert all(np.isfinite(value).all() for name, value in found.items() if name != "S")


@pytest.mark.parametrize(
    "options",
    sampled([SOFTMAX, SIGMOID, {"activation": "elu", "slope": "1", "bias": True}], 3),
    ids=str,
)
def test_float32_stays_float32(options):
    functions = program(read_network("2-3-3", **options))
    bias = options.get("bias", False)
    shapes = [(4, 2), (4, 3), (2, 3), *([(3,)] * bias), (3, 3), *([(3,)] * bias)]
    given = [np.ones(shape, np.float32) / 2 for shape in shapes]
    every = functions["every_quantity"](*given)
    assert {value.dtype for value in every.values()} == {np.dtype(np.float32)}
    assert functions["hessian"](*given).dtype == np.float32


def test_a_masked_row_gets_no_attention_in_c(tmp_path):
    """The program in C gives what that in NumPy gives, entry by entry, NaN nowhere but in S."""
    model = read_model("masked-attention")
    draw = np.random.default_rng(2)
    Q, K, V = (draw.normal(size=shape) for shape in ((3, 2), (4, 2), (4, 2)))
    mask = np.zeros((3, 4))
    mask[0, 1:] = mask[2] = -np.inf
    given = [mask, Q, K, V, np.ones((3, 2))]
    wanted = program(model, 1)["gradient"](*given)
    options = ("-shared", "-fPIC", "-DWITHOUT_MAIN")
    library = ctypes.CDLL(str(compiled(code(model, "c", 1), tmp_path, *options)))
    found = [np.full(np.shape(one), np.nan) for one in wanted]
    sizes = {"T": 3, "U": 4, "k": 2, "m": 2}
    names = FunctionWriter(kernel(model, 1)).sizes.values()
    pointers = [ctypes.c_void_p(one.ctypes.data) for one in (*given, *found)]
    assert library.gradient(*(ctypes.c_size_t(sizes[name]) for name in names), *pointers) == 0
    for one, other in zip(found, wanted, strict=True):
        assert relative(one, other) < 1e-12
