"""Nonlinear real arithmetic with z3: equations whose gates are written in unlike ways.

The equation is translated as for the normal form; then each gate is tied to the sign of
its argument, exponentials and logarithms are unknowns of which only bounds are told.  So
"unsatisfiable" is a proof.  A model is only a suggestion: it counts when the exact
functions differ at its point, which the caller checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    And,
    Basic,
    Eq,
    Equivalent,
    Expr,
    GreaterThan,
    Implies,
    Integer,
    LessThan,
    Mul,
    Ne,
    Or,
    Pow,
    Rational,
    S,
    StrictGreaterThan,
    StrictLessThan,
    Symbol,
    nan,
    zoo,
)

from derive.algebra.functions import Step
from derive.algebra.primitives import BOUNDS_OF_PI, BY_FUNCTION
from derive.algebra.quantities import Partial, Quantity
from derive.errors import NotRationalError
from derive.proving.exact.normal_form import NormalForm
from derive.proving.vanishing import zeros

#: z3's own count of its work that one question may take: the answer must not depend on how busy
#: a machine is.  It is about two seconds.
MOST_WORK = 400_000
#: Each value of an increasing function is compared with so many others.
_MOST_COMPARED = 4


class MissingError(Exception):
    """z3 is not installed."""


@dataclass(frozen=True)
class Answer:
    """What z3 says: "proved", "model" (with the point) or "unknown".

    Attributes:
        gates: whether the question has any.
        apart: arguments of gates that were taken not to be 0, though they may be on a region.
    """

    kind: str
    point: dict[Expr, Rational] | None = None
    apart: tuple[Expr, ...] = ()
    gates: bool = True


def decide(left: Expr, right: Expr, where: Basic = S.true, *, at_kinks: bool) -> Answer:
    """Whether left = right follows from a condition, for expressions without sums.

    `at_kinks` includes the points where the argument of a gate crosses 0; without them the
    answer is about almost all inputs.

    Raises:
        MissingError: when z3 is not installed.
        NotRationalError: when the expressions cannot be translated.
    """
    question = _Query()
    first, second = question.suppose(where, (left, right), at_kinks=at_kinks)
    # Asked once only: z3 answers a second question to one solver by another, slower procedure.
    question.solver.add(first != second)
    answer = str(question.solver.check())
    if answer == "unsat":
        other = _Query()
        other.suppose(where, (left, right), at_kinks=at_kinks)
        if not other.is_satisfiable():
            # Sides that have values nowhere, or an impossible condition, would prove anything.
            return Answer("unknown")
        apart = tuple(dict.fromkeys(question.apart))
        return Answer("proved", apart=apart, gates=question.has_gates)
    if answer == "sat":
        return Answer("model", question.point(question.solver.model()))
    return Answer("unknown")


def impossible(where: Basic) -> bool:
    """Whether it is certain that no real point satisfies a condition.

    Raises:
        MissingError: when z3 is not installed.
        NotRationalError: when the condition cannot be translated.
    """
    question = _Query()
    question.suppose(where, (), at_kinks=True)
    return question.is_impossible()


def model(where: Basic, sides: Sequence[Expr]) -> dict[Expr, Rational] | None:
    """A point that z3 suggests, off all kinks, where a condition holds and sides have values.

    Raises:
        MissingError: when z3 is not installed.
        NotRationalError: when the expressions cannot be translated.
    """
    question = _Query()
    question.suppose(where, sides, at_kinks=False)
    return question.point(question.solver.model()) if question.is_satisfiable() else None


class _Query:
    """A z3 solver and the variables that stand for the atoms of a normal form."""

    def __init__(self) -> None:
        try:
            import z3
        except ImportError as error:
            raise MissingError from error
        self._z3: Any = z3
        self.form = NormalForm()
        # A context of its own, so that no answer depends on what z3 was asked before.
        self._context = z3.Context()
        self.solver = z3.Solver(ctx=self._context)
        self.solver.set("rlimit", MOST_WORK)
        self.solver.set("random_seed", 0)
        self._variables: dict[Symbol, Any] = {}
        self._numbers: dict[Expr, Any] = {}
        self._conventions: set[Expr] = set()
        self.apart: list[Expr] = []
        self.has_gates = False
        self._increasing: dict[type, list[tuple[Any, Expr]]] = {}

    def suppose(self, where: Basic, sides: Sequence[Expr], *, at_kinks: bool) -> list[Any]:
        """Tell a condition and all that is known of the atoms; the z3 terms of the sides."""
        translated = [self.form.translate(side) for side in sides]
        condition = _translated(self.form, where)
        closed = [self.form.close(side) for side in translated]
        condition = _closed(self.form, condition)
        self.tell_switches(self.form.switches_in(*closed, *_sides(condition)), at_kinks)
        self.solver.add(self.truth(condition))
        terms = [self.number(side) for side in closed]
        self.tell_atoms()
        return terms

    def is_satisfiable(self) -> bool:
        """Whether z3 has a model of what it was told."""
        return self.solver.check() == self._z3.sat

    def is_impossible(self) -> bool:
        """Whether z3 is certain that there is none."""
        return self.solver.check() == self._z3.unsat

    def number(self, node: Expr) -> Any:
        """A z3 real for a translated expression; denominators are required not to vanish."""
        if node not in self._numbers:
            self._numbers[node] = self._number(node)
        return self._numbers[node]

    def _number(self, node: Expr) -> Any:
        z3 = self._z3
        if isinstance(node, Symbol):
            if node not in self._variables:
                self._variables[node] = z3.Real(node.name, self._context)
            return self._variables[node]
        if isinstance(node, Rational):
            return z3.Q(int(node.p), int(node.q), self._context)
        if isinstance(node, Add):
            return z3.Sum([self.number(argument) for argument in node.args])
        if isinstance(node, Mul):
            return z3.Product([self.number(argument) for argument in node.args])
        if isinstance(node, Pow) and isinstance(node.exp, Integer):
            base, exponent = self.number(node.base), int(node.exp)
            power = z3.Product([base] * abs(exponent))
            if exponent > 0:
                return power
            self.solver.add(base != 0)
            return 1 / power
        raise NotRationalError(f"{node} is not arithmetic")

    def truth(self, condition: Basic) -> Any:
        """A z3 formula for a translated condition."""
        z3 = self._z3
        match condition:
            case And():
                return z3.And(*map(self.truth, condition.args), self._context)
            case Or():
                return z3.Or(*map(self.truth, condition.args), self._context)
            case Implies():
                first, second = condition.args
                return z3.Implies(self.truth(first), self.truth(second))
            case Equivalent():
                first, second = condition.args
                return self.truth(first) == self.truth(second)
            case _:
                pass
        if condition in (S.true, S.false):
            return z3.BoolVal(condition == S.true, self._context)
        left, right = map(self.number, condition.args)  # pyright: ignore[reportArgumentType]
        match condition:
            case StrictGreaterThan():
                return left > right
            case StrictLessThan():
                return left < right
            case GreaterThan():
                return left >= right
            case LessThan():
                return left <= right
            case Eq():
                return left == right
            case Ne():
                return left != right
            case _:
                raise NotRationalError(f"{condition} is not a comparison")

    def tell_switches(self, switches: Sequence[Symbol], at_kinks: bool) -> None:
        """Tie each switch to the sign of its argument.

        Without kinks, arguments are not 0, except where inner gates that are off make
        an argument vanish on a whole region: that is no boundary, and Step(0) counts there.
        Where it is not known whether an argument does, it is left out and named in `apart`.
        """
        z3 = self._z3
        self.has_gates = bool(switches)
        for symbol in switches:
            use = self.form.switch(symbol)
            value = self.number(symbol)
            argument = self.number(self.form.close(use.argument))
            self.solver.add(z3.Implies(argument > 0, value == 1))
            self.solver.add(z3.Implies(argument < 0, value == 0))
            if use.at_zero is not None:
                self._conventions |= use.at_zero.free_symbols
                at_zero = self.number(use.at_zero)
                self.solver.add(z3.Implies(argument == 0, value == at_zero))
            if not at_kinks:
                where_zero = zeros(self.form, use.argument)
                as_gates = [[self.number(g) == n for g, n in s.items()] for s in where_zero.states]
                off = [z3.And(*states, self._context) for states in as_gates]
                self.solver.add(z3.Or(argument != 0, *off, self._context))
                if not where_zero.certain:
                    self.apart.append(self.form.in_words(self.form.close(use.argument)))

    def tell_atoms(self) -> None:
        """Bounds of the functions that z3 knows nothing of, and of Step(0) as a symbol."""
        known: set[Symbol] = set()
        while waiting := [s for s in self._variables if s not in known]:
            for symbol in waiting:
                known.add(symbol)
                self._tell(symbol, self._variables[symbol])

    def _tell(self, symbol: Symbol, value: Any) -> None:
        key = self.form.meaning(symbol)
        if symbol in self._conventions:
            self.solver.add(value >= 0, value <= 1)
        if key is S.Pi:
            low, high = map(self.number, BOUNDS_OF_PI)
            self.solver.add(low < value, value < high)
        if not isinstance(key, tuple) or key[0] is Step:
            return
        function, argument = key[0], self.form.close(key[1])
        if argument.has(zoo, nan):
            return  # a quotient without a value in this state of the gates: any number will do
        row = BY_FUNCTION[function]
        for fact in row.facts:
            self.solver.add(self.truth(fact.relation(symbol, argument)))
        for k, low, high in row.told:
            self.solver.add(self.truth(Implies(argument >= k, symbol >= low)))
            self.solver.add(self.truth(Implies(argument <= k, symbol <= high)))
        if not row.increases:
            return
        earlier = self._increasing.setdefault(function, [])
        for other, its_argument in earlier[:_MOST_COMPARED]:
            first, second = self.number(its_argument), self.number(argument)
            self.solver.add((other < value) == (first < second))
            self.solver.add((other > value) == (first > second))
        earlier.append((value, argument))

    def point(self, model: Any) -> dict[Expr, Rational]:
        """The rational values of a model; algebraic numbers are approximated."""
        z3 = self._z3
        found: dict[Expr, Rational] = {}
        for symbol, variable in self._variables.items():
            key = self.form.meaning(symbol)
            if not isinstance(key, Quantity | Partial | Symbol):
                continue
            value = model.eval(variable, model_completion=True)
            if z3.is_algebraic_value(value):
                value = value.approx(20)
            if z3.is_rational_value(value):
                with suppress(ValueError):  # Python reads no number of thousands of digits
                    found[key] = Rational(value.numerator_as_long(), value.denominator_as_long())
        return found


def _translated(form: NormalForm, condition: Basic) -> Basic:
    if isinstance(condition, And | Or):
        return condition.func(*(_translated(form, part) for part in condition.args))
    if not condition.args:
        return condition
    return condition.func(*(form.translate(side) for side in condition.args), evaluate=False)


def _closed(form: NormalForm, condition: Basic) -> Basic:
    if isinstance(condition, And | Or):
        return condition.func(*(_closed(form, part) for part in condition.args))
    if not condition.args:
        return condition
    return condition.func(*(form.close(side) for side in condition.args), evaluate=False)


def _sides(condition: Basic) -> list[Expr]:
    if isinstance(condition, And | Or):
        return [side for part in condition.args for side in _sides(part)]
    return list(condition.args)  # pyright: ignore[reportReturnType]
