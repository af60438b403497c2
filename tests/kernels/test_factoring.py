"""What all terms of a sum have of an index is taken out, and nothing that only some have."""

from sympy import KroneckerDelta, S

from derive.algebra.indices import index
from derive.algebra.quantities import Quantity
from derive.kernels.factoring import factored

UNIT, OTHER, LAST = index("i"), index("j"), index("l")
X, R, D = (Quantity(kind, 0, at) for kind, at in (("x", LAST), ("r", UNIT), ("d", OTHER)))


def test_a_common_factor_is_taken_out():
    assert factored(X * R * D + X * D**2, LAST) == (X, R * D + D**2)
    assert factored(X**2 * R, LAST) == (X**2, R)


def test_what_only_some_terms_have_stays():
    for formula in (X * R + D, X * R + X**2 * D, R * D, KroneckerDelta(UNIT, LAST) * X * D):
        assert factored(formula, LAST) == (S.One, formula)
