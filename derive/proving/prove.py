"""`prove`: the judge for people, with strings, assumptions and "right if ..."."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import And, Basic, Derivative, Expr, S

from derive.activations import Activation
from derive.arguments import condition, finite, instance_of, several
from derive.conventions import with_step
from derive.errors import DeriveError
from derive.network import Layer, Network, step_value
from derive.proving.conditions import sufficient_condition
from derive.proving.denominators import denominators
from derive.proving.domains import (
    domain_of,
    is_impossible,
    restricted,
    where_defined,
    without_values,
)
from derive.proving.judge import judge
from derive.proving.proof import Proof, Status
from derive.proving.z3_proofs import with_best_kinks
from derive.reading.formulas import Reading, read_condition, read_with_domain

#: For equations about no network: its quantities are not in them.
NOWHERE = Network(1, (Layer(S.One, Activation("identity")),), cost=None, name="nowhere")


def prove(
    lhs: Expr | str,
    rhs: Expr | str,
    network: Network | None = None,
    assume: Sequence[Basic | str] | Basic | str = (),
    step_at_zero: Any = None,
) -> Proof:
    """Prove or refute lhs = rhs for all real values of what occurs in it.

    Args:
        lhs, rhs: SymPy expressions (with Quantity and Partial), or text in the ASCII
            notation, such as "dC/dW0" or "ReLU(w_1*ReLU(w_2*x))".
        network: what quantities mean; without one, every name is a real variable.
        assume: conditions such as "x > 0", as text or SymPy relations, one or a list of
            them; all of them hold.
        step_at_zero: replaces the value of Step(0) in both sides: a number or a symbol.

    Returns:
        A Proof.  A refuted equation comes with a counterexample and, where one was found,
        with a condition under which it holds.

    Raises:
        DeriveError: when a text cannot be read, with the place; and for what is neither a
            text nor of SymPy.
    """
    home = NOWHERE if network is None else instance_of(Network, network, "network")
    at_zero = None if step_at_zero is None else step_value(step_at_zero)
    first, second = (_read(side, network, at_zero) for side in (lhs, rhs))
    left, right = first.value, second.value
    conditions = several(assume, "assume")
    where = And(*(_condition(one, network, at_zero) for one in conditions))
    if at_zero is not None:
        home = replace(home, step_at_zero=at_zero)
    if where != S.true and is_impossible(home, where):
        raise DeriveError("the assumptions contradict each other, so anything would follow")
    divisors, relations = (*first.divisors, *second.divisors), (*first.domain, *second.domain)
    domain = where_defined(home, divisors, relations, where)
    if (nowhere := without_values(home, domain, where)) is not None:
        return nowhere
    proof = judge(home, left, right, where)
    if proof.status is not Status.PROVED and domain.condition != S.true:
        # What the text divides by may have cancelled: at its zeros the text says nothing.
        proof = judge(home, left, right, And(where, domain.condition))
        proof = replace(proof, scope=replace(proof.scope, where=where))
    if proof.status is Status.PROVED:
        best = with_best_kinks(home, left, right, where, proof)
        return restricted(home, best, domain)
    if proof.status is Status.REFUTED and not (left.has(Derivative) or right.has(Derivative)):
        return replace(proof, condition=sufficient_condition(home, left, right, where))
    return proof


def _read(side: Expr | str, network: Network | None, at_zero: Expr | None) -> Reading:
    """A side, and where a text has values: what cancels is in its expression no more."""
    if isinstance(side, str):
        return read_with_domain(side, network, at_zero=at_zero)
    value = _with_convention(finite(side, "a side of an equation"), at_zero)
    return Reading(value, denominators(value), domain_of(value))


def _condition(given: Basic | str, network: Network | None, at_zero: Expr | None) -> Basic:
    if isinstance(given, str):
        return read_condition(given, network, at_zero=at_zero)
    return _with_convention(condition(given, "an assumption"), at_zero)


def _with_convention(given: Any, at_zero: Expr | None) -> Any:
    """The expression with another value of Step(0), if one is given."""
    return given if at_zero is None else with_step(given, at_zero)
