"""C programs: no warnings, clean under the sanitizers, and exact values, kinks included."""

import ctypes
import subprocess
from time import process_time

import numpy as np
import pytest
from sympy import Rational

from derive import Model, code, evaluate, read_model, read_network, vectors
from derive.files.built_in import builtin_models
from derive.kernels.c.functions import FunctionWriter, numbers_of, sizes_at
from derive.kernels.routines import routines
from derive.kernels.sources import kernel
from tests.documents.formulas import requires
from tests.evaluating.test_second_order_values import kinky
from tests.kernels.running import arrays, directions, flat, floats, program, relative
from tests.kernels.test_numpy_programs import BUILT_IN, CLOSE, OTHERS, small_point
from tests.sweeps import sweep

STRICT = ("-std=c11", "-Wall", "-Wextra", "-Werror")
SANITIZED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def compiled(text, folder, *options):
    """The file that gcc makes of a program."""
    requires("gcc")
    source, made = folder / "program.c", folder / "program.out"
    source.write_text(text)
    arguments = ["gcc", *STRICT, *options, str(source), "-o", str(made), "-lm"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return made


def passes_its_test(text, folder):
    made = compiled(text, folder, *SANITIZED)
    done = subprocess.run([str(made)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", sweep(BUILT_IN, ["softmax-classifier"]))
def test_built_in_networks_pass_their_own_test(name, tmp_path):
    network = read_network(name)
    text = code(network, "c", 2)
    if network.slopes:
        compiled(text, tmp_path, "-c")
    else:
        assert "hessian" in passes_its_test(text, tmp_path)


@pytest.mark.parametrize("name", sweep(builtin_models(), ["rms-norm"]))
def test_models_from_definitions_pass_their_own_test(name, tmp_path):
    assert "R_dC_d" in passes_its_test(code(name, "c", 2), tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "parameter z[N]\nq[n] := fixed(Step(z[n]) - z[n]) + z[n]\nC := sum(n, q[n]^2)",
        "parameter A[N,N]\nC := sum(n, A[n,n]^2)",  # R{dC/dA} does not depend on A
    ],
    ids=["fixed", "unused"],
)
def test_models_of_a_kind_of_their_own_pass_their_own_test(text, tmp_path):
    passes_its_test(code(Model.from_definitions(text), "c", 2), tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("options", OTHERS, ids=str)
def test_other_activations_and_costs(options, tmp_path):
    passes_its_test(code(read_network("2-3-2", bias=True, **options), "c", 2), tmp_path)


def test_float32_is_one_definition_away(tmp_path):
    made = compiled(code("softmax-classifier", "c", 2), tmp_path, "-DREAL=float", "-O1")
    done = subprocess.run([str(made)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("seed", sweep(range(6), [4]))
def test_at_kinks_values_are_exact(seed, tmp_path):
    shared(*kinky(seed, Rational(1, 2)), tmp_path)


@pytest.mark.thorough
def test_on_batches_and_dead_networks_values_are_exact(tmp_path):
    network = read_network("2-2-1", bias=True)
    shared(network, small_point(network, "batch", 3), tmp_path)
    dead = {"x": (1, 1), "y": (1,), "W0": ((1, 1), (1, 1)), "b0": (-5, -7), "W1": ((1,), (1,))}
    shared(network, dead | {"b1": (-1,)}, tmp_path)


def shared(network, point, folder):
    """Compare the functions of a program, called from Python, with exact values."""
    library = folder / f"program{len([*folder.iterdir()])}"
    library.mkdir()
    made = compiled(code(network, "c", 2), library, "-shared", "-fPIC", "-DWITHOUT_MAIN")
    functions = ctypes.CDLL(str(made))
    given = [np.ascontiguousarray(one) for one in arrays(network, point)]
    parameters = given[2:]
    moves = directions(parameters)
    widths = [int(network.width(number)) for number in network.layer_numbers]
    sizes = [ctypes.c_size_t(size) for size in (len(given[0]), *widths)]

    def run(kind, more, shapes):
        found = [np.full(shape, np.nan) for shape in shapes]
        pointers = [
            one.ctypes.data_as(ctypes.POINTER(ctypes.c_double)) for one in (*given, *more, *found)
        ]
        assert functions[kind](*sizes, *pointers) == 0
        return found

    values = evaluate(network, point, order=2)
    hessian, curved = (
        np.array([floats(row) for row in of]) for of in (values.hessian, values.gauss_newton)
    )
    shapes = [one.shape for one in parameters]
    count = sum(one.size for one in parameters)
    C, *slopes = run("cost_and_gradient", [], [(1,), *shapes])
    assert relative(C, [float(values.C)]) < CLOSE
    assert relative(flat(slopes), floats(values.gradient)) < CLOSE
    products = run("hessian_vector_product", moves, shapes)
    assert relative(flat(products), hessian @ flat(moves)) < CLOSE
    products = run("gauss_newton_product", moves, shapes)
    assert relative(flat(products), curved @ flat(moves)) < CLOSE
    assert relative(flat(run("hessian_diagonal", [], shapes)), np.diag(hessian)) < CLOSE
    (whole,) = run("hessian", [], [(count, count)])
    assert relative(whole, hessian) < CLOSE


@pytest.mark.parametrize(
    ("shape", "samples"),
    sweep([("18-7-5", 9), ("40-50-3", 1), ("5-21-4", 1), ("7-6-17", 300)], [("18-7-5", 9)]),
)
def test_matrices_of_any_size_are_whole(shape, samples, tmp_path):
    """Tiles at the edges, rows of one sample, more samples than a panel, past the caches."""
    network = read_network(shape, bias=shape == "18-7-5")
    given = drawn(network, samples)
    wanted = program(network)["hessian"](*given)
    found = np.full_like(wanted, np.nan)
    functions = ctypes.CDLL(
        str(compiled(code(network, "c", 2), tmp_path, "-O2", "-shared", "-fPIC", "-DWITHOUT_MAIN"))
    )
    called(functions.hessian, network, [*given, found])
    assert relative(found, wanted) < CLOSE


def test_products_are_summed_over_more_than_a_panel(tmp_path):
    network = read_network("300-19-6")
    given = drawn(network, 21)
    moves = directions(given[2:])
    functions = ctypes.CDLL(
        str(compiled(code(network, "c", 2), tmp_path, "-O2", "-shared", "-fPIC", "-DWITHOUT_MAIN"))
    )
    wanted = program(network)["hessian_vector_product"](*given, *moves)
    found = [np.full_like(one, np.nan) for one in wanted]
    called(functions.hessian_vector_product, network, [*given, *moves, *found])
    assert relative(flat(found), flat(wanted)) < CLOSE


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["residual", "hinge"])
def test_models_from_definitions_are_exact_at_kinks_and_where_they_are_dead(name, tmp_path):
    made = kernel(read_model(name), 2)
    writer = FunctionWriter(made)
    shared_file = compiled(code(name, "c", 2), tmp_path, "-shared", "-fPIC", "-DWITHOUT_MAIN")
    functions = ctypes.CDLL(str(shared_file))
    found = vectors(name, kinks=True, dead=True)
    assert {"kink", "dead"} <= {one.kind for one in found}
    for vector in found:
        numbers, sizes = numbers_of(writer, vector), sizes_at(writer, vector)
        known = [writer.written(one) for one in routines(made, 2, product=False)]
        # That product is of derivatives by outputs alone, and leaves out what a penalty adds.
        known = [one for one in known if one.kind != "vector_jacobian_product"]
        known = [one for one in known if {*one.results} <= {*numbers}]
        assert {"cost_and_gradient", "hessian_vector_product"} <= {one.kind for one in known}
        for one in known:
            results = {key: np.full(len(numbers[key]), np.nan) for key in one.results}
            given = [np.array(list(map(float, numbers[key]))) for key in one.call[: -len(results)]
                     if key not in sizes]  # fmt: skip
            values = iter([*given, *results.values()])
            arguments = [
                ctypes.c_size_t(sizes[key]) if key in sizes else passed(next(values), key, one)
                for key in one.call
            ]
            assert functions[one.kind](*arguments) == 0
            for key, of in results.items():
                assert relative(of, list(map(float, numbers[key]))) < CLOSE, (vector.kind, key)


def passed(array, name, function):
    """A number as it is, and an array by its place."""
    return (
        ctypes.c_double(array[0])
        if name in function.scalars
        else ctypes.c_void_p(array.ctypes.data)
    )


def test_probabilities_that_are_0_do_no_harm(tmp_path):
    """Beside exp(-1600) the derivatives of the focal loss have the values that are exact."""
    z, y = [[800, 0, -800], [1, 2, 3]], [[0, 0, 1], [1, 0, 0]]
    moved = [[1, 2, 3], [1, -1, 2]]
    exact = evaluate(read_model("focal-loss"), {"z": z, "y": y, "R(z)": moved})
    made = compiled(code("focal-loss", "c", 2), tmp_path, "-shared", "-fPIC", "-DWITHOUT_MAIN")
    functions = ctypes.CDLL(str(made))
    sizes = [ctypes.c_size_t(2), ctypes.c_size_t(3)]
    z, y, moved = (np.array(one, float) for one in (z, y, moved))
    C, slope, product = np.full(1, np.nan), np.full(6, np.nan), np.full(6, np.nan)
    for kind, arrays_ in (
        ("cost_and_gradient", (z, y, C, slope)),
        ("hessian_vector_product", (z, y, moved, product)),
    ):
        assert functions[kind](*sizes, *(ctypes.c_void_p(one.ctypes.data) for one in arrays_)) == 0
    assert relative(slope, floats(exact.gradients["z"])) < 1e-14
    assert relative(product, floats(exact.motions["R(dC/dz)"])) < 1e-14


def test_products_are_fast_on_processors_with_narrow_registers(tmp_path):
    """Vectors wider than a register went through memory: forty times as slow."""
    network = read_network("64-64-64")
    given = drawn(network, 64)
    found = [np.full(1, np.nan), *(np.full_like(one, np.nan) for one in given[2:])]
    text = code(network, "c", 1)
    times = []
    for number, options in enumerate((["-march=native"], [])):
        folder = tmp_path / str(number)
        folder.mkdir()
        options = ["-O3", "-shared", "-fPIC", "-DWITHOUT_MAIN", *options]
        function = ctypes.CDLL(str(compiled(text, folder, *options))).cost_and_gradient
        tries = []
        for _ in range(9):
            start = process_time()
            for _ in range(9):
                called(function, network, [*given, *found])
            tries.append(process_time() - start)
        times.append(min(tries))
    native, plain = times
    assert plain < 20 * native


def drawn(network, samples):
    """x, y and parameters at which some units are off."""
    widths = [int(network.width(number)) for number in network.layer_numbers]
    draw = np.random.default_rng(samples)
    given = [draw.normal(size=(samples, widths[0])), draw.normal(size=(samples, widths[-1]))]
    for kind, source in network.parameter_groups:
        rows, columns = widths[int(source)], widths[int(source) + 1]
        given.append(draw.normal(size=(rows, columns) if kind == "W" else columns))
    return given


def called(function, network, given):
    """Call a function of C with sizes and arrays."""
    widths = [int(network.width(number)) for number in network.layer_numbers]
    sizes = [ctypes.c_size_t(size) for size in (len(given[0]), *widths)]
    assert function(*sizes, *(ctypes.c_void_p(one.ctypes.data) for one in given)) == 0
