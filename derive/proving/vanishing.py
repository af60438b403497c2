"""Where the argument of a gate is 0: on a boundary only, or on a whole region.

"Away from kinks" may be said only of gates whose argument is 0 on no region.  An argument is a
rational function of its atoms, once each gate inside it is set to 1 or 0.  If the atoms are
analytic everywhere, as exp of a polynomial is, its numerator is an analytic function on all of
R^n, and so it is 0 on no region as soon as it is not 0 at one point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sympy import Expr, Integer, Pow, Rational, S, Symbol
from sympy.polys.rings import PolyElement

from derive.algebra.functions import Step
from derive.algebra.primitives import BY_FUNCTION
from derive.algebra.quantities import Partial, Quantity, outermost, replace_whole
from derive.errors import NotRationalError
from derive.meaning.composites import in_given_terms
from derive.model.instances import IllTypedError, instantiate
from derive.model.model import Model
from derive.proving.exact.fractions import Fraction, FractionArithmetic
from derive.proving.exact.normal_form import NormalForm
from derive.proving.points.closed_values import enclosure

#: With more gates inside an argument nothing is said of it.
_MOST_INNER = 8
_TRIES = 3
#: Atoms whose values are any numbers, whatever those of the others are.
_UNKNOWNS = (Quantity, Partial, Symbol)


@dataclass(frozen=True)
class Zeros:
    """For which states of the gates inside it an argument is 0 identically.

    Attributes:
        states: these states, as values of the switches.
        certain: whether in every other state it is known to be 0 on no region.
    """

    states: tuple[Mapping[Symbol, int], ...]
    certain: bool


def zeros(form: NormalForm, argument: Expr) -> Zeros:
    """Where a translated argument vanishes on a region."""
    closed = form.close(argument)
    inner = [s for s in form.switches_in(argument) if s in closed.free_symbols]
    if len(inner) > _MOST_INNER:
        return Zeros((), certain=False)
    found: list[Mapping[Symbol, int]] = []
    certain = True
    for states, numerator in _numerators(closed, inner):
        if numerator is None:
            certain = False
        elif not numerator:
            found.append(states)
        else:
            certain = certain and _is_thin(form, numerator)
    return Zeros(tuple(found), certain)


def _numerators(
    closed: Expr, inner: Sequence[Symbol]
) -> Iterator[tuple[Mapping[Symbol, int], PolyElement | None]]:
    """For each state of the gates inside an argument its numerator, if it is a fraction there.

    Where no denominator has a gate, all are parts of one numerator: the terms whose gates are on.
    """
    whole = _fraction(closed)
    if whole is not None and not any(_has_any(p, inner) for p in whole.bottom):
        places = [whole.top.ring.symbols.index(gate) for gate in inner]
        for values in product((0, 1), repeat=len(inner)):
            yield dict(zip(inner, values, strict=True)), _at_state(whole.top, places, values)
        return
    for values in product((0, 1), repeat=len(inner)):
        states = dict(zip(inner, values, strict=True))
        here = _fraction(closed.xreplace({s: Integer(v) for s, v in states.items()}))
        yield states, None if here is None else here.top


def _fraction(expression: Expr) -> Fraction | None:
    symbols = sorted(expression.free_symbols, key=str)
    try:
        return FractionArithmetic(symbols).fraction(expression)  # pyright: ignore[reportArgumentType]
    except NotRationalError:
        return None


def _has_any(polynomial: PolyElement, symbols: Sequence[Symbol]) -> bool:
    places = [polynomial.ring.symbols.index(symbol) for symbol in symbols]
    return any(monomial[place] for monomial in polynomial for place in places)


def _at_state(polynomial: PolyElement, places: Sequence[int], values: Sequence[int]) -> PolyElement:
    """A polynomial with 1 or 0 put in for the generators at these places."""
    ring = polynomial.ring
    off = [place for place, value in zip(places, values, strict=True) if not value]
    total: dict[tuple[int, ...], Any] = {}
    for monomial, coefficient in polynomial.terms():
        if not any(monomial[place] for place in off):
            rest = list(monomial)
            for place in places:
                rest[place] = 0
            total[tuple(rest)] = total.get(tuple(rest), ring.domain.zero) + coefficient
    return ring.from_dict(total)


def is_thin(model: Model, argument: Expr, sizes: Mapping[Expr, int]) -> bool:
    """Whether an argument is known to be 0 on no region, with all definitions put in.

    A sum is looked at with its layers at the given sizes, and its free indices at 1.
    """
    form = NormalForm()
    try:
        meant = in_given_terms(model, argument)
        free = {index: S.One for q in outermost(meant) for index in _indices(q)}
        bound = instantiate(model, meant, sizes, {})
        found = zeros(form, form.translate(bound.xreplace(free)))
    except (NotRationalError, IllTypedError, KeyError):
        return False
    return found.certain and not found.states


def _indices(atom: Quantity | Partial) -> list[Symbol]:
    return [s for q in atom.atoms(Quantity) for s in q.indices if isinstance(s, Symbol)]


def _is_thin(form: NormalForm, numerator: PolyElement) -> bool:
    """Whether a numerator, which is not 0, is analytic everywhere and not 0 at some point.

    A polynomial in unknowns alone is; what has other atoms is looked at where it can be enclosed.
    """
    used = [
        symbol for n, symbol in enumerate(numerator.ring.symbols) if any(m[n] for m in numerator)
    ]
    if all(isinstance(form.meaning(symbol), _UNKNOWNS) for symbol in used):
        return True
    if not all(_is_entire(form, symbol) for symbol in used):
        return False
    meant = form.in_words(numerator.as_expr())
    unknowns = sorted({*outermost(meant), *(s for s in meant.free_symbols if s.is_Symbol)}, key=str)
    for attempt in range(_TRIES):
        point = {u: Rational(7 + 3 * n + 5 * attempt, 11 + attempt) for n, u in enumerate(unknowns)}
        interval = enclosure(replace_whole(meant, point).xreplace(point))
        if interval is not None and 0 not in interval:
            return True
    return False


def _is_entire(form: NormalForm, symbol: Symbol) -> bool:
    """Whether an atom is an analytic function on all of R^n."""
    key = form.meaning(symbol)
    if not isinstance(key, tuple):
        return True
    function, argument = key[0], form.close(key[1])
    if function is Step or key[-1] == "gated":
        return False
    if BY_FUNCTION[function].domain:
        return bool(argument.is_number)
    divided = any(not (p.exp.is_Integer and p.exp > 0) for p in argument.atoms(Pow))
    return not divided and all(_is_entire(form, s) for s in argument.free_symbols)
