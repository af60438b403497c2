"""Certificates: every equation can be proved again from its text, and a changed one cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from derive import backpropagate, read_network, verify
from derive.cli import main
from derive.documents.certificate import certificate
from derive.documents.certificate_check import verify_certificate
from derive.errors import DeriveError
from derive.files.built_in import builtin_names
from tests.sweeps import sweep
from tests.verified import QUICK, verified


@cache
def text_of(name: str) -> str:
    return certificate(*verified(name))


@pytest.mark.parametrize("name", sweep(builtin_names(), QUICK))
def test_every_equation_is_proved_again(name: str) -> None:
    total, failures = verify_certificate(text_of(name))
    assert total > 5 and failures == ()


def equations(content: dict) -> list[dict]:
    return [equation for group in content["groups"] for equation in group["equations"]]


#: A way to falsify a right side; each applies where the text allows it.
FORGERIES = {
    "a sign": lambda rhs: rhs.replace(" - ", " + ", 1),
    "a step": lambda rhs: rhs.replace("*Step(z2)", "", 1),
    "a weight": lambda rhs: rhs.replace("*W1", "", 1),
    "a factor": lambda rhs: f"2*({rhs})" if rhs not in ("0",) and "cases" not in rhs else rhs,
}


@pytest.mark.parametrize("forgery", sweep(FORGERIES, ["a sign", "a step"]))
def test_a_changed_equation_is_found(forgery: str) -> None:
    original = text_of("two-layer-chain")
    forged = 0
    for position, equation in enumerate(equations(json.loads(original))):
        changed = FORGERIES[forgery](equation["rhs"])
        if changed == equation["rhs"]:
            continue
        content = json.loads(original)
        one = equations(content)[position]
        one["rhs"] = changed
        # Among the others of its group: those of other groups are not looked at for it.
        content["groups"] = [group for group in content["groups"] if one in group["equations"]]
        _, failures = verify_certificate(json.dumps(content))
        assert [f.number for f in failures] == [equation["number"]], (equation, changed)
        assert failures[0].equation.endswith(changed)
        assert "false at" in failures[0].reason
        forged += 1
        if forged == 8:
            break
    assert forged >= 2


def test_an_assumption_cannot_be_smuggled_in() -> None:
    network = read_network("1-2", output_activation="softmax", cost="cross_entropy")
    derivation = backpropagate(network)
    content = json.loads(certificate(derivation, verify(derivation)))
    target = next(e for e in equations(content) if "assuming" in e)
    target["assuming"] = ["y[0] = 1"]
    _, failures = verify_certificate(json.dumps(content))
    assert [f.number for f in failures] == [target["number"]]


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"certificate": 1}',
     '{"certificate": 1, "networks": [], "groups": 3}',
     '{"certificate": 1, "networks": [{}], "groups": []}', "[" * 100_000, '{"certificate": 2}',
     '{"certificate": 1, "networks": [], "groups": [{"network": 0, "equations": [{}]}]}'],
)  # fmt: skip
def test_what_is_no_certificate_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(DeriveError):
        verify_certificate(text)


def test_the_command_needs_neither_rules_nor_backpropagation(tmp_path: Path) -> None:
    file = tmp_path / "chain.json"
    file.write_text(text_of("two-layer-chain"))
    program = (
        "import sys\nfrom derive.cli import main\n"
        f"try: main(['verify', {str(file)!r}], prog_name='derive')\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "loaded = [m for m in sys.modules if m.startswith('derive.deriving')]\n"
        "assert not loaded, loaded\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "63 of 63 equations proved again\n"


def test_the_command_says_which_equation_fails_and_where(tmp_path: Path) -> None:
    content = json.loads(text_of("one-layer-chain"))
    last = equations(content)[-1]
    last["rhs"] = f"-({last['rhs']})"
    file = tmp_path / "forged.json"
    file.write_text(json.dumps(content))
    result = CliRunner().invoke(main, ["verify", str(file)])
    assert result.exit_code == 1
    assert f"equation ({last['number']})" in result.stdout and "false at" in result.stdout
    missing = CliRunner().invoke(main, ["verify", str(tmp_path / "none.json")])
    assert missing.exit_code == 2
    rubbish = tmp_path / "rubbish.json"
    rubbish.write_bytes(b"\xff\x00\xfe")
    assert CliRunner().invoke(main, ["verify", str(rubbish)]).exit_code == 2
