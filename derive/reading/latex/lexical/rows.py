r"""The lines of a formula: environments unwrapped, columns joined, annotations left out."""

from __future__ import annotations

from collections.abc import Sequence

from derive.reading.latex.lexical.cursor import split, with_depth
from derive.reading.latex.lexical.tokens import Token

_DISPLAYS = frozenset(
    {
        *("equation", "align", "aligned", "gather", "gathered", "split", "multline", "alignat"),
        *(
            "alignedat",
            "flalign",
            "eqnarray",
            "displaymath",
            "math",
            "dmath",
            "xalignat",
            "subequations",
        ),
        *("multlined", "dgroup"),
    }
)


def rows_of(tokens: Sequence[Token]) -> list[list[Token]]:
    """The rows of a formula, each without what only numbers or comments on it."""
    found: list[list[Token]] = []
    whole = _unwrapped(list(tokens))
    kinds = {token.kind for token in whole}
    if "begin" in kinds or "end" in kinds:
        whole = _flat(whole)
        kinds.add("row")
    if "cell" in kinds or "row" in kinds:
        whole = _unbroken(whole)
    for row in split(whole, "row"):
        joined = _joined(row)
        if any(token.kind != "quad" for token in joined):
            found.append(joined)
    return found


def _unwrapped(tokens: list[Token]) -> list[Token]:
    r"""Without braces around the whole, and \left\{ \begin{aligned} … \end{aligned} \right."""
    while True:
        tokens = _trimmed(tokens)
        if len(tokens) < 2 or not (tokens[0].kind == "begin" or tokens[0].text in ("{", "left")):
            return tokens
        depths = [depth for _, depth in with_depth(tokens)]
        whole = min(depths) >= 1 and depths.count(1) >= 2
        braced = tokens[0].is_sign("{") and tokens[-1].is_sign("}") and whole
        if braced or ((tokens[0].kind, tokens[-1].kind) == ("begin", "end") and _is_system(tokens)):
            tokens = tokens[1:-1]
        elif (
            len(tokens) > 5
            and tokens[0].is_command("left")
            and tokens[1].is_command("{")
            and tokens[-2].is_command("right")
            and tokens[2].kind == "begin"
            and tokens[-3].kind == "end"
            and _is_system(tokens[2:-2])
        ):
            tokens = tokens[3:-3]
        else:
            return tokens


def _is_system(tokens: list[Token]) -> bool:
    """Whether one environment from end to end holds equations, as a system in braces does."""
    depths = [depth for _, depth in with_depth(tokens)]
    if min(depths) < 1:
        return False
    if tokens[0].text.rstrip("*") in _DISPLAYS:
        return True
    inner = with_depth(tokens[1:-1])
    first_cells = [token for token, depth in inner if depth == 0]
    return tokens[0].text in ("cases", "array") and any(t.is_sign("=") for t in first_cells)


def _unbroken(tokens: list[Token]) -> list[Token]:
    """Without the breaks inside of brackets, and what stands in columns of its own before them."""
    found: list[Token] = []
    brackets = braces = environments = 0
    position = 0
    while position < len(tokens):
        token = tokens[position]
        environments += (token.kind == "begin") - (token.kind == "end")
        if not environments:
            brackets += token.is_sign("(", "[") - token.is_sign(")", "]")
            braces += token.is_sign("{") - token.is_sign("}")
        inside = brackets > 0 and not braces and not environments
        if inside and token.kind in ("cell", "row"):
            position = _next_line(tokens, position)
            continue
        found.append(token)
        position += 1
    return found


def _next_line(tokens: list[Token], position: int) -> int:
    """Where a formula goes on after a & or a break in the midst of it."""
    row = next((n for n in range(position, len(tokens)) if tokens[n].kind == "row"), position)
    kept = ([t for t in cell if t.kind != "quad"] for cell in split(tokens[position:row], "cell"))
    if all(_is_annotation(cell) or {token.kind for token in cell} == {"text"} for cell in kept):
        position = row
    while position < len(tokens) and tokens[position].kind in ("cell", "quad", "row"):
        position += 1
    empty = [token.is_sign(sign) for token, sign in zip(tokens[position:], "{}", strict=False)]
    return position + 2 if empty == [True, True] else position


def _trimmed(tokens: list[Token]) -> list[Token]:
    while tokens and (tokens[-1].kind in ("quad", "row") or tokens[-1].is_sign(".", ",", ";")):
        tokens = tokens[:-1]
    while tokens and tokens[0].kind in ("quad", "row"):
        tokens = tokens[1:]
    return tokens


def _flat(tokens: list[Token]) -> list[Token]:
    """Display environments outside of all brackets become rows of their own."""
    found: list[Token] = []
    depth = 0
    for token, _ in with_depth(tokens):
        is_display = token.text.rstrip("*") in _DISPLAYS and token.kind in ("begin", "end")
        if is_display and depth == 0:
            found.append(Token("row", "\\\\", token.start, token.end))
            continue
        depth += token.is_command("left") or (token.kind == "begin" and not is_display)
        depth -= token.is_command("right") or (token.kind == "end" and not is_display)
        found.append(token)
    return found


def _joined(row: Sequence[Token]) -> list[Token]:
    """The columns of a row side by side; numbers of equations and lone words are left out."""
    cells = split(row, "cell")
    found: list[Token] = []
    for position, cell in enumerate(cells):
        kept = [token for token in cell if token.kind != "quad"]
        if position and _is_annotation(kept):
            continue
        if position and kept and kept[0].kind == "text":
            found.append(Token("quad", "cell", kept[0].start, kept[0].start))
        found += cell
    return found


def _is_annotation(cell: Sequence[Token]) -> bool:
    """(12), or nothing."""
    if not cell:
        return True
    return (
        len(cell) >= 3
        and cell[0].is_sign("(")
        and cell[-1].is_sign(")")
        and all(token.kind == "number" or token.is_sign(".") for token in cell[1:-1])
    )
