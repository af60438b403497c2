"""What a formula is read with: its names, which layer each letter means, index letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Expr, Integer, Symbol

from derive.algebra.indices import LETTERS, index
from derive.algebra.quantities import Quantity
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.notations import Weights
from derive.reading.latex.lexical.problems import LatexError, LayerLetterError, MissingQuantityError
from derive.reading.latex.lexical.scripts import LAST_LAYER
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.subscripts import letters_below, subscripts


@dataclass(frozen=True)
class FormulaScope:
    r"""Everything that the meaning of a formula depends on.

    Attributes:
        layers: for letters that stand for a layer, its number as the document counts.
        rows: whether the gradient by a vector is read as a row (numerator layout).
        stacks: whether a column \otimes a column is a longer column (Kronecker), and not their
            outer product.
        at_kinks: whether \delta(z) is Dirac's delta rather than an error signal as a function.
        free: index symbols for letters that are no index letters of derive, as k.
        of_function: whether z alone is the variable of a function, though it may be a vector.
        turned: where a factor begins that is read transposed, or its two indices exchanged, or
            the sign before a side that is: to see whether that is the mistake.
    """

    lexicon: Lexicon
    layers: Mapping[str, Expr] = field(default_factory=dict)
    rows: bool = False
    stacks: bool = False
    at_kinks: bool = False
    free: Mapping[str, Symbol] = field(default_factory=dict)
    of_function: bool = False
    turned: int | None = None

    @property
    def model(self) -> Model:
        """The model whose quantities are meant."""
        return self.lexicon.model

    @property
    def network(self) -> Network:
        """The stack of layers that is meant; other models have no layers to speak of."""
        return self.lexicon.network

    @property
    def at_zero(self) -> Expr:
        """Step(0)."""
        return self.model.step_at_zero

    @property
    def has_plain_variable(self) -> bool:
        """Whether z alone is the variable of a function; always where there are several layers."""
        if self.of_function or not isinstance(self.model, Network):
            return self.of_function
        return len(self.layers_of("z")) > 1 and not self.lexicon.notation.letters

    def operator(self, written: str) -> str:
        """What a sign of multiplication means between vectors that are arranged as here."""
        if written == "otimes" and self.stacks:
            return "kronecker"
        of_rows = {"otimes": "outer", "cdot": "dot"}
        in_rows = self.lexicon.notation.layout.in_rows
        return of_rows.get(written, written) if in_rows else written

    def turns(self, kind: str, layer: Expr) -> bool:
        """Whether a tensor is a matrix of weights, and those are written transposed here."""
        if not self.lexicon.notation.layout.turned:
            return False
        if isinstance(self.model, Network):
            return kind in ("W", "V")
        bare = Quantity(kind, layer)
        return len(self.model.axes(bare)) == 2 and self.model.role(bare.args[:2]) == "parameter"

    def layer_number(self, kind: str, tokens: tuple[Token, ...]) -> Expr:
        """The layer that a superscript names, as derive counts.

        Raises:
            LayerLetterError: for a letter without a meaning here.
            MissingQuantityError: when the network has no such quantity.
        """
        notation = self.lexicon.notation
        number = self._written_layer(tokens) - notation.input_layer
        if kind in ("W", "b", "V", "v") and notation.weights is Weights.ENTER:
            number -= 1
        at = tokens[0].start
        if not self.exists(kind, number):
            raise MissingQuantityError(at, f"this network has no {kind} of layer {number}")
        return number

    def exists(self, kind: str, number: Expr) -> bool:
        """Whether the model has a quantity of this kind in this layer."""
        if not isinstance(self.model, Network):
            return self.model.has(Quantity(kind, number))
        network = self.model
        if number not in network.layer_numbers:
            return False
        match kind:
            case "W" | "V":
                return number != network.last
            case "b" | "v":
                return ("b", number) in network.parameter_groups
            case "z" | "delta" | "G" | "Gv":
                return number != network.first
            case "y" | "U" | "C" | "yhat":
                return number == network.last
            case _:
                return True

    def layers_of(self, kind: str) -> list[Expr]:
        """All layers that have a quantity of this kind."""
        return [number for number in self.network.layer_numbers if self.exists(kind, number)]

    def _written_layer(self, tokens: tuple[Token, ...]) -> Expr:
        """k+1, L-1, 2, output: a sum of numbers and layer letters."""
        if "".join(str(part) for part in tokens if not part.is_sign("{", "}")) in LAST_LAYER:
            return self.network.last + self.lexicon.notation.input_layer
        total: Expr = Integer(0)
        sign = 1
        expects = True
        for token in tokens:
            if token.is_sign("+", "-"):
                sign = 1 if token.text == "+" else -1
                expects = True
            elif token.is_sign("{", "}"):
                continue
            elif not expects:
                raise self._no_layer(tokens)
            elif token.kind == "number" and token.text.isdigit() and len(token.text) < 5:
                total += sign * int(token.text)
                expects = False
            elif token.kind == "name":
                total += sign * self._layer_letter(token, tokens)
                expects = False
            else:
                raise self._no_layer(tokens)
        if expects:
            raise self._no_layer(tokens)
        return total

    def _no_layer(self, tokens: tuple[Token, ...]) -> LatexError:
        shown = "".join(map(str, tokens))[:40]
        return LatexError(tokens[0].start, f"the superscript {shown} is no layer number")

    def _layer_letter(self, token: Token, tokens: tuple[Token, ...]) -> Expr:
        first = self.network.first
        if token.text in self.layers:
            return self.layers[token.text]
        if isinstance(first, Symbol) and token.text == first.name:
            return first + self.lexicon.notation.input_layer  # counted as the document does
        if token.text in LAST_LAYER:
            return self.network.last + self.lexicon.notation.input_layer
        if (len(token.text) == 1 and token.text.isalpha()) or token.text == "\\ell":
            raise LayerLetterError(token.start, token.text)
        raise self._no_layer(tokens)

    # -- indices -----------------------------------------------------------------------

    def unit(self, token_text: str, at: int) -> Expr:
        """The index that a subscript writes: a letter, or a number from 1."""
        if token_text.isdigit() and len(token_text) <= 7:
            if token_text == "0":
                raise LatexError(at, "units count from 1, and this index is 0")
            return Integer(token_text)
        if token_text in self.free:
            return self.free[token_text]
        head, _, number = token_text.partition("_")
        if head in LETTERS and (not number or number.isdigit()):
            return index(token_text)
        raise LatexError(at, f"{token_text[:40]} is no index of a unit")


def index_letters(tokens: Sequence[Token], model: Model) -> dict[str, Symbol]:
    """A letter of derive for every subscript letter of a formula that is none of them.

    In a model from definitions every name that means nothing else is an index as it stands.
    """
    return _index_letters(subscripts(tokens), _names(tokens), model)


def letters_of(sentence: ParsedSentence, model: Model) -> dict[str, Symbol]:
    """The same for the sides of a sentence as they are to be read, and its condition."""
    written = sentence.sentence
    below = [letter for node in sentence.nodes for letter in letters_below(node)]
    below += subscripts(written.where)
    return _index_letters(below, _names((*written.tokens, *written.where)), model)


def _names(tokens: Sequence[Token]) -> set[str]:
    return {token.text for token in tokens if token.kind == "name"}


def _index_letters(below: Sequence[str], written: set[str], model: Model) -> dict[str, Symbol]:
    found: dict[str, Symbol] = {}
    if not isinstance(model, Network):
        plain = {text for text in below if text.isalpha() and text.isascii()}
        found = {text: index(text) for text in plain if model.accepts_index(text)}
    spare = [letter for letter in LETTERS if letter not in written and letter not in found]
    spare += [f"{letter}_{n}" for n in (1, 2, 3) for letter in LETTERS]
    for text in below:
        if text not in LETTERS and text not in found and spare:
            found[text] = index(spare.pop(0))
    return found
