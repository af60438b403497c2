"""The costs of one sample, C = scale(n) * sum_j term(r_j, y_j) over n outputs: one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sympy import Dummy, Expr, Pow, Rational, S, Symbol, expand, log

from derive.algebra.arguments import expression, finite
from derive.algebra.functions import Step
from derive.algebra.kinked import Kinked
from derive.algebra.output_range import REALS, OutputRange
from derive.errors import NetworkError
from derive.model import literals
from derive.model.activations import function_names, kinks_of
from derive.model.own_formula import OUTPUT_AND_TARGET, OWN, checked, in_gates, range_needed

_u, _r, _y, _threshold_symbol = (Dummy(name, real=True) for name in "uryd")

#: A formula of a row: in what it is a function of, the threshold, and the value of Step(0).
Formula = Callable[..., Expr]


@dataclass(frozen=True)
class CostKind:
    """One row of the table; what is not stated is worked out from the formula.

    Attributes:
        name: what a network file calls it.
        title: what sentences call it.
        of_difference: the term of one output, of U = y - r, the threshold and Step(0); or
        of_output: the term, of r, y, the threshold and Step(0), where it is no function of U.
        scale: the common factor for n outputs.
        output: the activation that the last layer must have, where the cost asks for one.
        has_threshold: whether it has a threshold, a positive number or a symbol.
    """

    name: str
    title: str
    of_difference: Formula | None = None
    of_output: Formula | None = None
    scale: Callable[[Expr], Expr] = lambda n: S.One
    output: str | None = None
    has_threshold: bool = False

    @cached_property
    def is_square(self) -> bool:
        """Whether the term is a multiple of U^2, which people multiply out."""
        if self.of_difference is None:
            return False
        return (self.of_difference(_u, _threshold_symbol, S.Zero) / _u**2).is_number


def _square(u: Expr, _threshold: Expr, _at_zero: Expr) -> Expr:
    return u**2


def _huber(u: Expr, threshold: Expr, at_zero: Expr) -> Expr:
    """u^2, less what of it is beyond u = d, and beyond u = -d: 2 d |u| - d^2 is left there."""
    above, below = Step(u - threshold, at_zero), 1 - Step(u + threshold, at_zero)
    return u**2 - above * (u - threshold) ** 2 - below * (u + threshold) ** 2


def _absolute(u: Expr, _threshold: Expr, at_zero: Expr) -> Expr:
    """u where u > 0, and -u where u < 0."""
    return u * (2 * Step(u, at_zero) - 1)


def _log(value: Expr) -> Expr:
    return log(expression(value))


#: In the order in which messages list them.
COSTS: dict[str, CostKind] = {
    kind.name: kind
    for kind in (
        CostKind(
            "half_squared_error",
            "half the squared error",
            of_difference=_square,
            scale=lambda n: Rational(1, 2),
        ),
        CostKind(
            "mean_squared_error",
            "the mean squared error",
            of_difference=_square,
            scale=lambda n: 1 / n,
        ),
        CostKind(
            "cross_entropy",
            "the cross-entropy",
            of_output=lambda r, y, _threshold, _at_zero: -y * _log(r),
            output="softmax",
        ),
        CostKind(
            "binary_cross_entropy",
            "the binary cross-entropy",
            of_output=lambda r, y, _threshold, _at_zero: -(y * _log(r) + (1 - y) * _log(1 - r)),
            output="sigmoid",
        ),
        CostKind(
            "squared_error",
            "the squared error without the factor 1/2",
            of_difference=_square,
        ),
        CostKind(
            "half_mean_squared_error",
            "half the mean squared error",
            of_difference=_square,
            scale=lambda n: 1 / (2 * n),
        ),
        CostKind("absolute_error", "the absolute error", of_difference=_absolute),
        CostKind(
            "huber",
            "the Huber cost",
            of_difference=_huber,
            scale=lambda n: Rational(1, 2),
            has_threshold=True,
        ),
    )
}


@dataclass(frozen=True)
class Cost:
    """A cost: a row of the table by its name, or a formula of one's own.

    Args:
        name: that of a row; "formula" for a formula of one's own.
        threshold: a positive number or a symbol, for a row that has one.
        formula: the term of one output, an expression in real symbols r and y, the output and its
            target, such as (y - r)**4 or cases of such.  C is its sum over the outputs.

    Raises:
        NetworkError: for another name or threshold, or a formula that is not supported.
    """

    name: str = "half_squared_error"
    threshold: Expr = S.One
    formula: Expr | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", _threshold(self.threshold))
        if self.formula is None:
            _known(self.name)
            return
        if self.name not in (Cost.name, OWN):
            raise NetworkError("a cost has the name of a known one, or a formula")
        object.__setattr__(self, "name", OWN)
        try:
            checked(self.formula, OUTPUT_AND_TARGET, self.outputs)
        except NetworkError as problem:
            raise NetworkError(f"the cost {problem}") from None

    def __reduce__(self) -> tuple[type[Cost], tuple[str, Expr, Expr | None]]:
        """How it is pickled: made anew, without what it has worked out since."""
        return Cost, (self.name, self.threshold, self.formula)

    @property
    def kind(self) -> CostKind:
        """This cost's row: in `COSTS`, or made from its formula."""
        return COSTS[self.name] if self.formula is None else _row(self.formula)

    @cached_property
    def outputs(self) -> OutputRange:
        """Where outputs have to lie for the cost to have a value, as far as a formula says."""
        return REALS if self.formula is None else range_needed(self.formula)

    @property
    def output(self) -> str | None:
        """The activation that the last layer must have, where the cost asks for one."""
        return self.kind.output

    @property
    def has_difference(self) -> bool:
        """Whether it is a function of the differences U = y - r alone."""
        return self.kind.of_difference is not None

    @property
    def functions(self) -> frozenset[str]:
        """The functions that the term of an output and its slope are written with, by name."""
        term = self.term(_r, _y, S.Zero)
        return function_names(term, term.diff(_r))

    @property
    def has_kinks(self) -> bool:
        """Whether it, or its slope, has a kink."""
        return bool(self.kinks(_r, _y))

    @property
    def jumps(self) -> bool:
        """Whether the slope by U jumps at some kink, for a cost that is a function of U."""
        slope = self.of_difference(_u, S.Zero).diff(_u)
        return any(
            (slope.xreplace({gate: S.One}) - slope.xreplace({gate: S.Zero})).subs(_u, kink) != 0
            for gate in slope.atoms(Step)
            for kink in kinks_of(gate, _u)
        )

    def scale(self, n: Expr) -> Expr:
        """The common factor for n outputs."""
        return self.kind.scale(n)

    def of_difference(self, u: Expr, at_zero: Expr) -> Expr:
        """What an output with the difference U = y - r contributes, with Step(0) = `at_zero`.

        Raises:
            TypeError: where that is no function of U.
        """
        formula = self.kind.of_difference
        if formula is None:
            raise TypeError(f"{self.name} is no function of the difference of target and output")
        return formula(u, self.threshold, expression(at_zero))

    def term(self, r: Expr, y: Expr, at_zero: Expr) -> Expr:
        """What an output r with the target y contributes, with Step(0) = `at_zero`."""
        formula = self.kind.of_output
        if formula is None:
            return self.of_difference(y - r, at_zero)
        return formula(r, y, self.threshold, expression(at_zero))

    def kinks(self, r: Expr, y: Expr) -> tuple[Expr, ...]:
        """What is 0 where the term, or its slope, has a kink."""
        gates = self.term(_r, _y, S.Zero).atoms(Kinked)
        found = dict.fromkeys(gate.args[0] for gate in sorted(gates, key=str))
        return tuple(argument.xreplace({_r: r, _y: y}) for argument in found)


