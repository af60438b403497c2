"""The functions and methods of NumPy and PyTorch that are read, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import permutations

from sympy import (
    Expr,
    Integer,
    Rational,
    S,
    Sum,
    cancel,
    cos,
    erf,
    exp,
    expand,
    fraction,
    log,
    sin,
    sqrt,
    tanh,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.algebra.quantities import Quantity
from derive.reading.code.arrays.array import IndexedArray, combined
from derive.reading.code.arrays.axes import ArrayAxes, UnreadableError

#: At 0 any slope between 0 and 1 is one; the value of the models that are made here.
AT_ZERO = S.Zero


def relu(z: Expr) -> Expr:
    """max(0, z)."""
    return ReLU(z, AT_ZERO)


def gate(z: Expr) -> Expr:
    """1 where z > 0, else 0; which of the two at 0 is a convention."""
    return Step(z, AT_ZERO)


def greater(a: Expr, b: Expr) -> Expr:
    """max(a, b), a constant for b where one of them is one; max(z, c z) is a leaky unit."""
    for unit, leaky in ((a, b), (b, a)):
        slope = leaky / unit if unit != 0 else S.Zero
        if isinstance(slope, Rational) and 0 < slope < 1:
            return LeakyReLU(unit, slope, AT_ZERO)
    moving, base = (b, a) if not a.has(Quantity) else (a, b)
    return base + relu(moving - base)


def smaller(a: Expr, b: Expr) -> Expr:
    """min(a, b) = -max(-a, -b)."""
    return -greater(-a, -b)


def both(a: Expr, b: Expr) -> Expr:
    """Whether two conditions hold, each 0 or 1.

    Step(z - a) Step(z - b) = Step(z - b) for a < b, whatever Step(0) is.
    """
    whole = expand(a * b)
    steps = sorted(whole.atoms(Step), key=str)
    for one, other in permutations(steps, 2):
        distance = expand(one.args[0] - other.args[0])  # pyright: ignore
        if isinstance(distance, Rational) and distance > 0:
            whole = expand(whole.subs(one * other, other))
    return whole


def either(a: Expr, b: Expr) -> Expr:
    """Whether one of two conditions holds, each 0 or 1."""
    return a + b - both(a, b)


def absolute(z: Expr) -> Expr:
    """|z| = 2 ReLU(z) - z."""
    return 2 * relu(z) - z


#: What gives the same numbers again.
_COPIES = (
    *("array", "asarray", "ascontiguousarray", "copy", "clone", "contiguous", "numpy", "cpu"),
    *("tensor", "as_tensor", "from_numpy", "requires_grad_", "to", "type", "Variable"),
    *("float", "double", "astype", "float32", "float64", "int64", "int32"),
)
#: Functions of one array, entry by entry.
ENTRYWISE: Mapping[str, Callable[[Expr], Expr]] = {
    "exp": exp,
    "log": log,
    "sqrt": sqrt,
    "tanh": tanh,
    "erf": erf,
    "sin": sin,
    "cos": cos,
    "sigmoid": sigmoid,
    "expit": sigmoid,
    "relu": relu,
    "softplus": softplus,
    "abs": absolute,
    "absolute": absolute,
    "square": lambda z: z**2,
    "negative": lambda z: -z,
    "reciprocal": lambda z: 1 / z,
    "rsqrt": lambda z: 1 / sqrt(z),
    "log1p": lambda z: log(1 + z),
    "expm1": lambda z: exp(z) - 1,
    "silu": lambda z: z * sigmoid(z),
    "gelu": lambda z: z * (1 + erf(z / sqrt(2))) / 2,
    "logsigmoid": lambda z: -softplus(-z),
    "log2": lambda z: log(z) / log(2),
    "log10": lambda z: log(z) / log(10),
    **dict.fromkeys(_COPIES, lambda z: z),
}
#: Functions of two arrays, entry by entry.
PAIRWISE: Mapping[str, Callable[[Expr, Expr], Expr]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "sub": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "mul": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "true_divide": lambda a, b: a / b,
    "div": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "pow": lambda a, b: a**b,
    "maximum": greater,
    "minimum": smaller,
    "logical_and": both,
    "logical_or": either,
}
#: Products of matrices.
PRODUCTS = frozenset({"dot", "matmul", "mm", "bmm", "mv"})
#: Sums and means over axes.
SUMS: Mapping[str, bool] = {"sum": False, "mean": True, "average": True, "nansum": False}
#: Largest values, which only shift what does not depend on a shift.
LARGEST = frozenset({"max", "amax"})


def softmax(axes: ArrayAxes, z: IndexedArray, over: int) -> IndexedArray:
    """exp(z) / sum exp(z) over one axis."""
    a = z.plain().fresh(axes)
    if not -a.rank <= over < a.rank:
        raise UnreadableError(f"softmax has no axis {over} here")
    axis, letter = a.slots[over], a.letters[over]
    if axis is None or letter is None:
        raise UnreadableError("softmax over an axis of one entry is 1")
    other = axes.letter()
    again = a.at(tuple(other if one == letter else one for one in a.letters))
    return a.entrywise(lambda v: exp(v) / Sum(exp(again.value), (other, 1, axis)))


def outer(axes: ArrayAxes, one: IndexedArray, other: IndexedArray) -> IndexedArray:
    """The entries a_i b_j of two vectors."""
    if one.rank != 1 or other.rank != 1:
        raise UnreadableError("outer is read of two vectors; of matrices it flattens them")
    column = IndexedArray((one.slots[0], None), (one.letters[0], None), one.value)
    return combined(axes, lambda a, b: a * b, column, other)


def exact(value: int | float) -> Expr:
    """A number as it is written: 0.1 is 1/10."""
    return Integer(value) if isinstance(value, int) else Rational(str(value))


def without_jumps(value: Expr) -> Expr | None:
    """A value with Step(z) z as ReLU(z); None where it jumps."""
    for step in value.atoms(Step):
        whole = expand(value)
        z = step.args[0]
        slope = whole.coeff(step) / z
        simplified = cancel(slope)
        if fraction(simplified)[1].atoms(Quantity):
            return None
        value = whole - expand(step * whole.coeff(step)) + simplified * relu(z)  # pyright: ignore
        if value.has(step):
            return None
    return value
