r"""Whether a superscript without brackets is a power or a layer: y^2, a^l, z^{L}."""

from __future__ import annotations

from derive.notation.notations import Superscripts
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.naming.meanings import KindName, Plain
from derive.reading.latex.naming.scope import FormulaScope


def is_power(scope: FormulaScope, scripts: Scripts, meaning: object) -> bool:
    """Whether the superscript raises rather than names a layer.

    A number is a power unless the document says that superscripts number layers; letters are
    layers.  What has no layers, such as a target or a declared w_1, can only be raised.
    """
    if not scripts.bare:
        return not isinstance(meaning, KindName | Plain)
    if not isinstance(meaning, KindName):
        return True
    letters = any(token.kind == "name" for token in scripts.layer)
    if meaning.kind in ("C", "U"):
        return True
    if letters:
        return False
    return scope.lexicon.notation.superscripts is Superscripts.POWERS or meaning.kind in (
        "y",
        "yhat",
    )
