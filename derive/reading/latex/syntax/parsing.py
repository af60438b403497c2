r"""The tree of a formula: names, sums, products, powers, brackets, functions, big sums.

    sum    = term { ( "+" | "-" ) term }
    term   = factor { [ \cdot | \times | * | / | \odot | \circ ] factor }
    factor = atom { ^ exponent }

A function of mathematics takes the factor behind it, any other name a bracket that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.reading.latex.lexical.cursor import Cursor, split
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts, read_scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.syntax.nodes import (
    Applied,
    Bracket,
    Digits,
    Factors,
    Name,
    Node,
    Norm,
    Raised,
    Slope,
    Summed,
    TermSum,
    Turned,
)

#: Names that take the factor behind them, bracket or not.
FUNCTIONS = frozenset(
    {
        *("exp", "log", "tanh", "sqrt", "max", "min", "softmax", "Softmax", "sigmoid", "sigm"),
        *("ReLU", "relu", "RELU", "Relu", "softplus", "Step", "step", "erf", "abs", "\\sigma"),
        *("sinh", "cosh", "sin", "cos", "logistic", "sgn", "sign", "diag", "vec"),
    }
)
_OPERATORS = {
    "cdot": "cdot",
    "times": "times",
    "ast": "times",
    "odot": "odot",
    "circ": "odot",
}
_FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def parsed(tokens: Sequence[Token], layered: frozenset[str] = frozenset()) -> Node:
    """The tree of one side of an equality.

    Args:
        layered: names above which a bare number is one of a layer and no power, as in z^1.

    Raises:
        LatexError: for what this grammar does not have.
    """
    kept = [token for token in tokens if token.kind not in ("quad", "cell")]
    if not kept:
        raise LatexError(0, "nothing stands on this side")
    return _Parser(kept, kept[-1].end, layered).whole()


class _Parser(Cursor):
    """Reads tokens from left to right; each method reads one rule of the grammar."""

    def __init__(self, tokens: Sequence[Token], end: int, layered: frozenset[str]) -> None:
        super().__init__(tokens, end)
        self._layered = layered

    def whole(self) -> Node:
        """All of the tokens as one node."""
        found = self.sum()
        if not self.at_end:
            raise self.error(f"found {self.next} where an operator or the end is expected")
        return found

    def _whole(self, tokens: Sequence[Token]) -> Node:
        end = tokens[-1].end if tokens else self.next.start
        return _Parser(tokens, end, self._layered).whole()

    def sum(self) -> Node:
        self.deeper()
        start = self.next.start
        signs, terms = [self._sign()], [self._term()]
        while self.next.is_sign("+", "-"):
            signs.append(self._sign())
            terms.append(self._term())
        self.shallower()
        if len(terms) == 1 and signs == [1]:
            return terms[0]
        return TermSum(start, tuple(signs), tuple(terms))

    def _sign(self) -> int:
        sign = 1
        while self.next.is_sign("+", "-"):
            sign = -sign if self.advance().text == "-" else sign
        return sign

    def _term(self) -> Node:
        start = self.next.start
        factors, signs = [self._factor()], [""]
        while (sign := self._operator()) or self._starts_factor():
            signs.append(sign)
            factors.append(self._factor())
        return factors[0] if len(factors) == 1 else Factors(start, tuple(factors), tuple(signs))

    def _operator(self) -> str:
        if self.next.kind == "command" and self.next.text in _OPERATORS:
            return _OPERATORS[self.advance().text]
        if self.next.is_sign("*", "/"):
            return "times" if self.advance().text == "*" else "over"
        return ""

    def _starts_factor(self) -> bool:
        token = self.next
        if token.kind in ("name", "number"):
            return True
        if token.kind == "sign":
            return token.text in _CLOSING
        named = ("left", "sum", "sqrt", "|", "partial", "nabla", *_FRACTIONS)
        return token.is_command(*named)

    def _factor(self) -> Node:
        if self.next.is_sign("-"):
            start = self.advance().start
            return TermSum(start, (-1,), (self._factor(),))
        return self._raised(self._atom())

    def _raised(self, node: Node) -> Node:
        while self.next.is_sign("^", "'"):
            if self.next.is_sign("'"):
                raise self.error("a prime is not read here")
            scripts = read_scripts(self)
            node = self._with_exponents(node, scripts)
        return node

    def _atom(self) -> Node:
        token = self.next
        if token.kind == "number":
            self.advance()
            return Digits(token.start, token.text)
        if token.kind == "name":
            return self._name()
        if token.is_command("left") or (token.kind == "sign" and token.text in _CLOSING):
            return Bracket(token.start, self._bracket())
        if token.is_command(*_FRACTIONS):
            return self._fraction()
        if token.is_command("sum"):
            return self._big_sum()
        if token.is_command("sqrt"):
            self.advance()
            name = Name(token.start, "sqrt")
            return Applied(token.start, name, (self._whole(self.group()),))
        if token.is_command("|"):
            return self._norm()
        if token.is_command("partial", "nabla"):
            return self._slope()
        raise self.error(f"{token} is not read here")

    def _slope(self) -> Node:
        """The rest of a term that begins with a sign of differentiation."""
        start = self.next.start
        while not self.at_end and not self.next.is_sign("+", "-"):
            self.advance()
        return Slope(start)

    def _name(self) -> Node:
        token = self.advance()
        if token.text == "d" and self.next.kind == "name" and self.next.start == token.end:
            return self._slope()
        if token.text == "e" and self.next.is_sign("^"):
            self.advance()
            inside = self.group()
            return Applied(token.start, Name(token.start, "exp"), (self._whole(inside),))
        scripts = read_scripts(self)
        if scripts.bare and not self._is_layer(token, scripts):
            scripts = replace(scripts, layer=(), bare=False, power=scripts.layer)
        name = Name(token.start, token.text, _own(scripts))
        if token.text in FUNCTIONS:
            bare = Name(token.start, token.text, Scripts(layer=scripts.layer))
            return self._with_exponents(self._applied(bare), scripts)
        if scripts.primes:
            return Slope(token.start)
        node: Node = name
        if self._opens() and not (scripts.transposed or scripts.power):
            node = Applied(token.start, name, self._bracket())
        return self._with_exponents(node, scripts)

    def _is_layer(self, token: Token, scripts: Scripts) -> bool:
        """Whether a bare superscript numbers a layer: a letter does, a number where it is said."""
        if any(part.kind == "number" for part in scripts.layer):
            return token.text in self._layered
        return len(scripts.layer) == 1 and scripts.layer[0].kind == "name"

    def _opens(self) -> bool:
        sized = self.next.is_command("left") and self.ahead(1).is_sign("(", "[")
        return sized or self.next.is_sign("(", "[")

    def _applied(self, name: Name) -> Applied:
        if self._opens():
            return Applied(name.start, name, self._bracket())
        return Applied(name.start, name, (self._factor(),), bracketed=False)

    def _bracket(self) -> tuple[Node, ...]:
        """What stands in a bracket, once for each comma."""
        sized = self.next.is_command("left")
        if sized:
            self.advance()
        opened = self.advance()
        closing = _CLOSING.get(opened.text)
        if closing is None:
            raise LatexError(opened.start, f"the bracket {opened} is not read here")
        inside: list[Token] = []
        depth = 1
        while True:
            token = self.advance()
            if token.kind == "stop":
                raise LatexError(opened.start, f"this {opened.text} is never closed")
            depth += token.is_sign(opened.text) - token.is_sign(closing)
            if depth == 0:
                break
            inside.append(token)
        if sized:
            if not inside or not inside[-1].is_command("right"):
                raise LatexError(opened.start, "this bracket is never closed")
            inside = inside[:-1]
        return tuple(self._whole(part) for part in split(inside, ","))

    def _fraction(self) -> Node:
        sign = self.advance()
        above, below = self.group(), self.group()
        if above and (above[0].is_command("partial", "nabla") or above[0].text == "d"):
            return Slope(sign.start)
        return Factors(sign.start, (self._whole(above), self._whole(below)), ("", "over"))

    def _big_sum(self) -> Node:
        sign = self.advance()
        below: list[Token] = []
        above: list[Token] = []
        while self.next.is_sign("_", "^"):
            mark = self.advance()
            if mark.text == "_":
                below = self.group()
            else:
                above = self.group()
        ends = [n for n, token in enumerate(below) if token.is_sign("=") or token.is_command("in")]
        letters = [t for t in below[: ends[0] if ends else None] if not t.is_sign(",")]
        if not letters or any(token.kind != "name" for token in letters):
            raise LatexError(sign.start, "a sum runs over letters, as in \\sum_{i=1}^{n}")
        last = "".join(token.text for token in above)
        body = self._term()
        return Summed(sign.start, tuple(token.text for token in letters), last, body)

    def _norm(self) -> Node:
        sign = self.advance()
        inside: list[Token] = []
        while not self.next.is_command("|"):
            if self.at_end:
                raise LatexError(sign.start, "this norm is never closed")
            inside.append(self.advance())
        self.advance()
        while self.next.is_sign("_"):
            self.advance()
            self.group()
        return Norm(sign.start, self._whole(inside))

    def _with_exponents(self, node: Node, scripts: Scripts) -> Node:
        """A node transposed and raised, as its scripts say; a name has its layer already."""
        if scripts.transposed:
            node = Turned(node.start, node)
        if scripts.positive:
            node = Applied(node.start, Name(node.start, "ReLU"), (node,))
        named = isinstance(node, Name | Applied | Turned)
        for exponent in (() if named else scripts.layer, scripts.power):
            if exponent:
                node = Raised(node.start, node, self._whole(exponent))
        return node


def _own(scripts: Scripts) -> Scripts:
    """The scripts that belong to a name, without what raises or transposes it."""
    return Scripts(
        below=scripts.below, layer=scripts.layer, bare=scripts.bare, brackets=scripts.brackets
    )
