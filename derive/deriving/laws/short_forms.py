"""Laws that shorten a derivative of any model: names, common factors, sums term by term.

e^{S_ts} / sum_u e^{S_tu} = P_ts
a b - a sum_s c_s = a (b - sum_s c_s)
sum_l (a - b_l) = d a - sum_l b_l
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from sympy import Add, Dummy, Expr, Mul, Pow, S, Sum, Symbol, exp, expand_mul, fraction, log
from sympy.core.function import Application

from derive.algebra.functions import ReLU, Step
from derive.algebra.indices import (
    free_indices,
    rename_bound,
    substitute,
    with_canonical_bounds,
)
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.laws.algebra import evaluated, put_in
from derive.meaning.derivation import Equation
from derive.model.assumptions import rows_of_sum_one
from derive.model.model import Head, Model

#: So many times one name may be put for its formula in a term.
_MOST_NAMES = 12
#: The factors of a product, each with its power.
Powers = dict[Expr, Expr]


# -- sums and products -------------------------------------------------------------------------


def insert_results(model: Model, expression: Expr, given: tuple[Equation, ...]) -> Expr:
    """Earlier results put in for dC/dq, at any indices, with numbers in front of sums."""
    result = evaluated(expression)
    for equation in given:
        result = put_in(result, equation)
    return numbers_in_front(result)


def sum_term_by_term(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """sum_l (a - b_l) = d a - sum_l b_l, where a term does not change with the index."""
    return _in_each_term(expression, _term_by_term)


def _term_by_term(term: Expr) -> Expr:
    for factor in Mul.make_args(term):
        if isinstance(factor, Sum) and _has_idle_term(factor):
            parts = Add.make_args(expand_mul(factor.function))
            return Add(*(term / factor * _one_sum(part, factor) for part in parts))
    return term


def _has_idle_term(node: Sum) -> bool:
    """Whether a sum has several terms, and one does not change with an index.

    Sums within are not multiplied out for that: it would double with each.
    """
    closed = {inner: Mul(*free_indices(inner)) * Dummy() for inner in outermost_sums(node.function)}
    parts = Add.make_args(expand_mul(node.function.xreplace(closed)))
    bound = {*node.bound_symbols}
    return len(parts) > 1 and any(bound - free_indices(part) for part in parts)


def outermost_sums(expression: Expr) -> Iterator[Sum]:
    """The sums of an expression that stand in no other."""
    if isinstance(expression, Sum):
        yield expression
    elif expression.has(Sum):
        for argument in expression.args:
            yield from outermost_sums(argument)  # pyright: ignore


def _one_sum(part: Expr, node: Sum) -> Expr:
    """sum_l of one term: n times the term where it has no l, and numbers in front."""
    free = free_indices(part)
    limits = [limit for limit in node.limits if limit[0] in free]
    times = Mul(*(high for letter, _, high in node.limits if letter not in free))
    number, body = part.as_coeff_Mul()
    return number * times * (Sum(body, *limits) if limits else body)


def multiply_out_fractions(
    model: Model, expression: Expr, given: tuple[Equation, ...] = ()
) -> Expr:
    """p (1 - p) ((1 - y)/(1 - p) - y/p) = p - y: a product with a sum of fractions, multiplied."""
    return _in_each_term(expression, _fractions_out)


def _fractions_out(term: Expr) -> Expr:
    """The product multiplied out where that is shorter: where something cancels."""
    for factor in Mul.make_args(term):
        if isinstance(factor, Add) and any(_divides(part) for part in factor.args):
            rest = term / factor
            whole = numbers_in_front(expand_mul(Add(*(rest * part for part in factor.args))))
            return whole if length(whole) < length(term) else term
    return term


def _divides(part: Expr) -> bool:
    """Whether a term, or what is summed in it, has a denominator with a quantity."""
    body = part.function if isinstance(part, Sum) else part
    return fraction(body)[1].has(Quantity)


def numbers_in_front(expression: Expr) -> Expr:
    """sum_s -2 a_s = -2 sum_s a_s, in each term and in what stands in parentheses."""
    if isinstance(expression, Add):
        return Add(*(numbers_in_front(term) for term in expression.args))
    factors: list[Expr] = []
    for factor in Mul.make_args(expression):
        if isinstance(factor, Sum):
            number, body = numbers_in_front(factor.function).as_coeff_Mul()
            factors += [number, Sum(body, *factor.limits)]
        else:
            factors.append(numbers_in_front(factor) if isinstance(factor, Add) else factor)
    return Mul(*factors)


def gates_once(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """ReLU(z) Step(z) = ReLU(z), for every Step(0): both are 0 where z is not positive."""
    return _in_each_term(expression, _gates_once)


def _gates_once(term: Expr) -> Expr:
    factors = Mul.make_args(term)
    open_already = {factor.args[0] for factor in factors if isinstance(factor, ReLU)}
    return Mul(*(f for f in factors if not (isinstance(f, Step) and f.args[0] in open_already)))


def in_front_of_sums(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """sum_s a b_s = a sum_s b_s."""
    return _in_each_term(expression, _in_front)


def _in_front(term: Expr) -> Expr:
    parts = _parts(term)
    if parts.node is None:
        return term
    outside = {b: n for b, n in parts.within.items() if _is_outside(b, parts.node)}
    inside = {b: n for b, n in parts.within.items() if b not in outside}
    return _product(parts.outer) * _product(outside) * Sum(_product(inside), *parts.node.limits)


def _in_each_term(expression: Expr, law: Callable[[Expr], Expr]) -> Expr:
    """A law for products, in each term of a sum and of the sums among its factors."""
    if isinstance(expression, Add):
        return Add(*(_in_each_term(term, law) for term in expression.args))
    factors = (
        _in_each_term(f, law) if isinstance(f, Add) else f for f in Mul.make_args(expression)
    )
    return law(Mul(*factors))


def rows_that_sum_to_one(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """sum_c y_nc = 1, where the model assumes it."""
    rows = rows_of_sum_one(model)
    ones = {
        node: S.One
        for node in expression.atoms(Sum)
        if isinstance(entry := node.function, Quantity)
        and len(node.limits) == 1
        and (place := rows.get(entry.args[:2])) is not None
        and entry.indices[place] == node.bound_symbols[0]
        and entry.indices.count(node.bound_symbols[0]) == 1
    }
    return expression.xreplace(ones)


# -- common factors ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Parts:
    """A term: what stands outside of its sum sign, and what within, if it has just one."""

    outer: Powers
    within: Powers
    node: Sum | None


def _parts(term: Expr) -> _Parts:
    sums = [factor for factor in Mul.make_args(term) if isinstance(factor, Sum)]
    if len(sums) != 1:
        return _Parts(_powers(term), {}, None)
    return _Parts(_powers(term / sums[0]), _powers(sums[0].function), sums[0])


def _is_outside(base: Expr, node: Sum) -> bool:
    return not free_indices(base) & {*node.bound_symbols}


def factor_out(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """a b - a sum_s c_s = a (b - sum_s c_s); then a + b c - b d = a + b (c - d)."""
    if isinstance(expression, Sum):
        return Sum(factor_out(model, expression.function), *expression.limits)
    if not isinstance(expression, Add):
        factors: list[Expr] = []
        for factor in Mul.make_args(expression):
            # (2 a - 2 b)/(2 N) is (a - b)/N.
            number, rest = factor.primitive() if isinstance(factor, Add) else (S.One, factor)
            factors += [number, factor_out(model, rest) if isinstance(rest, Add | Sum) else rest]
        return Mul(*factors)
    common = _common([_visible(_parts(term)) for term in expression.args])
    rests = [_divided(term, common) for term in expression.args]
    return numbers_in_front(_product(common) * _shared(rests))


def _visible(parts: _Parts) -> Powers:
    """The factors of a term that can be put in front of it."""
    found = Counter(parts.outer)
    for base, power in parts.within.items():
        if parts.node is not None and _is_outside(base, parts.node):
            found[base] += power  # pyright: ignore
    return {base: power for base, power in found.items() if not base.is_number}


def _common(terms: list[Powers]) -> Powers:
    """What all terms have, each to the power that all have at least."""
    found: Powers = {}
    for base in terms[0]:
        powers = [term.get(base, S.Zero) for term in terms]
        if all(power > 0 for power in powers):
            found[base] = min(powers)
        elif all(power < 0 for power in powers):
            found[base] = max(powers)
    return found


def _divided(term: Expr, common: Powers) -> Expr:
    """A term without factors that it has in front of its sum sign or behind it."""
    parts = _parts(term)
    outer, within = Counter(parts.outer), Counter(parts.within)
    for base, power in common.items():
        own = outer[base]
        taken = power if own * power > 0 and abs(own) >= abs(power) else S.Zero
        outer[base] -= taken  # pyright: ignore
        within[base] -= power - taken  # pyright: ignore
    if parts.node is None:
        return _product(outer) * _product(within)
    return _product(outer) * Sum(_product(within), *parts.node.limits)


def _shared(terms: list[Expr]) -> Expr:
    """The sum of terms, with the factor that most of them share in front of those."""
    names: Counter[Expr] = Counter()
    for term in terms:
        for base, power in _parts(term).outer.items():
            if isinstance(base, Quantity | Partial | Application) and power >= 1:
                names[base] += 1
    most = max(names.values(), default=0)
    if most < 2:
        return Add(*terms)
    base = min((base for base, count in names.items() if count == most), key=str)
    having = [term for term in terms if _parts(term).outer.get(base, 0) >= 1]
    others = [term for term in terms if term not in having]
    inner = _shared([_divided(term, {base: S.One}) for term in having])
    return base * inner + (_shared(others) if others else S.Zero)


# -- names -------------------------------------------------------------------------------------


def name_quantities(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """e^{S_ts} / sum_u e^{S_tu} = P_ts: a formula among the factors of a term, by its name.

    So is the exponential of a logarithm: e^{S_ts} / sum_u e^{S_tu} = e^{S_ts - l_t} for
    l_t = log sum_u e^{S_tu}.
    """
    named = _named_once(model, expression)
    return named if named == expression else name_quantities(model, named)


def _named_once(model: Model, expression: Expr) -> Expr:
    if isinstance(expression, Add):
        return Add(*(_named_once(model, term) for term in expression.args))
    factors: Counter[Expr] = Counter()
    for base, power in _powers(expression).items():
        named = base
        if isinstance(base, Sum):
            named = Sum(_named_once(model, base.function), *base.limits)
        elif isinstance(base, Add):
            named = _named_once(model, base)
        factors[named] += power  # pyright: ignore
    for pattern in _patterns_among(model, factors):
        for _ in range(_MOST_NAMES):
            if not _put_name(pattern, factors):
                break
    return _product(factors)


@dataclass(frozen=True)
class _Pattern:
    """What a general entry of a tensor, or its exponential, stands for.

    `anchor` is an entry in the formula that tells all letters of the name; what is computed last
    has the first `place`.
    """

    name: Expr
    formula: Expr
    letters: frozenset[Symbol]
    anchor: Quantity
    place: int


def _patterns_among(model: Model, factors: Iterable[Expr]) -> list[_Pattern]:
    """What can be named among the factors of a term, that which is computed last first."""
    heads = {entry.args[:2] for factor in factors for entry in factor.atoms(Quantity)}
    known = _patterns(model)
    found = (pattern for head in heads for pattern in known.get(head, ()))
    return sorted(found, key=lambda pattern: pattern.place)


@lru_cache(maxsize=16)
def _patterns(model: Model) -> dict[Head, list[_Pattern]]:
    """What can be named, by the tensor of its anchor, that which is computed last first.

    The objective is what is differentiated, and stands for nothing in its own gradient.
    """
    found: dict[Head, list[_Pattern]] = {}
    for place, head in enumerate(reversed(model.defined)):
        patterns = () if head == model.C.args[:2] else _patterns_of(model, head, place)
        for pattern in patterns:
            found.setdefault(pattern.anchor.args[:2], []).append(pattern)
    return found


def _patterns_of(model: Model, head: Head, place: int) -> Iterator[_Pattern]:
    general, letters = model.general_entry(head)
    formula = model.definition(general)
    if formula is None or isinstance(formula, Quantity) or formula.is_number:
        return
    own = frozenset(letter for _, letter in letters)
    entries = sorted(formula.atoms(Quantity), key=lambda q: (-len(q.free_symbols), str(q)))
    anchor = next((q for q in entries if own <= {*q.indices}), None)
    if anchor is None:
        return
    yield _Pattern(general, formula, own, anchor, place)
    if formula.has(log):
        yield _Pattern(exp(general), exp(formula), own, anchor, place)


def _put_name(pattern: _Pattern, factors: Counter[Expr]) -> bool:
    """Put one entry of a tensor for its formula among the factors of a term, if it is there."""
    anchor = pattern.anchor
    inside = {q for factor in factors for q in factor.atoms(Quantity)}
    for entry in sorted((q for q in inside if q.args[:2] == anchor.args[:2]), key=str):
        pairs = list(zip(anchor.indices, entry.indices, strict=True))
        if any(a != b for a, b in pairs if not isinstance(a, Symbol)):
            continue
        units = {a: b for a, b in pairs if a in pattern.letters}
        formula = substitute(rename_bound(pattern.formula, {*units.values()}), units)
        matched = _matched(_powers(formula), factors)
        if matched is None:
            continue
        times, used = matched
        for factor, power in used.items():
            factors[factor] -= times * power  # pyright: ignore
        factors[substitute(pattern.name, units)] += times
        for factor in [f for f, power in factors.items() if power == 0]:
            del factors[factor]
        return True
    return False


def _matched(pattern: Powers, factors: Counter[Expr]) -> tuple[int, Powers] | None:
    """1 or -1, and the factors that a pattern is to that power; None if some are missing."""
    found: Powers = {}
    times = 0
    for wanted, power in pattern.items():
        factor = _same_factor(wanted, factors)
        if factor is None or abs(factors[factor]) < abs(power):
            return None
        sign = 1 if factors[factor] * power > 0 else -1
        if times not in (0, sign):
            return None
        times = sign
        found[factor] = power
    return times, found


def _same_factor(wanted: Expr, factors: Iterable[Expr]) -> Expr | None:
    """The factor that is one but for the letters of its sums."""
    if not wanted.has(Sum):
        return next((factor for factor in factors if factor == wanted), None)
    same = with_canonical_bounds(wanted)
    with_sums = (factor for factor in factors if factor.has(Sum))
    return next((factor for factor in with_sums if with_canonical_bounds(factor) == same), None)


# -- factors -----------------------------------------------------------------------------------


def _powers(product: Expr) -> Powers:
    """The factors of a product with their powers; e^{a + b} is e^a e^b, 2 a - 2 b is 2 (a - b)."""
    found: Counter[Expr] = Counter()
    for factor in Mul.make_args(product):
        if isinstance(factor, exp):
            for term in Add.make_args(factor.args[0]):
                times, rest = term.as_coeff_Mul()
                whole = times.is_Integer and rest != 1
                found[exp(rest) if whole else exp(term)] += int(times) if whole else 1  # pyright: ignore
        else:
            base, power = factor.as_base_exp()
            # SymPy makes 2 a - 2 b of 2 (a - b).
            number, rest = base.primitive() if isinstance(base, Add) else (S.One, base)
            if number != 1 and power.is_Integer:
                found[number] += power  # pyright: ignore
                base = rest
            found[base] += power  # pyright: ignore
    return found  # pyright: ignore


def _product(factors: Powers | Counter[Expr]) -> Expr:
    """The product of powers; e^z e^{-l} is e^{z - l}."""
    powers = {base: n for base, n in factors.items() if isinstance(base, exp)}
    if min(powers.values(), default=0) < 0 < max(powers.values(), default=0):
        whole = exp(Add(*(n * base.args[0] for base, n in powers.items())))
        return whole * _product({b: n for b, n in factors.items() if b not in powers})
    return Mul(*(base**n for base, n in factors.items()))


def length(expression: Expr) -> int:
    """How much there is to read: quantities, functions and sums; a derivative counts for two."""
    match expression:
        case Partial():
            return 2
        case Quantity() | Symbol():
            return 1
        case Sum():
            return 1 + length(expression.function)
        case Pow():
            return length(expression.base) * _times(expression.exp)
        case Application():
            return 1 + _total(expression.args)
        case _:
            return _total(expression.args)


def _times(power: Expr) -> int:
    """A square counts twice, a root or a denominator once."""
    return max(1, abs(int(power))) if power.is_number else 2  # pyright: ignore


def _total(parts: Iterable[Expr]) -> int:
    return sum(length(part) for part in parts)
