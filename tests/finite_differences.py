"""A model from definitions computed with mpmath, and its gradient by central differences.

Nothing of `derive` is used but the definitions themselves.
"""

from itertools import product

import mpmath
from sympy import Add, Integer, KroneckerDelta, Mul, Pow, Rational, Sum, Symbol, exp

from derive.algebra.quantities import Quantity

_FUNCTIONS = {
    "log": mpmath.log,
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "sigmoid": lambda u: 1 / (1 + mpmath.exp(-u)),
    "softplus": lambda u: mpmath.log(1 + mpmath.exp(u)),
}


def number(expression, sizes, values, letters):
    """The value of an index expression; `values` has entries as (name, units from 1)."""

    def of(part):
        return number(part, sizes, values, letters)

    if isinstance(expression, Integer | Rational):
        return mpmath.mpf(expression.p) / expression.q
    if isinstance(expression, Sum):
        (bound, _, top), *outer = expression.limits
        body = Sum(expression.function, *outer) if outer else expression.function
        ranges = range(1, int(of(top)) + 1)
        return mpmath.fsum(number(body, sizes, values, {**letters, bound: u}) for u in ranges)
    if isinstance(expression, Quantity):
        units = tuple(letters.get(i, i) for i in expression.indices)
        return values[expression.kind, tuple(map(int, units))]
    if isinstance(expression, Symbol):
        return letters[expression] if expression in letters else mpmath.mpf(sizes[expression])
    if isinstance(expression, exp):
        return mpmath.exp(of(expression.args[0]))
    if isinstance(expression, KroneckerDelta):
        left, right = map(of, expression.args)
        return mpmath.mpf(left == right)
    if isinstance(expression, Add):
        return mpmath.fsum(map(of, expression.args))
    if isinstance(expression, Mul):
        return mpmath.fprod(map(of, expression.args))
    if isinstance(expression, Pow):
        return mpmath.power(of(expression.base), of(expression.exp))
    name = type(expression).__name__
    if name == "ReLU":
        return max(of(expression.args[0]), mpmath.mpf(0))
    return _FUNCTIONS[name](of(expression.args[0]))


def computed(model, sizes, given, moved=None):
    """Every entry by (name, units), forward; `moved` is an entry and what is added to it."""
    values = dict(given)
    entry, step = moved or (None, 0)
    if entry in values:
        values[entry] += step
    for one in model.definitions:
        for units in product(*(range(1, sizes[axis] + 1) for axis in one.axes)):
            letters = dict(zip(one.left.indices, units, strict=True))
            at = (one.left.kind, units)
            values[at] = number(one.right, sizes, values, letters)
            if at == entry:
                values[at] += step
    return values


def difference(model, sizes, given, entry):
    """d(objective)/d(entry) to about 30 digits, for any entry that is given or defined."""
    with mpmath.workdps(60):
        step = mpmath.mpf(10) ** -18
        up, down = (
            computed(model, sizes, given, (entry, sign * step))[model.objective, ()]
            for sign in (1, -1)
        )
        return (up - down) / (2 * step)
