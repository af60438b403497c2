"""Kronecker deltas of indices that nothing else has, as numbers that are not known."""

from __future__ import annotations

from sympy import Dummy, Expr, KroneckerDelta, Sum

from derive.algebra.indices import index_symbols
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import quantities_in


def without_bare_deltas(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """The sides with an unknown for each delta of indices that nothing else has.

    What such indices count is not said, and does not matter to what holds for all numbers.
    """
    sides = (left, right)
    entries = (entry for side in sides for entry in quantities_in(side))
    used = {index for entry in entries for index in index_symbols(entry)}
    used |= {
        bound for side in sides for node in nodes_of(side, Sum) for bound in node.bound_symbols
    }
    found = (node for side in sides for node in nodes_of(side, KroneckerDelta))
    bare = [delta for delta in dict.fromkeys(found) if not index_symbols(delta) & used]
    unknown = {delta: Dummy("delta", real=True) for delta in sorted(bare, key=str)}
    return left.xreplace(unknown), right.xreplace(unknown)  # pyright: ignore
