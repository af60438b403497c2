"""The laws, by name: each turns the left side of a step into its right side.

A law takes the network, an expression and the equations it may use, and returns the
expression after the law has been applied once.  `confirm` applies the law named in a step
again and compares.  The judge in `derive.proving` does not import this package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Expr

from derive.algebra.indices import (
    captured_indices,
    fresh_index,
    index,
    index_symbols,
)
from derive.deriving.laws import (
    algebra,
    calculus,
    cases,
    curvature,
    einsum_forms,
    gauss_newton,
    kinks,
    kronecker,
    short_forms,
    splitting,
    users,
)
from derive.errors import CapturedIndexError
from derive.meaning.derivation import Equation, GeneralStep, Line
from derive.model.instances import instantiate
from derive.model.model import Model
from derive.model.network import Network

#: Most laws are those of a stack of layers, and take a `Network`; those in `users` and
#: `short_forms` any `Model`.
Law = Callable[[Any, Expr, tuple[Equation, ...]], Expr]

#: A law by its name, with the equations that it may use.
Rule = str | tuple[str, tuple[Equation, ...]]

RULES: dict[str, Law] = {
    "definition": calculus.definition,
    "name the difference": calculus.name_the_difference,
    "insert the definition": calculus.insert_definition,
    "insert the cost": calculus.insert_cost,
    "chain rule": calculus.chain_rule,
    "differentiate": calculus.differentiate,
    "differentiate term by term": calculus.differentiate_term_by_term,
    "single term": calculus.single_term,
    "expand the square": calculus.expand_the_square,
    "simplify": algebra.simplify,
    "multiply out": algebra.multiply_out,
    "factorize": algebra.factorize,
    "collect": algebra.collect,
    "insert": algebra.insert,
    "insert as it stands": algebra.insert_formally,
    "output form": algebra.output_form,
    "assumption": algebra.use_assumption,
    "first order": curvature.first_order,
    "insert within": curvature.insert_within,
    "sum rule": curvature.sum_rule,
    "product rule": curvature.product_rule,
    "inside a slope": curvature.inside_a_slope,
    "constant slope": curvature.constant_slope,
    "sum out": curvature.sum_out,
    "through the pre-activation": curvature.through_the_pre_activation,
    "through the layer": curvature.through_the_layer,
    "forward": curvature.forward,
    "layer Jacobian": curvature.layer_jacobian,
    "local derivative": curvature.local_derivative,
    "Gauss-Newton and residual": gauss_newton.split_block,
    "Gauss-Newton at the output": gauss_newton.at_the_output,
    "Gauss-Newton step": gauss_newton.step,
    "Hessian is Gauss-Newton": gauss_newton.hessian_is_gauss_newton,
    "through the later layer": gauss_newton.through_the_later_layer,
    "no curvature": gauss_newton.no_curvature,
    "Gauss-Newton part": gauss_newton.gauss_newton_part,
    "residual part": gauss_newton.residual_part,
    "Gauss-Newton product": gauss_newton.product,
    "slope by cases": kinks.slope_cases,
    "Heaviside form": kinks.heaviside_form,
    "derivative of a step": kinks.derivative_of_a_step,
    "one-sided limit": kinks.one_sided_limit,
    "limit in a chain": kinks.limit_in_a_chain,
    "jump": kinks.jump,
    "across the kink": kinks.across_the_kink,
    "in the parameter": kinks.in_the_parameter,
    "value at the kink": kinks.value_at_the_kink,
    "equal indices": gauss_newton.at_equal_indices,
    "matrix form": kronecker.in_matrix_form,
    "matrix form of a layer": kronecker.through_a_layer,
    "Kronecker factors": kronecker.as_factors,
    "formula": cases.function_formula,
    "derivative of the function": cases.function_derivative,
    "name the function": cases.name_the_function,
    "unit active or not": cases.unit_cases,
    "all later units active or not": cases.chain_cases,
    "all units active": cases.active_output,
    "all units active, gradient": cases.active_gradient,
    "all units active, Hessian": cases.active_hessian,
    "inactive unit": cases.inactive_unit,
    "zero nearby": cases.zero_nearby,
    "chain rule over users": users.chain_rule_over_users,
    "insert what uses it": users.insert_users,
    "sum over the deltas": users.sum_over_deltas,
    "insert results": short_forms.insert_results,
    "recalled": short_forms.insert_results,
    "sum term by term": short_forms.sum_term_by_term,
    "multiply out the fractions": short_forms.multiply_out_fractions,
    "name the quantities": short_forms.name_quantities,
    "factor out": short_forms.factor_out,
    "in front of the sums": short_forms.in_front_of_sums,
    "gates once": short_forms.gates_once,
    "rows that sum to 1": short_forms.rows_that_sum_to_one,
    "split at the output": splitting.split_at_the_output,
    "in matrices": einsum_forms.in_matrices,
}


def apply(model: Model, rule: str, expression: Expr, given: tuple[Equation, ...] = ()) -> Line:
    """The step that a law makes from an expression; every equation of a derivation is one.

    Raises:
        CapturedIndexError: when a sum binds an index that the equation has free.
    """
    right = _right(model, RULES[rule], expression, given)
    if captured := captured_indices(expression, right):
        letters = ", ".join(sorted(map(str, captured)))
        raise CapturedIndexError(f"{rule!r} binds {letters}, which is free: {expression} = {right}")
    return Line(expression, right, rule, given, given if rule == "assumption" else ())


def _right(model: Model, law: Law, expression: Expr, given: tuple[Equation, ...]) -> Expr:
    """What a law makes of an expression, with letters that no name of the model is."""
    right = law(model, expression, given)
    if isinstance(model, Network):
        return right
    taken = frozenset(index(name) for name in (*model.names, *model.named_symbols))
    for letter in sorted(taken & index_symbols(right), key=str):
        used = taken | index_symbols(right) | index_symbols(expression)
        right = right.xreplace({letter: fresh_index(used)})  # it is bound wherever it stands
    return right


def chain(model: Model, start: Expr, *law_names: Rule) -> tuple[Line, ...]:
    """Apply laws one after another; those that change nothing leave no step."""
    steps: list[Line] = []
    expression = start
    for law in law_names:
        name, given = (law, ()) if isinstance(law, str) else law
        step = apply(model, name, expression, given)
        if step.rhs != step.lhs:
            steps.append(step)
            expression = step.rhs
    return tuple(steps)


def confirm(model: Model, step: Line) -> bool:
    """Whether the rule named in a step yields its right side from its left side."""
    if step.instance is not None:
        return _confirm_instance(model, step, step.instance)
    law = RULES.get(step.rule)
    if law is None:
        return False
    if step.matrices is not None and step.matrices.entries(model) != (step.lhs, step.rhs):
        return False
    try:
        return _right(model, law, step.lhs, step.given) == step.rhs
    except ValueError:
        return False


def _confirm_instance(model: Model, step: Line, instance: GeneralStep) -> bool:
    """Whether a written-out step is what its general step says of these units."""
    general, widths, units = instance.general, dict(instance.widths), dict(instance.units)
    same = all(
        instantiate(model, wide, widths, units) == written
        for wide, written in ((general.lhs, step.lhs), (general.rhs, step.rhs))
    )
    return same and confirm(model, general)
