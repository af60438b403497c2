"""What a right-hand side should be, where no small change of the one written is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from sympy import Basic, Expr, Piecewise, S, Symbol, Tuple

from derive.algebra.indices import contract, deltas_in_front, substitute
from derive.algebra.quantities import Partial, Quantity
from derive.deriving import laws
from derive.deriving.first_order import backpropagate, targets_assumed
from derive.deriving.laws.short_forms import length
from derive.deriving.model_gradient import MOST_RESOLVED, SHORTER, model_gradient
from derive.errors import NotRationalError
from derive.meaning.composites import work_out
from derive.meaning.unfolding import unfold
from derive.model.instances import IllTypedError
from derive.model.model import Model
from derive.model.network import Network
from derive.proving import judge

#: Deeper networks have derivations too long for a hint.
_MOST_LAYERS = 6
#: A derivative that grows beyond this while it is worked out is given up.
_MOST_ON_THE_WAY = 60


def expected_right(
    network: Model, left: Expr, written: Expr = S.Zero, where: Basic = S.true
) -> Expr | None:
    """The right side of derive's own equation for a quantity, proved again; None without one.

    Where what was `written` has no derivative in it, all earlier results are put in.
    """
    if not isinstance(left, Quantity | Partial):
        return None
    if isinstance(network, Network) and network.depth > _MOST_LAYERS:
        return None
    for answer in _answers(network, left, resolved=not written.has(Partial)):
        if judge(network, left, answer, where, targets_assumed(network)).proved:
            return answer
    return None


def _answers(model: Model, left: Expr, *, resolved: bool) -> Iterator[Expr]:
    """The derived equations for a quantity; of other derivatives what they come to, if short."""
    yield from _recalled(model, left, resolved=resolved)
    if isinstance(left, Partial):
        worked_out = _closed(model, left)
        if worked_out is not None and length(worked_out) <= MOST_RESOLVED:
            yield worked_out


def _recalled(model: Model, left: Expr, *, resolved: bool) -> Iterator[Expr]:
    for known, right in _known(model, resolved=resolved):
        letters = matching(known, left)
        if letters is not None:
            yield substitute(right, letters)


@lru_cache(maxsize=64)
def _closed(model: Model, left: Partial) -> Expr | None:
    """A derivative with all derivatives worked out, in names: dp_k/dz_i = p_k (delta_ki - p_i).

    A second derivative is that of the gradient by its short formula.
    """
    whole: Expr = left
    if isinstance(left.of, Partial):
        inner = next(_recalled(model, left.of, resolved=True), None)
        if inner is None:
            return None
        whole = Partial(inner, left.wrt)
    try:
        while (whole := contract(deltas_in_front(work_out(model, whole)))).has(Partial):
            if (opened := unfold(model, Tuple(whole, S.Zero))) is None:
                return None
            whole = opened.args[0]
            if length(whole) > _MOST_ON_THE_WAY:
                return None
    except (NotRationalError, IllTypedError):
        return None
    assumed = ("assumption", targets_assumed(model))
    steps = laws.chain(model, whole, *SHORTER, assumed)
    return steps[-1].rhs if steps else whole


@lru_cache(maxsize=16)
def _known(network: Model, *, resolved: bool) -> tuple[tuple[Expr, Expr], ...]:
    """Each quantity with what its first chain comes to; or the first without derivatives in it."""
    found: dict[Expr, Expr] = {}
    ends: dict[Expr, Expr] = {}
    stack = isinstance(network, Network)
    if isinstance(network, Network) and network.cost is None and network.depth > 1:
        return ()  # nothing is derived of a cost that nobody knows
    derivation = backpropagate(network) if stack else model_gradient(network)
    for group in derivation.groups:
        if group.network == network:
            for chain in group.chains:
                if not chain[-1].rhs.has(Piecewise):
                    found.setdefault(chain[0].lhs, chain[-1].rhs)
                for line in chain if resolved else ():
                    if isinstance(line.rhs, Expr) and not line.rhs.has(Partial, Piecewise):
                        ends.setdefault(chain[0].lhs, line.rhs)
    return tuple((found | ends).items())


def matching(pattern: Expr, entry: Expr) -> Mapping[Expr, Expr] | None:
    """The letters of a pattern's indices as they are in an entry: i -> l for W_ij and W_lj.

    None where the two are not the same quantity, or a letter would stand for two units.
    """
    letters: dict[Expr, Expr] = {}

    def agree(first: Expr, second: Expr) -> bool:
        match first, second:
            case Partial(), Partial():
                return agree(first.of, second.of) and agree(first.wrt, second.wrt)
            case Quantity(), Quantity():
                return (
                    first.args[:2] == second.args[:2]
                    and len(first.indices) == len(second.indices)
                    and all(map(bound, first.indices, second.indices))
                )
            case _:
                return first == second

    def bound(mine: Expr, other: Expr) -> bool:
        if isinstance(mine, Symbol):
            return letters.setdefault(mine, other) == other
        return mine == other

    return letters if agree(pattern, entry) else None
