"""The statements of a formula: claims, definitions, what is outside, what was not understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import And, Basic, Expr, S, Symbol

from derive.ascii import ascii_text
from derive.matrices import Matrix
from derive.quantities import Quantity
from derive.reading.latex.chains import Layers, Understood, read_side, understand
from derive.reading.latex.claims import Side
from derive.reading.latex.definitions import (
    bare_name,
    family_meant,
    function_head,
    function_meant,
    key_of,
    meaning_given,
    with_variable,
)
from derive.reading.latex.lexicon import NEEDS_ARGUMENT, FunctionMeaning, Lexicon
from derive.reading.latex.problems import (
    LatexError,
    LayerLetterError,
    ShapesError,
    UnknownNameError,
)
from derive.reading.latex.scope import Scope, index_letters
from derive.reading.latex.scripts import Scripts
from derive.reading.latex.sentences import Relation, Sentence
from derive.reading.latex.tokens import Token
from derive.reading.statements import (
    Assumption,
    Claim,
    NotUnderstood,
    Outside,
    Place,
    ShapesDisagree,
    Statement,
)


@dataclass(frozen=True)
class State:
    """What a document has said so far.

    Attributes:
        lexicon: its names.
        last: the right side that a chain may go on from, by layer.
        where: the condition under which that was said.
    """

    lexicon: Lexicon
    last: dict[Layers, Side | LatexError] = field(default_factory=dict)
    where: Basic = S.true


@dataclass(frozen=True)
class Source:
    """The document, and where in it a stretch of characters stands."""

    text: str
    place: Callable[[int, int], Place]

    def words(self, start: int, end: int) -> str:
        """What the document says there, on one line."""
        return " ".join(self.text[start:end].replace("$", "").split())

    def of(self, tokens: Sequence[Token]) -> str:
        """The document's own words for these tokens."""
        return self.words(tokens[0].start, tokens[-1].end) if tokens else ""


def read_sentence(
    state: State, sentence: Sentence, source: Source, given: Basic = S.true
) -> tuple[State, list[Statement]]:
    """What a sentence says, and the state of the document after it.

    Args:
        given: a condition that the words around the formula state.
    """
    if not sentence.relations:
        return state, _lone(state, sentence, source)
    if is_convention(state, sentence):
        convention = Relation(
            "the value of a step at its kink is a convention", sentence.relations[0].token
        )
        return state, [_outside(sentence, source, convention)]
    if _explains_operator(state, sentence):
        meaning = Relation("what an operator means", sentence.relations[0].token)
        return state, [_outside(sentence, source, meaning)]
    if not any(relation.sign == "=" for relation in sentence.relations):
        return state, [_outside(sentence, source, sentence.relations[0])]
    if _updates(sentence):
        assignment = Relation("an assignment of a new value", sentence.relations[0].token)
        return state, [_outside(sentence, source, assignment)]
    lexicon, defines = _with_definition(state.lexicon, sentence)
    readings = understand(lexicon, sentence, state.last)
    given = And(given, state.where) if sentence.continued else given
    found: list[Statement] = []
    for reading in readings:
        for statement in _links(reading, sentence, source, given, state.lexicon, defines):
            if statement not in found:
                found.append(statement)
    last = {reading.layers: reading.sides[-1] for reading in readings}
    where = readings[0].where if readings else S.true
    if isinstance(where, LatexError):
        where = S.true
    kept = _without_variable(state.lexicon, lexicon, sentence)
    return State(kept, last, And(given, where)), found


def read_condition_sentence(state: State, sentence: Sentence) -> Basic:
    """The condition that a sentence such as x > 0 states.

    Raises:
        LatexError: when it cannot be read.
    """
    from derive.reading.latex.conditions import condition
    from derive.reading.latex.formulas import Reader

    tokens = [*sentence.tokens, *sentence.where]
    scope = Scope(state.lexicon, free=index_letters(tokens))
    return condition(Reader(tokens, tokens[-1].end, scope))


def assumption(state: State, sentence: Sentence, source: Source) -> Statement:
    """The assumption that a sentence makes, or why it cannot be read."""
    start, end = sentence.tokens[0].start, sentence.tokens[-1].end
    try:
        found = read_condition_sentence(state, sentence)
        written = ascii_text(found, state.lexicon.network.step_at_zero)
    except (ValueError, TypeError, RecursionError) as problem:
        at = problem.at if isinstance(problem, LatexError) else start
        return NotUnderstood(source.place(at, end), source.words(start, end), _message(problem))
    return Assumption(source.place(start, end), source.words(start, end), found, written)


def is_value(sentence: Sentence) -> bool:
    """Whether a sentence is a name = a number, such as x = 0."""
    if len(sentence.relations) != 1 or sentence.relations[0].sign != "=":
        return False
    right = [token for token in sentence.sides[1] if token.kind != "quad"]
    numeric = [token.kind == "number" or token.is_sign("-", "/", "+", ".") for token in right]
    return bool(right) and all(numeric) and bare_name(sentence.sides[0]) is not None


