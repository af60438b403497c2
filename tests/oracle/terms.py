"""The oracle's own expressions: read from the ASCII notation, and written back.

They share no code with `derive`, and nothing in them is simplified: x/x stays x/x.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

#: Every head but those of leaves and of derivatives; `cases` has values and conditions in turn.
RELATIONS = ("<=", ">=", "!=", "<", ">", "=")
#: Binding strengths, from what binds least.
_OR, _AND, _RELATION, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(8)
_STRENGTHS = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(RELATIONS, _RELATION),
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "negative": _SIGN,
    "^": _POWER,
}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<partial>d2?[A-Za-z]\d?/(?:d[A-Za-z]\d?)+)(?!\w)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign><=|>=|!=|[-+*/^(),;<>=]))"
)


@dataclass(frozen=True)
class Term:
    """A head and arguments; a number or a name has its `leaf` instead of arguments.

    The leaf of a `partial` is its text, such as dC/dW0.
    """

    head: str
    args: tuple["Term", ...] = ()
    leaf: Fraction | str | None = None

    def __str__(self) -> str:
        return _written(self, _OR)

    def with_args(self, args) -> "Term":
        return Term(self.head, tuple(args), self.leaf)


def number(value) -> Term:
    value = Fraction(value)
    if value < 0:
        return Term("negative", (number(-value),))
    if value.denominator != 1:
        return Term("/", (number(value.numerator), number(value.denominator)))
    return Term("number", leaf=value)


def name(text: str) -> Term:
    return Term("name", leaf=text)


def walk(term: Term):
    """The term and all that it consists of."""
    yield term
    for argument in term.args:
        yield from walk(argument)


def names_in(*terms: Term) -> set[str]:
    return {t.leaf for term in terms for t in walk(term) if t.head == "name"}


def replaced(term: Term, mapping: dict[Term, Term]) -> Term:
    """The term with each of these terms replaced, the outermost first."""
    if term in mapping:
        return mapping[term]
    if not term.args:
        return term
    return term.with_args(replaced(argument, mapping) for argument in term.args)


def filled(pattern: Term, values: dict[str, Term]) -> Term:
    """A pattern with terms put in for its names."""
    return replaced(pattern, {name(key): value for key, value in values.items()})


def matched(pattern: Term, term: Term, found: dict[str, Term] | None = None):
    """What the capital letters of a pattern stand for in a term, or None."""
    found = {} if found is None else found
    if pattern.head == "name" and pattern.leaf.isupper():
        if found.setdefault(pattern.leaf, term) == term:
            return found
        return None
    same = pattern.head == term.head and pattern.leaf == term.leaf
    if not same or len(pattern.args) != len(term.args):
        return None
    for inner, argument in zip(pattern.args, term.args, strict=True):
        if matched(inner, argument, found) is None:
            return None
    return found


# -- writing -------------------------------------------------------------------------------


def _written(term: Term, least: int) -> str:
    own = _STRENGTHS.get(term.head, _ATOM)
    text = _text(term, own)
    return f"({text})" if own < least else text


def _text(term: Term, own: int) -> str:
    match term.head:
        case "number" | "name" | "partial":
            return str(term.leaf)
        case "negative":
            return "-" + _written(term.args[0], _POWER)
        case "^":
            base, exponent = term.args
            return f"{_written(base, _ATOM)}^{_written(exponent, _ATOM)}"
        case "cases":
            values, conditions = term.args[::2], term.args[1::2]
            branches = [
                f"{value} otherwise" if condition == TRUE else f"{value} if {condition}"
                for value, condition in zip(values, conditions, strict=True)
            ]
            return f"cases({'; '.join(branches)})"
        case head if head in _STRENGTHS:
            left, right = term.args
            return f"{_written(left, own)} {head} {_written(right, own + 1)}"
        case _:
            return f"{term.head}({', '.join(map(str, term.args))})"


TRUE = Term("true")


# -- reading -------------------------------------------------------------------------------


def read(text: str) -> Term:
    """The term that a text writes, a value or a condition."""
    reader = _Reader(text)
    term = reader.level(_OR)
    if reader.kind is not None:
        raise ValueError(f"{text!r}: {reader.token!r} is left over")
    return term


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(self._split(text))
        self._next()

    @staticmethod
    def _split(text: str):
        place = 0
        while text[place:].strip():
            match = _TOKEN.match(text, place)
            if match is None:
                raise ValueError(f"{text!r}: nothing is known that begins {text[place:]!r}")
            yield match.lastgroup, match[match.lastgroup]
            place = match.end()

    def _next(self) -> str | None:
        old = getattr(self, "token", None)
        self.kind, self.token = self._tokens.pop(0) if self._tokens else (None, None)
        return old

    def _take(self, sign: str) -> None:
        if self.token != sign:
            raise ValueError(f"{self.token!r} where {sign!r} is expected")
        self._next()

    def level(self, strength: int) -> Term:
        """Operators of one strength, from the left, or what binds more."""
        if strength == _SIGN:
            if self.token in ("-", "+"):
                sign, inner = self._next(), self.level(_SIGN)
                return Term("negative", (inner,)) if sign == "-" else inner
            return self.level(_POWER)
        if strength == _POWER:
            base = self._atom()
            if self.token != "^":
                return base
            self._next()
            return Term("^", (base, self.level(_SIGN)))
        left = self.level(strength + 1)
        if strength == _RELATION and self.token in RELATIONS:
            return self._chain(left)
        while self.token in _STRENGTHS and _STRENGTHS[self.token] == strength:
            left = Term(self._next(), (left, self.level(strength + 1)))
        return left

    def _chain(self, left: Term) -> Term:
        links = []
        while self.token in RELATIONS:
            relation, right = self._next(), self.level(_SUM)
            links.append(Term(relation, (left, right)))
            left = right
        whole = links[0]
        for link in links[1:]:
            whole = Term("and", (whole, link))
        return whole

    def _atom(self) -> Term:
        kind, token = self.kind, self._next()
        if kind == "number":
            return number(token)
        if kind == "partial":
            return Term("partial", leaf=token)
        if token == "(":
            inside = self.level(_OR)
            self._take(")")
            return inside
        if kind != "name":
            raise ValueError(f"{token!r} where a value is expected")
        if token == "true":
            return TRUE
        if self.token != "(":
            return name(token)
        self._next()
        return self._cases() if token == "cases" else self._call(token)

    def _call(self, head: str) -> Term:
        args = [self.level(_SUM)]
        while self.token == ",":
            self._next()
            args.append(self.level(_SUM))
        self._take(")")
        return Term(head, tuple(args))

    def _cases(self) -> Term:
        args: list[Term] = []
        while True:
            value = self.level(_SUM)
            condition = TRUE if self._next() == "otherwise" else self.level(_OR)
            args += [value, condition]
            if self._next() == ")":
                return Term("cases", tuple(args))
