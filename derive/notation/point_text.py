"""A point as people write it: x = 1, W0 = [[1, -1], [2, 0]], y = 2."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

#: A tensor written out in more characters than this is left to --json.
_LONGEST = 160
_ENTRY = re.compile(r"(?P<name>.*?)\[(?P<indices>\d+(?:,\d+)*)\]")


def ascii_names(
    values: Mapping[str, Any], letters: Collection[str], tensors: Collection[str]
) -> dict[str, str]:
    """Names and values as a point file has them: x for r0, h0 for Step(0), units from 0.

    Args:
        letters: the names that count units.
        tensors: names that the model itself has given, its own h_0 among them.
    """
    named = ((name, name if name in tensors else _ours(name)) for name in values)
    return {
        shown: str(values[name] - 1 if name in letters else values[name]) for name, shown in named
    }


def _ours(name: str) -> str:
    return re.sub(r"^r0(?=\[|$)", "x", name).replace("h_0", "h0")


def our_name(name: str) -> str:
    """What a sentence calls a value of a point: x for r0, and Step(0)."""
    return {"r0": "x", "h_0": "Step(0)"}.get(name, name)


def point_text(values: Mapping[str, Any], named: Callable[[str], str]) -> str:
    """Values in a few words, entries of a tensor together; `named` gives the names to use."""
    plain: dict[str, str] = {}
    tensors: dict[str, dict[tuple[int, ...], str]] = {}
    for name, value in values.items():
        entry = _ENTRY.fullmatch(name)
        if entry is None:
            plain[name] = str(value)
        else:
            indices = tuple(map(int, entry["indices"].split(",")))
            tensors.setdefault(entry["name"], {})[indices] = str(value)
    parts = [f"{named(name)} = {value}" for name, value in plain.items()]
    for name, entries in tensors.items():
        parts.append(f"{named(name)} = {_rows(entries)}")
    text = ", ".join(parts)
    return text if len(text) <= _LONGEST else "a point that --json lists"


def _rows(entries: Mapping[tuple[int, ...], str]) -> str:
    """Entries in rows, in the order of their indices."""
    if all(len(indices) == 1 for indices in entries):
        return f"[{', '.join(value for _, value in sorted(entries.items()))}]"
    rows: dict[int, list[str]] = {}
    for indices, value in sorted(entries.items()):
        rows.setdefault(indices[0], []).append(value)
    written = (f"[{', '.join(row)}]" for row in rows.values())
    return f"[{', '.join(written)}]"
