"""The usual mistakes of a document: refuted at their points, with the names that `check` has."""

from functools import cache

import pytest
from sympy import Float, ImmutableMatrix, Symbol

from derive import read_model, read_network, report_on
from derive.checking.check import check
from derive.checking.verdicts import Verdict
from derive.deriving.first_order import backpropagate
from derive.deriving.model_gradient import model_gradient
from derive.deriving.verifying import verify
from derive.documents.blocks import Mistaken
from derive.documents.rendering import rendered
from derive.documents.reporting import naming_for
from derive.evaluating.evaluate import evaluate
from derive.notation.tex import LatexWriter, tex
from tests.laid_out import document
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


#: With the mistakes that their documents tell.
OF_MODELS = {
    "attention-head": [
        "swapped_difference",
        "missing_term",
        "missing_term",
        "transposed",
        "missing_factor",
    ],
    "layer-norm": ["swapped_difference", "missing_term", "missing_sum"],
    "softmax-cross-entropy": ["swapped_difference", "missing_factor", "missing_sum"],
    "dropout": ["swapped_difference", "missing_factor", "missing_factor"],
    "multi-head-attention": ["swapped_difference", "missing_term", "missing_term"],
    "tied-autoencoder": ["missing_term", "missing_factor"],
    "rnn-three-steps": ["swapped_difference", "missing_term"],
    "masked-attention": ["missing_term", "missing_factor"],
    "convolution": [],
}


@cache
def mistakes_of_model(name):
    model = read_model(name)
    derivation = model_gradient(model)
    found = document(model, derivation, verify(derivation), "model.jinja")
    return model, [block for block in found.blocks if isinstance(block, Mistaken)]


@pytest.mark.parametrize("name", sweep(list(OF_MODELS), ["layer-norm", "masked-attention"]))
def test_check_names_the_mistakes_of_models_as_the_document_does(name):
    model, mistakes = mistakes_of_model(name)
    assert [block.mistake for block in mistakes] == OF_MODELS[name]
    write = LatexWriter(naming_for(model)).text
    for block in mistakes:
        (row,) = block.rows
        assert row.relation == r"\ne" and block.values[0] != block.values[1]
        (judged,) = check(f"$${write(row.left)} = {write(row.right)}$$", model).equations
        assert judged.verdict is Verdict.WRONG
        assert judged.diagnosis.mistake.value == block.mistake


SIZES = {
    "linear": {"N": 2, "d": 2, "m": 3},
    "tied-autoencoder": {"d": 2, "m": 3},
    "attention-head": {"T": 2, "d": 2, "k": 2, "m": 3},
}


@pytest.mark.parametrize("name", sweep(list(SIZES), ["linear"]))
def test_the_left_side_by_what_is_given_has_its_value_at_the_point(name):
    sizes = SIZES[name]
    model, mistakes = mistakes_of_model(name)
    compared = 0
    for block in mistakes:
        by = block.rows[0].left.wrt
        told = {str(row.name): filled(row.value, 1) for row in block.point}
        units = [int(told.pop(str(letter))) - 1 for letter in by.indices]
        tensors = {str(kind) for kind, _ in model.given}
        given = {key: value for key, value in told.items() if key in tensors}
        for one in block.ones:
            shape = [sizes[str(model.width(axis))] for axis in model.axes(one)]
            given[str(one)] = ones(shape)
        for kind, layer in model.given:
            shape = [sizes[str(model.width(axis))] for axis in model.slots(str(kind), layer)]
            given.setdefault(str(kind), ones(shape))
        found = evaluate(model, given, 1).gradients.get(str(by.kind))
        if found is not None:
            for unit in units:
                found = found[unit]
            assert float(found) == pytest.approx(float(Float(block.values[0])), abs=1e-6)
            compared += 1
    assert compared


def ones(shape):
    """Nested lists of ones, or 1."""
    return [ones(shape[1:]) for _ in range(shape[0])] if shape else 1


def test_ones_are_told_in_a_sentence():
    ((_, text),) = report_on(read_model("linear"), ["plain"]).files
    assert "There each entry of $x$, $W$, $b$ and $y$ is 1." in text
    assert "he sum over $n$ is missing" in text
    assert r"\mathrm{\cdot}" not in text
