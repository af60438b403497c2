r"""Expressions as LaTeX, in the subset that pdflatex, KaTeX, MathJax and GitHub share.

ASCII only, no \operatorname, and no more braces than needed: GitHub counts them.
"""

from __future__ import annotations

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
from derive.algebra.quantities import Partial, Quantity
from derive.algebra.quantity_tex import (
    THIN,
    along_tex,
    derivative_tex,
    indices_tex,
    quantity_tex,
    script,
)
from derive.model.matrices import Matrix
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


def tex(expression: Basic | Matrix) -> str:
    """The expression as LaTeX mathematics."""
    if isinstance(expression, Matrix):
        return matrix_tex(expression, tex)
    return _written(expression)[0]


def terms_of(expression: Expr) -> list[Expr]:
    """The terms of a sum in the order in which they are printed."""
    ordered = sorted(Add.make_args(expression), key=term_order)
    for position, term in enumerate(ordered):
        if not _is_negative(term):
            return [term, *ordered[:position], *ordered[position + 1 :]]
    return ordered


def _written(node: Basic) -> tuple[str, int]:
    """LaTeX and binding strength."""
    match node:
        case Quantity():
            return quantity(node), _ATOM
        case Partial():
            return _partial(node)
        case Symbol():
            return symbol(node.name), _ATOM
        case Integer():
            return str(node), _ATOM if node >= 0 else _SUM
        case Rational():
            sign = "-" if node < 0 else ""
            return f"{sign}\\frac{{{abs(node.p)}}}{{{node.q}}}", _PRODUCT if not sign else _SUM
        case Float():
            return decimal(node), _PRODUCT if node >= 0 else _SUM
        case FiniteSet() | Interval():
            return values(node, tex), _ATOM
        case ImmutableDenseMatrix():
            return matrix(node, tex), _ATOM
        case Add():
            return _add(node)
        case Mul():
            return _product(node)
        case Pow():
            return _power(node)
        case S.Pi:
            return r"\pi", _ATOM
        case S.Exp1:
            return "e", _ATOM
        case Sum():
            if _is_negative(node.function):
                return "-" + _big_sum(Sum(-node.function, *node.limits)), _SUM
            return _big_sum(node), _PRODUCT
        case KroneckerDelta():
            return r"\delta_{" + "".join(indices_tex(node.args, tex)) + "}", _ATOM
        case Piecewise():
            return _cases(node), _ATOM
        case Derivative():
            variable = tex(node.variables[0])
            return rf"\frac{{d}}{{d{variable}}}{_applied_to(node.expr)}", _PRODUCT
        case exp():
            return f"e^{{{tex(node.args[0])}}}", _POWER
        case Abs():
            return rf"\left|{tex(node.args[0])}\right|", _ATOM
        case Relational():
            left, right = node.args
            return f"{tex(left)} {RELATIONS[type(node).__name__]} {tex(right)}", _SUM
        case And() | Or():
            return _condition(node), _SUM
        case RightLimit() | LeftLimit():
            return _limit(node), _PRODUCT
        case Application():
            return _function(node), _ATOM
        case _:
            raise TypeError(f"no LaTeX for {type(node).__name__}")


def _at_least(node: Basic, strength: int) -> str:
    text, own = _written(node)
    return text if own >= strength else parenthesised(text)


def symbol(name: str) -> str:
    r"""A plain symbol: alpha -> \alpha, n_0 -> n_0, n_{k+1} as it stands."""
    base, _, sub = name.partition("_")
    head = f"\\{base}" if base in GREEK else base
    if len(head) > 1 and base not in GREEK:
        head = rf"\mathrm{{{head}}}"
    return head + (script("_", sub.strip("{}")) if sub else "")


def quantity(node: Quantity) -> str:
    """W^{(0)}_{ij}, z^{(1)}_j, x_i (the output of layer 0), y_j, U_j, C."""
    return quantity_tex(node.kind, node.layer, node.indices, tex)


def _partial(node: Partial) -> tuple[str, int]:
    if node.wrt.kind == "t":
        return along_tex(tex(node.of)), _ATOM
    of, chain = node.unnested
    variables = [quantity(wrt) for wrt in chain]
    if isinstance(of, Quantity):
        return derivative_tex(quantity(of), variables), _ATOM
    return derivative_tex("", variables) + _applied_to(of), _PRODUCT


def derivative_of_derivative(node: Partial) -> str:
    """d/dz [dC/dz] for d2C/dz2: the second derivative as that of a function which may jump."""
    return rf"\frac{{\partial}}{{\partial {quantity(node.wrt)}}}\left[{tex(node.of)}\right]"


def _applied_to(body: Basic) -> str:
    """What a derivative sign acts on: a function stands bare, all else in brackets."""
    if isinstance(body, Application) and not isinstance(body, exp):
        return THIN + tex(body)
    return rf"\left[{tex(body)}\right]"


def _is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0] < 0)


def _add(node: Add) -> tuple[str, int]:
    """A sum; with a common fraction in front where all its coefficients are alike."""
    size, bare = shared_fraction(node)
    if size != 1:
        return f"{tex(size)}{THIN}{parenthesised(_sum_of_terms(bare))}", _PRODUCT
    return _sum_of_terms(node), _SUM


