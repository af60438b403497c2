"""What a hunt for false verdicts of `check` and `verify` found: texts and what is to be said."""

from __future__ import annotations

import json

import pytest

from derive import backpropagate, check, read_network, verify
from derive.documents.certificate import certificate
from derive.documents.certificate_check import verify_certificate
from tests.sweeps import thorough

CHAIN = read_network("two-layer-chain")


def verdicts(text: str) -> list[str]:
    head = "<!-- derive: network = two-layer-chain, v = number, t = number -->\n\n"
    checked = check(head + text, CHAIN)
    return [str(one.verdict) for part in checked.parts for one in part.judged if one.assessment]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            r"If $-\frac{2}{5} < v < -\frac{3}{10}$, then "
            r"$\mathrm{ReLU}(e^{2v}-1-v) = e^{2v}-1-v$.",
            ["wrong"],
        ),
        (r"If $t = e^{v}$, then $\log(t) = v$.", ["right"]),
        (r"If $e^{v} > 8$, then $|v - 2| = v - 2$.", ["right"]),
        (r"If $e^v = e^t$, then $v = t$.", ["right"]),
        (
            r"$$\mathrm{Step}(\sigma(v)+\sigma(-v)-1)"
            r" + \mathrm{Step}(1-\sigma(v)-\sigma(-v)) = 1$$",
            ["wrong"],
        ),
        (r"$$v = v \operatorname{sign}(\sigma(v) + \sigma(-v) - 1)^2$$", ["wrong"]),
        # Right for the Step(0) of the network, which the text does not say.
        thorough(
            (
                r"If $z^{(1)} \ge 0$, then "
                r"$\operatorname{sign}(z^{(1)}) = \mathrm{Step}(z^{(1)})$.",
                ["right_if"],
            )
        ),
        ("$$z^{(1)} = W^{(0)} x$$\n\nIf $v = 0$, then $|v| = 0$.", ["right", "right"]),
        (
            "At $v = 0$, $\\mathrm{Step}(v) = 0$.\n\nAlso $\\mathrm{Step}(v) = 0$.",
            ["right", "wrong"],
        ),
    ],
)
def test_verdicts(text, expected):
    assert verdicts(text) == expected


@pytest.fixture(scope="module")
def content():
    derivation = backpropagate(CHAIN)
    return json.loads(certificate(derivation, list(verify(derivation))))


def forged(content, number: int, **changed) -> tuple[str, ...]:
    """What is said of a certificate with one equation changed."""
    copy = json.loads(json.dumps(content))
    for group in copy["groups"]:
        for equation in group["equations"]:
            if equation["number"] == number:
                kinks = changed.pop("kinks", equation["proof"]["kinks"])
                equation |= changed
                equation["proof"]["kinks"] = kinks
    _, failures = verify_certificate(json.dumps(copy))
    return tuple(failure.reason for failure in failures)


def test_a_gate_that_is_0_by_the_definitions_is_seen(content):
    assert not forged(content, 12)
    (reason,) = forged(content, 12, lhs="sign(z1 - W0*x)^2", rhs="1", kinks="away from kinks")
    assert "false" in reason


def test_a_scope_that_says_too_much_is_seen(content):
    (reason,) = forged(content, 2, kinks="every Step(0)")
    assert "kinks" in reason
