"""`prove`: the judge for people, with strings, assumptions and "right if ..."."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import And, Basic, Derivative, Expr, S, sympify

from derive.activations import Activation
from derive.conventions import with_step
from derive.errors import DeriveError
from derive.instances import IllTypedError, free_axes, instantiate
from derive.network import Layer, Network
from derive.proving import smt
from derive.proving.conditions import sufficient_condition
from derive.proving.denominators import denominators, that_vanish
from derive.proving.fractions import NotRationalError
from derive.proving.judge import judge
from derive.proving.proof import Proof, Status
from derive.proving.search import instance_widths
from derive.proving.unfolding import in_given_terms
from derive.proving.z3_proofs import with_best_kinks

#: For equations about no network: its quantities are not in them.
NOWHERE = Network(1, (Layer(S.One, Activation("identity")),), cost=None, name="nowhere")


def prove(
    lhs: Expr | str,
    rhs: Expr | str,
    network: Network | None = None,
    assume: Sequence[Basic | str] = (),
    step_at_zero: Any = None,
) -> Proof:
    """Prove or refute lhs = rhs for all real values of what occurs in it.

    Args:
        lhs, rhs: SymPy expressions (with Quantity and Partial), or text in the ASCII
            notation, such as "dC/dW0" or "ReLU(w_1*ReLU(w_2*x))".
        network: what quantities mean; without one, every name is a real variable.
        assume: conditions such as "x > 0", as text or SymPy relations; all of them hold.
        step_at_zero: replaces the value of Step(0) in both sides: a number or a symbol.

    Returns:
        A Proof.  A refuted equation comes with a counterexample and, where one was found,
        with a condition under which it holds.

    Raises:
        DeriveError: when a text cannot be read; the message has the place.
    """
    (left, above), (right, below) = (
        _expression(side, network, step_at_zero) for side in (lhs, rhs)
    )
    where = And(*(_condition(one, network, step_at_zero) for one in assume))
    if where == S.false:
        raise DeriveError("the assumptions contradict each other, so anything would follow")
    home = network or NOWHERE
    if step_at_zero is not None:
        home = replace(home, step_at_zero=sympify(step_at_zero))
    if where != S.true and _impossible(home, where):
        raise DeriveError("the assumptions contradict each other, so anything would follow")
    proof = judge(home, left, right, where)
    if proof.status is Status.PROVED:
        return _dividing(with_best_kinks(home, left, right, where, proof), (*above, *below))
    if proof.status is Status.REFUTED and not (left.has(Derivative) or right.has(Derivative)):
        return replace(proof, condition=sufficient_condition(home, left, right, where))
    return proof


def _dividing(proof: Proof, divisors: Sequence[Expr]) -> Proof:
    """The proof, for values at which nothing that the sides divide by is 0."""
    known = {factor for one in proof.scope.nonzero for factor in that_vanish([one])}
    more = tuple(factor for factor in that_vanish(divisors) if factor not in known)
    return replace(proof, scope=replace(proof.scope, nonzero=proof.scope.nonzero + more))


def _impossible(network: Network, where: Basic) -> bool:
    """Whether z3, if it is there, finds that the assumptions contradict each other."""
    try:
        if free_axes(network, where):
            return False
        condition = instantiate(
            network, in_given_terms(network, where), instance_widths(network), {}
        )
        return smt.impossible(condition)
    except (smt.MissingError, NotRationalError, IllTypedError):
        return False


def _expression(
    side: Expr | str, network: Network | None, at_zero: Any
) -> tuple[Expr, tuple[Expr, ...]]:
    """A side, and what a text divides by: where it cancels, it is in the side no more."""
    if isinstance(side, str):
        from derive.reading.formulas import read_with_denominators

        convention = None if at_zero is None else sympify(at_zero)
        return read_with_denominators(side, network, at_zero=convention)
    expression = _with_convention(sympify(side), at_zero)
    return expression, denominators(expression)


def _condition(condition: Basic | str, network: Network | None, at_zero: Any) -> Basic:
    if isinstance(condition, str):
        from derive.reading import read_condition

        return read_condition(
            condition, network, at_zero=None if at_zero is None else sympify(at_zero)
        )
    return _with_convention(sympify(condition), at_zero)


def _with_convention(expression: Any, at_zero: Any) -> Any:
    """The expression with another value of Step(0), if one is given."""
    return expression if at_zero is None else with_step(expression, sympify(at_zero))
