"""What a document says of its own notation, in a comment: <!-- derive: w_1 = W0 -->."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.errors import DeriveError
from derive.reading.spans import without_code

_HEADER = re.compile(
    r"(?:<!--|(?<!\\)%|#|//)[ \t]*derive:[ \t]*(?P<body>[^\n]{0,2000}?)[ \t]*(?:-->|\\n|$)",
    re.MULTILINE,
)
_MULTILINE = re.compile(r"<!--\s*derive:(?P<body>[^<>]{0,4000}?)-->")
#: Without a sign of comment, in the first lines.
_BARE = re.compile(
    r"^[ \t*_>]{0,8}derive:[ \t]*(?P<body>[^\n]{0,2000})$", re.MULTILINE | re.IGNORECASE
)
_HEAD_LINES = 30
#: Each may begin a part that is read by itself, which takes its time.
_MAXIMAL_HEADERS = 1_000


#: Where a header starts and ends, and its `name = value` pairs.
Header = tuple[int, int, list[tuple[str, str]]]


def header_settings(text: str, kind: str) -> Iterator[Header]:
    """Start and end of each header, and its `name = value` pairs; one shown as code is none.

    Raises:
        DeriveError: when there are absurdly many.
    """
    text = without_code(text, kind)
    found: dict[int, tuple[int, str]] = {}
    for pattern in (_MULTILINE, _HEADER):
        for match in pattern.finditer(text):
            found.setdefault(match.start(), (match.end(), match["body"]))
            if len(found) > _MAXIMAL_HEADERS:
                raise DeriveError(
                    f"a document has up to {_MAXIMAL_HEADERS} comments for derive; split it"
                )
    head = len("\n".join(text.split("\n", _HEAD_LINES)[:_HEAD_LINES]))
    for match in _BARE.finditer(text, 0, head):
        if not any(start <= match.start() < end for start, (end, _) in found.items()):
            found[match.start()] = match.end(), match["body"]
    for start in sorted(found):
        end, body = found[start]
        yield start, end, list(_pairs(body.replace("\\n", "\n").replace('\\"', '"')))


def _pairs(body: str) -> Iterator[tuple[str, str]]:
    """a = b, c = d; a comma inside brackets belongs to the name or value."""
    for part in _parts(body):
        left, equals, right = part.partition("=")
        if equals and left.strip() and right.strip():
            yield left.strip(), right.strip()


def _parts(body: str) -> Iterator[str]:
    depth, start = 0, 0
    for position, character in enumerate(body):
        depth += (character in "([{") - (character in ")]}")
        if character in ",;\n" and depth <= 0:
            yield body[start:position]
            start, depth = position + 1, 0
    yield body[start:]
