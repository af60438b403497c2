"""What `derive check` prints in a terminal: the line in question, and a clause on each line."""

import os
import pty
import re
import sys
from pathlib import Path
from subprocess import Popen

import pytest

from derive.checking.telling.for_terminal import clauses, in_terminal, quoted_line

TEXT = r"So $\frac{\partial C}{\partial W^{(1)}} = (y - r^{(2)})\, r^{(1)}$ it is, and $C = C$."


def in_a_terminal(columns: int, *arguments: str) -> str:
    """What the command prints to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "derive", *arguments]
    with Popen(command, stdout=theirs, env=environment) as process:
        os.close(theirs)
        parts: list[bytes] = []
        try:
            while part := os.read(ours, 1 << 16):
                parts.append(part)
        except OSError:  # the terminal is closed when the command has ended
            pass
        process.wait()
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_a_mistake_has_its_line_and_a_clause_a_line(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(TEXT, encoding="utf-8")
    text = in_a_terminal(70, "check", str(file), "-n", "two-layer-chain")
    first, *lines = text.splitlines()
    assert first == f"{file}:1:5: wrong:"
    assert lines[0].strip().startswith("the sign is wrong") or lines[0].startswith("    | So $")
    assert any(line.startswith("    | So $\\frac") for line in lines)
    starts = [line.strip() for line in lines if re.match(r"    \S", line)]
    assert any(one.startswith("off by the factor Step(z⁽²⁾), which is missing") for one in starts)
    assert any(one.startswith("the right side should be (r⁽²⁾ - y)") for one in starts)
    assert all(len(line) <= 70 for line in lines[:-1] if str(file) not in line)


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("a; b (c; d); e", ["a", "b (c; d)", "e"]),
        ("one clause", ["one clause"]),
        ("", [""]),
    ],
)
def test_clauses_end_at_semicolons_outside_of_brackets(message: str, parts: list[str]) -> None:
    assert clauses(message) == parts


def test_words_are_not_divided_and_colours_take_no_room() -> None:
    head = "\x1b[31m\x1b[1mwrong\x1b[0m:"
    lines = list(in_terminal(head, "it is short; " + "some words " * 12, "x = 1", 40))
    assert lines[0] == f"{head} it is short" and lines[1] == "    | x = 1"
    assert all(len(line) <= 40 for line in lines[1:]) and len(lines) > 4
    assert {word for line in lines[2:] for word in line.split()} == {"some", "words"}


def test_a_long_line_is_quoted_from_shortly_before_the_formula() -> None:
    line = "word " * 40 + "$a = b$ " + "word " * 40
    shown = quoted_line(line, 201, 60)
    assert "$a = b$" in shown and len(shown) <= 54 and shown[0] == shown[-1] == "…"
    assert quoted_line("  x = 1\x1b[2J ", 3, 60) == "x = 1 [2J"
