"""The judge: is an equation between quantities and derivatives of a network true?

It takes the definitions of the network one layer at a time (`unfolding`), asks for the
sizes that settle every width (`widths`), and compares normal forms there
(`normal_form`); what is not equal it tries to refute by an exact point (`search`).  It
never imports the rules that the derivation was made with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import (
    And,
    Basic,
    Derivative,
    Eq,
    Expr,
    Ne,
    Or,
    Piecewise,
    S,
    StrictGreaterThan,
    StrictLessThan,
    Sum,
    Tuple,
    exp,
    tanh,
)

from derive.derivation import Equation
from derive.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.indices import contract
from derive.instances import IllTypedError, free_axes, instantiate
from derive.network import Network
from derive.proving import normal_form
from derive.proving.normal_form import Comparison, NotRationalError
from derive.proving.proof import Kinks, Method, Proof, Scope, Status, Widths
from derive.proving.search import counterexample, instance_widths
from derive.proving.unfolding import unfold, work_out
from derive.proving.widths import OutsideClassError, patterns, sufficient_widths
from derive.quantities import Partial, Quantity, replace_whole

#: After so many layers of definitions without success, a counterexample is looked for.
_PATIENCE = 12
#: An unfolded equation of more nodes than this is not multiplied out.
_MOST_NODES = 4_000


def judge(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
) -> Proof:
    """Prove or refute left = right, under a condition and assumptions if there are any."""
    cases = list(_cases(left, right, where))
    if len(cases) == 1 and cases[0][2] == S.true:
        return _judge_one(network, left, right, S.true, assuming)
    proofs = [_judge_one(network, a, b, condition, assuming) for a, b, condition in cases]
    return _combined(proofs, where)


def _cases(left: Expr, right: Expr, where: Basic) -> Iterator[tuple[Expr, Expr, Basic]]:
    """The equation once for each branch of a Piecewise and each alternative of a condition."""
    if isinstance(left, Piecewise) or isinstance(right, Piecewise):
        pieces = left if isinstance(left, Piecewise) else right
        before: Basic = S.true
        for branch, condition in pieces.args:  # pyright: ignore[reportGeneralTypeIssues]
            a, b = (branch, right) if pieces is left else (left, branch)
            yield from _cases(a, b, And(where, before, condition))
            before = And(before, ~condition)
        return
    for alternative in _alternatives(where):
        if alternative != S.false:
            yield left, right, alternative


def _alternatives(condition: Basic) -> Iterator[Basic]:
    """Conjunctions of strict signs and zeros whose disjunction is the condition."""
    if isinstance(condition, Or):
        for argument in condition.args:
            yield from _alternatives(argument)
        return
    if isinstance(condition, And):
        first, *rest = condition.args
        for one in _alternatives(first):
            for other in _alternatives(And(*rest)):
                both = And(one, other)
                if both != S.false and not _contradictory(both):
                    yield both
        return
    if condition.func.__name__ in ("GreaterThan", "LessThan"):
        a, b = condition.args
        strict = a > b if condition.func.__name__ == "GreaterThan" else a < b  # pyright: ignore
        yield from (strict, Eq(a, b))
        return
    if isinstance(condition, Ne):
        a, b = condition.args
        yield from (a > b, a < b)  # pyright: ignore[reportOperatorIssue]
        return
    yield condition


def _contradictory(condition: Basic) -> bool:
    signs: dict[Basic, set[str]] = {}
    for part in And.make_args(condition):
        if part.args:
            signs.setdefault(part.args[0], set()).add(part.func.__name__)
    return any(len(found) > 1 for found in signs.values())


def _combined(proofs: list[Proof], where: Basic) -> Proof:
    """One answer for all cases: proved only if each is."""
    for status in (Status.REFUTED, Status.UNDECIDED):
        for proof in proofs:
            if proof.status is status:
                return proof
    widths = [proof.scope.widths for proof in proofs]
    every = all(w.every for w in widths)
    worst = next((w for w in widths if not w.every), widths[0])
    scope = replace(
        proofs[0].scope,
        where=where,
        kinks=_weakest([proof.scope.kinks for proof in proofs]),
        widths=replace(worst, every=every),
        nonzero=tuple(dict.fromkeys(n for proof in proofs for n in proof.scope.nonzero)),
    )
    return Proof(Status.PROVED, Method.REGIONS, scope)


def _weakest(kinks: list[Kinks]) -> Kinks:
    return max(kinks, key=list(Kinks).index)


def _judge_one(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
) -> Proof:
    try:
        pair = Tuple(*(_derivatives_done(side, where) for side in (left, right)))
    except NotRationalError as error:
        return Proof(Status.UNDECIDED, Method.NONE, remark=str(error))
    remark = ""
    form = _under(work_out(network, pair), where)
    for round_number in range(10_000):
        a, b = form.args
        if sum(1 for _ in _nodes(form)) > _MOST_NODES:
            remark = "too large to multiply out"
            break
        try:
            proof = _at_sufficient_widths(network, a, b, where, assuming)
        except (NotRationalError, IllTypedError) as error:
            remark = str(error)
            break
        if proof is not None:
            return proof
        if round_number == _PATIENCE:
            found = _refuted(network, left, right, where, assuming)
            if found is not None:
                return found
        unfolded = unfold(network, form)
        if unfolded is None:
            break
        form = _under(work_out(network, unfolded), where)
    found = _refuted(network, left, right, where, assuming)
    if found is not None:
        return found
    remark = remark or "the normal forms differ, and no counterexample was found"
    return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=remark)


def _refuted(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
) -> Proof | None:
    try:
        point = counterexample(network, left, right, where, assuming)
    except IllTypedError:
        return None
    if point is None:
        return None
    return Proof(Status.REFUTED, Method.SEARCH, Scope(where=where), point)


def _nodes(expression: Basic) -> Iterator[Basic]:
    yield expression
    for argument in expression.args:
        if not isinstance(expression, Quantity):
            yield from _nodes(argument)


def _at_sufficient_widths(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
) -> Proof | None:
    """A proof from the normal forms at the sizes that settle every width, or None."""
    left, right = _homogeneous(network, left, right, assuming)
    sizes, widths = _sizes(network, left, right)
    comparisons: list[Comparison] = []
    for free in patterns(free_axes(network, left, right)):
        sides = [_under(instantiate(network, side, sizes, free), where) for side in (left, right)]
        comparison = normal_form.compare(*sides)
        if not comparison.equal:
            return None
        comparisons.append(comparison)
    kinks = _weakest([_kinks(comparison) for comparison in comparisons])
    nonzero = tuple(dict.fromkeys(n for c in comparisons for n in c.nonzero))
    scope = Scope(kinks, widths, where, assuming, nonzero)
    return Proof(Status.PROVED, Method.NORMAL_FORM, scope)


def _sizes(network: Network, left: Expr, right: Expr) -> tuple[dict[Expr, int], Widths]:
    """The sizes to compare at: those that settle every width, or the network's own."""
    reason = "entries are written out"
    if not _names_units(left) and not _names_units(right):
        try:
            sizes = sufficient_widths(network, left, right)
            return sizes, Widths(every=True, tried=_sorted(network, sizes))
        except OutsideClassError as error:
            reason = str(error)
    sizes = instance_widths(network)
    return sizes, Widths(every=False, tried=_sorted(network, sizes), reason=reason)


