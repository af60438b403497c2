"""The hook of pre-commit and the action of GitHub do what they say, as far as it can be run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from derive.cli import main
from tests.sweeps import sweep

ROOT = Path(__file__).parent.parent
CODE = """
def layer_forward(x, w, b):
    # x: (N, D), w: (D, M), b: (M,)
    out = x @ w + b
    return out


def layer_backward(dout, x, w, b):
    dw = x.T @ dout
    db = dout
    return dw, db
"""
NOTES = "Nothing of networks: $E = m c^2$.\n"


def loaded(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def repository(folder: Path) -> dict[str, str]:
    """A repository with a branch that changes two files; the environment of an action in it."""
    programs = folder / "programs"
    programs.mkdir()
    derive = programs / "derive"
    derive.write_text(f'#!/bin/sh\nexec {sys.executable} -m derive "$@"\n', encoding="utf-8")
    derive.chmod(0o755)
    (programs / "python").symlink_to(sys.executable)
    work = folder / "work"
    work.mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT")},
        **{
            f"GIT_{who}_{what}": "a@b.c"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GITHUB_OUTPUT": str(folder / "output"),
        **dict.fromkeys(("FILES", "NETWORK", "ARGUMENTS"), ""),
        "SARIF": "derive.sarif",
        "FAIL_ON": "wrong",
    }

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=work, env=environment, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (work / "old.py").write_text(CODE, encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "start")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    (work / "new layer.py").write_text(CODE, encoding="utf-8")
    (work / "notes.md").write_text(NOTES, encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "change")
    return environment


def judged(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What the step of the action that judges does."""
    (step,) = (one for one in loaded("action.yml")["runs"]["steps"] if one.get("id") == "check")
    assert {*step["env"]} == {"FILES", "NETWORK", "ARGUMENTS", "SARIF", "FAIL_ON"}
    return subprocess.run(
        ["bash", "-c", step["run"]], cwd=folder / "work", env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fail_on", "code"), sweep([("wrong", 1), ("any", 1), ("nothing", 0)], [("wrong", 1)])
)
def test_the_action_judges_what_a_pull_request_changes(
    tmp_path: Path, fail_on: str, code: int
) -> None:
    environment = repository(tmp_path)
    found = judged(tmp_path, environment | {"GITHUB_BASE_REF": "main", "FAIL_ON": fail_on})
    assert (found.returncode, found.stderr) == (code, "")
    assert "new%20layer.py:10: wrong: db: the sum over the axis N is missing" in found.stdout
    assert "old.py" not in found.stdout
    assert (tmp_path / "output").read_text(encoding="utf-8") == "wrong=1\nfindings=1\n"
    sarif = json.loads((tmp_path / "work" / "derive.sarif").read_text(encoding="utf-8"))
    assert sarif["version"] == "2.1.0" and len(sarif["runs"][0]["results"]) == 1


def test_the_action_takes_files_and_options(tmp_path: Path) -> None:
    environment = repository(tmp_path)
    files = "old.py\n*.md\n"
    found = judged(tmp_path, environment | {"FILES": files, "ARGUMENTS": "--budget\n60\n"})
    assert "old.py:10: wrong" in found.stdout and "new" not in found.stdout
    none = judged(tmp_path, environment | {"FILES": "*.tex"})
    assert (none.returncode, none.stdout) == (0, "no files to check\n")


def test_what_the_action_puts_into_a_shell_is_no_text_of_a_user() -> None:
    for step in loaded("action.yml")["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_the_hook_passes_what_is_right_and_what_is_about_nothing(tmp_path: Path) -> None:
    (hook,) = loaded(".pre-commit-hooks.yaml")
    program, *options = hook["entry"].split()[:1] + hook["entry"].split()[1:]
    assert (program, hook["language"]) == ("derive", "python")
    right, wrong, notes = (tmp_path / name for name in ("right.py", "wrong.py", "notes.md"))
    right.write_text(CODE.replace("db = dout", "db = dout.sum(axis=0)"), encoding="utf-8")
    wrong.write_text(CODE, encoding="utf-8")
    notes.write_text(NOTES, encoding="utf-8")
    run = CliRunner()
    passed = run.invoke(main, [*options, str(right), str(notes)])
    assert passed.exit_code == 0, passed.output
    assert "1 outside what is judged" in passed.output
    failed = run.invoke(main, [*options, str(right), str(wrong), str(notes)])
    assert failed.exit_code == 1
    assert "wrong.py:10:5: wrong: db" in failed.output and "right.py:" in failed.output
