r"""Braces that hold nothing together: {{a}^{[1]}} is a^{[1]}, {\rm d}b is db."""

from __future__ import annotations

from collections.abc import Sequence

from derive.reading.latex.lexical.tokens import Token

#: Commands with as many groups behind them that are theirs.
_ARGUMENTS = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "binom"), 2),
    **dict.fromkeys(("sqrt", "underbrace", "overbrace"), 1),
}


def without_idle_braces(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without braces around one name with its scripts, where they are no argument."""
    found: list[Token] = []
    arguments = 0
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if not token.is_sign("{"):
            is_command = token.kind == "command" and token.text in _ARGUMENTS
            arguments = _ARGUMENTS[token.text] if is_command else arguments
            if token.is_sign("^", "_"):
                arguments = 1
            elif not is_command and token.kind != "quad":
                arguments = max(arguments - 1, 0)
            found.append(token)
            position += 1
            continue
        end = _closing(tokens, position)
        inside = without_idle_braces(tokens[position + 1 : end])
        idle = not arguments and end < len(tokens) and _is_name(inside)
        found += inside if idle else [token, *inside, *tokens[end : end + 1]]
        arguments = max(arguments - 1, 0)
        position = end + 1
    return found


def with_matrices(tokens: Sequence[Token]) -> list[Token]:
    r"""The tokens with \left[ \begin{array} … \end{array} \right] as the matrix that it is."""
    found = list(tokens)
    for place in range(len(found) - 3, -1, -1):
        opened = found[place : place + 3]
        if not (
            opened[0].is_command("left")
            and opened[1].is_sign("[", "(")
            and (opened[2].kind, opened[2].text) == ("begin", "array")
        ):
            continue
        ends = (n for n in range(place, len(found)) if found[n].kind == "end")
        end = next((n for n in ends if found[n].text == "array"), len(found))
        closed = found[end + 1 : end + 3]
        if len(closed) == 2 and closed[0].is_command("right") and closed[1].is_sign("]", ")"):
            found[end : end + 3] = [found[end]._replace(text="bmatrix")]
            found[place : place + 3] = [opened[2]._replace(text="bmatrix")]
    return found


def _closing(tokens: Sequence[Token], opened: int) -> int:
    """The place of the brace that closes one; behind the end where none does."""
    depth = 0
    for position in range(opened, len(tokens)):
        depth += tokens[position].is_sign("{") - tokens[position].is_sign("}")
        if depth == 0:
            return position
    return len(tokens)


def _is_name(tokens: Sequence[Token]) -> bool:
    """Whether these are one name with its scripts."""
    if not tokens or tokens[0].kind != "name":
        return False
    position = 1
    while position < len(tokens):
        if not tokens[position].is_sign("^", "_") or position + 1 >= len(tokens):
            return False
        position += 1
        is_group = tokens[position].is_sign("{")
        position = (_closing(tokens, position) if is_group else position) + 1
    return True
