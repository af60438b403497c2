"""Formulas without sums as expressions of C."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import (
    Add,
    Expr,
    Function,
    Integer,
    KroneckerDelta,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    exp,
    log,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanTrue, Or

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.algebra.indices import Index, Shift
from derive.algebra.quantities import Fixed, Partial, Quantity
from derive.errors import DeriveError
from derive.kernels.assignments import (
    SAMPLE,
    Kernel,
    Name,
    indices_of,
    variables_of,
    without_letters,
)
from derive.kernels.naming import Identifiers
from derive.notation.printer import is_negative, terms_of

Letters = tuple[Symbol, ...]
#: What the functions of formulas are called, where not as in SymPy.
_CALLED = {
    ReLU: "relu",
    LeakyReLU: "leaky_relu",
    Step: "step",
    sigmoid: "sigmoid",
    softplus: "softplus",
}
SUM, PRODUCT, ATOM = range(3)


class Scratch(Function):
    """An entry of an array that a part of a formula was put into: its number, and its letters."""

    is_real = True

    @classmethod
    def eval(cls, *_: Any) -> None:
        return None


@dataclass
class ExpressionWriter:
    """Writes formulas at index letters.

    Attributes:
        axes: what the letters count.
        named: the arrays, sizes and numbers that were written.
    """

    kernel: Kernel
    names: Identifiers
    axes: dict[Symbol, Any] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    @cached_property
    def _taken(self) -> frozenset[str]:
        """The names of arrays and sizes, which no letter has."""
        model = self.kernel.model
        names = {*self.kernel.assignments, *self.kernel.given}
        return frozenset((*map(self.names.of, names), *map(self.argument, model.all_axes)))

    def letter(self, index: Symbol) -> str:
        """The variable of a loop."""
        return f"{index}_" if str(index) in self._taken else str(index)

    def text(self, node: Any, strength: int = SUM) -> str:
        """A formula without sums, as an expression of C."""
        text, own = self._text(node)
        return text if own >= strength else f"({text})"

    def _text(self, node: Any) -> tuple[str, int]:
        match node:
            case Quantity() | Partial():
                return self._entry(node), ATOM
            case Scratch():
                name, indices, axes = self.slots(node)
                return f"{name}[{self._place(indices, axes)}]", ATOM
            case Add():
                return self._sum(node), SUM
            case Mul() | Pow() if not isinstance(node, exp):
                return self._product(node)
            case KroneckerDelta():
                return " == ".join(map(self._unit, node.args)), SUM - 1
            case Shift():
                return f"{self._unit(node.args[0])} == {self.shift(node)}", SUM - 1
            case Symbol():
                return self._symbol(node), ATOM
            case _ if node.is_number:
                return _number(node)
            case Piecewise():
                return self._cases(node), SUM - 1
            case Relational():
                left, right = (self.text(a, PRODUCT) for a in node.args)
                return f"{left} {node.rel_op} {right}", SUM - 1
            case And() | Or():
                sign = " && " if isinstance(node, And) else " || "
                return sign.join(self.text(a, PRODUCT) for a in node.args), SUM - 1
            case Fixed():  # C differentiates nothing
                return self._text(node.args[0])
            case Function() | exp() | log():
                name = _CALLED.get(type(node), type(node).__name__)
                kept = node.args[:1] if isinstance(node, ReLU) else node.args
                kept = kept[:2] if isinstance(node, LeakyReLU) else kept
                return f"{name}({', '.join(map(self.text, kept))})", ATOM
            case _:
                raise DeriveError(f"{type(node).__name__} is not written in C")

    def shift(self, node: Shift) -> str:
        """Which entry a shift says."""
        return " + ".join(map(self._unit, node.args[1:]))

    def _symbol(self, node: Symbol) -> str:
        if isinstance(node, Index):
            return self.letter(node)
        model = self.kernel.model
        axis = next((a for a in model.all_axes if model.width(a) == node), None)
        if axis is not None:
            return f"(real){self.size(axis)}"
        return self._named(argument_of(node))

    def _entry(self, node: Name) -> str:
        name, indices, axes = self.slots(node)
        if not indices:
            return name if without_letters(node) in self.kernel.given else f"{name}[0]"
        return f"{name}[{self._place(indices, axes)}]"

    def slots(self, node: Any) -> tuple[str, tuple[Any, ...], list[Any]]:
        """The array of an entry, its indices, the sample first, and what each counts."""
        if isinstance(node, Scratch):
            name, *letters = node.args
            return str(name), tuple(letters), [self.axes[one] for one in letters]  # pyright: ignore
        name = without_letters(node)
        sample = (SAMPLE,) if self.kernel.varies(name) else ()
        axes = [axis for one in variables_of(node) for axis in self.kernel.model.axes(one)]
        array = self._named(self.names.of(name))
        return array, (*sample, *indices_of(node)), [*sample, *axes]

    def start(self, node: Any, walked: Letters) -> tuple[str, dict[Symbol, str]]:
        """Where an array is when some letters are 0, and how far apart the entries of each are.

        x + sample * n0, and 1 for i, where x[sample, i] is walked along i.
        """
        name, indices, axes = self.slots(node)
        steps: dict[Symbol, str] = {}
        where = name
        for place, index in enumerate(indices):
            if index == 1:
                continue
            step = self.count(axes[place + 1 :])
            if index in walked:
                steps[index] = step
            else:
                unit = self._unit(index)
                where += f" + {unit}" if step == "1" else f" + {unit} * {as_factor(step)}"
        return where, steps

    def count(self, axes: Sequence[Any]) -> str:
        """How many entries an array with these axes has."""
        return " * ".join(map(self.size, axes)) or "1"

    def place(self, name: str, letters: Letters) -> str:
        """An entry of an array with these letters."""
        return f"{name}[{self.position(letters)}]"

    def position(self, letters: Letters) -> str:
        """Where the entry of these letters stands among all, row by row."""
        return self._place(letters, [self.axes[letter] for letter in letters])

    def _place(self, indices: tuple[Expr, ...], axes: list[Any]) -> str:
        """Where an entry stands among all, row by row."""
        if not indices:
            return "0"
        units = list(map(self._unit, indices))
        place = units[0]
        for unit, axis in zip(units[1:], axes[1:], strict=True):
            place = f"({place})" if " + " in place else place
            place = f"{place} * {self.size(axis)} + {unit}"
        return place

    def _unit(self, index: Any) -> str:
        """An index, counted from 0."""
        return str(index - 1) if isinstance(index, Integer) else self.letter(index)

    def size_of(self, letter: Symbol) -> str:
        """How many units a letter counts."""
        return self.size(self.axes[letter])

    def size(self, axis: Any) -> str:
        """How many entries an axis has."""
        return self._named(self.argument(axis))

    def _named(self, name: str) -> str:
        self.named.add(name)
        return name

    def argument(self, axis: Any) -> str:
        """The argument for the size of an axis, or the number that it is."""
        if axis == SAMPLE:
            return "samples"
        width = self.kernel.model.width(axis)
        return str(width) if isinstance(width, Integer) else f"{width}".replace("_", "")

    def _sum(self, node: Expr) -> str:
        text = ""
        for term in terms_of(node):
            negative = is_negative(term)
            sign = (" - " if negative else " + ") if text else ("-" if negative else "")
            text += sign + self.text(-term if negative else term, PRODUCT)
        return text

    def _product(self, node: Expr) -> tuple[str, int]:
        number, above, below = S.One, [], []
        for factor in Mul.make_args(node):
            if factor.is_number:
                number = number * factor
            elif isinstance(factor, Pow) and factor.func is Pow and factor.exp.is_number:
                power = self._power(factor.base, abs(factor.exp))
                (below if factor.exp < 0 else above).append(power)
            else:
                above.append(self.text(factor, PRODUCT))
        negative = bool(number.is_negative)
        number = -number if negative else number
        if number != 1 or not above:
            above.insert(
                0, f"({_number(number)[0]})" if not isinstance(number, Integer) else f"{number}"
            )
        text = " * ".join(above) + "".join(f" / {one}" for one in below)
        return (f"-{text}", SUM) if negative else (text, PRODUCT)

    def _power(self, base: Expr, exponent: Expr) -> str:
        inner = self.text(base, ATOM)
        if exponent == 1:
            return inner
        if exponent == S.Half:
            return f"sqrt({self.text(base)})"
        if isinstance(exponent, Integer) and exponent <= 3:
            return f"({' * '.join([inner] * int(exponent))})"
        # A whole number beside a float would make pow that of double.
        power = f"(real){exponent}" if isinstance(exponent, Integer) else _number(exponent)[0]
        return f"pow({self.text(base)}, {power})"

    def _cases(self, node: Piecewise) -> str:
        *cases, (last, _) = node.args
        text = self.text(last, PRODUCT)
        for value, condition in reversed(cases):
            if isinstance(condition, BooleanTrue):
                text = self.text(value, PRODUCT)
            else:
                text = f"{self.text(condition, PRODUCT)} ? {self.text(value, PRODUCT)} : ({text})"
        return text


def argument_of(symbol: Symbol) -> str:
    """The argument for a number that no array holds, such as h_0."""
    return symbol.name.replace("h_0", "h0")


def as_factor(text: str) -> str:
    """A product in parentheses, so that it stays one factor."""
    return f"({text})" if " " in text else text


def _number(value: Expr) -> tuple[str, int]:
    if isinstance(value, Integer):
        return str(value), ATOM if value >= 0 else SUM
    if isinstance(value, Rational):
        return f"(real){value.p} / {value.q}", PRODUCT
    return f"(real){float(value)!r}", ATOM
