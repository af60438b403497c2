"""The gradient of any model, from the objective backwards: one quantity after another.

For each quantity: the chain rule over all that uses it, the definitions put in, their local
derivatives, and a short form.  Source of the mathematics: the chain rule, with local
derivatives; see `derive.deriving.laws.users`.
"""

from __future__ import annotations

from sympy import Expr, Tuple

from derive.algebra.quantities import Partial, Quantity
from derive.deriving import laws
from derive.deriving.laws.users import written_entry
from derive.meaning.derivation import Derivation, Group, Line
from derive.model.model import Head, Model

_LAWS = (
    "chain rule over users",
    "insert what uses it",
    "differentiate",
    "sum over the deltas",
    "name the quantities",
    "factor out",
)


def model_gradient(model: Model) -> Derivation:
    """dC/dq for all that is computed on the way, from the last back, then what is given.

    Shapes and indices are those of each quantity; every line holds for all sizes unless its
    proof says otherwise.
    """
    groups = [definitions_group(model)]
    backwards = [head for head in reversed(model.defined) if head != model.C.args[:2]]
    known = model.opaque(model.C.args[:2])
    inputs = [head for head in model.given if model.role(head) == "input"]
    for head in (*backwards, *inputs, *model.parameters):
        if head not in known and model.users(Quantity(*head)):
            groups.append(quantity_group(model, head))
    return Derivation(tuple(group for group in groups if group.steps))


def definitions_group(model: Model) -> Group:
    """The definitions, as they are given."""
    steps: list[Line] = []
    for head in model.defined:
        entry, _ = written_entry(model, head, set())
        if model.defines(entry):
            steps += _chain(model, entry, ("definition",))
    return Group("definitions", model, tuple(steps))


def quantity_group(model: Model, head: Head) -> Group:
    """The steps to dC/dq for one tensor."""
    entry, _ = written_entry(model, head, set())
    start = Partial(model.C, entry)
    used_by = Tuple(*(written_entry(model, user, set())[0] for user in model.users(entry)))
    about = {"quantity": start, "users": used_by}
    return Group("quantity", model, _chain(model, start, _LAWS), about)


def _chain(model: Model, start: Expr, names: tuple[str, ...]) -> tuple[Line, ...]:
    """Apply laws one after another; those that change nothing leave no step."""
    steps: list[Line] = []
    expression = start
    for name in names:
        step = laws.apply(model, name, expression)
        if step.rhs != step.lhs:
            steps.append(step)
            expression = step.rhs
    return tuple(steps)
