"""Tables of spelling and order for printed mathematics, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sympy import Add, DiracDelta, Expr, KroneckerDelta, Sum, Symbol
from sympy.core.function import Application

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.primitives import PRIMITIVES
from derive.algebra.quantities import NO_SUPERSCRIPT, Partial, Quantity, quantities_in

#: Function name -> LaTeX; \mathrm and not \operatorname, which GitHub refuses.
FUNCTIONS = {
    **{f.__name__: f.latex_name for f in (ReLU, LeakyReLU, Step)},
    **{row.name: row.latex for row in PRIMITIVES},
    "Fixed": r"\mathrm{fixed}",
    "Heaviside": r"\mathrm{Heaviside}",
    "Abs": r"\mathrm{abs}",
    # not \delta, which is the error signal of a layer, or Kronecker's with two indices
    "DiracDelta": r"\mathrm{Dirac}",
    "sign": r"\mathrm{sign}",
    "Max": r"\max",
    "Min": r"\min",
}

#: LaTeX commands of `Relational`s, by class name.
RELATIONS = {
    "StrictGreaterThan": ">",
    "StrictLessThan": "<",
    "GreaterThan": r"\ge",
    "LessThan": r"\le",
    "Equality": "=",
    "Unequality": r"\ne",
}


@dataclass(frozen=True)
class Connectives:
    """The words inside of formulas, in the language of a document."""

    when: str
    otherwise: str
    both: str
    either: str


ENGLISH = Connectives("if", "otherwise", "and", "or")


@lru_cache(maxsize=10_000)
def factor_order(factor: Expr) -> tuple[object, ...]:
    """Where a factor stands in a product.

    A person writes the error first, then from the output back to the input: Step, weight,
    Step, weight, ..., input; sums last, and a delta after what it multiplies.
    """
    if isinstance(factor, DiracDelta):
        return (10, 0, 0, str(factor))
    if factor.is_number:
        return (0, 0, 0, str(factor))
    if isinstance(factor, Symbol):
        return (1, 0, 0, factor.name)
    if isinstance(factor, Sum):
        return (9, 0, 0, str(factor))
    if isinstance(factor, Partial):
        of = factor.of
        return (3, -_level(of), isinstance(of, Quantity) and of.kind != "C", str(factor))
    kinds = {q.kind for q in quantities_in(factor)}
    if not kinds:
        return (1, 1, 0, str(factor))
    if isinstance(factor, Add) and factor.has(Partial) and not _of_layers(factor):
        # P (dP - sum_s dP_s P_s), as the gradient of a softmax is known.
        return (8, 0, 0, str(factor))
    if kinds & {"y", "U"}:
        return (2, 0, 0, str(factor))
    return (4, -_level(factor), isinstance(factor, Add | KroneckerDelta), str(factor))


@lru_cache(maxsize=10_000)
def term_order(term: Expr) -> tuple[object, ...]:
    """Where a term stands in a sum: numbers, then by falling degree in y, biases, deltas last.

    So y^2 - 2 y r + r^2, W r + b and 1 - r; a leading minus is avoided by the printer.
    """
    if term.has(DiracDelta):
        return (4, 0, 0, str(term))
    if term.is_number:
        return (0, 0, 0, str(term))
    if not any(True for _ in quantities_in(term)):
        return (1, 0, 0, str(term))
    if isinstance(term, Quantity) and term.kind == "b":
        return (3, 0, 0, str(term))
    degree = sum(
        int(power)
        for base, power in term.as_powers_dict().items()
        if isinstance(base, Quantity) and base.kind == "y" and power.is_Integer
    )
    return (2, -degree, -_level(term), str(term))


def _of_layers(expression: Expr) -> bool:
    """Whether quantities of a stack of layers stand in an expression."""
    return any(quantity.layer != NO_SUPERSCRIPT for quantity in quantities_in(expression))


def _level(expression: Expr) -> int:
    """How near the output a factor belongs: twice its layer, one more for W^(k), b^(k).

    A function of W^(k) r^(k) belongs to layer k + 1, whose pre-activation it stands for.
    """
    highest = -1
    for quantity in quantities_in(expression):
        number = int(quantity.layer.as_coeff_Add()[0])
        if quantity.kind == "C":
            return 1_000_000
        highest = max(highest, 2 * number + (quantity.kind in "Wb"))
    if isinstance(expression, Application) and highest % 2:
        return highest + 1
    return highest
