"""Formulas in index form as loops over entries and products of matrices, in C.

    dC/dr^(1)_i = sum_j dC/dz^(2)_j W^(1)_ij

is a product of matrices, whose rows are samples.  Each sum in a formula becomes an array of its
own, with the letters that are free in it; what does not vary with the letter of a sum stands in
front of it, and of several letters one is summed over at a time, where that leaves fewer letters:

    sum_l sum_m D_lm W_il W_jm = sum_l W_il sum_m D_lm W_jm.

Loops are nested so that the innermost letter is the last index of most of the arrays in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from sympy import Add, Basic, Expr, Function, Integer, KroneckerDelta, Mul, Sum, Symbol, exp, log

from derive.algebra.indices import Shift, free_indices, rename_bound
from derive.algebra.quantities import Partial, Quantity
from derive.kernels.assignments import SAMPLE, Name, indices_of, variables_of, without_letters
from derive.kernels.c.expressions import PRODUCT, ExpressionWriter, Letters, Scratch
from derive.kernels.deltas import along_deltas
from derive.kernels.stable import Softmax, is_sum_of_powers, stable
from derive.model.instances import axis_of


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
        shifted: letters that others say, i = t + s: each with that sum, and how many it counts.
    """

    target: str
    letters: Letters
    units: Letters
    how: str
    value: str
    scale: str
    order: Letters
    starts: bool
    shifted: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class MatrixProduct:
    """An array as products of matrices, c_ij = sum_k a_ik b_kj, one for each of other letters.

    Attributes:
        target: the identifier of the array.
        outside: the letters that loops go through.
        sizes: of i, of j and of k.
        left: where a starts, how far its rows are apart, and its columns.
        right: where b starts, and how far its rows are apart.
        result: where c starts, and how far its rows are apart.
        starts: whether the array has nothing in it before.
    """

    target: str
    outside: Letters
    sizes: tuple[str, str, str]
    left: tuple[str, str, str]
    right: tuple[str, str]
    result: tuple[str, str]
    starts: bool


Statement = Loop | MatrixProduct


