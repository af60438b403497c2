"""A derivation with its verdicts as a whole document, for tests of what is laid out."""

from collections.abc import Sequence
from typing import Any

from derive.deriving.verifying import Marks
from derive.documents.document import Document, with_proofs, without_proofs
from derive.meaning.derivation import Derivation
from derive.model.model import Model


def document(
    network: Model, derivation: Derivation, verdicts: Sequence[Marks], *rest: Any, **more: Any
) -> Document:
    """What `without_proofs` lays out, with its section on the proofs."""
    proved = [verdict.proved for verdict in verdicts]
    return with_proofs(
        without_proofs(network, derivation, proved, *rest, **more), derivation, verdicts
    )
