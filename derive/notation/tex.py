r"""Expressions as LaTeX, in the subset that pdflatex, KaTeX, MathJax and GitHub share.

ASCII only, no \operatorname, and no more braces than needed: GitHub counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sympy import (
    Abs,
    Add,
    And,
    AtomicExpr,
    Basic,
    Derivative,
    Expr,
    FiniteSet,
    Float,
    ImmutableDenseMatrix,
    Integer,
    Interval,
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
)
from sympy.core.function import Application
from sympy.core.relational import Relational

from derive.algebra.absolute_values import with_absolute_values
from derive.algebra.boxes import (
    ATOM,
    COMPARISON,
    GREEK,
    OR,
    POWER,
    PRODUCT,
    SUM,
    THIN,
    Box,
    along_box,
    big_sum,
    braced,
    bracketed,
    derivative_box,
    environment,
    fraction,
    glyphs,
    grown,
    joined,
    listed,
    parenthesised,
    quantity_box,
    row,
    scripted,
    words,
)
from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import Shift, offset_of, shifted_by, signed
from derive.algebra.limits import LeftLimit, RightLimit
from derive.algebra.quantities import Local, Motion, Partial, Quantity, is_step, unmoved
from derive.model.matrices import Matrix
from derive.notation.naming import OURS, Naming
from derive.notation.printer import (
    Printer,
    below_is_plain,
    factors_of,
    is_negative,
    parts_of,
)
from derive.notation.spelling import ENGLISH, FUNCTIONS, RELATIONS, Connectives
from derive.notation.tex_matrices import WrittenOut, matrix_box
from derive.notation.tex_values import decimal, matrix, values


def tex(expression: Basic | Matrix, naming: Naming = OURS) -> str:
    """The expression as LaTeX mathematics, with the names of `naming`."""
    return LatexWriter(naming).text(expression)


class AtPoint(AtomicExpr):
    """A formula with numbers put in for all that it speaks of, and what that comes to."""

    is_commutative = True

    def __new__(cls, formula: Expr, numbers: Mapping[Basic, Expr], value: Expr) -> AtPoint:
        node = AtomicExpr.__new__(cls)
        node.formula, node.numbers, node.value = formula, numbers, value
        return node

    formula: Expr
    numbers: Mapping[Basic, Expr]
    value: Expr

    def _hashable_content(self) -> tuple[object, ...]:
        return (self.formula, tuple(self.numbers.items()), self.value)

    @property
    def is_rounded(self) -> bool:
        """Whether some of the numbers are decimals, so that both sides only nearly agree."""
        return any(number.has(Float) for number in (*self.numbers.values(), self.value))

    @property
    def sign(self) -> str:
        """What stands between the formula and its value."""
        return r" \approx " if self.is_rounded else " = "


@dataclass(frozen=True)
class LatexWriter(Printer):
    """Writes expressions with the names that a document gives to quantities."""

    naming: Naming = OURS
    connectives: Connectives = ENGLISH
    #: What is written in place of quantities and derivatives.
    numbers: Mapping[Basic, Expr] = field(default_factory=dict, kw_only=True)

    def factor(self, part: Matrix) -> Box:
        """A matrix that stands beside others."""
        return self.box(part)

    def box(self, node: Basic | Matrix) -> Box:
        """The expression as LaTeX mathematics."""
        match node:
            case Matrix():
                return matrix_box(node, self.box, self.factor)
            case Quantity() | Partial() if node in self.numbers:
                return self.box(self.numbers[node])
            case Quantity():
                return self.quantity(node)
            case Partial():
                return self._partial(node)
            case AtPoint():
                formula = replace(self, numbers=node.numbers).box(node.formula)
                return row(formula, node.sign, self.box(node.value), strength=COMPARISON)
            case WrittenOut():
                return node.box
            case Symbol():
                own = self.naming.symbol(node.name)
                return glyphs(own) if own else symbol(node.name)
            case Integer():
                return glyphs(str(node), ATOM if node >= 0 else SUM)
            case Rational():
                size = fraction(glyphs(str(abs(node.p))), glyphs(str(node.q)))
                return size if node >= 0 else row("-", size, strength=SUM)
            case Float():
                return glyphs(decimal(node), PRODUCT if node >= 0 else SUM)
            case _:
                return self._operation(node)

    def _operation(self, node: Basic) -> Box:
        """What is made of other expressions by signs that are not names of functions."""
        match node:
            case Add():
                return self._add(node)
            case Mul():
                return self._product(node)
            case Pow():
                return self._power(node)
            case S.Pi:
                return glyphs(r"\pi")
            case S.Exp1:
                return glyphs("e")
            case Sum():
                sign, sums, body = self.sum_parts(node)
                strength = SUM if sign else PRODUCT
                return row(sign, sums, self.at_least(body, PRODUCT), strength=strength)
            case Piecewise():
                return self._cases(node)
            case Relational():
                left, right = map(self.box, node.args)
                sign = f" {RELATIONS[type(node).__name__]} "
                return row(left, sign, right, strength=COMPARISON)
            case And() | Or():
                return self._condition(node)
            case FiniteSet() | Interval():
                return values(node, self.box)
            case ImmutableDenseMatrix():
                return matrix(node, self.box)
            case _:
                return self._application(node)

    def _application(self, node: Basic) -> Box:
        """A function, or an operator, of something."""
        match node:
            case Shift():
                parts = (
                    f"{times if times > 1 else ''}{self.text(part)}"
                    for times, part in shifted_by(node)
                )
                counted = sum(times for times, _ in shifted_by(node))
                place = "+".join(parts) + signed(offset_of(node) + 1 - counted)
                return scripted(r"\delta", below=f"{self.text(node.args[0])},{place}")
            case KroneckerDelta():
                return scripted(r"\delta", below=joined([self.text(one) for one in node.args]))
            case Local():
                return self._local(node)
            case Derivative():
                sign = fraction(glyphs("d"), row("d", self.box(node.variables[0])))
                return row(sign, self._applied_to(node.expr), strength=PRODUCT)
            case exp() if self.naming.function("exp") is None:
                return scripted("e", self.box(node.args[0]), strength=POWER, write=braced)
            case Abs() if not node.has(WrittenOut):  # |u| would be the norm of a column
                inside = self.box(node.args[0])
                if inside.tall:
                    return grown("|", inside, "|")
                return row(r"\lvert ", inside, r"\rvert")
            case RightLimit() | LeftLimit():
                return self._limit(node)
            case Application():
                name, arguments = self._function_parts(node)
                return row(name, parenthesised(arguments))
            case _:
                raise TypeError(f"no LaTeX for {type(node).__name__}")

    def quantity(self, node: Quantity) -> Box:
        """W^{(0)}_{ij}, z^{(1)}_j, x_i (the output of layer 0), y_j, U_j, C."""
        if node not in self._quantities:
            self._quantities[node] = self._quantity(node)
        return self._quantities[node]

    @cached_property
    def _quantities(self) -> dict[Quantity, Box]:
        """Kept, since formulas name the same few again and again."""
        return {}

    def _quantity(self, node: Quantity) -> Box:
        if isinstance(node.layer, Motion):
            return along_box(self.quantity(unmoved(node)))
        indices = [self.text(one) for one in node.indices]
        own = self.naming.quantity(node.kind, node.layer, indices)
        return own or quantity_box(node.kind, node.layer, indices, self.text)

    def _partial(self, node: Partial) -> Box:
        if is_step(node.wrt):
            return along_box(self.box(node.of))
        if (own := self.signal(node)) is not None:
            return own
        of, chain = node.unnested
        if isinstance(of, Quantity):
            return derivative_box(self.quantity(of), list(map(self.quantity, chain)))
        return row(self.sign_of(node), self._applied_to(of), strength=PRODUCT)

    def signal(self, node: Partial) -> Box | None:
        """The name of a derivative of the cost that has one of its own, as an error signal has."""
        of, chain = node.unnested
        if len(chain) != 1 or not isinstance(of, Quantity) or of.kind != "C":
            return None
        indices = [self.text(one) for one in node.wrt.indices]
        return self.naming.signal(node.wrt.kind, node.wrt.layer, indices)

    def sign_of(self, node: Partial) -> Box:
        """The sign of a derivative, without what it acts on."""
        _, chain = node.unnested
        return derivative_box("", list(map(self.quantity, chain)))

    def _local(self, node: Local) -> Box:
        r"""\partial^{+} q / \partial v: the derivative of the formula of q, all else fixed."""
        below = row(r"\partial ", self.quantity(node.wrt))
        if isinstance(node.of, Quantity):
            return fraction(row(_PLUS, " ", self.quantity(node.of)), below, ATOM)
        return row(fraction(_PLUS, below), self._applied_to(node.of), strength=PRODUCT)

    def _applied_to(self, body: Basic) -> Box:
        """What a derivative sign acts on: a function stands bare, all else in brackets."""
        if stands_bare(body):
            return row(THIN, self.box(body))
        return bracketed(self.box(body))

    def derivative_of_derivative(self, node: Partial) -> Box:
        """d/dz [dC/dz] for d2C/dz2: the second derivative as that of a function which may jump."""
        return row(derivative_box("", [self.quantity(node.wrt)]), bracketed(self.box(node.of)))

    def _add(self, node: Add) -> Box:
        """A sum; with a common fraction in front where all its coefficients are alike."""
        folded = with_absolute_values(node)
        if not isinstance(folded, Add):
            return self.box(folded)
        size, bare = shared_fraction(folded)
        if size == 1:
            return self.sum_of_terms(folded)
        terms = parenthesised(self.sum_of_terms(bare))
        return row(self.box(size), THIN, terms, strength=PRODUCT)

    def _product(self, node: Mul) -> Box:
        if Mul(*node.args) != node:
            return self._as_it_stands(node)
        negative, above, below = factors_of(node)
        above = _common_numbers_first(above)
        sign, strength = ("-", SUM) if negative else ("", PRODUCT)
        if not below:
            return row(sign, self.juxtaposed(above), strength=strength)
        # A numeric factor or 1/n stands before what it multiplies, rather than under all of it.
        plain = below_is_plain(below) and not all(isinstance(f, Symbol) for f in above)
        apart = [f for f in above if not f.is_number and (plain or _is_tall(f))]
        top = [f for f in above if f not in apart]
        whole = fraction(self.juxtaposed(top or [S.One]), self.juxtaposed(below))
        beside = [THIN, self.juxtaposed(apart, beside=True)] if apart else []
        return row(sign, whole, *beside, strength=strength)

    def _as_it_stands(self, node: Mul) -> Box:
        """A product left unevaluated on purpose: its factors in their own order."""
        parts: list[Box | str] = []
        for factor in node.args:
            number = bool(parts) and factor.is_number
            text = self.at_least(factor, ATOM if number and factor < 0 else PRODUCT)
            parts += [r" \cdot " if number else THIN if parts else "", text]
        return row(*parts, strength=PRODUCT)

    def juxtaposed(self, factors: list[Expr], *, beside: bool = False) -> Box:
        """Factors side by side; only the last may be a big sum without parentheses.

        `beside` says that something else stands next to them, so that a single sum of terms
        needs its parentheses too.
        """
        together = beside or len(factors) > 1
        parts: list[Box | str] = []
        for position, factor in enumerate(factors):
            last = position == len(factors) - 1
            if isinstance(factor, Sum | RightLimit | LeftLimit) and not last:
                part = parenthesised(self.box(factor))
            else:
                part = self.at_least(factor, PRODUCT if together else SUM)
            digits = position == 1 and isinstance(factors[0], Integer) and factors[0] >= 0
            if position and not (digits and part.text[0].isalpha()):
                parts.append(r" \cdot " if self.numbers else THIN)
            parts.append(part)
        return row(*parts, strength=PRODUCT)

    def _power(self, node: Pow) -> Box:
        base, exponent = node.args
        if exponent.is_Rational and exponent < 0:
            return fraction(glyphs("1"), self.box(base**-exponent))
        if exponent == S.Half:
            return row(r"\sqrt{", self.box(base), "}")
        power = self.box(exponent)
        if isinstance(base, Application) and not isinstance(base, exp | ReLU | LeakyReLU | Step):
            name, arguments = self._function_parts(base)
            return row(scripted(name, power), parenthesised(arguments))
        box = self.at_least(base, ATOM)
        # What has a layer above it, or a letter to which a number there would give one.
        raised = isinstance(base, Quantity) and (base.has_layer or self.naming.bare_layers)
        if base not in self.numbers and (isinstance(base, Partial) or raised):
            box = parenthesised(box)
        return scripted(box, power, strength=POWER)

    def sum_parts(self, node: Sum) -> tuple[str, Box, Expr]:
        """The sign before a big sum, the signs of the sum, and what is summed."""
        sign, body = ("-", -node.function) if is_negative(node.function) else ("", node.function)
        sums = [
            big_sum(row(self.box(bound), "=", self.box(low)), self.box(high))
            for bound, low, high in reversed(node.limits)
        ]
        return sign, row(*sums), body

    def _limit(self, node: Application) -> Box:
        """The limit of what follows, as its second argument falls or rises to 0."""
        arrow = r" \downarrow 0" if isinstance(node, RightLimit) else r" \uparrow 0"
        limit = scripted(r"\lim", below=row(self.box(node.args[1]), arrow))
        return row(limit, " ", self.at_least(node.args[0], PRODUCT), strength=PRODUCT)

    def _function_parts(self, node: Application) -> tuple[Box, Box]:
        key = type(node).__name__
        name = glyphs(self.naming.function(key) or FUNCTIONS[key])
        match node:
            case LeakyReLU():
                z, slope = self.box(node.args[0]), self.box(node.args[1])
                return scripted(name, below=slope, write=braced), z
            case ReLU() | Step():
                return name, self.box(node.args[0])
            case _:
                return name, listed(", ", list(map(self.box, node.args)))

    def _cases(self, node: Piecewise) -> Box:
        rows: list[list[Box]] = []
        for value, condition in node.args:
            always = condition == S.true
            where = words(self.connectives.otherwise) if always else self.condition(condition)
            rows.append([self.box(value), where])
        return environment("cases", rows)

    def condition(self, where: Basic) -> Box:
        """Where something holds, as it stands behind it."""
        return row(words(f"{self.connectives.when} "), " ", self.box(where))

    def _condition(self, node: And | Or) -> Box:
        """The parts in the order of the layers, and a conjunction between them."""
        word = self.connectives.both if isinstance(node, And) else self.connectives.either
        return listed(row(" ", words(f" {word} "), " "), self.parts(parts_of(node), COMPARISON), OR)


#: The sign of a derivative of a formula alone.
_PLUS = glyphs(r"\partial^{+}")


def stands_bare(body: Basic) -> bool:
    """Whether a derivative sign stands before this without brackets: a function."""
    return isinstance(body, Application) and not isinstance(body, exp)


def symbol(name: str) -> Box:
    r"""A plain symbol: alpha -> \alpha, n_0 -> n_0, n_{k+1} as it stands."""
    base, _, sub = name.partition("_")
    head = f"\\{base}" if base in GREEK else base
    if len(head) > 1 and not head.startswith("\\"):
        head = rf"\mathrm{{{head}}}"
    return scripted(head, below=sub.strip("{}"))


def shared_fraction(node: Add) -> tuple[Expr, Add]:
    """A fraction that all terms of a sum have in front, and the sum without it; or 1."""
    sizes = {abs(term.as_coeff_Mul()[0]) for term in node.args}
    if len(sizes) == 1 and not (size := sizes.pop()).is_Integer:
        return size, Add(*(term / size for term in node.args))
    return S.One, node


def _common_numbers_first(factors: list[Expr]) -> list[Expr]:
    """2 (r - y) for the (2 r - 2 y) that SymPy makes of it beside other factors."""
    number: Expr = S.One
    others: list[Expr] = []
    for factor in factors:
        content, primitive = factor.as_content_primitive()
        if isinstance(factor, Add) and content.is_Integer:
            number, factor = number * content, primitive
        if isinstance(factor, Rational):
            number = number * factor
        else:
            others.append(factor)
    return others if number == 1 else [number, *others]


def _is_tall(factor: Expr) -> bool:
    return isinstance(factor, Sum | Partial) or (isinstance(factor, Add) and factor.has(Sum))