def _names_units(expression: Expr) -> bool:
    """Whether some quantity is named with a number for an index."""
    return any(i.is_Integer for q in expression.atoms(Quantity) for i in q.indices)


def _sorted(network: Network, sizes: dict[Expr, int]) -> tuple[tuple[Expr, int], ...]:
    return tuple(sorted(sizes.items(), key=lambda item: network.position(item[0])))


def _kinks(comparison: Comparison) -> Kinks:
    """What the comparison says of points where a gate's argument is 0."""
    if comparison.gates == 0:
        return Kinks.NONE
    if comparison.conflict:
        return Kinks.EXCLUDED
    if comparison.identical:
        return Kinks.EVERY_CONVENTION
    if comparison.conventions <= {S.Zero, S.One}:
        return Kinks.AS_STATED
    if all(value.is_Symbol for value in comparison.conventions):
        return Kinks.IDEMPOTENT
    return Kinks.EXCLUDED


def _homogeneous(
    network: Network, left: Expr, right: Expr, assuming: tuple[Equation, ...]
) -> tuple[Expr, Expr]:
    """Under sum_j y_j = 1, terms free of y are multiplied by that sum.

    The cost, and with it every derivative of the cost, is linear in y.  An equation of
    degree at most 1 in y holds wherever sum_j y_j = 1 exactly if its homogeneous form
    holds for all y: replace y by y / sum_j y_j.
    """
    total = next((e.lhs for e in assuming if isinstance(e.lhs, Sum) and e.rhs == 1), None)
    if total is None:
        return left, right
    sides: list[Expr] = []
    for side in (left, right):
        linear = {
            node: S.Zero
            for node in side.atoms(Quantity, Partial)
            if (isinstance(node, Quantity) and node.kind == "y")
            or (isinstance(node, Partial) and node.of == network.C)
        }
        sides.append(side + contract(replace_whole(side, linear)) * (total - 1))
    return sides[0], sides[1]


def _under(expression: Basic, where: Basic) -> Basic:
    """The expression with the gates that a condition decides set, and zeros put in."""
    if where == S.true:
        return expression
    mapping: dict[Basic, Basic] = {}
    for part in And.make_args(where):
        if isinstance(part, Eq) and part.args[1] == 0:
            mapping[part.args[0]] = S.Zero
        elif isinstance(part, StrictGreaterThan | StrictLessThan) and part.args[1] == 0:
            positive = isinstance(part, StrictGreaterThan)
            for node in expression.atoms(ReLU, LeakyReLU, Step):
                if node.args[0] == part.args[0]:
                    mapping[node] = _decided(node, positive)
    return replace_whole(expression, mapping)


def _decided(node: Basic, positive: bool) -> Basic:
    """ReLU, LeakyReLU or Step of an argument of known sign."""
    z = node.args[0]
    match node:
        case Step():
            return S.One if positive else S.Zero
        case ReLU():
            return z if positive else S.Zero
        case _:
            return z if positive else node.args[1] * z  # pyright: ignore[reportOperatorIssue]


def _derivatives_done(side: Expr, where: Basic) -> Expr:
    """Derivatives of functions of one variable, from the functions' own formulas.

    The formula is the Piecewise or exponential form, differentiated by SymPy piece by
    piece, so that the derivative stated in `derive.functions` is not taken on trust.
    """
    mapping: dict[Expr, Expr] = {}
    for node in side.atoms(Derivative):
        (variable,) = node.variables
        body = node.expr.replace(
            lambda f: isinstance(f, sigmoid | softplus | tanh), lambda f: f.rewrite(exp)
        )
        body = body.rewrite(Piecewise)
        if isinstance(body, Piecewise):
            positive = (variable > 0) in And.make_args(where)
            negative = (variable < 0) in And.make_args(where)
            if not positive and not negative:
                raise NotRationalError("a derivative at a kink does not exist")
            body = next(
                branch
                for branch, condition in body.args
                if condition.subs(variable, 1 if positive else -1) == S.true
            )
        mapping[node] = body.diff(variable)
    return side.xreplace(mapping)
