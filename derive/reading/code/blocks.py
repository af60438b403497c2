"""Where code stands in a document, as one syntax tree with places in the document."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from derive.reading.notebooks import cells_of
from derive.reading.statements import Place

_FENCE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>```+|~~~+)[ \t]*"
    r"(?:\{?\.?(?:python3?|py|code-cell)\b[^\n]*)\n"
    r"(?P<code>.*?)^(?P=indent)(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
#: What Jupyter adds to Python: its commands are no code that is read.
_MAGIC = re.compile(r"^[ \t]*(?:[%!]|(?:pip|conda)[ \t]+install\b).*$", re.MULTILINE)
#: The options of a cell in MyST, as :tags: [remove-input], or between --- and ---.
_OPTIONS = re.compile(
    r"\A(?:\s*\n)?(?:(?:[ \t]*:[\w-]+:[^\n]*\n)+|[ \t]*---\n.*?\n[ \t]*---\n)", re.DOTALL
)
_LONGEST = 200_000


@dataclass(frozen=True)
class Code:
    """The code of a document, or of one cell of a notebook.

    Attributes:
        tree: all of it.
        text: the text in which lines and columns of the tree count.
        offsets: where each character of it stands in the file; empty where they are the same.
        cells: for each line the cell that it is of, and the line in it.
        broken: the places of what is no Python, each with why.
    """

    tree: ast.Module
    text: str
    broken: tuple[tuple[int, str], ...] = ()
    offsets: Sequence[int] = ()
    cells: Sequence[tuple[int, int]] = ()
    whole: str = ""

    def source(self, node: ast.AST) -> str:
        """The words of the document, on one line."""
        start, end = self._span(node)
        return " ".join(self.text[start:end].split())

    def place(self, node: ast.AST) -> Place:
        """Where a node stands in the document."""
        start, end = self._span(node)
        return self.place_of(start, end)

    def place_of(self, start: int, end: int) -> Place:
        """The place of characters of the text."""
        line = self.text.count("\n", 0, start) + 1
        cell = self.cells[line - 1] if self.cells else None
        if not self.offsets:
            return Place(line, start - self.text.rfind("\n", 0, start), start, end)
        first, last = self.offsets[start], self.offsets[min(end, len(self.offsets) - 1)]
        row = self.whole.count("\n", 0, first) + 1
        return Place(row, first - self.whole.rfind("\n", 0, first), first, last, cell)

    def _span(self, node: ast.AST) -> tuple[int, int]:
        rows = self.text.split("\n")
        begins = sum(len(row) + 1 for row in rows[: node.lineno - 1])  # pyright: ignore
        ends = sum(len(row) + 1 for row in rows[: node.end_lineno - 1])  # pyright: ignore
        first = rows[node.lineno - 1].encode()[: node.col_offset].decode(errors="ignore")  # pyright: ignore
        last = rows[node.end_lineno - 1].encode()[: node.end_col_offset].decode(errors="ignore")  # pyright: ignore
        return begins + len(first), ends + len(last)


@lru_cache(maxsize=1)
def code_of(text: str, kind: str) -> Code | None:
    """The code of a document; None where it has none."""
    if len(text) > _LONGEST and kind != "notebook":
        return None
    match kind:
        case "python":
            return _parsed(text, [(1, text)])
        case "markdown":
            blocks = [
                (text.count("\n", 0, found.start("code")) + 1, found["code"])
                for found in _FENCE.finditer(text)
            ]
            return _parsed(text, blocks) if blocks else None
        case "notebook":
            return _of_notebook(text)
        case _:
            return None


def _of_notebook(text: str) -> Code | None:
    whole, offsets, cells = "", list[int](), list[tuple[int, int]]()
    blocks: list[tuple[int, str]] = []
    try:
        for cell in cells_of(text, "code"):
            content = cell.content.rstrip("\n") + "\n"
            blocks.append((whole.count("\n") + 1, content))
            cells += ((cell.number, n) for n in range(1, content.count("\n") + 1))
            places = [*cell.offsets][: len(content)]
            offsets += places + [places[-1]] * (len(content) - len(places))
            whole += content
    except ValueError:
        return None
    if not blocks:
        return None
    found = _parsed(whole, blocks)
    return Code(found.tree, whole, found.broken, [*offsets, offsets[-1]], [*cells, cells[-1]], text)


def _parsed(text: str, blocks: Sequence[tuple[int, str]]) -> Code:
    """Blocks, each with its first line, as one module."""
    body: list[ast.stmt] = []
    broken: list[tuple[int, str]] = []
    for line, code in blocks:
        plain = textwrap.dedent(_MAGIC.sub(_blank, _OPTIONS.sub(_blank, code)))
        indent = _indent(code) - _indent(plain)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(plain)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
            row = getattr(problem, "lineno", None) or 1
            broken.append((line + row - 1, str(getattr(problem, "msg", problem))))
            continue
        ast.increment_lineno(tree, line - 1)
        for node in ast.walk(tree):
            if hasattr(node, "col_offset"):
                node.col_offset += indent  # pyright: ignore
                node.end_col_offset += indent  # pyright: ignore
        body += tree.body
    return Code(ast.Module(body, []), text, tuple(broken))


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _indent(code: str) -> int:
    return next((len(row) - len(row.lstrip()) for row in code.split("\n") if row.strip()), 0)
