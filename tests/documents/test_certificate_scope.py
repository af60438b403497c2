"""Certificates that say more of their proofs than these show, or nothing at all."""

import json

import pytest
from click.testing import CliRunner

from derive import backpropagate, read_network, verify
from derive.cli import main
from derive.deriving.entries import written_out
from derive.documents.certificate import certificate
from derive.documents.certificate_check import verify_certificate
from derive.errors import DeriveError
from tests.documents.test_certificate import equations, text_of


def forged(key: str, value: object) -> str:
    content = json.loads(text_of("n_0-n_1"))
    for equation in equations(content):
        equation["proof"][key] = value
    return json.dumps(content)


def entries_text(name: str) -> str:
    derivation = written_out(backpropagate(read_network(name)))
    return certificate(derivation, verify(derivation))


@pytest.mark.parametrize(
    ("key", "value"), [("kinks", "no kinks at all"), ("kinks", 7), ("status", "refuted")]
)
def test_a_scope_that_the_proof_does_not_have_is_found(key: str, value: object) -> None:
    total, failures = verify_certificate(forged(key, value))
    honest = json.loads(text_of("n_0-n_1"))
    differing = [e["number"] for e in equations(honest) if e["proof"][key] != value]
    assert 0 < len(differing) <= total
    assert [failure.number for failure in failures] == differing
    assert all("where the certificate says" in failure.reason for failure in failures)


@pytest.mark.parametrize(
    ("kinks", "shown"),
    [("no kinks", False), ("every Step(0)", False), ("the Step(0) of the network", True)],
)
def test_kinks_that_the_proof_does_not_cover_are_found(kinks: str, shown: bool) -> None:
    content = json.loads(text_of("one-layer-chain"))
    group = next(g for g in content["groups"] if g["equations"])
    proof = {"status": "proved", "kinks": kinks, "every_width": True}
    square = {"number": 1, "lhs": "Step(x)^2", "rhs": "Step(x)", "proof": proof}
    content["groups"] = [group | {"equations": [square]}]
    assert (verify_certificate(json.dumps(content))[1] == ()) is shown


def test_a_width_that_the_proof_does_not_cover_is_found() -> None:
    content = json.loads(entries_text("2-1"))
    numbered = [e for e in equations(content) if not e["proof"]["every_width"]]
    for equation in numbered:
        equation["proof"]["every_width"] = True
    failures = verify_certificate(json.dumps(content))[1]
    assert numbered and failures
    assert {f.number for f in failures} <= {e["number"] for e in numbered}


@pytest.mark.parametrize(("key", "value"), [("kinks", "away from kinks"), ("every_width", False)])
def test_a_certificate_may_say_less_than_the_proof_shows(key: str, value: object) -> None:
    assert verify_certificate(forged(key, value))[1] == ()


def test_a_certificate_without_equations_proves_nothing() -> None:
    content = json.loads(text_of("one-layer-chain")) | {"groups": []}
    with pytest.raises(DeriveError, match="has no equations"):
        verify_certificate(json.dumps(content))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["networks"][0]["layers"][0].update(units="²"),
        lambda content: content["networks"][0].update(first="²"),
        lambda content: equations(content)[0].update(assuming=3),
        lambda content: equations(content)[0].update(assuming=None),
        lambda content: content["networks"][0].update(name="\ud800"),
    ],
)
def test_rubbish_in_a_certificate_ends_in_a_sentence(change, tmp_path) -> None:
    content = json.loads(text_of("one-layer-chain"))
    change(content)
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    result = CliRunner().invoke(main, ["verify", str(path)])
    assert result.exit_code in (1, 2) and isinstance(result.exception, SystemExit)


def test_a_number_of_thousands_of_digits_is_no_certificate() -> None:
    with pytest.raises(DeriveError, match="this is not a certificate"):
        verify_certificate('{"certificate": ' + "1" * 5000 + "}")
