"""Where an equation has values: what must not be 0, and what logarithms and roots ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import And, Basic, Eq, Expr, Ge, Gt, Ne, Not, Pow, S, log

from derive.algebra.indices import with_canonical_bounds
from derive.errors import NotRationalError
from derive.meaning.composites import in_given_terms
from derive.meaning.sides import Sides
from derive.model.instances import IllTypedError, free_axes, instantiate
from derive.model.model import Model
from derive.notation.ascii.arithmetic import compared
from derive.proving.exact.denominators import is_positive, that_vanish
from derive.proving.points.search import instance_widths
from derive.proving.proof import Proof, undecided
from derive.proving.smt import solver as smt


@dataclass(frozen=True)
class Domain:
    """Where both sides of an equation have values, as far as that is not everywhere.

    Attributes:
        nonzero: what is divided by.
        relations: what has to hold for logarithms and roots to have real values.
    """

    nonzero: tuple[Expr, ...]
    relations: tuple[Basic, ...]

    @property
    def condition(self) -> Basic:
        """All of it as one condition; true where nothing is left out."""
        return And(*self.relations, *(Ne(factor, 0) for factor in self.nonzero))


def where_defined(
    model: Model,
    sides: Sides,
    where: Basic = S.true,
) -> Domain:
    """The domain, without divisors that cannot be 0 and relations that hold anyway."""
    kept = restrictions(model, sides.domain, where)
    nonzero = tuple(
        factor
        for factor in _that_vanish(model, sides.divisors)
        if not kept or not is_impossible(model, And(where, *kept, Eq(factor, 0)))
    )
    return Domain(nonzero, kept)


def without_values(model: Model, domain: Domain, where: Basic = S.true) -> Proof | None:
    """The answer on an equation that has a value nowhere, so says nothing; None if it has."""
    if not (domain.relations and is_impossible(model, And(where, *domain.relations))):
        return None
    return undecided("a logarithm or a root has no real value anywhere", where)


def restricted(model: Model, proof: Proof, domain: Domain) -> Proof:
    """The proof, for values in a domain only."""
    own = _that_vanish(model, proof.scope.nonzero)
    once: dict[Expr, Expr] = {}  # a sum may be said twice, with another letter
    for one in (*own, *domain.nonzero):
        once.setdefault(with_canonical_bounds(one), one)
    nonzero = tuple(once.values())
    return replace(proof, scope=replace(proof.scope, nonzero=nonzero, domain=domain.relations))


def _that_vanish(model: Model, divisors: Sequence[Expr]) -> tuple[Expr, ...]:
    """The factors of divisors that can be 0 in a network: the outputs of softmax cannot."""
    return tuple(factor for factor in that_vanish(divisors) if not _has_a_sign(model, factor))


def _has_a_sign(model: Model, factor: Expr) -> bool:
    """Whether a factor is positive at all values, or negative at all, as r - 1 behind a sigmoid."""
    meant = in_given_terms(model, factor)
    return is_positive(meant) or is_positive(-meant)


def domain_of(*expressions: Expr) -> tuple[Basic, ...]:
    """What has to hold for the logarithms and roots in expressions to have real values."""
    nodes = (
        node
        for expression in expressions
        for node in sorted(expression.atoms(log, Pow), key=str)
        if isinstance(node, log) or not node.exp.is_Integer
    )
    return tuple(
        compared(
            Gt if isinstance(node, log) or node.args[1].is_negative else Ge, node.args[0], S.Zero
        )
        for node in nodes
    )


def restrictions(
    model: Model, relations: Sequence[Basic], where: Basic = S.true
) -> tuple[Basic, ...]:
    """The relations that neither hold everywhere nor follow from those that stay."""
    kept = [relation for relation in dict.fromkeys(relations) if relation != S.true]
    for relation in tuple(kept):
        others = [other for other in kept if other != relation]
        if _is_certain(model, relation, And(where, *others)):
            kept = others
    return tuple(kept)


def _is_certain(model: Model, relation: Basic, where: Basic) -> bool:
    meant = in_given_terms(model, relation)
    if meant == S.true or (isinstance(meant, Gt | Ge) and is_positive(meant.lhs)):
        return True
    return is_impossible(model, And(where, Not(relation)))


def is_impossible(model: Model, where: Basic) -> bool:
    """Whether a condition holds nowhere, as it stands or as z3, if it is there, finds.

    With a free index each quantity in it may be any number: what none satisfy, no unit does.
    """
    if where == S.false:
        return True
    try:
        if free_axes(model, where):
            return smt.impossible(where)
        condition = instantiate(model, in_given_terms(model, where), instance_widths(model), {})
        return smt.impossible(condition)
    except (smt.MissingError, NotRationalError, IllTypedError):
        return False
