"""The activations as programs: lambdify, the code printers, and numbers to any precision."""

from __future__ import annotations

import math
import shutil
import subprocess
from pathlib import Path

import jax
import mpmath
import numpy
import pytest
from sympy import (
    N,
    Rational,
    Symbol,
    ccode,
    cxxcode,
    exp,
    fcode,
    julia_code,
    lambdify,
    log,
    maple_code,
    mathematica_code,
    nsolve,
    octave_code,
    pi,
    pycode,
    rcode,
    rust_code,
    sin,
    sqrt,
)
from sympy.printing.codeprinter import PrintMethodNotImplementedError
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.pytorch import TorchPrinter

from derive import LeakyReLU, ReLU, Step, sigmoid, softplus

x, y = Symbol("x", real=True), Symbol("y", real=True)
a, h0 = Symbol("a", real=True), Symbol("h_0", real=True)
half, tenth = Rational(1, 2), Rational(1, 10)

#: What stands for the symbols besides x.
VALUES = {"a": -0.75, "h_0": 0.25, "y": 1.5}

#: A function of x, and its value at a number.
FUNCTIONS = [
    (Step(x), lambda t: float(t > 0)),
    (Step(x, half), lambda t: 0.5 if t == 0 else float(t > 0)),
    (Step(x, 1), lambda t: float(t >= 0)),
    (Step(x, h0), lambda t: 0.25 if t == 0 else float(t > 0)),
    (ReLU(x), lambda t: max(t, 0.0)),
    (ReLU(x, h0), lambda t: max(t, 0.0)),
    (LeakyReLU(x, tenth), lambda t: t if t > 0 else t / 10),
    (LeakyReLU(x, a), lambda t: t if t > 0 else -0.75 * t),
    (LeakyReLU(x, a, half), lambda t: t if t > 0 else -0.75 * t),
    (sigmoid(x), lambda t: 1 / (1 + math.exp(-t)) if t > -700 else 0.0),
    (softplus(x), lambda t: math.log1p(math.exp(t)) if t < 700 else t),
    (3 * ReLU(x * y - 1) * Step(ReLU(x) - y, half) - 2,
     lambda t: 3 * max(t * 1.5 - 1, 0) * (0.5 if t == 1.5 else float(t > 1.5)) - 2),
]  # fmt: skip
POINTS = (-1000.0, -2.5, -1e-300, 0.0, 1e-300, 0.5, 1.5, 30.0, 1000.0)

functions = pytest.mark.parametrize(
    ("function", "value"), FUNCTIONS, ids=[str(f) for f, _ in FUNCTIONS]
)


def symbols_of(function):
    others = sorted(function.free_symbols - {x}, key=str)
    return [x, *others], [VALUES[str(other)] for other in others]


@functions
@pytest.mark.parametrize("backend", ["numpy", "scipy", "math", "mpmath", None])
def test_lambdify_on_numbers(function, value, backend):
    symbols, others = symbols_of(function)
    program = lambdify(symbols, function, backend)
    for point in POINTS:
        assert math.isclose(program(point, *others), value(point), rel_tol=1e-14), point


@functions
@pytest.mark.parametrize("backend", ["numpy", "scipy"])
def test_lambdify_on_arrays_of_any_shape(function, value, backend):
    symbols, others = symbols_of(function)
    points = numpy.array(POINTS).reshape(3, 3)
    found = lambdify(symbols, function, backend)(points, *others)
    numpy.testing.assert_allclose(found, numpy.vectorize(value)(points), rtol=1e-14)
    integers = lambdify(symbols, function, backend)(numpy.array([-2, 0, 3]), *others)
    numpy.testing.assert_allclose(integers, [value(t) for t in (-2, 0, 3)], rtol=1e-14)


@functions
def test_lambdify_in_jax(function, value):
    symbols, others = symbols_of(function)
    points = numpy.array([-2.5, 0.0, 0.5, 1.5, 30.0])
    found = jax.jit(lambdify(symbols, function, "jax"))(points, *others)
    numpy.testing.assert_allclose(found, [value(t) for t in points], rtol=1e-5)


@functions
def test_lambdify_in_sympy_is_exact(function, value):
    symbols, _ = symbols_of(function)
    program = lambdify(symbols, function, "sympy")
    assert program(*symbols).has(
        *(f for f in (Step, ReLU, LeakyReLU, sigmoid, softplus) if function.has(f))
    )
    for point in (-1, 0, Rational(1, 3)):  # SymPy's own backend writes 1/2 as a float
        difference = program(point, *symbols[1:]) - function.subs(x, point)
        assert abs(difference.subs({other: VALUES[str(other)] for other in symbols[1:]})) < 1e-15


@pytest.mark.parametrize("backend", ["numpy", "scipy", "math", "mpmath", "jax"])
@pytest.mark.parametrize("function", [f for f, _ in FUNCTIONS[:-1]], ids=str)
def test_what_is_no_number_stays_so_and_infinities_have_limits(function, backend):
    symbols, others = symbols_of(function)
    program = lambdify(symbols, function, backend)
    assert math.isnan(program(math.nan, *others))
    if backend != "mpmath":
        for infinity in (math.inf, -math.inf):
            far = program(math.copysign(1e300, infinity), *others)
            reached = program(infinity, *others)
            assert reached == far or (math.isinf(reached) and abs(far) > 1e290)


@functions
def test_pycode_is_a_python_expression(function, value):
    program = compile(pycode(function), "pycode", "eval")
    for point in POINTS:
        names = {"x": point, "math": math} | VALUES
        assert math.isclose(eval(program, names), value(point), rel_tol=1e-14)


