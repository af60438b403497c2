"""The models that a text may define, by its own equations.

The first equation that names a quantity defines it; what only stands on the right is given.
Names without indices are read as numbers, or as the vectors and matrices that they may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from derive.errors import DeriveError
from derive.model.defined_model import DefinedModel
from derive.reading.inferring.candidates import Candidate, Collected, collected
from derive.reading.inferring.definition_draft import DefinitionDraft
from derive.reading.inferring.finished_draft import FinishedDraft
from derive.reading.inferring.formulas.nodes import Name
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.inferring.known_costs import sign_against_known_cost
from derive.reading.inferring.names import Key, key_of
from derive.reading.latex.syntax.tree import Node

#: What makes the negative of a cost nobody's mistake.
_MAXIMISED = re.compile(r"likelihood|maximi[sz]|ascent|reward|utility", re.IGNORECASE)
#: What makes it one, whatever it is called.
_MINIMISED = re.compile(r"\b(?:loss|cost|error|minimi[sz]|descent)|entropy", re.IGNORECASE)
#: What a likelihood is called, as well as a loss.
_LIKELIHOODS = frozenset({"\\ell", "LL"})


def inferred_models(
    text: str, kind: str, elsewhere: tuple[Candidate, ...] = (), whole: str | None = None
) -> tuple[InferredModel, ...]:
    """The models that a text may define, names without indices read as numbers first.

    Minus a cost that is known is the cost with its sign lost, or what is maximised.  Where it is
    called as a likelihood may be, and no word tells which, both are models of the text.

    Args:
        elsewhere: what other sections define, which holds for names that this text does not.
        whole: the document of which it is a part.
    """
    found = _continued(_within(text, kind, whole), elsewhere)
    if not (found.candidates or found.own_slopes):
        return ()
    maximised = bool(_MAXIMISED.search(text))
    models = (_model(found, matrices, maximised) for matrices in (False, True))
    kept = [one for one in models if one is not None]
    most = max((len(one.definitions) for one in kept), default=0)
    kept = [one for one in kept if len(one.definitions) == most]
    if len(kept) == 2 and (kept[0].definitions == kept[1].definitions or not kept[1].doubtful):
        # Transpositions are written of vectors and matrices alone.
        kept = kept[1:] if not kept[1].doubtful else kept[:1]
    if _MINIMISED.search(text) or all(one.key.base not in _LIKELIHOODS for one in found.candidates):
        return tuple(kept)
    negated = (one.matrices for one in kept if one.negated)
    as_written = (_model(found, matrices, maximised=True) for matrices in negated)
    return (*kept, *(one for one in as_written if one is not None))


def as_matrices(
    text: str, kind: str, elsewhere: tuple[Candidate, ...] = (), whole: str | None = None
) -> InferredModel | None:
    """The model with names without indices read as vectors and matrices, even if it defines less.

    A cost that would have entries is their sum.  None where nothing in the text shows matrices.
    """
    found = _continued(_within(text, kind, whole), elsewhere)
    maximised = bool(_MAXIMISED.search(text))
    model = _model(found, matrices=True, maximised=maximised, sums_costs=True)
    return None if model is None or model.doubtful else model


def _within(text: str, kind: str, whole: str | None) -> Collected:
    """What a part of a document may define."""
    found = collected(text, kind)
    return found if whole is None else found.within(collected(whole, kind))


def _continued(found: Collected, elsewhere: tuple[Candidate, ...]) -> Collected:
    """What a text may define, and of what other parts define all names but those.

    Where its own formulas write a name with another number of indices, it is another name.
    """
    own = {one.key for one in found.candidates}
    written = [*_written(found.sides)]
    written += [(one.key, len(one.letters)) for one in found.candidates]

    def fits(one: Candidate) -> bool:
        used = ((one.key, len(one.letters)), *_written((one.right,)))
        return not any(
            key == other and count != another and count and another
            for key, count in used
            for other, another in written
        )

    kept = tuple(one for one in elsewhere if one.key not in own and fits(one))
    rights = tuple((one.right,) for one in kept)
    return replace(found, candidates=found.candidates + kept, lines=found.lines + rights)


def _written(sides: Iterable[Node]) -> Iterator[tuple[Key, int]]:
    """Each name with the number of indices that it is written with."""
    for side in sides:
        for part in side.walk():
            if isinstance(part, Name):
                key, letters = key_of(part)
                yield key, len(letters)


def _model(
    found: Collected, matrices: bool, maximised: bool, sums_costs: bool = False
) -> InferredModel | None:
    draft = DefinitionDraft(found, matrices, sums_costs)
    draft.define_all()
    if not draft.texts:
        return None
    try:
        plain = FinishedDraft(draft).model()
        known = isinstance(plain.model, DefinedModel) and sign_against_known_cost(plain.model)
        if maximised or known >= 0:
            return plain
        return FinishedDraft(draft).model(negated=True)
    except DeriveError:
        return None
