"""Errors carried forward: is a line wrong only because an earlier one was?

An earlier wrong equation q = f is taken at its word: wherever q occurs while the later line
is unfolded, f is put in.  If both sides agree then, the later line made no mistake of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Basic, Expr, S, Tuple

from derive.algebra.indices import contract, index_symbols, rename_bound, substitute
from derive.algebra.quantities import Partial, Quantity, outermost, replace_whole
from derive.checking.diagnosing.answers import matching
from derive.checking.sampling.samples import holds_at_samples
from derive.deriving.first_order import targets_assumed
from derive.errors import NotRationalError
from derive.meaning.composites import work_out
from derive.meaning.derivation import Equation
from derive.meaning.unfolding import unfold
from derive.model.instances import IllTypedError
from derive.model.model import Model
from derive.proving import judge

#: Stages of unfolding that are looked at.
_MOST_STAGES = 12


def follows_from(
    network: Model, claim: Equation, mistakes: Sequence[Equation], where: Basic = S.true
) -> bool:
    """Whether a refuted equation is proved once earlier wrong equations are taken for true."""
    try:
        return any(
            _agree(network, form, where)
            for form in _forms(network, Tuple(claim.lhs, claim.rhs), mistakes)
        )
    except (NotRationalError, IllTypedError):
        return False


def _forms(network: Model, sides: Tuple, mistakes: Sequence[Equation]) -> Iterator[Tuple]:
    """The equation at each depth of unfolding at which a mistake has been put in.

    A mistake that leads back to what it is about, r2 = phi(z3), is put in at one depth alone.
    """
    used = False
    open_to_use = [*mistakes]
    form = contract(work_out(network, sides))
    for _ in range(_MOST_STAGES):
        replaced: dict[Expr, Expr] = {}
        for atom in outermost(form):
            claimed = _claimed(atom, open_to_use, form)
            if claimed is not None:
                replaced[atom] = claimed
        if replaced:
            used = True
            form = contract(work_out(network, replace_whole(form, replaced)))
            open_to_use = [one for one in open_to_use if not _leads_back(network, one)]
        if used:
            yield form
        following = unfold(network, form)
        if following is None:
            return
        form = contract(work_out(network, following))


def _claimed(atom: Expr, mistakes: Sequence[Equation], form: Tuple) -> Expr | None:
    """What an earlier line says that a quantity is, at this quantity's own indices."""
    for mistake in mistakes:
        letters = matching(mistake.lhs, atom)
        if letters is not None:
            # What the mistake sums over must not be taken for letters of this equation.
            right = rename_bound(mistake.rhs, index_symbols(form))
            return substitute(right, letters)
    return None


def _leads_back(network: Model, mistake: Equation) -> bool:
    """Whether what stands on the right side is unfolded to what stands on the left."""
    left = mistake.lhs
    for atom in outermost(mistake.rhs):
        match left, atom:
            case Quantity(), Quantity():
                back = network.depends(atom.args[:2], left.args[:2])
            case Partial(), Partial():
                back = network.depends(left.wrt.args[:2], atom.wrt.args[:2])
            case _:
                back = False
        if back:
            return True
    return False


def usable(equation: Equation) -> bool:
    """Whether a wrong equation says what a quantity is, in terms of others."""
    left = equation.lhs
    return isinstance(left, Quantity | Partial) and not any(
        matching(left, atom) is not None for atom in outermost(equation.rhs)
    )


def _agree(network: Model, form: Tuple, where: Basic) -> bool:
    left, right = form.args
    if not holds_at_samples(network, left, right, where):
        return False
    return judge(network, left, right, where, targets_assumed(network)).proved
