r"""Quantities written as functions of others: C(w), J(W, b), \hat y(x)."""

from __future__ import annotations

from derive.algebra.quantities import Quantity
from derive.model.network import Network
from derive.reading.latex.grammar.contents import content
from derive.reading.latex.grammar.reader import FormulaReader
from derive.reading.latex.lexical.cursor import split
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import read_scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.meanings import KindName, Meaning, OneTensor

#: Quantities that are computed, each with what it may be written as a function of.
_DEPENDS_ON: dict[str, frozenset[str]] = {
    **dict.fromkeys(("z", "r", "yhat"), frozenset({"x", "W", "b", "z", "r"})),
    **dict.fromkeys(("C", "U"), frozenset({"x", "W", "b", "z", "r", "y", "yhat"})),
    "delta": frozenset(),
}


def skip_arguments(reader: FormulaReader, token: Token, meaning: Meaning) -> None:
    """Read over the (w) of C(w), which adds nothing to C; anything else is a product.

    Raises:
        LatexError: for a lone name or number that the quantity is no function of, as in C(0).
    """
    kind = meaning.kind if isinstance(meaning, KindName | OneTensor) else ""
    if not isinstance(reader.scope.model, Network):
        _skip_what_it_depends_on(reader, kind)
        return
    if kind not in _DEPENDS_ON or not reader.next.is_sign("("):
        return
    start = reader.mark()
    opened, tokens = content(reader)
    parts = split(tokens, ",")
    raised = reader.next.is_sign("^", "_", "'")  # \delta (r)^T is a product
    if raised or (len(parts) == 1 and not _is_lone(reader, parts[0])):
        reader.back(start)
        return
    if not all(_kind_of(reader, part) in _DEPENDS_ON[kind] for part in parts):
        raise LatexError(
            opened.start,
            f"{token}(…) is read as a function of quantities of the network, which this is not; "
            f"a product is written {token} \\cdot …, or without the brackets",
        )


def _skip_what_it_depends_on(reader: FormulaReader, kind: str) -> None:
    """Read over the (y, p) of L(y, p), where L is computed from both."""
    if not kind or not reader.next.is_sign("("):
        return
    start = reader.mark()
    parts = split(content(reader)[1], ",")
    model = reader.scope.model
    heads = {name: Quantity(*head).args[:2] for name, head in model.names.items()}
    kinds = [_kind_of(reader, part) for part in parts]
    of = heads.get(kind)
    if of is None or not all(name in heads and model.depends(of, heads[name]) for name in kinds):
        reader.back(start)


def _is_lone(reader: FormulaReader, tokens: list[Token]) -> bool:
    """Whether nothing but one name with its scripts, or one number, stands in the brackets."""
    return (len(tokens) == 1 and tokens[0].kind == "number") or bool(_kind_of(reader, tokens))


def _kind_of(reader: FormulaReader, tokens: list[Token]) -> str:
    """The kind of the quantity that this names; "?" for another name, and "" for no name."""
    if not tokens or tokens[0].kind != "name":
        return ""
    inside = reader.inside(tokens, tokens[-1].end)
    name = inside.advance()
    scripts = read_scripts(inside)
    if not inside.at_end:
        return ""
    meaning = reader.scope.lexicon.find(name.text, scripts)[0]
    return meaning.kind if isinstance(meaning, KindName | OneTensor) else "?"