@lru_cache(maxsize=256)
def _row(formula: Expr) -> CostKind:
    """The row of a formula: a function of U = y - r where that is seen.

    A polynomial is multiplied out for it, if its powers are those of r and y.
    """
    r, y = OUTPUT_AND_TARGET
    factor, rest = formula.as_coeff_Mul()

    def of_output(output: Expr, target: Expr, _threshold: Expr, at_zero: Expr) -> Expr:
        return in_gates(rest, OUTPUT_AND_TARGET, at_zero).xreplace({r: output, y: target})

    def of_difference(u: Expr, _threshold: Expr, at_zero: Expr) -> Expr:
        term = of_output(r, _u + r, S.One, at_zero)
        return (expand(term) if is_polynomial and term.has(r) else term).xreplace({_u: u})

    is_polynomial = all(isinstance(power.base, Symbol) for power in rest.atoms(Pow))
    is_of_difference = not of_difference(_u, S.One, S.Zero).has(r)
    return CostKind(
        OWN,
        "the formula",
        of_difference if is_of_difference else None,
        None if is_of_difference else of_output,
        scale=lambda n: factor,
    )


def _known(name: object) -> None:
    try:
        literals.choice(name, COSTS)
    except NetworkError as problem:
        raise NetworkError(f"cost {problem}") from None


def _threshold(value: object) -> Expr:
    """The threshold that somebody wrote: text is read as a network file reads it."""
    try:
        number = literals.threshold(value) if isinstance(value, str) else finite(value, "threshold")
    except NetworkError as problem:
        raise NetworkError(f"threshold {problem}") from None
    return number
