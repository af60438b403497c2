"""What shells offer for a word, through click's own completion."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.shell_completion import CompletionItem, ShellComplete
from click.testing import CliRunner

from derive.cli import main
from derive.completion import quantity_names
from derive.files.built_in import builtin_model_names, builtin_names
from derive.files.network_file import read_model
from derive.model.activations import ACTIVATIONS
from derive.model.costs import COSTS


def offered(line: str) -> list[CompletionItem]:
    """For the last word of a line, which may be empty."""
    *before, word = line.split(" ")
    return ShellComplete(main, {}, "derive", "_DERIVE_COMPLETE").get_completions(before, word)


def values(line: str) -> list[str]:
    return [item.value for item in offered(line)]


@pytest.mark.parametrize("line", ["report ", "show z1 ", "evaluate ", "check a.md --network "])
def test_networks_and_models(line: str) -> None:
    assert values(line) == [*builtin_names(), *builtin_model_names()]
    assert values(line + "softmax-cl") == ["softmax-classifier"]


def test_a_worksheet_is_for_stacks_of_layers() -> None:
    assert values("worksheet ") == [*builtin_names()]


@pytest.mark.parametrize("line", ["report mine/", "check ", "verify "])
def test_files(line: str) -> None:
    assert [item.type for item in offered(line)] == ["file"]


def test_activations_and_costs() -> None:
    assert values("report 2-3-1 --activation ") == [*ACTIVATIONS]
    assert values("check a.md --output-activation sig") == ["sigmoid"]
    assert values("evaluate 2-3-1 --cost ") == [*COSTS]


def test_quantities_of_the_network_that_show_takes() -> None:
    assert values("show dC/dW") == ["dC/dW0", "dC/dW1", "dC/dW2"]
    assert {"hessian", "z3", "d2C/dW0dW1"} <= {*values("show ")}


@pytest.mark.parametrize("name", ["three-layer-chain", "softmax-classifier", "layer-norm"])
def test_what_is_offered_can_be_shown(name: str) -> None:
    names = [*quantity_names(read_model(name))]
    for quantity in (*names[:3], *names[len(names) // 2 :: 4], names[-1]):
        shown = CliRunner().invoke(main, ["show", quantity, name])
        assert shown.exit_code == 0, (quantity, shown.output)


def test_nothing_of_it_is_loaded_before_a_shell_asks() -> None:
    program = "import sys, derive.cli; assert not {'sympy', 'derive.completion'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_shell_is_answered() -> None:
    """As `eval "$(_DERIVE_COMPLETE=bash_source derive)"` sets it up."""
    asked = {
        "_DERIVE_COMPLETE": "bash_complete",
        "COMP_WORDS": "derive show dC/dz",
        "COMP_CWORD": "2",
    }
    result = CliRunner(env=asked).invoke(main, prog_name="derive")
    assert result.stdout.split() == ["plain,dC/dz1", "plain,dC/dz2", "plain,dC/dz3"]
    script = CliRunner(env={"_DERIVE_COMPLETE": "zsh_source"}).invoke(main, prog_name="derive")
    assert "compdef" in script.stdout
