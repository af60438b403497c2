"""An expression with one thing changed in one place: every place in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sympy import Add, Expr, Mul, Piecewise, Pow, Sum, Symbol

from derive.algebra.functions import Step
from derive.algebra.quantities import Partial, Quantity, rebuilt

#: Letters that sums bind where a node stands.
Scope = tuple[Symbol, ...]
#: What a node is replaced by, with what the change is about.
Change = Callable[[Any, Scope], Iterable[tuple[Any, Any]]]


def everywhere(node: Any) -> bool:
    """Changes are tried inside of every node."""
    return True


def outside_steps(node: Any) -> bool:
    """Changes are not tried inside of Step: nobody writes Step(2 z)."""
    return not isinstance(node, Step)


def changed(
    expression: Any,
    change: Change,
    scope: Scope = (),
    into: Callable[[Any], bool] = everywhere,
) -> Iterator[tuple[Any, Any]]:
    """The expression with one node replaced, and what `change` says of it, for every node.

    Quantities and their derivatives are one node each; in a derivative of a formula the
    formula is changed too.  The limits of sums and the conditions of cases stay as they are.
    """
    yield from change(expression, scope)
    if isinstance(expression, Partial) and not isinstance(expression.of, Quantity | Partial):
        for new, detail in changed(expression.of, change, scope, into):
            yield Partial(new, expression.wrt), detail
        return
    if isinstance(expression, Quantity | Partial | Symbol) or not into(expression):
        return
    if isinstance(expression, Sum):
        inside = (*scope, *(limit[0] for limit in expression.limits))
        for body, detail in changed(expression.function, change, inside, into):
            yield Sum(body, *expression.limits), detail
        return
    if isinstance(expression, Piecewise):
        return
    arguments = list(expression.args)
    for number, argument in enumerate(arguments):
        if not isinstance(argument, Expr) or argument.is_number:
            continue
        for new, detail in changed(argument, change, scope, into):
            others = [*arguments[:number], new, *arguments[number + 1 :]]
            yield rebuilt(expression, others), detail


def with_factor(factors: Callable[[Scope], Iterable[Expr]]) -> Change:
    """A node times a factor, for all factors that make sense where it stands."""

    def multiplied(node: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
        for factor in factors(scope):
            yield node * factor, factor

    return multiplied


def with_factor_of_residual(factors: Callable[[Scope], Iterable[Expr]]) -> Change:
    """In a longer sum a + r - y, a factor that belongs to r - y alone: a + f (r - y)."""

    def multiplied(node: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
        if not isinstance(node, Add) or len(node.args) < 3:
            return
        targets = [t for t in node.args if _kind(t) == "y"]
        for target in targets:
            layer = target.atoms(Quantity).pop().layer
            outputs = [t for t in node.args if _kind(t) == "r" and _of_layer(t, layer)]
            for output in outputs:
                rest = [t for t in node.args if t not in (target, output)]
                for factor in factors(scope):
                    yield Add(*rest, factor * (output + target)), factor

    return multiplied


def _kind(term: Any) -> str:
    rest = term.as_coeff_Mul()[1]
    return rest.kind if isinstance(rest, Quantity) else ""


def _of_layer(term: Any, layer: Any) -> bool:
    return all(q.layer == layer for q in term.atoms(Quantity))


def with_term(terms: Callable[[Scope], Iterable[Expr]]) -> Change:
    """A node plus a term."""

    def added(node: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
        for term in terms(scope):
            yield node + term, term

    return added


def without_factor(node: Any, _: Scope) -> Iterator[tuple[Any, Any]]:
    """One factor of a product left out; x for x^2."""
    match node:
        case Mul():
            for number, factor in enumerate(node.args):
                yield Mul(*node.args[:number], *node.args[number + 1 :]), factor
        case Pow() if node.exp.is_Integer and node.exp >= 2:
            yield node.base ** (node.exp - 1), node.base
        case _:
            return


def without_term(node: Any, _: Scope) -> Iterator[tuple[Any, Any]]:
    """One term of a sum left out."""
    if isinstance(node, Add):
        for number, term in enumerate(node.args):
            yield Add(*node.args[:number], *node.args[number + 1 :]), term


def with_sign_turned(node: Any, _: Scope) -> Iterator[tuple[Any, Any]]:
    """One term of a sum with the other sign."""
    if isinstance(node, Add):
        for number, term in enumerate(node.args):
            yield Add(*node.args[:number], -term, *node.args[number + 1 :]), term


def sum_within(old: Any, new: Any) -> Add | None:
    """The inner sum of which one term alone was multiplied or divided; None where all of it was.

    Of 1 - h^2 for 1 - h that is 1 - h; of x (r - y) for r - y, and of h^2 for h, it is None.
    """
    if isinstance(old, Add):
        if new in Mul.make_args(old) or old in Mul.make_args(new):
            return None
        before, after = _apart(old.args, Add.make_args(new))
        inner = sum_within(before[0], after[0]) if len(before) == len(after) == 1 else None
        return inner or old
    if isinstance(old, Sum) and isinstance(new, Sum) and old.limits == new.limits:
        return sum_within(old.function, new.function)
    if not isinstance(old, Mul):
        return None
    before, after = _apart(old.args, Mul.make_args(new))
    return sum_within(before[0], Mul(*after)) if len(before) == 1 and after else None


def _apart(first: Iterable[Any], second: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """What is in one of two lists alone."""
    one, other = Counter(first), Counter(second)
    return [*(one - other).elements()], [*(other - one).elements()]