def shared_fraction(node: Add) -> tuple[Expr, Add]:
    """A fraction that all terms of a sum have in front, and the sum without it; or 1."""
    sizes = {abs(term.as_coeff_Mul()[0]) for term in node.args}
    if len(sizes) == 1 and not (size := sizes.pop()).is_Integer:
        return size, Add(*(term / size for term in node.args))
    return S.One, node


def _sum_of_terms(node: Expr) -> str:
    text = ""
    for term in terms_of(node):
        negative = _is_negative(term)
        written = _at_least(-term if negative else term, _PRODUCT)
        if not text:
            text = f"-{written}" if negative else written
        else:
            text += f" - {written}" if negative else f" + {written}"
    return text


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


def _product(node: Mul) -> tuple[str, int]:
    if Mul(*node.args) != node:
        return _as_it_stands(node), _PRODUCT
    negative, above, below = factors_of(node)
    above = _common_numbers_first(above)
    sign = "-" if negative else ""
    strength = _SUM if negative else _PRODUCT
    if not below:
        return sign + juxtaposed(above), strength
    # A numeric factor or 1/n stands before what it multiplies, rather than under all of it.
    plain = below_is_plain(below) and not all(isinstance(f, Symbol) for f in above)
    apart = [f for f in above if not f.is_number and (plain or _is_tall(f))]
    top = [f for f in above if f not in apart]
    fraction = rf"\frac{{{juxtaposed(top) if top else 1}}}{{{juxtaposed(below)}}}"
    beside = THIN + juxtaposed(apart, beside=True) if apart else ""
    return sign + fraction + beside, strength


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
    return isinstance(factor, Sum | Partial)


def _as_it_stands(node: Mul) -> str:
    """A product left unevaluated on purpose: its factors in their own order."""
    parts: list[str] = []
    for factor in node.args:
        text = _at_least(factor, _PRODUCT)
        if parts and factor.is_number:
            text = rf"\cdot {text}" if factor > 0 else rf"\cdot {parenthesised(tex(factor))}"
        parts.append(text)
    return THIN.join(parts).replace(rf"{THIN}\cdot", r" \cdot")


def juxtaposed(factors: list[Expr], *, beside: bool = False) -> str:
    """Factors side by side; only the last may be a big sum without parentheses.

    `beside` says that something else stands next to them, so that a single sum of terms
    needs its parentheses too.
    """
    together = beside or len(factors) > 1
    parts: list[str] = []
    for position, factor in enumerate(factors):
        last = position == len(factors) - 1
        if isinstance(factor, Sum | RightLimit | LeftLimit) and not last:
            parts.append(parenthesised(tex(factor)))
        else:
            parts.append(_at_least(factor, _PRODUCT if together else _SUM))
    text = ""
    for part in parts:
        digits = bool(text) and text[-1].isdigit() and text.isdigit() and part[:1].isalpha()
        text += part if not text or digits else THIN + part
    return text


def _power(node: Pow) -> tuple[str, int]:
    base, exponent = node.args
    if exponent.is_Rational and exponent < 0:
        return rf"\frac{{1}}{{{tex(base**-exponent)}}}", _PRODUCT
    if exponent == S.Half:
        return rf"\sqrt{{{tex(base)}}}", _ATOM
    power = tex(exponent)
    if isinstance(base, Application) and not isinstance(base, exp | ReLU | LeakyReLU | Step):
        name, arguments = _function_parts(base)
        return name + script("^", power) + parenthesised(arguments), _ATOM
    text = _at_least(base, _ATOM)
    if isinstance(base, Partial) or (isinstance(base, Quantity) and "^" in text):
        text = parenthesised(text)
    return text + script("^", power), _POWER


def _big_sum(node: Sum) -> str:
    text = ""
    for bound, low, high in reversed(node.limits):
        text += rf"\sum_{{{tex(bound)}={tex(low)}}}{script('^', tex(high))} "
    return text + _at_least(node.function, _PRODUCT)


def _limit(node: Application) -> str:
    """The limit of what follows, as its second argument falls or rises to 0."""
    arrow = "downarrow" if isinstance(node, RightLimit) else "uparrow"
    return rf"\lim_{{{tex(node.args[1])} \{arrow} 0}} {_at_least(node.args[0], _PRODUCT)}"


def _function_parts(node: Application) -> tuple[str, str]:
    name = FUNCTIONS[type(node).__name__]
    match node:
        case LeakyReLU():
            return f"{name}_{{{tex(node.args[1])}}}", tex(node.args[0])
        case ReLU() | Step():
            return name, tex(node.args[0])
        case _:
            return name, ", ".join(tex(argument) for argument in node.args)


def _function(node: Application) -> str:
    name, arguments = _function_parts(node)
    return name + parenthesised(arguments)


def _cases(node: Piecewise) -> str:
    rows = (
        rf"{tex(value)} & "
        + (_OTHERWISE if condition == S.true else rf"\text{{if }} {tex(condition)}")
        for value, condition in node.args
    )
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def _condition(node: And | Or) -> str:
    """The parts in the order of the layers, and a conjunction between them."""
    joiner = r" \text{ and } " if isinstance(node, And) else r" \text{ or } "
    parts = sorted(node.args, key=_condition_order)
    return joiner.join(parenthesised(tex(p)) if isinstance(p, And | Or) else tex(p) for p in parts)


def _condition_order(condition: Basic) -> tuple[int, str]:
    layers = [int(q.layer.as_coeff_Add()[0]) for q in condition.atoms(Quantity)]
    return (max(layers, default=0), str(condition))
