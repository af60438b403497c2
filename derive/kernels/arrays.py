"""Formulas in index form as formulas of whole arrays.

    dC/dr^(1)_i = sum_j dC/dz^(2)_j W^(1)_ij     is     dC_dz2 @ W1.T,

where rows count samples.  How arrays are multiplied and summed over is up to their `ArrayLayout`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    S,
    Sum,
    Symbol,
    exp,
    log,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanTrue, Or

from derive.algebra.functions import Step
from derive.algebra.indices import Index, Shift, offset_of, rename_bound, shifted_by
from derive.algebra.kinked import Kinked
from derive.algebra.logistic import Logistic
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
from derive.kernels.deltas import along_deltas
from derive.kernels.dialects import ArrayDialect
from derive.kernels.layout import (
    ATOM,
    COMPARISON,
    POWER,
    PRODUCT,
    SUM,
    ArrayLayout,
    Letters,
    WrittenArray,
    constant,
)
from derive.kernels.naming import Identifiers
from derive.kernels.routines import step_of_a_tensor
from derive.kernels.stable import Softmax, is_sum_of_powers
from derive.model.instances import axis_summed
from derive.notation.printer import is_negative, terms_of


@dataclass(frozen=True)
class ArrayWriter:
    """Writes the formulas of a kernel in a library of arrays.

    `gates` are the Step(z) of tensors z that have a name.
    """

    kernel: Kernel
    dialect: ArrayDialect
    names: Identifiers
    gates: tuple[Expr, ...] = ()

    def assigned(self, left: Name, formula: Expr) -> str:
        """The text for the array of a name, whose entries the formula gives."""
        return self._written(left, formula, self.letters(left))

    def at_letters(self, left: Name, formula: Expr, letters: Letters) -> str:
        """The text for an array of these letters, of which some may be no index of the name."""
        return self._written(left, formula, letters)

    def along_diagonal(
        self, target: str, left: Name, term: Expr, letters: Letters
    ) -> tuple[str, str]:
        """A term with a delta: the diagonal of the array that it is added to, and what is added."""
        value, units = along_deltas(term, letters)
        kept = tuple(dict.fromkeys(units.values()))
        layout = ArrayLayout(self.dialect, str, letters)
        view = layout.einsum([tuple(units.values())], kept, target)
        return f"{view}[...]", self._written(left, value, kept)

    def letters(self, left: Name) -> Letters:
        """The letters of a name, the sample first where it has a value for each."""
        letters = tuple(i for i in indices_of(left) if isinstance(i, Symbol))
        return (SAMPLE, *letters) if self.kernel.varies(without_letters(left)) else letters

    def _written(self, left: Name, formula: Expr, letters: Letters) -> str:
        """The text for an array of these letters."""
        axes: dict[Symbol, Any] = {SAMPLE: SAMPLE}
        for variable in variables_of(left):
            slots = self.kernel.model.axes(variable)
            axes |= dict(zip(variable.indices, slots, strict=True))  # pyright: ignore
        varies = SAMPLE in letters or not self.kernel.per_sample
        order = letters if varies else (*letters, SAMPLE)
        layout = ArrayLayout(self.dialect, lambda letter: self.size(axes[letter]), order)
        scope = _Scope(self, axes, layout)
        if varies:
            return self._whole(scope, scope.written(formula), letters)
        found = scope.summed(formula, (SAMPLE,))
        if getattr(self.kernel.model, "reduction", "sum") == "mean":
            text = f"{found.at_least(PRODUCT)} / {self.names.samples}"
            found = WrittenArray(text, found.letters, PRODUCT)
        return self._whole(scope, found, letters)

    def _whole(self, scope: _Scope, found: WrittenArray, letters: Letters) -> str:
        """The array with all its axes, also those along which nothing changes."""
        if set(found.letters) == set(letters):
            return scope.layout.aligned(found, letters).code
        sizes = ", ".join(self.size(scope.axes[letter]) for letter in letters)
        like = self.names.like
        zeros = f"{self.dialect.module}.zeros(({sizes},), dtype={like}.dtype)"
        aligned = scope.layout.aligned(found, letters)
        if aligned.code == "0":
            return zeros
        return f"{aligned.at_least(SUM)} + {zeros}"

    def size(self, axis: Any) -> str:
        """How many entries an axis has, read off an array."""
        if axis == SAMPLE:
            return self.names.samples
        return self.names.size_of(axis)


@dataclass
class _Scope:
    """Writes one formula: which axis each letter counts, and how arrays are put together."""

    writer: ArrayWriter
    axes: dict[Symbol, Any]
    layout: ArrayLayout

    def written(self, node: Any) -> WrittenArray:
        """A formula as an array that has the letters of the formula, each at most once."""
        match node:
            case Quantity() | Partial():
                return self._entry(node)
            case Add():
                return self._sum_of_terms(node)
            case Mul() | Pow():
                return self._product(node)
            case Sum():
                return self.summed(node, ())
            case KroneckerDelta():
                size = self.writer.size(self.axes[node.args[0]])
                code = self.writer.dialect.eye(size, self.writer.names.like)
                return WrittenArray(code, tuple(node.args))  # pyright: ignore[reportArgumentType]
            case Shift():
                return self._shift(node)
            case Symbol() if not isinstance(node, Index):
                return WrittenArray(self._symbol(node), ())
            case _ if node.is_number:
                return constant(node)
            case Piecewise():
                return self._cases(node)
            case Fixed():
                inner = self.written(node.args[0])
                return WrittenArray(self.writer.dialect.fixed(inner.at_least(ATOM)), inner.letters)
            case Function() | exp() | log():
                return self._function(node)
            case Relational() | And() | Or():
                return self._condition(node)
            case _:
                raise DeriveError(f"{type(node).__name__} is not written as arrays")

    # -- parts -----------------------------------------------------------------------------

    def _symbol(self, symbol: Symbol) -> str:
        """The size of an axis, or a hyperparameter by its name."""
        model = self.writer.kernel.model
        axis = next((a for a in model.all_axes if model.width(a) == symbol), None)
        return symbol.name.replace("h_0", "h0") if axis is None else self.writer.size(axis)

    def _entry(self, node: Name) -> WrittenArray:
        """An array by its name; units that are named by numbers, and diagonals, are taken out."""
        own = indices_of(node)
        name = without_letters(node)
        code = self.writer.names.of(name)
        sample: Letters = (SAMPLE,) if self.writer.kernel.varies(name) else ()
        if any(isinstance(i, Integer) for i in own):
            places = [":"] * len(sample)
            places += [str(int(i) - 1) if isinstance(i, Integer) else ":" for i in own]
            code = f"{code}[{', '.join(places)}]"
        letters = (*sample, *(i for i in own if isinstance(i, Symbol)))
        once = tuple(dict.fromkeys(letters))
        if len(once) < len(letters):
            return WrittenArray(self.layout.einsum([letters], once, code), once)
        return WrittenArray(code, letters)

    def _shift(self, node: Shift) -> WrittenArray:
        """Which entry x[t+s] is, as an array of zeros and ones."""
        places = [(1, node.args[0]), *shifted_by(node)]
        letters: Letters = tuple(i for _, i in places if isinstance(i, Symbol))
        dialect, sides = self.writer.dialect, []
        for times, one in places:
            if isinstance(one, Integer):
                sides.append(WrittenArray(str(times * (int(one) - 1)), ()))
            else:
                size = dialect.count(self.writer.size(self.axes[one]))
                sides.append(
                    self.layout.multiplied(Integer(times), [WrittenArray(size, (one,))], [])
                )
        if offset := offset_of(node):
            sides.append(WrittenArray(str(offset), ()))
        first, *rest = (self.layout.aligned(one, letters).code for one in sides)
        where = f"({first} == {' + '.join(rest)})"
        return WrittenArray(dialect.typed(where, self.writer.names.like), letters)

    def _function(self, node: Any) -> WrittenArray:
        """A function entry by entry, by the form that its class has for arrays."""
        dialect = self.writer.dialect
        if isinstance(node, Softmax):
            inner, letter = self.written(node.args[0]), node.args[1]
            place = str(inner.letters.index(letter))
            return WrittenArray(dialect.call("softmax", inner.code, place), inner.letters)
        if isinstance(node, log) and is_sum_of_powers(node.args[0]):
            return self._log_sum_exp(node.args[0])
        sides = {argument: self.written(argument) for argument in node.args}
        if isinstance(node, Step) and step_of_a_tensor(node) in self.writer.gates:
            z, inner = without_letters(node.args[0]), sides[node.args[0]]
            if inner.code == self.writer.names.of(z):
                return WrittenArray(self.writer.names.gate(z), inner.letters)
        letters = self.layout.together(sides.values())
        texts = {of: self.layout.aligned(one, letters).code for of, one in sides.items()}
        own = type(node).__name__ in dialect.calls
        if isinstance(node, Kinked | Logistic) and not own:
            return WrittenArray(node.on_arrays(dialect.call, texts.__getitem__), letters)
        return WrittenArray(dialect.call(type(node).__name__, *texts.values()), letters)

    def _log_sum_exp(self, total: Sum) -> WrittenArray:
        """log sum_m exp(z_m)."""
        body, (bound,) = self._entered(total)
        inner = self.written(body.args[0])
        place = inner.letters.index(bound)
        code = self.writer.dialect.call("log_sum_exp", inner.code, str(place))
        return WrittenArray(code, tuple(one for one in inner.letters if one != bound))

    def _cases(self, node: Piecewise) -> WrittenArray:
        """where(condition, value, ...), the last case first."""
        *cases, (last, _) = node.args
        found = self.written(last)
        for value, condition in reversed(cases):
            if isinstance(condition, BooleanTrue):
                found = self.written(value)
                continue
            sides = [self._condition(condition), self.written(value), found]
            letters = self.layout.together(sides)
            texts = (self.layout.aligned(one, letters).code for one in sides)
            found = WrittenArray(self.writer.dialect.call("where", *texts), letters)
        return found

    def _condition(self, node: Any) -> WrittenArray:
        """Comparisons entry by entry, and what joins them."""
        if isinstance(node, And | Or):
            sides = [self._condition(one) for one in node.args]
            sign = " & " if isinstance(node, And) else " | "
            letters = self.layout.together(sides)
            texts = (f"({self.layout.aligned(one, letters).code})" for one in sides)
            return WrittenArray(sign.join(texts), letters, COMPARISON)
        sides = [self.written(one) for one in node.args]
        letters = self.layout.together(sides)
        left, right = (self.layout.aligned(one, letters).code for one in sides)
        return WrittenArray(f"{left} {node.rel_op} {right}", letters, COMPARISON)

    # -- sums and products -------------------------------------------------------------------

    def _sum_of_terms(self, node: Add) -> WrittenArray:
        return self.layout.added(
            (is_negative(t), self.written(_positive(t))) for t in terms_of(node)
        )

    def _product(self, node: Expr) -> WrittenArray:
        return self.layout.multiplied(*self._factors(node))

    def _factors(self, node: Expr) -> tuple[Expr, list[WrittenArray], list[WrittenArray]]:
        """The number in front, what is multiplied and what divides."""
        number: Expr = S.One
        above: list[WrittenArray] = []
        below: list[WrittenArray] = []
        for factor in Mul.make_args(node):
            if factor.is_number:
                number = number * factor
            elif isinstance(factor, Pow) and factor.func is Pow and factor.exp.is_number:
                power = self._power(factor.base, abs(factor.exp))
                (below if factor.exp < 0 else above).append(power)
            else:
                above.append(self.written(factor))
        return number, above, below

    def _power(self, base: Expr, exponent: Expr) -> WrittenArray:
        """b^e, for a number e > 0."""
        inner = self.written(base)
        if exponent == 1:
            return inner
        if exponent == S.Half and inner.letters:
            return WrittenArray(self.writer.dialect.call("sqrt", inner.code), inner.letters)
        text = str(exponent) if isinstance(exponent, Integer) else str(float(exponent))
        return WrittenArray(f"{inner.at_least(ATOM)}**{text}", inner.letters, POWER)

    def summed(self, node: Expr, besides: Letters) -> WrittenArray:
        """The sum of a formula over its own letters and over some besides."""
        bound: list[Symbol] = list(besides)
        if node == 0:
            return constant(node)
        while isinstance(node, Sum):
            node, bound = self._entered(node, bound)
        if isinstance(node, Add):
            return self._sum_over_terms(node, tuple(bound))
        number: Expr = S.One
        above: list[WrittenArray] = []
        below: list[WrittenArray] = []
        waiting = list(Mul.make_args(node))
        while waiting:
            factor = waiting.pop(0)
            if isinstance(factor, Sum):
                inner, bound = self._entered(factor, bound)
                waiting = [*Mul.make_args(inner), *waiting]
                continue
            own = self._factors(factor)
            number, above, below = number * own[0], [*above, *own[1]], [*below, *own[2]]
        return self.layout.contracted(number, above, below, bound)

    def _sum_over_terms(self, node: Add, bound: Letters) -> WrittenArray:
        """Term by term; at once where all terms are products entry by entry of the same letters."""
        terms = terms_of(node)
        if not any(term.has(Sum) for term in terms):
            whole = self._sum_of_terms(node)
            if all(self._is_of(term, whole.letters) for term in terms):
                return self.layout.contracted(S.One, [whole], [], list(bound))
        return self.layout.added((is_negative(t), self.summed(_positive(t), bound)) for t in terms)

    def _is_of(self, term: Expr, letters: Letters) -> bool:
        """Whether every factor of a product has all the letters."""
        _, above, below = self._factors(term)
        return all({*one.letters} == {*letters} for one in (*above, *below))

    def _entered(self, total: Sum, bound: Sequence[Symbol] = ()) -> tuple[Expr, list[Symbol]]:
        """The body of a sum, whose letters are none that are in use, and all letters so far."""
        used = frozenset(self.layout.order)
        inner = rename_bound(total, used) if {*total.bound_symbols} & used else total
        for letter, _, size in reversed(inner.limits):
            self.axes[letter] = axis_summed(self.writer.kernel.model, letter, size, inner.function)
            self.layout.enter(letter)
        return inner.function, [*bound, *reversed(inner.bound_symbols)]


def _positive(term: Expr) -> Expr:
    """The term without its minus sign."""
    return -term if is_negative(term) else term
