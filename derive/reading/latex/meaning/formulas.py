r"""The meaning of formulas: a fold of their trees into expressions and matrices, under a scope.

A name that means a function takes the bracket or the factor behind it, a sign of
differentiation the bracket or function that follows; all else in a term is a product.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Rational, S

from derive.model.matrices import Matrix
from derive.model.network import Network
from derive.reading.latex.lexical.problems import LatexError, LayerLetterError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning import (
    big_sums,
    brackets,
    functions,
    indicators,
    limits,
    tables,
    unsized,
    values,
)
from derive.reading.latex.meaning.applications import skip_arguments
from derive.reading.latex.meaning.functions import apply_named
from derive.reading.latex.meaning.powers import is_power
from derive.reading.latex.meaning.reader import FormulaReader, Gathered
from derive.reading.latex.meaning.slopes import derivatives
from derive.reading.latex.meaning.slopes.telescoping import chained, multiplied
from derive.reading.latex.naming.meanings import (
    DEFAULT,
    NEEDS_ARGUMENT,
    DefinedFunction,
    FunctionMeaning,
    KindName,
)
from derive.reading.latex.naming.quantities import Value, matrix_entry, quantity_value, symbol_named
from derive.reading.latex.naming.scope import FormulaScope
from derive.reading.latex.syntax.parsing import parsed
from derive.reading.latex.syntax.tree import (
    BigSum,
    Broken,
    CaseList,
    Differential,
    Enclosed,
    Exponential,
    FractionBar,
    Grid,
    Minus,
    Named,
    Node,
    Numeral,
    OneSided,
    Operator,
    Root,
    Run,
    Scripted,
    Terms,
    shown,
)

#: A + c where A has as many rows as columns.
_MULTIPLE_OF_I = "a number added to a square matrix may be added to every entry, or stand for c I"


def reader_under(scope: FormulaScope) -> FormulaReader:
    """A reader of formulas under a scope."""
    return _Reader(scope, Gathered(), Run(0, ()))


class _Reader(FormulaReader):
    """Reads the items of one term; each method says what one sort of item means."""

    def value(self, terms: Terms) -> Value:
        """The value of terms with plus and minus signs between them."""
        self.deeper()
        found: list[Value] = []
        for sign, run in zip(terms.signs, terms.runs, strict=True):
            term = self.inside(run).term()
            found.append(term if sign > 0 else values.negative(term, terms.start))
        self.shallower()
        model = self.scope.model
        value = self.at_place(terms.start, lambda: values.total(model, found))
        if values.adds_number_to_square(found):
            self.may_mean(_MULTIPLE_OF_I)
        if terms.surplus is not None:
            raise terms.surplus.with_traceback(None)
        return self.at_place(terms.start, lambda: unsized.checked(value))

    def term(self) -> Value:
        """Factors side by side or with a sign of multiplication between them.

        Derivatives that do not go together as matrices are multiplied by the chain rule.
        """
        start, at, items = self.mark(), self.next.start, self.rest
        try:
            return self._product(at)
        except LayerLetterError:
            raise
        except LatexError:
            value = chained(self, items, at)
            if value is None:
                raise
            self.back(start + len(items))
            return value

    def _product(self, at: int) -> Value:
        operators: list[str] = []
        factors: list[Value] = []
        operator = ""
        while True:
            begin = self.next.start
            factor = self.factor()
            if operator == "over":
                self.divides(factor)
            factors.append(values.transposed(factor) if begin == self.scope.turned else factor)
            operators.append(self.scope.operator(operator))
            if self.at_end:
                break
            operator = ""
            if isinstance(self.next, Operator):
                operator = self.next.sign
                self.advance()
        return self.at_place(at, lambda: values.product(self.scope.model, factors, operators))

    def factor(self) -> Value:
        r"""An item with its exponents and indices; a minus may stand in front: a \cdot -b."""
        item = self.next
        if isinstance(item, Minus):
            self.advance()
            return values.negative(self.factor(), item.start)
        if derivatives.starts_with_d(self) or isinstance(item, Differential):
            return derivatives.inline(self)
        self.advance()
        return self._scripted_item(item) if isinstance(item, Scripted) else self._item(item)

    def _scripted_item(self, item: Scripted) -> Value:
        inner = item.of
        if isinstance(inner, Exponential) and self.scope.lexicon.knows("e"):
            return self._item(inner)
        if isinstance(inner, Numeral) and inner.token.text == "1":
            found = indicators.condition_below(item.scripts)
            if found is not None:
                return indicators.below(self, found, item.scripts, item.at)
        if isinstance(inner, Enclosed) and inner.opened != "{":
            return brackets.bracket(self, inner, item)
        alone = Run(inner.start, (inner,), item.at.end)
        return self.raised(self.inside(alone).factor(), item)

    def _item(self, item: Node) -> Value:
        """The value of an item without scripts, or of a name with its own."""
        match item:
            case Numeral():
                return Rational(item.token.text)
            case Named():
                return self._name(item)
            case Enclosed(opened="{"):
                quotient = derivatives.braced(self, item)
                return brackets.only_value(self, item) if quotient is None else quotient
            case Enclosed():
                return brackets.bracket(self, item, item)
            case FractionBar():
                return derivatives.fraction(self, item)
            case Exponential():
                return self._exponential(item)
            case Root():
                return functions.root(self, item)
            case BigSum():
                return big_sums.big_sum(self, item)
            case OneSided():
                return limits.limit(self, item)
            case CaseList():
                return tables.cases(self, item)
            case Grid():
                raise tables.not_whole(item)
            case Broken():
                raise item.problem.with_traceback(None)
            case _:
                words = "a number, a name or a bracket is expected"
                raise LatexError(item.start, f"found {shown(item)} where {words}")

    def _exponential(self, item: Exponential) -> Value:
        """e^{…}; where e is a name, that."""
        if self.scope.lexicon.knows("e"):
            return self._item(item.name)
        argument = self.value(item.exponent)
        at = Token("name", "e", item.start, item.start + 1)
        return apply_named(self.scope, "exp", [argument], at)

    # -- scripts -----------------------------------------------------------------------

    def scripted(self, value: Value, scripts: Scripts, at: Token) -> Value:
        """A value with scripts: powers, transposition, an index, ( )_+."""
        if scripts.primes:
            raise LatexError(at.end, "a prime stands here behind what is no function")
        if scripts.below:
            if isinstance(value, Matrix):
                value = matrix_entry(self.scope, value, scripts.below, at)
            else:
                value = brackets.listed_entries(self.scope, value, scripts.below)
        if scripts.transposed and at.kind == "number" and at.text == "1":
            value, scripts = unsized.ONES_ROW, replace(scripts, transposed=False)
        return self.with_exponents(value, scripts, at)

    def with_exponents(self, value: Value, scripts: Scripts, at: Token) -> Value:
        """The value transposed, its positive part, raised to its power, as the scripts say."""
        if scripts.transposed:
            value = values.transposed(value)
        if scripts.positive:
            value = apply_named(self.scope, "ReLU", [value], at)
        for exponent in (scripts.layer, scripts.power):
            if exponent:
                power = self.value(parsed(exponent, exponent[-1].end))
                if not isinstance(power, Matrix) and power.is_negative:
                    self.divides(value)
                if not isinstance(power, Matrix) and power.is_integer is False:
                    self.needs_value("sqrt", value)
                value = self.at_place(
                    at.start, lambda v=value, p=power: values.power(self.scope.model, v, p)
                )
        return value

    # -- names -------------------------------------------------------------------------

    def _name(self, item: Named) -> Value:
        """A quantity, a number with a name, or a function with its argument."""
        token = item.token
        if token.text == "\\mathcal{R}" and item.is_bare and self._applies(token, Scripts()):
            return functions.along_direction(self, token)
        if token.text == "I" and self._is_identity(item.scripts):
            return self.scripted(unsized.IDENTITY, item.scripts, token)
        if indicators.is_indicator(token):
            return indicators.indicator(self, token, item.scripts)
        scripts = self.scope.lexicon.with_name_apart(token.text, item.scripts)
        if token.start == self.scope.turned:
            scripts = scripts.with_indices_exchanged()
        meaning, with_below, with_layer = self.scope.lexicon.find(token.text, scripts)
        if isinstance(meaning, FunctionMeaning | DefinedFunction):
            of_a_layer = scripts.layer and not scripts.bare and not with_layer
            if of_a_layer and DEFAULT.get(token.text) == FunctionMeaning("phi"):
                meaning = FunctionMeaning("phi")  # g^{[1]}, whatever g alone was said to be
            if not self._applies(token, scripts) and token.text in NEEDS_ARGUMENT:
                raise self.scope.lexicon.unknown(token, scripts)
            return functions.function(self, token, meaning, scripts)
        exchanged = scripts.with_indices_exchanged()
        if scripts.transposed and not with_below and exchanged != scripts:
            scripts = replace(exchanged, transposed=False)  # W^T_{ij} is entry ij of W^T
        named = scripts.layer and not scripts.bare
        if meaning is None and token.text == "\\pi" and not (scripts.below or named):
            return self.with_exponents(S.Pi, scripts, token)
        numbered = len(scripts.below) > 1 and any(t.kind == "number" for t in scripts.below)
        other_cost = meaning == KindName("C") and numbered and not with_below  # E_{o1}
        if meaning is None and token.text == "prod" and not scripts.below:
            whole = multiplied(self, self.next, token.start)
            if whole is not None:
                self.advance()
                return whole
        if meaning is None or other_cost or self._is_no_kronecker(meaning, scripts):
            raise self.scope.lexicon.unknown(token, scripts)
        if scripts.primes and meaning == KindName("W"):
            scripts = replace(scripts, primes=0, transposed=True)  # weights have no derivative
        if scripts.primes:
            return functions.primed_quantity(self, token, meaning, scripts)
        plain = not (scripts.below or scripts.layer)
        squared = bool(scripts.layer) and not scripts.below and not with_layer
        alone = plain or (squared and is_power(self.scope, scripts, meaning))
        if meaning == KindName("z") and alone and self.scope.has_plain_variable:
            return self.with_exponents(symbol_named("z"), scripts, token)
        dirac = self.scope.at_kinks and meaning == KindName("delta") and plain
        if dirac and functions.is_dirac(self, token):
            return functions.function(self, token, FunctionMeaning("dirac"), scripts)
        scripts, power = self._power_apart(scripts, meaning, with_layer)
        value = quantity_value(self.scope, token, meaning, scripts, (with_below, with_layer))
        value = self.with_exponents(value, power, token)
        skipped = skip_arguments(self, token, meaning)
        return value if skipped is None else self.raised(value, skipped)

    def _is_no_kronecker(self, meaning: object, scripts: Scripts) -> bool:
        """Whether delta is written without two indices where no layer has an error signal."""
        of_layers = isinstance(self.scope.model, Network)
        return meaning == KindName("delta") and not of_layers and len(scripts.below) < 2

    def _is_identity(self, scripts: Scripts) -> bool:
        """Whether I is the identity matrix, and no indicator with its condition."""
        opens = self.bracket is not None and (self.bracket.is_applied or self.bracket.opened == "{")
        return not opens and not scripts.below and not self.scope.lexicon.knows("I")

    def _applies(self, token: Token, scripts: Scripts) -> bool:
        """Whether an argument follows, so that f, H, u are functions here."""
        found = self.bracket
        opens = found is not None and found.is_applied and found.start - token.end < 200
        return opens or scripts.primes > 0

    def _power_apart(
        self, scripts: Scripts, meaning: object, with_layer: bool
    ) -> tuple[Scripts, Scripts]:
        """The scripts that say which quantity is meant, and those that raise or transpose it."""
        exponents = Scripts(
            power=scripts.power, transposed=scripts.transposed, positive=scripts.positive
        )
        if with_layer or not scripts.layer:
            return replace(scripts, power=(), transposed=False), exponents
        if is_power(self.scope, scripts, meaning):
            return replace(scripts, layer=(), power=()), replace(exponents, layer=scripts.layer)
        return replace(scripts, power=(), transposed=False), exponents
