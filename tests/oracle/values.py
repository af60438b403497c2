"""The oracle: the value of an expression at a point, or that it has none.

A part without a value leaves the whole without one: 0*(1/0) is no number, log(-1)^2 neither.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from tests.oracle import reals
from tests.oracle.reals import NoValueError, Number, TooCloseError
from tests.oracle.slopes import slope
from tests.oracle.terms import Term

HALF = Fraction(1, 2)


@dataclass
class Place:
    """A point with a value for Step(0), and what was met there so far.

    Attributes:
        flat: gates whose argument is 0 everywhere, as in abs(w - w): no kink of anything.
        kinks: the other gates whose argument is exactly 0 here.
        at_bound: whether both sides of a comparison in some cases are equal.
        slope_at_kink: whether a derivative that is spelled out was taken at a kink.
    """

    values: dict[str, Number]
    at_zero: Fraction
    flat: frozenset[Term] = frozenset()
    kinks: set[Term] = field(default_factory=set)
    at_bound: bool = False
    slope_at_kink: bool = False
    seen: dict[Term, Number] = field(default_factory=dict)

    @property
    def at_kink(self) -> bool:
        return bool(self.kinks)

    def value(self, term: Term) -> Number:
        """Its value.

        Raises:
            NoValueError: it has none.
            TooCloseError: at this precision nobody can say.
        """
        if term not in self.seen:
            self.seen[term] = self._value(term)
        return self.seen[term]

    def holds(self, condition: Term) -> bool:
        """Whether a condition is true; not where a side of it has no value."""
        match condition.head:
            case "true" | "false":
                return condition.head == "true"
            case "and" | "or":
                every = all if condition.head == "and" else any
                return every([self.holds(part) for part in condition.args])
            case "not":
                return not self.holds(condition.args[0])
            case relation:
                left, right = map(self.value, condition.args)
                return _COMPARED[relation](reals.sign(_difference(left, right)))

    def _value(self, term: Term) -> Number:
        match term.head:
            case "number":
                return term.leaf
            case "name" if term.leaf == "pi":
                return reals.real(reals.iv.pi)
            case "name":
                return self.values[term.leaf]
            case "cases":
                return self._of_cases(term)
            case "diff":
                return self._of_slope(term)
        # max(a, a) is a: SymPy has it so before any kink can be told from none.
        arguments = dict.fromkeys(term.args) if term.head in ("max", "min") else term.args
        first, *rest = map(self.value, arguments)
        match term.head:
            case "+":
                return reals.add(first, *rest)
            case "-":
                return _difference(first, *rest)
            case "*":
                return reals.multiply(first, *rest)
            case "/":
                return reals.multiply(first, reals.inverse(*rest))
            case "negative":
                return reals.negative(first)
            case "^":
                return reals.power(first, *rest)
            case "ReLU":
                return first if self._side(term, first) > 0 else Fraction(0)
            case "Step" | "Heaviside":
                side, at_zero = self._side(term, first), rest[0] if rest else self.at_zero
                return at_zero if side == 0 else Fraction(side > 0)
            case "LeakyReLU":
                return first if self._side(term, first) > 0 else reals.multiply(first, rest[0])
            case "abs":
                return first if self._side(term, first) >= 0 else reals.negative(first)
            case "sign":
                return Fraction(self._side(term, first))
            case "max" | "min":
                wanted = 1 if term.head == "max" else -1
                for other in rest:
                    if self._side(term, _difference(other, first)) == wanted:
                        first = other
                return first
            case head:
                return SMOOTH[head](first)

    def _side(self, gate: Term, argument: Number) -> int:
        """The sign of the argument of a gate."""
        side = reals.sign(argument)
        if side == 0 and gate not in self.flat:
            self.kinks.add(gate)
        return side

    def _of_cases(self, term: Term) -> Number:
        for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
            self._note_bounds(condition)
            if self.holds(condition):
                return self.value(value)
        raise NoValueError

    def _note_bounds(self, condition: Term) -> None:
        if condition.head in _COMPARED:
            self.at_bound |= reals.sign(_difference(*map(self.value, condition.args))) == 0
        elif condition.head in ("and", "or", "not"):
            for part in condition.args:
                self._note_bounds(part)

    def _of_slope(self, term: Term) -> Number:
        """diff(f, x, ...), which at a kink of f nobody is asked about."""
        inside, *by = term.args
        apart = Place(self.values, self.at_zero, self.flat)
        for variable in by:
            apart.value(inside)
            inside = slope(inside, variable.leaf)
        value = apart.value(inside)
        self.kinks |= apart.kinks
        self.slope_at_kink |= apart.at_kink | apart.at_bound | apart.slope_at_kink
        return value


_COMPARED = {
    "<": lambda side: side < 0,
    ">": lambda side: side > 0,
    "<=": lambda side: side <= 0,
    ">=": lambda side: side >= 0,
    "=": lambda side: side == 0,
    "!=": lambda side: side != 0,
}


def _difference(left: Number, right: Number) -> Number:
    return reals.add(left, reals.negative(right))


def _sigmoid(z: Number) -> Number:
    return reals.inverse(reals.add(Fraction(1), reals.exp(reals.negative(z))))


def _tanh(z: Number) -> Number:
    """tanh(z) = 2 sigmoid(2z) - 1."""
    twice = _sigmoid(reals.multiply(Fraction(2), z))
    return reals.add(reals.multiply(Fraction(2), twice), Fraction(-1))


SMOOTH = {
    "exp": reals.exp,
    "log": reals.log,
    "erf": reals.erf,
    "sin": reals.sin,
    "cos": reals.cos,
    "sqrt": lambda z: reals.power(z, HALF),
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "softplus": lambda z: reals.log(reals.add(Fraction(1), reals.exp(z))),
}


def differ(left: Number, right: Number) -> bool:
    """Whether two numbers differ for certain."""
    try:
        return reals.sign(_difference(left, right)) != 0
    except TooCloseError:
        return False
