"""Laws of differentiation on any model: the chain rule over all users, and short forms.

A quantity v may have several users, the quantities whose definitions mention it.  Then

    dC/dv = sum over the users q of dC/dq times the derivative of the formula of q by v,

in which all else in that formula is fixed; where v reaches q in no other way that derivative is
dq/dv.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set

from sympy import Add, Expr, KroneckerDelta, Mul, Pow, S, Sum, Symbol, exp

from derive.algebra.indices import (
    contract,
    deltas_in_front,
    index_symbols,
    rename_bound,
    substitute,
    with_canonical_bounds,
)
from derive.algebra.quantities import Local, Partial, Quantity
from derive.meaning.derivation import Equation
from derive.model.model import Head, Model

#: So many times one name may be put for its formula in a term.
_MOST_NAMES = 12


def chain_rule_over_users(model: Model, partial: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dC/dv = sum over all users q of v, entry by entry, of dC/dq times dq/dv."""
    if not isinstance(partial, Partial) or partial.of != model.C:
        raise ValueError(f"{partial} is not a derivative of the objective")
    v = partial.wrt
    terms: list[Expr] = []
    for user in model.users(v):
        q, letters = written_entry(model, user, index_symbols(v))
        direct = _derivative(model, q, v)
        terms.append(
            model.over_all(letters, direct if q == model.C else Partial(model.C, q) * direct)
        )
    return Add(*terms)


def written_entry(
    model: Model, head: Head, avoid: Set[Symbol]
) -> tuple[Quantity, tuple[tuple[Expr, Symbol], ...]]:
    """An entry of a tensor at the letters of its own definition where these are free."""
    own = model.letters_of(head)
    if own is None or avoid & {*own}:
        return model.general_entry(head, avoid)
    bare = Quantity(*head)
    return bare.at(*own), tuple(zip(model.axes(bare), own, strict=True))


def _derivative(model: Model, q: Quantity, v: Quantity) -> Expr:
    """dq/dv, as the derivative of the formula alone where v reaches q in another way too."""
    others = (part for part in model.parts(q.args[:2]) if part != v.args[:2])
    if any(model.depends(part, v.args[:2]) for part in others):
        return Local(q, v)
    return Partial(q, v)


