"""How the header of a document sets its notation: notation = nielsen, layout = z=Wr, w_1 = W0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from derive.notation.notations import NOTATIONS, Layout, Notation, Superscripts, Weights

Value = TypeVar("Value")

_LAYOUTS = {
    "z=w^tr": Layout.SOURCE_TARGET,
    "z=wtr": Layout.SOURCE_TARGET,
    "source-target": Layout.SOURCE_TARGET,
    "z=wr": Layout.TARGET_SOURCE,
    "target-source": Layout.TARGET_SOURCE,
    "z=rw": Layout.ROWS,
    "z=xw": Layout.ROWS,
    "rows": Layout.ROWS,
    "z=rw^t": Layout.ROWS_TARGET_SOURCE,
    "z=xw^t": Layout.ROWS_TARGET_SOURCE,
}


class HeaderError(ValueError):
    """A setting that is none; the sentence says what would be right."""


def with_settings(notation: Notation, settings: Iterable[tuple[str, str]]) -> Notation:
    """The notation changed by `name = value` pairs, as the header of a document writes them.

    `notation`, `layout`, `weights`, `superscripts`, `input layer` and `letters` are settings;
    everything else is a name and what it stands for.

    Raises:
        HeaderError: for a value that the setting does not have.
    """
    for key, value in settings:
        notation = _with_setting(
            notation, " ".join(key.lower().split()), key.strip(), value.strip()
        )
    return notation


def _with_setting(notation: Notation, setting: str, name: str, value: str) -> Notation:
    plain = value.strip("\"'`$ ").lower()
    match setting:
        case "notation":
            found = _one_of(NOTATIONS, setting, plain)
            return replace(found, names={**found.names, **notation.names})
        case "layout":
            squeezed = "".join(
                plain.replace("\\top", "t").replace("{", "").replace("}", "").split()
            )
            return replace(
                notation, layout=_one_of(_LAYOUTS, setting, squeezed, "z=W^Tr, z=Wr, z=rW, z=rW^T")
            )
        case "weights":
            known = {member.value: member for member in Weights}
            return replace(notation, weights=_one_of(known, setting, plain))
        case "superscripts":
            known = {member.value: member for member in Superscripts}
            return replace(notation, superscripts=_one_of(known, setting, plain))
        case "input layer":
            return replace(notation, input_layer=_one_of({"0": 0, "1": 1}, setting, plain))
        case "network" | "values":  # which `derive check` reads
            return notation
        case "letters":
            return replace(notation, letters={letter: n for n, letter in enumerate(plain.split())})
        case _:
            return notation.with_names({name.strip("\"'`$ "): value.strip("\"'`$ ")})


def _one_of(known: Mapping[str, Value], setting: str, value: str, shown: str = "") -> Value:
    if value not in known:
        raise HeaderError(f"{setting} is one of {shown or ', '.join(known)}, not {value[:40]!r}")
    return known[value]
