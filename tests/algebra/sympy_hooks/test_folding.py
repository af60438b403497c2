"""Cases stay inside of the sums whose letters their conditions have."""

from sympy import Function, Piecewise, Sum, Symbol

from derive.algebra.indices import free_indices, index
from derive.algebra.sympy_hooks.folding import folded

i, j, n = index("i"), index("j"), Symbol("n", integer=True, positive=True)
v, w, z = Function("v"), Function("w"), Function("z")


def test_cases_are_not_brought_out_of_a_sum_that_binds_their_letters():
    inner = Sum(Piecewise((w(i, j), z(i) > 0), (0, True)), (i, 1, n))
    whole = Sum(v(j) * inner, (j, 1, n))
    assert free_indices(whole) == set()
    assert whole.has(inner)


def test_cases_outside_of_sums_are_in_front():
    cases = Piecewise((2, z(i) > 0), (3, True))
    inner = Sum(Piecewise((w(j), z(j) > 0), (0, True)), (j, 1, n))
    assert folded(cases * inner) == Piecewise((2 * inner, z(i) > 0), (3 * inner, True))
