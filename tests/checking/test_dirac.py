"""Dirac terms as people write them, and our own documents read back."""

import json

import pytest

from derive import check, read_network, report_on
from derive.checking.assessment import Verdict
from derive.documents.certificate_check import verify_certificate
from derive.proving import Kinks
from derive.reading import Claim
from tests.read_again import FINE
from tests.sweeps import sweep

NEURON = read_network("one-layer-chain")
SMOOTH = r"x^2\,\mathrm{Step}(wx)"


def verdicts(text, network=NEURON):
    return check(text, network).equations


@pytest.mark.parametrize(
    "equation",
    [
        r"C'' = SMOOTH - y|x|\,\delta(w)",
        r"C'' = SMOOTH - y x^2\,\delta(wx)",
        r"C'' = SMOOTH - y |x|\,\mathrm{Dirac}(w)",
        r"\frac{d}{dz} \mathrm{Step}(z) = \delta(z)",
        r"Step'(z) = \delta(z)",
        r"ReLU''(z) = \delta(z)",
        r"\lim_{z^{(1)} \downarrow 0} \frac{\partial C}{\partial z^{(1)}} = -y",
        r"\lim_{z^{(1)} \uparrow 0} \frac{\partial C}{\partial z^{(1)}} = 0",
    ],
)
def test_true_ones_are_right(equation):
    (one,) = verdicts(f"$${equation.replace('SMOOTH', SMOOTH)}$$")
    assert one.verdict is Verdict.RIGHT
    assert one.assessment.proof.scope.kinks is Kinks.ISOLATED


@pytest.mark.parametrize(
    "equation",
    [
        r"C'' = SMOOTH + y|x|\,\delta(w)",
        r"C'' = SMOOTH - y x\,\delta(w)",
        r"C'' = SMOOTH - \frac{1}{2} y|x|\,\delta(w)",
        r"C'' = SMOOTH - y|x|\,\delta(wx)",
        r"\lim_{z^{(1)} \downarrow 0} \frac{\partial C}{\partial z^{(1)}} = y",
        r"\lim_{z^{(1)} \uparrow 0} \frac{\partial C}{\partial z^{(1)}} = -y",
    ],
)
def test_wrong_ones_are_wrong_and_no_right_side_without_a_delta_is_offered(equation):
    (one,) = verdicts(f"$${equation.replace('SMOOTH', SMOOTH)}$$")
    assert one.verdict is Verdict.WRONG
    assert one.should_be is None and one.diagnosis is None


@pytest.mark.parametrize("equation", [r"\delta(z) = (\hat y - y) Step(z)", r"C' = \delta(z) x"])
def test_an_error_signal_written_as_a_function_is_not_taken_for_a_delta(equation):
    (one,) = verdicts(f"${equation}$")
    assert one.verdict is Verdict.NOT_UNDERSTOOD


def test_the_error_signal_times_a_sum_is_still_a_product():
    (one,) = verdicts(r"$$\frac{\partial C}{\partial w} = \delta(x + x - x)$$")
    assert one.verdict is Verdict.RIGHT


@pytest.mark.thorough
@pytest.mark.parametrize(
    "name", sweep(["one-layer-chain", "leaky-chain", "two-layer-general"], ["one-layer-chain"])
)
@pytest.mark.parametrize("latex", sweep([False, True], [False]))
def test_our_own_documents_are_read_back(name, latex):
    network = read_network(name)
    dialects = ("github", "json", "latex") if latex else ("github", "json")
    found = report_on(network, dialects, order=2, dirac=True)
    (certificate,) = [text for file, text in found.files if file.endswith(".json")]
    assert verify_certificate(certificate) == (found.equations, ())
    for suffix in (".tex", ".md") if latex else (".md",):
        pages = [text for file, text in found.files if file.endswith(suffix)]
        equations = check("\n\n".join(pages), network).equations
        kinks = [
            one
            for one in equations
            if isinstance(one.statement, Claim)
            and one.assessment is not None
            and one.assessment.proof is not None
            and one.assessment.proof.scope.kinks is Kinks.ISOLATED
        ]
        assert len(kinks) >= 6
        assert all(one.verdict in (*FINE, None) for one in equations)


def test_a_forged_delta_is_found():
    (text,) = [t for _, t in report_on(NEURON, ("json",), order=2, dirac=True).files]
    content = json.loads(text)
    deltas = [e for g in content["groups"] for e in g["equations"] if "dirac(" in e["rhs"]]
    assert len(deltas) >= 4
    for equation in deltas:
        kept = equation["rhs"]
        parts = [group for group in content["groups"] if equation in group["equations"]]
        for forged in (kept.replace("dirac(", "2*dirac("), kept.replace("dirac(", "(-1)*dirac(")):
            equation["rhs"] = forged
            _, failures = verify_certificate(json.dumps(content | {"groups": parts}))
            assert equation["number"] in [failure.number for failure in failures]
        equation["rhs"] = kept
