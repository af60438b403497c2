r"""How a document may write the names of a model from definitions: W^Q, W_Q and WQ for WQ.

Each tensor is known by its LaTeX and by its plain name.  Of the plain name WQ, also W_Q and W^Q
are read where nothing else may be meant.  A second name of the objective, as L in dL/dx, counts
where the document differentiates it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from derive.model.defined_model import DefinedModel
from derive.model.model import Model
from derive.notation.notations import Notation
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.spelling import GREEK
from derive.reading.latex.naming.lexicon import Lexicon, key_of_name
from derive.reading.latex.naming.meanings import (
    DEFAULT,
    FunctionMeaning,
    Gradient,
    Key,
    KindName,
    Meaning,
    OneTensor,
    Plain,
)

#: Functions, which every model has; of single letters only sigma, for the sigmoid.
MODEL_DEFAULTS: Mapping[str, Meaning] = {
    **{
        name: meaning
        for name, meaning in DEFAULT.items()
        if isinstance(meaning, FunctionMeaning) and len(name) > 1 and not name.startswith("\\")
    },
    **{name: FunctionMeaning("rowsum") for name in ("rowsum", "RowSum", "rowSum")},
    **{name: FunctionMeaning("colsum") for name in ("colsum", "ColSum", "colSum", "columnsum")},
    **{name: FunctionMeaning(name) for name in ("rowmean", "colmean", "einsum")},
    "\\sigma": FunctionMeaning("sigmoid"),
    "\\delta": KindName("delta"),  # Kronecker's, with two indices
}
#: What the objective is called besides, where it is differentiated.
_OBJECTIVES = ("L", "E", "J", "C", "\\mathcal{L}", "\\mathcal{J}", "\\ell", "loss", "Loss", "cost")
#: Words that let the cost of all samples stand for that of one.
_ONE_SAMPLE = re.compile(
    r"\b(?:drop|omit|suppress|leav\w+ out|ignor\w+|forget)\b[^.]{0,60}"
    r"\b(?:subscript|superscript|index|indices|sum|average|mean)\b",
    re.IGNORECASE,
)
#: What pre-activations are called by those who call the error signals delta.
_SUMS = ("z", "net", "\\text{net}")
#: Names of tensors that are written out in plain text for a Greek letter.
_SPELLED = {"eps": ("\\epsilon", "\\varepsilon"), "lam": ("\\lambda",), "mean": ("\\mu",)}


def model_lexicon(model: Model, notation: Notation, text: str) -> Lexicon:
    """The names of a model, of its sizes, and those that `text` uses for the objective.

    Raises:
        LatexError: never for a model that was read from a file.
    """
    words = frozenset(name for name in MODEL_DEFAULTS if name.isalpha())
    found = Lexicon(model, notation, MODEL_DEFAULTS, words=words, glued=_is_glued(model, text))
    for name, symbol in model.named_symbols.items():
        for key in (*_keys(name), (name, "", "")):
            found = found.bind(key, Plain(symbol))
    tensors = {name: OneTensor(kind, layer) for name, (kind, layer) in model.names.items()}
    for name, meaning in tensors.items():
        for key in (*_keys(model.latex.get(name, name)), *_keys(name)):
            own = model.own_indices.get(name, ()) if isinstance(model, DefinedModel) else ()
            found = found.bind(key, replace(meaning, indices=own) if own else meaning)
    for name, meaning in tensors.items():
        for key in _variants(name, tensors, name in model.latex):
            if key not in found.declared:
                found = found.bind(key, meaning)
    found = _with_error_signals(found, model, tensors)
    for name in steps_said(text):
        if not any(key[0] == name for key in found.declared):
            found = found.bind((name, "", ""), FunctionMeaning("Step"))
    objective = OneTensor(model.C.kind, model.C.layer)
    unknown = model.opaque(model.C.args[:2])  # then what the text says of its cost was not read
    for name in _OBJECTIVES:
        known = (name, "", "") in found.declared or (not unknown and _is_another(name, text))
        if not known and is_differentiated(name, text):
            found = found.bind((name, "", ""), objective)
    return found


@lru_cache(maxsize=2048)
def _is_another(name: str, text: str) -> bool:
    """Whether a text says itself what a cost is, as the mean C of the costs of samples.

    Some then write C for the cost of one, and say that they do.
    """
    spelled = re.escape(name) + (r"(?![A-Za-z])" if name[-1].isalpha() else "")
    said = re.search(rf"(?<![A-Za-z\\_^{{]){spelled}\s*&?\s*=(?!=)", text)
    return said is not None and _ONE_SAMPLE.search(text) is None


def steps_said(text: str) -> Iterator[str]:
    """The names of step functions, as far as a text says that they are some."""
    steps = (name for name, meaning in DEFAULT.items() if meaning == FunctionMeaning("Step"))
    yield from (name for name in steps if _is_step(name, text))


@lru_cache(maxsize=2048)
def _is_step(name: str, text: str) -> bool:
    """Whether a text says that H(x) = 1 if x > 0."""
    head = rf"(?<![A-Za-z\\]){re.escape(name)}\s*\(\s*(\w)\s*\)\s*=\s*1(?![\d.])"
    return re.search(rf"{head}[^=]{{0,30}}?\1\s*(?:>|\\ge)", text) is not None


def _with_error_signals(
    lexicon: Lexicon, model: Model, tensors: Mapping[str, OneTensor]
) -> Lexicon:
    r"""The lexicon in which \delta^{(2)} is dC/dz^{(2)}, and \delta_{o1} dC/dnet_{o1}, as is usual.

    Only where the model has such a pre-activation, and nothing else that is called delta.
    """
    if model.opaque(model.C.args[:2]):
        return lexicon  # of an unknown cost nothing is known
    for name, meaning in tensors.items():
        for base, below, layer in _keys(model.latex.get(name, name)):
            key = "\\delta", below, layer
            decorated = below or layer
            if base in _SUMS and decorated and key not in lexicon.declared:
                lexicon = lexicon.bind(key, Gradient((meaning,)))
    return lexicon


def _keys(name: str) -> Iterator[Key]:
    try:
        yield key_of_name(name)
    except LatexError:
        return


def _variants(name: str, tensors: Mapping[str, Meaning], spelled: bool) -> Iterator[Key]:
    """W_Q, W_q and W^Q for WQ; h_1 and h^{(1)} for h1; Greek letters for their names.

    Where it is `spelled`, as a^{(K)}, a small letter is another: a^{(k)} is of any layer.
    """
    for letter in _SPELLED.get(name, ()):
        yield letter, "", ""
    head, rest = name[0], name[1:].lstrip("_")
    if name in GREEK or not rest or head in tensors:
        return
    if len(rest) == 1 or rest.isdigit():
        yield head, rest, ""
        yield head, "", rest
        if not rest.isdigit() and not spelled:
            yield head, rest.lower(), ""
            yield head, "", rest.lower()


@lru_cache(maxsize=2048)
def is_differentiated(name: str, text: str) -> bool:
    r"""Whether a document writes \partial L, ∂L, dL/ or \nabla_x L; kept, as it is read often."""
    spelled = re.escape(name)
    ends = r"(?![A-Za-z])" if name[-1].isalpha() else ""
    plain = r"(?<![A-Za-z\\])(?:\\mathrm\{d\}|d)"
    before = rf"(?:(?:\\partial|[∂∇]|{plain})\s*|(?:\\nabla|∇)[^\s$]{{0,40}}\s*)"
    return re.search(rf"{before}\{{?{spelled}{ends}", text) is not None


def _is_glued(model: Model, text: str) -> bool:
    """Whether an equation of the document begins with dS, for a tensor S."""
    heads = {re.escape(name) for name in model.names}
    heads |= {re.escape(tex) for tex in model.latex.values()}
    heads |= {re.escape(name[0]) + r"[_^]" for name in model.names if len(name) > 1}
    either = "|".join(sorted(heads, key=len, reverse=True))
    return re.search(rf"(?:^|[\s$&{{\[(])d(?:{either})[^\n=]{{0,30}}=", text, re.M) is not None
