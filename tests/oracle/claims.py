"""What a proof claims of points: the one place in which the words of a scope are read."""

from dataclasses import dataclass
from fractions import Fraction

from derive.proving import Kinks, Proof
from tests.oracle.sympy_terms import term_of
from tests.oracle.terms import Term, number

ZERO, ONE = Fraction(0), Fraction(1)
EVERY = (ZERO, ONE, Fraction(1, 2), Fraction(1, 3))

#: Scope -> whether it speaks of kinks, and for which values of Step(0); None is the one stated.
_SAYS: dict[Kinks, tuple[bool, tuple[Fraction, ...] | None]] = {
    Kinks.NONE: (True, EVERY),
    Kinks.EVERY_CONVENTION: (True, EVERY),
    Kinks.IDEMPOTENT: (True, (ZERO, ONE)),
    Kinks.AS_STATED: (True, None),
    Kinks.EXCLUDED: (False, EVERY),
    Kinks.ISOLATED: (False, EVERY),
}


@dataclass(frozen=True)
class Claim:
    """Both sides are equal at all points where `conditions` hold and both have values.

    Attributes:
        kinks: whether points are meant at which the argument of a gate is 0.
        conventions: for which values of Step(0).
    """

    kinks: bool
    conventions: tuple[Fraction, ...]
    conditions: tuple[Term, ...]


def claim_of(proof: Proof, stated: tuple[Fraction, ...]) -> Claim:
    """The claim that a proof makes; `stated` are the values of Step(0) that were asked about."""
    kinks, conventions = _SAYS[proof.scope.kinks]
    scope = proof.scope
    conditions = (
        term_of(scope.where),
        *(Term("!=", (term_of(factor), number(0))) for factor in scope.nonzero),
        *(term_of(relation) for relation in scope.domain),
    )
    return Claim(kinks, stated if conventions is None else conventions, conditions)
