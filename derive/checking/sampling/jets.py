"""Floating-point numbers that carry derivatives: a + b e_1 + c e_2 + d e_1 e_2 with e_n^2 = 0.

A function of such a number is its Taylor series, which ends: f(a + h) = f(a) + f'(a) h +
f''(a) h^2 / 2, since three different e_n never meet here (second order is the highest).
Seeding a variable v with v + e_1 makes the coefficient of e_1 the derivative by v.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

#: The coefficient of each product of different e_n; the empty product is the value.
Parts = Mapping[frozenset[int], float]

_PLAIN: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Jet:
    """A value with its derivatives along the e_n."""

    parts: Parts

    @property
    def value(self) -> float:
        """The number itself."""
        return self.parts.get(_PLAIN, 0.0)


#: A plain float where nothing is differentiated, which is the usual case.
Number = float | Jet


def seeded(value: Number, seed: int) -> Number:
    """The number, moving along e_seed."""
    return plus(value, Jet({frozenset({seed}): 1.0}))


def value_of(number: Number) -> float:
    """The number without its derivatives."""
    return number.value if isinstance(number, Jet) else number


def without(number: Number, seed: int) -> Number:
    """The coefficient of e_seed: the derivative along it, which may vary along the others."""
    if not isinstance(number, Jet):
        return 0.0
    return _shortest({k - {seed}: v for k, v in number.parts.items() if seed in k})


def plus(left: Number, right: Number) -> Number:
    """left + right."""
    if not isinstance(left, Jet) and not isinstance(right, Jet):
        return left + right
    total = dict(_parts(left))
    for key, part in _parts(right).items():
        total[key] = total.get(key, 0.0) + part
    return Jet(total)


def times(left: Number, right: Number) -> Number:
    """left right; products in which an e_n would occur twice are 0."""
    if not isinstance(left, Jet) and not isinstance(right, Jet):
        return left * right
    total: dict[frozenset[int], float] = {}
    for a, x in _parts(left).items():
        for b, y in _parts(right).items():
            if not a & b:
                total[a | b] = total.get(a | b, 0.0) + x * y
    return Jet(total)


def power(base: Number, exponent: float) -> Number:
    """base^exponent."""
    x, n = value_of(base), exponent
    if x < 0 and n != int(n):
        raise ValueError("the root of a negative number")
    if not isinstance(base, Jet):
        return x**n
    first = n * x ** (n - 1) if n else 0.0
    second = n * (n - 1) * x ** (n - 2) if n not in (0.0, 1.0) else 0.0
    return taylor(base, x**n, first, second)


def exponential(argument: Number) -> Number:
    """exp(argument)."""
    e = math.exp(value_of(argument))
    return taylor(argument, e, e, e)


def logarithm(argument: Number) -> Number:
    """log(argument)."""
    x = value_of(argument)
    return taylor(argument, math.log(x), 1 / x, -1 / x**2)


def hyperbolic_tangent(argument: Number) -> Number:
    """tanh(argument), with tanh' = 1 - tanh^2."""
    t = math.tanh(value_of(argument))
    return taylor(argument, t, 1 - t * t, -2 * t * (1 - t * t))


def error_function(argument: Number) -> Number:
    """erf(argument), with erf' = 2/sqrt(pi) exp(-x^2)."""
    x = value_of(argument)
    slope = 2 / math.sqrt(math.pi) * math.exp(-x * x)
    return taylor(argument, math.erf(x), slope, -2 * x * slope)


def sine(argument: Number) -> Number:
    """sin(argument)."""
    x = value_of(argument)
    return taylor(argument, math.sin(x), math.cos(x), -math.sin(x))


def cosine(argument: Number) -> Number:
    """cos(argument)."""
    x = value_of(argument)
    return taylor(argument, math.cos(x), -math.sin(x), -math.cos(x))


def taylor(argument: Number, f: float, first: float, second: float) -> Number:
    """f(a + h) from f, f' and f'' at a."""
    if not isinstance(argument, Jet):
        return f
    h: Number = Jet({k: v for k, v in argument.parts.items() if k})
    return plus(plus(f, times(first, h)), times(second / 2, times(h, h)))


def _parts(number: Number) -> Parts:
    return number.parts if isinstance(number, Jet) else {_PLAIN: number}


def _shortest(parts: Parts) -> Number:
    return parts.get(_PLAIN, 0.0) if set(parts) <= {_PLAIN} else Jet(parts)
