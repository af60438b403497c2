"""Known costs: whether the objective of a model is one, or minus one, and which a text names."""

from __future__ import annotations

import re

from sympy import Expr, Rational, Sum, Symbol, log

from derive.algebra.quantities import Quantity, quantities_in
from derive.model.defined_model import DefinedModel
from derive.reading.latex.naming.meanings import COST_WORDS

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
#: How words name costs, beside the abbreviations that mean one alone.
_SAID = {
    "half_squared_error": r"\bhalf\s+(?:of\s+)?(?:the\s+)?squared\s+error",
    "mean_squared_error": r"\bmean[-\s]+squared[-\s]+error",
    "binary_cross_entropy": r"\bbinary[-\s]+cross[-\s]+entropy",
    "cross_entropy": r"(?<!binary)[-\s(]cross[-\s]+entropy",
}


def cost_in_words(text: str) -> str:
    """The cost that a text names in words; "" if it names none, or several."""
    named = {cost for cost, said in _SAID.items() if re.search(said, text, re.IGNORECASE)}
    for word, costs in COST_WORDS.items():
        if len(costs) == 1 and re.search(rf"\b{word}\b", text, re.IGNORECASE):
            named |= {*costs}
    if "cross_entropy" in named and not re.search("softmax", text, re.IGNORECASE):
        return ""
    return named.pop() if len(named) == 1 else ""


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
