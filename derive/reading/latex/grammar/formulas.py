r"""The grammar of formulas in LaTeX, read from left to right into expressions and matrices.

    sum     = term { ( "+" | "-" ) term }
    term    = factor { [ \cdot | \times | * | / | \odot | \circ | \otimes ] factor }
    factor  = atom { ^ exponent | _ index | ' }
    atom    = number | name | bracket | \frac | \sum term | derivative | function argument
            | cases | matrix

A sum sign takes the rest of its term, a derivative sign the bracket or function that follows.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Rational, S

from derive.model.matrices import Matrix
from derive.model.network import Network
from derive.reading.latex.grammar import (
    big_sums,
    brackets,
    derivatives,
    functions,
    limits,
    tables,
    unsized,
    values,
)
from derive.reading.latex.grammar.applications import skip_arguments
from derive.reading.latex.grammar.functions import apply_named
from derive.reading.latex.grammar.powers import is_power
from derive.reading.latex.grammar.reader import FormulaReader
from derive.reading.latex.lexical.problems import BrokenError, LatexError
from derive.reading.latex.lexical.scripts import Scripts, read_scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.meanings import (
    DEFAULT,
    NEEDS_ARGUMENT,
    DefinedFunction,
    FunctionMeaning,
    KindName,
)
from derive.reading.latex.naming.quantities import Value, matrix_entry, quantity_value, symbol_named

_FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac")
_OPERATORS = {
    "cdot": "cdot",
    "times": "times",
    "ast": "times",
    "bullet": "cdot",
    "odot": "odot",
    "circ": "odot",
    "otimes": "otimes",
}
_CLOSING = (")", "]", "}")


class GrammarReader(FormulaReader):
    """Reads the tokens of one formula; each method reads one rule of the grammar."""

    def whole(self) -> Value:
        """The whole text as one value."""
        at = self.next.start
        value = self.sum()
        if not self.at_end:
            raise self._surplus()
        return self.at_place(at, lambda: unsized.checked(value))

    def _surplus(self) -> LatexError:
        if self.next.is_sign(*_CLOSING):
            return BrokenError(self.next.start, f"found {self.next} that closes nothing")
        return self.error(f"found {self.next} where an operator or the end is expected")

    # -- sums and terms ----------------------------------------------------------------

    def sum(self) -> Value:
        """Terms with plus and minus signs between them."""
        self.deeper()
        at = self.next.start
        terms: list[Value] = []
        sign = self._signs()
        while True:
            term = self.term()
            terms.append(term if sign > 0 else values.negative(term, at))
            if not self.next.is_sign("+", "-"):
                break
            sign = self._signs()
        self.shallower()
        with_network = self.scope.model
        return self.at_place(at, lambda: values.total(with_network, terms))

    def _signs(self) -> int:
        sign = 1
        while self.next.is_sign("+", "-") or self.next.kind == "quad":
            sign = -sign if self.advance().text == "-" else sign
        return sign

    def term(self) -> Value:
        """Factors side by side or with a sign of multiplication between them."""
        at = self.next.start
        operators: list[str] = []
        factors: list[Value] = []
        operator = ""
        while True:
            begin = self.next.start
            factor = self.factor()
            if operator == "over":
                self.divides(factor)
            factors.append(values.transposed(factor) if begin == self.scope.turned else factor)
            operators.append(operator)
            operator = self.scope.operator(self._operator())
            if not operator and not self.starts_factor():
                break
        return self.at_place(at, lambda: values.product(self.scope.model, factors, operators))

    def _operator(self) -> str:
        token = self.next
        if token.kind == "command" and token.text in _OPERATORS:
            self.advance()
            self._signs_are_refused(token)
            return _OPERATORS[token.text]
        stuck = token.is_sign(".") and self.last.end == token.start
        if stuck and self.ahead(1).kind == "name" and self.ahead(1).start == token.end:
            self.advance()  # W.a
            return "cdot"
        if token.is_sign("*", "/"):
            self.advance()
            self._signs_are_refused(token)
            return "times" if token.text == "*" else "over"
        if token.kind == "quad" and self._more_factors():
            self.advance()
        return ""

    def _more_factors(self) -> bool:
        follower = self.ahead(1)
        return follower.kind in ("name", "number") or follower.is_sign("(", "[", "{")

    def _signs_are_refused(self, operator: Token) -> None:
        if self.next.is_sign("+") or not (self.starts_factor() or self.next.is_sign("-")):
            raise self.error(f"found {self.next} where a factor is expected after {operator}")

    def starts_factor(self) -> bool:
        """Whether the next token can start a factor."""
        token = self.next
        if token.kind in ("name", "number", "begin"):
            return True
        if token.kind == "sign":
            return token.text in ("(", "[", "{", "|")
        return token.kind == "command" and token.text in (
            *_FRACTIONS,
            *(
                "left",
                "{",
                "sum",
                "lim",
                "partial",
                "nabla",
                "underbrace",
                "overbrace",
                "sqrt",
                "lvert",
            ),
            *("|", "langle"),
        )

    def factor(self) -> Value:
        r"""An atom with its exponents and indices; a minus may stand in front: a \cdot -b."""
        if self.next.is_sign("-"):
            at = self.advance().start
            return values.negative(self.factor(), at)
        return self.raised(self.atom())

    def raised(self, value: Value) -> Value:
        """A value with the scripts that follow it: powers, transposition, an index, ( )_+."""
        if not self.next.is_sign("^", "_", "'") or self.last.kind == "stop":
            return value
        at = self.last
        scripts = read_scripts(self)
        if scripts.primes:
            raise LatexError(at.end, "a prime stands here behind what is no function")
        if scripts.below:
            if not isinstance(value, Matrix):
                raise LatexError(scripts.below[0].start, "this number has no indices")
            value = matrix_entry(self.scope, value, scripts.below, at)
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
                power = self.inside(exponent, exponent[-1].end).whole()
                if not isinstance(power, Matrix) and power.is_negative:
                    self.divides(value)
                if not isinstance(power, Matrix) and power.is_integer is False:
                    self.needs_value("sqrt", value)
                value = self.at_place(
                    at.start, lambda v=value, p=power: values.power(self.scope.model, v, p)
                )
        return value

    # -- atoms -------------------------------------------------------------------------

    def atom(self) -> Value:
        """The smallest value that stands here."""
        token = self.next
        if token.kind == "number":
            if self.last.kind == "name" and self.last.end == token.start:
                name = str(self.last)
                raise self.error(
                    f"{name}{token.text} is no name here; "
                    f"write {name}_{token.text} for a name, {token.text} {name} for a product"
                )
            self.advance()
            if functions.is_number_as_indicator(self):
                return functions.indicator(self, token)
            return Rational(token.text)
        if token.kind == "begin":
            return tables.environment(self)
        if token.kind == "name":
            if token.text == "d" and derivatives.starts_with_d(self):
                return derivatives.inline(self)
            return self.name()
        if token.kind == "sign" and token.text in ("(", "[", "|"):
            return brackets.bracket(self)
        if token.is_sign("{"):
            return self.name() if self.unbraced() else self._group()
        if token.kind == "command":
            return self._command(token)
        raise self.error(f"found {token} where a number, a name or a bracket is expected")

    def unbraced(self) -> bool:
        """Read the brace before a lone name with scripts, as in {W}^{(0)}, if one stands here."""
        lone = self.ahead(1).kind == "name" and self.ahead(2).is_sign("}")
        if not (self.next.is_sign("{") and lone and self.ahead(3).is_sign("^", "_")):
            return False
        self.drop_braces()
        return True

    def _group(self) -> Value:
        """{…}, which is only there to hold a formula together."""
        opened = self.next
        tokens = self.group()
        if self.next.is_sign("/") and self.ahead(1).is_sign("{"):
            quotient = derivatives.braced(self, opened, tokens)
            if quotient is not None:
                return quotient
        if not [t for t in tokens if t.kind != "quad"]:  # {} stands for nothing: {}\cdot a
            if self._operator() or self.starts_factor() or self.next.is_sign("-"):
                return self.factor()
            raise LatexError(opened.start, "these braces are empty")
        return self.inside(tokens, self.last.start).whole()

    def _command(self, token: Token) -> Value:

        name = token.text
        if name in _FRACTIONS:
            return derivatives.fraction(self)
        if name == "sqrt":
            return functions.root(self)
        if name in ("left", "{", "lvert", "|", "langle"):
            return brackets.bracket(self)
        if name == "sum":
            return big_sums.big_sum(self)
        if name == "lim":
            return limits.limit(self)
        if name in ("partial", "nabla"):
            return derivatives.inline(self)
        if name in ("underbrace", "overbrace"):
            self.advance()
            value = self.inside(self.group(), self.last.start).whole()
            if self.next.is_sign("_", "^"):
                self.advance()
                self.group()  # the words below the brace
            return value
        raise self.error(f"\\{name} is not read here")

    # -- names -------------------------------------------------------------------------

    def name(self) -> Value:
        """A quantity, a number with a name, or a function with its argument."""
        token = self.advance()
        if token.text == "e" and self.next.is_sign("^") and not self.scope.lexicon.knows("e"):
            return functions.exponential(self, token)
        if token.text == "\\mathcal{R}" and self._applies(token, Scripts()):
            return functions.along_direction(self)
        if token.text == "I" and self._is_identity():
            return unsized.IDENTITY
        if functions.is_indicator(token):
            return functions.indicator(self, token)
        scripts = self.scope.lexicon.with_name_apart(token.text, read_scripts(self))
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
        named = scripts.layer and not scripts.bare
        if meaning is None and token.text == "\\pi" and not (scripts.below or named):
            return self.with_exponents(S.Pi, scripts, token)
        numbered = len(scripts.below) > 1 and any(t.kind == "number" for t in scripts.below)
        other_cost = meaning == KindName("C") and numbered and not with_below  # E_{o1}
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
        skip_arguments(self, token, meaning)
        return value

    def _is_no_kronecker(self, meaning: object, scripts: Scripts) -> bool:
        """Whether delta is written without two indices where no layer has an error signal."""
        of_layers = isinstance(self.scope.model, Network)
        return meaning == KindName("delta") and not of_layers and len(scripts.below) < 2

    def _is_identity(self) -> bool:
        """Whether I is the identity matrix, and no indicator with its condition."""
        follower = self.next
        opens = follower.is_sign("(", "[", "{", "_") or follower.is_command("left", "{")
        return not opens and not self.scope.lexicon.knows("I")

    def _applies(self, token: Token, scripts: Scripts) -> bool:
        """Whether an argument follows, so that f, H, u are functions here."""
        follower = self.next
        opens = follower.is_sign("(", "[") or follower.is_command("left", "{")
        return (opens and follower.start - token.end < 200) or scripts.primes > 0

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
