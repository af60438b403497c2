"""The notebook of the examples, executed cell by cell as Jupyter would, without Jupyter.

`python -m tests.notebook` writes its outputs again.
"""

from __future__ import annotations

import ast
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parent.parent / "examples" / "derive.ipynb"
#: How a value is shown: the method that says so, and the sort of text that it gives.
SHOWN = {"_repr_latex_": "text/latex", "_repr_markdown_": "text/markdown"}


def executed(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook with the outputs that its cells give, in order."""
    names: dict[str, Any] = {}
    cells = [dict(cell) for cell in notebook["cells"]]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for count, cell in enumerate(code, start=1):
        cell["outputs"] = outputs("".join(cell["source"]), names, count)
        cell["execution_count"] = count
    return {**notebook, "cells": cells}


def outputs(source: str, names: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """What a cell prints, and the value of its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    value = None
    with redirect_stdout(StringIO()) as printed:
        exec(compile(tree, "cell", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    found: list[dict[str, Any]] = []
    if text := printed.getvalue():
        found.append({"name": "stdout", "output_type": "stream", "text": lines(text)})
    if value is not None:
        shown = {"data": data(value), "execution_count": count, "metadata": {}}
        found.append({**shown, "output_type": "execute_result"})
    return found


def data(value: Any) -> dict[str, list[str]]:
    """A value in the forms that it has; as its text only where there is no other."""
    rich = {kind: getattr(value, name)() for name, kind in SHOWN.items() if hasattr(value, name)}
    texts = {kind: text for kind, text in rich.items() if text is not None}
    return {kind: lines(text) for kind, text in (texts or {"text/plain": repr(value)}).items()}


def lines(text: str) -> list[str]:
    """As a notebook has a text."""
    return text.splitlines(keepends=True)


if __name__ == "__main__":
    written = executed(json.loads(NOTEBOOK.read_text(encoding="utf-8")))
    text = json.dumps(written, indent=1, ensure_ascii=False) + "\n"
    NOTEBOOK.write_text(text, encoding="utf-8")
