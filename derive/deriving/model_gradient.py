"""The gradient of any model, from the objective backwards: one quantity after another.

For each quantity: the chain rule over all that uses it, the definitions put in, their local
derivatives, and a short form.  Source of the mathematics: the chain rule, with local
derivatives; see `derive.deriving.laws.users` and `derive.deriving.laws.short_forms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import Expr, Integer, KroneckerDelta, Tuple
from sympy.core.symbol import Str

from derive.algebra.quantities import Partial, Quantity, outermost
from derive.deriving import laws
from derive.deriving.laws.algebra import put_in
from derive.deriving.laws.short_forms import length
from derive.deriving.laws.users import written_entry
from derive.deriving.matrix_lines import in_matrices
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
SHORTER = (
    "multiply out the fractions",
    "gates once",
    "sum term by term",
    "factor out",
    "name the quantities",
    "factor out",
    "in front of the sums",
    "rows that sum to 1",
)

#: So long may a gradient be in which everything is put in.
MOST_RESOLVED = 12

#: What is longer when everything is put in does not become that short.
_MOST_PUT_IN = 60

#: What is known of dC/dq, by the tensor q.
Known = dict[Head, Equation]


def model_gradient(model: Model) -> Derivation:
    """dC/dq for all that is computed on the way, from the last back, then what is given.

    Shapes and indices are those of each quantity; every line holds for all sizes unless its
    proof says otherwise.
    """
    by_quantity, known = gradients(model)
    wanted = differentiated(model, known)
    groups = [*definition_groups(model), *by_quantity]
    groups += [resolved_group(model, wanted, known), *kernel_groups(model, wanted, known)]
    return Derivation(tuple(group for group in groups if group.steps))


def gradients(model: Model) -> tuple[list[Group], Known]:
    """The steps to dC/dq for each tensor q, the last first, and what each comes to."""
    groups: list[Group] = []
    known: Known = {}
    opaque = model.opaque(model.C.args[:2])
    for head in _backwards(model):
        if head not in opaque and model.depends(model.C.args[:2], head):
            group = quantity_group(model, head, known)
            known[head] = Equation(group.steps[0].lhs, group.steps[-1].rhs)
            matrices = in_matrices(model, known[head])
            groups.append(replace(group, steps=(*group.steps, *matrices)))
    return groups, known


def _backwards(model: Model) -> list[Head]:
    """What is computed, the last first, inputs and parameters; each below its own title."""
    computed = [head for head in reversed(model.defined) if head != model.C.args[:2]]
    inputs = [head for head in model.given if model.role(head) == "input"]
    titles = [model.section(head) for head in (*computed, model.C.args[:2])]
    titles.append("")  # what nothing uses
    return sorted(
        (*computed, *inputs, *model.parameters), key=lambda head: titles.index(model.section(head))
    )


def differentiated(model: Model, known: Known) -> tuple[Head, ...]:
    """The inputs, and then the parameters, by which there is a derivative."""
    inputs = [head for head in model.given if model.role(head) == "input"]
    return tuple(head for head in (*inputs, *model.parameters) if head in known)


def definition_groups(model: Model) -> tuple[Group, ...]:
    """The definitions, as they are given, under their titles."""
    groups: list[Group] = []
    for head in model.defined:
        entry, _ = written_entry(model, head, set())
        if not model.defines(entry):
            continue
        steps, section = laws.chain(model, entry, "definition"), Str(model.section(head))
        if groups and groups[-1].about["section"] == section:
            last = groups.pop()
            steps = (*last.steps, *steps)
        about = {"section": section, "position": Integer(len(groups))}
        groups.append(Group("definitions", model, steps, about))
    return tuple(groups)


def quantity_group(model: Model, head: Head, known: Known) -> Group:
    """The steps to dC/dq for one tensor, in terms of what is known of later ones."""
    entry, _ = written_entry(model, head, set())
    start = Partial(model.C, entry)
    used_by = Tuple(*(written_entry(model, user, set())[0] for user in model.users(entry)))
    about = {"quantity": start, "users": used_by, "section": Str(model.section(head))}
    steps = [*laws.chain(model, start, *_CHAIN_RULE, *SHORTER)]
    steps += _without_statistics(model, head, steps[-1].rhs, known)
    steps += _with_shorter(model, steps[-1].rhs, known)
    return Group("quantity", model, tuple(steps), about)


def resolved_group(model: Model, wanted: Iterable[Head], known: Known) -> Group:
    """Gradients without other derivatives in them, as dC/dW = x^T (p - y)/N, where short."""
    steps: list[Line] = []
    for head in wanted:
        own = known[head]
        chain = resolved(model, head, known)
        if chain and is_short(last := chain[-1].rhs) and last != own.rhs:
            steps += (*chain, *in_matrices(model, Equation(own.lhs, last)))
    return Group("resolved", model, tuple(steps))


def resolved(model: Model, head: Head, known: Known) -> tuple[Line, ...]:
    """The steps to dC/dW without other derivatives in it; none where that is very long."""
    own = known[head]
    given = _results_put_in(model, own, known)
    if given is None:
        return ()
    first = laws.apply(model, "insert results", own.lhs, (own, *given))
    return (first, *laws.chain(model, first.rhs, *SHORTER))


def _results_put_in(model: Model, own: Equation, known: Known) -> tuple[Equation, ...] | None:
    """What is put in for the derivatives in a result, the last first; None where it grows long."""
    heads = [*known]
    places = {head: place for place, head in enumerate(heads)}
    expression, last = own.rhs, len(heads)
    given: list[Equation] = []
    while True:
        found = (places.get(head, last) for head in _differentiated_by(model, expression))
        last = max((place for place in found if place < last), default=-1)
        if last < 0:
            return tuple(given)
        given.append(known[heads[last]])
        expression = put_in(expression, given[-1])
        if length(expression) > _MOST_PUT_IN:
            return None


def is_short(expression: Expr) -> bool:
    """Whether a formula in which everything is put in can still be read."""
    return length(expression) <= MOST_RESOLVED and not expression.has(KroneckerDelta)


# -- in matrices, and all together --------------------------------------------------------------


def kernel_groups(model: Model, wanted: Iterable[Head], known: Known) -> Iterator[Group]:
    """What one would write as a program: the forward pass, and then the gradients.

    Each gradient is in terms of what the forward pass has computed and of gradients before it;
    those that none of the wanted ones needs are left out.
    """
    forward: list[Line] = []
    for line in (line for group in definition_groups(model) for line in group.steps):
        forward += in_matrices(model, line.equation) or (line,)
    yield Group("kernel", model, tuple(forward))
    backward: list[Line] = []
    required = needed(model, wanted, known)
    for equation in (equation for head, equation in known.items() if head in required):
        plain = laws.apply(model, "insert results", equation.lhs, (equation,))
        backward += in_matrices(model, equation) or (plain,)
    rights = (known[head].rhs for head in known if head in required)
    used = {q.args[:2] for right in rights for q in outermost(right) if isinstance(q, Quantity)}
    kept = Tuple(*(Quantity(*head) for head in model.defined if head in used))
    yield Group("kernel_backward", model, tuple(backward), {"kept": kept})


def needed(model: Model, wanted: Iterable[Head], known: Known) -> set[Head]:
    """The tensors by which the objective is differentiated on the way to some gradients."""
    found: set[Head] = set()
    waiting = [*wanted]
    while waiting:
        head = waiting.pop()
        if head in known and head not in found:
            found.add(head)
            waiting += _differentiated_by(model, known[head].rhs)
    return found


# -- what is put in ----------------------------------------------------------------------------


def _without_statistics(
    model: Model, head: Head, expression: Expr, known: Known
) -> tuple[Line, ...]:
    """The steps to dC/dv without derivatives by what is computed from v alone on the way."""
    own = statistics(model, head) | between(model, head)
    steps: list[Line] = []
    while heads := own & known.keys() & _differentiated_by(model, expression):
        given = tuple(equation for one, equation in known.items() if one in heads)
        steps.append(laws.apply(model, "insert results", expression, given))
        expression = steps[-1].rhs
    return *steps, *(laws.chain(model, expression, *SHORTER) if steps else ())


def _with_shorter(model: Model, expression: Expr, known: Known) -> tuple[Line, ...]:
    """The steps to a form with what is known of other derivatives, where that is shorter."""
    steps: list[Line] = []
    for head in known:
        if head in _differentiated_by(model, expression):
            first = laws.apply(model, "insert results", expression, (known[head],))
            tried = (first, *laws.chain(model, first.rhs, *SHORTER))
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


def between(model: Model, head: Head) -> frozenset[Head]:
    """What stands between a tensor v and the next w of its axes, all of it computed from v alone.

    The objective depends on v through w alone, and something in between has fewer axes: so a
    softmax is one step from z to p, though e := exp(z) and its sums have names, and a norm one
    from x to n, though x - m has one.
    """
    axes = _axes_of(model, head)
    after = [one for one in model.defined if model.depends(one, head) and one != model.C.args[:2]]
    for w in after:
        inner = {one for one in after if model.depends(w, one)}
        parts = {p for one in inner for p in model.parts(one) if p != head and p not in inner}
        alone = all(not _axes_of(model, part) for part in parts)
        summed = any(_axes_of(model, one) < axes for one in inner)
        if alone and summed and _axes_of(model, w) == axes:
            return frozenset(inner) if model.parts_at(w, head, model.C.args[:2]) else frozenset()
    return frozenset()


def _axes_of(model: Model, head: Head) -> frozenset[Expr]:
    return frozenset(model.axes(Quantity(*head)))
