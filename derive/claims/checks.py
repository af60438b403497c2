"""Checks: statements that compute an `Outcome`.

None of them knows what should come out.  Equations go to the judge; what no computation can
settle names the literature instead.  Statements about numbers are in `computed`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from sympy import And, Derivative, Integer, Piecewise, S

from derive.claims.outcome import Outcome, Word
from derive.claims.points import difference
from derive.errors import DeriveError, ReadingError
from derive.meaning.cases import away_from_kinks
from derive.meaning.derivation import Equation
from derive.model.network import Network
from derive.notation.ascii.formulas import read_condition, read_equation, read_expression
from derive.proving import Kinks, Status
from derive.proving.prove import prove


class Check(Protocol):
    """A statement whose truth can be worked out."""

    def outcome(self) -> Outcome:
        """What is true of it."""
        ...


@dataclass(frozen=True)
class Equality:
    """left = right for all real values, in the ASCII notation.

    Args:
        network: whose quantities are meant; None for plain variables.
        assume: conditions that the claim makes.
        names: plain variables beside the quantities of the network.
    """

    left: str
    right: str
    network: Network | None = None
    assume: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def equation(self) -> Equation:
        """Both sides, read."""
        left, right = (
            read_expression(side, self.network, names=self.names)
            for side in (self.left, self.right)
        )
        return Equation(left, right)

    @property
    def conditions(self) -> tuple[object, ...]:
        """What is assumed, read."""
        return tuple(read_condition(c, self.network, names=self.names) for c in self.assume)

    def outcome(self) -> Outcome:
        """Proved; true under the condition that the engine finds; refuted; or undecided."""
        equation = self.equation
        stated = Outcome(Word.UNDECIDED, equation, network=self.network, names=self.names)
        given = self.conditions
        proof = prove(equation.lhs, equation.rhs, self.network, given)
        spelled_out = equation.lhs.has(Derivative) or equation.rhs.has(Derivative)
        in_cases = equation.lhs.has(Piecewise) or equation.rhs.has(Piecewise)  # these say where
        kinked = proof.scope.derivative or proof.scope.kinks is Kinks.EXCLUDED
        kinked = kinked and not in_cases
        smooth = away_from_kinks(equation.lhs, equation.rhs)
        if proof.proved and spelled_out and kinked and not given:
            # At a kink the derivative does not exist.
            return replace(stated, word=Word.TRUE_IF, proof=proof, condition=smooth)
        if proof.proved:
            return replace(stated, word=Word.PROVED, where=And(*given), proof=proof)
        if proof.status is Status.UNDECIDED:
            return replace(stated, remark=proof.remark)
        condition = proof.condition
        if spelled_out and not given and smooth != S.true:
            # What fails at kinks only is true wherever the derivative exists.
            off = prove(equation.lhs, equation.rhs, self.network, smooth)
            condition = smooth if off.proved else condition
        return replace(
            stated,
            word=Word.REFUTED if condition is None else Word.TRUE_IF,
            difference=difference(proof, equation, self.network),
            condition=condition,
        )


@dataclass(frozen=True)
class Bound:
    """expression <= bound, because bound - expression = gap^2."""

    expression: str
    bound: str
    gap: str

    def outcome(self) -> Outcome:
        """Proved if the identity is; undecided otherwise, for a bound may hold without it."""
        expression, bound, gap = map(read_expression, (self.expression, self.bound, self.gap))
        proof = prove(bound - expression, gap**2)
        word = Word.PROVED if proof.proved else Word.UNDECIDED
        return Outcome(
            word, Equation(expression, bound), is_bound=True, proof=proof if proof.proved else None,
            facts={"gap": gap**2},
        )  # fmt: skip


@dataclass(frozen=True)
class Readable:
    """A text is a formula at all, in the notation that it is written in."""

    text: str

    def outcome(self) -> Outcome:
        """Refuted, with the reader's objection, if it cannot be read."""
        try:
            read_equation(self.text)
        except ReadingError as error:
            column = Integer(error.column)
            return Outcome(Word.REFUTED, facts={"column": column}, remark=str(error))
        return Outcome(Word.DEFINITION)


@dataclass(frozen=True)
class Definition:
    """A name or a model that is chosen; `equations` are what the network says of it itself."""

    equations: tuple[Equality, ...] = ()

    def outcome(self) -> Outcome:
        """A definition, unless the network's own definitions contradict it."""
        first: Outcome | None = None
        for equality in self.equations:
            found = equality.outcome()
            if found.word is not Word.PROVED:
                return found
            first = first or found
        return replace(first, word=Word.DEFINITION) if first else Outcome(Word.DEFINITION)


@dataclass(frozen=True)
class Heuristic:
    """Experience, for which there is no theorem; `references` report it or speak against it."""

    references: tuple[str, ...]

    def outcome(self) -> Outcome:
        """Heuristic."""
        return Outcome(Word.HEURISTIC, references=self.references)


@dataclass(frozen=True)
class Documented:
    """A fact about a text, a program or a method, which the references have."""

    references: tuple[str, ...]

    def outcome(self) -> Outcome:
        """Documented."""
        return Outcome(Word.DOCUMENTED, references=self.references)


@dataclass(frozen=True)
class NotJudged:
    """A remark, or formulas that the text does not hold."""

    def outcome(self) -> Outcome:
        """Not judged."""
        return Outcome(Word.NOT_JUDGED)


@dataclass(frozen=True)
class Refuted:
    """A statement that is made in order to be refuted."""

    statement: Check

    def outcome(self) -> Outcome:
        """The evidence against it.

        Raises:
            DeriveError: when it is not refuted after all.
        """
        found = self.statement.outcome()
        if found.word not in (Word.REFUTED, Word.TRUE_IF):
            raise DeriveError(f"{self.statement} was to be refuted, and is {found.word.value}")
        return replace(found, word=Word.SHOWN_FALSE)