@pytest.mark.parametrize(
    ("printer", "compiler", "suffix", "headers"),
    [
        (ccode, "gcc", ".c", "#include <math.h>\n#include <stdio.h>\n"),
        (cxxcode, "g++", ".cpp", "#include <cmath>\n#include <cstdio>\n"),
    ],
    ids=["C", "C++"],
)
def test_compiled_code_gives_the_values(printer, compiler, suffix, headers, tmp_path: Path):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    prints = "".join(
        f'printf("%.17g\\n", (double) ({printer(function)}));\n' for function, _ in FUNCTIONS
    )
    names = ", ".join(f"double {name}" for name in ("x", *VALUES))
    values = ", ".join(map(repr, VALUES.values()))
    calls = "".join(f"f({point!r}, {values});\n" for point in POINTS)
    source = tmp_path / f"program{suffix}"
    source.write_text(f"{headers}static void f({names}) {{\n{prints}}}\nint main() {{\n{calls}}}\n")
    program = tmp_path / "program"
    subprocess.run([compiler, str(source), "-o", str(program), "-lm"], check=True, timeout=60)
    printed = subprocess.run([str(program)], check=True, capture_output=True, text=True, timeout=60)
    found = list(map(float, printed.stdout.split()))
    expected = [value(point) for point in POINTS for _, value in FUNCTIONS]
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert math.isclose(one, other, rel_tol=1e-14)


@pytest.mark.parametrize("function", [f for f, _ in FUNCTIONS], ids=str)
@pytest.mark.parametrize(
    "printer",
    [
        lambda f: fcode(f, standard=95, source_format="free"),
        julia_code, maple_code, octave_code, rcode, rust_code,
    ],
)  # fmt: skip
def test_other_languages_have_no_function_that_they_do_not_know(printer, function):
    written = printer(function)
    for name in ("Step", "ReLU", "sigmoid", "softplus", "log1p"):
        assert name not in written


@pytest.mark.parametrize("printer", [mathematica_code, TorchPrinter().doprint])
def test_a_language_without_cases_is_refused(printer):
    with pytest.raises(PrintMethodNotImplementedError):
        printer(Step(x, half))


@pytest.mark.parametrize(
    ("function", "written"),
    [
        (ReLU(x), "numpy.maximum(x, 0)"),
        (Step(x, h0), "numpy.heaviside(x, h_0)"),
        (2 * LeakyReLU(x, tenth), "2*(numpy.maximum(x, 0) + (1/10)*numpy.minimum(x, 0))"),
    ],
    ids=str,
)
def test_numpy_code_is_what_one_would_write(function, written):
    assert NumPyPrinter().doprint(function) == written


# -- numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "point", [-1000, -100, -1, Rational(-1, 10**30), Rational(1, 3), 1, 100, 1000, -pi, 10**6]
)  # fmt: skip
@pytest.mark.parametrize("digits", [5, 15, 30, 80])
def test_evalf_has_the_digits_that_were_asked_for(point, digits):
    with mpmath.workdps(digits + 500):
        z = mpmath.mpf(N(point, digits + 480))
        expected = {sigmoid: 1 / (1 + mpmath.exp(-z)), softplus: mpmath.log(1 + mpmath.exp(z))}
        for phi, value in expected.items():
            found = mpmath.mpf(N(phi(point), digits))
            assert abs(found / value - 1) < mpmath.mpf(10) ** (1 - digits)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (1 - sigmoid(100), exp(-100) / (1 + exp(-100))),
        (sigmoid(-50) - exp(-50), -exp(-100) / (1 + exp(-50))),
        (softplus(40) - 40, log(1 + exp(-40))),
        (softplus(sin(1) - 50), log(1 + exp(sin(1) - 50))),
    ],
    ids=str,
)
def test_evalf_through_cancellation(expression, value):
    with mpmath.workdps(200):
        reference = mpmath.mpf(N(value, 150, maxn=1000))
        assert abs(mpmath.mpf(N(expression, 30)) / reference - 1) < mpmath.mpf(10) ** -28


def test_evalf_of_complex_numbers():
    for phi, form in (
        (sigmoid, lambda z: 1 / (1 + exp(-z))),
        (softplus, lambda z: log(1 + exp(z))),
    ):
        z = Rational(1, 3) + 2 * sqrt(-1)
        assert abs(N(phi(z), 40) - N(form(z), 40)) < Rational(1, 10**38)


def test_evalf_leaves_symbols_and_takes_numbers_beside_them():
    assert sigmoid(x).evalf() == sigmoid(x)
    assert str(ReLU(pi * x).evalf(5)) == "ReLU(3.1416*x, 0)"
    assert str(Step(x * sqrt(2), h0).n(4)) == "Step(1.414*x, h_0)"


def test_evalf_does_not_guess_a_sign():
    zero = log(2) + log(3) - log(6)
    assert Step(zero, half).evalf() == Step(zero, half)


@pytest.mark.parametrize(
    ("equation", "start", "root"),
    [
        (ReLU(x) - 2, 1, 2),
        (LeakyReLU(x, tenth) + 2, -1, -20),
        (sigmoid(x) - Rational(1, 4), 0, -log(3)),
        (softplus(x) - 1, 1, log(exp(1) - 1)),
        (ReLU(x) - 2 * x - 1, -1, -half),
    ],
    ids=str,
)
def test_nsolve(equation, start, root):
    assert abs(nsolve(equation, start, prec=30) - root) < Rational(1, 10**25)
