r"""The tree of a formula where it is said which names are functions, and what numbers a layer.

A function of mathematics takes the factor behind it, any other name a bracket that follows.
"""

from __future__ import annotations

from dataclasses import replace

from derive.reading.inferring.formulas.nodes import (
    Applied,
    Bracket,
    Digits,
    Factors,
    Name,
    Norm,
    Raised,
    Size,
    Slope,
    Summed,
    TermSum,
    Turned,
)
from derive.reading.inferring.names import free_letters
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.syntax.parsing import parsed
from derive.reading.latex.syntax.tree import (
    BigSum,
    Broken,
    Differential,
    Enclosed,
    End,
    Exponential,
    FractionBar,
    Limits,
    Minus,
    Named,
    Node,
    Numeral,
    Operator,
    Root,
    Run,
    Scripted,
    Terms,
    shown,
)

#: Names that take the factor behind them, bracket or not.
FUNCTIONS = frozenset(
    {
        *("exp", "log", "tanh", "sqrt", "max", "min", "softmax", "Softmax", "sigmoid", "sigm"),
        *("ReLU", "relu", "RELU", "Relu", "softplus", "Step", "step", "erf", "abs", "\\sigma"),
        *("sinh", "cosh", "sin", "cos", "logistic", "sgn", "sign", "diag", "vec"),
    }
)
_SIGNS = ("cdot", "times", "odot", "over")


def grouped(side: Terms | None, layered: frozenset[str] = frozenset()) -> Node:
    """The tree of one side of an equality.

    Args:
        layered: names above which a bare number is one of a layer and no power, as in z^1.

    Raises:
        LatexError: for what has no place in a definition.
    """
    if side is None:
        raise LatexError(0, "nothing stands on this side")
    return _sum(side, layered)


def _sum(terms: Terms, layered: frozenset[str]) -> Node:
    found = tuple(_Grouping(run, layered).term() for run in terms.runs)
    if terms.surplus is not None:
        raise terms.surplus.with_traceback(None)
    return found[0] if terms.signs == (1,) else TermSum(terms.start, terms.signs, found)


