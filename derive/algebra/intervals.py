"""Values of functions on intervals of mpmath's interval contexts, rounded outwards.

What is here is rigorous at every precision: sums, products, exp, log and sqrt are those of the
context, which round outwards, and what is left out of a series is bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import (
    fone,
    from_int,
    from_man_exp,
    fzero,
    mpf_lt,
    mpf_mul,
    mpf_neg,
    mpf_shift,
    mpf_sub,
    round_ceiling,
    round_floor,
    to_int,
)

#: The exponential of a number of more bits is not worked out: it has as many bits as that says.
_MOST_BITS = 1000


def exponential(context: Any, z: Any) -> Any:
    """exp(z), or None where it is too large or too small."""
    return None if abs(z).b > 2**_MOST_BITS else context.exp(z)


def through_exp(context: Any, z: Any, function: Callable[[Any], Any]) -> Any:
    """A function of exp(z), with `exponential`'s limits."""
    power = exponential(context, z)
    return None if power is None else function(power)


def error_function(context: Any, z: Any) -> Any:
    """erf(z): it increases, so its values at both ends enclose it."""
    low, high = (_at(end, context.prec) for end in z._mpi_)
    return context.make_mpf((low[0], high[1]))


@lru_cache(maxsize=4096)
def _at(x: Any, precision: int) -> tuple[Any, Any]:
    """Bounds of erf at one number, as mpmath has numbers inside; it is odd."""
    if mpf_lt(x, fzero):
        low, high = _at(mpf_neg(x), precision)
        return mpf_neg(high), mpf_neg(low)
    # erfc(x) <= exp(-x^2) <= 2^-(x^2) for x >= 0.
    least = from_int(precision + 5)
    if mpf_lt(least, mpf_mul(x, x)):
        return mpf_sub(fone, mpf_shift(fone, -precision - 5), precision, round_floor), fone
    context: Any = MPIntervalContext()
    context.prec = precision + 10
    number = context.make_mpf((x, x))
    square = number**2
    factor = 2 * number / context.sqrt(context.pi) * context.exp(-square)
    return (factor * _series(context, x))._mpi_


def _series(context: Any, x: Any) -> Any:
    """sum_n t_n, with t_0 = 1 and t_n = t_(n-1) 2x^2/(2n + 1), in whole numbers of 2^-bits.

    erf(x) = 2/sqrt(pi) x e^(-x^2) sum_n t_n.  All terms are positive, and what follows t_n is at
    most t_n where 2x^2/(2n + 3) <= 1/2.
    """
    bits = context.prec + 20
    square = mpf_shift(mpf_mul(x, x), 1 + bits)
    below, above = to_int(square, round_floor), to_int(square, round_ceiling)
    low = high = low_term = high_term = 1 << bits
    n = 0
    while high_term > 1 or 2 * above > (2 * n + 3) << bits:
        n += 1
        low_term = low_term * below // ((2 * n + 1) << bits)
        high_term = -(-high_term * above // ((2 * n + 1) << bits))
        low, high = low + low_term, high + high_term
    ends = (
        from_man_exp(low, -bits, context.prec, round_floor),
        from_man_exp(high + high_term, -bits, context.prec, round_ceiling),
    )
    return context.make_mpf(ends)
