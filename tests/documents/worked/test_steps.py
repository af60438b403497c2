"""Steps with numbers: each formula, with its numbers put in, comes to what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp
from typing import Any

import pytest
from sympy import Float, ImmutableMatrix, Integer, Rational, nsimplify

import derive
from derive import read_network
from derive.algebra.quantities import Partial, Quantity
from derive.documents.blocks import NumberTable, Paragraph
from derive.documents.document import Document
from derive.documents.rendering import rendered
from derive.documents.worked.steps import at_the_point
from derive.model.network import Network
from derive.notation.tex import AtPoint, tex
from tests.laid_out import document
from tests.sweeps import sweep
from tests.verified import verified


def laid_out(network: Network, name: str) -> Document:
    return document(network, *verified(name), values=at_the_point(network))


def rows(of: Document) -> dict[Any, Any]:
    tables = [b for b in of.blocks if isinstance(b, NumberTable) and b.key == "steps"]
    return {row.name: row.value for table in tables for row in table.rows}


CHAINS = ["two-layer-chain", "three-layer-chain", "sigmoid-chain", "leaky-chain"]


@pytest.mark.parametrize("name", sweep(CHAINS, CHAINS[:1]))
def test_formulas_of_chains_come_to_what_stands_beside_them(name: str) -> None:
    network = read_network(name)
    found = rows(laid_out(network, name))
    worked = [value for value in found.values() if isinstance(value, AtPoint)]
    assert len(worked) >= network.depth
    for one in worked:
        put_in = one.formula.xreplace(dict(one.numbers)).doit()
        assert abs(float(put_in.subs("alpha", 1) - one.value)) < 1e-7, tex(one)
        assert one.is_rounded == any(
            isinstance(v, Float) for v in (*one.numbers.values(), one.value)
        )


def test_the_chain_by_hand() -> None:
    """x = 2, y = 1, w = 3/2 and 1/2: all units are active."""
    network = read_network("two-layer-chain")
    found = rows(laid_out(network, "two-layer-chain"))
    of, z, w = network.C, Quantity("z", Integer(2)), Quantity("W", Integer(0))
    assert tex(found[Quantity("z", Integer(1))]) == r"\frac{3}{2} \cdot 2 = 3"
    assert tex(found[of]) == r"\frac{1}{2}\,\left(1 - \frac{3}{2}\right)^2 = \frac{1}{8}"
    expected = (
        r"\left(\frac{3}{2} - 1\right) \cdot \mathrm{Step}\left(\frac{3}{2}\right) = \frac{1}{2}"
    )
    assert tex(found[Partial(of, z)]) == expected
    assert tex(found[Partial(of, w)]) == r"\frac{1}{4} \cdot 2 = \frac{1}{2}"


def test_layers_of_several_units_by_hand() -> None:
    """delta1 = (W1 delta2) * Step(z1) and dC/dW0 = x delta1', in plain fractions."""
    network = read_network("regression-2-3-1")
    assert network.point is not None
    point = {name: nsimplify(ImmutableMatrix(value)) for name, value in network.point.items()}
    x, y, w0, w1 = (point[name] for name in ("x", "y", "W0", "W1"))
    z1 = w0.T * x + point["b0"]
    r1 = z1.applyfunc(lambda z: max(z, Integer(0)))
    error = w1.T * r1 + point["b1"] - y
    delta = (w1 * error).multiply_elementwise(z1.applyfunc(lambda z: Integer(1 if z > 0 else 0)))
    found = rows(laid_out(network, "regression-2-3-1"))

    def by(kind: str, layer: int) -> Any:
        return found[Partial(network.C, Quantity(kind, Integer(layer)))]

    assert found[Quantity("r", Integer(1))] == r1
    assert by("z", 1) == delta and by("r", 1) == w1 * error
    assert by("W", 0) == x * delta.T and by("W", 1) == r1 * error.T
    assert by("z", 2).value == error[0]


def test_second_order_of_a_chain() -> None:
    report = derive.report_on(read_network("two-layer-chain"), ["plain"], order=2)
    ((_, text),) = report.files
    assert isinstance(text, str)
    second = r"$\frac{\partial^2 C}{\partial {z^{(1)}}^2}$"
    formula = r"1 \cdot \left(\frac{1}{2}\right)^2 \cdot \mathrm{Step}(3)^2 = \frac{1}{4}"
    assert f"| {second} | ${formula}$ | 0.25 |" in text


