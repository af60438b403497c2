"""What the ASCII notation and Unicode share: expressions in one line, without layout."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sympy import (
    Add,
    And,
    Basic,
    Derivative,
    Expr,
    Integer,
    KroneckerDelta,
    Mul,
    Or,
    Piecewise,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
    log,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from derive.algebra.boxes import AND, ATOM, COMPARISON, OR, POWER, PRODUCT, SUM, Box
from derive.algebra.indices import Shift, offset_of, shifted_by, signed
from derive.algebra.primitives import is_root
from derive.algebra.quantities import (
    Local,
    Motion,
    Partial,
    Quantity,
    is_step,
    unmoved,
)
from derive.notation.ascii.function_names import BY_CLASS
from derive.notation.printer import Printer, below_is_plain, factors_of, parts_of


@dataclass(frozen=True)
class LineWriter(Printer):
    """Writes expressions in one line, for readers who know that Step(0) is `at_zero`."""

    at_zero: Expr

    times: ClassVar[str]
    relations: ClassVar[Mapping[str, str]]

    @property
    def conjunctions(self) -> tuple[str, str]:
        """The words between conditions that hold together, and between alternatives."""
        return "and", "or"

    @abstractmethod
    def quantity(self, node: Quantity) -> str:
        """An entry of a tensor."""

    @abstractmethod
    def symbol(self, node: Symbol) -> str:
        """A plain symbol."""

    @abstractmethod
    def derivative(self, of: str, variables: Sequence[str]) -> str:
        """The derivative of what is written as `of`."""

    @abstractmethod
    def power(self, base: str, exponent: Expr) -> str:
        """A power of what is written as `base`."""

    @abstractmethod
    def delta(self, places: Sequence[str]) -> str:
        """A Kronecker delta of these indices."""

    @abstractmethod
    def index(self, node: Basic) -> str:
        """An index."""

    @abstractmethod
    def big_sum(self, bound: Symbol, body: str) -> str:
        """A sum over an index, which runs through all units of the layer that it counts."""

    @abstractmethod
    def function(self, name: str) -> str:
        """What a function is called whose name in the ASCII notation is this one."""

    def box(self, node: Basic) -> Box:
        """The text and its binding strength."""
        match node:
            case Quantity() if isinstance(node.layer, Motion):
                return _written(f"R({self.quantity(unmoved(node))})")
            case Quantity():
                return _written(self.quantity(node))
            case Partial():
                return _written(self._partial(node))
            case Local():
                return _written(f"local({self.text(node.of)}, {self.quantity(node.wrt)})")
            case Symbol():
                return _written(self.symbol(node))
            case Rational():
                whole = isinstance(node, Integer)
                return _written(str(node), SUM if node < 0 else ATOM if whole else PRODUCT)
            case Add():
                return _written(self.sum_of_terms(node).text, SUM)
            case Mul() if Mul(*node.args) != node:
                return _written(self.times.join(self._texts(node.args)), PRODUCT)  # left so
            case exp():  # before Pow, to which SymPy says that exp belongs
                return _written(f"exp({self.text(node.args[0])})")
            case Pow() if is_root(node) and node.exp > 0:
                root = f"{self.function('sqrt')}({self.text(node.base)})"
                if node.exp == S.Half:
                    return _written(root)
                return _written(self.power(root, 2 * node.exp), POWER)
            case Pow() if not isinstance(node.exp, Integer) and not is_root(node):
                exponent = self.at_least(node.exp, PRODUCT).text
                return _written(f"exp({exponent}{self.times}{self.text(log(node.base))})")
            case Pow() if node.exp > 0:
                return _written(self.power(self.at_least(node.base, ATOM).text, node.exp), POWER)
            case Mul() | Pow():
                return self._product(node)
            case S.Exp1:
                return _written("exp(1)")
            case S.Pi:
                return _written(self.function("pi"))
            case Relational() | And() | Or() | BooleanAtom():
                return self._condition(node)
            case _:
                return _written(self._call(node))

    def _partial(self, node: Partial) -> str:
        if is_step(node.wrt):
            return f"R({self.text(node.of)})"
        of, variables = node.unnested
        top = self.quantity(of) if isinstance(of, Quantity) else f"({self.text(of)})"
        return self.derivative(top, list(map(self.quantity, variables)))

    def _product(self, node: Expr) -> Box:
        """A fraction of numbers and widths in front, then the factors, then a denominator.

        A number is never written into a denominator such as 2*(1 + y), because reading would
        multiply it in there.
        """
        negative, above, below = factors_of(node)
        sign, strength = ("-", SUM) if negative else ("", PRODUCT)
        plain = below_is_plain(below)
        front_below = below if plain else [f for f in below if f.is_number]
        back_below = [f for f in below if f not in front_below]
        front = [f for f in above if f.is_number or not front_below]
        behind = [f for f in above if f not in front]
        text = self._fraction(front, front_below) if front or front_below else "1"
        text = self.times.join([text, *self._texts(behind)])
        return _written(sign + text + self._denominator(back_below), strength)

    def _fraction(self, above: list[Expr], below: list[Expr]) -> str:
        return (self.times.join(self._texts(above)) or "1") + self._denominator(below)

    def _denominator(self, below: list[Expr]) -> str:
        if not below:
            return ""
        factors = self._texts(below, POWER)
        return "/" + (factors[0] if len(factors) == 1 else f"({self.times.join(factors)})")

    def _texts(self, factors: Iterable[Basic], strength: int = PRODUCT) -> list[str]:
        return [box.text for box in self.parts(factors, strength)]

    def _call(self, node: Basic) -> str:
        match node:
            case Sum():
                return self._big_sum(node)
            case Shift():
                parts = (
                    f"{times}{self.times}{self.index(part)}" if times > 1 else self.index(part)
                    for times, part in shifted_by(node)
                )
                place = "+".join(parts) + signed(offset_of(node))
                return self.delta([self.index(node.args[0]), place])
            case KroneckerDelta():
                return self.delta([*map(self.index, node.args)])
            case Derivative():
                return f"diff({self._listed((node.expr, *node.variables))})"
            case Piecewise():
                return f"cases({'; '.join(self._branch(*branch.args) for branch in node.args)})"
            case _ if type(node) in BY_CLASS:
                row, arguments = BY_CLASS[type(node)], node.args
                if row.convention and arguments[-1] == self.at_zero:
                    arguments = arguments[:-1]
                return f"{self.function(row.name)}({self._listed(arguments)})"
            case _:
                raise TypeError(f"no ASCII notation for {type(node).__name__}")

    def _listed(self, arguments: Iterable[Basic]) -> str:
        return ", ".join(map(self.text, arguments))

    def _big_sum(self, node: Sum) -> str:
        text = self.text(node.function)
        for bound, _, _ in node.limits:
            text = self.big_sum(bound, text)
        return text

    def _branch(self, value: Basic, condition: Basic) -> str:
        if condition == S.true:
            return f"{self.text(value)} otherwise"
        return f"{self.text(value)} if {self.text(condition)}"

    def _condition(self, node: Basic) -> Box:
        match node:
            case Relational():
                left, right = map(self.text, node.args)
                return _written(f"{left} {self.relations[type(node).__name__]} {right}", COMPARISON)
            case And() | Or():
                both, either = self.conjunctions
                word, strength = (both, AND) if isinstance(node, And) else (either, OR)
                parts = self._texts(parts_of(node), strength + 1)
                return _written(f" {word} ".join(parts), strength)
            case _:
                return _written("true" if node == S.true else "false")


def _written(text: str, strength: int = ATOM) -> Box:
    return Box(text, len(text), strength)
