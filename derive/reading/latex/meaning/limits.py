r"""One-sided limits at 0: \lim_{z \downarrow 0} and \lim_{z \uparrow 0}."""

from __future__ import annotations

from derive.algebra.limits import LeftLimit, RightLimit
from derive.model.matrices import Matrix
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.meaning.reader import FormulaReader
from derive.reading.latex.naming.quantities import Value
from derive.reading.latex.syntax.tree import OneSided

_SIDES = {
    "downarrow": RightLimit,
    "searrow": RightLimit,
    "uparrow": LeftLimit,
    "nearrow": LeftLimit,
}


def limit(reader: FormulaReader, item: OneSided) -> Value:
    """A limit from one side, and the rest of the term that it stands in."""
    place = reader.value(item.place)
    reader.deeper()
    body = reader.inside(item.body).term()
    reader.shallower()
    if isinstance(place, Matrix) or isinstance(body, Matrix):
        raise LatexError(item.start, "limits are read of numbers, with indices, and not of vectors")
    return _SIDES[item.arrow](body, place)
