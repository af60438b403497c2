"""What entries of a Hessian are made of, against exact Hessians and the derived blocks."""

from random import Random

import pytest
from sympy import Rational

from derive import evaluate, read_network, second_order
from derive.deriving.hessian_parts import hessian_part
from derive.figures.hessian_structure import HessianPart, hessian_structure

CASES = [
    ("2-2-1", {}),
    ("2-2-2", {"bias": True}),
    ("3-2", {}),
    ("2-2-1", {"activation": "tanh"}),
    ("1-2-1", {"output_activation": "identity", "bias": True}),
    ("2-2-2", {"cost": "cross_entropy", "output_activation": "softmax"}),
    ("2-2-1", {"cost": "binary_cross_entropy", "output_activation": "sigmoid"}),
    ("1-1-1", {"cost": "absolute_error"}),
    ("2-2", {"activation": "z^2", "cost": "(y-r)^4"}),
]


def random_point(network, seed):
    source = Random(seed)

    def row(count):
        return [Rational(source.randint(1, 9), source.randint(2, 5)) for _ in range(count)]

    widths = [int(network.width(n)) for n in network.layer_numbers]
    target = [Rational(n + 1, sum(range(1, widths[-1] + 1)) + 1) for n in range(widths[-1])]
    point = {"x": row(widths[0]), "y": target}
    for kind, k in network.parameter_groups:
        rows = [row(widths[int(k) + 1]) for _ in range(widths[int(k)] if kind == "W" else 1)]
        point[f"{kind}{k}"] = rows if kind == "W" else rows[0]
    return point


@pytest.mark.parametrize(("shape", "options"), CASES)
def test_what_is_zero_is_so_and_what_is_not_is_not(shape, options):
    """All units of ReLU are active at these points, so nothing else makes an entry 0."""
    network = read_network(shape, **options)
    found = hessian_structure(network)
    assert not found.is_reduced
    exact = [evaluate(network, random_point(network, seed), 2) for seed in (1, 2)]
    for p, row in enumerate(found.parts):
        for q, part in enumerate(row):
            kept, rest = (
                any(getattr(one, name)[p][q] != 0 for one in exact)
                for name in ("gauss_newton", "residual")
            )
            assert (kept, rest) == (
                part in (HessianPart.GAUSS_NEWTON, HessianPart.BOTH),
                part in (HessianPart.RESIDUAL, HessianPart.BOTH),
            )


@pytest.mark.parametrize("shape", ["n_0-n_1-n_2", "1-1-1"])
def test_a_block_has_no_residual_part_where_the_derivation_ends_in_zero(shape):
    network = read_network(shape)
    residual = (HessianPart.RESIDUAL, HessianPart.BOTH)
    chains = hessian_part(second_order(network), "residual")
    derived = [chain[-1].rhs != 0 for chain in chains]
    blocks = hessian_structure(network).blocks
    assert [any(part in residual for part in parts) for *_, parts in blocks] == derived


def test_widths_that_are_symbols_or_large_are_drawn_smaller():
    found = hessian_structure(read_network("n_0-n_1-1"))
    assert [units for _, units in found.widths] == [2, 2, 1] and found.is_reduced
    found = hessian_structure(read_network("100-50-1"))
    assert found.is_reduced and len(found.parts) <= 40
    assert [units for _, units in found.widths] == [5, 5, 1]
    assert hessian_structure(read_network("-".join(["2"] * 20))) is None


def test_the_matrix_is_symmetric_and_its_groups_fill_it():
    found = hessian_structure(read_network("2-3-1", bias=True))
    assert [list(row) for row in found.parts] == [
        list(row) for row in zip(*found.parts, strict=True)
    ]
    assert sum(count for _, count in found.groups) == len(found.parts) == 13
    assert [str(name) for name, _ in found.groups] == ["W0", "b0", "W1", "b1"]
