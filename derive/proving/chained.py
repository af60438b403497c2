"""Lines judged one after another, where an earlier chain a = ... = b helps with a = c.

Equality is transitive: with a = b proved, b = c proves a = c, for the narrower of the two scopes.
"""

from __future__ import annotations

from sympy import Basic, Expr, S, preorder_traversal

from derive.algebra.indices import free_indices, index, substitute
from derive.meaning.derivation import Equation
from derive.model.defined_model import DefinedModel
from derive.model.model import Model
from derive.proving.combining import combined, in_letters
from derive.proving.judge import judge
from derive.proving.proof import Proof


class Said:
    """What the lines of a text have said and proved so far."""

    def __init__(self) -> None:
        self._model: Model | None = None
        self._start: Expr = S.Zero
        self._last: Expr = S.Zero
        self._proofs: list[Proof] = []
        self._known: dict[tuple[Model, Expr], tuple[Expr, Proof]] = {}

    def judge(
        self,
        model: Model,
        left: Expr,
        right: Expr,
        where: Basic = S.true,
        assuming: tuple[Equation, ...] = (),
    ) -> Proof:
        """`derive.proving.judge` of the next line, which may go on a chain a = b = c."""
        stated = where == S.true and not assuming
        proof = self.from_before(model, left, right) if stated else None
        if proof is None:
            proof = judge(model, left, right, where, assuming)
        self.add(model, left, right, proof, stated)
        return proof

    def from_before(self, model: Model, left: Expr, right: Expr) -> Proof | None:
        """A proof by what the same left side was proved to be, in models from definitions.

        Lines about a stack of layers are short, and soon proved as they stand.
        """
        if not isinstance(model, DefinedModel):
            return None
        names = _names(left)
        own = {name: letter for letter, name in names.items()}
        known = self._known.get((model, substitute(left, names)))
        if known is None:
            return None
        middle, before = substitute(known[0], own), in_letters(known[1], own)
        if middle == right:
            return before
        after = judge(model, middle, right)
        return combined([before, after], S.true, before.method) if after.proved else None

    def add(self, model: Model, left: Expr, right: Expr, proof: Proof, stated: bool) -> None:
        """Take note of a line; `stated` says that it is said of all values."""
        if model is not self._model or left != self._last or not self._proofs:
            self._model, self._start, self._proofs = model, left, []
        self._proofs.append(proof)
        self._last = right
        if not stated:
            self._proofs = []  # what follows from it is not for all values
        elif all(one.proved for one in self._proofs):
            whole = combined(self._proofs, S.true, self._proofs[0].method)
            names = _names(self._start)
            known = substitute(right, names), in_letters(whole, names)
            self._known[model, substitute(self._start, names)] = known


def _names(left: Expr) -> dict[Expr, Expr]:
    """Names for the free letters of a left side, in the order in which they stand there."""
    free = free_indices(left)
    order = dict.fromkeys(node for node in preorder_traversal(left) if node in free)
    return {letter: index(f"letter {place}") for place, letter in enumerate(order)}  # pyright: ignore
