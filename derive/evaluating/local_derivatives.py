"""Formulas of one unit that an evaluation can compute: an activation, a cost, derivatives.

All derivatives are SymPy's `diff`, so Step(0) is the network's convention and Step' is 0.
Each formula is a quotient of polynomials in exp (and log), which cancels no digits, with
cases at a kink.  The pre-activation is `PRE_ACTIVATION`, output and target of the cost are
`OUTPUT` and `TARGET`.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Dummy, Expr, Piecewise, exp, expand, factor, tanh

from derive.algebra.functions import sigmoid, softplus
from derive.algebra.quantities import released
from derive.model.activations import Activation
from derive.model.costs import Cost

#: What stands for z in formulas of activations, for r^(L)_j and y_j in those of costs.
PRE_ACTIVATION, OUTPUT, TARGET = (Dummy(name, real=True) for name in "zry")


@lru_cache(maxsize=64)
def activation_formulas(activation: Activation, step_at_zero: Expr) -> tuple[Expr, Expr, Expr]:
    """phi(z), phi'(z) and phi''(z) of an elementwise activation."""
    phi = activation(PRE_ACTIVATION, step_at_zero)
    slope = phi.diff(PRE_ACTIVATION)
    return _computable(phi), _computable(slope), _computable(slope.diff(PRE_ACTIVATION))


@lru_cache(maxsize=64)
def cost_formulas(cost: Cost, step_at_zero: Expr) -> tuple[Expr, Expr, Expr]:
    """term(r, y) and its first and second derivatives by r, without the scale."""
    term = cost.term(OUTPUT, TARGET, step_at_zero)
    slopes = (term, term.diff(OUTPUT), term.diff(OUTPUT, 2))
    term, slope, bend = map(in_cases, slopes)
    return term, slope, bend


@lru_cache(maxsize=64)
def logit_slopes(cost: Cost, activation: Activation, step_at_zero: Expr) -> tuple[Expr, Expr]:
    """First and second derivatives by z of term(phi(z), y), for an elementwise phi.

    For a binary cross-entropy they are simpler than the chain rule's products, with no r in a
    denominator.
    """
    phi = activation(PRE_ACTIVATION, step_at_zero)
    slope = expand(cost.term(phi, TARGET, step_at_zero).diff(PRE_ACTIVATION))
    return _computable(slope), _computable(slope.diff(PRE_ACTIVATION))


@lru_cache(maxsize=64)
def log_slopes(cost: Cost, step_at_zero: Expr) -> tuple[Expr, Expr]:
    """First and second derivatives of term(r, y) by u = log r: r d/dr, once and twice."""
    first = expand(OUTPUT * cost.term(OUTPUT, TARGET, step_at_zero).diff(OUTPUT))
    return first, expand(OUTPUT * first.diff(OUTPUT))


def in_cases(formula: Expr) -> Expr:
    """A formula in exp, log and cases, for `NumberArithmetic` to compute."""
    return _elementary(formula).rewrite(Piecewise)


def _computable(formula: Expr) -> Expr:
    return in_cases(factor(_elementary(formula)))


def _elementary(formula: Expr) -> Expr:
    """sigmoid, softplus and tanh written in exp and log; f for fixed(f)."""
    formula = released(formula)
    return formula.xreplace({f: f.rewrite(exp) for f in formula.atoms(sigmoid, softplus, tanh)})
