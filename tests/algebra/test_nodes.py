"""The nodes of an expression by class are those that SymPy finds."""

from sympy import Abs, Add, Expr, Mul, Pow, Symbol, exp
from sympy.abc import x, y

from derive.algebra.functions import ReLU, Step
from derive.algebra.nodes import nodes_of

_EXPRESSIONS: tuple[Expr, ...] = (
    x,
    x + y,
    exp(x * y) ** 2 + ReLU(x - y, 0) * Step(x, y),
    Abs(x) * y,
)


def test_they_are_those_that_sympy_finds() -> None:
    for expression in _EXPRESSIONS:
        for kinds in ((Symbol,), (Add, Mul), (Pow, exp), (ReLU,), (Step, Abs), (Expr,)):
            assert nodes_of(expression, *kinds) == expression.atoms(*kinds)


def test_what_is_found_belongs_to_the_one_who_asks() -> None:
    nodes_of(x + y, Symbol).clear()
    assert nodes_of(x + y, Symbol) == {x, y}
