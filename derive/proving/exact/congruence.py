"""Equal arguments give equal values: curved functions of sums, at every width.

The small-width argument (`widths`) does not allow a sum inside exp or sigmoid.  But in
f(sum_i W_ij r_i + b_j) the argument is z_j, which is an equation without f, and so the whole is
f(z_j).  A function of a sum that names no unit, as log sum_m exp(z_m), is one unknown number
wherever it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

from sympy import Add, Dummy, Expr, Mul, Pow, Sum, Symbol, Tuple, exp, log

from derive.algebra.indices import free_indices, index_symbols, with_canonical_bounds
from derive.algebra.nodes import nodes_of
from derive.algebra.primitives import CLASSES, primitive_of
from derive.algebra.quantities import Quantity, released, replace_whole
from derive.model.instances import IllTypedError, axis_of
from derive.model.model import Model
from derive.model.network import Network
from derive.proving.exact.denominators import is_positive

#: Whether two expressions are equal at every width.
Equal = Callable[[Expr, Expr], bool]


def folded(model: Model, form: Tuple, equal: Equal) -> Tuple:
    """Both sides with functions of sums written as functions of what the sums define."""
    if not any(_of_sums(form)):
        return form
    form = form.replace(
        lambda node: isinstance(node, log) and node.has(Sum),
        lambda node: _log_of_product(node.args[0]),
    )
    known: dict[Expr, Dummy] = {}
    while True:
        nodes = [node for node in _of_sums(form) if not any(_of_sums(node.args[0]))]
        mapping = {node: _name(model, node, known, equal) for node in nodes}
        mapping = {node: name for node, name in mapping.items() if name is not None}
        if not mapping:
            return form
        form = replace_whole(form, mapping)


def _of_sums(expression: Any) -> list[Any]:
    """The curved functions in an expression with a sum inside."""
    return sorted((n for n in functions_in(expression) if n.args[0].has(Sum)), key=str)


def functions_in(expression: Any) -> Iterator[Any]:
    """The curved functions in an expression, roots among them."""
    return (n for n in nodes_of(expression, *CLASSES, Pow) if primitive_of(n) is not None)


def _name(model: Model, node: Any, known: dict[Expr, Dummy], equal: Equal) -> Expr | None:
    """The function of a pre-activation, or an unknown, that a function of a sum is."""
    argument = node.args[0]
    turned = -1 if argument.could_extract_minus_sign() else 1  # exp(-z) for 1/exp(z)
    for entry in _entries(model, argument):
        if _may_stand_inside(model, entry) and equal(turned * argument, entry):
            return node.func(turned * entry, *node.args[1:])
        if (own := _by_its_name(model, node, entry)) is not None:
            return own
    if free_indices(argument) or index_symbols(argument) - _bound(argument):
        return None
    for other, name in known.items():
        same = (other.func, other.args[1:]) == (node.func, node.args[1:])
        if same and equal(other.args[0], argument):  # pyright: ignore
            return name
    known[node] = Dummy("f", real=True)
    return known[node]


def _may_stand_inside(model: Model, entry: Quantity) -> bool:
    """Whether functions are taken of it: a pre-activation, or a sum that a text defines."""
    if isinstance(model, Network):
        return model.is_inside(entry.at())
    formula = model.definition(entry, frozenset())
    return formula is not None and formula.has(Sum)


def by_their_names(model: Model, form: Tuple) -> Tuple:
    """Both sides with each function, or root, that defines a quantity by the name of it."""
    found: dict[Any, Expr] = {}
    for node in functions_in(form):
        names = (_by_its_name(model, node, entry) for entry in _entries(model, node.args[0]))
        if (name := next((one for one in names if one is not None), None)) is not None:
            found[node] = name
    return replace_whole(form, found)


def _entries(model: Model, argument: Any) -> Iterator[Quantity]:
    """The entries of defined tensors that count what an expression counts, in any order of axes."""
    free = sorted(free_indices(argument), key=str)
    try:
        axes = {symbol: axis_of(model, symbol, argument) for symbol in free}
    except IllTypedError:
        return
    for tensor in model.defined:
        bare = Quantity(*tensor)
        own = list(model.axes(bare))
        if len(own) != len(free) or Counter(own) != Counter(axes.values()):
            continue
        for letters in permutations(free):
            if own == [axes[letter] for letter in letters]:
                yield bare.at(*letters)


def _by_its_name(model: Model, node: Any, entry: Quantity) -> Expr | None:
    """s_t or a power of it for a root that is the definition of s_t, as in a norm."""
    formula = model.definition(entry, frozenset(index_symbols(node)))
    if formula is None or type(formula := released(formula)) is not type(node):
        return None
    if with_canonical_bounds(formula.args[0]) != with_canonical_bounds(node.args[0]):
        return None
    if isinstance(node, Pow):
        power = node.exp / formula.args[1]  # pyright: ignore
        return entry**power if power.is_Integer else None
    return entry if formula.args[1:] == node.args[1:] else None


def _bound(expression: Any) -> set[Symbol]:
    return {symbol for node in nodes_of(expression, Sum) for symbol in node.bound_symbols}


def _log_of_product(argument: Expr) -> Expr:
    """log of a product of positive factors as a sum, and log exp(a) = a."""
    factors = Mul.make_args(argument)
    if not all(is_positive(factor) for factor in factors):
        return log(argument)
    terms: list[Expr] = []
    for factor in factors:
        base, exponent = factor.as_base_exp() if isinstance(factor, Pow) else (factor, 1)
        terms.append(exponent * (base.args[0] if isinstance(base, exp) else log(base)))
    return Add(*terms)
