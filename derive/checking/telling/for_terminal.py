"""An answer as a terminal shows it: the line it is about, one clause a line, wrapped at words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap

_INDENT = "    "
#: What a terminal takes for colour and weight, and does not show.
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_LEAST = 40  #: columns; with fewer nothing is wrapped any better
#: Where the line that is quoted begins before the formula, if it is too long to be shown.
_BEFORE = 12


def in_terminal(head: str, message: str, quoted: str, width: int) -> Iterator[str]:
    """The first clause behind the place and the verdict, the quoted line, and the other clauses."""
    first, *rest = clauses(message)
    width = max(width, _LEAST)
    shown = len(_STYLE.sub("", head))
    if shown + len(first) + 1 <= width:
        yield f"{head} {first}".rstrip()
    else:
        yield head
        rest = [first, *rest]
    if quoted:
        yield f"{_INDENT}| {quoted}"
    for clause in rest:
        yield from wrap(
            clause, width, initial_indent=_INDENT, subsequent_indent=_INDENT * 2,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


def clauses(message: str) -> list[str]:
    """The parts between semicolons that stand in no brackets."""
    found, depth = [""], 0
    for letter in message:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == ";" and depth <= 0:
            found.append("")
        else:
            found[-1] += letter
    return [clause.strip() for clause in found]


def quoted_line(line: str, column: int, width: int) -> str:
    """A line, or as much of it from shortly before a column as there is room for."""
    room = max(width, _LEAST) - len(_INDENT) - len("| ")
    bare = "".join(letter if letter.isprintable() else " " for letter in line).strip()
    if len(bare) <= room:
        return bare
    start = max(0, column - 1 - (len(line) - len(line.lstrip())) - _BEFORE)
    before = "…" if start else ""
    part = before + bare[start:]
    return part if len(part) <= room else part[: room - 1] + "…"
