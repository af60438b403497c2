"""The grammar of the ASCII notation, read from left to right; nothing is evaluated as code.

    equation     = sum "=" sum
    condition    = conjunction { "or" conjunction }
    conjunction  = comparison { "and" comparison }
    comparison   = sum { ( ">" | "<" | ">=" | "<=" | "=" | "!=" ) sum } | "true" | "false"
    sum          = product { ( "+" | "-" ) product }
    product      = factor { ( "*" | "/" ) factor }
    factor       = { "+" | "-" } power
    power        = atom [ "^" factor ]                     the exponent a whole number, or half
    atom         = NUMBER | SYMBOL | quantity | derivative | call | "(" condition ")"
    quantity     = TENSOR [ "[" index { "," index } "]" ]  W0[i,j], z{k+1}[j], x[0], y, C
    index        = LETTER | NUMBER                         numbers count from 0
    derivative   = "d" [ ORDER ] ( quantity | "(" sum ")" ) "/" { "d" quantity }
                                                           dC/dW0[i,j], d2C/dW0dW1
    call         = FUNCTION "(" sum { "," sum } ")"        ReLU(z), Step(z, 1/2), max(a, b)
                 | "sum" "(" letters sum ")"               over the layers that they count
                 | "mean" "(" letters sum ")"              the sum over the number of terms
                 | "softmax" "(" LETTER "," sum ")"        exp over the sum of exp by that letter
                 | "delta" "(" index "," index ")"
                 | "diff" "(" sum { "," SYMBOL } ")"
                 | "local" "(" sum "," quantity ")"    of one formula alone
                 | "R" "(" sum ")"                     along the direction V, v
                 | "cases" "(" branch { ";" branch } ")"
    letters      = LETTER [ ":" AXIS ] "," { LETTER [ ":" AXIS ] "," }
    branch       = sum ( "if" condition | "otherwise" )

A condition in brackets is no value, and a value no condition; both are errors here.  `**` is
read as `^` and `==` as `=`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import And, Basic, Expr, Mul, Or, Rational, S, Symbol
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne

from derive.algebra.quantities import outermost
from derive.notation.ascii.arithmetic import compared, has_widths, power, product, total
from derive.notation.ascii.calls import CALLS, derivative
from derive.notation.ascii.entries import entry, index_token
from derive.notation.ascii.function_names import FUNCTIONS, applied, domain_of
from derive.notation.ascii.names import Vocabulary
from derive.notation.ascii.reader import FormulaText
from derive.notation.ascii.tokens import TextToken

_RELATIONS = {">": Gt, "<": Lt, ">=": Ge, "<=": Le, "=": Eq, "!=": Ne}


class Reader(FormulaText):
    """Reads a text; each method reads one rule of the grammar and returns what it means."""

    def __init__(self, tokens: Sequence[TextToken], known: Vocabulary, at_zero: Expr) -> None:
        super().__init__(tokens, known)
        self._at_zero = at_zero
        self.denominators: list[Expr] = []
        self.domain: list[Basic] = []
        self.mentioned: list[Expr] = []

    # -- conditions --------------------------------------------------------------------

    def condition(self) -> Basic:
        """Alternatives of conjunctions of comparisons."""
        found = self._any()
        if isinstance(found, Expr):
            raise self.error(f"found {self.next} where a comparison such as > 0 is expected")
        return found

    def _any(self) -> Basic:
        """A condition, or a value that stands alone."""
        first = self._comparison()
        if not self.next.is_sign("and", "or"):
            return first
        alternatives: list[Basic] = []
        conjunction = [self._truth(first)]
        while self.next.is_sign("and", "or"):
            if self.advance().text == "or":
                alternatives.append(And(*conjunction))
                conjunction = []
            conjunction.append(self._truth(self._comparison()))
        return Or(*alternatives, And(*conjunction))

    def _comparison(self) -> Basic:
        if self.next.is_sign("true", "false"):
            return S.true if self.advance().text == "true" else S.false
        left = self._sum()
        links: list[Basic] = []
        while self.next.is_sign(*_RELATIONS):
            sign = self.advance().text
            right = self._sum()
            links.append(self._link(sign, self._value(left), self._value(right)))
            left = right
        return And(*links) if links else left

    def _link(self, sign: str, left: Expr, right: Expr) -> Basic:
        try:
            return _RELATIONS[sign](left, right, evaluate=not has_widths(left, right))
        except TypeError:  # SymPy knows that a side is not real: log(-x^2)
            raise self.error("a side of this comparison has no real value") from None

    def _truth(self, found: Basic) -> Basic:
        if isinstance(found, Expr):
            raise self.error("and, or join comparisons such as z1 > 0, and this is a value")
        return found

    def _value(self, found: Basic) -> Expr:
        if not isinstance(found, Expr):
            raise self.error("a condition stands here where a value is expected")
        return found

    # -- values ------------------------------------------------------------------------

    def value(self) -> Expr:
        """A sum, which is any value."""
        return self._value(self._sum())

    def _sum(self) -> Basic:
        """Terms, each a list of factors; a condition in brackets passes if it stands alone."""
        column = self.next.column
        first = self._factor()
        if not isinstance(first[-1], Expr) and len(first) == 1:
            return first[0]
        terms: list[Expr] = []
        factors = [self._value(factor) for factor in first]
        while self.next.is_sign("+", "-", "*", "/"):
            operator = self.advance()
            if operator.text in "+-":
                terms.append(product(factors, column))
                factors = [S.NegativeOne] if operator.text == "-" else []
            right = [self._value(factor) for factor in self._factor()]
            if operator.text == "/":
                self.denominators.append(right[-1])
                right[-1] = power(right[-1], S.NegativeOne, operator.column)
            factors += right
        return total([*terms, product(factors, column)], column)

    def _factor(self) -> list[Basic]:
        """A power, with a -1 in front for each minus sign."""
        signs: list[Basic] = []
        while self.next.is_sign("+", "-"):
            if self.advance().text == "-":
                signs.append(S.NegativeOne)
        base = self._atom()
        if not self.next.is_sign("^"):
            return [*signs, base]
        operator = self.advance()
        self.deeper()
        exponent = [self._value(factor) for factor in self._factor()]
        self.shallower()
        value = power(self._value(base), product(exponent, operator.column), operator.column)
        if Mul(*exponent).is_negative:
            self.denominators.append(self._value(base))
        if not Mul(*exponent).is_integer:
            self.domain.append(compared(Ge, self._value(base), S.Zero))
        return [*signs, value]

    def _atom(self) -> Basic:
        token = self.next
        if token.kind == "number":
            return Rational(self.advance().text)
        if token.kind == "differential":
            return derivative(self)
        if token.kind == "name":
            return self._named()
        if not token.is_sign("("):
            raise self.error(f"found {token} where a number, a name or ( is expected")
        self.open()
        inside = self._any()
        self.close(token)
        return inside

    # -- names -------------------------------------------------------------------------

    def _named(self) -> Expr:
        token = self.advance()
        if self.next.is_sign("("):
            if token.text in FUNCTIONS or token.text in CALLS or token.text in self.known.functions:
                return self._call(token)
            if token.text not in self.known.tensors and token.text not in self.known.symbols:
                raise self.known.unknown(token)
        if token.text in self.known.tensors:
            return self.entry(token, self.indices())
        value = self.known.value(token)
        if self.next.is_sign("["):
            raise self.error(f"{token.text} is a plain symbol and has no indices")
        if isinstance(value, Symbol):
            self.mentioned.append(value)
        return value

    def indices(self) -> tuple[TextToken, ...]:
        """[i,j], or nothing."""
        if not self.next.is_sign("["):
            return ()
        found: list[TextToken] = []
        while not found or self.next.is_sign(","):
            self.advance()
            found.append(index_token(self))
        self.take("]")
        return tuple(found)

    def entry(self, name: TextToken, indices: Sequence[TextToken]) -> Expr:
        """The quantity of this name at these indices; x[t+s] is a sum over all entries of x."""
        network = self.known.network
        if network is None or name.text not in self.known.tensors:
            raise self.known.unknown(name)
        kind, layer = self.known.tensors[name.text]
        used = self.names_written
        found = entry(self.known, network, kind, layer, name, indices, used)
        self.mentioned += outermost(found)
        return found

    def _call(self, name: TextToken) -> Expr:
        opened = self.open()
        if name.text in CALLS:
            value = CALLS[name.text](self)
        else:
            arguments = [self.value()]
            while self.next.is_sign(","):
                self.advance()
                arguments.append(self.value())
            own = self.known.functions.get(name.text)
            if own is not None:
                value = own.applied(name, arguments, self._at_zero)
            else:
                value = applied(name.text, arguments, self._at_zero, name.column)
                self.domain += domain_of(name.text, arguments[0])
        self.close(opened)
        return value
