"""The usual mistakes of a document: refuted at their points, with the names that `check` has."""

from functools import cache

import pytest
from sympy import Float, ImmutableMatrix, Symbol

from derive import read_network
from derive.checking.check import check
from derive.checking.verdicts import Verdict
from derive.deriving.first_order import backpropagate
from derive.deriving.verifying import verify
from derive.documents.blocks import Mistaken
from derive.documents.document import document
from derive.documents.rendering import rendered
from derive.evaluating.evaluate import evaluate
from derive.notation.tex import tex
from tests.sweeps import sweep

NUMBERS = ["three-layer-chain", "regression-2-3-1", "softmax-classifier", "2-2"]
NAMES = [*NUMBERS, "sigmoid-chain", "leaky-chain", "two-layer-general", "deep-relu"]


@cache
def laid_out(name):
    network = read_network(name)
    derivation = backpropagate(network)
    return network, document(network, derivation, verify(derivation))


def mistakes_of(name):
    network, found = laid_out(name)
    return network, [block for block in found.blocks if isinstance(block, Mistaken)]


def filled(value, number):
    """The numbers of a table, with another in place of each dot."""
    if isinstance(value, ImmutableMatrix):
        rows = [[filled(entry, number) for entry in row] for row in value.tolist()]
        return rows if len(rows[0]) > 1 else [entry for (entry,) in rows]
    return number if isinstance(value, Symbol) else value


@pytest.mark.parametrize("name", sweep(NAMES, NAMES[:2]))
def test_check_calls_each_wrong_and_names_it_as_the_document_does(name):
    network, mistakes = mistakes_of(name)
    assert len(mistakes) >= 3
    for block in mistakes:
        (row,) = block.rows
        assert row.relation == r"\ne" and block.values[0] != block.values[1]
        (judged,) = check(f"$${tex(row.left)} = {tex(row.right)}$$", network).equations
        assert judged.verdict is Verdict.WRONG
        assert judged.diagnosis.mistake.value == block.mistake


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("number", [1, -3])
def test_the_left_side_has_its_value_at_the_point(name, number):
    network, mistakes = mistakes_of(name)
    for block in mistakes:
        left = block.rows[0].left.wrt
        given = {str(row.name): filled(row.value, number) for row in block.point}
        left_over = [given[str(letter)] for letter in left.indices]
        units = [
            int(left_over.pop(0)) - 1 if network.has_index(axis) else 0
            for axis in (left.layer, left.layer + 1)
        ]
        point = {
            {"r0": "x", f"y{network.last}": "y"}.get(key, key): value
            for key, value in given.items()
            if key not in map(str, left.indices)
        }
        for key in ("x", "y"):
            if not isinstance(point[key], list):
                point[key] = [point[key]]
        found = evaluate(network, point, 1)
        slopes = dict(zip(found.parameters, found.gradient, strict=True))
        entry = f"{left.kind}{left.layer}[{','.join(map(str, units))}]"
        assert float(slopes[entry]) == pytest.approx(float(Float(block.values[0])), abs=1e-7)


def test_the_page_tells_them_and_check_reads_none_as_a_claim():
    network, found = laid_out("one-layer-chain")
    texts = {dialect: rendered(found, [dialect])[0][1] for dialect in ("github", "latex", "html")}
    assert all("the wrong way round, output and target" in text for text in texts.values())
    counts = check(texts["github"], network).summary.counts
    assert counts[Verdict.RIGHT] == sum(counts.values())


def test_without_weights_in_two_layers_there_are_fewer():
    _, mistakes = mistakes_of("one-layer-chain")
    assert [block.mistake for block in mistakes] == [
        "swapped_difference",
        "surplus_factor",
        "missing_factor",
    ]
