"""Whether the objective of a model is a known cost, or minus one."""

from __future__ import annotations

from sympy import Expr, Rational, Sum, Symbol, log

from derive.algebra.quantities import Quantity, quantities_in
from derive.model.defined_model import DefinedModel

_OUTPUT, _TARGET = Symbol("r", positive=True), Symbol("y", positive=True)
_COSTS: tuple[Expr, ...] = (
    (_OUTPUT - _TARGET) ** 2,
    -_TARGET * log(_OUTPUT),
    -_TARGET * log(_OUTPUT) - (1 - _TARGET) * log(1 - _OUTPUT),
)
_POINTS = (
    (Rational(1, 3), Rational(1, 5)),
    (Rational(3, 4), Rational(2, 7)),
    (Rational(1, 6), Rational(4, 5)),
)
_PRECISION = 20


def sign_against_known_cost(model: DefinedModel) -> int:
    """1 where the objective is a positive multiple of a known cost, -1 of minus one, else 0.

    Known are the squared error, the cross-entropy and the binary one, of one output or summed.
    """
    if model.objective is None:
        return 0
    formula = model.definition(model.C)
    if formula is None:
        return 0
    coefficient, body = formula.as_coeff_Mul()
    while isinstance(body, Sum):
        factor, body = body.function.as_coeff_Mul()
        coefficient *= factor
    targets = {q for q in quantities_in(body) if model.role(q.args[:2]) == "target"}
    others = set(quantities_in(body)) - targets
    if len(targets) != 1 or len(others) != 1:
        return 0
    plain = body.xreplace({targets.pop(): _TARGET, others.pop(): _OUTPUT})
    if plain.atoms(Quantity) or plain.free_symbols - {_OUTPUT, _TARGET}:
        return 0
    return next((s for cost in _COSTS if (s := _sign(coefficient * plain, cost))), 0)


def _sign(formula: Expr, cost: Expr) -> int:
    """The sign of the number that one formula is of another; 0 where there is none."""
    values = [
        (formula / cost).xreplace({_OUTPUT: output, _TARGET: target}).evalf(_PRECISION)
        for output, target in _POINTS
    ]
    if any(abs(value - values[0]) > Rational(1, 10**12) for value in values):
        return 0
    return 1 if values[0] > 0 else -1
