"""What is wrong with the answer that `prove` gives on a pair: nothing, if all is well."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from random import Random

from sympy import Rational, Symbol

from derive import Proof, prove, read_network
from derive.errors import DeriveError
from derive.proving import Status
from tests.oracle.claims import EVERY, ZERO, Claim, claim_of
from tests.oracle.pairs import OPEN, Pair
from tests.oracle.points import Point, points
from tests.oracle.reals import NoValueError, TooCloseError
from tests.oracle.slopes import expanded
from tests.oracle.sympy_terms import term_of
from tests.oracle.terms import Term, names_in
from tests.oracle.values import Place, differ

#: Points drawn for each pair, and those at which a claim is looked at.
_DRAWN = 400
_LOOKED_AT = 30
#: `derive` calls a value of Step(0) that is left open by one of these.
_OPEN_NAMES = (OPEN, "h_0")


def judged(pair: Pair) -> Proof | None:
    """The answer of `prove`; None where it refuses the pair in words."""
    network = read_network(pair.model.network) if pair.model.network else None
    try:
        return prove(
            str(pair.left),
            str(pair.right),
            network,
            assume=[str(condition) for condition in pair.assume],
            step_at_zero=_asked(pair.at_zero),
        )
    except DeriveError:
        return None


def _asked(at_zero: Fraction | str | None):
    if at_zero == OPEN:
        return Symbol(OPEN, real=True)
    return None if at_zero is None else Rational(at_zero.numerator, at_zero.denominator)


def faults(pair: Pair, proof: Proof | None) -> list[str]:
    """Sentences on what is wrong with an answer."""
    if proof is None:
        return list(_refusal(pair))
    look = Look(pair)
    found: list[str] = []
    if proof.counterexample is not None:
        found += look.counterexample(proof)
    if proof.proved:
        found += look.claim(claim_of(proof, look.stated))
    elif proof.status is Status.REFUTED:
        if proof.counterexample is None:
            found.append("refuted without a point")
        if proof.condition is not None:
            condition = term_of(proof.condition)
            found += look.claim(Claim(True, look.stated, (condition,)), "right if: ")
    return found


def _refusal(pair: Pair) -> Iterator[str]:
    """Assumptions may be said to contradict each other only if they do."""
    try:
        judged_error(pair)
    except DeriveError as error:
        if "contradict" in str(error):
            met = next(Look(pair).points(), None)
            if met is not None:
                yield f"the assumptions hold at {_shown(met.values)}"


def judged_error(pair: Pair) -> None:
    """Asks about the assumptions alone.

    Raises:
        DeriveError: what `prove` says of them.
    """
    network = read_network(pair.model.network) if pair.model.network else None
    assume = [str(condition) for condition in pair.assume]
    prove("0", "0", network, assume=assume, step_at_zero=_asked(pair.at_zero))


@dataclass(frozen=True)
class Look:
    """A pair looked at by the oracle, at points where its assumptions hold."""

    pair: Pair

    @property
    def stated(self) -> tuple[Fraction, ...]:
        """The values of Step(0) that the pair is about."""
        asked = self.pair.at_zero
        return EVERY if asked == OPEN else (ZERO,) if asked is None else (asked,)

    @property
    def parts(self) -> tuple[Term, ...]:
        return (self.pair.left, self.pair.right, *self.pair.assume)

    def expanded(self, term: Term) -> Term:
        return expanded(term, self.pair.model.definitions)

    @property
    def names(self) -> tuple[str, ...]:
        """All names that have values at a point."""
        if self.pair.model.given:
            return self.pair.model.given
        return tuple(sorted(names_in(*self.parts))) or ("x",)

    def points(self, fixed: Point | None = None) -> Iterator[Place]:
        """Places where the assumptions hold, for the first value of Step(0) that is stated."""
        fixed = fixed or {}
        names = tuple(n for n in self.names if n not in fixed)
        assumed = tuple(map(self.expanded, self.pair.assume))
        sides = tuple(map(self.expanded, self.parts))
        drawn = points(Random(str(self.pair)), names, sides, assumed, fixed)
        for point in islice(drawn, _DRAWN):
            place = self.place(point, self.stated[0])
            if _all_hold(place, assumed):
                yield self.place(point, self.stated[0])

    def place(self, point: Point, at_zero: Fraction, flat: frozenset[Term] = frozenset()) -> Place:
        return Place(point | dict.fromkeys(_OPEN_NAMES, at_zero), at_zero, flat)

    def flat(self, sides: Iterable[Term]) -> frozenset[Term]:
        """The gates whose argument is 0 wherever the sides have values."""
        met: list[set[Term]] = []
        for place in self.points():
            try:
                for side in sides:
                    place.value(side)
            except (NoValueError, TooCloseError):
                continue
            met.append(place.kinks)
        return frozenset(set.intersection(*met)) if met else frozenset()

    # -- what is proved --------------------------------------------------------------------

    def claim(
        self, claim: Claim, head: str = "proved: ", flat: frozenset[Term] = frozenset()
    ) -> Iterator[str]:
        """A point at which a claim is false, or that there is none at which it says anything."""
        sides = self.expanded(self.pair.left), self.expanded(self.pair.right)
        conditions = tuple(map(self.expanded, claim.conditions))
        met = witnesses = doubtful = inside = 0
        at_bounds: str | None = None
        for start in self.points():
            met += 1
            for at_zero in claim.conventions:
                place = self.place(start.values, at_zero, flat)
                try:
                    if not all(place.holds(c) for c in conditions):
                        break
                    left, right = map(Place.value, (place, place), sides)
                except NoValueError:
                    break
                except TooCloseError:
                    doubtful += 1
                    break
                if place.at_kink and not claim.kinks:
                    break
                witnesses += 1
                inside += not place.at_bound
                if not place.slope_at_kink and differ(left, right):
                    fault = f"{head}fails at {_shown(place.values)} with Step(0) = {at_zero}"
                    if claim.kinks or not place.at_bound:
                        yield fault
                        return
                    at_bounds = at_bounds or fault
                if not place.at_kink:
                    break
            if witnesses >= _LOOKED_AT:
                break
        if at_bounds and not inside:  # what is met everywhere is no boundary
            yield at_bounds
        if met and not witnesses and not doubtful:
            if not flat and (everywhere := self.flat(sides)):
                yield from self.claim(claim, head, everywhere)
            else:
                yield f"{head}no point of {met} is in its scope"

    # -- what is refuted -------------------------------------------------------------------

    def counterexample(self, proof: Proof) -> Iterator[str]:
        """Whether the point is real: assumptions hold, both sides have values, and these differ."""
        shown = proof.counterexample.values
        values = {n: Place({}, ZERO).value(term_of(v)) for n, v in shown.items()}
        sides = self.expanded(self.pair.left), self.expanded(self.pair.right)
        if not values and names_in(*sides):
            yield "refuted at an empty point"
            return
        assumed = tuple(map(self.expanded, self.pair.assume))
        open_values = [values[n] for n in _OPEN_NAMES if n in values]
        conventions = open_values if self.pair.at_zero == OPEN and open_values else self.stated
        why = "lacks names that nobody can fill"
        for filling in self._fillings(values):
            for at_zero in conventions:
                try:
                    why = self._why_unreal(filling, at_zero, assumed, sides)
                except TooCloseError:
                    return
                if why is None:
                    return
        where = ", ".join(f"{n} = {v}" for n, v in shown.items())
        yield f"refuted at {where}, which {why}"

    def _fillings(self, values: Point) -> Iterator[Point]:
        missing = set(self.names) - values.keys()
        if not missing:
            yield values
            return
        for place in islice(self.points(values), 60):
            yield place.values

    def _why_unreal(self, point: Point, at_zero, assumed, sides) -> str | None:
        place = self.place(point, at_zero)
        try:
            if not all(place.holds(c) for c in assumed):
                return "does not satisfy the assumptions"
        except NoValueError:
            return "leaves an assumption without a value"
        try:
            left, right = map(place.value, sides)
        except NoValueError:
            return "leaves a side without a value"
        if place.slope_at_kink or differ(left, right):
            return None
        return "makes both sides equal"


def _all_hold(place: Place, conditions: tuple[Term, ...]) -> bool:
    try:
        return all(place.holds(condition) for condition in conditions)
    except (NoValueError, TooCloseError):
        return False


def _shown(values: Point) -> str:
    return ", ".join(
        f"{n} = {v if isinstance(v, Fraction) else float(v.interval.mid.a)}"
        for n, v in values.items()
        if n not in _OPEN_NAMES
    )
