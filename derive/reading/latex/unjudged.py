"""Sentences that state no equality to judge: values, conventions, estimates, lone formulas."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from sympy import Symbol

from derive.algebra.quantities import Quantity
from derive.reading.latex.chains import read_side
from derive.reading.latex.lexical.breaches import breach
from derive.reading.latex.lexical.problems import (
    LatexError,
    UnknownNameError,
)
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.sentences import Relation, Sentence
from derive.reading.latex.lexical.spelling import DOTS
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.definitions import (
    bare_name,
)
from derive.reading.latex.naming.meanings import FunctionMeaning
from derive.reading.latex.naming.scope import FormulaScope, index_letters
from derive.reading.latex.state import Source, State
from derive.reading.latex.syntax.parsing import parsed_side
from derive.reading.latex.syntax.tree import (
    Broken,
    Enclosed,
    Named,
    Numeral,
    Terms,
    plain_bracket,
)
from derive.reading.statements import (
    NotUnderstood,
    Outside,
    Statement,
)


def is_value(sentence: Sentence) -> bool:
    """Whether a sentence is a name = a number, such as x = 0, or several: x = y = 1."""
    if not ends_in_number(sentence):
        return False
    return all(bare_name(side) is not None for side in sentence.sides[:-1])


def ends_in_number(sentence: Sentence) -> bool:
    """Whether a sentence has equalities alone and a number last, such as r - y = 0."""
    if not sentence.relations or any(relation.sign != "=" for relation in sentence.relations):
        return False
    right = [token for token in sentence.sides[-1] if token.kind != "quad"]
    return any(token.kind == "number" for token in right) and all(map(_is_numeric, right))


def _is_numeric(token: Token) -> bool:
    """Whether a token may be part of a number, of a fraction too."""
    signs = token.is_sign("-", "/", "+", ".", "{", "}")
    return token.kind == "number" or signs or token.is_command("frac", "dfrac", "tfrac")


def is_convention(state: State, sentence: Sentence) -> bool:
    """Whether a sentence says what Step(0) is: nothing can prove that, nor refute it."""
    name, bracket = _applied(sentence.sides[0])
    zero = None if bracket is None else bracket.members[0].lone
    if name is None or not isinstance(zero, Numeral) or zero.token.text != "0":
        return False
    scripts = Scripts(primes=name.scripts.primes)
    meaning = state.lexicon.find(name.token.text, scripts)[0]
    if not isinstance(meaning, FunctionMeaning):
        return False
    if (meaning.name, scripts.primes) in (("Step", 0), ("ReLU", 1)):
        return True
    kinds = [layer.activation.kind for layer in state.lexicon.layers]
    if scripts.primes != 1 or not any(kind.kinks for kind in kinds):
        return False
    is_sigmoid = any("sigmoid" in kind.functions for kind in kinds)
    return meaning.name == "phi" or (meaning.name == "sigma" and not is_sigmoid)


def explains_operator(state: State, sentence: Sentence) -> bool:
    r"""Whether a sentence is \mathcal{R}\{q\} = …, for any q at all."""
    name, bracket = _applied(sentence.sides[0])
    if name is None or bracket is None or name.token.text != "\\mathcal{R}":
        return False
    of = bracket.members[0].lone
    return isinstance(of, Named) and of.is_bare and not state.lexicon.knows(of.token.text)


def _applied(side: Sequence[Token]) -> tuple[Named | None, Enclosed | None]:
    """The name and the bracket that a side is made of, if it is."""
    found = parsed_side(side)
    run = None if found is None else found.run
    if run is None or len(run.items) != 2 or not isinstance(run.items[0], Named):
        return None, None
    return run.items[0], plain_bracket(run.items[1], "(", "{", "\\{")


def is_given(state: State, sentence: Sentence) -> bool:
    """Whether each name on the left is an input, a target, a parameter, or not of the network."""
    scope = FormulaScope(state.lexicon, free=index_letters(sentence.tokens, state.lexicon.model))
    return all(_is_given(scope, side) for side in sentence.sides[:-1])


def _is_given(scope: FormulaScope, side: Sequence[Token]) -> bool:
    if bare_name(side) is None:
        return False
    try:
        value = read_side(scope, side)
    except LatexError:
        return True
    if isinstance(value, Quantity):
        return not scope.lexicon.model.defines(value)
    return isinstance(value, UnknownNameError | Symbol)


def lists_numbers(sentence: Sentence) -> bool:
    """Whether a name is set to several numbers, or to a percentage: x = (1, 2, 3), p = 90 %."""
    if len(sentence.sides) != 2 or bare_name(sentence.sides[0]) is None:
        return False
    right = [token for token in sentence.sides[1] if token.kind not in ("quad", "row", "cell")]
    if right[-2:-1] and right[-2].is_sign("^"):
        right = right[:-2] if right[-1].text in ("T", "\\top", "top") else right
    numbers = sum(token.kind == "number" for token in right)
    percent = right[-1:] and right[-1].is_sign("%")
    return (numbers > 1 or bool(percent and numbers)) and all(map(_is_listed, right))


def _is_listed(token: Token) -> bool:
    signs = token.is_sign("-", "(", ")", "[", "]", "{", "}", ",", "&", "%")
    return token.kind in ("number", "begin", "end") or signs


def says_in_words(sentence: Sentence) -> bool:
    r"""Whether a side is words alone: \delta w = \text{N.A.} is no equality of two formulas."""
    return any(_is_words(side) for side in sentence.sides)


def says_of_what(state: State, sentence: Sentence) -> bool:
    """Whether y = f(u) only says what y depends on: f is no function that anything tells of."""
    left, *rights = (parsed_side(side) for side in sentence.sides)
    if left is None or not isinstance(left.lone, Named):
        return False
    equal = all(relation.sign == "=" and not relation.asked for relation in sentence.relations)
    return equal and all(_is_of_unknown(state, right) for right in rights)


def _is_of_unknown(state: State, side: Terms | None) -> bool:
    run = None if side is None else side.run
    if run is None or len(run.items) != 2 or not isinstance(run.items[0], Named):
        return False
    name, of = run.items[0], plain_bracket(run.items[1], "(")
    if of is None or not name.is_bare or name.token.text.startswith("\\nabla"):
        return False
    unknown = not state.lexicon.knows(name.token.text) and len(name.token.text.lstrip("\\")) < 4
    inside = (_is_named(one) or _is_of_unknown(state, one) for one in of.members)
    return unknown and all(inside)


def shows_form(sentence: Sentence) -> bool:
    """Whether dots in a matrix stand for entries that are not written."""
    if any(token.is_command("vdots", "ddots") for token in sentence.tokens):
        return True
    depth = 0
    for token in sentence.tokens:
        depth += (token.kind == "begin") - (token.kind == "end")
        if depth > 0 and token.is_command(*DOTS):
            return True
    return False


def tells_sizes(sentence: Sentence) -> bool:
    r"""Whether a sentence is one of sizes: (n \times 1)(1 \times m) = (n \times m)."""
    return len(sentence.sides) > 1 and all(map(_is_size, sentence.sides))


def _is_size(side: Sequence[Token]) -> bool:
    tokens = [t for t in side if t.kind != "quad" and not t.is_command("left", "right", "cdot")]
    shown = [token for token in tokens if not token.is_sign("(", ")")]
    times = [n for n, token in enumerate(tokens) if token.is_command("times")]
    within = all(tokens[n - 2].is_sign("(") and tokens[n + 2].is_sign(")")
                 for n in times if 1 < n < len(tokens) - 2)  # fmt: skip
    plain = all(t.text.isdigit() or t.text in "nmdkhNMDKH" or t.is_command("times") for t in shown)
    return within and plain and len(times) > 0 and len(tokens) == 5 * len(times)


def _is_words(side: Sequence[Token]) -> bool:
    tokens = [token for token in side if token.kind != "quad"]
    words = "".join(token.text for token in tokens)
    return all(token.kind == "text" for token in tokens) and any(map(str.isalpha, words))


def names_entries(sentence: Sentence) -> str:
    r"""Why a sentence only says how entries or variables are called; "" for any other.

    x = (x_1, \dots, x_n) and W = [w_{ij}] do, and C = C(a_1, \dots, a_n), which says no more
    than what C depends on.
    """
    sides = [parsed_side(side) for side in sentence.sides]
    if len(sides) != 2 or sentence.relations[0].sign != "=" or sentence.relations[0].asked:
        return ""
    runs = [None if side is None else side.run for side in sides]
    if runs[0] is None or runs[1] is None or not isinstance(runs[0].items[0], Named):
        return ""
    name, *rest = runs[1].items
    of = plain_bracket(name, "(", "[", "\\{")
    alone = len(runs[0].items) == 1
    if alone and of is not None and not rest and _is_list(sentence.sides[1], of):
        return "how its entries are called"
    applied = plain_bracket(rest[0], "(") if len(rest) == 1 else None
    itself = isinstance(name, Named) and name.token.text == runs[0].items[0].token.text
    if not (alone and itself and applied is not None):
        return ""
    return "what it depends on" if all(map(_is_named, applied.members)) else ""


def _is_named(member: Terms) -> bool:
    """Whether a name stands alone between two commas, or dots."""
    run = member.run
    return run is not None and all(isinstance(item, Named | Broken) for item in run.items)


def _is_list(side: Sequence[Token], bracket: Enclosed) -> bool:
    """Whether a bracket lists names, or shows that of each entry: (x_1, x_2), [w_{ij}]."""
    names = all(token.kind != "number" or token.text.isdigit() for token in side)
    signs = any(token.is_sign("+", "*", "/", "=") or token.is_command("frac") for token in side)
    shown = bracket.members[0].lone
    indexed = isinstance(shown, Named) and bool(shown.scripts.below)
    return names and not signs and (len(bracket.members) > 1 or indexed)


#: What expectations, variances and probabilities are written with.
_OF_DISTRIBUTIONS = frozenset(
    {"\\mathbb{E}", "\\operatorname{E}", "\\mathbb{V}", "Var", "Cov", "\\mathbb{P}", "\\Pr"}
)


def averages(state: State, sentence: Sentence) -> bool:
    r"""Whether a sentence is one about a distribution, as \mathbb{E}[x] = 0 and E[x] = 0 are.

    E is the cost as well, but nobody writes E[x] for its product with x; where a document says
    what E is, it is that.
    """
    declared = {name for name, _, _ in state.lexicon.declared}
    if any(token.text in state.averages for token in sentence.tokens):
        return True
    return speaks_of_distribution(sentence, declared)


def speaks_of_distribution(sentence: Sentence, known: Collection[str]) -> bool:
    r"""Whether a sentence has E[x] or P(y \mid x), of names that are not `known` otherwise."""
    tokens = [t for t in sentence.tokens if not t.is_command("left") and t.kind != "quad"]
    for token, following in pairwise(tokens):
        if token.kind != "name" or token.text in known:
            continue
        if token.text in ("P", "p") and following.is_sign("(") and any(map(_is_given_that, tokens)):
            return True
        if token.text in _OF_DISTRIBUTIONS or (token.text == "E" and following.is_sign("[")):
            return True
    return False


def _is_given_that(token: Token) -> bool:
    r"""The bar of P(y = 1 \mid x)."""
    return token.is_command("mid", "vert") or token.is_sign("|")


def introduced(state: State, sentence: Sentence) -> str | None:
    """The name that a sentence gives to its right side, if nothing had that name: F or F(b)."""
    left = [t for t in sentence.sides[0] if t.kind != "quad" and not t.is_command("left", "right")]
    if not left or left[0].kind != "name" or state.lexicon.knows(left[0].text):
        return None
    applied = len(left) > 2 and left[1].is_sign("(") and left[-1].is_sign(")")
    return left[0].text if len(left) == 1 or applied else None


def lone(sentence: Sentence, source: Source) -> list[Statement]:
    """A formula without a relation: nothing to judge, if it is one at all."""
    tokens = [t for t in sentence.sides[0] if t.kind not in ("quad", "text")]
    if not tokens:
        return []
    start, end = tokens[0].start, tokens[-1].end
    place, words = source.place(start, end), source.words(start, end)
    problem = breach(tokens)
    if problem is not None:
        return [NotUnderstood(source.place(problem.at, end), words, str(problem))]
    return [Outside(place, words, "a formula on its own states no equality")]


def outside(sentence: Sentence, source: Source, relation: Relation) -> Outside:
    """The statement that a sentence is no equality, for the reason that its sign gives."""
    tokens = [t for t in sentence.tokens if t.kind != "quad"]
    start, end = tokens[0].start, tokens[-1].end
    return Outside(source.place(start, end), source.words(start, end), reason(relation))


def reason(relation: Relation) -> str:
    """Why this sign is not judged."""
    if relation.sign == "comparison":
        return "a comparison, which is not judged; only equalities are"
    return f"{relation.sign}, which is not judged; only equalities are"
