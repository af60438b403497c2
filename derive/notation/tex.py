r"""Expressions as LaTeX, in the subset that pdflatex, KaTeX, MathJax and GitHub share.

ASCII only, no \operatorname, and no more braces than needed: GitHub counts them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Abs,
    Add,
    And,
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

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.limits import LeftLimit, RightLimit
from derive.algebra.quantities import Local, Partial, Quantity, is_step
from derive.algebra.quantity_tex import (
    THIN,
    along_tex,
    derivative_tex,
    joined,
    quantity_tex,
    script,
)
from derive.model.matrices import Matrix
from derive.notation.naming import OURS, Naming
from derive.notation.spelling import (
    FUNCTIONS,
    GREEK,
    RELATIONS,
    factor_order,
    parenthesised,
    term_order,
)
from derive.notation.tex_matrices import matrix_tex
from derive.notation.tex_values import decimal, matrix, values

#: Binding strength; a part that binds less than its place asks for gets parentheses.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_OTHERWISE = r"\text{otherwise}"


def tex(expression: Basic | Matrix, naming: Naming = OURS) -> str:
    """The expression as LaTeX mathematics, with the names of `naming`."""
    return LatexWriter(naming).text(expression)


@dataclass(frozen=True)
class LatexWriter:
    """Writes expressions with the names that a document gives to quantities."""

    naming: Naming = OURS

    def text(self, expression: Basic | Matrix) -> str:
        """The expression as LaTeX mathematics."""
        if isinstance(expression, Matrix):
            return matrix_tex(expression, self.text)
        return self._written(expression)[0]

    def _written(self, node: Basic) -> tuple[str, int]:
        """LaTeX and binding strength."""
        match node:
            case Quantity():
                return self.quantity(node), _ATOM
            case Partial():
                return self._partial(node)
            case Symbol():
                return self.naming.symbol(node.name) or symbol(node.name), _ATOM
            case Integer():
                return str(node), _ATOM if node >= 0 else _SUM
            case Rational():
                sign = "-" if node < 0 else ""
                return f"{sign}\\frac{{{abs(node.p)}}}{{{node.q}}}", _PRODUCT if not sign else _SUM
            case Float():
                return decimal(node), _PRODUCT if node >= 0 else _SUM
            case FiniteSet() | Interval():
                return values(node, self.text), _ATOM
            case ImmutableDenseMatrix():
                return matrix(node, self.text), _ATOM
            case Add():
                return self._add(node)
            case Mul():
                return self._product(node)
            case Pow():
                return self._power(node)
            case S.Pi:
                return r"\pi", _ATOM
            case S.Exp1:
                return "e", _ATOM
            case Sum():
                if _is_negative(node.function):
                    return "-" + self._big_sum(Sum(-node.function, *node.limits)), _SUM
                return self._big_sum(node), _PRODUCT
            case KroneckerDelta():
                return r"\delta_{" + joined([self.text(one) for one in node.args]) + "}", _ATOM
            case Local():
                return self._local(node)
            case Piecewise():
                return self._cases(node), _ATOM
            case Derivative():
                variable = self.text(node.variables[0])
                return rf"\frac{{d}}{{d{variable}}}{self._applied_to(node.expr)}", _PRODUCT
            case exp():
                return f"e^{{{self.text(node.args[0])}}}", _POWER
            case Abs():
                return rf"\left|{self.text(node.args[0])}\right|", _ATOM
            case Relational():
                left, right = node.args
                return (
                    f"{self.text(left)} {RELATIONS[type(node).__name__]} {self.text(right)}",
                    _SUM,
                )
            case And() | Or():
                return self._condition(node), _SUM
            case RightLimit() | LeftLimit():
                return self._limit(node), _PRODUCT
            case Application():
                return self._function(node), _ATOM
            case _:
                raise TypeError(f"no LaTeX for {type(node).__name__}")

    def _at_least(self, node: Basic, strength: int) -> str:
        text, own = self._written(node)
        return text if own >= strength else parenthesised(text)

    def quantity(self, node: Quantity) -> str:
        """W^{(0)}_{ij}, z^{(1)}_j, x_i (the output of layer 0), y_j, U_j, C."""
        indices = [self.text(one) for one in node.indices]
        own = self.naming.quantity(node.kind, node.layer, indices)
        return own or quantity_tex(node.kind, node.layer, node.indices, self.text)

    def _partial(self, node: Partial) -> tuple[str, int]:
        if is_step(node.wrt):
            return along_tex(self.text(node.of)), _ATOM
        of, chain = node.unnested
        if len(chain) == 1 and isinstance(of, Quantity) and of.kind == "C":
            indices = [self.text(one) for one in node.wrt.indices]
            own = self.naming.signal(node.wrt.kind, node.wrt.layer, indices)
            if own is not None:
                return own, _ATOM
        variables = [self.quantity(wrt) for wrt in chain]
        if isinstance(of, Quantity):
            return derivative_tex(self.quantity(of), variables), _ATOM
        return derivative_tex("", variables) + self._applied_to(of), _PRODUCT

    def _local(self, node: Local) -> tuple[str, int]:
        r"""\partial^{+} q / \partial v: the derivative of the formula of q, all else fixed."""
        below = rf"\partial {self.quantity(node.wrt)}"
        if isinstance(node.of, Quantity):
            return rf"\frac{{\partial^{{+}} {self.quantity(node.of)}}}{{{below}}}", _ATOM
        return rf"\frac{{\partial^{{+}}}}{{{below}}}" + self._applied_to(node.of), _PRODUCT

    def _applied_to(self, body: Basic) -> str:
        """What a derivative sign acts on: a function stands bare, all else in brackets."""
        if isinstance(body, Application) and not isinstance(body, exp):
            return THIN + self.text(body)
        return rf"\left[{self.text(body)}\right]"

    def derivative_of_derivative(self, node: Partial) -> str:
        """d/dz [dC/dz] for d2C/dz2: the second derivative as that of a function which may jump."""
        variable, inner = self.quantity(node.wrt), self.text(node.of)
        return rf"\frac{{\partial}}{{\partial {variable}}}\left[{inner}\right]"

    def _add(self, node: Add) -> tuple[str, int]:
        """A sum; with a common fraction in front where all its coefficients are alike."""
        size, bare = shared_fraction(node)
        if size != 1:
            return f"{self.text(size)}{THIN}{parenthesised(self._sum_of_terms(bare))}", _PRODUCT
        return self._sum_of_terms(node), _SUM

    def _sum_of_terms(self, node: Expr) -> str:
        text = ""
        for term in terms_of(node):
            negative = _is_negative(term)
            written = self._at_least(-term if negative else term, _PRODUCT)
            if not text:
                text = f"-{written}" if negative else written
            else:
                text += f" - {written}" if negative else f" + {written}"
        return text

    def _product(self, node: Mul) -> tuple[str, int]:
        if Mul(*node.args) != node:
            return self._as_it_stands(node), _PRODUCT
        negative, above, below = factors_of(node)
        above = _common_numbers_first(above)
        sign = "-" if negative else ""
        strength = _SUM if negative else _PRODUCT
        if not below:
            return sign + self.juxtaposed(above), strength
        # A numeric factor or 1/n stands before what it multiplies, rather than under all of it.
        plain = below_is_plain(below) and not all(isinstance(f, Symbol) for f in above)
        apart = [f for f in above if not f.is_number and (plain or _is_tall(f))]
        top = [f for f in above if f not in apart]
        fraction = rf"\frac{{{self.juxtaposed(top) if top else 1}}}{{{self.juxtaposed(below)}}}"
        beside = THIN + self.juxtaposed(apart, beside=True) if apart else ""
        return sign + fraction + beside, strength

    def _as_it_stands(self, node: Mul) -> str:
        """A product left unevaluated on purpose: its factors in their own order."""
        parts: list[str] = []
        for factor in node.args:
            text = self._at_least(factor, _PRODUCT)
            if parts and factor.is_number:
                text = (
                    rf"\cdot {text}" if factor > 0 else rf"\cdot {parenthesised(self.text(factor))}"
                )
            parts.append(text)
        return THIN.join(parts).replace(rf"{THIN}\cdot", r" \cdot")

    def juxtaposed(self, factors: list[Expr], *, beside: bool = False) -> str:
        """Factors side by side; only the last may be a big sum without parentheses.

        `beside` says that something else stands next to them, so that a single sum of terms
        needs its parentheses too.
        """
        together = beside or len(factors) > 1
        parts: list[str] = []
        for position, factor in enumerate(factors):
            last = position == len(factors) - 1
            if isinstance(factor, Sum | RightLimit | LeftLimit) and not last:
                parts.append(parenthesised(self.text(factor)))
            else:
                parts.append(self._at_least(factor, _PRODUCT if together else _SUM))
        text = ""
        for part in parts:
            digits = bool(text) and text[-1].isdigit() and text.isdigit() and part[:1].isalpha()
            text += part if not text or digits else THIN + part
        return text

    def _power(self, node: Pow) -> tuple[str, int]:
        base, exponent = node.args
        if exponent.is_Rational and exponent < 0:
            return rf"\frac{{1}}{{{self.text(base**-exponent)}}}", _PRODUCT
        if exponent == S.Half:
            return rf"\sqrt{{{self.text(base)}}}", _ATOM
        power = self.text(exponent)
        if isinstance(base, Application) and not isinstance(base, exp | ReLU | LeakyReLU | Step):
            name, arguments = self._function_parts(base)
            return name + script("^", power) + parenthesised(arguments), _ATOM
        text = self._at_least(base, _ATOM)
        # What has a layer above it, or a letter to which a number there would give one.
        raised = isinstance(base, Quantity) and (base.has_layer or self.naming.bare_layers)
        if isinstance(base, Partial) or raised:
            text = parenthesised(text)
        return text + script("^", power), _POWER

    def _big_sum(self, node: Sum) -> str:
        text = ""
        for bound, low, high in reversed(node.limits):
            text += rf"\sum_{{{self.text(bound)}={self.text(low)}}}{script('^', self.text(high))} "
        return text + self._at_least(node.function, _PRODUCT)

    def _limit(self, node: Application) -> str:
        """The limit of what follows, as its second argument falls or rises to 0."""
        arrow = "downarrow" if isinstance(node, RightLimit) else "uparrow"
        limit = self._at_least(node.args[0], _PRODUCT)
        return rf"\lim_{{{self.text(node.args[1])} \{arrow} 0}} {limit}"

    def _function_parts(self, node: Application) -> tuple[str, str]:
        name = type(node).__name__
        name = self.naming.function(name) or FUNCTIONS[name]
        match node:
            case LeakyReLU():
                return f"{name}_{{{self.text(node.args[1])}}}", self.text(node.args[0])
            case ReLU() | Step():
                return name, self.text(node.args[0])
            case _:
                return name, ", ".join(self.text(argument) for argument in node.args)

    def _function(self, node: Application) -> str:
        name, arguments = self._function_parts(node)
        return name + parenthesised(arguments)

    def _cases(self, node: Piecewise) -> str:
        rows = (
            rf"{self.text(value)} & "
            + (_OTHERWISE if condition == S.true else rf"\text{{if }} {self.text(condition)}")
            for value, condition in node.args
        )
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"

    def _condition(self, node: And | Or) -> str:
        """The parts in the order of the layers, and a conjunction between them."""
        joiner = r" \text{ and } " if isinstance(node, And) else r" \text{ or } "
        parts = sorted(node.args, key=_condition_order)
        return joiner.join(
            parenthesised(self.text(p)) if isinstance(p, And | Or) else self.text(p) for p in parts
        )


def terms_of(expression: Expr) -> list[Expr]:
    """The terms of a sum in the order in which they are printed."""
    ordered = sorted(Add.make_args(expression), key=term_order)
    for position, term in enumerate(ordered):
        if not _is_negative(term):
            return [term, *ordered[:position], *ordered[position + 1 :]]
    return ordered


def symbol(name: str) -> str:
    r"""A plain symbol: alpha -> \alpha, n_0 -> n_0, n_{k+1} as it stands."""
    base, _, sub = name.partition("_")
    head = f"\\{base}" if base in GREEK else base
    if len(head) > 1 and base not in GREEK:
        head = rf"\mathrm{{{head}}}"
    return head + (script("_", sub.strip("{}")) if sub else "")


def _is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0] < 0)


def shared_fraction(node: Add) -> tuple[Expr, Add]:
    """A fraction that all terms of a sum have in front, and the sum without it; or 1."""
    sizes = {abs(term.as_coeff_Mul()[0]) for term in node.args}
    if len(sizes) == 1 and not (size := sizes.pop()).is_Integer:
        return size, Add(*(term / size for term in node.args))
    return S.One, node


def factors_of(node: Expr) -> tuple[bool, list[Expr], list[Expr]]:
    """Sign, factors above and factors below the fraction line, in printing order."""
    negative, above, below = False, [], []
    for factor in Mul.make_args(node):
        if isinstance(factor, Rational):
            negative = factor < 0
            if abs(factor.p) != 1:
                above.append(Integer(abs(factor.p)))
            if factor.q != 1:
                below.append(Integer(factor.q))
        elif isinstance(factor, Pow) and (2 * factor.exp).is_Integer and factor.exp < 0:
            below.append(factor.base**-factor.exp)
        else:
            above.append(factor)
    return negative, sorted(above, key=factor_order), sorted(below, key=factor_order)


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


def below_is_plain(below: list[Expr]) -> bool:
    """Whether a denominator is only numbers and widths, as in 1/2 or 2/n."""
    return all(f.is_number or isinstance(f, Symbol) for f in below)


def _is_tall(factor: Expr) -> bool:
    return isinstance(factor, Sum | Partial) or (isinstance(factor, Add) and factor.has(Sum))


def _condition_order(condition: Basic) -> tuple[int, str]:
    layers = [int(q.layer.as_coeff_Add()[0]) for q in condition.atoms(Quantity)]
    return (max(layers, default=0), str(condition))
