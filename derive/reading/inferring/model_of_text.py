"""The models that a text may define, by its own equations.

The first equation that names a quantity defines it; what only stands on the right is given.
Names without indices are read as numbers, or as the vectors and matrices that they may be.
"""

from __future__ import annotations

import re

from derive.errors import DeriveError
from derive.model.defined_model import DefinedModel
from derive.reading.inferring.candidates import Collected, collected
from derive.reading.inferring.definition_draft import DefinitionDraft
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.inferring.known_costs import sign_against_known_cost

#: What makes the negative of a cost nobody's mistake.
_MAXIMISED = re.compile(r"likelihood|maximi[sz]|ascent|reward|utility", re.IGNORECASE)


def inferred_models(text: str, kind: str) -> tuple[InferredModel, ...]:
    """The models that a text may define, names without indices read as numbers first."""
    found = collected(text, kind)
    if not found.candidates:
        return ()
    maximised = bool(_MAXIMISED.search(text))
    models = (_model(found, matrices, maximised) for matrices in (False, True))
    kept = [one for one in models if one is not None]
    most = max((len(one.definitions) for one in kept), default=0)
    kept = [one for one in kept if len(one.definitions) == most]
    if len(kept) == 2 and (kept[0].definitions == kept[1].definitions or not kept[1].doubtful):
        # Transpositions are written of vectors and matrices alone.
        kept = kept[1:] if not kept[1].doubtful else kept[:1]
    return tuple(kept)


def _model(found: Collected, matrices: bool, maximised: bool) -> InferredModel | None:
    draft = DefinitionDraft(found, matrices)
    draft.define_all()
    if not draft.texts:
        return None
    try:
        plain = draft.finished()
        known = isinstance(plain.model, DefinedModel) and sign_against_known_cost(plain.model)
        if maximised or known >= 0:
            return plain
        return draft.finished(negated=True)
    except DeriveError:
        return None
