"""Parts of the Hessian by name: which chains they are, and that they are the values found."""

import pytest
from click.testing import CliRunner
from sympy import Rational, sympify

from derive.algebra.quantities import Partial
from derive.cli import main
from derive.deriving.hessian_parts import HESSIAN_PARTS, hessian_part
from derive.deriving.second_order import second_order
from derive.errors import DeriveError
from derive.evaluating.evaluate import evaluate
from derive.files.network_file import read_network
from derive.meaning.valuation import Valuation
from tests.sweeps import thorough

CHAIN = read_network("two-layer-chain")
SMALL = read_network("2-3-1", bias=True)
WIDE = read_network("two-layer-general")


def starts(network, name):
    return [chain[0].lhs for chain in hessian_part(second_order(network), name)]


@pytest.mark.parametrize(
    ("network", "counts"),
    [  # groups of parameters: 2, 4 and 2; so 3, 10 and 3 pairs of them
        (CHAIN, {"hessian": 3, "block-diagonal": 2, "diagonal": 2, "gauss-newton": 3,
                 "gauss-newton-diagonal": 2, "residual": 3, "kfac": 2}),
        thorough((SMALL, {"hessian": 10, "block-diagonal": 6, "diagonal": 4, "gauss-newton": 10,
                          "gauss-newton-diagonal": 4, "residual": 10, "kfac": 4})),
        (WIDE, {"hessian": 3, "block-diagonal": 2, "diagonal": 2, "gauss-newton": 3,
                "gauss-newton-diagonal": 2, "residual": 3, "kfac": 2}),
    ],
    ids=["chain", "biases", "symbolic"],
)  # fmt: skip
def test_how_many_chains_a_part_has(network, counts):
    assert {name: len(starts(network, name)) for name in counts} == counts
    assert set(HESSIAN_PARTS) == {*counts, "pre-activation-hessian"}


@pytest.mark.parametrize("network", [CHAIN, SMALL, WIDE], ids=["chain", "biases", "symbolic"])
def test_the_diagonal_is_taken_twice_by_one_parameter(network):
    for start in starts(network, "diagonal"):
        first, second = start.unnested[1]
        assert first == second
    for start in starts(network, "pre-activation-hessian"):
        assert {q.kind for q in start.unnested[1]} == {"z"}


def test_parts_of_a_chain_have_the_values_found():
    found = evaluate(CHAIN, order=2)
    entries = [CHAIN.quantity(*name) for name in (("r", 0), ("y", 2), ("W", 0), ("W", 1))]
    numbers = (2, 1, Rational(3, 2), Rational(1, 2))  # the point of the example
    values = Valuation(CHAIN, {}, dict(zip(entries, map(sympify, numbers), strict=True)))

    def worked_out(name):
        return [values(chain[-1].rhs) for chain in hessian_part(second_order(CHAIN), name)]

    assert worked_out("diagonal") == list(found.diagonal)
    assert worked_out("gauss-newton-diagonal") == list(found.gauss_newton_diagonal)
    (a, b, c), (d, e, f) = worked_out("hessian"), worked_out("residual")
    assert ((a, b), (b, c)) == found.hessian
    assert ((d, e), (e, f)) == found.residual


def test_kfac_factors_are_shown_as_matrices():
    result = CliRunner().invoke(main, ["show", "kfac", "two-layer-general", "--as", "latex"])
    assert result.exit_code == 0
    assert r"&= (x\,x^\top) \otimes G^{(1)}" in result.stdout


def test_a_part_that_does_not_exist():
    with pytest.raises(DeriveError, match="no part 'trace'; parts are hessian, block-diagonal"):
        hessian_part(second_order(CHAIN), "trace")
    result = CliRunner().invoke(main, ["show", "hesian", "two-layer-chain"])
    assert result.exit_code == 2
    assert "parts of the Hessian are hessian, block-diagonal" in result.stderr


def test_every_part_of_a_block_is_about_the_cost():
    for name in ("hessian", "block-diagonal", "diagonal", "pre-activation-hessian"):
        for start in starts(SMALL, name):
            assert isinstance(start, Partial)
            assert start.unnested[0] == SMALL.C