class _Grouping:
    """Goes through the items of one term."""

    def __init__(self, run: Run, layered: frozenset[str]) -> None:
        self._items = [*run.items, End(run.end)]
        self._layered = layered

    def _advance(self) -> Node:
        return self._items.pop(0) if len(self._items) > 1 else self._items[0]

    def term(self) -> Node:
        start = self._items[0].start
        factors, signs = [self._factor()], [""]
        while not isinstance(self._items[0], End):
            sign = self._advance() if isinstance(self._items[0], Operator) else None
            signs.append(sign.sign if isinstance(sign, Operator) else "")
            factors.append(self._factor())
        if not {*signs[1:]} <= {"", *_SIGNS}:
            raise LatexError(start, "this sign of multiplication is not read here")
        return factors[0] if len(factors) == 1 else Factors(start, tuple(factors), tuple(signs))

    def _factor(self) -> Node:
        item = self._advance()
        if isinstance(item, Minus):
            return TermSum(item.start, (-1,), (self._factor(),))
        if not isinstance(item, Scripted):
            return self._atom(item)
        is_norm = isinstance(item.of, Enclosed) and item.of.opened in ("|", "\\|", "\\lvert")
        if item.scripts.primes or (item.scripts.below and not is_norm):
            raise LatexError(item.start, "scripts behind what is no name are powers here")
        return self._with_exponents(self._atom(item.of), item.scripts)

    def _atom(self, item: Node) -> Node:
        match item:
            case Numeral():
                return Digits(item.start, item.token.text)
            case Named():
                return self._name(item)
            case Exponential():
                exponent = (self._sum(item.exponent),)
                return Applied(item.start, Name(item.start, "exp"), exponent)
            case Root():
                return Applied(item.start, Name(item.start, "sqrt"), (self._sum(item.of),))
            case Enclosed(opened="\\|", members=(inside,)):
                return Norm(item.start, self._sum(inside))
            case Enclosed(opened="|" | "\\lvert", members=(inside,), condition=None):
                return Size(item.start, self._sum(inside))
            case Enclosed(opened="(" | "[" | "{", condition=None):
                return Bracket(item.start, tuple(map(self._sum, item.members)))
            case FractionBar():
                return self._fraction(item)
            case BigSum():
                return self._big_sum(item)
            case Differential():
                return self._slope(item)
            case Broken():
                raise item.problem.with_traceback(None)
            case _:
                raise LatexError(item.start, f"{shown(item)} is not read here")

    def _sum(self, terms: Terms) -> Node:
        return _sum(terms, self._layered)

    def _slope(self, item: Node) -> Slope:
        """The rest of a term that begins with a sign of differentiation."""
        del self._items[:-1]
        return Slope(item.start)

    def _fraction(self, item: FractionBar) -> Node:
        first = item.above.runs[0].items[0]
        if isinstance(first, Differential) or (
            isinstance(first, Named) and first.token.text == "d"
        ):
            return Slope(item.start)
        parts = (self._sum(item.above), self._sum(item.below))
        return Factors(item.start, parts, ("", "over"))

    def _big_sum(self, item: BigSum) -> Node:
        limits = item.limits
        if limits is None:
            return self._lone_sum(item)
        if not isinstance(limits, Limits) or limits.apart is not None:
            raise LatexError(item.start, "a sum runs over letters, as in \\sum_{i=1}^{n}")
        if limits.low and limits.low[0].kind == "name" and not limits.high:
            raise LatexError(item.start, "what stands below this sum is no beginning of it")
        letters = tuple(token.text for token in limits.letters)
        last = "".join(token.text for token in limits.high)
        return Summed(item.start, letters, last, _Grouping(item.body, self._layered).term())

    def _lone_sum(self, item: BigSum) -> Summed:
        """A sum without a letter: over the only one that is written in it."""
        body = _Grouping(item.body, self._layered).term()
        letters = tuple(free_letters(body))
        if len(letters) != 1:
            raise LatexError(item.start, "a sum says below its sign over which letter it runs")
        return Summed(item.start, letters, "", body)

    # -- names -------------------------------------------------------------------------

    def _name(self, item: Named) -> Node:
        token, scripts = item.token, item.scripts
        follower = self._items[0]
        if token.text == "d" and isinstance(follower, Named) and follower.start == token.end:
            return self._slope(item)
        if scripts.bare and not self._is_layer(token, scripts):
            scripts = replace(scripts, layer=(), bare=False, power=scripts.layer)
        above = replace(scripts, layer=())
        if token.text in FUNCTIONS:
            bare = Name(token.start, token.text, Scripts(layer=scripts.layer))
            return self._applied(bare, above)
        if scripts.primes:
            return Slope(token.start)
        name = Name(token.start, token.text, _own(scripts))
        if self._opens() and not (scripts.transposed or scripts.power):
            return self._applied(name, above)
        return self._with_exponents(name, above)

    def _is_layer(self, token: Token, scripts: Scripts) -> bool:
        """Whether a bare superscript numbers a layer: a letter does, a number where it is said."""
        if all(part.kind == "number" for part in scripts.layer):
            return token.text in self._layered
        first, *rest = scripts.layer or (token,)
        is_shifted = first.text in ("l", "L", "\\ell") and len(rest) == 2
        return bool(scripts.layer) and first.kind == "name" and (not rest or is_shifted)

    def _opens(self) -> bool:
        follower = self._items[0]
        bracket = follower.of if isinstance(follower, Scripted) else follower
        return isinstance(bracket, Enclosed) and bracket.opened in ("(", "[")

    def _applied(self, name: Name, scripts: Scripts) -> Node:
        """A function with what it is applied to, raised by its own exponent and what follows."""
        if not self._opens():
            applied = Applied(name.start, name, (self._factor(),), bracketed=False)
            return self._with_exponents(applied, scripts)
        follower = self._advance()
        bracket = self._atom(follower.of if isinstance(follower, Scripted) else follower)
        assert isinstance(bracket, Bracket)
        found = self._with_exponents(Applied(name.start, name, bracket.inside), scripts)
        if not isinstance(follower, Scripted):
            return found
        if follower.scripts.primes or follower.scripts.below:
            raise LatexError(follower.start, "scripts behind what is no name are powers here")
        return self._with_exponents(found, follower.scripts)

    def _with_exponents(self, node: Node, scripts: Scripts) -> Node:
        """A node transposed and raised, as the scripts behind it say."""
        if scripts.transposed:
            node = Turned(node.start, node)
        if scripts.positive:
            node = Applied(node.start, Name(node.start, "ReLU"), (node,))
        for exponent in (scripts.layer, scripts.power):
            if exponent:
                power = parsed(exponent, exponent[-1].end)
                node = Raised(node.start, node, self._sum(power))
        return node


def _own(scripts: Scripts) -> Scripts:
    """The scripts that belong to a name, without what raises or transposes it."""
    return Scripts(
        below=scripts.below, layer=scripts.layer, bare=scripts.bare, brackets=scripts.brackets
    )
