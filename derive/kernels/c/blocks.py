"""A block of the Hessian into the matrix, and its transpose, each row written once from the left.

    d2C/dW^(b)_ij dW^(a)_lm = sum_s x_sl f_sijm

is a product of matrices x' f for each i and j, whose rows l and columns m stand in one row of the
matrix; above the diagonal it is one for each m, whose columns are all i and j.  Only samples are
in it at which f is not 0 for this i and j, or this m: at which the units are active.  These are
listed first, without branches that no processor foresees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sympy import Add, Expr, KroneckerDelta, Mul, S, Symbol

from derive.algebra.quantities import Partial, Quantity
from derive.kernels.assignments import SAMPLE, variables_of
from derive.kernels.c.expressions import Letters, Scratch, as_factor
from derive.kernels.c.lines import heads, lines_of
from derive.kernels.c.loops import LoopWriter
from derive.kernels.deltas import along_deltas, diagonal_terms
from derive.kernels.factoring import factored
from derive.kernels.routines import Computation
from derive.kernels.stable import stable
from derive.notation.ascii.printing import ascii_text


@dataclass(frozen=True)
class Block:
    """A block that is being written.

    Attributes:
        left: what has a value for each sample and each unit l, or 1.
        factors: f, by sample.
        unit: the letter l, where f does not have it.
        rows: the letters of rows, and their place in the matrix.
        columns: those of columns without l, and their place.
    """

    left: Expr
    factors: Expr
    unit: Symbol | None
    rows: Letters
    row: str
    columns: Letters
    column: str


@dataclass
class BlockWriter:
    """Writes the blocks of one Hessian; `work` are the arrays besides those of formulas."""

    writer: LoopWriter
    work: dict[str, str] = field(default_factory=dict)

    def written(self, step: Computation, row: str, column: str) -> Iterator[str]:
        """The lines for a block whose first row and column are given, and for its transpose."""
        writer = self.writer
        writer.enter(step.left)
        block = self._parted(step, row, column)
        turned = None if row == column else self._turned(block)
        yield from lines_of(writer, writer.taken())
        yield from self._filled(block, block.rows, block.columns, below=True)
        if turned is not None:
            yield f"// {_transposed(step)}"
            yield from self._filled(turned, block.columns, block.rows, below=False)

    def _parted(self, step: Computation, row: str, column: str) -> Block:
        writer = self.writer
        formula = writer.hoisted(stable(writer.kernel.model, step.formula))
        *_, first, second = variables_of(step.left)
        rows, columns = _letters(first), _letters(second)
        unit, *others = columns
        left, factors = factored(formula, unit) if others else (S.One, formula)
        terms = map(writer.per_sample, Add.make_args(factors))
        factors = Add(*map(self._of_entries, terms))
        if left == 1:
            return Block(left, factors, None, rows, row, columns, column)
        left = left if isinstance(left, Quantity | Partial) else writer.part(left)
        return Block(left, factors, unit, rows, row, tuple(others), column)

    def _of_entries(self, term: Expr) -> Expr:
        """A product with an array for each factor that is computed from entries."""

        def entry(factor: Expr) -> Expr:
            plain = isinstance(factor, Quantity | Partial | Scratch | KroneckerDelta)
            return (
                factor if plain or not self.writer.letters_of(factor) else self.writer.part(factor)
            )

        return Mul(*map(entry, Mul.make_args(term)))

    def _turned(self, block: Block) -> Block:
        """The block with arrays in which letters of rows come last, to be read in order."""

        def turned(factor: Expr) -> Expr:
            if not isinstance(factor, Quantity | Partial | Scratch):
                return factor
            indices = [i for i in self.writer.slots(factor)[1] if i != SAMPLE]
            inside = [letter for letter in block.rows if letter in indices]
            if len(indices) < 2 or not inside or indices[-1] == inside[-1]:
                return factor
            return self.writer.part(factor, inside[-1])

        plain, diagonal = diagonal_terms(block.factors, (*block.rows, *block.columns))
        terms = (Mul(*map(turned, Mul.make_args(term))) for term in Add.make_args(plain))
        return replace(block, factors=Add(*terms, *diagonal))

    # -- lines ---------------------------------------------------------------------------------

    def _filled(
        self, block: Block, fixed: Letters, inner: Letters, *, below: bool
    ) -> Iterator[str]:
        """The part of the matrix with one row, or the columns, of each unit of some letters.

        `inner` are the letters of f that are computed at once.
        """
        writer = self.writer
        width = self._count(inner)
        units = "1" if block.unit is None else writer.size_of(block.unit)
        factors, left = (self._array(kind, size) for kind, size in _sizes(width, units))
        zero = self._zero(block, fixed, inner)
        yield from lines_of(writer, writer.taken())
        indent = "    " * len(fixed)
        yield from heads(writer, fixed)
        yield f"{indent}{{"
        indent += "    "
        yield f"{indent}size_t live = 0;"
        yield f"{indent}for (size_t sample = 0; sample < {writer.size(SAMPLE)}; sample++) {{"
        yield f"{indent}    alive[live] = sample;"
        yield f"{indent}    live += {f'!({zero})' if zero else '1'};"
        yield f"{indent}}}"
        yield f"{indent}for (size_t one = 0; one < live; one++) {{"
        for line in self._of_a_sample(block, fixed, inner, factors, left):
            yield f"{indent}    {line}"
        yield f"{indent}}}"
        if below:
            step, place = width, self._start(block.row, fixed, block.column)
        else:
            step = f"{self._count(fixed)} * rows"
            place = self._start(block.column, fixed, block.row)
        call = f"{units}, {width}, live, {left}, {factors}, {width}"
        yield f"{indent}put({call}, {place}, {step}, past);"
        yield f"{'    ' * len(fixed)}}}"

    def _of_a_sample(
        self, block: Block, fixed: Letters, inner: Letters, factors: str, left: str
    ) -> Iterator[str]:
        """Lines for f and x at a sample that is listed."""
        writer = self.writer
        yield "const size_t sample = alive[one];"
        yield f"real *row = {factors} + one * {as_factor(self._count(inner))};"
        plain, diagonal = diagonal_terms(block.factors, (*fixed, *inner))
        yield from heads(writer, inner)
        indent = "    " * len(inner)
        yield f"{indent}row[{writer.position(inner)}] = {writer.text(plain)};"
        for term in diagonal:
            value, units = along_deltas(term, (*fixed, *inner))
            places = tuple(units[letter] for letter in inner)
            own = tuple(one for one in dict.fromkeys(places) if one not in fixed)
            yield from heads(writer, own)
            indent = "    " * len(own)
            yield f"{indent}row[{writer.position(places)}] += {writer.text(value)};"
        if block.unit is None:
            yield f"{left}[one] = 1;"
        else:
            yield from heads(writer, (block.unit,))
            size, name = writer.size_of(block.unit), writer.letter(block.unit)
            yield f"    {left}[one * {size} + {name}] = {writer.text(block.left)};"

    def _zero(self, block: Block, fixed: Letters, inner: Letters) -> str:
        """When each term of f has a factor that is 0 for all inner letters; nothing if never."""
        found: list[str] = []
        for term in Add.make_args(block.factors):
            value, _ = along_deltas(term, (*fixed, *inner))
            tests = [self._zero_factor(one, fixed) for one in Mul.make_args(value)]
            own = " | ".join(filter(None, tests))
            if not own:
                return ""
            found.append(f"({own})")
        return " & ".join(dict.fromkeys(found))

    def _zero_factor(self, factor: Expr, fixed: Letters) -> str:
        """When a factor that varies with a unit and the sample is 0 there."""
        if not isinstance(factor, Quantity | Partial | Scratch):
            return ""
        _, indices, _ = self.writer.slots(factor)
        rest = [i for i in indices if i != SAMPLE and i not in fixed]
        if SAMPLE not in indices or len(indices) - len(rest) < 2:
            return ""
        if not rest:
            return f"({self.writer.text(factor)} == 0)"
        if rest != [indices[-1]]:
            return ""
        return f"({self.writer.text(self.writer.whether_any(factor))} == 0)"

    def _start(self, first: str, rows: Letters, column: str) -> str:
        """Where a row of the matrix is, from some column on."""
        place = " + ".join(one for one in (first, self.writer.position(rows)) if one != "0")
        row = f"hessian_ + ({place}) * rows" if place else "hessian_"
        return row if column == "0" else f"{row} + {column}"

    def _count(self, letters: Letters) -> str:
        return self.writer.count([self.writer.axes[letter] for letter in letters])

    def _array(self, kind: str, size: str) -> str:
        """The name of an array of some size that holds nothing now."""
        for name, known in self.work.items():
            if known == size and name.startswith(kind):
                return name
        name = f"{kind}{sum(known.startswith(kind) for known in self.work)}"
        self.work[name] = size
        return name


def _sizes(width: str, units: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("factors", f"samples * {width}"), ("left", f"samples * {units}")


def _letters(parameter: Quantity) -> Letters:
    return tuple(i for i in parameter.indices if isinstance(i, Symbol))


def _transposed(step: Computation) -> str:
    """That the entry on the other side of the diagonal is the same."""
    assert isinstance(step.left, Partial) and isinstance(step.left.of, Partial)
    other = Partial(Partial(step.left.of.of, step.left.wrt), step.left.of.wrt)
    return f"{ascii_text(other)} = {step.said}"