@pytest.mark.parametrize("name", sweep(CHAINS[:3], CHAINS[:1]))
def test_second_derivatives_between_layers_are_differences_of_first_ones(name: str) -> None:
    """(dC/dz_l with z_k + h - the same with z_k - h)/2h, in floats."""
    network = read_network(name)
    values = at_the_point(network, 2)
    for later in range(1, network.depth + 1):
        for earlier in range(1, later + 1):
            z, before = (Quantity("z", Integer(layer)) for layer in (later, earlier))
            found = values[Partial(Partial(network.C, z), before)][0][0]
            expected = central_difference(network, later, earlier)
            assert abs(float(found) - expected) < 1e-6, (later, earlier)


def central_difference(network: Network, later: int, earlier: int) -> float:
    """d2C/dz_l dz_k, with the pass written once more in floats."""
    h = 1e-5
    return (by_z(network, earlier, h)[later] - by_z(network, earlier, -h)[later]) / (2 * h)


def by_z(network: Network, moved: int, by: float) -> dict[int, float]:
    """dC/dz_l for each layer, where the pre-activation of one is moved."""
    assert network.point is not None
    numbers = {name: float(Rational(str(value))) for name, value in flat(network.point).items()}
    functions = {
        "sigmoid": (lambda z: 1 / (1 + exp(-z)), lambda z: exp(-z) / (1 + exp(-z)) ** 2),
        "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    }
    out, slopes, weights = numbers["x"], {}, {}
    for layer in range(1, network.depth + 1):
        function, slope = functions[network.layer(Integer(layer)).activation.name]
        weights[layer] = numbers[f"W{layer - 1}"]
        z = weights[layer] * out + (by if layer == moved else 0.0)
        out, slopes[layer] = function(z), slope(z)
    found = {network.depth: (out - numbers["y"]) * slopes[network.depth]}
    for layer in range(network.depth - 1, 0, -1):
        found[layer] = found[layer + 1] * weights[layer + 1] * slopes[layer]
    return found


def flat(point: Mapping[str, Any]) -> dict[str, Any]:
    """The one number of each tensor of a chain."""

    def one(value: Any) -> Any:
        return one(value[0]) if isinstance(value, list | tuple) else value

    return {name: one(value) for name, value in point.items()}


def test_blocks_of_layers_of_several_units() -> None:
    """d2C/dW1dW1 = r1 r1' and d2C/dz1dz1 = (W1 W1') on active units, by hand."""
    network = read_network("regression-2-3-1")
    values = at_the_point(network, 2)

    def second(first: tuple[str, int], then: tuple[str, int]) -> ImmutableMatrix:
        of, by = (Quantity(kind, Integer(layer)) for kind, layer in (first, then))
        return ImmutableMatrix(values[Partial(Partial(network.C, of), by)])

    r1, w1 = ImmutableMatrix([0, 3, Rational(7, 2)]), ImmutableMatrix([0, Rational(1, 2), -1])
    assert second(("W", 1), ("W", 1)) == r1 * r1.T
    assert second(("z", 1), ("z", 1)) == w1 * w1.T  # where unit 1 is off
    assert second(("z", 2), ("z", 1)) == w1.T
    x = ImmutableMatrix([1, 2])
    expected = [w1[j] * w1[m] * x[i] for i in range(2) for j in range(3) for m in range(3)]
    assert list(second(("W", 0), ("b", 0))) == expected


def test_what_is_said_to_stand_below_does() -> None:
    """A worked example is in each document that speaks of one, whatever its size."""
    for name in ("leaky-chain", "regression-2-3-1"):
        texts = [text for _, text in derive.report_on(name, ["plain"], order=2).files]
        assert "example below" in "".join(map(str, texts))
        assert "## The same with numbers" in "".join(map(str, texts))


def test_without_a_point_there_are_none() -> None:
    network = read_network("1-1")
    assert network.point is None and at_the_point(network) == {}
    of = laid_out(read_network("general-layer"), "general-layer")
    assert not rows(of) and Paragraph("numbers_of_steps") not in of.blocks


def test_a_rounded_number_is_no_equality() -> None:
    x = Quantity("r", Integer(0))
    node = AtPoint(2 * x, {x: Float("0.3", 8)}, Float("0.6", 8))
    assert tex(node) == r"2 \cdot 0.30000000 \approx 0.60000000"
    exact = AtPoint(2 * x, {x: Rational(-1, 2)}, Integer(-1))
    assert tex(exact) == r"2 \cdot \left(-\frac{1}{2}\right) = -1"


def test_words_of_both_languages() -> None:
    of = laid_out(read_network("two-layer-chain"), "two-layer-chain")
    for language, said in (("english", "With the numbers of the"), ("german", "Mit den Zahlen")):
        ((_, text),) = rendered(of, ["plain"], language=language)
        assert isinstance(text, str) and text.count(said) == 4
