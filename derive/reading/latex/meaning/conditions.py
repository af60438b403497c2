"""What conditions mean: z > 0, 0 < x < 1, z_1 > 0 and z_2 > 0."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sympy import And, Basic, Expr, Max, Min, Or
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne

from derive.algebra.indices import LETTERS
from derive.model.matrices import Matrix
from derive.notation.ascii.arithmetic import has_widths
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.meaning import values
from derive.reading.latex.meaning.reader import FormulaReader
from derive.reading.latex.syntax.tree import Broken, Compared, Condition, Named, Terms

_SIGNS: dict[str, Any] = {">": Gt, "<": Lt, "=": Eq, ">=": Ge, "<=": Le, "!=": Ne}


def condition(reader: FormulaReader, written: Condition, of_units: bool = False) -> Basic:
    """What a condition means; `of_units` admits i = j.

    Raises:
        LatexError: when it means nothing.
    """
    if written.unread is not None:
        raise written.unread.with_traceback(None)
    return _any(reader, written, of_units)


def condition_or_vector(reader: FormulaReader, written: Condition) -> Basic | tuple[Matrix, Basic]:
    """A condition; where it compares a vector with a number, the vector and its entries' one."""
    only = written.alternatives[0][0]
    if (
        written.alternatives == ((only,),)
        and isinstance(only, Compared)
        and len(only.signs) == 1
        and not all(_unit(reader, side) is not None for side in only.sides)
    ):
        left, right = (_value(reader, side) for side in only.sides)
        sign = _SIGNS[only.signs[0]]
        if isinstance(left, Matrix) and not isinstance(right, Matrix):
            return left, sign(values.ENTRY, right)
        if isinstance(right, Matrix) and not isinstance(left, Matrix):
            return right, sign(left, values.ENTRY)
    return _any(reader, written, True)


def _any(reader: FormulaReader, written: Condition, of_units: bool) -> Basic:
    return Or(
        *(
            And(*(_comparison(reader, one, of_units) for one in alternative))
            for alternative in written.alternatives
        )
    )


def _comparison(reader: FormulaReader, one: Compared | Broken, of_units: bool) -> Basic:
    """a > b, or a < b < c."""
    if isinstance(one, Broken):
        raise one.problem.with_traceback(None)
    units = [_unit(reader, side) if of_units else None for side in one.sides]
    if all(sign in ("=", "!=") for sign in one.signs) and all(unit is not None for unit in units):
        read = [unit for unit in units if unit is not None]
    else:
        read = [_number(reader, side, one) for side in one.sides]
    links = (
        _related(_SIGNS[sign], left, right)
        for sign, (left, right) in zip(one.signs, pairwise(read), strict=True)
    )
    return And(*links)


def _related(sign: Any, left: Expr, right: Expr) -> Basic:
    """left > right; of the smallest of several, each of them; of the largest, one of them."""
    for extreme, all_of in ((Min, (Gt, Ge)), (Max, (Lt, Le))):
        if isinstance(left, extreme) and sign in (Gt, Ge, Lt, Le):
            parts = [_related(sign, argument, right) for argument in left.args]
            return And(*parts) if sign in all_of else Or(*parts)
    return sign(left, right, evaluate=not has_widths(left, right))


def _unit(reader: FormulaReader, side: Terms | Broken) -> Expr | None:
    """A letter that counts units in this formula and means nothing else: the i of i = j."""
    name = side.lone if isinstance(side, Terms) else None
    if not isinstance(name, Named) or not name.is_bare:
        return None
    text = name.token.text
    if reader.scope.lexicon.knows(text) or not (text in LETTERS or text in reader.scope.free):
        return None
    return reader.scope.unit(text, name.start)


def _number(reader: FormulaReader, side: Terms | Broken, within: Compared) -> Expr:
    value = _value(reader, side)
    if isinstance(value, Matrix):
        raise LatexError(within.start, "a condition compares numbers, and this is a vector")
    return value


def _value(reader: FormulaReader, side: Terms | Broken) -> values.Value:
    if isinstance(side, Broken):
        raise side.problem.with_traceback(None)
    return reader.value(side)
