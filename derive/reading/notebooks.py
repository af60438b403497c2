"""The cells of a Jupyter notebook, each character with its place in the file.

The JSON is read by a small scanner of its own, because a linter has to say where in the
file something stands, and `json` does not keep that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MAXIMAL_NESTING = 60
_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r'[^"\\]+')
_NUMBER = re.compile(r"-?[0-9][0-9.eE+\-]{0,60}|true|false|null|NaN|-?Infinity")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}


@dataclass(frozen=True)
class _Text:
    """A string of the file, and where each of its characters stands there."""

    value: str
    offsets: list[int]


@dataclass(frozen=True)
class Cell:
    """A cell of one kind: its number among all cells, from 1, and where its characters stand."""

    number: int
    content: str
    offsets: list[int]


def cells_of(text: str, sort: str = "markdown") -> Iterator[Cell]:
    """The cells of a notebook that are of one sort, "markdown" or "code".

    Raises:
        ValueError: when the text is no notebook.
    """
    content = _Scanner(text).whole()
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it has no list of cells")
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            continue
        kind = cell.get("cell_type")
        if not isinstance(kind, _Text) or kind.value != sort:
            continue
        source = cell.get("source")
        lines = source if isinstance(source, list) else [source]
        value, offsets = "", list[int]()
        for line in lines:
            if isinstance(line, _Text):
                value += line.value
                offsets += line.offsets[: len(line.value)]
        if value:
            yield Cell(number, value, [*offsets, offsets[-1] + 1])


class _Scanner:
    """Reads JSON from left to right; strings keep their places."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def whole(self) -> Any:
        """The value that the whole text is."""
        value = self._value(0)
        self._skip()
        if self._position != len(self._text):
            raise self._error("something follows the end")
        return value

    def _skip(self) -> None:
        self._position = _SPACE.match(self._text, self._position).end()  # pyright: ignore

    def _value(self, depth: int) -> Any:
        if depth > _MAXIMAL_NESTING:
            raise self._error("it is nested too deeply")
        self._skip()
        start = self._text[self._position : self._position + 1]
        if start == '"':
            return self._string()
        if start == "{":
            return self._members(depth, "}")
        if start == "[":
            return self._members(depth, "]")
        found = _NUMBER.match(self._text, self._position)
        if found is None:
            raise self._error("this is not JSON")
        self._position = found.end()
        return found.group()

    def _members(self, depth: int, closing: str) -> Any:
        """A list, or a table by its keys."""
        self._position += 1
        items: list[Any] = []
        table: dict[str, Any] = {}
        while True:
            self._skip()
            if self._text[self._position : self._position + 1] == closing:
                self._position += 1
                return table if closing == "}" else items
            if items or table:
                self._sign(",")
            value = self._value(depth + 1)
            if closing == "]":
                items.append(value)
                continue
            if not isinstance(value, _Text):
                raise self._error("a key is a string")
            self._sign(":")
            table[value.value] = self._value(depth + 1)

    def _sign(self, sign: str) -> None:
        self._skip()
        if self._text[self._position : self._position + 1] != sign:
            raise self._error(f"{sign} is missing")
        self._position += 1

    def _string(self) -> _Text:
        position = self._position + 1
        pieces: list[str] = []
        offsets: list[int] = []
        while True:
            plain = _PLAIN.match(self._text, position)
            if plain is not None:
                pieces.append(plain.group())
                offsets.extend(range(position, plain.end()))
                position = plain.end()
            mark = self._text[position : position + 1]
            if mark == '"':
                self._position = position + 1
                return _Text("".join(pieces), offsets)
            if not mark:
                raise self._error("a string is never closed")
            length = 6 if self._text[position + 1 : position + 2] == "u" else 2
            escape = self._text[position : position + length]
            pieces.append(_escaped(escape))
            offsets.extend([position] * len(pieces[-1]))
            position += length

    def _error(self, sentence: str) -> ValueError:
        line = self._text.count("\n", 0, self._position) + 1
        return ValueError(f"{sentence} in line {line}")


def _escaped(escape: str) -> str:
    if escape[1:2] == "u":
        try:
            return str(json.loads(f'"{escape}"'))
        except ValueError:
            raise ValueError("a string has a broken escape") from None
    if escape[1:2] not in _ESCAPES:
        raise ValueError("a string has a broken escape")
    return _ESCAPES[escape[1:2]]
