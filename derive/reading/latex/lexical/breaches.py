r"""Where a formula is broken: a bracket that nothing closes, or that closes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from derive.reading.latex.lexical.problems import BrokenError
from derive.reading.latex.lexical.tokens import Token

_LEFT, _RIGHT = ("command", "left"), ("command", "right")
#: What closes what; of ( ) and [ ] each closes the other too, as in [0, 1).
_CLOSED_BY = {
    **dict.fromkeys((("sign", ")"), ("sign", "]")), (("sign", "("), ("sign", "["))),
    ("sign", "}"): (("sign", "{"),),
    ("command", "}"): (("command", "{"),),
    _RIGHT: (_LEFT,),
    ("end", ""): (("begin", ""),),
}
_OPENING = frozenset(kind for kinds in _CLOSED_BY.values() for kind in kinds)


def breach(tokens: Sequence[Token]) -> BrokenError | None:
    """The first place where the brackets of a formula do not go together; None where they do."""
    opened: list[Token] = []
    after_size = False
    for token in tokens:
        if after_size:  # the bracket of \left( goes with \left
            after_size = False
            continue
        after_size = _kind(token) in (_LEFT, _RIGHT)
        if _kind(token) in _OPENING:
            opened.append(token)
        elif (closes := _CLOSED_BY.get(_kind(token))) is not None:
            if not opened:
                return BrokenError(token.start, f"found {token} that closes nothing")
            last = opened.pop()
            if _kind(last) not in closes or (token.kind == "end" and token.text != last.text):
                return _never_closed(last)
    return _never_closed(opened[0]) if opened else None


def _kind(token: Token) -> tuple[str, str]:
    return token.kind, "" if token.kind in ("begin", "end") else token.text


def _never_closed(token: Token) -> BrokenError:
    return BrokenError(token.start, f"this {token} is never closed")