def is_convention(state: State, sentence: Sentence) -> bool:
    """Whether a sentence says what Step(0) is: nothing can prove that, nor refute it."""
    left = [t for t in sentence.sides[0] if t.kind != "quad" and not t.is_command("left", "right")]
    first = next((n for n, token in enumerate(left) if token.is_sign("(")), None)
    if first is None or [t.text for t in left[first:]] != ["(", "0", ")"]:
        return False
    scripts = Scripts(primes=sum(token.is_sign("'") for token in left[1:first]))
    meaning = state.lexicon.find(left[0].text, scripts)[0]
    if not isinstance(meaning, FunctionMeaning):
        return False
    return (meaning.name, scripts.primes) in (("Step", 0), ("ReLU", 1), ("phi", 1), ("sigma", 1))


def _explains_operator(state: State, sentence: Sentence) -> bool:
    r"""Whether a sentence is \mathcal{R}\{q\} = …, for any q at all."""
    left = [t for t in sentence.sides[0] if t.kind != "quad" and not t.is_command("left", "right")]
    if [t.text for t in left[:2]] != ["\\mathcal{R}", "{"] or len(left) != 4:
        return False
    return left[2].kind == "name" and not state.lexicon.knows(left[2].text)


def is_given(state: State, sentence: Sentence) -> bool:
    """Whether the name on the left is an input, a target, a parameter, or not of the network."""
    named = bare_name(sentence.sides[0])
    if named is None:
        return False
    try:
        value = read_side(
            Scope(state.lexicon, free=index_letters(sentence.tokens)), sentence.sides[0]
        )
    except LatexError:
        return True
    if isinstance(value, Quantity):
        return not state.lexicon.network.defines(value)
    return isinstance(value, UnknownNameError | Symbol)


# -- definitions ---------------------------------------------------------------------------


def _with_definition(lexicon: Lexicon, sentence: Sentence) -> tuple[Lexicon, str | None]:
    """The lexicon with the name or function that the sentence introduces, and its name."""
    if sentence.continued or sentence.relations[0].sign != "=":
        return lexicon, None
    left, right = sentence.sides[0], sentence.sides[1]
    head = function_head(lexicon, left)
    if head is not None:
        return _with_function(lexicon, head, right)
    named = bare_name(left)
    if named is None:
        return lexicon, None
    name, scripts = named
    free = index_letters(sentence.tokens)
    scope = Scope(lexicon, free=free)
    try:
        known = read_side(scope, left)
        is_new = isinstance(known, UnknownNameError) and known.at == name.start
        if not is_new and key_of(name, scripts) not in lexicon.early:
            return lexicon, None
        value = read_side(scope, right)
        if isinstance(value, Expr | Matrix):
            return meaning_given(scope, name, scripts, value), _words(left)
    except LayerLetterError as problem:
        family = _with_family(scope, sentence, problem.letter)
        return (family, _words(left)) if family is not None else (lexicon, None)
    except (LatexError, TypeError, RecursionError):
        pass
    return lexicon, None


def _with_family(scope: Scope, sentence: Sentence, letter: str) -> Lexicon | None:
    """a^l = f(z^l) for every l: the lexicon in which a is a family of quantities."""
    named = bare_name(sentence.sides[0])
    if named is None or not _is_free(scope.lexicon, *named):
        return None
    values: list[tuple[Expr, object]] = []
    shift = scope.lexicon.notation.input_layer
    numbers = scope.network.layer_numbers
    for number in numbers if len(numbers) < 12 else numbers[:4]:
        layers = {letter: number + shift}
        try:
            value = read_side(replace(scope, layers=layers), sentence.sides[1])
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
    lexicon: Lexicon, head: tuple[Token, Token], right: Sequence[Token]
) -> tuple[Lexicon, str | None]:
    name, variable = head
    inner, symbol = with_variable(lexicon, variable)
    try:
        body: Any = read_side(Scope(inner), right)
        if not isinstance(body, Expr) or symbol not in body.free_symbols:
            return lexicon, None
        return function_meant(inner, name, symbol, body), str(name)
    except (ValueError, TypeError, RecursionError):
        return lexicon, None


def _without_variable(before: Lexicon, after: Lexicon, sentence: Sentence) -> Lexicon:
    """The lexicon after a sentence: the variable of f(z) = … is a variable only in it."""
    head = function_head(before, sentence.sides[0]) if sentence.relations else None
    if head is None or after is before:
        return after
    key = (head[1].text, "", "")
    declared = {k: m for k, m in after.declared.items() if k != key or k in before.declared}
    if key in before.declared:
        declared[key] = before.declared[key]
    return replace(after, declared=declared)


def _words(tokens: Sequence[Token]) -> str:
    return "".join(str(token) for token in tokens if token.kind != "quad")


