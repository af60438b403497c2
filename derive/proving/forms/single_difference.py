"""One derivative on the left where the right has another: what would make them equal."""

from __future__ import annotations

from typing import Any

from sympy import Expr, S, Tuple

from derive.algebra.indices import LETTERS, contract, index
from derive.algebra.quantities import Partial, Quantity, outermost, replace_whole
from derive.meaning.composites import can_unfold, head
from derive.model.model import Model


def only_difference(model: Model, sides: Tuple) -> tuple[Any, Any, Expr] | None:
    """A and B, if the left has A where the right has B or, B being 0, nothing.

    Both at one choice of indices, and the left with B in place of A: if that equals the
    right, it suffices that A = B.
    """
    outer = [outermost(side) for side in sides.args]
    heads = [{head(atom) for atom in atoms} for atoms in outer]
    own = [
        [a for a in atoms if head(a) not in other and can_unfold(model, a)]
        for atoms, other in zip(outer, reversed(heads), strict=True)
    ]
    if not own[1]:
        # Only a second derivative is likely to vanish by itself.
        own[0] = [a for a in own[0] if isinstance(a, Partial) and isinstance(a.of, Partial)]
    if any(len({head(atom) for atom in atoms}) > 1 for atoms in own) or not own[0]:
        return None
    mine, theirs = own[0][0], own[1][0] if own[1] else S.Zero
    if (mine, theirs) == sides.args:
        return None
    if own[1] and _axes(model, mine) != _axes(model, theirs):
        return None
    other = {atom: _at(theirs, _indices(atom)) for atom in own[0]}
    letters = tuple(map(index, LETTERS[: len(_indices(mine))]))
    return (
        _at(mine, letters),
        _at(theirs, letters),
        contract(replace_whole(sides.args[0], other)),  # pyright: ignore[reportReturnType]
    )


def _indices(atom: Any) -> tuple[Expr, ...]:
    """The indices of an atom, those of what is differentiated first."""
    if isinstance(atom, Quantity):
        return atom.indices
    return (*_indices(atom.of), *atom.wrt.indices) if isinstance(atom, Partial) else ()


def _axes(model: Model, atom: Any) -> tuple[Expr, ...]:
    """The layers whose units the indices of an atom count."""
    if isinstance(atom, Quantity):
        return model.axes(atom)
    return (*_axes(model, atom.of), *model.axes(atom.wrt)) if isinstance(atom, Partial) else ()


def _at(atom: Any, indices: tuple[Expr, ...]) -> Any:
    """The atom with other indices."""
    if isinstance(atom, Quantity):
        return atom.at(*indices)
    if not isinstance(atom, Partial):
        return atom
    count = len(_indices(atom.of))
    return Partial(_at(atom.of, indices[:count]), atom.wrt.at(*indices[count:]))
