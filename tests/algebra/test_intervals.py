"""Values of functions on intervals hold the values that mpmath has to more digits."""

import mpmath
import pytest
from mpmath.ctx_iv import MPIntervalContext
from sympy import Rational, erf, pi, sqrt

from derive.algebra.intervals import error_function
from derive.proving.points.closed_values import enclosure


@pytest.mark.parametrize("digits", [15, 60, 300])
@pytest.mark.parametrize("text", ["0", "1e-30", "0.5", "-0.7", "1", "3", "-8", "20", "1e9"])
def test_erf_is_enclosed_narrowly(text, digits):
    context = MPIntervalContext()
    context.dps = digits
    x = context.mpf(text)
    found = error_function(context, x)
    with mpmath.workdps(digits + 30):
        ends = [mpmath.mp.make_mpf(end) for end in x._mpi_]
        low, high = (mpmath.mp.make_mpf(end) for end in found._mpi_)
        assert low <= mpmath.erf(ends[0]) <= mpmath.erf(ends[1]) <= high
        assert high - low <= 100 * abs(high) * mpmath.mpf(10) ** -digits


def test_roots_and_pi_are_enclosed():
    value = erf(sqrt(2 / pi)) * sqrt(Rational(3, 7)) ** 3
    interval = enclosure(value)
    with mpmath.workdps(80):
        exact = mpmath.erf(mpmath.sqrt(2 / mpmath.pi)) * mpmath.sqrt(mpmath.mpf(3) / 7) ** 3
        assert mpmath.mp.make_mpf(interval._mpi_[0]) <= exact
        assert exact <= mpmath.mp.make_mpf(interval._mpi_[1])
    assert enclosure(sqrt(Rational(-2), evaluate=False)) is None
