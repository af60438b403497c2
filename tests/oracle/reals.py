"""Real numbers that know when they are exactly 0, as far as that can be known.

A rational number is a `Fraction`.  Any other is a `Real`: an interval of 60 digits that holds
it, and, where it is not too long, a quotient of sums of powers of *generators*: exp of a number,
the logarithm of a prime, and the like.  Two numbers with the same quotient are equal; for what is
not formally equal the interval decides, and where it holds 0 nobody knows (`TooCloseError`).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import mpmath
from mpmath import iv

DIGITS = 60
iv.dps = DIGITS
#: A quotient of more terms than this is given up, and only the interval is kept.
_MOST_TERMS = 24
#: exp of more than this is nobody's test, and slow.
_LARGEST_EXPONENT = 10_000


class NoValueError(ArithmeticError):
    """Division by 0, the logarithm of what is not positive, and the like: for certain."""


class TooCloseError(ArithmeticError):
    """A number cannot be told from 0 at this precision."""


#: Generator -> exponent, sorted; () is 1.  A generator is ("exp", monomial), ("log", key), ...
Monomial = tuple
#: Monomial -> coefficient, none of which is 0.
Polynomial = dict


@dataclass(frozen=True)
class Real:
    """A number that is not known to be rational."""

    interval: object
    above: Polynomial | None = None
    below: Polynomial | None = None


Number = Fraction | Real
ONE = {(): Fraction(1)}


def real(interval, above=None, below=None) -> Number:
    """The number, a Fraction if its quotient is one."""
    if above is None or len(above) + len(below) > _MOST_TERMS:
        return Real(interval)
    if not above:
        return Fraction(0)
    if len(below) == 1:
        ((monomial, coefficient),) = below.items()
        inverse = tuple((g, -e) for g, e in monomial)
        above, below = _times(above, {inverse: 1 / coefficient}), ONE
        above, below = _cleared(above, below)
    if above.keys() == below.keys():
        ratios = {above[m] / below[m] for m in above}
        if len(ratios) == 1:
            return ratios.pop()
    return Real(interval, above, below)


def _cleared(above, below):
    """Logarithms keep whole exponents that are not negative: 1/log(2) stays below."""
    least: dict = {}
    for monomial in above:
        for g, e in monomial:
            if g[0] == "log" and e < 0:
                least[g] = min(e, least.get(g, 0))
    if not least:
        return above, below
    factor = {tuple(sorted(((g, -e) for g, e in least.items()), key=repr)): Fraction(1)}
    return _times(above, factor), _times(below, factor)


def interval_of(value: Number):
    if isinstance(value, Real):
        return value.interval
    return iv.mpf(value.numerator) / value.denominator


def _formal(value: Number):
    if isinstance(value, Real):
        return value.above, value.below
    return ({(): value} if value else {}), ONE


def sign(value: Number) -> int:
    if isinstance(value, Fraction):
        return (value > 0) - (value < 0)
    if value.interval.a > 0:
        return 1
    if value.interval.b < 0:
        return -1
    raise TooCloseError


# -- arithmetic ----------------------------------------------------------------------------


def add(first: Number, second: Number) -> Number:
    if isinstance(first, Fraction) and isinstance(second, Fraction):
        return first + second
    (a, b), (c, d) = _formal(first), _formal(second)
    interval = interval_of(first) + interval_of(second)
    if a is None or c is None:
        return real(interval)
    if b == d:
        return real(interval, _plus(a, c), b)
    return real(interval, _plus(_times(a, d), _times(c, b)), _times(b, d))


def multiply(first: Number, second: Number) -> Number:
    if isinstance(first, Fraction) and isinstance(second, Fraction):
        return first * second
    (a, b), (c, d) = _formal(first), _formal(second)
    if first == 0 or second == 0:
        return Fraction(0)
    interval = interval_of(first) * interval_of(second)
    if a is None or c is None:
        return real(interval)
    return real(interval, _times(a, c), _times(b, d))


def negative(value: Number) -> Number:
    return multiply(Fraction(-1), value)


def inverse(value: Number) -> Number:
    if sign(value) == 0:
        raise NoValueError
    if isinstance(value, Fraction):
        return 1 / value
    return real(1 / value.interval, value.below, value.above)


def power(base: Number, exponent: Fraction) -> Number:
    """base^exponent, a root where the exponent is not whole."""
    if exponent.denominator != 1:
        return _root_power(base, exponent)
    result: Number = Fraction(1)
    for _ in range(abs(exponent.numerator)):
        result = multiply(result, base)
    return result if exponent >= 0 else inverse(result)


def _root_power(base: Number, exponent: Fraction) -> Number:
    side = sign(base)
    if side < 0 or (side == 0 and exponent < 0):
        raise NoValueError
    return exp(multiply(exponent, log(base))) if side else Fraction(0)


def _plus(first: Polynomial, second: Polynomial) -> Polynomial:
    total = dict(first)
    for monomial, coefficient in second.items():
        total[monomial] = total.get(monomial, 0) + coefficient
    return {m: c for m, c in total.items() if c}


def _times(first: Polynomial, second: Polynomial) -> Polynomial | None:
    if first is None or second is None or len(first) * len(second) > _MOST_TERMS**2:
        return None
    total: Polynomial = {}
    for m, a in first.items():
        for n, b in second.items():
            factor, monomial = _joined(m, n)
            total[monomial] = total.get(monomial, 0) + factor * a * b
    return {m: c for m, c in total.items() if c}


@lru_cache(maxsize=100_000)
def _joined(first: Monomial, second: Monomial) -> tuple[Fraction, Monomial]:
    """The product of two monomials; p^(3/2) is p times p^(1/2)."""
    exponents = dict(first)
    for generator, exponent in second:
        exponents[generator] = exponents.get(generator, 0) + exponent
    factor = Fraction(1)
    for generator, exponent in exponents.items():
        if generator[0] == "prime":
            whole = exponent.numerator // exponent.denominator
            factor *= Fraction(generator[1]) ** whole
            exponents[generator] = exponent - whole
    return factor, tuple(sorted(((g, e) for g, e in exponents.items() if e), key=repr))


# -- functions -----------------------------------------------------------------------------


def exp(value: Number) -> Number:
    """exp of a sum is the product of the powers of what exp of its monomials is."""
    if value == 0:
        return Fraction(1)
    within = interval_of(value)
    if within.b > _LARGEST_EXPONENT or within.a < -_LARGEST_EXPONENT:
        raise TooCloseError
    interval = iv.exp(within)
    above, below = _formal(value)
    if above is None:
        return real(interval)
    if below != ONE:
        key = tuple(sorted(above.items(), key=repr)), tuple(sorted(below.items(), key=repr))
        return real(interval, {((("exp of", key), Fraction(1)),): Fraction(1)}, ONE)
    result = ONE
    for monomial, coefficient in above.items():
        result = _times(result, _exp_of(monomial, coefficient))
        if result is None:
            return real(interval)
    return real(interval, result, ONE)


def _exp_of(monomial: Monomial, coefficient: Fraction) -> Polynomial | None:
    if len(monomial) == 1:
        ((generator, exponent),) = monomial
        if generator[0] == "log" and exponent == 1:
            if isinstance(generator[1], int):
                if abs(coefficient) > 50:
                    return None
                single = (("prime", generator[1]), coefficient)
                factor, power = _joined((single,), ())
                return {power: factor}
            if coefficient.denominator == 1 and 0 < coefficient <= 4:
                result = ONE
                for _ in range(int(coefficient)):
                    result = _times(result, dict(generator[1]))
                return result
    return {((("exp", monomial), coefficient),): Fraction(1)}


def erf(value: Number) -> Number:
    """erf, which is odd and increases, by mpmath with digits to spare."""
    if value == 0:
        return Fraction(0)
    within = interval_of(value)
    with mpmath.workdps(DIGITS + 30):
        low, high = (mpmath.erf(mpmath.mp.make_mpf(end)) for end in within._mpi_)
        spare = mpmath.mpf(10) ** -(DIGITS + 5)
        return real(iv.mpf([low - spare, high + spare]))


def sin(value: Number) -> Number:
    """sin by interval arithmetic, exact at 0."""
    return Fraction(0) if value == 0 else real(iv.sin(interval_of(value)))


def cos(value: Number) -> Number:
    """cos by interval arithmetic, exact at 0."""
    return Fraction(1) if value == 0 else real(iv.cos(interval_of(value)))


def log(value: Number) -> Number:
    """log of what is positive; of a product the sum of the logarithms."""
    if sign(value) <= 0:
        raise NoValueError
    interval = iv.log(interval_of(value))
    above, below = _formal(value)
    if above is None:
        return real(interval)
    negated = _side(above) < 0
    if negated:
        above = {m: -c for m, c in above.items()}
        below = {m: -c for m, c in below.items()}
    upper, lower = _log_of(above), _log_of(below)
    if upper is None or lower is None:
        return real(interval)
    return real(interval, _plus(upper, {m: -c for m, c in lower.items()}), ONE)


def _side(polynomial: Polynomial) -> int:
    return sign(Real(_interval_of_polynomial(polynomial)))


def _log_of(polynomial: Polynomial) -> Polynomial | None:
    """The logarithm of a positive sum: that of its least monomial and of what is left."""
    generators = sorted({g for m in polynomial for g, _ in m}, key=repr)

    def order(monomial):
        exponents = dict(monomial)
        return [exponents.get(g, Fraction(0)) for g in generators if g[0] in ("exp", "exp of")]

    least = min(sorted(polynomial, key=repr), key=order)
    taken = tuple((g, e) for g, e in least if g[0] in ("exp", "exp of"))
    coefficient = polynomial[least] if polynomial[least] > 0 else Fraction(1)
    rest = _times(polynomial, {tuple((g, -e) for g, e in taken): 1 / coefficient})
    total = _log_of_fraction(coefficient)
    for generator, exponent in taken:
        if generator[0] == "exp":
            total = _plus(total, {generator[1]: exponent})
        else:
            return None
    if rest == ONE:
        return total
    if len(rest) == 1:
        ((monomial, one),) = rest.items()
        if one == 1 and all(g[0] == "prime" for g, _ in monomial):
            for g, e in monomial:
                total = _plus(total, {((("log", g[1]), 1),): e})
            return total
    key = tuple(sorted(rest.items(), key=repr))
    return _plus(total, {((("log", key), 1),): Fraction(1)})


def _log_of_fraction(value: Fraction) -> Polynomial:
    total: Polynomial = {}
    for part, way in ((value.numerator, 1), (value.denominator, -1)):
        for prime, count in _factors(part):
            total = _plus(total, {((("log", prime), 1),): Fraction(way * count)})
    return total


@lru_cache(maxsize=10_000)
def _factors(number: int) -> tuple[tuple[int, int], ...]:
    """The primes of a number; what is too large is left whole."""
    found: dict[int, int] = {}
    prime = 2
    while prime * prime <= number and prime < 10_000:
        while number % prime == 0:
            found[prime] = found.get(prime, 0) + 1
            number //= prime
        prime += 1
    if number > 1:
        found[number] = found.get(number, 0) + 1
    return tuple(found.items())


def _interval_of_polynomial(polynomial: Polynomial):
    total = iv.mpf(0)
    for monomial, coefficient in polynomial.items():
        total += interval_of(coefficient) * _interval_of_monomial(monomial)
    return total


def _interval_of_monomial(monomial: Monomial):
    product = iv.mpf(1)
    for generator, exponent in monomial:
        product *= _interval_of_power(generator, Fraction(exponent))
    return product


@lru_cache(maxsize=100_000)
def _interval_of_power(generator, exponent: Fraction):
    kind, key = generator
    if kind == "exp":
        return iv.exp(_interval_of_monomial(key) * interval_of(exponent))
    if kind == "exp of":
        above, below = map(dict, key)
        inside = _interval_of_polynomial(above) / _interval_of_polynomial(below)
        return iv.exp(inside * interval_of(exponent))
    if kind == "prime":
        return iv.exp(iv.log(iv.mpf(key)) * interval_of(exponent))
    inside = iv.mpf(key) if isinstance(key, int) else _interval_of_polynomial(dict(key))
    return iv.log(inside) ** int(exponent)
