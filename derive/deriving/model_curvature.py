"""Second order of any model: how everything moves along a direction, and Hessian blocks.

R{q} is the derivative of q as inputs and parameters move along a direction.  R of the forward
pass is a Jacobian times a vector; R of the backward pass the Hessian times a vector, which is
also the derivative of a backward pass by its inputs.  Source of the mathematics: Pearlmutter
1994 (the R-operator), Schraudolph 2002 (Gauss-Newton).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement

from sympy import Basic, Expr, Integer, Tuple, sympify

from derive.algebra.indices import index_symbols
from derive.algebra.quantities import Partial, Quantity, is_step, outermost
from derive.deriving import laws
from derive.deriving.laws.short_forms import length
from derive.deriving.laws.users import written_entry
from derive.deriving.matrix_lines import in_matrices
from derive.deriving.model_gradient import (
    SHORTER,
    Known,
    definition_groups,
    differentiated,
    gradients,
    is_short,
    needed,
    resolved,
)
from derive.errors import DeriveError
from derive.meaning.derivation import Derivation, Equation, Group, Line
from derive.model.defined_model import DefinedModel
from derive.model.model import Head, Model

#: So long may a Jacobian or a block of the Hessian be that is printed.
MOST_PRINTED = 16
_JACOBIAN = re.compile(r"d(\w+)/d(\w+)")
#: What grows beyond this on the way is given up.
_MOST_ON_THE_WAY = 30


def model_curvature(model: Model) -> Derivation:
    """R{q} and R{dC/dq} for each quantity q, Jacobians of the output, and Hessian blocks.

    Shapes and indices are those of each quantity; every line holds for all sizes unless its
    proof says otherwise.  Jacobians and blocks that are long are left out, and counted.
    """
    _, known = gradients(model)
    wanted = differentiated(model, known)
    groups = [
        *definition_groups(model),
        recalled(model, wanted, known),
        forward_along(model),
        backward_along(model, wanted, known),
        jacobians(model, wanted),
        *blocks(model, known),
    ]
    return Derivation(tuple(group for group in groups if group.steps))


def recalled(model: Model, wanted: Iterable[Head], known: Known) -> Group:
    """The derivatives of first order that are differentiated again."""
    required = needed(model, wanted, known)
    steps = [
        laws.apply(model, "recalled", equation.lhs, (equation,))
        for head, equation in known.items()
        if head in required
    ]
    return Group("recalled", model, tuple(steps))


# -- along a direction --------------------------------------------------------------------------


def forward_along(model: Model) -> Group:
    """R{q} of each quantity by its definition, in the order in which it is computed."""
    steps: list[Line] = []
    for head in model.defined:
        entry, _ = written_entry(model, head, set())
        if entry != model.C and model.defines(entry):
            steps += _with_matrices(model, motion(model, entry))
    return Group("forward_along", model, tuple(steps))


def motion(model: Model, entry: Quantity) -> tuple[Line, ...]:
    """The steps to R{q}, a Jacobian times the direction."""
    return laws.chain(model, Partial(entry, _direction(model)), "forward", *SHORTER)


def backward_along(model: Model, wanted: Iterable[Head], known: Known) -> Group:
    """R{dC/dq} of each derivative on the way to the wanted ones: the Hessian times a vector."""
    required = needed(model, wanted, known)
    steps: list[Line] = []
    for head, equation in known.items():
        if head in required:
            steps += _with_matrices(model, gradient_motion(model, equation))
    given = [Partial(model.C, Quantity(*head)) for head in model.opaque(model.C.args[:2])]
    return Group("backward_along", model, tuple(steps), {"given": Tuple(*given)})


def gradient_motion(model: Model, equation: Equation) -> tuple[Line, ...]:
    """The steps to R{dC/dq} from what dC/dq is."""
    start = Partial(equation.lhs, _direction(model))
    inserted = ("insert within", (equation,))
    return laws.chain(model, start, inserted, "local derivative", *SHORTER)


def _direction(model: Model) -> Quantity:
    if model.direction is None:
        raise DeriveError(f"{model.name} has no name for a direction")
    return model.direction


def _with_matrices(model: Model, chain: tuple[Line, ...]) -> tuple[Line, ...]:
    """The chain, and below it what it comes to as an equation between matrices."""
    if not chain:
        return ()
    return *chain, *in_matrices(model, Equation(chain[0].lhs, chain[-1].rhs))


# -- Jacobians ----------------------------------------------------------------------------------


def jacobians(model: Model, wanted: Iterable[Head]) -> Group:
    """do/dv of the output o by each input and parameter v."""
    output = model.splits_at or next(iter(model.opaque(model.C.args[:2])), None)
    if output is None:
        return Group("jacobians", model, ())
    of, _ = written_entry(model, output, set())
    steps, left_out = _short_ones(
        jacobian(model, of, written_entry(model, head, index_symbols(of))[0])
        for head in wanted
        if model.depends(output, head)
    )
    return Group("jacobians", model, steps, {"of": of, "left_out": Integer(left_out)})


def jacobian(model: Model, of: Quantity, by: Quantity) -> tuple[Line, ...]:
    """The steps to dq/dv, by the definitions from q back to v."""
    return _put_in(model, laws.chain(model, Partial(of, by), "forward"))


def jacobian_named(model: Model, name: str) -> tuple[Line, ...]:
    """The steps to dq/dv for a name such as "dP/dS"; none for another name."""
    found = _JACOBIAN.fullmatch(name.replace(" ", ""))
    heads = {str(head[0]): head for head in (*model.given, *model.defined)}
    if found is None or found[1] not in heads or found[2] not in heads:
        return ()
    of, _ = written_entry(model, heads[found[1]], set())
    by, _ = written_entry(model, heads[found[2]], index_symbols(of))
    return jacobian(model, of, by)


def _put_in(model: Model, chain: tuple[Line, ...]) -> tuple[Line, ...]:
    """The chain, on to where no derivative but those of the objective is left in it."""
    while chain and any(_is_open(model, node) for node in outermost(chain[-1].rhs)):
        opened = laws.chain(model, chain[-1].rhs, "forward")
        if not opened:
            break
        shorter = laws.chain(model, opened[-1].rhs, "factor out", "name the quantities")
        further = (*opened, *shorter)
        if length(further[-1].rhs) > _MOST_ON_THE_WAY:
            return (*chain, *further)
        chain = (*chain, *further)
    if not chain:
        return ()
    return *chain, *laws.chain(model, chain[-1].rhs, "sum over the deltas", *SHORTER)


def _is_open(model: Model, node: Expr) -> bool:
    return isinstance(node, Partial) and not is_step(node.wrt) and node.of != model.C


def _short_ones(chains: Iterable[tuple[Line, ...]]) -> tuple[tuple[Line, ...], int]:
    """The steps of those chains that end in what can be read, and the number of the others."""
    steps: list[Line] = []
    left_out = 0
    for chain in chains:
        if chain and length(chain[-1].rhs) <= MOST_PRINTED:
            steps += chain
        else:
            left_out += 1
    return tuple(steps), left_out


# -- blocks of the Hessian ----------------------------------------------------------------------


def blocks(model: Model, known: Known) -> Iterator[Group]:
    """d2C/dp dq of the parameters where it is short, and its parts where C splits."""
    if model.opaque(model.C.args[:2]):
        return  # how C curves by its output is not specified
    parameters = [head for head in model.parameters if head in known]
    pairs = list(combinations_with_replacement(parameters, 2))
    chains = (block(model, first, second, known) for first, second in pairs)
    steps, left_out = _short_ones(chains)
    count = len(pairs)
    about = {"left_out": Integer(left_out), "count": Integer(count)}
    yield Group("blocks_of_parameters", model, steps, about)
    if model.splits_at is not None:
        yield split_blocks(model, known)


def block(model: Model, first: Head, second: Head, known: Known) -> tuple[Line, ...]:
    """The steps to d2C/dp dq from dC/dp; none where that is long."""
    chain = resolved(model, first, known)
    if not (chain and is_short(chain[-1].rhs)):
        return ()
    found = Equation(chain[0].lhs, chain[-1].rhs)
    by, _ = written_entry(model, second, index_symbols(found.lhs))
    inserted = ("insert within", (found,))
    opened = laws.chain(model, Partial(found.lhs, by), inserted, "local derivative")
    return _put_in(model, opened)


def split_blocks(model: Model, known: Known) -> Group:
    """The curvature of C by the output, and blocks as Gauss-Newton, residual and penalty."""
    output = model.splits_at
    assert output is not None and isinstance(model, DefinedModel)
    steps: list[Line] = []
    about: dict[str, Basic] = {
        "output": Quantity(*output),
        "penalty": sympify(any(model.split_terms(output)[1])),
        "curved": sympify(output in known),
    }
    if output in known:
        of = known[output]
        by, _ = written_entry(model, output, index_symbols(of.lhs))
        inserted = ("insert within", (of,))
        start = Partial(of.lhs, by)
        opened = laws.chain(model, start, inserted, "local derivative")
        steps += _put_in(model, opened)
    for head in model.parameters:
        if head in known and model.depends(output, head):
            first, _ = written_entry(model, head, set())
            second, _ = written_entry(model, head, index_symbols(first))
            start = Partial(Partial(model.C, first), second)
            steps += laws.chain(model, start, "split at the output")
    return Group("split_at_output", model, tuple(steps), about)
