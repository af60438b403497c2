"""A document about several networks: each part of it names the network that it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from derive.errors import DeriveError
from derive.files.document_setting import COMPLETIONS
from derive.reading.headers import Header, header_settings

#: Without a sign of comment, as in plain text, a network is named in the first lines only.
_BARE = re.compile(r"^\W*derive:.*?\bnetwork\s*[=:]\s*(?P<name>[^\s,;>]+)", re.IGNORECASE)
_HEAD_LINES = 30
#: Each part is read with the length of the whole document.
_MOST_CHARACTERS = 50_000_000
#: Completions that are a word alone.
_FLAGS = ("bias", "batch")
#: Macros that one part defines are those of all.
_DEFINES_MACRO = re.compile(r"\s*\\(?:re)?(?:newcommand|def|let|DeclareMathOperator)\b")


@dataclass(frozen=True)
class NetworkPart:
    """What a document says of one network.

    Attributes:
        setting: its name, and what completes it, as the document has it.
        line: the line that names it.
        document: all of the text.
        kept: where in the document this part stands, and what holds throughout.
    """

    setting: str
    line: int
    document: str
    kept: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        """The document with all but this part, and lines that define macros, blanked out."""
        position = 0
        written: list[str] = []
        for start, end in self.kept:
            written += [_blanked(self.document[position:start]), self.document[start:end]]
            position = end
        return "".join([*written, _blanked(self.document[position:])])

    @property
    def network(self) -> str:
        """The name of the network."""
        return self.setting.split()[0]

    @property
    def options(self) -> Mapping[str, str | bool]:
        """What completes a shorthand: {"activation": "tanh", "bias": True}.

        Raises:
            DeriveError: for what completes no network.
        """
        options: dict[str, str | bool] = {}
        for word in self.setting.split()[1:]:
            key, _, chosen = word.partition("=")
            option = key.replace("-", "_")
            if option not in COMPLETIONS or not (chosen or option in _FLAGS):
                raise DeriveError(
                    f"{word[:40]!r} is nothing that completes a network; behind its name may stand "
                    "activation=tanh, output-activation=…, cost=…, slope=…, at-zero=…, bias, batch"
                )
            options[option] = chosen
        for flag in _FLAGS:
            if flag in options:
                options[flag] = options[flag] not in ("false", "no")
        return options


def network_parts(text: str, kind: str) -> tuple[NetworkPart, ...]:
    """The parts of a document in order; none where it names no network.

    The first network holds from the beginning of the document, each later one from where it is
    named.  Names that stand before the first network hold throughout, others in their own part.

    Raises:
        DeriveError: for a notebook that names a second network, and for a document that names
            more of them than can be judged in a bearable time.
    """
    headers = list(header_settings(text, kind))
    named = _named(text, headers)
    if kind == "notebook" and len({name for _, name in named}) > 1:
        raise DeriveError("a notebook is about one network; put the other one in a file of its own")
    if not named:
        return ()
    if len(named) * len(text) > _MOST_CHARACTERS:
        most = max(1, _MOST_CHARACTERS // len(text))
        raise DeriveError(f"a text of {len(text)} characters may name {most} networks; split it")
    throughout = [(a, b) for a, b, _ in headers if b <= named[0][0]]
    starts = [0, *(start for start, _ in named[1:] if kind != "notebook")]
    ends = [*starts[1:], len(text)]
    return tuple(
        NetworkPart(
            name,
            text.count("\n", 0, at) + 1,
            text,
            (*(span for span in throughout if start > 0), (start, end)),
        )
        for (at, name), start, end in zip(named, starts, ends, strict=False)
    )


def _named(text: str, headers: Sequence[Header]) -> list[tuple[int, str]]:
    """Where a network is named, and its name, in order."""
    found = [
        (start, _plain(value))
        for start, _, settings in headers
        for name, value in settings
        if name.lower() == "network"
    ]
    position = 0
    for line in text.split("\n", _HEAD_LINES)[:_HEAD_LINES]:
        if found and found[0][0] < position + len(line):
            break
        if match := _BARE.match(line):
            return [(position, _plain(match["name"])), *found]
        position += len(line) + 1
    return found


def _plain(name: str) -> str:
    return name.strip("\"'` ").removesuffix("--")


def _blanked(text: str) -> str:
    return "\n".join(
        line if _DEFINES_MACRO.match(line) else " " * len(line) for line in text.split("\n")
    )
