"""TOML text as tables that know where they stand, so that messages name file, line and key."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from derive.algebra.numerals import FloatText
from derive.errors import NetworkError
from derive.model.literals import did_you_mean, listed, shown

T = TypeVar("T")

#: Where a value stands: ("cost",), ("layers", 2, "units"), ("point", "W0"), ...
Place = tuple[str | int, ...]

_REPEATED_TABLE = "layers"
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*=""")
#: tomllib takes time that grows with the square of the length of a dotted key.
_LONG_KEY = re.compile(r"(?:[\w\"'-]{1,30}\s?\.\s?){20}")
_POSITION = re.compile(r"(.*) \(at (?:line ([0-9]+), column [0-9]+|end of document)\)", re.DOTALL)


@dataclass(frozen=True)
class TomlTable:
    """One table of a TOML document.

    Attributes:
        name: what messages call the document.
        text: the whole document.
        values: what the table holds.
        place: where it stands; () for the top.
        label: what messages call the table; nothing for the top.
    """

    name: str
    text: str
    values: dict[str, Any]
    place: Place = ()
    label: str = ""

    def error(self, sentence: str, *keys: str | int) -> NetworkError:
        """The error of one sentence about the table, or about a key in it."""
        line = line_of(self.text, (*self.place, *keys))
        where = f"{self.name}, line {line}" if line else self.name
        return NetworkError(f"{where}: {self.label}{sentence}")

    def check_keys(self, known: Iterable[str]) -> None:
        """Refuse the first key that is not known."""
        names = list(known)
        for key in self.values:
            if key not in names:
                hint = did_you_mean(key, names) or f"; known are {listed(names)}"
                raise self.error(f"unknown key {shown(key)}{hint}", key)

    def read(self, key: str, reader: Callable[[Any], T], *, or_else: T) -> T:
        """The value of a key, read; `or_else` where there is none."""
        return self.require(key, reader, "") if key in self.values else or_else

    def require(self, key: str, reader: Callable[[Any], T], remedy: str) -> T:
        """The value of a key that must be there, read."""
        if key not in self.values:
            raise self.error(f"the key {key} is missing; {remedy}")
        try:
            return reader(self.values[key])
        except NetworkError as problem:
            raise self.error(f"{key} {problem}", key) from None

    def table(self, key: str) -> TomlTable | None:
        """The table under a key; None where there is none."""
        if key not in self.values:
            return None
        values = self.values[key]
        if not isinstance(values, dict):
            raise self.error(f"{key} is a table, not {shown(values)}", key)
        return TomlTable(self.name, self.text, values, (*self.place, key), f"[{key}]: ")

    def table_or_empty(self, key: str) -> TomlTable:
        """The table under a key; an empty one where there is none."""
        return self.table(key) or TomlTable(self.name, self.text, {}, (*self.place, key))

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """The tables under a key that is written [[key]], numbered from 1."""
        rows: Any = self.values.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.error(
                f"{key} is written [[{key}]], in double brackets, once for each layer", key
            )
        return tuple(
            TomlTable(self.name, self.text, row, (*self.place, key, number), f"layer {number}: ")
            for number, row in enumerate(rows, start=1)
        )


def parse_toml(text: str, name: str) -> TomlTable:
    """The top table of a TOML document; floating-point numbers stay as they are written."""
    if _LONG_KEY.search(text):
        raise NetworkError(f"{name}: it holds a key with too many dots")
    try:
        return TomlTable(name, text, tomllib.loads(text, parse_float=FloatText))
    except tomllib.TOMLDecodeError as problem:
        raise NetworkError(_syntax_sentence(str(problem), name)) from None
    except ValueError:  # an integer longer than int() accepts
        raise NetworkError(f"{name}: it holds a number with too many digits") from None
    except RecursionError:
        raise NetworkError(f"{name}: it holds lists or tables nested too deeply") from None


def _syntax_sentence(problem: str, name: str) -> str:
    found = _POSITION.fullmatch(problem)
    reason = found[1] if found else problem
    where = f"{name}, line {found[2]}" if found and found[2] else name
    if reason.startswith("Cannot"):
        return f"{where}: a key or table is given twice"
    end = " at the end of the file" if found and not found[2] else ""
    return f"{where}: this is not TOML: {reason[:1].lower()}{reason[1:]}{end}"


def parse_json(text: str, name: str) -> TomlTable:
    """The top table of a JSON document; floating-point numbers stay as they are written."""
    try:
        values: Any = json.loads(
            text, parse_float=FloatText, parse_constant=FloatText, object_pairs_hook=once
        )
    except json.JSONDecodeError as problem:
        reason = problem.msg[:1].lower() + problem.msg[1:]
        raise NetworkError(f"{name}, line {problem.lineno}: this is not JSON: {reason}") from None
    except NetworkError as problem:
        raise NetworkError(f"{name}: {problem}") from None
    except ValueError:  # an integer longer than int() accepts
        raise NetworkError(f"{name}: it holds a number with too many digits") from None
    except RecursionError:
        raise NetworkError(f"{name}: it holds lists or objects nested too deeply") from None
    if not isinstance(values, dict):
        raise NetworkError(f'{name}: a point is a JSON object such as {{"x": ["1"], …}}')
    return TomlTable(name, "", values)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; JSON itself would keep the last of two equal keys."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise NetworkError("a key is given twice")
    return values


def line_of(text: str, place: Place) -> int | None:
    """The line on which a key or a table header stands, as far as it is written plainly."""
    here: Place = ()
    count = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            count += header[1] == _REPEATED_TABLE
            here = (header[1], count) if header[1] == _REPEATED_TABLE else (header[1],)
            if place and here[: len(place)] == place:
                return number
        elif (key := _KEY.match(line)) and (*here, _bare(key[1])) == place:
            return number
    return line_of(text, place[:-1]) if len(place) > 1 else None


def _bare(key: str) -> str:
    if key.startswith('"'):
        return key[1:-1].replace("\\\\", "\\")
    return key.strip("'")