def insert_users(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dq/dv = d(formula of q)/dv, for every user q of v."""
    found: dict[Expr, Expr] = {}
    for node in expression.atoms(Partial, Local):
        of, v = node.of, node.wrt
        if isinstance(of, Quantity) and v.args[:2] in model.parts(of.args[:2]):
            if of == model.C and isinstance(node, Partial) and node != expression:
                continue
            formula = model.definition(of, frozenset(index_symbols(expression)))
            if formula is not None:
                found[node] = node.func(formula, v)
    return expression.xreplace(found)


def sum_over_deltas(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """sum_i delta_ij f_i = f_j, also where the delta stands in front of another sum."""
    if not expression.has(KroneckerDelta):
        return expression
    return contract(deltas_in_front(expression))  # pyright: ignore


# -- short forms -----------------------------------------------------------------------------


def name_quantities(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """e^{S_ts} / sum_u e^{S_tu} = P_ts: a formula that is a product or a function, by its name."""
    if isinstance(expression, Add):
        return Add(*(name_quantities(model, term) for term in expression.args))
    if isinstance(expression, Sum):
        return Sum(name_quantities(model, expression.function), *expression.limits)
    factors = _powers(expression)
    inner = {base: name_quantities(model, base) for base in factors if isinstance(base, Add | Sum)}
    total: Counter[Expr] = Counter()
    for base, power in factors.items():
        total[inner.get(base, base)] += power
    for head in reversed(model.defined):
        for _ in range(_MOST_NAMES):
            if not _put_name(model, head, total):
                break
    return Mul(*(base**power for base, power in total.items()))


def _put_name(model: Model, head: Head, factors: Counter[Expr]) -> bool:
    """Put one entry of a tensor for its formula among the factors of a term, if it is there."""
    general, letters = model.general_entry(head)
    formula = model.definition(general)
    if formula is None or isinstance(formula, Add | Sum | Quantity) or formula.is_number:
        return False
    anchors = sorted(formula.atoms(Quantity), key=lambda q: (-len(q.free_symbols), str(q)))
    own = {letter for _, letter in letters}
    anchor = next((q for q in anchors if own <= set(q.indices)), None)
    if anchor is None:
        return False
    inside = {q for factor in factors for q in factor.atoms(Quantity)}
    for entry in sorted(inside, key=str):
        if entry.args[:2] != anchor.args[:2]:
            continue
        units = {a: b for a, b in zip(anchor.indices, entry.indices, strict=True) if a in own}
        if any(a not in own and a != b for a, b in zip(anchor.indices, entry.indices, strict=True)):
            continue
        pattern = _powers(substitute(rename_bound(formula, {*units.values()}), units))
        matched = _matched(pattern, factors)
        if matched is None:
            continue
        times, used = matched
        for factor, power in used.items():
            factors[factor] -= times * power
        factors[general.at(*(units[letter] for _, letter in letters))] += times
        for factor in [f for f, power in factors.items() if power == 0]:
            del factors[factor]
        return True
    return False


def _matched(pattern: Counter[Expr], factors: Counter[Expr]) -> tuple[int, Counter[Expr]] | None:
    """1 or -1, and the factors that a pattern is to that power; None if some are missing."""
    found: Counter[Expr] = Counter()
    times = 0
    for wanted, power in pattern.items():
        same = with_canonical_bounds(wanted)
        factor = next((f for f in factors if with_canonical_bounds(f) == same), None)
        if factor is None or abs(factors[factor]) < abs(power):
            return None
        sign = 1 if factors[factor] * power > 0 else -1
        if times not in (0, sign):
            return None
        times = sign
        found[factor] = power
    return times, found


def _powers(product: Expr) -> Counter[Expr]:
    """The factors of a product with their powers; e^{a + b} is e^a e^b."""
    found: Counter[Expr] = Counter()
    for factor in Mul.make_args(product):
        if isinstance(factor, exp):
            for term in Add.make_args(factor.args[0]):
                times, rest = term.as_coeff_Mul()
                whole = times.is_Integer and rest != 1
                found[exp(rest) if whole else exp(term)] += int(times) if whole else 1  # pyright: ignore
        elif isinstance(factor, Pow):
            base, power = factor.as_base_exp()
            found[base] += power  # pyright: ignore
        else:
            found[factor] += 1
    return found


def factor_out(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """a b - a sum_s c_s = a (b - sum_s c_s): what all terms have in common, in front."""
    terms = [_apart(term) for term in Add.make_args(expression)]
    common = terms[0][0]
    for outside, _ in terms[1:]:
        common = common & outside
    common = Counter({f: n for f, n in common.items() if isinstance(f, Quantity | Partial)})
    if len(terms) > 1 and not common:
        return Add(*(_product(outside) * rest for outside, rest in terms))
    rests = (_product(outside - common) * rest for outside, rest in terms)
    return _product(common) * Add(*rests)


def _apart(term: Expr) -> tuple[Counter[Expr], Expr]:
    """The factors of a term that stand outside of its sum, and the rest with its number."""
    sums = [f for f in Mul.make_args(term) if isinstance(f, Sum)]
    number, _ = term.as_coeff_Mul()
    outside = Counter(
        {f: 1 for f in Mul.make_args(term) if not (isinstance(f, Sum) or f.is_number)}
    )
    for base in list(outside):
        if isinstance(base, Pow) and base.exp.is_Integer and base.exp > 0:
            del outside[base]
            outside[base.base] += int(base.exp)
    rest: Expr = number
    for one in sums:
        factor, body = one.function.as_independent(*one.bound_symbols, as_Add=False)
        for part in Mul.make_args(factor):
            if part.is_number:
                rest = rest * part
            else:
                outside[part] += 1
        rest = rest * Sum(body, *one.limits)
    return outside, rest


def _product(factors: Counter[Expr]) -> Expr:
    return Mul(*(base**power for base, power in factors.items())) if factors else S.One
