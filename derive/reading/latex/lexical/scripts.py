r"""What stands above and below a name: indices, layer, power, transposition, primes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from derive.reading.latex.lexical.cursor import Cursor
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.tokens import Token

#: Words in a superscript that name the output layer.
LAST_LAYER = frozenset({"output", "out", "L", "last", "n_l"})

_CLOSING = {"(": ")", "[": "]", "<": ">"}


@dataclass(frozen=True)
class Scripts:
    """The scripts of one name, in whatever order they were written.

    Attributes:
        below: the subscript, without braces.
        layer: a layer number in a superscript, without its brackets.
        bare: whether that superscript had no brackets, so that it may be a power.
        brackets: those around the layer: "()", "[]" or none.
        power: an exponent that follows the layer, as in W^{(0)2}, or stands alone.
        transposed: whether there is a T.
        positive: whether there is a +, as in z_+.
        primes: how many primes.
    """

    below: tuple[Token, ...] = ()
    layer: tuple[Token, ...] = ()
    bare: bool = False
    power: tuple[Token, ...] = ()
    transposed: bool = False
    positive: bool = False
    primes: int = 0
    brackets: str = field(default="", compare=False)
    at: int = field(default=0, compare=False)

    def with_indices_exchanged(self) -> Scripts:
        """W_ji for W_ij; whatever has not two indices stays as it is."""
        indices = [token for token in self.below if not token.is_sign(",")]
        return replace(self, below=tuple(reversed(indices))) if len(indices) == 2 else self


def read_scripts(cursor: Cursor) -> Scripts:
    """All scripts that follow here."""
    found = Scripts(at=cursor.next.start)
    while True:
        token = cursor.next
        if token.is_sign("'") or token.is_command("prime"):
            cursor.advance()
            found = replace(found, primes=found.primes + 1)
        elif token.is_sign("_"):
            cursor.advance()
            found = _with_subscript(found, cursor.group(), token)
        elif token.is_sign("^"):
            cursor.advance()
            found = _with_superscript(found, cursor.group(), token)
        else:
            return found


def _with_subscript(found: Scripts, content: list[Token], sign: Token) -> Scripts:
    if len(content) == 1 and content[0].is_sign("+"):
        return replace(found, positive=True)
    if found.below:
        raise LatexError(sign.start, "this is a second subscript")
    return replace(found, below=tuple(content))


def _with_superscript(found: Scripts, content: list[Token], sign: Token) -> Scripts:
    content, turned = _without_transposition(content)
    content, more = _without_primes(content)
    if turned or more:
        found = replace(found, transposed=found.transposed or turned, primes=found.primes + more)
    if len(content) == 1 and content[0].is_sign("+"):
        return replace(found, positive=True)
    inside, rest = _bracketed(content)
    if inside and not found.layer:
        brackets = content[0].text + _CLOSING[content[0].text]
        found = replace(found, layer=tuple(inside), bare=False, brackets=brackets)
        content = rest
    elif content and not found.layer and not found.power:
        return replace(found, layer=tuple(content), bare=True)
    if content and found.power:
        raise LatexError(sign.start, "this is a second exponent")
    return replace(found, power=tuple(content)) if content else found


def _without_transposition(content: list[Token]) -> tuple[list[Token], bool]:
    r"""The superscript without a T, \top or \intercal at its end or start."""
    content = _on_one_level([token for token in content if token.kind != "quad"])
    for position in (-1, 0):
        if content and _is_transposition(content[position]):
            # W^{T} and W^{(k)T}; T-1 is no transposition
            rest = content[:-1] if position == -1 else content[1:]
            if position == 0 and rest and not rest[0].is_sign("(", "["):
                continue
            if position == -1 and rest and not rest[-1].is_sign(")", "]"):
                continue
            return rest, True
    return content, False


def _on_one_level(content: list[Token]) -> list[Token]:
    """The superscript [l]T for [l]^T and [l]^{T}, which some write behind a layer."""
    signs = [place for place, token in enumerate(content) if token.is_sign("^")]
    place = signs[0] if len(signs) == 1 else 0
    behind = [token for token in content[place + 1 :] if not token.is_sign("{", "}")]
    raised = place > 0 and content[place - 1].is_sign(")", "]")
    if raised and len(behind) == 1 and _is_transposition(behind[0]):
        return [*content[:place], *behind]
    return content


def _is_transposition(token: Token) -> bool:
    return token.is_command("top", "intercal", "transp") or (
        token.kind == "name" and token.text in ("T", "\\mathsf{T}", "tr")
    )


def _without_primes(content: list[Token]) -> tuple[list[Token], int]:
    kept = [t for t in content if not t.is_command("prime") and not t.is_sign("'")]
    return kept, len(content) - len(kept)


def _bracketed(content: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """(k+1) or [k+1] at the start of a superscript, without its brackets; and the rest."""
    if not content or not content[0].is_sign("(", "[", "<"):
        return [], list(content)
    closing = _CLOSING[content[0].text]
    for position, token in enumerate(content):
        if token.is_sign(closing):
            return list(content[1:position]), list(content[position + 1 :])
    return [], list(content)


def written(tokens: Sequence[Token]) -> str:
    """The tokens as text, to be compared with a declared name."""
    if not tokens:  # as most names have it, and most of what is read are names
        return ""
    return "".join(str(token) for token in tokens if not token.is_sign("{", "}", ","))
