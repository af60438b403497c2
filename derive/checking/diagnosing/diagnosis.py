"""What is wrong with a wrong equation: guesses, a quick filter, and proof of the guess.

Guesses come in the order in which people would suspect them.  Each is an equation that is
right if the mistake was made.  Those that fail at a generic point in floating point are
dropped; the first that the judge proves is the diagnosis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any

from sympy import Basic, Expr, Integer, Rational, Symbol

from derive.algebra.quantities import Partial
from derive.checking.assessment import is_about_values
from derive.checking.diagnosing import factors, formulas, models, placement
from derive.checking.diagnosing.mistakes import Diagnosis, Guess, Mistake, Suspect
from derive.checking.diagnosing.positions import sum_within
from derive.checking.sampling.pointwise import NoValueError, Point, Units, same
from derive.checking.sampling.samples import kept_places, places_apart
from derive.deriving.first_order import targets_assumed
from derive.model.conventions import CONVENTION, with_any_convention
from derive.model.instances import IllTypedError, free_axes
from derive.model.model import Model
from derive.model.network import Network
from derive.proving import judge

#: How many guesses are looked at, and how many are handed to the judge, for one equation.
_MOST_GUESSES = 6_000
_MOST_PROOFS = 10

#: What guesses at one sort of mistake.
Source = Callable[[Suspect], Iterator[Guess]]

#: The likeliest first: of two mistakes that explain an equation the first is named.
_SOURCES: tuple[Source, ...] = (
    models.zeros,
    models.second_order,
    factors.signs,
    factors.functions,
    factors.inputs,
    placement.steps,
    factors.missing,
    placement.sums,
    placement.indices,
    factors.constants,
    placement.partials,
    factors.surplus,
    factors.quantities,
    placement.layers,
    placement.layout,
    factors.inverted,
    models.costs,
    factors.terms,
    models.activations,
    placement.derivatives,
)
#: In a model that is no stack of layers.
_OF_MODELS: tuple[Source, ...] = (
    factors.signs,
    placement.sums,
    formulas.transposes,
    placement.indices,
    formulas.surplus,
    formulas.numbers,
    formulas.missing,
    formulas.axes,
    formulas.terms,
    formulas.quantities,
    factors.inverted,
    formulas.products_of_sums,
    formulas.functions,
    formulas.remaining,
)
#: In the forward pass z for r is likelier than a lost Step(z).
_VALUES_FIRST: tuple[Source, ...] = (factors.quantities, placement.layers)


#: Numbers by which a whole right side is often off.
_COMMON_FACTORS = (Integer(2), Rational(1, 2))
#: What people get wrong besides.
_BESIDES: tuple[Source, ...] = (
    factors.functions,
    factors.inputs,
    placement.steps,
    factors.missing,
    placement.sums,
    placement.indices,
    factors.constants,
    factors.surplus,
    factors.quantities,
    placement.layers,
    placement.derivatives,
)


def _sources(suspect: Suspect) -> tuple[Source, ...]:
    if not isinstance(suspect.network, Network):
        return _OF_MODELS
    first = _VALUES_FIRST if is_about_values(suspect.left, suspect.right) else ()
    return (*first, *_SOURCES)


def diagnose(suspect: Suspect) -> Diagnosis | None:
    """The likeliest mistake that turns a right equation into this one, proved, or None.

    One that explains the equation whatever Step(0) is comes before one that needs the value
    chosen: with Step(0) = 0 and no biases, a factor Step(z) of an earlier layer may be lost
    without harm, and would not be missed.
    """
    if isinstance(suspect.right, Partial) and not isinstance(suspect.left, Partial):
        suspect = replace(suspect, left=suspect.right, right=suspect.left)
    return _explained(suspect, _sources(suspect))


def diagnose_two(suspect: Suspect) -> Diagnosis | None:
    """Two mistakes that together explain an equation in a stack of layers, proved, or None.

    The first is a sign or a number of the whole right side; the second what is wrong once that
    is mended.  Where there are none it is said what stands for what is right.
    """
    if not isinstance(suspect.network, Network) or suspect.right == 0:
        return None
    for first in _of_the_whole(suspect):
        mended = replace(suspect, right=first.right)
        found = _explained(mended, _BESIDES)
        if found is not None:
            return replace(found, before=first)
    return _explained(suspect, (formulas.remaining,))


def _of_the_whole(suspect: Suspect) -> Iterator[Guess]:
    """The other sign, told as a difference the wrong way round where it is one; then a factor."""
    right = suspect.right
    turned = (one for one in factors.signs(suspect) if not (one.right + right).expand())
    yield from islice(turned, 1)
    for one in factors.constants(suspect):
        if one.right / right in _COMMON_FACTORS:
            yield one


def _explained(suspect: Suspect, sources: Sequence[Source]) -> Diagnosis | None:
    network = suspect.network
    if not isinstance(network, Network):
        return _first_proved(suspect, sources)
    if network.uses_step and not network.step_at_zero.is_Symbol:
        found = _for_any_convention(suspect, sources)
        if found is not None:
            return found
    return _first_proved(suspect, sources)


def diagnose_for_any_convention(suspect: Suspect) -> Diagnosis | None:
    """The likeliest mistake that explains an equation whatever Step(0) is."""
    return _for_any_convention(suspect, _sources(suspect))


def _for_any_convention(suspect: Suspect, sources: Sequence[Source]) -> Diagnosis | None:
    found = _first_proved(_with_any_convention(suspect), sources)
    return None if found is None else _with_own_convention(found, suspect.network)


def _with_any_convention(suspect: Suspect) -> Suspect:
    home, (left, right) = with_any_convention(suspect.network, suspect.left, suspect.right)
    return Suspect(home, left, right, suspect.where)


def _with_own_convention(diagnosis: Diagnosis, network: Model) -> Diagnosis:
    def own(value: Any) -> Any:
        if not isinstance(value, Basic):
            return value
        return value.xreplace({CONVENTION: network.step_at_zero})

    details = {name: own(value) for name, value in diagnosis.details.items()}
    return Diagnosis(diagnosis.mistake, details, own(diagnosis.right))


def _first_proved(suspect: Suspect, sources: Sequence[Source]) -> Diagnosis | None:
    filters: dict[Model, Filter] = {}
    seen: set[tuple[Expr, Expr, Model]] = set()
    proofs = 0
    guesses = (guess for source in sources for guess in source(suspect))
    for guess in islice(guesses, _MOST_GUESSES):
        network = guess.network or suspect.network
        key = (guess.left, guess.right, network)
        if key in seen or _is_trivial(guess):
            continue
        seen.add(key)
        sieve = filters.setdefault(network, Filter(network, suspect))
        if not sieve.passes(guess.left, guess.right):
            continue
        proofs += 1
        assumed = targets_assumed(network)
        if judge(network, guess.left, guess.right, suspect.where, assumed).proved:
            right = guess.right if guess.repairs else None
            return Diagnosis(guess.mistake, _placed(guess, suspect.right), right)
        if proofs == _MOST_PROOFS:
            return None
    return None


def _placed(guess: Guess, written: Expr) -> Mapping[str, Any]:
    """What a guess speaks of, and of a factor in one term alone the sum in which that stands."""
    if guess.mistake not in (Mistake.MISSING_FACTOR, Mistake.SURPLUS_FACTOR):
        return guess.details
    within = sum_within(written, guess.right)
    if within is None:
        return guess.details
    return {**guess.details, "within": within, "is_whole": within == written}


def _is_trivial(guess: Guess) -> bool:
    """Whether a guess says no more than q = q; that nothing is 0 = 0 is said on purpose."""
    return guess.left == guess.right != 0


class Filter:
    """Equations at a few points of a network; the values of left sides are kept."""

    def __init__(self, network: Model, suspect: Suspect) -> None:
        self._network = network
        self._suspect = suspect
        self._lefts: dict[Expr, list[float | None]] = {}

    def passes(self, left: Expr, right: Expr) -> bool:
        """Whether both sides agree wherever both have values, and somewhere are not 0."""
        lefts = self._lefts.setdefault(left, [])
        compared = nonzero = 0
        for number, (point, units) in enumerate(self._where):
            if number == len(lefts):
                lefts.append(_value(point, left, units))
            first = lefts[number]
            second = None if first is None else _value(point, right, units)
            if first is None or second is None:
                continue
            if not same(first, second):
                return False
            compared += 1
            nonzero += abs(first) > 0
        return compared > 1 and (nonzero > 0 or left == right == 0)

    @cached_property
    def _where(self) -> tuple[tuple[Point, Units], ...]:
        axes = tuple(_axes(self._network, self._suspect).items())
        near = kept_places(self._network, axes, self._suspect.where)
        return (*near, *places_apart(self._network, axes, self._suspect.where))


def _axes(network: Model, suspect: Suspect) -> Mapping[Symbol, Expr]:
    for sides in ((suspect.left, suspect.right), (suspect.left,), ()):
        try:
            return free_axes(network, *sides)
        except IllTypedError:
            continue
    return {}


def _value(point: Point, side: Expr, units: Units) -> float | None:
    try:
        return point.value(side, units)
    except NoValueError:
        return None
