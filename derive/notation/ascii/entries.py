"""Indices and quantities: W0[i,j], z{k+1}[j], x[0], checked against the network's shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Expr, Integer, S, Symbol

from derive.algebra.indices import LETTERS, Shift, index
from derive.algebra.quantities import Quantity
from derive.errors import ReadingError
from derive.model.model import Model
from derive.notation.ascii.names import Vocabulary
from derive.notation.ascii.reader import FormulaText
from derive.notation.ascii.tokens import TextToken

_MAXIMAL_DIGITS = 7
_MOST_STRIDE = 16


def index_of(token: TextToken, known: Vocabulary) -> Expr:
    """The index that a token writes: a symbol, or a number from 0, which is one less than ours.

    Raises:
        ReadingError: for anything else.
    """
    if token.kind == "number" and token.text.isdigit() and len(token.text) <= _MAXIMAL_DIGITS:
        return Integer(token.text) + 1
    if token.kind == "name" and known.accepts_index(token.text):
        return index(token.text)
    raise ReadingError(
        token.column,
        f"found {token} as an index; an index is a number from 0 or a letter "
        f"such as {', '.join(LETTERS[:4])} or i_1",
    )


def index_token(reader: FormulaText) -> TextToken:
    """An index that stands here, or a sum of letters, t+s, 2*t+s or t+s-1, as one token."""
    first = reader.next
    parts = _part_of_shift(reader)
    while reader.next.is_sign("+"):
        reader.advance()
        parts += _part_of_shift(reader)
    below = reader.next.is_sign("-")
    if len(parts) == 1 and not below:
        return first
    offset = [part for part in parts if not part[0].isalpha()]
    if below:
        offset.append(f"-{_offset(reader)}")
    letters = [part for part in parts if part[0].isalpha()]
    if not letters or len(offset) > 1:
        raise ReadingError(
            first.column,
            "a shifted index is a sum of letters and a number, as x[2*t+s] or x[t+s-1]",
        )
    return TextToken("shift", "+".join([*letters, *offset]), first.column)


def _offset(reader: FormulaText) -> str:
    """The number behind a minus."""
    reader.advance()
    token = reader.advance()
    if not token.text.isdigit() or len(token.text) > _MAXIMAL_DIGITS:
        raise ReadingError(token.column, f"found {token}; an offset is a number, as in x[t+s-1]")
    return token.text


def _part_of_shift(reader: FormulaText) -> list[str]:
    """An index, as often as a whole number before it says."""
    token = reader.advance()
    times = 1
    if reader.next.is_sign("*"):
        reader.advance()
        times = int(token.text) if token.text.isdigit() and len(token.text) < 3 else 0
        if not 0 < times <= _MOST_STRIDE:
            raise ReadingError(
                token.column, f"a stride is a whole number up to {_MOST_STRIDE}, as in x[2*t+s]"
            )
        token = reader.advance()
    index_of(token, reader.known)
    return [token.text] * times


def letters_of_shift(token: TextToken) -> list[Expr]:
    """The letters of a shifted index, t and s of t+s, each as often as it counts, and an offset."""
    parts = token.text.split("+")
    return [index(one) if one[0].isalpha() else Integer(one) + 1 for one in parts]


def indices_needed(model: Model, kind: str, layer: Expr) -> int:
    """How many indices a quantity has: none for layers of one unit."""
    return sum(model.has_index(axis) for axis in model.slots(kind, layer))


def entry(
    known: Vocabulary,
    model: Model,
    kind: str,
    layer: Expr,
    name: TextToken,
    indices: Sequence[TextToken],
    used: Iterable[str] = (),
) -> Expr:
    """The entry of a tensor of the network at these indices.

    The index of a layer of one unit may be written, as 0, or left out.  A shifted index, as in
    x[t+s], sums over the axis, with a letter that is none of the names that are used.
    """
    slots = model.slots(kind, layer)
    axes = [axis for axis in slots if model.has_index(axis)]
    if len(indices) == len(axes):
        pairs = list(zip(indices, axes, strict=True))
    elif len(indices) == len(slots):
        pairs = list(zip(indices, slots, strict=True))
    else:
        raise ReadingError(name.column, _wrong_number(name, len(indices), len(axes)))
    taken = {index(word) for word in used}
    found: list[Expr] = []
    shifts: list[tuple[Symbol, TextToken, Expr]] = []
    for token, axis in pairs:
        if token.kind == "shift":
            shifts.append((model.letter_for(axis, taken), token, axis))
            taken.add(shifts[-1][0])
            found.append(shifts[-1][0])
        else:
            found.append(_checked(known, model, token, axis))
    kept = (i for i, (_, axis) in zip(found, pairs, strict=True) if model.has_index(axis))
    value: Expr = Quantity(kind, layer, *kept)
    for letter, token, axis in shifts:
        value = model.sum_over(axis, letter, Shift(letter, *letters_of_shift(token)) * value)
    return value


def _checked(known: Vocabulary, model: Model, token: TextToken, axis: Expr) -> Expr:
    unit, width = index_of(token, known), model.width(axis)
    if width == 1 and unit != S.One:
        raise ReadingError(
            token.column,
            f"{model.axis_in_words(axis)} has one unit, whose index is 0 or left out, not {token}",
        )
    if isinstance(unit, Integer) and isinstance(width, Integer) and unit > width:
        raise ReadingError(
            token.column,
            f"the units of {model.axis_in_words(axis)} count from 0 to {width - 1}, and this is "
            f"{token}",
        )
    return unit


def _wrong_number(name: TextToken, written: int, needed: int) -> str:
    example = f", as in {name.text}[{','.join(LETTERS[:needed])}]" if needed else ""
    return f"{name.text} has {_counted(needed)}{example}; here it has {_counted(written)}"


def _counted(number: int) -> str:
    return {0: "no index", 1: "1 index"}.get(number, f"{number} indices")
