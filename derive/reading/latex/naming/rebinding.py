"""Whether a document gives a second name of the cost, such as E or J, another meaning."""

from __future__ import annotations

import re

from sympy import Add, Expr

from derive.algebra.quantities import Partial, Quantity, quantities_in
from derive.model.matrices import Entries, Matrix
from derive.model.model import Model
from derive.model.network import Network
from derive.reading.latex.claims import Side
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.meaning.tables import Written

_INTRODUCES = re.compile(
    r"\b(with|let|define|denote|where|set|put|writing|write|abbreviate|introduce|residual|error)\b"
    r"[^.;]*$",
    re.IGNORECASE,
)
_LOOKS_BACK = 60


def introduces(before: str) -> bool:
    """Whether the words before an equality introduce a name: let, define, denote."""
    return _INTRODUCES.search(before[-_LOOKS_BACK:]) is not None


def is_other_than_cost(value: Side | LatexError, before: str) -> bool:
    """Whether this value of E or J is one that no cost has.

    The cost with something added, as a penalty, is another.  A derivative is none.  The
    difference of output and target is none where the words before introduce a name; without
    them it could be a cost that somebody got wrong.
    """
    if isinstance(value, LatexError | Written):
        return False
    body = value.body if isinstance(value, Entries) else value
    introduced = introduces(before)
    if isinstance(body, Matrix):
        return introduced
    penalised = isinstance(body, Add) and any(q.kind == "C" for q in quantities_in(body))
    return penalised or body.has(Partial) or (introduced and _is_difference(body))


def is_cost_like(network: Model, value: Side | LatexError, before: str) -> bool:
    """Whether a value of L makes L the cost: one of output and target, and of nothing else."""
    if not isinstance(network, Network):
        return False
    if isinstance(value, LatexError | Written | Matrix) or is_other_than_cost(value, before):
        return False
    kinds = {(part.kind, part.layer) for part in quantities_in(value)}
    return kinds >= {("y", network.last)} and kinds - {("y", network.last)} in (
        {("r", network.last)},
        {("z", network.last)},
    )


def _is_difference(value: Expr) -> bool:
    """Whether a value is output minus target, or the other way round."""
    terms = [term.as_coeff_Mul() for term in Add.make_args(value)]
    kinds = {part.kind for _, part in terms if isinstance(part, Quantity)}
    return len(terms) == 2 and kinds == {"r", "y"} and {sign for sign, _ in terms} == {1, -1}
