"""Sentences that introduce a name, a family of quantities or a function, put in the lexicon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import Expr

from derive.algebra.quantities import Partial
from derive.model.conventions import UNSTATED
from derive.model.matrices import Entries, Matrix
from derive.reading.latex.chains import read_side, side_value
from derive.reading.latex.lexical.problems import (
    LatexError,
    LayerLetterError,
    UnknownNameError,
)
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning.functions import known_activation
from derive.reading.latex.naming.definitions import (
    bare_name,
    family_meant,
    function_meant,
    head_of,
    is_activation,
    key_of,
    lone_name,
    meaning_given,
    with_variable,
)
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.meanings import (
    NEEDS_ARGUMENT,
    DefinedFunction,
    FunctionMeaning,
    Gradient,
    KindName,
    Plain,
)
from derive.reading.latex.naming.rebinding import introduces, is_cost_like, is_other_than_cost
from derive.reading.latex.naming.scope import FormulaScope, index_letters, letters_of
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.tree import Terms


def with_definition(
    lexicon: Lexicon, sentence: ParsedSentence, before: str = ""
) -> tuple[Lexicon, str | None]:
    """The lexicon with the name or function that the sentence introduces, and its name.

    Args:
        before: the words in front of it, of which "let" and "with" say that a name is new.
    """
    if sentence.continued or sentence.relations[0].sign != "=":
        return lexicon, None
    left, right = sentence.sides[0], sentence.sides[1]
    head = head_of(lexicon, left)
    if head is not None:
        return _with_function(lexicon, head, right)
    named = lone_name(left)
    if named is None:
        return lexicon, None
    name, scripts = named
    free = letters_of(sentence, lexicon.model)
    scope = FormulaScope(lexicon, free=free)
    try:
        known = side_value(scope, left)
        is_new = isinstance(known, UnknownNameError) and known.at == name.start
        is_new |= isinstance(known, LatexError) and _is_lone_delta(name, scripts)
        is_new |= _is_usual_signal(lexicon, name, scripts) and introduces(before)
        second = not is_new and _is_second_name_of_cost(lexicon, name, scripts)
        if not (is_new or second or key_of(name, scripts) in lexicon.early):
            return lexicon, None
        value = side_value(scope, right)
        if is_new and name.text == "\\delta" and not _is_tied(lexicon, value, before):
            return lexicon, None
        if is_new and name.text == "L" and is_cost_like(lexicon.model, value, before):
            return lexicon.bind(key_of(name, scripts), KindName("C")), None
        if second and not is_other_than_cost(value, before):
            return lexicon, None
        if isinstance(value, Expr | Matrix):
            return meaning_given(scope, name, scripts, value), _words(sentence.sentence.sides[0])
    except LayerLetterError as problem:
        family = _with_family(scope, sentence, problem.letter)
        return (
            (family, _words(sentence.sentence.sides[0])) if family is not None else (lexicon, None)
        )
    except (LatexError, TypeError, RecursionError):
        pass
    return lexicon, None


def with_convention_named(lexicon: Lexicon, sentence: Sentence) -> Lexicon:
    """The lexicon in which h stands for the value of Step(0), where a sentence is Step(0) = h."""
    named = bare_name(sentence.sides[1])
    if named is None or not _means_nothing(lexicon, sentence.sides[1]):
        return lexicon
    return lexicon.bind(key_of(*named), Plain(UNSTATED))


def _is_tied(lexicon: Lexicon, value: Any, before: str) -> bool:
    """Whether delta is said to be a derivative, or introduced by words; else it is not known."""
    body = value.body if isinstance(value, Entries) else value
    derived = isinstance(body, Expr) and body.has(Partial)
    return derived or introduces(before)


def _is_usual_signal(lexicon: Lexicon, name: Token, scripts: Scripts) -> bool:
    """Whether delta with a layer is dC/dz only because nothing else was said of it."""
    return name.text == "\\delta" and isinstance(lexicon.find(name.text, scripts)[0], Gradient)


def _is_lone_delta(name: Token, scripts: Scripts) -> bool:
    """Whether delta stands without layer and index, and so may be any error signal."""
    return name.text == "\\delta" and not scripts.below and not scripts.layer


def _means_nothing(lexicon: Lexicon, side: Sequence[Token]) -> bool:
    """Whether nothing says what a name stands for."""
    try:
        return isinstance(
            read_side(FormulaScope(lexicon, free=index_letters(list(side), lexicon.model)), side),
            LatexError,
        )
    except LatexError:
        return True


def _is_second_name_of_cost(lexicon: Lexicon, name: Token, scripts: Scripts) -> bool:
    """Whether a name such as E or J is the cost only because nothing else was said of it."""
    undeclared = not any(key[0] == name.text for key in lexicon.declared)
    plain = not scripts.below and not scripts.layer
    return (
        plain
        and undeclared
        and name.text != "C"
        and lexicon.defaults.get(name.text) == KindName("C")
    )


def _with_family(scope: FormulaScope, sentence: ParsedSentence, letter: str) -> Lexicon | None:
    """a^l = f(z^l) for every l: the lexicon in which a is a family of quantities."""
    named = lone_name(sentence.sides[0])
    if named is None or not _is_free(scope.lexicon, *named):
        return None
    values: list[tuple[Expr, object]] = []
    shift = scope.lexicon.notation.input_layer
    numbers = scope.network.layer_numbers
    for number in numbers if len(numbers) < 12 else numbers[:4]:
        layers = {letter: number + shift}
        try:
            value = side_value(replace(scope, layers=layers), sentence.sides[1])
        except (LatexError, RecursionError):
            return None
        if isinstance(value, Expr | Matrix):
            values.append((number + shift, value))
    return family_meant(scope.lexicon, named[0], values) if values else None


def _is_free(lexicon: Lexicon, name: Token, scripts: Scripts) -> bool:
    """Whether a name has no meaning yet, or only that of a function with an argument."""
    meaning = lexicon.find(name.text, scripts)[0]
    if key_of(name, scripts) in lexicon.early or (name.text, "", "") in lexicon.early:
        return True
    return meaning is None or (isinstance(meaning, FunctionMeaning) and name.text in NEEDS_ARGUMENT)


def _with_function(
    lexicon: Lexicon, head: tuple[Token, Token], right: Terms | None
) -> tuple[Lexicon, str | None]:
    name, variable = head
    inner, symbol = with_variable(lexicon, variable)
    try:
        body: Any = side_value(FormulaScope(inner), right)
        if not isinstance(body, Expr) or symbol not in body.free_symbols:
            return lexicon, None
        if lexicon.find(name.text, Scripts())[0] == FunctionMeaning("sigma"):
            # Sigma is the activation of the network or the sigmoid, and nothing else.
            if not is_activation(lexicon, body, symbol):
                return lexicon, None
            return lexicon.bind((name.text, "", ""), FunctionMeaning("phi")), None
        was = lexicon.declared.get((name.text, "", ""))
        if isinstance(was, FunctionMeaning | DefinedFunction) and not known_activation(
            body, symbol
        ):
            return lexicon, None  # a formula that no activation has does not replace the last one
        return function_meant(inner, name, symbol, body), str(name)
    except (ValueError, TypeError, RecursionError):
        return lexicon, None


def without_variable(before: Lexicon, after: Lexicon, sentence: ParsedSentence) -> Lexicon:
    """The lexicon after a sentence: the variable of f(z) = … is a variable only in it."""
    head = head_of(before, sentence.sides[0]) if sentence.relations else None
    if head is None or after is before:
        return after
    key = (head[1].text, "", "")
    declared = {k: m for k, m in after.declared.items() if k != key or k in before.declared}
    if key in before.declared:
        declared[key] = before.declared[key]
    return replace(after, declared=declared)


def _words(tokens: Sequence[Token]) -> str:
    return "".join(str(token) for token in tokens if token.kind != "quad")
