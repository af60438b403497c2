"""Lines about any layer where layers have different activations that share a function."""

from __future__ import annotations

from derive import Activation, Layer, Network, check, report_on
from derive.checking.assessment import Verdict
from tests.read_again import FINE

MIXED = Network(2, (Layer(3, Activation("silu")), Layer(1, Activation("sigmoid"))))


def test_our_own_document_is_read_back() -> None:
    ((_, text),) = report_on(MIXED, dialects=("github",)).files
    assert {one.verdict for one in check(text, MIXED).equations} <= FINE


def test_what_is_right_of_no_layer_is_wrong() -> None:
    text = r"For all $k$: $\frac{\partial r^{(k)}_j}{\partial z^{(k)}_j} = 2\sigma(z^{(k)}_j)$."
    assert Verdict.WRONG in {one.verdict for one in check(text, MIXED).equations}
