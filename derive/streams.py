"""Standard input and output, which may be closed, and files of text; `-` is standard input."""

from __future__ import annotations

import io
import sys

from derive.errors import DeriveError

MAXIMAL_BYTES = 20_000_000
CLOSED = "it is closed"


def lenient() -> None:
    """Letters that an output has no code for become question marks, and end no command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def text_of(file: str) -> str:
    """The text of a file, or of standard input.

    Raises:
        DeriveError: one sentence that names the file, when it cannot be read.
    """
    data = _standard_input() if file == "-" else _content(file)
    if len(data) > MAXIMAL_BYTES:
        raise DeriveError(f"{file}: the file is larger than {MAXIMAL_BYTES // 1_000_000} MB")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise DeriveError(f"{file}: this is not a text file in UTF-8") from None


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise DeriveError("there is no standard input: it is closed")
    try:
        return sys.stdin.buffer.read(MAXIMAL_BYTES + 1)
    except (OSError, ValueError):
        raise DeriveError("standard input cannot be read") from None


def _content(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:
            return stream.read(MAXIMAL_BYTES + 1)
    except (OSError, ValueError) as problem:  # a ValueError for a name with a null byte
        reason = (getattr(problem, "strerror", None) or "it is not there").lower()
        raise DeriveError(f"{file}: the file cannot be read: {reason}") from None
