"""SymPy's expressions as the oracle's: what a proof says of conditions and points."""

from fractions import Fraction
from functools import reduce

import sympy
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.algebra.quantities import Partial, Quantity
from tests.oracle.terms import TRUE, Term, name, number

_HEADS = {
    ReLU: "ReLU",
    Step: "Step",
    LeakyReLU: "LeakyReLU",
    sigmoid: "sigmoid",
    softplus: "softplus",
    sympy.Abs: "abs",
    sympy.sign: "sign",
    sympy.Max: "max",
    sympy.Min: "min",
    sympy.Heaviside: "Heaviside",
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.tanh: "tanh",
    sympy.erf: "erf",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.StrictLessThan: "<",
    sympy.StrictGreaterThan: ">",
    sympy.LessThan: "<=",
    sympy.GreaterThan: ">=",
    sympy.Equality: "=",
    sympy.Unequality: "!=",
    sympy.Not: "not",
}
_JOINED = {sympy.Add: "+", sympy.Mul: "*", sympy.And: "and", sympy.Or: "or"}


def term_of(node) -> Term:
    """The term that a SymPy node is.

    Raises:
        TypeError: for what the oracle has no value of.
    """
    match node:
        case Quantity():
            return name(quantity_name(node))
        case Partial():
            return _partial(node)
        case sympy.Symbol():
            return name(node.name)
        case sympy.Rational():
            return number(Fraction(int(node.p), int(node.q)))
        case sympy.Float():
            return number(Fraction(str(node)))
        case BooleanTrue() | BooleanFalse():
            return TRUE if node else Term("false")
        case sympy.pi:
            return name("pi")
        case sympy.E:
            return Term("exp", (number(1),))
        case sympy.Piecewise():
            return Term(
                "cases", tuple(term_of(part) for branch in node.args for part in branch.args)
            )
        case sympy.Derivative():
            return Term("diff", tuple(map(term_of, (node.expr, *node.variables))))
        case sympy.ITE():
            condition, then, otherwise = node.args
            return term_of((condition & then) | (~condition & otherwise))
    args = tuple(map(term_of, node.args))
    for joined, head in _JOINED.items():
        if isinstance(node, joined):
            return reduce(lambda left, right: Term(head, (left, right)), args)
    if isinstance(node, sympy.Pow) and not isinstance(node, sympy.exp):
        return Term("^", args)
    if type(node) not in _HEADS:
        raise TypeError(f"the oracle knows no {type(node).__name__}")
    return Term(_HEADS[type(node)], args)


def quantity_name(node: Quantity) -> str:
    """Its name in networks of one unit a layer: W0, z1, x for the input."""
    if node.indices:
        raise TypeError("the oracle knows no indices")
    layer = "" if node.kind in "yC" else str(node.layer)
    return "x" if (node.kind, layer) == ("r", "0") else f"{node.kind}{layer}"


def _partial(node: Partial) -> Term:
    below, of = [], node
    while isinstance(of, Partial):
        below.insert(0, quantity_name(of.wrt))
        of = of.of
    order = "" if len(below) == 1 else str(len(below))
    below_text = "".join(f"d{by}" for by in below)
    return Term("partial", leaf=f"d{order}{quantity_name(of)}/{below_text}")
