"""`Routine`: one function of a program, as data: arguments, lines in order, results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

from sympy import Expr, Symbol, preorder_traversal

from derive.algebra.functions import Step
from derive.algebra.indices import Index
from derive.algebra.quantities import Partial, Quantity
from derive.kernels.assignments import (
    Assignment,
    Kernel,
    Name,
    Places,
    parts_of,
    without_letters,
)
from derive.model.network import Network
from derive.notation.ascii.printing import ascii_text


@dataclass(frozen=True)
class Computation:
    """One line: the array that is assigned, in the axes of `left`, and what is said of it.

    Attributes:
        target: the name that is assigned; for what has none in the derivation, a text.
        left: what has the indices of the array.
        formula: what is computed.
        said: the left side of the equation, as documents write it.
        equations: their numbers.
    """

    target: Name | str
    left: Name
    formula: Expr
    said: str
    equations: Places


@dataclass(frozen=True)
class Routine:
    """A function: what it is called and given, what it computes, and what it returns.

    Attributes:
        kind: which of the functions of a program this is, the key of its words.
        given: inputs, targets and parameters.
        along: directions, and derivatives of an objective that is not specified.
        symbols: hyperparameters that are no numbers.
        steps: in an order in which they can be run.
        results: what is returned.
        assuming: what the equations assume of the inputs.
        through: what is called with the results after what is given, to return what it returns.
    """

    kind: str
    given: tuple[Quantity, ...]
    along: tuple[Name, ...]
    symbols: tuple[Symbol, ...]
    steps: tuple[Computation, ...]
    results: tuple[Name | str, ...]
    assuming: tuple[str, ...] = ()
    through: Routine | None = None


def routines(kernel: Kernel, order: int, product: bool) -> Iterator[Routine]:
    """The functions of a program to this order; `product` leaves out whole matrices."""
    model, C = kernel.model, kernel.model.C
    if C in kernel.assignments:
        yield _routine(kernel, "cost", [C])
    else:
        yield _routine(kernel, "outputs", [Quantity(*head) for head in model.opaque(C.args[:2])])
    if order == 0:
        return
    gradient = [Partial(C, one) for one in kernel.differentiated]
    first = [C] if C in kernel.assignments else []
    yield _routine(kernel, "cost_and_gradient" if first else "gradient", [*first, *gradient])
    yield _routine(kernel, "every_quantity", [*first, *_everything(kernel)])
    if order == 1:
        return
    yield _routine(kernel, "hessian_vector_product", [_along(kernel, one) for one in gradient])
    if isinstance(model, Network):
        yield _extra(kernel, "gauss_newton_product", kernel.gauss_newton, "Gv_")
        if not product:
            yield _extra(kernel, "hessian_diagonal", kernel.diagonal, "diagonal_")
            yield _routine(kernel, "hessian", [block for _, _, block in blocks(kernel)])
    elif model.splits_at is not None:
        yield from _split(kernel, _along(kernel, Partial(C, Quantity(*model.splits_at))))


def step_of_a_tensor(node: Expr) -> Expr | None:
    """Step(z) of a whole tensor z, for that of an entry; none for other arguments."""
    z, at_zero = node.args
    return Step(without_letters(z), at_zero) if isinstance(z, Quantity) else None


def shared_gates(routine: Routine) -> tuple[Expr, ...]:
    """The Step(z) of tensors z that stand in several places of a function: computed once then."""
    nodes = (node for step in routine.steps for node in preorder_traversal(step.formula))
    found = Counter(step_of_a_tensor(node) for node in nodes if isinstance(node, Step))
    return tuple(gate for gate, times in found.items() if gate is not None and times > 1)


def _split(kernel: Kernel, curved: Name) -> Iterator[Routine]:
    """J^T w, and J^T (d2C/do do') J v of the output o: R{dC/do} is what J^T is multiplied by."""
    if not kernel.pulled_back or curved not in kernel.assignments:
        return
    gradient: list[Name] = [Partial(kernel.model.C, one) for one in kernel.differentiated]
    back = _routine(
        replace(kernel, assignments=kernel.pulled_back), "vector_jacobian_product", gradient
    )
    first = _routine(kernel, "gauss_newton_product", [curved])
    symbols = sorted({*first.symbols, *back.symbols}, key=str)
    yield back
    yield replace(first, symbols=tuple(symbols), through=back)


def blocks(kernel: Kernel) -> Iterator[tuple[int, int, Name]]:
    """Each block of the Hessian on and below the diagonal, with its row and its column."""
    numbered = [*enumerate(kernel.parameters)]
    for (column, earlier), (row, later) in combinations_with_replacement(numbered, 2):
        yield row, column, Partial(Partial(kernel.model.C, later), earlier)


def _along(kernel: Kernel, gradient: Partial) -> Name:
    assert kernel.model.direction is not None
    return Partial(gradient, kernel.model.direction)


def _everything(kernel: Kernel) -> list[Name]:
    """What is computed on the way, and the derivatives of C by it."""
    C = kernel.model.C
    found: list[Name] = []
    defined = [Quantity(*head) for head in kernel.model.defined if head != C.args[:2]]
    found += [one for one in defined if one in kernel.assignments]
    for one in (*defined, *kernel.differentiated):
        derivative = Partial(C, one)
        if derivative in kernel.assignments:
            found.append(derivative)
    return found


def _routine(kernel: Kernel, kind: str, wanted: list[Name]) -> Routine:
    assigned = kernel.needed(*wanted)
    return _assembled(kernel, kind, assigned, [_step(one) for one in assigned], tuple(wanted))


def _extra(
    kernel: Kernel, kind: str, found: Iterable[tuple[Quantity, Assignment, str]], prefix: str
) -> Routine:
    """A function of what has no name in the derivation, one result for each parameter."""
    found = tuple(found)
    assigned = kernel.needed(*(part for _, own, _ in found for part in parts_of(own.right)))
    steps = [_step(one) for one in assigned]
    last = [
        Computation(f"{prefix}{ascii_text(entry.at())}", entry, own.right, said, own.equations)
        for entry, own, said in found
    ]
    assigned = (*assigned, *(own for _, own, _ in found))
    return _assembled(kernel, kind, assigned, [*steps, *last], tuple(one.target for one in last))


def _step(own: Assignment) -> Computation:
    return Computation(own.name, own.left, own.right, ascii_text(own.left), own.equations)


def _assembled(
    kernel: Kernel,
    kind: str,
    assigned: tuple[Assignment, ...],
    steps: list[Computation],
    results: tuple[Name | str, ...],
) -> Routine:
    names = {one.name for one in assigned}
    used = dict.fromkeys(part for one in assigned for part in parts_of(one.right))
    others = [part for part in used if part not in names and part not in kernel.given]
    moves = [
        kernel.model.moving(kernel.model.general_entry(one.args[:2])[0]).at()
        for one in kernel.differentiated
    ]
    is_product = kind in ("hessian_vector_product", "gauss_newton_product")
    along = moves if is_product or any(move in others for move in moves) else []
    seeds = [part for part in others if part not in moves]
    free = {s for one in assigned for s in one.right.atoms(Symbol) if not isinstance(s, Index)}
    symbols = sorted(free - kernel.model.sizes, key=str)
    assuming = dict.fromkeys(
        f"{ascii_text(one.lhs)} = {ascii_text(one.rhs)}" for own in assigned for one in own.assuming
    )
    return Routine(
        kind, kernel.given, (*along, *seeds), tuple(symbols), tuple(steps), results, tuple(assuming)
    )
