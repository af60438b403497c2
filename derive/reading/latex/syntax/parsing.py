r"""The tree of a formula in LaTeX, without a knowledge of names.

terms  = run { ( "+" | "-" ) run }
run    = { "-" } item { [ \cdot | \times | * | / | \odot | \circ | \otimes ] { "-" } item }
item   = atom [ scripts ]
atom   = number | name | bracket | \frac | \sqrt | \sum run | \lim run | \partial | \nabla
| cases | matrix
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from derive.reading.latex.lexical.choices import choice
from derive.reading.latex.lexical.cursor import Cursor, split, with_depth
from derive.reading.latex.lexical.problems import BrokenError, LatexError
from derive.reading.latex.lexical.scripts import read_scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.syntax.big_signs import limits, one_sided
from derive.reading.latex.syntax.conditions import condition_of, has_relation
from derive.reading.latex.syntax.contents import content
from derive.reading.latex.syntax.environments import environment
from derive.reading.latex.syntax.tree import (
    BigSum,
    Broken,
    Case,
    CaseList,
    Condition,
    Differential,
    Enclosed,
    Exponential,
    FractionBar,
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
)

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
_BRACKETS = ("left", "{", "lvert", "|", "langle")
_BRACES = ("underbrace", "overbrace")
_STARTING = frozenset((*_FRACTIONS, *_BRACKETS, *_BRACES, "sum", "lim", "partial", "nabla", "sqrt"))
_CLOSING = (")", "]", "}")


@lru_cache(maxsize=4_096)
def parsed(tokens: tuple[Token, ...], end: int) -> Terms:
    """The tree of tokens that end at a place."""
    return _TreeParser(tokens, end).whole()


def parsed_side(tokens: Sequence[Token]) -> Terms | None:
    """The tree of one side of an equality without the words beside it; None where it is empty."""
    kept = tuple(tokens)
    if any(token.kind == "text" for token in kept):
        kept = tuple(t for t, depth in with_depth(kept) if t.kind != "text" or depth)
    if all(token.kind == "quad" for token in kept):
        return None
    return parsed(kept, kept[-1].end)


@lru_cache(maxsize=1_024)
def parsed_condition(tokens: tuple[Token, ...]) -> Condition:
    """The tree of tokens that state a condition."""
    end = tokens[-1].end if tokens else 0
    return condition_of(tokens, _TreeParser(tokens, end).inside)


class _TreeParser(Cursor):
    """Reads the tokens of one formula; each method reads one rule of the grammar."""

    def __init__(self, tokens: Sequence[Token], end: int, depth: int = 0) -> None:
        super().__init__(tokens, end)
        self._depth = depth
        self._stopped = False

    def inside(self, tokens: Sequence[Token], end: int) -> Terms:
        """The tree of a part, which is one level deeper."""
        part = _TreeParser(tokens, end, self._depth)
        try:
            part.deeper()
        except BrokenError as problem:
            return part.broken(problem)
        return part.whole()

    def broken(self, problem: LatexError) -> Terms:
        """What is read of a part that cannot be parsed."""
        at = self.next.start
        return Terms(at, (1,), (Run(at, (Broken(at, problem),), at),))

    def whole(self) -> Terms:
        """The whole text: terms with plus and minus signs between them."""
        start = self.next.start
        try:
            self.deeper()
        except BrokenError as problem:
            return self.broken(problem)
        signs, runs = [self._sign()], [self._run()]
        while not self._stopped and self.next.is_sign("+", "-"):
            signs.append(self._sign())
            runs.append(self._run())
        surplus = None if self._stopped or self.at_end else self._surplus()
        return Terms(start, tuple(signs), tuple(runs), surplus)

    def _surplus(self) -> LatexError:
        if self.next.is_sign(*_CLOSING):
            return BrokenError(self.next.start, f"found {self.next} that closes nothing")
        return self.error(f"found {self.next} where an operator or the end is expected")

    def _sign(self) -> int:
        sign = 1
        while self.next.is_sign("+", "-") or self.next.kind == "quad":
            sign = -sign if self.advance().text == "-" else sign
        return sign

    # -- terms -------------------------------------------------------------------------

    def _run(self) -> Run:
        start = self.next.start
        items: list[Node] = []
        try:
            while not self._stopped:
                self._factor(items)
                if (operator := self._operator()) is not None:
                    items.append(operator)
                    self._sign_is_refused(operator)
                elif not self._starts_factor(self.next):
                    break
        except LatexError as problem:
            items.append(Broken(problem.at, problem))
            self._stopped = True
        return Run(start, tuple(items), self.next.start, self.next.is_sign("+", "-"))

    def _rest_of_term(self) -> Run:
        """What stands behind a big sign."""
        self._skip_spaces()
        self.deeper()
        found = self._run()
        self.shallower()
        return found

    def _factor(self, items: list[Node]) -> None:
        r"""One item, and minus signs in front of it; {} stands for nothing: {}\cdot a."""
        while True:
            while self.next.is_sign("-"):
                items.append(Minus(self.advance().start))
            if not (self.next.is_sign("{") and self._is_empty_group()):
                break
            at = self.next.start
            self.group()
            follows = self._operator() is not None or self._starts_factor(self.next)
            if not follows and not self.next.is_sign("-"):
                raise LatexError(at, "these braces are empty")
        items.append(self._scripted(self._atom()))

    def _is_empty_group(self) -> bool:
        ahead = 1
        while self.ahead(ahead).kind == "quad":
            ahead += 1
        return self.ahead(ahead).is_sign("}")

    def _operator(self) -> Operator | None:
        token = self.next
        if token.kind == "command" and token.text in _OPERATORS:
            self.advance()
            return Operator(token.start, _OPERATORS[token.text])
        stuck = token.is_sign(".") and self.last.end == token.start
        if stuck and self.ahead(1).kind == "name" and self.ahead(1).start == token.end:
            self.advance()  # W.a
            return Operator(token.start, "cdot")
        if token.is_sign("*", "/"):
            self.advance()
            return Operator(token.start, "times" if token.text == "*" else "over")
        if token.kind == "quad":
            ahead = 1
            while self.ahead(ahead).kind == "quad":
                ahead += 1
            if self._starts_factor(self.ahead(ahead)):
                self._skip_spaces()
        return None

    def _skip_spaces(self) -> None:
        while self.next.kind == "quad":
            self.advance()

    def _sign_is_refused(self, operator: Operator) -> None:
        if self.next.is_sign("+") or not (self._starts_factor(self.next) or self.next.is_sign("-")):
            raise self.error(f"found {self.next} where a factor is expected after {self.last}")

    def _starts_factor(self, token: Token) -> bool:
        if token.kind in ("name", "number", "begin"):
            return True
        if token.kind == "sign":
            return token.text in ("(", "[", "{", "|")
        return token.kind == "command" and token.text in _STARTING

    def _scripted(self, item: Node) -> Node:
        """An item with the scripts that follow it."""
        if not self.next.is_sign("^", "_", "'"):
            return item
        at = self.last
        return Scripted(item.start, item, read_scripts(self), at, self.last.end)

    # -- atoms -------------------------------------------------------------------------

    def _atom(self) -> Node:
        token = self.next
        if token.kind == "number":
            return self._number()
        if token.kind == "begin":
            return self._environment()
        if token.kind == "name":
            return self._name()
        if token.is_sign("(", "[", "|"):
            return self._bracket()
        if token.is_sign("{"):
            return self._name() if self._unbraced() else self._group()
        if token.kind == "command":
            return self._command(token)
        raise self.error(f"found {token} where a number, a name or a bracket is expected")

    def _number(self) -> Numeral:
        token = self.next
        if self.last.kind == "name" and self.last.end == token.start:
            name = str(self.last)
            raise self.error(
                f"{name}{token.text} is no name here; "
                f"write {name}_{token.text} for a name, {token.text} {name} for a product"
            )
        self.advance()
        return Numeral(token.start, token)

    def _name(self) -> Node:
        token = self.advance()
        if token.text == "e" and self.next.is_sign("^"):
            return self._exponential(token)
        scripts = read_scripts(self)
        return Named(token.start, token, scripts, self.last.end)

    def _exponential(self, token: Token) -> Exponential:
        """e^{…}, and what it is where e is a name."""
        apart = Cursor(self._tokens[self._position : -1], self._tokens[-1].end)
        try:
            name: Node = Named(token.start, token, read_scripts(apart))
        except LatexError as problem:
            name = Broken(problem.at, problem)
        self.advance()
        exponent = self.group()
        return Exponential(token.start, self.inside(exponent, self.last.end), name)

    def _unbraced(self) -> bool:
        """Read the brace before a lone name with scripts, as in {W}^{(0)}, if one stands here."""
        lone = self.ahead(1).kind == "name" and self.ahead(2).is_sign("}")
        if not (lone and self.ahead(3).is_sign("^", "_")):
            return False
        self.drop_braces()
        return True

    def _group(self) -> Enclosed:
        """{…}, which is only there to hold a formula together."""
        opened = self.next
        tokens = self.group()
        return self._enclosed(opened.start, "{", tokens)

    def _bracket(self) -> Node:
        start = self.next.start
        opened, tokens = content(self)
        end = self.last.start
        mark = f"\\{opened.text}" if opened.kind == "command" else opened.text
        if mark == "\\{" and tokens and tokens[0].kind == "begin":
            part = _TreeParser(tokens, end, self._depth)
            begin = part.advance()
            inner = part.environment(begin)
            return environment(begin, inner, part.last.start, self.inside, in_brace=True)
        if (parts := choice(tokens)) is not None:
            return self._choice(start, *parts)
        if has_relation(tokens):
            where = condition_of(tokens, self.inside)
            return Enclosed(start, mark, tuple(tokens), (), where, self.last.end)
        return self._enclosed(start, mark, tokens)

    def _choice(
        self, start: int, value: Sequence[Token], where: Sequence[Token], other: Sequence[Token]
    ) -> Node:
        """a if z > 0 else b; 1 if z > 0 else 0 is the truth of it."""
        end = self.last.start
        condition = condition_of(where, self.inside)
        if ([t.text for t in value], [t.text for t in other]) == (["1"], ["0"]):
            return Enclosed(start, "[", tuple(where), (), condition, self.last.end)
        first = Case(start, self.inside(value, end), condition)
        return CaseList(start, (first, Case(start, self.inside(other, end), None)))

    def _enclosed(self, start: int, mark: str, tokens: Sequence[Token]) -> Enclosed:
        end = self.last.start
        members = tuple(self.inside(part, end) for part in split(tokens, ",", ";"))
        return Enclosed(start, mark, tuple(tokens), members, None, self.last.end)

    def _environment(self) -> Node:
        begin = self.advance()
        tokens = self.environment(begin)
        return environment(begin, tokens, self.last.start, self.inside)

    def _command(self, token: Token) -> Node:
        name = token.text
        if name in _BRACKETS:
            return self._bracket()
        if name not in _STARTING:
            raise self.error(f"\\{name} is not read here")
        self.advance()
        if name in _FRACTIONS:
            return self._fraction(token)
        if name == "sqrt":
            if self.next.is_sign("["):
                raise LatexError(token.start, "roots are read as square roots only")
            tokens = self.group()
            return Root(token.start, token, self.inside(tokens, self.last.end))
        if name == "sum":
            found = limits(token, self)
            return BigSum(token.start, found, self._rest_of_term())
        if name == "lim":
            below, arrow = one_sided(token, self)
            place = self.inside(below, arrow.start)
            return OneSided(token.start, place, arrow.text, self._rest_of_term())
        if name in _BRACES:
            found = self._enclosed(token.start, name, self.group())
            if self.next.is_sign("_", "^"):
                self.advance()
                self.group()  # the words below the brace
            return found
        return self._differential(token)

    def _fraction(self, sign: Token) -> FractionBar:
        above, above_end = self.group(), self.last.start
        below, below_end = self.group(), self.last.start
        parts = [[t for t in part if t.kind != "quad"] for part in (above, below)]
        if not all(parts):
            raise LatexError(sign.start, "a fraction has something above and below its line")
        return FractionBar(
            sign.start, self.inside(parts[0], above_end), self.inside(parts[1], below_end)
        )

    def _differential(self, token: Token) -> Differential:
        scripts = read_scripts(self)
        parts = split(scripts.below, ",") if scripts.below else ()
        end = self.last.start
        by = tuple(self.inside(part, end) for part in parts)
        return Differential(token.start, token, scripts, by)
