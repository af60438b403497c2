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
from itertools import product
from typing import Any

from sympy import (
    Add,
    And,
    Basic,
    Eq,
    Expr,
    GreaterThan,
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
    exp,
    log,
)

from derive.functions import softplus
from derive.proving.fractions import NotRationalError
from derive.proving.normal_form import NormalForm
from derive.quantities import Partial, Quantity

#: Milliseconds given to one question.
TIME_LIMIT = 2_000
#: More gates than this inside the argument of another are not enumerated.
_MOST_INNER = 8


class MissingError(Exception):
    """z3 is not installed."""


@dataclass(frozen=True)
class Answer:
    """What z3 says: "proved", "model" (with the point) or "unknown"."""

    kind: str
    point: dict[Expr, Rational] | None = None


def decide(left: Expr, right: Expr, where: Basic = S.true, *, at_kinks: bool) -> Answer:
    """Whether left = right follows from a condition, for expressions without sums.

    `at_kinks` includes the points where the argument of a gate crosses 0; without them the
    answer is about almost all inputs.

    Raises:
        MissingError: when z3 is not installed.
        NotRationalError: when the expressions cannot be translated.
    """
    question = _Question()
    first, second = question.suppose(where, (left, right), at_kinks=at_kinks)
    if not question.is_satisfiable():
        # Sides that have values nowhere, or an impossible condition, would prove anything.
        return Answer("unknown")
    question.solver.add(first != second)
    answer = str(question.solver.check())
    if answer == "unsat":
        return Answer("proved")
    if answer == "sat":
        return Answer("model", question.point(question.solver.model()))
    return Answer("unknown")


def impossible(where: Basic) -> bool:
    """Whether it is certain that no real point satisfies a condition.

    Raises:
        MissingError: when z3 is not installed.
        NotRationalError: when the condition cannot be translated.
    """
    question = _Question()
    question.suppose(where, (), at_kinks=True)
    return question.is_impossible()


class _Question:
    """A z3 solver and the variables that stand for the atoms of a normal form."""

    def __init__(self) -> None:
        try:
            import z3
        except ImportError as error:
            raise MissingError from error
        self._z3: Any = z3
        self.form = NormalForm()
        self.solver = z3.Solver()
        self.solver.set("timeout", TIME_LIMIT)
        self.solver.set("random_seed", 0)
        self._variables: dict[Symbol, Any] = {}
        self._conventions: set[Expr] = set()

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
        z3 = self._z3
        if isinstance(node, Symbol):
            if node not in self._variables:
                self._variables[node] = z3.Real(node.name)
            return self._variables[node]
        if isinstance(node, Rational):
            return z3.Q(int(node.p), int(node.q))
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
                return z3.And([self.truth(part) for part in condition.args])
            case Or():
                return z3.Or([self.truth(part) for part in condition.args])
            case _:
                pass
        if condition in (S.true, S.false):
            return z3.BoolVal(condition == S.true)
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
        """
        z3 = self._z3
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
                off = [
                    z3.And([self.number(gate) == state for gate, state in pattern.items()])
                    for pattern in self._vanishing(use.argument)
                ]
                self.solver.add(z3.Or(argument != 0, *off))

    def _vanishing(self, argument: Expr) -> list[dict[Symbol, int]]:
        """The states of inner switches for which an argument is identically 0."""
        closed = self.form.close(argument)
        inner = [s for s in self.form.switches_in(argument) if s in closed.free_symbols]
        if len(inner) > _MOST_INNER:
            raise NotRationalError("too many gates inside another")
        found: list[dict[Symbol, int]] = []
        for states in product((0, 1), repeat=len(inner)):
            pattern: dict[Symbol, int] = dict(zip(inner, states, strict=True))
            if closed.xreplace({s: Integer(v) for s, v in pattern.items()}).expand() == 0:
                found.append(pattern)
        return found

    def tell_atoms(self) -> None:
        """Bounds of the functions that z3 knows nothing of, and of Step(0) as a symbol."""
        known: set[Symbol] = set()
        while waiting := [s for s in self._variables if s not in known]:
            for symbol in waiting:
                known.add(symbol)
                self._tell(symbol, self._variables[symbol])

    def _tell(self, symbol: Symbol, value: Any) -> None:
        key = self.form.meaning(symbol)
        match key:
            case (function, argument, *_) if function is exp:
                self.solver.add(value > 0)
                unit = self.number(self.form.close(argument))
                self.solver.add(value >= 1 + unit)
                self.solver.add((value > 1) == (unit > 0), (value < 1) == (unit < 0))
            case (function, argument, *_) if function is softplus:
                inner = self.number(self.form.close(argument))
                self.solver.add(value > 0, value > inner)
            case (function, argument, *_) if function is log:
                inner = self.number(self.form.close(argument))
                self.solver.add(inner > 0, value <= inner - 1)
                self.solver.add((value > 0) == (inner > 1), (value < 0) == (inner < 1))
            case _ if symbol in self._conventions:
                self.solver.add(value >= 0, value <= 1)
            case _:
                pass

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
