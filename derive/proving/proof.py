"""`Proof`: what was proved of an equation, by what method, and for what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sympy import Basic, Expr, Rational, S

from derive.lazy import late
from derive.meaning.derivation import Equation

_sentence = late("derive.checking.telling.proof_sentence", "sentence")
_as_markdown = late("derive.checking.telling.proof_sentence", "as_markdown")


class Status(StrEnum):
    """The three answers there are."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


class Method(StrEnum):
    """How an answer was reached."""

    NORMAL_FORM = "normal form"
    REGIONS = "normal form on each region"
    SCHWARTZ_ZIPPEL = "Schwartz-Zippel"
    SMT = "z3"
    ONE_SIDED = "one-sided limits"
    SEARCH = "search"
    NONE = "none"


class Kinks(StrEnum):
    """What an equation says where a pre-activation is exactly 0."""

    NONE = "no kinks"  # no function in it has a kink
    EVERY_CONVENTION = "every Step(0)"  # holds at kinks too, whatever Step(0) is
    IDEMPOTENT = "Step(0) = 0 or 1"  # holds at kinks where Step(0)^2 = Step(0)
    AS_STATED = "the Step(0) of the network"  # holds at kinks for the value chosen
    EXCLUDED = "away from kinks"  # for almost all inputs
    ISOLATED = "one kink at a time"  # where one pre-activation passes 0, and no other is 0


def weakest(kinks: Sequence[Kinks]) -> Kinks:
    """The one that says least of kinks."""
    return max(kinks, key=list(Kinks).index)


@dataclass(frozen=True)
class Widths:
    """For which widths an equation was proved.

    `every` is set when a proof at the sizes in `tried` (layer -> units) settles all widths.
    """

    every: bool
    tried: tuple[tuple[Expr, int], ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Scope:
    """For which inputs, widths and conventions, and under which assumptions.

    Attributes:
        nonzero: what the sides divide by, as far as it can be 0.
        domain: what has to be positive, or not negative, for logarithms and roots to exist.
        apart: arguments of gates that are taken not to be 0 though they are, or may be, 0 on a
            whole region, not on a boundary only.
        derivative: whether a derivative is taken through a kink, where it is what the
            convention for Step(0) says.
    """

    kinks: Kinks = Kinks.NONE
    widths: Widths = Widths(every=True)
    where: Basic = S.true
    assuming: tuple[Equation, ...] = ()
    nonzero: tuple[Expr, ...] = ()
    domain: tuple[Basic, ...] = ()
    apart: tuple[Expr, ...] = ()
    derivative: bool = False


@dataclass(frozen=True)
class Counterexample:
    """A point at which the two sides differ: the values of what they depend on, and both sides."""

    values: Mapping[str, Expr]
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Proof:
    """The answer to "is this equation true?", never a bool.

    Attributes:
        counterexample: for a refuted equation; for one that is proved away from kinks only,
            a kink at which it fails, where one was found.
        condition: where a refuted equation does hold: proved sufficient, and satisfiable.
        error_bound: the probability that a Schwartz-Zippel proof is wrong is below this.
        remark: for an undecided equation, what was tried.
    """

    status: Status
    method: Method
    scope: Scope = field(default_factory=Scope)
    counterexample: Counterexample | None = None
    condition: Basic | None = None
    error_bound: Rational | None = None
    remark: str = ""

    @property
    def proved(self) -> bool:
        """Whether the equation was proved."""
        return self.status is Status.PROVED

    def __str__(self) -> str:
        return _sentence(self)

    def _repr_markdown_(self) -> str:
        return _as_markdown(self)

    def __bool__(self) -> bool:
        raise TypeError(
            "a proof is no yes or no: ask for .proved, or compare .status, which may be undecided"
        )


def undecided(remark: str, where: Basic = S.true) -> Proof:
    """The answer where neither a proof nor a counterexample was found, with what was tried."""
    return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=remark)
