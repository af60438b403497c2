"""Products with a vector in numbers, against differences of a pass that is written anew here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from sympy import Integer

import derive
from derive import read_network
from derive.algebra.quantities import Partial, Quantity
from derive.documents.document import without_proofs
from derive.documents.worked.steps import at_the_point
from derive.meaning.derivation import Derivation
from derive.model.network import Network
from derive.notation.tex import AtPoint, tex
from tests.documents.worked.test_steps import rows
from tests.sweeps import sweep

Array = np.ndarray
NAMES = ["regression-2-3-1", "two-layer-chain", "softmax-classifier", "sigmoid-chain"]
H = 1e-5
SIGMOID: Callable[[Array], Array] = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
SLOPES: Mapping[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "identity": (lambda z: z, np.ones_like),
    "sigmoid": (SIGMOID, lambda z: SIGMOID(z) * (1 - SIGMOID(z))),
}


def floats(network: Network) -> dict[str, Array]:
    def one(value: Any) -> Any:
        return [one(v) for v in value] if isinstance(value, list | tuple) else float(value)

    assert network.point is not None
    return {name: np.array(one(value)) for name, value in network.point.items()}


def gradient(network: Network, point: Mapping[str, Array]) -> dict[str, Array]:
    """All quantities, and the derivatives of C by them as "dz1", by hand."""
    out = point["x"]
    found: dict[str, Array] = {}
    for layer in range(1, network.depth + 1):
        z = out @ point[f"W{layer - 1}"] + point.get(f"b{layer - 1}", 0.0)
        name = network.layer(Integer(layer)).activation.name
        out = np.exp(z) / np.exp(z).sum() if name == "softmax" else SLOPES[name][0](z)
        found[f"z{layer}"], found[f"r{layer}"] = z, out
    back = out - point["y"]  # by r for squared errors, by z for a softmax with cross-entropy
    for layer in range(network.depth, 0, -1):
        name = network.layer(Integer(layer)).activation.name
        if name != "softmax":
            found[f"dr{layer}"] = back
            back = back * SLOPES[name][1](found[f"z{layer}"])
        found[f"dz{layer}"] = back
        before = found[f"r{layer - 1}"] if layer > 1 else point["x"]
        found[f"dW{layer - 1}"], found[f"db{layer - 1}"] = np.outer(before, back), back
        back = point[f"W{layer - 1}"] @ back
    return found


def moved(point: Mapping[str, Array], by: float) -> dict[str, Array]:
    return {name: v + by if name[0] in "Wb" else v for name, v in point.items()}


def slope(network: Network, point: Mapping[str, Array], name: str) -> Array:
    """How something moves with t, where t is added to every parameter."""
    up, down = (gradient(network, moved(point, by))[name] for by in (H, -H))
    return (up - down) / (2 * H)


@pytest.mark.parametrize("name", sweep(NAMES, NAMES[:3]))
def test_what_moves_along_ones_moves_by_its_difference_quotient(name: str) -> None:
    network = read_network(name)
    values, point, t = at_the_point(network, 2), floats(network), network.direction
    told = 0
    for quantity in gradient(network, point):
        plain = Quantity(quantity.removeprefix("d")[0], Integer(quantity[-1]))
        of = Partial(network.C, plain) if quantity[0] == "d" else plain
        if Partial(of, t) in values:
            found = np.array(values[Partial(of, t)], dtype=float).ravel()
            expected = slope(network, point, quantity).ravel()
            assert found == pytest.approx(expected, abs=1e-6), quantity
            told += 1
    assert told >= 5 * network.depth - 1


@pytest.mark.parametrize("name", sweep(NAMES, NAMES[:3]))
def test_gauss_newton_products_are_slopes_of_outputs_times_their_curvature(name: str) -> None:
    """sum_p ds_p/dtheta (M R{s})_p, with ds/dtheta by differences, for every parameter."""
    network = read_network(name)
    values, point = at_the_point(network, 2), floats(network)
    split = f"{network.split}{network.depth}"
    out = gradient(network, point)[f"r{network.depth}"]
    curved = np.diag(out) - np.outer(out, out) if network.split == "z" else np.eye(len(out))
    pulled = curved @ slope(network, point, split)
    found = {str(key): numbers for key, numbers in values.items() if not is_plain(key)}
    for kind, layer in network.parameter_groups:
        parameter = f"{kind}{layer}"
        expected = np.zeros(point[parameter].shape)
        for place in np.ndindex(expected.shape):
            sides = []
            for by in (H, -H):
                there = {**point, parameter: point[parameter].copy()}
                there[parameter][place] += by
                sides.append(gradient(network, there)[split])
            expected[place] = pulled @ (sides[0] - sides[1]) / (2 * H)
        named = re.compile(rf"/d{parameter}(\b|\[)")
        (numbers,) = (rows for key, rows in found.items() if named.search(key))
        got = np.array(numbers, dtype=float).ravel()
        assert got == pytest.approx(expected.ravel(), abs=1e-6), parameter


def is_plain(key: object) -> bool:
    return isinstance(key, Quantity | Partial)


def test_the_chain_by_hand() -> None:
    """H = [1 4; 4 9] and its Gauss-Newton part [1 3; 3 9], times (1, 1)."""
    network = read_network("two-layer-chain")
    values, t = at_the_point(network, 2), network.direction
    slopes = [Partial(network.C, Quantity("W", Integer(layer))) for layer in (0, 1)]
    assert [values[Partial(one, t)] for one in slopes] == [[[5]], [[13]]]
    ((_, text),) = derive.report_on(network, ["plain"], order=2).files
    assert isinstance(text, str)
    assert r"$\gamma^{(1)}$ | $4 \cdot \frac{1}{2} \cdot \mathrm{Step}(3) = 2$ |" in text
    assert r"\,\frac{\partial r^{(2)}}{\partial W^{(1)}}$ | $4 \cdot 3 = 12$ |" in text
    assert r"| $\mathrm{Step}\left(\frac{3}{2}\right)^2 \cdot 3^2 = 9$ |" in text


CHAINS = ["two-layer-chain", "sigmoid-chain", "three-layer-chain"]


@pytest.mark.parametrize("name", sweep(CHAINS, CHAINS[:1]))
def test_formulas_of_second_order_come_to_what_stands_beside_them(name: str) -> None:
    network = read_network(name)
    derivation = derive.second_order(network)
    proved = [True for _ in derivation.steps]
    values = at_the_point(network, 2)
    found = rows(without_proofs(network, derivation, proved, "second_order.jinja", values=values))
    worked = [value for value in found.values() if isinstance(value, AtPoint)]
    assert len(worked) > 8 * network.depth
    for one in worked:
        put_in = one.formula.xreplace(dict(one.numbers)).doit()
        assert abs(float(put_in - one.value)) < 1e-6, tex(one)


@pytest.mark.thorough
def test_a_long_formula_is_not_repeated_with_numbers() -> None:
    network = read_network("sigmoid-chain")
    derivation = derive.second_order(network)
    group = next(one for one in derivation.groups if one.title == "resolved_blocks")
    proved = [True for _ in group.steps]
    values = at_the_point(network, 2)
    of = without_proofs(network, Derivation((group,)), proved, values=values)
    found = rows(of)
    assert len(found) == 6
    lengths = [len(tex(value)) for value in found.values()]
    assert max(lengths) < 250 and min(lengths) < 20


def test_tables_of_products_have_room_for_their_names_and_end_on_their_page() -> None:
    ((_, text),) = derive.report_on("two-layer-chain", ["latex"], order=2).files
    assert isinstance(text, str)
    columns = {
        r"\gamma^{(2)}$ &": "p{0.45\\textwidth}",
        r"\mathcal{R}\left\{z^{(1)}\right\}$ &": "p{0.15\\textwidth}",
    }
    for row, width in columns.items():
        before, _, after = text.partition(rf"$\displaystyle {row}")
        assert width in before[before.rindex("{@{}>") :]
        last = after[: after.index(r"\end{")]
        assert last.count(r"\noalign{\nobreak\vskip") == 1
        assert last.rindex(r"\tabularnewline") < last.index(r"\nobreak")