@dataclass
class LoopWriter(ExpressionWriter):
    """Writes the formulas of one function; `scratch` are the arrays that parts were put into."""

    scratch: dict[str, Letters] = field(default_factory=dict)
    _found: list[Statement] = field(default_factory=list)

    def assigned(self, target: str, left: Name, formula: Expr) -> tuple[list[Statement], Letters]:
        """What computes an array, and the letters of its axes."""
        self.enter(left)
        letters: Letters = tuple(i for i in indices_of(left) if isinstance(i, Symbol))
        varies = self.kernel.varies(without_letters(left))
        if varies:
            letters = (SAMPLE, *letters)
        formula = stable(self.kernel.model, formula)
        if varies or not self.kernel.per_sample:
            self._set(target, letters, formula)
        else:
            self._add(target, letters, (SAMPLE,), self.per_sample(formula))
        return self.taken(), letters

    def enter(self, left: Name) -> None:
        """Start with the letters of a name."""
        self.axes, self._found = {SAMPLE: SAMPLE}, []
        for variable in variables_of(left):
            axes = self.kernel.model.axes(variable)
            self.axes |= dict(zip(variable.indices, axes, strict=True))  # pyright: ignore

    def taken(self) -> list[Statement]:
        """What was written since the last time."""
        found, self._found = self._found, []
        return found

    def per_sample(self, formula: Expr) -> Expr:
        """What a sample adds to a sum over all, or to their mean."""
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
            value = self.hoisted(formula)
            self._loop(target, letters, (), "set", value)

    def _add(self, target: str, letters: Letters, bound: Letters, body: Expr) -> None:
        while isinstance(body, Sum):
            body, more = self._entered(body)
            bound = (*bound, *more)
        body, bound = self._scattered(body, letters, bound)
        for term in Add.make_args(self.hoisted(body)):
            self._add_term(target, letters, bound, term)

    def _scattered(self, body: Expr, letters: Letters, bound: Letters) -> tuple[Expr, Letters]:
        """A product with sums inside as one sum, where these say which entry a term is added to."""
        for factor in Mul.make_args(body):
            if isinstance(factor, Sum) and any(o.args[0] in letters for o in factor.atoms(Shift)):
                inner, more = self._entered(factor)
                if not isinstance(inner, Add):
                    return self._scattered(body / factor * inner, letters, (*bound, *more))
        return body, bound

    def _add_term(self, target: str, letters: Letters, bound: Letters, term: Expr) -> None:
        """Add a product, summed over letters: as a product of matrices, if it is one."""
        if term.has(KroneckerDelta, Shift):
            self._loop(target, letters, bound, "add", term)
            return
        term, bound = self._one_by_one(self._grouped(term, (*letters, *bound)), bound)
        outer, inner = self._in_front(term, bound)
        if self._is_product(letters, bound, inner):
            if outer == 1:
                self._product_of(target, letters, bound[0], inner)
                return
            term, bound = outer * self._array(inner, bound), ()
        how = "add" if bound or self._has_begun(target) else "set"
        self._loop(target, letters, bound, how, term)

    def _one_by_one(self, term: Expr, bound: Letters) -> tuple[Expr, Letters]:
        """The term with an array for a sum over one letter, where it has fewer letters then."""
        while len(bound) > 1:
            found: dict[Symbol, int] = {}
            for letter in bound:
                _, inner = self._in_front(term, (letter,))
                own = self._free(inner, (letter,))
                if len(own) < len(self._free(term, (letter,))):
                    found[letter] = len(own)
            if not found:
                break
            letter = min(found, key=found.__getitem__)
            outer, inner = self._in_front(term, (letter,))
            term = outer * self._array(inner, (letter,))
            bound = tuple(one for one in bound if one != letter)
        return term, bound

    def _in_front(self, body: Expr, bound: Letters) -> tuple[Expr, Expr]:
        """The factors of a product that no letter of a sum is in, and the others."""
        outer: list[Expr] = []
        inner: list[Expr] = []
        for factor in Mul.make_args(body):
            (inner if {*self.letters_of(factor)} & {*bound} else outer).append(factor)
        return Mul(*outer), Mul(*inner)

    def _has_begun(self, target: str) -> bool:
        return any(one.target == target for one in self._found)

    def _grouped(self, formula: Expr, letters: Letters) -> Expr:
        """The formula with an array for what products compute from fewer letters than all.

        (1 - f_j) f_j dC/df_j x_m is computed for each j, and then multiplied for each j and m.
        """
        return Add(*(self._grouped_term(one, frozenset(letters)) for one in Add.make_args(formula)))

    def _grouped_term(self, term: Expr, letters: frozenset[Symbol]) -> Expr:
        if term.has(KroneckerDelta, Shift):
            return term
        groups: dict[frozenset[Symbol], list[Expr]] = {}
        for factor in Mul.make_args(term):
            groups.setdefault(self.letters_of(factor) & letters, []).append(factor)
        found: list[Expr] = []
        for own, factors in groups.items():
            whole = Mul(*factors)
            fewer = own and own != letters
            is_entry = isinstance(whole, Quantity | Partial | Scratch)
            found.append(self.part(whole) if fewer and not is_entry else whole)
        return Mul(*found)

    def _loop(self, target: str, letters: Letters, bound: Letters, how: str, value: Expr) -> None:
        value = self._grouped(value, (*letters, *bound))
        indices = dict(zip(letters, letters, strict=True))
        if how == "add":
            value, indices = along_deltas(value, letters)
        order = self._nested((*dict.fromkeys(indices.values()), *bound), value, letters)
        shifted: dict[Symbol, Shift] = {}
        if how == "add":
            value, order, shifted = self._solved(value, order)
        starts = how != "set" and not self._has_begun(target)
        units = tuple(indices.values())
        scale = ""
        if how == "add" and len(order) > 1:
            outer, inner = self._in_front(value, (*order[-1:], *shifted))
            if not outer.is_number and inner != 1:
                scale, value = self.text(outer), inner
        text = self.text(value, PRODUCT)
        told = tuple((self.letter(i), self.shift(o), self.size_of(i)) for i, o in shifted.items())
        self._found.append(Loop(target, letters, units, how, text, scale, order, starts, told))

    def _solved(self, value: Expr, order: Letters) -> tuple[Expr, Letters, dict[Symbol, Shift]]:
        """A product without its shifts, whose letters are no loops: i = t + s is one entry of i."""
        found: dict[Symbol, Shift] = {}
        for factor in Mul.make_args(value):
            if not isinstance(factor, Shift):
                continue
            unit, *parts = factor.args
            others = {*order} - {unit}
            used = {part for one in found.values() for part in one.args[1:]}
            if unit in order and unit not in used and others >= {*parts} - {*_numbers(parts)}:
                found[cast(Symbol, unit)] = factor
                value, order = value / factor, tuple(one for one in order if one != unit)
        return value, order, found

    def _nested(self, letters: Letters, value: Expr, own: Letters) -> Letters:
        """The letters with the one inside by which most arrays are contiguous.

        An array of one letter is so in any order: it goes on by ones, or stays where it is.
        """
        ends = list(own[-1:]) if len(own) > 1 else []
        for node in value.atoms(Quantity, Partial, Scratch):
            every = [i for i in self.slots(node)[1] if isinstance(i, Symbol)]
            found = [i for i in every if i != SAMPLE]
            ends += found[-1:] if len(every) > 1 else []
        inner = max(letters, key=lambda one: (ends.count(one), letters.index(one)), default=None)
        return tuple(one for one in letters if one != inner) + (() if inner is None else (inner,))

    # -- products of matrices ------------------------------------------------------------------

    def _is_product(self, letters: Letters, bound: Letters, inner: Expr) -> bool:
        """Whether a sum is a_ik b_kj, with i and the last letter j of the result in one each."""
        if len(bound) != 1 or not letters:
            return False
        left, right = self._sides(letters[-1], inner)
        return any(i in self.letters_of(left) for i in self._rows(letters, right))

    def _sides(self, column: Symbol, inner: Expr) -> tuple[Expr, Expr]:
        """The factors without the letter of columns, and those with it."""
        return self._in_front(inner, (column,))

    def _rows(self, letters: Letters, right: Expr) -> Letters:
        return tuple(one for one in letters if one not in self.letters_of(right))

    def _product_of(self, target: str, letters: Letters, middle: Symbol, inner: Expr) -> None:
        *_, column = letters
        left, right = self._sides(column, inner)
        rows = self._rows(letters, right)
        row = [one for one in rows if one in self.letters_of(left)][-1]
        left, right = self._single(left), self._single(right, column)
        result = Scratch(Symbol(target), *letters)
        walked = (row, middle, column)
        a, a_steps = self.start(left, walked)
        b, b_steps = self.start(right, walked)
        c, c_steps = self.start(result, walked)
        self._found.append(
            MatrixProduct(
                target,
                tuple(one for one in letters if one not in (row, column)),
                (self.size_of(row), self.size_of(column), self.size_of(middle)),
                (a, a_steps[row], a_steps[middle]),
                (b, b_steps[middle]),
                (c, c_steps[row]),
                not self._has_begun(target),
            )
        )

    def _single(self, factors: Expr, last: Symbol | None = None) -> Expr:
        """A product as an entry of one array, in which a letter is the last."""
        if isinstance(factors, Quantity | Partial | Scratch):
            indices = self.slots(factors)[1]
            plain = len({*indices}) == len(indices) and all(isinstance(i, Symbol) for i in indices)
            if plain and (last is None or indices[-1] == last):
                return factors
        return self.part(factors, last)

    def part(self, formula: Expr, last: Symbol | None = None) -> Expr:
        """An array of its own for a formula, in which a letter is the last."""
        free = self._free(formula, ())
        free = free if last is None else (*(one for one in free if one != last), last)
        found = self._new(free)
        self._loop(str(found.args[0]), free, (), "set", formula)
        return found

    def whether_any(self, entry: Expr) -> Expr:
        """An array of whether an array has, along its last letter, an entry that is not 0."""
        _, indices, axes = self.slots(entry)
        where, _ = self.start(entry, tuple(indices[-1:]))
        letters = tuple(i for i in indices[:-1] if isinstance(i, Symbol))
        found = self._new(letters)
        target, value = str(found.args[0]), f"any({where}, {self.size(axes[-1])})"
        loop = Loop(target, letters, letters, "set", value, "", letters, starts=False)
        self._found.append(loop)
        return found

    def _entered(self, total: Sum) -> tuple[Expr, Letters]:
        """The body of a sum, with letters that are not in use, and these."""
        used = frozenset(self.axes)
        inner = rename_bound(total, used) if {*total.bound_symbols} & used else total
        for letter in inner.bound_symbols:
            self.axes[letter] = axis_of(self.kernel.model, letter, inner.function)
        return inner.function, tuple(reversed(inner.bound_symbols))

    def hoisted(self, node: Any) -> Any:
        """The formula with an array for each sum in it."""
        if isinstance(node, Quantity | Partial) or not node.args:
            return node
        if isinstance(node, Softmax):
            inner, letter = self.hoisted(node.args[0]), node.args[1]
            shift, total = self._powers(inner, letter)
            return exp(inner - shift) / Function("or_one")(total)
        if isinstance(node, log) and is_sum_of_powers(node.args[0]):
            body, (letter,) = self._entered(node.args[0])
            shift, total = self._powers(self.hoisted(body.args[0]), letter)
            return shift + log(total)
        if isinstance(node, Sum):
            body, bound = self._entered(node)
            outer, inner = self._in_front(body, bound)
            return self.hoisted(outer) * self._array(inner, bound)
        return node.func(*(self.hoisted(argument) for argument in node.args))

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
        name = f"part{len(self.scratch)}"
        self.scratch[name] = tuple(self.axes[letter] for letter in free)
        return Scratch(Symbol(name), *free)

    def _free(self, body: Expr, bound: Letters) -> Letters:
        """What an array with this entry varies with, the sample first."""
        found = [
            letter for letter in self.axes if letter in free_indices(body) and letter not in bound
        ]
        found = [letter for letter in found if letter != SAMPLE]
        varies = SAMPLE in self.letters_of(body)
        return (SAMPLE, *found) if varies and SAMPLE not in bound else tuple(found)

    def letters_of(self, body: Expr) -> frozenset[Symbol]:
        """The letters that a formula varies with, the sample too."""
        nodes = body.atoms(Quantity, Partial)
        varies = any(self.kernel.varies(without_letters(one)) for one in nodes)
        varies = varies or any(SAMPLE in one.args for one in body.atoms(Scratch))
        return free_indices(body) | {SAMPLE} if varies else free_indices(body) - {SAMPLE}


def _numbers(parts: Iterable[Basic]) -> tuple[Basic, ...]:
    return tuple(part for part in parts if isinstance(part, Integer))
