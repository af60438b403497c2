"""A sentence understood: the value of each side, once for each layer that it may speak of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from sympy import Basic, Derivative, Expr, S
from sympy.core.function import Application

from derive.algebra.quantities import Partial, Quantity, quantities_in
from derive.errors import DeriveError, ReadingError
from derive.model.activations import ACTIVATIONS
from derive.model.matrices import Matrix, ShapeError
from derive.model.model import Model
from derive.model.network import Network
from derive.reading.latex.claims import Side, equations, slopes_on_diagonal, with_implied_sums
from derive.reading.latex.lexical.problems import (
    BrokenError,
    LatexError,
    LayerLetterError,
    MissingQuantityError,
    ShapesError,
)
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning import values
from derive.reading.latex.meaning.conditions import condition
from derive.reading.latex.meaning.formulas import reader_under
from derive.reading.latex.meaning.tables import written_out
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.meanings import FunctionMeaning
from derive.reading.latex.naming.scope import FormulaScope, letters_of
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.parsing import parsed_condition, parsed_side
from derive.reading.latex.syntax.tree import Terms
from derive.reading.prose.roles import takes_back

MAXIMAL_LAYERS = 40
_MAXIMAL_LETTERS = 2
_DELTAS = ("\\delta", "Dirac")
_UNIT_BY_UNIT = "a derivative of a vector may be meant unit by unit; write it with indices"
_PASSED_OVER = "what stands between was not understood"

Layers = tuple[tuple[str, Expr], ...]

#: What SymPy raises where a formula has no value, or one that it does not find.
_BEYOND = (ArithmeticError, TypeError, ValueError, NotImplementedError)

#: Functions that stand for some activation; exp is written in any formula.
_OF_ACTIVATIONS = frozenset[str]().union(*(kind.functions for kind in ACTIVATIONS.values())) - {
    "exp"
}


@dataclass(frozen=True)
class Understood:
    """One reading of a sentence: its sides, or why they cannot be read, and its condition.

    `lefts` has for each link the side that stands left in it: of a = b = c without a meaning for
    b, the second says a = c; `goes_on` tells whether a sentence behind b may say so.  `turned`
    gives the reading with the factor that begins at a place transposed.  With `rows` gradients had
    to be rows for the shapes to fit; `fits_rows` says whether they may be.
    """

    layers: Layers
    sides: tuple[ReadSide, ...]
    where: Basic | LatexError = S.true
    links: tuple[Link, ...] = field(default=())
    lefts: tuple[int, ...] = ()
    goes_on: bool = False
    turned: Callable[[int], Understood] | None = field(default=None, compare=False, repr=False)
    rows: bool = False
    fits_rows: Callable[[], bool] = field(default=lambda: True, compare=False, repr=False)

    def left(self, n: int) -> int:
        """Which side stands left in link n."""
        return self.lefts[n] if self.lefts else n

    def pair(self, n: int) -> tuple[ReadSide, ReadSide]:
        """The two sides of link n."""
        return self.sides[self.left(n)], self.sides[n + 1]

    @property
    def last(self) -> ReadSide:
        """What a sentence that goes on with = continues: the last side that has a meaning."""
        if not self.lefts or not isinstance(self.sides[-1].value, LatexError):
            return self.sides[-1]
        return self.sides[self.lefts[-1]] if self.goes_on else self.sides[-1]

    @property
    def problems(self) -> list[LatexError]:
        """Everything that went wrong."""
        found = [side.value for side in self.sides if isinstance(side.value, LatexError)]
        found += [link.problem for link in self.links if link.problem is not None]
        return found + ([self.where] if isinstance(self.where, LatexError) else [])


@dataclass(frozen=True)
class ReadSide:
    """One side of an equality, or why it cannot be read, where it has a value, and what is open.

    `loose` says what may be meant unit by unit, so that its shape tells nothing.
    """

    value: Side | LatexError
    divisors: tuple[Expr, ...] = ()
    domain: tuple[Basic, ...] = ()
    doubts: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """The equality after side n: its equations in index form, or why there are none.

    `doubts` says what else may be meant, so that it is not held to be wrong.
    """

    equations: tuple[tuple[Expr, Expr], ...] = ()
    problem: LatexError | None = None
    doubts: tuple[str, ...] = ()


def understand(
    lexicon: Lexicon, sentence: ParsedSentence, before: Mapping[Layers, ReadSide]
) -> list[Understood]:
    """Every reading of a sentence: one, or one for each layer that its letters can mean.

    Args:
        before: the last side of the chain so far, for a sentence that continues it.
    """
    starts: list[tuple[Layers, ReadSide | None]] = [((), None)]
    if sentence.continued:
        at = sentence.relations[0].token.start
        nothing = ReadSide(LatexError(at, "nothing stands before this sign"))
        starts = list(before.items()) or [((), nothing)]
    found: list[Understood] = []
    for layers, first in starts:
        found += _by_layer(lexicon, sentence, layers, first)
    whole = [u for u in found if not any(isinstance(p, MissingQuantityError) for p in u.problems)]
    return _sensible(lexicon.model, whole) if whole else found[:1]


def _by_layer(
    lexicon: Lexicon, sentence: ParsedSentence, layers: Layers, first: ReadSide | None
) -> list[Understood]:
    try:
        return [_reading(lexicon, sentence, layers, first)]
    except LayerLetterError as problem:
        numbers = lexicon.network.layer_numbers
        too_many = len(numbers) > MAXIMAL_LAYERS or len(layers) >= _MAXIMAL_LETTERS
        if too_many:
            message = (
                f"{problem} (a general statement is read for up to {_MAXIMAL_LETTERS} letters, "
                f"and networks of up to {MAXIMAL_LAYERS} layers)"
            )
            sides = tuple(ReadSide(LatexError(problem.at, message)) for _ in sentence.sides)
            return [Understood(layers, sides)]
        shift = lexicon.notation.input_layer
        found: list[Understood] = []
        for number in numbers:
            assigned = (*layers, (problem.letter, number + shift))
            found += _by_layer(lexicon, sentence, assigned, first)
        return found


def _reading(
    lexicon: Lexicon, sentence: ParsedSentence, layers: Layers, first: ReadSide | None
) -> Understood:
    """The sentence with these layers, its vectors arranged in the first way that fits.

    Gradients are columns or else rows, a column times a column is their outer product or else
    a longer column.
    """
    free = letters_of(sentence, lexicon.model)
    kinks = _speaks_of_kinks(lexicon, sentence.sentence.tokens)
    scope = FormulaScope(lexicon, dict(layers), at_kinks=kinks, free=free)
    usual = _linked(scope, sentence, layers, first)
    if not scope.has_plain_variable and (usual.problems or _is_about_z_alone(usual)):
        # Of the one layer of several units: ReLU(z) = z if z > 0 is about a number all the same,
        # and so is d/dz sigma(z), which would be a Jacobian and not what the next line says.
        alone = _linked(replace(scope, of_function=True), sentence, layers, first)
        equations = [one for link in alone.links for one in link.equations]
        if equations and not alone.problems and all(map(_are_functions_of_z, equations)):
            return alone
    if not any(isinstance(p, ShapesError) for p in usual.problems):
        with_rows = replace(scope, rows=True)
        return replace(
            usual, fits_rows=lambda: not _linked(with_rows, sentence, layers, first).problems
        )
    times = any(token.is_command("otimes") for token in sentence.sentence.tokens)
    for stacks, rows in product((False, True) if times else (False,), (False, True)):
        other = _linked(replace(scope, rows=rows, stacks=stacks), sentence, layers, first)
        if not other.problems:
            return replace(other, rows=rows)
    return replace(
        usual, turned=lambda at: _linked(replace(scope, turned=at), sentence, layers, first)
    )


def _speaks_of_kinks(lexicon: Lexicon, tokens: Sequence[Token]) -> bool:
    r"""Whether a delta stands beside a second derivative, or beside the derivative of a step.

    Only there is \delta(z) sure to be Dirac's: elsewhere it may be an error signal.
    """
    if not any(token.text in _DELTAS for token in tokens):
        return False
    differentials = steps = primes = twice = 0
    for token, follower in zip(tokens, [*tokens[1:], None], strict=True):
        if token.is_command("partial") or (token.kind == "name" and token.text == "d"):
            differentials += 1
            twice += follower is not None and follower.is_sign("^")
        steps += lexicon.find(token.text, Scripts())[0] == FunctionMeaning("Step")
        primes += token.is_sign("'")
    return twice > 0 or primes > 1 or (steps > 0 and differentials + primes > 0)


def _linked(
    scope: FormulaScope, sentence: ParsedSentence, layers: Layers, first: ReadSide | None
) -> Understood:
    sides: list[ReadSide] = []
    for position, written in enumerate(sentence.sides):
        if position == 0 and first is not None:
            sides.append(first)
        else:
            at = sentence.relations[position - 1].token if position else None
            said = sentence.sentence.sides[position]
            sides.append(_side(scope, written, said, at))
    where: Basic | LatexError = S.true
    if sentence.sentence.where:
        stated = parsed_condition(sentence.sentence.where)
        where = _caught(lambda: condition(reader_under(scope), stated, True), stated.start)
    links: list[Link] = []
    read = [side.value for side in sides]
    lefts = _lefts(sentence, read)
    for relation, n, right in zip(sentence.relations, lefts, read[1:], strict=True):
        left = read[n]
        if relation.sign != "=" or isinstance(left, LatexError) or isinstance(right, LatexError):
            links.append(Link())
        else:
            links.append(_link(scope, left, right, relation.token))
    passed = (n < position for position, n in enumerate(lefts))
    unsure = (
        replace(link, doubts=(*link.doubts, _PASSED_OVER)) if over else link
        for link, over in zip(links, passed, strict=True)
    )
    goes_on = sentence.relations[-1].sign == "=" and _is_whole(sentence, len(sides) - 1)
    goes_on = goes_on and not isinstance(sides[-1].value, BrokenError)
    return Understood(layers, tuple(sides), where, tuple(unsure), lefts, goes_on)


def _lefts(sentence: ParsedSentence, read: Sequence[Side | LatexError]) -> tuple[int, ...]:
    """For each link the last side before it that has a meaning, if only = stands between."""
    lefts: list[int] = []
    for n, side in enumerate(read[:-1]):
        equal = n > 0 and sentence.relations[n - 1].sign == "="
        unread = isinstance(side, LatexError) and not isinstance(side, BrokenError)
        lefts.append(lefts[-1] if unread and equal and _is_whole(sentence, n) else n)
    return tuple(lefts)


def _is_whole(sentence: ParsedSentence, n: int) -> bool:
    """Whether side n may be one formula, and no list of several with commas between."""
    depth = 0
    for token in sentence.sentence.sides[n]:
        depth += token.is_sign("(", "[", "{") - token.is_sign(")", "]", "}")
        if depth == 0 and token.is_sign(","):
            return False
    return True


def _link(scope: FormulaScope, left: Side, right: Side, at: Token) -> Link:
    doubts: tuple[str, ...] = ()
    try:
        slopes = slopes_on_diagonal(scope.model, left, right)
        doubts = () if slopes is None else (_UNIT_BY_UNIT,)
        found = equations(scope.model, left, right if slopes is None else slopes)
        if scope.lexicon.implied_sums:
            found = [with_implied_sums(scope.model, *pair) for pair in found]
    except ShapeError as problem:
        return Link(problem=ShapesError(at.start, str(problem)))
    except ReadingError as problem:
        return Link(problem=LatexError(at.start, problem.sentence))
    except (RecursionError, *_BEYOND):
        return Link(problem=LatexError(at.start, "this formula is beyond what is read here"))
    for pair in found:
        if _has_plain_variable(*pair):
            sentence = "z has no layer here; write z^{(1)}, or declare what z stands for"
            return Link(problem=LatexError(at.start, sentence))
    return Link(tuple(found), doubts=doubts)


def _has_plain_variable(left: Expr, right: Expr) -> bool:
    """Whether the variable z of functions stands beside quantities of the network."""
    variable = _has_z(left) or _has_z(right)
    return variable and any(True for side in (left, right) for _ in quantities_in(side))


def _is_about_z_alone(reading: Understood) -> bool:
    """Whether all that the equations are about is a bare z, of which no unit is named."""
    equations = [one for link in reading.links for one in link.equations]
    named = [q for sides in equations for side in sides for q in quantities_in(side)]
    return bool(named) and all(quantity.kind == "z" for quantity in named)


def _are_functions_of_z(sides: tuple[Expr, Expr]) -> bool:
    """Whether both sides are; one may be a number where the other is a derivative."""
    left, right = sides
    constant = left.has(Derivative) and right.is_number
    return _has_z(left) and (_has_z(right) or constant)


def _has_z(side: Expr) -> bool:
    return any(s.is_Symbol and str(s) == "z" for s in side.free_symbols)


def read_side(scope: FormulaScope, tokens: Sequence[Token]) -> Side | LatexError:
    """The value of one side, or why it has none.

    Raises:
        LayerLetterError: for a letter that stands for any layer.
    """
    return _side(scope, parsed_side(tokens), tokens, None).value


def side_value(scope: FormulaScope, side: Terms | None) -> Side | LatexError:
    """The same of the tree of a side."""
    return _side(scope, side, (), None).value


def _side(
    scope: FormulaScope, written: Terms | None, tokens: Sequence[Token], at: Token | None
) -> ReadSide:
    """One side, behind the sign `at` if one stands there."""
    for token in tokens:
        if token.kind == "text" and takes_back(token.text):
            return ReadSide(LatexError(token.start, f"the words {token} take back what is said"))
    if written is None:
        message = "nothing stands on one side of this equality"
        return ReadSide(LatexError(at.end if at else 0, message))
    reader = reader_under(scope)
    side = _caught(lambda: written_out(reader, written) or reader.value(written), written.start)
    turned = at is not None and at.start == scope.turned and isinstance(side, Matrix)
    value = values.transposed(side) if turned else side
    found = reader.gathered
    told = (found.divisors, found.domain, found.doubts, found.loose)
    return ReadSide(value, *map(tuple, told))


def _caught(work: Callable[[], Any], at: int) -> Any:
    """The result, or the error that it could not be had for."""
    try:
        return work()
    except LayerLetterError:
        raise
    except LatexError as problem:
        return problem
    except ShapeError as problem:
        return ShapesError(at, str(problem))
    except ReadingError as problem:
        return LatexError(at, problem.sentence)
    except DeriveError as problem:
        return LatexError(at, str(problem))
    except RecursionError:
        return BrokenError(at, "this is nested too deeply")
    except _BEYOND:
        return LatexError(at, "this formula is beyond what is read here")


# -- which layers a general statement is about ---------------------------------------------


def _sensible(network: Model, readings: list[Understood]) -> list[Understood]:
    """Without the layers that a statement about any layer k cannot mean.

    What names an activation is about the layers that have it; what has one term in its chain
    rule is not about softmax, whose outputs depend on every pre-activation.
    """
    if len(readings) < 2 or not isinstance(network, Network):
        return readings
    depth = [reading for reading in readings if _names_the_output(network, reading)]
    if len(depth) == 1:
        return depth
    for is_meant in (_activations_fit, _acts_unit_by_unit):
        kept = [reading for reading in readings if is_meant(network, reading)]
        readings = kept or readings
    return readings


def _names_the_output(network: Network, reading: Understood) -> bool:
    r"""Whether a reading of \hat y = h^{(l)} says of the output that it is the output.

    Then the letter is the depth of the network, and means no other layer here.
    """
    pairs = [pair for link in reading.links for pair in link.equations]
    return bool(pairs) and all(
        isinstance(left, Quantity)
        and (left.kind, left.layer) == ("r", network.last)
        and left == right
        for left, right in pairs
    )


def _parts(reading: Understood) -> list[Expr]:
    return [side for link in reading.links for pair in link.equations for side in pair]


def _activations_fit(network: Network, reading: Understood) -> bool:
    """Whether every function of a pre-activation belongs to that layer's activation."""
    for part in _parts(reading):
        for node in part.atoms(Application):
            found = set(quantities_in(node.args[0])) if node.args else set[Quantity]()
            name = type(node).__name__
            if [q.kind for q in found] == ["z"]:  # f(z), f(2 z - 1)
                allowed = network.functions_at(found.pop().layer)
                if name in _OF_ACTIVATIONS - allowed:
                    return False
    return True


def _acts_unit_by_unit(network: Network, reading: Understood) -> bool:
    """Whether no derivative of a softmax output, nor softmax with its input, is in it."""
    if network.layers[-1].activation.kind.elementwise:
        return True
    for part in _parts(reading):
        for node in part.atoms(Partial):
            of = node.of
            if isinstance(of, Quantity) and of.kind == "r" and of.layer == network.last:
                return False
    found = {(q.kind, q.layer) for part in _parts(reading) for q in quantities_in(part)}
    return not {("z", network.last), ("r", network.last)} <= found
