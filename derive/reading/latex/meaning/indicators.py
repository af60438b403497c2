r"""1 where a condition holds: \mathbb{1}[z > 0], \mathbb{1}_{z > 0}, 1_{i = j}, [z > 0]."""

from __future__ import annotations

from dataclasses import replace

from sympy import Piecewise, S

from derive.model import matrices
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning import values
from derive.reading.latex.meaning.conditions import condition_or_vector
from derive.reading.latex.meaning.reader import FormulaReader
from derive.reading.latex.meaning.unit_conditions import as_delta
from derive.reading.latex.naming.quantities import Value
from derive.reading.latex.syntax.conditions import has_relation
from derive.reading.latex.syntax.parsing import parsed_condition
from derive.reading.latex.syntax.tree import Condition

_INDICATORS = frozenset({"\\mathbb{1}", "\\mathbb{I}", "\\mathbb{H}", "I", "\\chi"})


def is_indicator(token: Token) -> bool:
    r"""\mathbb{1}, \mathbb{I}."""
    return token.text in _INDICATORS


def condition_below(scripts: Scripts) -> Condition | None:
    r"""The condition in a subscript, z > 0 of \mathbb{1}_{z > 0}; None where it is no such."""
    tokens = scripts.below
    if tokens and tokens[0].is_command("{") and tokens[-1].is_command("}"):
        tokens = tokens[1:-1]
    return parsed_condition(tokens) if has_relation(tokens) else None


def indicator(reader: FormulaReader, token: Token, scripts: Scripts) -> Value:
    r"""\mathbb{1}[z > 0], \mathbb{1}_{z > 0}, \mathbb{1}\{z > 0\}, \mathbb{I}(z > 0)."""
    found = condition_below(scripts)
    if found is not None:
        return below(reader, found, scripts, token)
    bracket = None if scripts.below else reader.bracket
    if bracket is None and not scripts.below:
        raise reader.scope.lexicon.unknown(token, Scripts())
    if bracket is None or bracket.condition is None:
        raise LatexError(token.start, f"{token} takes a condition such as z > 0")
    item = reader.advance()
    value = truth(reader, bracket.condition)
    return reader.raised(value, item)


def below(reader: FormulaReader, found: Condition, scripts: Scripts, at: Token) -> Value:
    """The truth of what stands below a 1, with the scripts above it."""
    return reader.scripted(truth(reader, found), replace(scripts, below=()), at)


def truth(reader: FormulaReader, written: Condition) -> Value:
    """1 where a condition holds and 0 elsewhere; z > 0 entry by entry where z is a vector."""
    found = condition_or_vector(reader, written)
    if isinstance(found, tuple):
        vector, condition = found
        body = Piecewise((S.One, condition), (S.Zero, True), evaluate=False)
        return matrices.elementwise(values.ENTRY, body, vector)
    delta = as_delta(found)
    if delta is not None:
        return delta
    return Piecewise((S.One, found), (S.Zero, True), evaluate=False)