def _updates(sentence: Sentence) -> bool:
    """w := w - eta dC/dw gives w a new value, and is no equality."""
    first = sentence.relations[0]
    if not first.defining or first.token.text != ":":
        return False
    left = [token.text for token in sentence.sides[0]]
    right = [token.text for token in sentence.sides[1]]
    return bool(left) and any(
        right[n : n + len(left)] == left for n in range(len(right) - len(left) + 1)
    )


# -- what is said --------------------------------------------------------------------------


def _links(
    reading: Understood,
    sentence: Sentence,
    source: Source,
    given: Basic,
    lexicon: Lexicon,
    defines: str | None,
) -> Iterator[Statement]:
    """One statement for each sign of the chain."""
    told: set[int] = {0} if sentence.continued else set()
    for n, relation in enumerate(sentence.relations):
        left, right = sentence.sides[n], sentence.sides[n + 1]
        start = relation.token.start if n or not left else left[0].start
        end = max(right[-1].end if right else relation.token.end, relation.token.end)
        words = source.words(start, end)
        if relation.sign != "=":
            yield Outside(source.place(start, end), words, _reason(relation))
            continue
        problem = _problem(reading, n, told)
        if problem is not None:
            at = problem.at if start <= problem.at <= end else start
            kind = ShapesDisagree if isinstance(problem, ShapesError) else NotUnderstood
            yield kind(source.place(at, end), words, _message(problem))
            continue
        where = And(given, reading.where)  # pyright: ignore
        try:
            yield from _claims(reading, n, sentence, source, where, lexicon, defines, start, end)
        except (TypeError, ValueError, RecursionError):
            message = "this formula is beyond what is read here"
            yield NotUnderstood(source.place(start, end), words, message)


def _claims(
    reading: Understood,
    n: int,
    sentence: Sentence,
    source: Source,
    where: Basic,
    lexicon: Lexicon,
    defines: str | None,
    start: int,
    end: int,
) -> Iterator[Claim]:
    at_zero = lexicon.network.step_at_zero
    layer = ", ".join(f"{letter} = {number}" for letter, number in reading.layers)
    for left, right in reading.links[n].equations:
        read_as = f"{ascii_text(left, at_zero)} = {ascii_text(right, at_zero)}"
        if where != S.true:
            read_as += f" if {ascii_text(where, at_zero)}"
        if layer:
            read_as += f"  ({layer})"
        yield Claim(
            source.place(start, end),
            source.words(start, end),
            left,
            right,
            read_as,
            continues=n > 0 or sentence.continued,
            where=where,
            defines=defines if n == 0 else None,
            left_source=source.of(sentence.sides[n]),
            right_source=source.of(sentence.sides[n + 1]),
            layer=layer,
        )


def _problem(reading: Understood, n: int, told: set[int]) -> LatexError | None:
    """Why link n is not understood; the same side is explained once."""
    for position in (n, n + 1):
        side = reading.sides[position]
        if isinstance(side, LatexError) and position not in told:
            told.add(position)
            return side
    if any(isinstance(reading.sides[position], LatexError) for position in (n, n + 1)):
        at = -1
        return LatexError(at, "one side of this equality was not understood, as said before")
    if reading.links[n].problem is not None:
        return reading.links[n].problem
    return reading.where if isinstance(reading.where, LatexError) else None


def _message(problem: BaseException) -> str:
    if isinstance(problem, LatexError):
        return str(problem)
    return "this formula is beyond what is read here"


def _lone(state: State, sentence: Sentence, source: Source) -> list[Statement]:
    """A formula without a relation: nothing to judge, if it is one at all."""
    tokens = [t for t in sentence.sides[0] if t.kind not in ("quad", "text")]
    if not tokens:
        return []
    start, end = tokens[0].start, tokens[-1].end
    place, words = source.place(start, end), source.words(start, end)
    try:
        value = read_side(Scope(state.lexicon, free=index_letters(tokens)), tokens)
    except LayerLetterError:
        value = None
    if isinstance(value, LatexError) and _is_broken(value, tokens):
        return [NotUnderstood(source.place(value.at, end), words, str(value))]
    return [Outside(place, words, "a formula on its own states no equality")]


def _is_broken(problem: LatexError, tokens: Sequence[Token]) -> bool:
    """Whether a lone formula is broken, rather than merely about something else."""
    if isinstance(problem, UnknownNameError):
        return False
    message = str(problem)
    return (
        "closed" in message
        or "closes" in message
        or "nested" in message
        or ("\\end" in message and any(token.kind in ("begin", "end") for token in tokens))
    )


def _outside(sentence: Sentence, source: Source, relation: Relation) -> Outside:
    tokens = [t for t in sentence.tokens if t.kind != "quad"]
    start, end = tokens[0].start, tokens[-1].end
    return Outside(source.place(start, end), source.words(start, end), _reason(relation))


def _reason(relation: Relation) -> str:
    if relation.sign == "comparison":
        return "a comparison, which is not judged; only equalities are"
    return f"{relation.sign}, which is not judged; only equalities are"
