r"""Braces that hold nothing together: {{a}^{[1]}} is a^{[1]}, {\rm d}b is db; (a^{[1]})_i too."""

from __future__ import annotations

from collections.abc import Sequence

from derive.reading.latex.lexical.tokens import Token

#: Commands with as many groups behind them that are theirs.
_ARGUMENTS = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "binom"), 2),
    **dict.fromkeys(("sqrt", "underbrace", "overbrace"), 1),
}
#: Names that are applied to nothing.
_WEIGHTS = frozenset({"w", "W", "v", "V", "U", "\\theta", "\\Theta"})


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


def without_idle_brackets(tokens: Sequence[Token]) -> list[Token]:
    r"""The tokens with x^{(2)}_i for (x^{(2)})_i, where the brackets are no argument.

    They stand behind no name, but for one of weights with its scripts, which are no functions.
    """
    found: list[Token] = []
    position = 0
    while position < len(tokens):
        if not tokens[position].is_sign("("):
            found.append(tokens[position])
            position += 1
            continue
        end = _closing(tokens, position, "()")
        inside = tokens[position + 1 : end]
        behind = tokens[end + 1 : end + 2]
        idle = bool(behind) and behind[0].is_sign("_") and _is_name(inside)
        marked = any(t.is_sign("^") for t in inside)
        if idle and not any(t.is_sign("_") for t in inside) and not _is_called(found, marked):
            found += inside
            position = end + 1
        else:
            found.append(tokens[position])
            position += 1
    return found


def _is_called(before: Sequence[Token], marked: bool) -> bool:
    """Whether a bracket that stands behind these tokens is what a function is applied to.

    A name that is `marked` by a superscript and stands behind a bracket is a factor.
    """
    at = len(before) - 1
    while at >= 0 and before[at].is_sign("}"):
        opened = next((n for n in range(at, -1, -1) if before[n].is_sign("{")), 0)
        if not before[opened - 1 : opened] or not before[opened - 1].is_sign("^", "_"):
            return True
        at = opened - 2
    if at < 0 or before[at].kind != "name":
        return at >= 0 and (
            before[at].is_sign("'") or (before[at].is_sign(")", "]") and not marked)
        )
    return before[at].text not in _WEIGHTS or not marked


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


def _closing(tokens: Sequence[Token], opened: int, pair: str = "{}") -> int:
    """The place of the brace that closes one; behind the end where none does."""
    depth = 0
    for position in range(opened, len(tokens)):
        kind, text, _, _ = tokens[position]
        if kind == "sign" and text in pair:
            depth += 1 if text == pair[0] else -1
            if depth == 0:
                return position
    return len(tokens)


def behind_group(tokens: Sequence[Token], place: int) -> int:
    """The place behind a token, or behind the brace that closes the one that stands here."""
    is_group = place < len(tokens) and tokens[place].is_sign("{")
    return min((_closing(tokens, place) if is_group else place) + 1, len(tokens))


def _is_name(tokens: Sequence[Token]) -> bool:
    """Whether these are one name with its scripts."""
    if not tokens or tokens[0].kind != "name":
        return False
    position = 1
    while position < len(tokens):
        if not tokens[position].is_sign("^", "_") or position + 1 >= len(tokens):
            return False
        position = behind_group(tokens, position + 1)
    return True
