"""The gradient of any model, from the objective backwards: one quantity after another.

For each quantity: the chain rule over all that uses it, the definitions put in, their local
derivatives, and a short form.  Source of the mathematics: the chain rule, with local
derivatives; see `derive.deriving.laws.users` and `derive.deriving.laws.short_forms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import Expr, KroneckerDelta, Tuple

from derive.algebra.quantities import Partial, Quantity, outermost
from derive.deriving import laws
from derive.deriving.laws.matrix_forms import NoMatrixFormError, matrix_view
from derive.deriving.laws.short_forms import length
from derive.deriving.laws.users import written_entry
from derive.meaning.derivation import Derivation, Equation, Group, Line
from derive.model.model import Head, Model

#: From dC/dv to its form in derivatives by what uses v.
_CHAIN_RULE = (
    "chain rule over users",
    "insert what uses it",
    "differentiate",
    "sum over the deltas",
)
#: To a form that is short: what makes it so is done before names are put, and again after.
_SHORTER = (
    "multiply out the fractions",
    "sum term by term",
    "factor out",
    "name the quantities",
    "factor out",
    "in front of the sums",
    "rows that sum to 1",
)

#: So long may a gradient be in which everything is put in.
_MOST_RESOLVED = 12

#: What is known of dC/dq, by the tensor q.
Known = dict[Head, Equation]


def model_gradient(model: Model) -> Derivation:
    """dC/dq for all that is computed on the way, from the last back, then what is given.

    Shapes and indices are those of each quantity; every line holds for all sizes unless its
    proof says otherwise.
    """
    groups = [definitions_group(model)]
    backwards = [head for head in reversed(model.defined) if head != model.C.args[:2]]
    opaque = model.opaque(model.C.args[:2])
    inputs = [head for head in model.given if model.role(head) == "input"]
    known: dict[Head, Equation] = {}
    for head in (*backwards, *inputs, *model.parameters):
        if head not in opaque and model.users(Quantity(*head)):
            group = quantity_group(model, head, known)
            known[head] = Equation(group.steps[0].lhs, group.steps[-1].rhs)
            matrices = in_matrices(model, known[head])
            groups.append(replace(group, steps=(*group.steps, *matrices)))
    wanted = tuple(head for head in (*inputs, *model.parameters) if head in known)
    groups += [resolved_group(model, wanted, known), *kernel_groups(model, wanted, known)]
    return Derivation(tuple(group for group in groups if group.steps))


def definitions_group(model: Model) -> Group:
    """The definitions, as they are given."""
    steps: list[Line] = []
    for head in model.defined:
        entry, _ = written_entry(model, head, set())
        if model.defines(entry):
            steps += _chain(model, entry, ("definition",))
    return Group("definitions", model, tuple(steps))


def quantity_group(model: Model, head: Head, known: Known) -> Group:
    """The steps to dC/dq for one tensor, in terms of what is known of later ones."""
    entry, _ = written_entry(model, head, set())
    start = Partial(model.C, entry)
    used_by = Tuple(*(written_entry(model, user, set())[0] for user in model.users(entry)))
    about = {"quantity": start, "users": used_by}
    steps = _chain(model, start, (*_CHAIN_RULE, *_SHORTER))
    steps += _without_statistics(model, head, steps[-1].rhs, known)
    steps += _with_shorter(model, steps[-1].rhs, known)
    return Group("quantity", model, steps, about)


def _chain(model: Model, start: Expr, names: Iterable[str]) -> tuple[Line, ...]:
    """Apply laws one after another; those that change nothing leave no step."""
    steps: list[Line] = []
    expression = start
    for name in names:
        step = laws.apply(model, name, expression)
        if step.rhs != step.lhs:
            steps.append(step)
            expression = step.rhs
    return tuple(steps)


def resolved_group(model: Model, wanted: Iterable[Head], known: Known) -> Group:
    """Gradients without other derivatives in them, as dC/dW = x^T (p - y)/N, where short."""
    steps: list[Line] = []
    for head in wanted:
        own = known[head]
        later = [equation for one, equation in reversed(known.items()) if one != head]
        first = laws.apply(model, "insert results", own.lhs, (own, *later))
        chain = (first, *_chain(model, first.rhs, _SHORTER))
        last = chain[-1].rhs
        short = length(last) <= _MOST_RESOLVED and not last.has(KroneckerDelta)
        if short and last != own.rhs:
            steps += (*chain, *in_matrices(model, Equation(own.lhs, last)))
    return Group("resolved", model, tuple(steps))


# -- in matrices, and all together --------------------------------------------------------------


def in_matrices(model: Model, equation: Equation) -> tuple[Line, ...]:
    """The equation between matrices of which this is an entry, if there is one."""
    assert isinstance(equation.lhs, Quantity | Partial)
    try:
        matrices = matrix_view(model, equation.lhs, equation.rhs)
    except NoMatrixFormError:
        return ()
    line = laws.apply(model, "in matrices", equation.lhs, (equation,))
    return (replace(line, matrices=matrices),)


def kernel_groups(model: Model, wanted: Iterable[Head], known: Known) -> Iterator[Group]:
    """What one would write as a program: the forward pass, and then the gradients.

    Each gradient is in terms of what the forward pass has computed and of gradients before it;
    those that none of the wanted ones needs are left out.
    """
    forward: list[Line] = []
    for line in definitions_group(model).steps:
        forward += in_matrices(model, line.equation) or (line,)
    yield Group("kernel", model, tuple(forward))
    needed = _needed(model, wanted, known)
    backward: list[Line] = []
    for equation in (equation for head, equation in known.items() if head in needed):
        plain = laws.apply(model, "insert results", equation.lhs, (equation,))
        backward += in_matrices(model, equation) or (plain,)
    rights = (known[head].rhs for head in known if head in needed)
    used = {q.args[:2] for right in rights for q in outermost(right) if isinstance(q, Quantity)}
    kept = Tuple(*(Quantity(*head) for head in model.defined if head in used))
    yield Group("kernel_backward", model, tuple(backward), {"kept": kept})


def _needed(model: Model, wanted: Iterable[Head], known: Known) -> set[Head]:
    """The tensors by which the objective is differentiated on the way to some gradients."""
    needed: set[Head] = set()
    waiting = [*wanted]
    while waiting:
        head = waiting.pop()
        if head in known and head not in needed:
            needed.add(head)
            waiting += _differentiated_by(model, known[head].rhs)
    return needed


# -- what is put in ----------------------------------------------------------------------------


def _without_statistics(
    model: Model, head: Head, expression: Expr, known: Known
) -> tuple[Line, ...]:
    """The steps to dC/dv without derivatives by what is nothing but a statistic of v."""
    own = statistics(model, head)
    steps: list[Line] = []
    while heads := own & known.keys() & _differentiated_by(model, expression):
        given = tuple(equation for one, equation in known.items() if one in heads)
        steps.append(laws.apply(model, "insert results", expression, given))
        expression = steps[-1].rhs
    return *steps, *(_chain(model, expression, _SHORTER) if steps else ())


def _with_shorter(model: Model, expression: Expr, known: Known) -> tuple[Line, ...]:
    """The steps to a form with what is known of other derivatives, where that is shorter."""
    steps: list[Line] = []
    for head in known:
        if head in _differentiated_by(model, expression):
            first = laws.apply(model, "insert results", expression, (known[head],))
            tried = (first, *_chain(model, first.rhs, _SHORTER))
            if length(tried[-1].rhs) < length(expression):
                steps += tried
                expression = tried[-1].rhs
    return tuple(steps)


def _differentiated_by(model: Model, expression: Expr) -> set[Head]:
    """The tensors by which the objective is differentiated in an expression."""
    return {
        node.wrt.args[:2]
        for node in outermost(expression)
        if isinstance(node, Partial) and node.of == model.C
    }


def statistics(model: Model, head: Head) -> frozenset[Head]:
    """What stands beside a tensor v in a formula and is computed from v alone, with fewer axes.

    The mean and the root of a norm are statistics of x in (x - m)/s; so is sum_k e^{z_k} of z.
    dC/dv is written without derivatives by them: they are no stations of their own.
    """
    own = _axes_of(model, head)
    found: set[Head] = set()
    for one in model.defined:
        smaller = _axes_of(model, one) < own and one != model.C.args[:2]
        parts = [p for p in model.parts(one) if p != head and p not in found]
        of_v = model.depends(one, head) and not any(model.depends(p, head) for p in parts)
        if smaller and of_v and all(not _axes_of(model, p) for p in parts):
            found.add(one)
    beside = {
        part
        for user in model.users(Quantity(*head))
        if user not in found
        for part in model.parts(user)
        if part in found
    }
    return frozenset(q for q in found if any(q == b or model.depends(b, q) for b in beside))


def _axes_of(model: Model, head: Head) -> frozenset[Expr]:
    return frozenset(model.axes(Quantity(*head)))
