r"""Names that a text gives to squares: \sigma^2, of which \sigma alone is the root.

"\sigma^2 = \frac{1}{n} \sum_i (x_i - \mu)^2" says nothing of a sign of \sigma; what it names, and
what is differentiated by it, is the square.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from derive.reading.latex.lexical.tokens import Token


def name_of_square(letter: str) -> str:
    r"""The name of a square as one letter: {\sigma^2}."""
    return f"{{{letter}^2}}"


def letter_of_square(name: str) -> str:
    """The letter whose square has this name; "" for another name."""
    return name[1:-3] if name.startswith("{") and name.endswith("^2}") else ""


def squares_named(formulas: Iterable[Sequence[Token]]) -> frozenset[str]:
    r"""The letters whose squares are defined, as what has squares of others in it.

    z^2 = W^2 a^1 has none: there 2 is a layer.
    """
    found: set[str] = set()
    defined: set[str] = set()
    for tokens in formulas:
        for place, token in enumerate(tokens):
            if token.kind == "name" and _has_layer(tokens, place + 1):
                defined.add(token.text)
            elif token.is_sign("=") and (left := _left_of(tokens[:place])):
                letter, is_square = left
                if not is_square:
                    defined.add(letter)
                elif _squares_a_bracket(tokens[place + 1 :]):
                    found.add(letter)
    return frozenset(found - defined)


def with_squares_named(tokens: Sequence[Token], letters: frozenset[str]) -> list[Token]:
    """The tokens with each such square as one name, and what is left of it as its root."""
    if not letters:
        return [*tokens]
    return [*_renamed(tokens, letters)]


def _renamed(tokens: Sequence[Token], letters: frozenset[str]) -> Iterator[Token]:
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.is_sign("_"):
            end = behind_group(tokens, place + 1)
            yield from tokens[place:end]
            place = end
            continue
        place += 1
        if token.kind != "name" or token.text not in letters:
            yield token
            continue
        below, power, end = _scripts(tokens, place)
        named = token._replace(text=name_of_square(token.text))
        is_called = end < len(tokens) and tokens[end].is_sign("(") and not below
        if power is not None:
            yield from (named, *below)
            place = end
        elif is_called:
            yield token
        else:
            at = token.start
            yield Token("command", "sqrt", at, at)
            yield Token("sign", "{", at, at)
            yield from (named, *below)
            yield Token("sign", "}", at, at)
            place += len(below)


def _scripts(
    tokens: Sequence[Token], place: int
) -> tuple[tuple[Token, ...], tuple[Token, ...] | None, int]:
    """The subscript at a place, the power 2 if there is one, and where both end."""
    below: tuple[Token, ...] = ()
    power: tuple[Token, ...] | None = None
    while place < len(tokens):
        end = behind_group(tokens, place + 1)
        group = tuple(tokens[place:end])
        if tokens[place].is_sign("_") and not below:
            below = group
        elif power is None and [t.text for t in group if not t.is_sign("{", "}")] == ["^", "2"]:
            power = group
        else:
            break
        place = end
    return below, power, place


def behind_group(tokens: Sequence[Token], place: int) -> int:
    """Where a token ends, or what stands in braces."""
    depth = 0
    for end in range(place, len(tokens)):
        depth += tokens[end].is_sign("{") - tokens[end].is_sign("}")
        if depth <= 0:
            return end + 1
    return len(tokens)


def _has_layer(tokens: Sequence[Token], place: int) -> bool:
    """Whether behind a name, or its subscript, something stands raised that is no power."""
    if place < len(tokens) and tokens[place].is_sign("_"):
        place = behind_group(tokens, place + 1)
    if place >= len(tokens) or not tokens[place].is_sign("^"):
        return False
    raised = tokens[place + 1 : behind_group(tokens, place + 1)]
    first = next((t for t in raised if not t.is_sign("{", "(", "[")), None)
    return first is not None and (first.kind == "name" or first.text == "1") and first.text != "T"


def _left_of(before: Sequence[Token]) -> tuple[str, bool] | None:
    """The name that alone stands left of "=", and whether it is squared."""
    side = [token for token in before if token.kind not in ("cell", "quad")]
    parted = [
        n for n, t in enumerate(side) if t.kind in ("text", "row") or t.is_sign(",", ";", "=")
    ]
    side = side[parted[-1] + 1 :] if parted else side
    if not side or side[0].kind != "name":
        return None
    _, power, end = _scripts(side, 1)
    return (side[0].text, power is not None) if end == len(side) else None


def _squares_a_bracket(tokens: Sequence[Token]) -> bool:
    """Whether a right side has a bracket, or a norm, that is squared."""
    for place, token in enumerate(tokens):
        if token.kind == "row" or (token.kind == "sign" and token.text in ",;"):
            return False
        if token.is_sign(")", "]", "|") or token.is_command("|", "Vert", "rVert"):
            _, power, _ = _scripts(tokens, place + 1)
            if power is not None:
                return True
    return False
