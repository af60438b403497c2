r"""One-sided limits at 0: \lim_{z \downarrow 0} and \lim_{z \uparrow 0}."""

from __future__ import annotations

from derive.algebra.limits import LeftLimit, RightLimit
from derive.model.matrices import Matrix
from derive.reading.latex.grammar.reader import FormulaReader
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.naming.quantities import Value

_SIDES = {
    "downarrow": RightLimit,
    "searrow": RightLimit,
    "uparrow": LeftLimit,
    "nearrow": LeftLimit,
}


def limit(reader: FormulaReader) -> Value:
    """A limit from one side, and the rest of the term that it stands in."""
    sign = reader.advance()
    reader.take("_")
    below = reader.group()
    arrow = next((n for n, token in enumerate(below) if token.is_command(*_SIDES)), None)
    if arrow is None or [token.text for token in below[arrow + 1 :]] != ["0"]:
        raise LatexError(sign.start, "limits are read where a quantity falls or rises to 0 only")
    place = reader.inside(below[:arrow], below[arrow].start).whole()
    while reader.next.kind == "quad":
        reader.advance()
    reader.deeper()
    body = reader.term()
    reader.shallower()
    if isinstance(place, Matrix) or isinstance(body, Matrix):
        raise LatexError(sign.start, "limits are read of numbers, with indices, and not of vectors")
    return _SIDES[below[arrow].text](body, place)
