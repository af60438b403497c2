"""Marking a document line by line, with what the lines before have settled.

A claim that is wrong is first held against the earlier mistakes (it may only repeat one),
then diagnosed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from sympy import And, Basic, Expr, Gt, Not, Or, Piecewise, S, Symbol

from derive.algebra.quantities import Quantity
from derive.checking.assessing import assess
from derive.checking.assessment import Assessment, Verdict, is_about_values
from derive.checking.assumed import assuming, possible
from derive.checking.carrying import follows_from, usable
from derive.checking.conditions.premises import for_all_units
from derive.checking.diagnosing.answers import expected_right
from derive.checking.diagnosing.diagnosis import (
    diagnose,
    diagnose_for_any_convention,
    diagnose_two,
)
from derive.checking.diagnosing.mistakes import Diagnosis, Mistake, Suspect
from derive.checking.sampling.one_hot import holds_for_a_class
from derive.checking.verdicts import Judged
from derive.meaning.derivation import Equation
from derive.meaning.indicators import NoGateError, as_gates
from derive.model.model import Model
from derive.model.network import Network
from derive.proving.chained import Said
from derive.proving.kinks.distributions import concerns
from derive.reading.latex.statements import CALCULATED
from derive.reading.statements import (
    Assumption,
    Claim,
    Doubt,
    NotUnderstood,
    Outside,
    Place,
    ShapesDisagree,
    Statement,
)

#: Earlier mistakes that a wrong line is held against.
_MOST_MISTAKES = 8
#: What may be assumed is tried for each wrong line; the last few that the text speaks of count.
_MOST_DOUBTS = 4
_ONE_HOT = "it holds for the correct class alone, of which the text speaks in words"
_NOT_READ = "it may rest on {!r} in {}, of which it is not certain whether it is assumed"


@dataclass
class Marking:
    """What the lines read so far have settled; grows as the document is read.

    Attributes:
        conditions: what is assumed throughout.
        assumed: what the document has assumed here besides.
        doubts: what it may have assumed besides.
        otherwise: for the number of a statement that reads differently in the other layout,
            what it says there.
        mistakes: wrong equations that later lines may repeat, each with its place.
        broken: the last right side of a chain a = b = c that has gone wrong, and the place.
        head: the first left side of the chain.
        said: what has been proved.
        one_hot: whether the document speaks of targets that are 1 for one class and else 0.
        diagnosing: whether mistakes are named; no verdict is another without.
    """

    network: Model
    conditions: tuple[Basic, ...]
    otherwise: Mapping[int, Statement]
    one_hot: bool = False
    diagnosing: bool = True
    assumed: tuple[Basic, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    mistakes: list[tuple[Equation, Place]] = field(default_factory=list)
    broken: tuple[Expr, Place] | None = None
    head: Expr | None = None
    said: Said = field(default_factory=Said)

    def judged(self, number: int, statement: Statement) -> Judged:
        """The verdict on the next statement of the document, whose number this is."""
        match statement:
            case Claim():
                return self._claim(number, statement)
            case Assumption():
                return self._assumption(statement)
            case Doubt():
                self.doubts = (*self.doubts, statement)
                return Judged(statement)
            case NotUnderstood():
                return self._not_understood(number, statement)
            case _:
                return Judged(statement)

    def _assumption(self, statement: Assumption) -> Judged:
        found = assuming(self.network, self.assumed, statement.condition, self.conditions)
        if found is None:
            remark = "this contradicts what is assumed throughout; it is left out"
            nothing = NotUnderstood(statement.place, statement.source, remark)
            return Judged(nothing, remark=remark)
        self.assumed = found
        self.doubts = tuple(filter(self._is_open, self.doubts))
        return Judged(statement)

    def _not_understood(self, number: int, statement: NotUnderstood) -> Judged:
        """What only means something in the other layout is wrong in this one."""
        other = self.otherwise.get(number)
        wrong = Assessment(Verdict.WRONG, None, remark=statement.message)
        turned = self._turned(statement, wrong) if isinstance(statement, ShapesDisagree) else None
        if turned is not None:
            return turned
        if isinstance(other, Claim) and self._assessed(other).verdict is Verdict.RIGHT:
            return Judged(other, wrong, diagnosis=Diagnosis(Mistake.OTHER_LAYOUT, {}, None))
        if isinstance(statement, ShapesDisagree) and isinstance(self.network, Network):
            shapes = Diagnosis(Mistake.SHAPES, {}, None)
            return Judged(statement, wrong, diagnosis=shapes, remark=statement.message)
        return Judged(statement, remark=statement.message)

    def _turned(self, statement: ShapesDisagree, wrong: Assessment) -> Judged | None:
        """A transposition that is missing or too much, if the equation is right but for it."""
        for remedy in statement.remedies():
            if self._assessed(remedy.claim).verdict is Verdict.RIGHT:
                details = {"part": remedy.part, "change": remedy.change}
                mended = remedy.claim.right
                diagnosis = Diagnosis(Mistake.TRANSPOSED, details, mended)
                unread = replace(remedy.claim, read_as="")
                return Judged(
                    unread,
                    wrong,
                    diagnosis=diagnosis,
                    should_be=mended,
                    remark=statement.message,
                )
        return None

    def _claim(self, number: int, claim: Claim) -> Judged:
        if claim.defines is not None:
            return Judged(claim, Assessment(Verdict.DEFINED, None))
        if not claim.continues:
            self.head = claim.left
        assessment = self._in_its_place(claim)
        if assessment.verdict is not Verdict.RIGHT and self._is_of_example(claim):
            return Judged(Outside(claim.place, claim.source, CALCULATED))
        if claim.unsure and assessment.verdict is not Verdict.RIGHT:
            remark = claim.unsure
            return Judged.not_understood(claim, remark)
        if (remark := self._doubtful(claim, assessment)) is not None:
            return Judged.not_understood(claim, remark)
        rests_on = self._broken_before(claim)
        if assessment.verdict not in (Verdict.WRONG, Verdict.RIGHT_IF):
            self._chain(claim, rests_on)
            known = assessment.verdict is Verdict.RIGHT
            return Judged(claim, assessment, rests_on=rests_on if known else None,
                          remark=assessment.remark)  # fmt: skip
        judged = self._mistaken(number, claim, assessment)
        if claim.asked:
            return judged
        self._chain(claim, claim.place)
        if not (assessment.by_convention or assessment.by_given or assessment.by_targets):
            self._remember(claim, judged.carried_from or claim.place)
        return judged

    def _is_of_example(self, claim: Claim) -> bool:
        """Whether an equality is about the numbers of an example, or gives one of them."""
        left = claim.left
        gives = isinstance(left, Quantity) and not self.network.defines(left)
        return claim.calculated or (gives and not claim.right.atoms(Quantity, Symbol))

    def _in_its_place(self, claim: Claim) -> Assessment:
        """The verdict, with what earlier lines have proved of the same left side."""
        stated = self._where(claim) == S.true
        proof = self.said.from_before(self.network, claim.left, claim.right) if stated else None
        found = Assessment(Verdict.RIGHT, proof) if proof is not None else self._assessed(claim)
        if found.proof is not None:
            right = stated and found.verdict is Verdict.RIGHT
            self.said.add(self.network, claim.left, claim.right, found.proof, right)
        return found

    # -- what may be assumed ----------------------------------------------------------------

    def _doubtful(self, claim: Claim, assessment: Assessment) -> str | None:
        """Why nothing is known of an equality that is not right in general, if it may be meant so.

        It is wrong only if it is so whether what the text may assume is assumed or not.  Of an
        equality between values, and of slopes and matrices that are given, the condition under
        which it is right is said all the same.
        """
        is_wrong = assessment.verdict is Verdict.WRONG
        values = is_about_values(claim.left, claim.right) or assessment.by_given
        if not (is_wrong or (assessment.verdict is Verdict.RIGHT_IF and not values)):
            return None
        if self.one_hot and holds_for_a_class(self.network, claim.left, claim.right):
            return _ONE_HOT
        doubts = [one for one in (*self.doubts, *claim.doubts) if self._is_open(one, claim.where)]
        for doubt in doubts[-_MOST_DOUBTS:]:
            if doubt.condition is None or any(
                self._holds_where(claim, further) for further in _either(doubt.condition)
            ):
                return _NOT_READ.format(doubt.source[:80], doubt.place)
        known = And(*(one.condition for one in doubts if one.condition is not None))
        if len(doubts) > 1 and self._holds_where(claim, known):
            return _NOT_READ.format(doubts[-1].source[:80], doubts[-1].place)
        return None

    def _is_open(self, doubt: Doubt, where: Basic = S.true) -> bool:
        """Whether what is assumed leaves it open."""
        if doubt.condition is None:
            return True
        here = And(*self.conditions, *self.assumed, where)
        return all(possible(self.network, And(here, one)) for one in _either(doubt.condition))

    def _holds_where(self, claim: Claim, further: Basic) -> bool:
        where = And(claim.where, for_all_units(self.network, further))
        if not possible(self.network, And(self._where(claim), where)):
            return False
        return self._assessed(replace(claim, where=where)).verdict is Verdict.RIGHT

    def _remember(self, claim: Claim, place: Place) -> None:
        """Keep a wrong equation, or in a = b = c what b = c makes of a, for later lines."""
        for left in (claim.left, self.head if claim.continues else None):
            equation = Equation(left, claim.right) if left is not None else None
            if equation and usable(equation) and len(self.mistakes) < _MOST_MISTAKES:
                self.mistakes.append((equation, place))
                return

    def _assessed(self, claim: Claim) -> Assessment:
        """The verdict under all that is assumed, or under nothing if that is enough."""
        where = self._where(claim)
        if claim.where != S.true and not possible(self.network, where):
            remark = "its condition contradicts what was assumed before"
            return Assessment.not_understood(remark)
        under = partial(assess, self.network, claim.sides)
        plain = under()
        if where == S.true or plain.verdict is Verdict.RIGHT:
            return plain
        return under(where=where)

    def _where(self, claim: Claim) -> Basic:
        """What the document has assumed, of every unit, and what this line states."""
        parts = [for_all_units(self.network, one) for one in (*self.conditions, *self.assumed)]
        return And(*parts, claim.where)

    def _broken_before(self, claim: Claim) -> Place | None:
        """The place of the wrong step that a chain a = b = c has made before this claim."""
        if claim.continues and self.broken and self.broken[0] == claim.left:
            return self.broken[1]
        return None

    def _chain_mended(self, claim: Claim) -> Place | None:
        """In a = b = c with b wrong and c right: the place of b, which alone is to blame."""
        place = self._broken_before(claim)
        if place is None or self.head is None:
            return None
        whole = replace(claim, sides=replace(claim.sides, left=self.head))
        return place if self._assessed(whole).verdict is Verdict.RIGHT else None

    def _chain(self, claim: Claim, place: Place | None) -> None:
        self.broken = None if place is None else (claim.right, place)

    def _mistaken(self, number: int, claim: Claim, assessment: Assessment) -> Judged:
        """What to say of a claim that is not right as it stands."""
        where = self._where(claim)
        network = self.network
        if concerns(claim.left, claim.right):
            return Judged(claim, assessment)
        if not self.diagnosing and assessment.verdict is Verdict.WRONG:
            return Judged(claim, assessment)
        if assessment.by_given or assessment.by_targets:
            return Judged(claim, assessment)
        if assessment.by_convention:
            suspect = Suspect(network, claim.left, claim.right, where)
            found = diagnose_for_any_convention(suspect)
            return Judged(claim, assessment, diagnosis=found, should_be=found and found.right)
        place = self._chain_mended(claim) or self._carried(claim, where)
        if place is not None:
            answer = self._expected(claim, where)
            if not is_about_values(claim.left, claim.right):
                assessment = replace(assessment, verdict=Verdict.WRONG)
            return Judged(claim, assessment, should_be=answer, carried_from=place)
        other = self.otherwise.get(number)
        if isinstance(other, Claim) and self._assessed(other).verdict is Verdict.RIGHT:
            diagnosis = Diagnosis(Mistake.OTHER_LAYOUT, {}, None)
        else:
            diagnosis = self._diagnosed(claim, where, diagnose, assessment)
        if diagnosis is None and _is_active(assessment.condition):
            diagnosis = Diagnosis(Mistake.ACTIVE_ONLY, {"condition": assessment.condition}, None)
        if diagnosis is None and assessment.verdict is Verdict.WRONG:
            diagnosis = self._diagnosed(claim, where, diagnose_two, assessment)
        should_be = diagnosis.right if diagnosis else None
        if should_be is None:
            should_be = self._expected(claim, where)
        explained = diagnosis is not None and diagnosis.mistake is not Mistake.ACTIVE_ONLY
        if explained and not is_about_values(claim.left, claim.right):
            # A mistake with a name is one for everybody, active units or not.
            assessment = replace(assessment, verdict=Verdict.WRONG)
        return Judged(claim, assessment, diagnosis=diagnosis, should_be=should_be)

    def _lefts(self, claim: Claim) -> Iterator[Expr]:
        """What the right side should be equal to: in a = b = c, of c first b and then a."""
        yield claim.left
        if claim.continues and self.head is not None and self.head != claim.left:
            yield self.head

    def _diagnosed(
        self,
        claim: Claim,
        where: Basic,
        by: Callable[[Suspect], Diagnosis | None],
        assessment: Assessment,
    ) -> Diagnosis | None:
        """The mistake in a right side; by the head of its chain where it is wrong at all events."""
        lefts = self._lefts(claim) if assessment.verdict is Verdict.WRONG else (claim.left,)
        right = _factors(claim.right)
        suspects = (Suspect(self.network, left, right, where) for left in lefts)
        return next((found for found in map(by, suspects) if found is not None), None)

    def _expected(self, claim: Claim, where: Basic) -> Expr | None:
        """What the right side should be, from derive's own derivation."""
        answers = (
            expected_right(self.network, left, claim.right, where) for left in self._lefts(claim)
        )
        return next((found for found in answers if found is not None), None)

    def _carried(self, claim: Claim, where: Basic) -> Place | None:
        """The place of the earlier mistake that explains this one."""
        equation = Equation(claim.left, claim.right)
        single = [([mistake], place) for mistake, place in self.mistakes]
        every = [mistake for mistake, _ in self.mistakes]
        together = [(every, self.mistakes[0][1])] if len(every) > 1 else []
        for mistakes, place in (*single, *together):
            if follows_from(self.network, equation, mistakes, where):
                return place
        return None


def _either(condition: Basic) -> tuple[Basic, Basic]:
    return condition, Not(condition)


def _factors(right: Expr) -> Expr:
    """A right side with the 1[z > 0] of its products written as Step, as all mistakes are."""
    if isinstance(right, Piecewise) or not right.has(Piecewise):
        return right
    try:
        return as_gates(right)
    except NoGateError:
        return right


def _is_active(condition: Basic | None) -> bool:
    """Whether a condition says of pre-activations that they are positive, and no more."""
    if condition is None or isinstance(condition, Or):
        return False
    return all(
        isinstance(part, Gt)
        and part.args[1] == 0
        and isinstance(part.args[0], Quantity)
        and part.args[0].kind == "z"
        for part in And.make_args(condition)
    )
