r"""Quantities written as functions of others, C(w), and arrays: einsum(ti,ij->tj, x, W)."""

from __future__ import annotations

import re

from sympy import Expr, S, Symbol

from derive.algebra.indices import index
from derive.algebra.quantities import Quantity
from derive.model.matrices import Einsum, Matrix, array
from derive.model.network import Network
from derive.reading.latex.lexical.cursor import split
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning.reader import FormulaReader
from derive.reading.latex.naming.meanings import KindName, Meaning, OneTensor
from derive.reading.latex.syntax.parsing import parsed
from derive.reading.latex.syntax.tree import (
    Named,
    Node,
    Numeral,
    Terms,
    plain_bracket,
)

_SUBSCRIPTS = re.compile(r"((?:[A-Za-z]+,)*[A-Za-z]+)->([A-Za-z]*)")

#: Quantities that are computed, each with what it may be written as a function of.
_DEPENDS_ON: dict[str, frozenset[str]] = {
    **dict.fromkeys(("z", "r", "yhat"), frozenset({"x", "W", "b", "z", "r"})),
    **dict.fromkeys(("C", "U"), frozenset({"x", "W", "b", "z", "r", "y", "yhat"})),
    "delta": frozenset(),
}


def skip_arguments(reader: FormulaReader, token: Token, meaning: Meaning) -> Node | None:
    """Read over the (w) of C(w), which adds nothing to C; anything else is a product.

    Returns:
        What was read over, with its scripts.

    Raises:
        LatexError: for a lone name or number that the quantity is no function of, as in C(0).
    """
    kind = meaning.kind if isinstance(meaning, KindName | OneTensor) else ""
    if not isinstance(reader.scope.model, Network):
        return reader.advance() if _is_what_it_depends_on(reader, kind) else None
    found = plain_bracket(reader.next, "(")  # \delta (r)^T is a product
    if kind not in _DEPENDS_ON or found is None:
        return None
    parts = found.members
    if len(parts) == 1 and not _is_lone(reader, parts[0]):
        return None
    if not all(_kind_of(reader, part) in _DEPENDS_ON[kind] for part in parts):
        raise LatexError(
            found.start,
            f"{token}(…) is read as a function of quantities of the network, which this is not; "
            f"a product is written {token} \\cdot …, or without the brackets",
        )
    return reader.advance()


def _is_what_it_depends_on(reader: FormulaReader, kind: str) -> bool:
    """Whether (y, p) follows, as in L(y, p), where L is computed from both."""
    bracket = reader.bracket
    found = None if bracket is None else plain_bracket(bracket, "(")
    if not kind or found is None:
        return False
    model = reader.scope.model
    heads = {name: Quantity(*head).args[:2] for name, head in model.names.items()}
    kinds = [_kind_of(reader, part) for part in found.members]
    of = heads.get(kind)
    return of is not None and all(
        name in heads and model.depends(of, heads[name]) for name in kinds
    )


def einsum(reader: FormulaReader, token: Token) -> Matrix:
    r"""\mathrm{einsum}(\texttt{ti,ij->tj}, x, W), with \mathbf{1}_T for a vector of ones.

    Raises:
        LatexError: where the letters and the arrays do not go together.
    """
    found = reader.bracket
    if found is None or not found.is_applied:
        raise LatexError(token.end, f"{token} is a function, and its arguments are missing")
    reader.advance()
    first, *parts = split(found.tokens, ",")
    letters = _SUBSCRIPTS.fullmatch("".join(one.text for one in first))
    inputs = [tuple(map(index, own)) for own in letters[1].split(",")] if letters else []
    if letters is None or len(inputs) != len(parts):
        raise LatexError(
            token.start,
            r"einsum is read as einsum(\texttt{ti,ij->tj}, x, W), an array for each comma",
        )
    operands = [_operand(reader, part, token) for part in parts]
    axes: dict[Symbol, Expr] = {}
    for own, operand in zip(inputs, operands, strict=True):
        counted = (*operand.rows, *operand.columns)
        if len(own) != len(counted) or any(
            axes.setdefault(letter, axis) != axis for letter, axis in zip(own, counted, strict=True)
        ):
            raise LatexError(
                token.start, "the letters of einsum do not count the axes of its arrays"
            )
    output = tuple(map(index, letters[2]))
    if not output or not {*output} <= {*axes} or len({*output}) < len(output):
        raise LatexError(
            token.start, "behind the arrow of einsum stand letters of its arrays, each once"
        )
    sizes = tuple(axes[letter] for letter in output)
    rows, columns = (sizes[:1], sizes[1:]) if len(sizes) == 2 else (sizes, ())
    return Einsum(rows, columns, tuple(inputs), output, tuple(operands))


def _operand(reader: FormulaReader, tokens: list[Token], at: Token) -> Matrix:
    r"""An array, or the ones of \mathbf{1}_T along an axis, perhaps with what is added to them."""
    ones = None
    if [one.text for one in tokens[:2]] == ["\\mathbb{1}", "_"] and len(tokens) >= 3:
        known = {str(axis): axis for axis in reader.scope.model.all_axes}
        ones = known.get(tokens[2].text)
    if ones is not None and len(tokens) == 3:
        return array((index("i"),), (ones,), S.One)
    if ones is not None:  # a number beside an array is one for each entry
        tokens = [Token("number", "1", tokens[0].start, tokens[2].end), *tokens[3:]]
    value = reader.value(parsed(tuple(tokens), tokens[-1].end if tokens else at.end))
    if not isinstance(value, Matrix):
        raise LatexError(tokens[0].start if tokens else at.start, "an array of einsum has axes")
    if ones is not None and (*value.rows, *value.columns) != (ones,):
        raise LatexError(tokens[0].start, "ones along one axis stand beside an array of others")
    return value


def _is_lone(reader: FormulaReader, part: Terms) -> bool:
    """Whether nothing but one name with its scripts, or one number, stands in the brackets."""
    return isinstance(part.lone, Numeral) or bool(_kind_of(reader, part))


def _kind_of(reader: FormulaReader, part: Terms) -> str:
    """The kind of the quantity that this names; "?" for another name, and "" for no name."""
    name = part.lone
    if not isinstance(name, Named):
        return ""
    meaning = reader.scope.lexicon.find(name.token.text, name.scripts)[0]
    return meaning.kind if isinstance(meaning, KindName | OneTensor) else "?"
