"""Shapes that an author writes down: in comments, docstrings, annotations and assertions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from derive.reading.code.arrays.scope import Dimension

_SHAPE = r"(?<!\w)[(\[]\s*(?P<shape>(?:\w+\s*,\s*(?:\w+\s*,\s*)*(?:\w+\s*)?)?)[)\]]"
#: "x: input of shape (N, D)", "W1 -- weights, (n_h, n_x)", "W1.shape == (n_h, n_x)".
_WORDED = re.compile(
    rf"(?:^|[\s,;#*`-])(?P<names>[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)`?\s*"
    rf"(?:(?:--|:|is|=|->|has|\.shape\s*==?|–|—)[^\n()\[\]]{{0,60}}?)?"
    rf"(?:shape|size|dimensions?)?\s*[:=]?\s*{_SHAPE}"
)
_BARE = re.compile(rf"^(?:[\w\s]{{0,20}}(?:shape|size)?\s*[:=]?\s*)?{_SHAPE}\s*(?:$|[,;.=-])")
_NAMED = re.compile(r"\w\s*[:=]\s*[(\[][^()\[\]]*[)\]]$")
_TIMES = re.compile(r"^\s*(?P<shape>\w+(?:\s+[x×]\s+\w+)+)\s*$")
_WORDS = {
    *("shape", "size", "dim", "dims", "dimensions", "array", "vector", "matrix"),
    *("of", "is", "the", "a", "an", "in", "as", "and", "or", "with", "by", "where", "for"),
}


def declared(text: str, parts: Iterable[ast.AST]) -> Mapping[str, tuple[Dimension, ...]]:
    """For each name whose shape is written down, the shape; not where two are written.

    Args:
        text: what the lines of the parts count in.
        parts: the functions and statements that are read.
    """
    found: dict[str, set[tuple[Dimension, ...]]] = {}
    for tree in parts:
        comments = _of_comments(text, tree)
        for name, shape in (*comments, *_of_docstrings(tree), *_of_annotations(tree)):
            found.setdefault(name, set()).add(shape)
    return {name: shapes.pop() for name, shapes in found.items() if len(shapes) == 1}


def _of_comments(text: str, tree: ast.AST) -> Iterator[tuple[str, tuple[Dimension, ...]]]:
    """`Z1 = X @ W1 + b1  # (N, H)`, and `# X: (N, D), W1: (D, H)`."""
    targets = {
        node.end_lineno: node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    first, last = getattr(tree, "lineno", 1), getattr(tree, "end_lineno", None)
    for number, line in enumerate(text.split("\n")[first - 1 : last], start=first):
        code, sign, comment = line.partition("#")
        if not sign or code.count('"') % 2 or code.count("'") % 2:
            continue
        comment = comment.strip()
        found = _BARE.match(comment) or _TIMES.match(comment)
        if found is not None and code.strip():
            if number in targets and (shape := shape_of(found["shape"])) is not None:
                yield targets[number], shape
            continue
        yield from _worded(comment)


def _of_docstrings(tree: ast.AST) -> Iterator[tuple[str, tuple[Dimension, ...]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            for line in (ast.get_docstring(node) or "").split("\n"):
                yield from _worded(line)


def _worded(line: str) -> Iterator[tuple[str, tuple[Dimension, ...]]]:
    for found in _WORDED.finditer(line):
        shape = shape_of(found["shape"])
        names = [one.strip() for one in found["names"].split(",")]
        named = _NAMED.search(found[0]) is not None  # a: (N,) is no article
        if shape is None or any(name in _WORDS - ({"a"} if named else set()) for name in names):
            continue
        if not shape and not named:  # of a call
            continue
        yield from ((name, shape) for name in names)


def _of_annotations(tree: ast.AST) -> Iterator[tuple[str, tuple[Dimension, ...]]]:
    """`x: Float[Tensor, "N D"]`, and `assert W.shape == (D, H)`."""
    for node in ast.walk(tree):
        name: str | None = None
        words: ast.expr | None = None
        if isinstance(node, ast.arg) and node.annotation is not None:
            name, words = node.arg, node.annotation
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name, words = node.target.id, node.annotation
        if name is not None and isinstance(words, ast.Subscript):
            parts = words.slice.elts if isinstance(words.slice, ast.Tuple) else []
            last = parts[-1] if parts else None
            if isinstance(last, ast.Constant) and isinstance(last.value, str):
                shape = shape_of(",".join(last.value.split()))
                if shape is not None:
                    yield name, shape
        if isinstance(node, ast.Assert):
            yield from _worded(ast.unparse(node.test).strip("()"))


def shape_of(text: str) -> tuple[Dimension, ...] | None:
    """(N, D) of its text; None for what is no shape that is read, as (N, d_1, ..., d_k)."""
    if not text.strip():
        return ()
    parts = [one.strip() for one in re.split(r"\s*,\s*|\s+[x×]\s+", text.strip())]
    if parts and not parts[-1]:
        parts = parts[:-1]
    if not parts or len(parts) > 4:
        return None
    found: list[Dimension] = []
    for one in parts:
        if one.isdigit():
            found.append(int(one))
        elif one.isidentifier() and one.lower() not in _WORDS:
            found.append(one)
        else:
            return None
    return None if 0 in found else tuple(found)
