"""Formulas in index form as loops over entries, in C.

    dC/dr^(1)_i = sum_j dC/dz^(2)_j W^(1)_ij

is an array that is set to 0, and three loops, over samples, i and j, that add a product to an entry
of it.  Each sum in a formula becomes an array of its own, with the letters that are free in it;
what does not vary with the letter of a sum stands in front of it.  Loops are nested so that the
innermost letter is the last index of most of the arrays in them.
"""

from __future__ import annotations

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
    Sum,
    Symbol,
    exp,
    log,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanTrue, Or

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.algebra.indices import Index, Shift, free_indices, rename_bound
from derive.algebra.quantities import Partial, Quantity
from derive.errors import DeriveError
from derive.kernels.assignments import (
    SAMPLE,
    Kernel,
    Name,
    indices_of,
    variables_of,
    without_letters,
)
from derive.kernels.deltas import along_deltas
from derive.kernels.naming import Identifiers
from derive.kernels.stable import Softmax, is_sum_of_powers, stable
from derive.model.instances import axis_of
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
_SUM, _PRODUCT, _ATOM = range(3)


class Scratch(Function):
    """An entry of an array that a sum was put into: its number, and its letters."""

    is_real = True

    @classmethod
    def eval(cls, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Loop:
    """An array over some letters, and what is done at each of these and of more letters.

    Attributes:
        target: the identifier of the array.
        letters: of its axes, in order.
        units: the letters of the entry, two of them one where a delta says so.
        how: "set", "add" or "largest".
        value: the text of what is set, added or compared.
        scale: a factor that the innermost loop does not vary; where it is 0, that is left out.
        order: all letters, the outermost loop first.
        starts: whether the array has nothing in it before.
    """

    target: str
    letters: Letters
    units: Letters
    how: str
    value: str
    scale: str
    order: Letters
    starts: bool


@dataclass
class LoopWriter:
    """Writes the formulas of one function.

    `scratch` are the arrays that sums were put into; `inside` those that stand inside of a matrix
    with as many columns as `rows` says, each with the number of letters that count its rows.
    """

    kernel: Kernel
    names: Identifiers
    axes: dict[Symbol, Any] = field(default_factory=dict)
    scratch: dict[str, Letters] = field(default_factory=dict)
    inside: dict[str, int] = field(default_factory=dict)
    _loops: list[Loop] = field(default_factory=list)

    def assigned(self, target: str, left: Name, formula: Expr) -> tuple[list[Loop], Letters]:
        """The loops that compute an array, and the letters of its axes."""
        model = self.kernel.model
        self.axes, self._loops = {SAMPLE: SAMPLE}, []
        for variable in variables_of(left):
            self.axes |= dict(zip(variable.indices, model.axes(variable), strict=True))  # pyright: ignore
        letters: Letters = tuple(i for i in indices_of(left) if isinstance(i, Symbol))
        varies = self.kernel.varies(without_letters(left))
        if varies:
            letters = (SAMPLE, *letters)
        formula = stable(model, formula)
        if varies or not self.kernel.per_sample:
            self._set(target, letters, formula)
        else:
            self._add(target, letters, (SAMPLE,), self._per_sample(formula))
        return self._loops, letters

    def _per_sample(self, formula: Expr) -> Expr:
        if getattr(self.kernel.model, "reduction", "sum") == "mean":
            return formula / Symbol("samples")
        return formula

    # -- sums as arrays ------------------------------------------------------------------------

    def _set(self, target: str, letters: Letters, formula: Expr) -> None:
        """target := formula, or the sum that the formula is."""
        if isinstance(formula, Sum):
            body, bound = self._entered(formula)
            self._add(target, letters, bound, body)
        else:
            value = self._hoisted(formula)
            self._loop(target, letters, (), "set", value)

    def _add(self, target: str, letters: Letters, bound: Letters, body: Expr) -> None:
        while isinstance(body, Sum):
            body, more = self._entered(body)
            bound = (*bound, *more)
        for term in Add.make_args(self._hoisted(body)):
            self._loop(target, letters, bound, "add", term)

    def _loop(self, target: str, letters: Letters, bound: Letters, how: str, value: Expr) -> None:
        indices = dict(zip(letters, letters, strict=True))
        if how == "add":
            value, indices = along_deltas(value, letters)
        order = self._nested((*dict.fromkeys(indices.values()), *bound), value, letters)
        starts = how != "set" and all(one.target != target for one in self._loops)
        units = tuple(indices.values())
        scale = ""
        if how == "add" and len(order) > 1:
            outer, inner = _in_front(value, order[-1:])
            if not outer.is_number and inner != 1:
                scale, value = self.text(outer), inner
        text = self.text(value, _PRODUCT)
        self._loops.append(Loop(target, letters, units, how, text, scale, order, starts))

    def _nested(self, letters: Letters, value: Expr, own: Letters) -> Letters:
        """The letters with the one inside by which most arrays are contiguous.

        An array of one letter is so in any order: it goes on by ones, or stays where it is.
        """
        ends = list(own[-1:]) if len(own) > 1 else []
        for node in value.atoms(Quantity, Partial, Scratch):
            indices = node.args[1:] if isinstance(node, Scratch) else indices_of(node)
            found = [i for i in indices if isinstance(i, Symbol)]
            ends += found[-1:] if len(found) > 1 or self._has_row(node) else []
        inner = max(letters, key=lambda one: (ends.count(one), letters.index(one)), default=None)
        return tuple(one for one in letters if one != inner) + (() if inner is None else (inner,))

    def _has_row(self, node: Expr) -> bool:
        """Whether an array has a row for each sample."""
        if isinstance(node, Scratch):
            return False  # the sample is one of its letters
        return self.kernel.varies(without_letters(node))  # pyright: ignore[reportArgumentType]

    def _entered(self, total: Sum) -> tuple[Expr, Letters]:
        """The body of a sum, with letters that are not in use, and these."""
        used = frozenset(self.axes)
        inner = rename_bound(total, used) if {*total.bound_symbols} & used else total
        for letter in inner.bound_symbols:
            self.axes[letter] = axis_of(self.kernel.model, letter, inner.function)
        return inner.function, tuple(reversed(inner.bound_symbols))

    def _hoisted(self, node: Any) -> Any:
        """The formula with an array for each sum in it."""
        if isinstance(node, Quantity | Partial) or not node.args:
            return node
        if isinstance(node, Softmax):
            inner, letter = self._hoisted(node.args[0]), node.args[1]
            shift, total = self._powers(inner, letter)
            return exp(inner - shift) / Function("or_one")(total)
        if isinstance(node, log) and is_sum_of_powers(node.args[0]):
            body, (letter,) = self._entered(node.args[0])
            shift, total = self._powers(self._hoisted(body.args[0]), letter)
            return shift + log(total)
        if isinstance(node, Sum):
            body, bound = self._entered(node)
            outer, inner = _in_front(body, bound)
            return outer * self._array(inner, bound)
        return node.func(*(self._hoisted(argument) for argument in node.args))

    def _powers(self, argument: Expr, letter: Symbol) -> tuple[Expr, Expr]:
        """max_m u_m, and sum_m exp(u_m - max)."""
        free = self._free(argument, (letter,))
        largest = self._new(free)
        self._loop(str(largest.args[0]), free, (letter,), "largest", argument)
        shift = Function("or_zero")(largest)
        return shift, self._array(exp(argument - shift), (letter,))

    def _array(self, body: Expr, bound: Letters) -> Expr:
        free = self._free(body, bound)
        found = self._new(free)
        self._add(str(found.args[0]), free, bound, body)
        return found

    def _new(self, free: Letters) -> Expr:
        name = f"sum{len(self.scratch)}"
        self.scratch[name] = tuple(self.axes[letter] for letter in free)
        return Scratch(Symbol(name), *free)

    def _free(self, body: Expr, bound: Letters) -> Letters:
        """What an array with this entry varies with, the sample first."""
        found = [
            letter for letter in self.axes if letter in free_indices(body) and letter not in bound
        ]
        nodes = body.atoms(Quantity, Partial)
        varies = any(self.kernel.varies(without_letters(one)) for one in nodes)
        varies = varies or any(SAMPLE in one.args for one in body.atoms(Scratch))
        found = [letter for letter in found if letter != SAMPLE]
        return (SAMPLE, *found) if varies and SAMPLE not in bound else tuple(found)

    @cached_property
    def _taken(self) -> frozenset[str]:
        """The names of arrays and sizes, which no letter has."""
        model = self.kernel.model
        names = {*self.kernel.assignments, *self.kernel.given}
        return frozenset((*map(self.names.of, names), *map(self.size, model.all_axes)))

    def letter(self, index: Symbol) -> str:
        """The variable of a loop."""
        return f"{index}_" if str(index) in self._taken else str(index)

    # -- text ---------------------------------------------------------------------------------

    def text(self, node: Any, strength: int = _SUM) -> str:
        """A formula without sums, as an expression of C."""
        text, own = self._text(node)
        return text if own >= strength else f"({text})"

    def _text(self, node: Any) -> tuple[str, int]:
        match node:
            case Quantity() | Partial():
                return self._entry(node), _ATOM
            case Scratch():
                name, *letters = node.args
                return self.place(str(name), tuple(letters)), _ATOM
            case Add():
                return self._sum(node), _SUM
            case Mul() | Pow() if not isinstance(node, exp):
                return self._product(node)
            case KroneckerDelta():
                return " == ".join(map(self._unit, node.args)), _SUM - 1
            case Shift():
                unit, *parts = map(self._unit, node.args)
                return f"{unit} == {' + '.join(parts)}", _SUM - 1
            case Symbol():
                return self._symbol(node), _ATOM
            case _ if node.is_number:
                return _number(node)
            case Piecewise():
                return self._cases(node), _SUM - 1
            case Relational():
                left, right = (self.text(a, _PRODUCT) for a in node.args)
                return f"{left} {node.rel_op} {right}", _SUM - 1
            case And() | Or():
                sign = " && " if isinstance(node, And) else " || "
                return sign.join(self.text(a, _PRODUCT) for a in node.args), _SUM - 1
            case Function() | exp() | log():
                name = _CALLED.get(type(node), type(node).__name__)
                kept = node.args[:1] if isinstance(node, ReLU) else node.args
                kept = kept[:2] if isinstance(node, LeakyReLU) else kept
                return f"{name}({', '.join(map(self.text, kept))})", _ATOM
            case _:
                raise DeriveError(f"{type(node).__name__} is not written in C")

    def _symbol(self, node: Symbol) -> str:
        if isinstance(node, Index):
            return self.letter(node)
        model = self.kernel.model
        axis = next((a for a in model.all_axes if model.width(a) == node), None)
        size = self.size(axis) if axis is not None else None
        return node.name.replace("h_0", "h0") if size is None else f"(real){size}"

    def _entry(self, node: Name) -> str:
        name = without_letters(node)
        own = indices_of(node)
        sample: tuple[Expr, ...] = (SAMPLE,) if self.kernel.varies(name) else ()
        slots = [axis for one in variables_of(node) for axis in self.kernel.model.axes(one)]
        identifier = self.names.of(name)
        if not own and not sample:
            return identifier if name in self.kernel.given else f"{identifier}[0]"
        return f"{identifier}[{self._place((*sample, *own), [SAMPLE] * len(sample) + slots)}]"

    def place(self, name: str, letters: Letters) -> str:
        """An entry of an array with these letters."""
        axes = [self.axes[letter] for letter in letters]
        if (count := self.inside.get(name)) is not None:
            row = self._place(letters[:count], axes[:count])
            return f"{name}[({row}) * rows + {self._place(letters[count:], axes[count:])}]"
        return f"{name}[{self._place(letters, axes)}]"

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

    def size(self, axis: Any) -> str:
        """How many entries an axis has."""
        if axis == SAMPLE:
            return "samples"
        width = self.kernel.model.width(axis)
        return str(width) if isinstance(width, Integer) else f"{width}".replace("_", "")

    def _sum(self, node: Expr) -> str:
        text = ""
        for term in terms_of(node):
            negative = is_negative(term)
            sign = (" - " if negative else " + ") if text else ("-" if negative else "")
            text += sign + self.text(-term if negative else term, _PRODUCT)
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
                above.append(self.text(factor, _PRODUCT))
        negative = bool(number.is_negative)
        number = -number if negative else number
        if number != 1 or not above:
            above.insert(
                0, f"({_number(number)[0]})" if not isinstance(number, Integer) else f"{number}"
            )
        text = " * ".join(above) + "".join(f" / {one}" for one in below)
        return (f"-{text}", _SUM) if negative else (text, _PRODUCT)

    def _power(self, base: Expr, exponent: Expr) -> str:
        inner = self.text(base, _ATOM)
        if exponent == 1:
            return inner
        if exponent == S.Half:
            return f"sqrt({self.text(base)})"
        if isinstance(exponent, Integer) and exponent <= 3:
            return f"({' * '.join([inner] * int(exponent))})"
        return f"pow({self.text(base)}, {_number(exponent)[0]})"

    def _cases(self, node: Piecewise) -> str:
        *cases, (last, _) = node.args
        text = self.text(last, _PRODUCT)
        for value, condition in reversed(cases):
            if isinstance(condition, BooleanTrue):
                text = self.text(value, _PRODUCT)
            else:
                text = f"{self.text(condition, _PRODUCT)} ? {self.text(value, _PRODUCT)} : ({text})"
        return text


def _in_front(body: Expr, bound: Letters) -> tuple[Expr, Expr]:
    """The factors of a product that no letter of a sum is in, and the others."""
    outer: list[Expr] = []
    inner: list[Expr] = []
    for factor in Mul.make_args(body):
        (inner if free_indices(factor) & {*bound} else outer).append(factor)
    return Mul(*outer), Mul(*inner)


def _number(value: Expr) -> tuple[str, int]:
    if isinstance(value, Integer):
        return str(value), _ATOM if value >= 0 else _SUM
    if isinstance(value, Rational):
        return f"(real){value.p} / {value.q}", _PRODUCT
    return f"(real){float(value)!r}", _ATOM
