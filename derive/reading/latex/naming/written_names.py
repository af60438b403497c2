r"""How a formula writes the quantities that it speaks of: a^{[2]} for r2, w_1 for W1, k for i.

An answer is to be read beside the document, and so it is given in these names.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer

from derive.model.network import Network
from derive.notation.notations import Layout, Weights
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import LAST_LAYER, Scripts, written
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning.powers import is_power
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.meanings import Defined, KindName, Meaning, OneTensor
from derive.reading.latex.naming.quantities import Reference, reference_of
from derive.reading.latex.naming.scope import FormulaScope
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.tree import Named
from derive.reading.own_names import OwnNames, Spelling

_MEANS_QUANTITY = (KindName, OneTensor, Defined)


def own_names(scope: FormulaScope, sentence: ParsedSentence) -> OwnNames:
    """The names of the quantities in the sides of a formula, and the letters of its indices."""
    spellings: dict[tuple[str, Expr, bool], Spelling] = {}
    letters: list[str] = []
    for token, scripts in _names(sentence):
        meaning, with_below, with_layer = scope.lexicon.find(token.text, scripts)
        if not isinstance(meaning, _MEANS_QUANTITY):
            continue
        found = _spelling(scope, token, meaning, scripts, (with_below, with_layer))
        if found is not None:
            spellings.setdefault((found.kind, found.number, found.of_cost), found)
            if not found.below:
                letters += [part.text for part in scripts.below if part.kind == "name"]
    for declared in _declared(scope.lexicon):
        spellings.setdefault((declared.kind, declared.number, declared.of_cost), declared)
    ours = {
        symbol.name: text
        for text, symbol in scope.free.items()
        if text in letters or not scope.lexicon.knows(text)
    }
    turned = scope.lexicon.notation.layout is Layout.TARGET_SOURCE
    return OwnNames(
        tuple(spellings.values()), tuple(ours.items()), tuple(dict.fromkeys(letters)), turned
    )


def _declared(lexicon: Lexicon) -> Iterator[Spelling]:
    """The names that are declared for one tensor, used or not."""
    for (name, below, layer), meaning in lexicon.declared.items():
        if isinstance(meaning, OneTensor) and not meaning.indices and not layer:
            yield Spelling(meaning.kind, meaning.layer, False, name, below, "", "", Integer(0))


def _names(sentence: ParsedSentence) -> Iterator[tuple[Token, Scripts]]:
    """Every name with its scripts; what stands in scripts is no name of its own."""
    for node in sentence.nodes:
        if isinstance(node, Named):
            yield node.token, node.scripts


def _spelling(
    scope: FormulaScope, token: Token, meaning: Meaning, scripts: Scripts, named: tuple[bool, bool]
) -> Spelling | None:
    """The name without its indices; None where it is not that of a whole quantity."""
    if isinstance(meaning, OneTensor) and any(part.isdigit() for part in meaning.indices):
        return None  # the name of one unit
    if (
        scripts.primes
        or scripts.positive
        or (meaning == KindName("z") and _is_bare(scope, scripts))
    ):
        return None
    counted = [part for part in scripts.below if part.kind in ("name", "number")]
    if meaning == KindName("delta") and not scripts.layer and len(counted) > 1:
        return None  # Kronecker's
    has_layer = bool(scripts.layer) and (named[1] or not is_power(scope, scripts, meaning))
    try:
        plain = Scripts(scripts.below, scripts.layer if has_layer else (), scripts.bare)
        meant = reference_of(scope, token, meaning, plain, named)
    except (LatexError, TypeError, ValueError):
        return None
    letters = meaning.indices if isinstance(meaning, OneTensor) else getattr(meaning, "letters", ())
    below = written(scripts.below) if named[0] and not letters else ""
    layer = written(scripts.layer) if has_layer else ""
    shift = _shift(scope, meant, layer)
    counted = layer and isinstance(scope.model, Network)
    if counted and layer not in LAST_LAYER and not layer.isdigit():
        layer = str(meant.layer + shift)  # a letter that stands for any layer
    brackets = scripts.brackets if layer else ""
    return Spelling(
        meant.kind, meant.layer, meant.of_cost, str(token), below, layer, brackets, shift
    )


def _is_bare(scope: FormulaScope, scripts: Scripts) -> bool:
    return scope.has_plain_variable and not scripts.below and not scripts.layer


def _shift(scope: FormulaScope, meant: Reference, layer: str) -> Expr:
    """What the document's number of a layer has more than ours."""
    if layer.isdigit():
        return Integer(layer) - meant.layer
    notation = scope.lexicon.notation
    enters = meant.kind in ("W", "b") and notation.weights is Weights.ENTER
    return Integer(notation.input_layer + enters)
