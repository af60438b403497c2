"""Which equations a step put in, at the units at which it put them in."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Sum

from derive.algebra.indices import index_symbols, substitute
from derive.algebra.quantities import Local, Partial, Quantity, outermost
from derive.deriving.laws.algebra import insert, match, put_in
from derive.deriving.laws.calculus import insert_cost, insert_definition
from derive.deriving.laws.users import insert_users
from derive.meaning.derivation import Equation, Line
from derive.model.instances import instantiate
from derive.model.model import Model
from derive.model.network import Network


def inserted(network: Model, step: Line) -> tuple[Equation, ...]:
    """The equations that a step's rule put for parts of its left side.

    What was given for a unit j and put in for other units is returned for those.  What
    stands for no part of the left side is returned as given if the rule uses it in another
    way, and not at all if the rule does nothing but insert: it put nothing in.
    """
    found = tuple(_inserted(network, step))
    if step.instance is None:
        return found
    widths = dict(step.instance.widths)
    return tuple(Equation(one.lhs, instantiate(network, one.rhs, widths, {})) for one in found)


def _inserted(network: Model, step: Line) -> Iterator[Equation]:
    if not isinstance(network, Network):
        if step.rule == "insert what uses it":
            yield from _formulas(network, step.lhs)
        elif step.rule == "in matrices":
            yield from step.given
        elif step.rule == "insert results":
            expression = step.lhs
            for pattern in step.given:
                yield from _put_for_parts(expression, pattern, within=False)
                expression = put_in(expression, pattern)
        elif step.rule == "insert within":
            for pattern in step.given:
                yield from _put_for_parts(step.lhs, pattern, within=True)
        elif step.rule == "forward":
            yield from _moving_formulas(network, step.lhs)
        elif step.rule == "name the quantities":
            yield from _named(network, step)
        return
    if step.rule == "insert the definition":
        yield from _definitions(network, step.lhs)
    elif step.rule == "insert the cost":
        changed = insert_cost(network, step.lhs)
        assert isinstance(changed, Partial)
        yield Equation(network.C, changed.of)
    elif step.rule == "equal indices" and step.instance is not None:
        yield step.equation  # what was given for i, j, l and m, at the units of this step
        return
    expression = step.lhs
    patterns = step.given if step.instance is None else step.instance.general.given
    inserts = step.rule.startswith("insert")
    within = step.rule == "insert within"
    for pattern, own in zip(patterns, step.given, strict=True):
        yield from list(_put_for_parts(expression, pattern, within)) or ([] if inserts else [own])
        if len(patterns) > 1 and inserts:
            expression = insert(network, expression, (pattern,))


def _definitions(network: Network, expression: Expr) -> Iterator[Equation]:
    """Each q = its definition that turns dq/dv into d(definition)/dv."""
    for partial in _partials(expression):
        changed = insert_definition(network, partial)
        if isinstance(changed, Partial) and changed != partial:
            yield Equation(partial.of, changed.of)


def _named(model: Model, step: Line) -> Iterator[Equation]:
    """The definitions of the quantities that stand for their formulas now."""
    for entry in outermost(step.rhs):
        if isinstance(entry, Quantity) and entry not in outermost(step.lhs):
            formula = model.definition(entry, frozenset(index_symbols(step.rhs)))
            if formula is not None:
                yield Equation(entry, formula)


def _formulas(model: Model, expression: Expr) -> Iterator[Equation]:
    """Each q = its formula that is differentiated in place of q."""
    left = insert_users(model, expression).atoms(Partial, Local)
    for node in sorted(expression.atoms(Partial, Local) - left, key=str):
        formula = model.definition(node.of, frozenset(index_symbols(expression)))
        if formula is not None:
            yield Equation(node.of, formula)


def _moving_formulas(model: Model, expression: Expr) -> Iterator[Equation]:
    """Each q = its formula that is differentiated, with all in it, in place of q."""
    used = frozenset(index_symbols(expression))
    for node in _partials(expression):
        of, v = node.of, node.wrt
        if isinstance(of, Quantity) and of != model.C and of.args[:2] != v.args[:2]:
            formula = model.definition(of, used)
            if formula is not None:
                yield Equation(of, formula)


def _put_for_parts(expression: Expr, pattern: Equation, within: bool) -> Iterator[Equation]:
    """The equation at the indices of each part that it is put for, as `insert` does."""
    roots = [partial.of for partial in _partials(expression)] if within else [expression]
    for root in roots:
        for node in _parts(root):
            indices = match(pattern.lhs, node)
            if indices is not None:
                yield Equation(node, substitute(pattern.rhs, indices))


def _partials(expression: Expr) -> Iterator[Partial]:
    """The outermost derivatives of an expression."""
    return (node for node in _parts(expression) if isinstance(node, Partial))


def _parts(expression: Expr) -> Iterator[Expr]:
    """The parts that a law may replace: nothing inside a quantity or derivative."""
    yield expression
    if isinstance(expression, Quantity | Partial):
        return
    arguments = (expression.function,) if isinstance(expression, Sum) else expression.args
    for argument in arguments:
        if isinstance(argument, Expr):
            yield from _parts(argument)
