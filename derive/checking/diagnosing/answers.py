"""What a right-hand side should be, where no small change of the one written is right."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sympy import Basic, Expr, Piecewise, S, Symbol

from derive.algebra.indices import substitute
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.first_order import backpropagate, targets_assumed
from derive.deriving.model_gradient import model_gradient
from derive.model.model import Model
from derive.model.network import Network
from derive.proving import judge

#: Deeper networks have derivations too long for a hint.
_MOST_LAYERS = 6


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
    for known, right in _known(network, resolved=not written.has(Partial)):
        letters = matching(known, left)
        if letters is not None:
            answer = substitute(right, letters)
            if judge(network, left, answer, where, targets_assumed(network)).proved:
                return answer
    return None


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
