"""Index letters of plain text that derive does not count with, as k in z2[k]."""

from __future__ import annotations

import re

from derive.algebra.indices import LETTERS
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.ascii.names import vocabulary
from derive.reading.own_names import OwnNames

_INDICES = re.compile(
    r"\[([^\[\]{}]*)\]|\bdelta\(\s*([a-z]\s*,\s*[a-z])\s*\)|\bsum\(\s*([a-z])\s*,"
)
_LETTER = re.compile(r"[a-z]")
_WORD = re.compile(r"\{[^{}]*\}|[A-Za-z]\w*")


def with_our_letters(body: str, network: Model) -> tuple[str, OwnNames]:
    """A line of the same length with derive's index letters, and what they stand for.

    k in braces is a layer, and letters that name something are left alone.
    """
    if not isinstance(network, Network):
        return body, OwnNames()  # any letter may be an index there
    known = vocabulary(network)
    written: dict[str, None] = {}
    for match in _INDICES.finditer(body):
        inside = next(part for part in match.groups() if part is not None)
        parts = [part.strip() for part in inside.split(",")]
        written.update(dict.fromkeys(part for part in parts if _LETTER.fullmatch(part)))
    words = set(_WORD.findall(body))
    spare = [letter for letter in LETTERS if letter not in words]
    named = {*known.tensors, *known.symbols, *known.own}
    foreign = [letter for letter in written if letter not in LETTERS and letter not in named]
    ours = dict(zip(foreign, spare, strict=False))
    if not ours:
        return body, OwnNames()
    renamed = _WORD.sub(lambda match: ours.get(match.group(), match.group()), body)
    theirs = tuple((own, letter) for letter, own in ours.items())
    return renamed, OwnNames(letters=theirs, used=tuple(written))
