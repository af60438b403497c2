"""Several samples: steps are followed by the numbers of the first, and the words say so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Integer, Rational

import derive
from derive import read_network
from derive.algebra.quantities import Partial, Quantity
from derive.documents.worked.steps import at_the_point
from derive.model.network import Network

SAMPLES = ({"x": (2,), "y": (1,)}, {"x": (1,), "y": (3,)})


def batch(reduction: str = "mean") -> Network:
    """The two-layer chain, w = 3/2 and 1/2, at two samples."""
    point = {"samples": SAMPLES, "W0": ((Rational(3, 2),),), "W1": ((Rational(1, 2),),)}
    return replace(read_network("two-layer-chain"), point=point, reduction=reduction)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_numbers_are_those_of_the_first_sample(reduction: str) -> None:
    """r2 = 1/2 * 3/2 * 2 = 3/2, so C = 1/8 and dC/dw1 = 1/2 * 3, whatever the second is."""
    network = batch(reduction)
    values = at_the_point(network)
    weights = [Partial(network.C, Quantity("W", Integer(layer))) for layer in (0, 1)]
    assert values[network.C] == [[Rational(1, 8)]]
    assert [values[one] for one in weights] == [[[Rational(1, 2)]], [[Rational(3, 2)]]]
    assert values == at_the_point(read_network("two-layer-chain"))


@pytest.mark.parametrize(
    ("order", "language", "said"),
    [
        (1, "english", "With the numbers of the first sample of the example below"),
        (2, "english", "With the numbers of the first sample of the example below"),
        (1, "german", "Mit den Zahlen des ersten Beispiels weiter unten"),
        (2, "german", "Mit den Zahlen des ersten Beispiels unten"),
    ],
)
def test_it_is_said_and_the_samples_are_shown(order: int, language: str, said: str) -> None:
    ((_, text),) = derive.report_on(batch(), ["plain"], order=order, language=language).files
    assert isinstance(text, str)
    assert said in text
    one = read_network("two-layer-chain")
    ((_, single),) = derive.report_on(one, ["plain"], order=order, language=language).files
    assert isinstance(single, str) and said not in single
    formula = r"$\frac{1}{4} \cdot 2 = \frac{1}{2}$"
    if order == 1:
        assert formula in text
    _, _, example = text.rpartition("## The same with numbers")
    if order == 2:
        means = {"english": "the mean of those of the samples", "german": "der Mittelwert derer"}
        assert means[language] in text and means[language] not in single
    for sample in SAMPLES if language == "english" else ():
        assert f"| $x$ | ${sample['x'][0]}$ |" in example
        assert f"| $y$ | ${sample['y'][0]}$ |" in example
