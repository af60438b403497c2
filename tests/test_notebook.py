"""The notebook of the examples says what its cells give, and its text is right."""

from __future__ import annotations

import json

from click.testing import CliRunner

from derive.cli import main
from tests.notebook import NOTEBOOK, executed


def test_outputs_are_those_of_the_cells() -> None:
    """`python -m tests.notebook` writes them again, if they are meant to change."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert executed(notebook) == notebook
    assert sum(bool(cell.get("outputs")) for cell in notebook["cells"]) == 8


def test_its_text_is_judged_right() -> None:
    result = CliRunner().invoke(main, ["check", str(NOTEBOOK)])
    assert result.exit_code == 0, result.output
    assert "cell 1, line 4: right" in result.stdout
    assert "8 equations: 8 right, 0 wrong" in result.stdout
