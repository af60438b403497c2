"""`prove`: the judge for people, with strings, assumptions and "right if ..."."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import And, Basic, Expr, S

from derive.algebra.arguments import condition, finite, several
from derive.errors import DeriveError, NotRationalError
from derive.meaning.sides import Sides
from derive.model.activations import Activation
from derive.model.conventions import UNSTATED, with_step
from derive.model.model import Model, Source, needed_model
from derive.model.network import Layer, Network, step_value
from derive.notation.ascii.formulas import Reading, read_condition, read_with_domain
from derive.proving.at_kinks import with_best_kinks
from derive.proving.conditions import sufficient_condition
from derive.proving.domains import (
    domain_of,
    is_impossible,
    restricted,
    where_defined,
    without_values,
)
from derive.proving.exact.denominators import denominators
from derive.proving.exact.function_derivatives import derivatives_done
from derive.proving.judge import judge
from derive.proving.kinks.distributions import concerns
from derive.proving.proof import Proof, Status
from derive.proving.symbol_assumptions import plain

#: For equations about no network: its quantities are not in them.
NOWHERE = Network(1, (Layer(S.One, Activation("identity")),), cost=None, name="nowhere")


def prove(
    lhs: Expr | str,
    rhs: Expr | str,
    network: Model | Source | None = None,
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
    network = None if network is None else needed_model(network)
    home: Model = NOWHERE if network is None else network
    at_zero = None if step_at_zero is None else step_value(step_at_zero)
    if at_zero is not None:
        home = home.with_step_at_zero(at_zero)
    first, second = (_read(side, network, at_zero) for side in (lhs, rhs))
    stated = And(*(_condition(one, network, at_zero) for one in several(assume, "assume")))
    written = Sides.read(first.value, second.value, (first, second))
    mentioned = tuple(dict.fromkeys((*first.mentioned, *second.mentioned)))
    parts, signs = plain(
        (written.left, written.right, stated, *written.divisors, *written.domain), network
    )
    left, right, where, *others = (part.xreplace({UNSTATED: home.step_at_zero}) for part in parts)
    free, where = (parts[0], parts[1]), And(where, signs)
    if where != S.true and is_impossible(home, where):
        raise DeriveError("the assumptions contradict each other, so anything would follow")
    divided = len(written.divisors)
    sides = Sides(left, right, tuple(others[:divided]), tuple(others[divided:]))
    domain = where_defined(home, sides, where)
    if (nowhere := without_values(home, domain, where)) is not None:
        return nowhere
    proof = judge(home, left, right, where, (), mentioned, domain.condition, free)
    if proof.status is not Status.PROVED and domain.condition != S.true:
        # What the text divides by may have cancelled: at its zeros the text says nothing.
        proof = judge(home, left, right, And(where, domain.condition), (), mentioned, free=free)
        proof = replace(proof, scope=replace(proof.scope, where=where))
    if proof.status is Status.PROVED:
        return restricted(home, with_best_kinks(home, free, where, proof), domain)
    return _with_condition(home, left, right, where, proof)


def _with_condition(home: Model, left: Expr, right: Expr, where: Basic, proof: Proof) -> Proof:
    """A refutation with a condition under which the equation does hold, where one is found."""
    if proof.status is not Status.REFUTED or concerns(left, right):
        return proof
    try:
        left, right = (derivatives_done(side, where) for side in (left, right))
    except NotRationalError:
        return proof
    return replace(proof, condition=sufficient_condition(home, left, right, where))


def _read(side: Expr | str, network: Model | None, at_zero: Expr | None) -> Reading:
    """A side, and where a text has values: what cancels is in its expression no more."""
    if isinstance(side, str):
        return read_with_domain(side, network, at_zero=UNSTATED)
    value = _open(finite(side, "a side of an equation"), at_zero)
    return Reading(value, denominators(value), domain_of(value))


def _condition(given: Basic | str, network: Model | None, at_zero: Expr | None) -> Basic:
    if isinstance(given, str):
        return read_condition(given, network, at_zero=UNSTATED)
    return _open(condition(given, "an assumption"), at_zero)


def _open(given: Any, at_zero: Expr | None) -> Any:
    """An expression whose Step(0) is left open, if a value for it was asked for."""
    return given if at_zero is None else with_step(given, UNSTATED)
