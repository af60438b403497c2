"""What is said of a judged equation, in sentences and in the names of its document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Basic, S

from derive.algebra.indices import LETTERS, index, index_symbols
from derive.algebra.quantities import Partial, Quantity
from derive.checking.assessment import Verdict
from derive.checking.diagnosing.sentences import Say, sentence
from derive.checking.verdicts import Checked, Judged, Part
from derive.notation.ascii.printing import ascii_text
from derive.notation.point_text import point_text
from derive.notation.tex import tex
from derive.proving import Counterexample, Kinks, Scope
from derive.proving.kinks.distributions import concerns
from derive.reading.own_names import OwnNames
from derive.reading.statements import Assumption, Claim, Outside, Statement
from derive.reading.tex_own import tex_in_own_names

_TOKEN = r"[A-Za-z][A-Za-z0-9]*(?:\{[^}]*\})?"


@dataclass(frozen=True)
class Wording:
    """Sentences about a document, or the part of it about one network, in its own names.

    `beside` is the formula whose names and letters come before those of the others.
    """

    part: Part
    beside: Statement | None = None

    @property
    def _at_zero(self) -> Any:
        return self.part.network.step_at_zero

    @cached_property
    def _declared(self) -> dict[str, str]:
        """The names that the network or the caller declares, by what they stand for.

        A name that is ours for something else is left out: one name would stand for two things.
        """
        found: dict[str, str] = {}
        for name, ours in self.part.names.items():
            if name in self._ours and name != ours:
                continue
            if re.fullmatch(r"\\?[A-Za-z][A-Za-z0-9_]*", name) and re.fullmatch(_TOKEN, ours):
                found.setdefault(ours, name)
        return found

    @cached_property
    def _ours(self) -> frozenset[str]:
        """The names that are ours for the quantities of the network."""
        from derive.notation.ascii.names import vocabulary

        tensors = vocabulary(self.part.network).tensors
        return frozenset(tensors) | {"x", "y", "yhat", "C", "U"}

    @cached_property
    def _own(self) -> dict[str, str]:
        """What this document calls the tensors and quantities that it renames."""
        found = dict(self._declared)
        if self.part.kind != "text":
            for spelling in self._names.spellings:
                name = spelling.name + (f"_{spelling.below}" if spelling.below else "")
                plain = not (spelling.layer or spelling.of_cost) and name.isidentifier()
                ours = ascii_text(Quantity(spelling.kind, spelling.number), self._at_zero)
                shadows = name in self._ours
                if (
                    plain
                    and name != ours
                    and not shadows
                    and not (spelling.kind == "W" and self._names.turned)
                ):
                    found.setdefault(ours, name)
        return found

    @cached_property
    def _names(self) -> OwnNames:
        document = self.part.own_names
        local = self.beside.names if isinstance(self.beside, Claim) else None
        return document if local is None else local.and_then(document)

    def _relettered(self, expression: Basic) -> Basic:
        """The expression with the document's letters for its indices."""
        if not isinstance(self.beside, Claim):
            return expression
        if self.part.kind == "text" and not self._names.letters:
            return expression
        claim = self.beside
        claimed = index_symbols(claim.left) | index_symbols(claim.right)
        return expression.xreplace(self._names.relettered(expression, claimed))

    def plain(self, expression: Basic) -> str:
        """An expression in the ASCII notation."""
        text = ascii_text(self._relettered(expression), self._at_zero)
        if not self._own:
            return text
        return re.sub(_TOKEN, lambda match: self._renamed(match.group(0)), text)

    def _renamed(self, token: str) -> str:
        own = self._own.get(token)
        if own is not None:
            return own
        # Differentials are one word: dW0, dW0dW1.
        if token.startswith("d") and len(token) > 1:
            parts = re.split(r"d(?=[A-Za-z])", token)
            return "d".join(self._own.get(part, part) for part in parts)
        return token

    def in_notation(self, expression: Basic) -> str:
        """An expression as the document would write it: LaTeX, or ASCII in plain text."""
        return self.plain(expression) if self.part.kind == "text" else self.latex(expression)

    def latex(self, expression: Basic) -> str:
        """An expression in LaTeX."""
        written = tex_in_own_names(self._relettered(expression), self._names)
        for ours, name in self._declared.items():
            head = _latex_head(self.part, ours)
            if head is not None:
                written = re.sub(re.escape(head) + r"(?!\^|\w)", lambda _, n=name: n, written)
        return written

    # -- sentences -------------------------------------------------------------------------

    def message(self, judged: Judged, say: Say | None = None) -> str:
        """Everything there is to say of a statement after its verdict."""
        say = say or self.plain
        parts = [part for part in self._parts(judged, say) if part]
        return "; ".join(parts)

    def _parts(self, judged: Judged, say: Say) -> Iterator[str]:
        match judged.statement:
            case Assumption():
                yield f"assumed from here on: {say(judged.statement.condition)}"
                return
            case Outside():
                yield judged.statement.reason
                return
            case _:
                pass
        if judged.layers:
            yield f"for {' and '.join(judged.layers)}"
        match judged.verdict:
            case Verdict.RIGHT:
                yield self.scope(judged, say) or ""
                if judged.rests_on is not None:
                    yield f"but it continues line {judged.rests_on}, which is not right"
            case Verdict.RIGHT_IF:
                yield self._condition(judged, say)
                yield from self._mistake(judged, say)
            case Verdict.WRONG:
                yield from self._mistake(judged, say)
            case _:
                yield judged.remark

    def _mistake(self, judged: Judged, say: Say) -> Iterator[str]:
        assessment = judged.assessment
        if judged.carried_from is not None:
            yield f"error carried forward from line {judged.carried_from}"
        if judged.diagnosis is not None and judged.verdict is Verdict.WRONG:
            yield sentence(judged.diagnosis, say)
        elif judged.diagnosis is not None and judged.diagnosis.right is not None:
            yield f"in general {sentence(judged.diagnosis, say)}"
        if judged.should_be is not None:
            yield f"the right side should be {self._should_be(judged, say)}"
        if assessment is None:
            return
        if judged.verdict is Verdict.WRONG and assessment.condition is not None:
            yield f"as it stands it holds only where {self._condition(judged, say)}"
        if assessment.remark and assessment.proof is not None:
            yield f"as written it has no meaning here ({assessment.remark}); judged at equal widths"
        elif assessment.remark:
            yield assessment.remark
        if assessment.counterexample is not None:
            yield f"for example {self._counterexample(assessment.counterexample)}"
            if _is_about_a_kink(judged.statement):
                yield "which are values off the kink, or factors of the delta at it"

    def _should_be(self, judged: Judged, say: Say) -> str:
        assert judged.should_be is not None
        # In a terminal this one is to be copied into the document.
        return (self.in_notation if say == self.plain else say)(judged.should_be)

    def _condition(self, judged: Judged, say: Say) -> str:
        assert judged.assessment is not None and judged.assessment.condition is not None
        return say(judged.assessment.condition)

    def diagnosis(self, judged: Judged) -> str | None:
        """The mistake and what would be right, in one sentence; None where nothing was found."""
        parts: list[str] = []
        if judged.diagnosis is not None:
            parts.append(sentence(judged.diagnosis, self.plain))
        if judged.should_be is not None:
            parts.append(f"the right side should be {self._should_be(judged, self.plain)}")
        return "; ".join(parts) or None

    def scope(self, judged: Judged, say: Say | None = None) -> str | None:
        """For what an equation was proved, in words; None for what is not right."""
        if judged.by_definition:
            return "by definition"
        assessment = judged.assessment
        if (
            assessment is None
            or assessment.verdict is not Verdict.RIGHT
            or assessment.proof is None
        ):
            return None
        scope = assessment.proof.scope
        return ", ".join(self._scope_parts(judged, scope, say or self.plain))

    def _scope_parts(self, judged: Judged, scope: Scope, say: Say) -> Iterator[str]:
        assessment = judged.assessment
        assert assessment is not None and assessment.proof is not None
        own = self.plain(self._at_zero)
        everywhere = "for all real values"
        if scope.derivative:
            everywhere = "wherever C is differentiable, and at kinks by the convention"
        at_kinks = everywhere if scope.derivative else f"{everywhere} with"
        match scope.kinks:
            case Kinks.NONE if not scope.derivative:
                yield everywhere
            case Kinks.NONE | Kinks.EVERY_CONVENTION:
                yield f"{everywhere}{', for' if scope.derivative else ' and'} every Step(0)"
            case Kinks.IDEMPOTENT:
                yield f"{at_kinks} Step(0) = 0 or 1, and away from kinks otherwise"
            case Kinks.AS_STATED | Kinks.EXCLUDED if assessment.elsewhere is not None:
                example = self._counterexample(assessment.elsewhere)
                yield f"{at_kinks} Step(0) = {own}"
                yield f"not with every value: it fails for {example}"
            case Kinks.AS_STATED:
                yield f"{at_kinks} Step(0) = {own}"
            case Kinks.EXCLUDED:
                yield "away from kinks only"
                if assessment.proof.counterexample is not None:
                    example = self._counterexample(assessment.proof.counterexample)
                    yield f"not at every kink: it fails for {example}"
            case Kinks.ISOLATED:
                yield "as distributions, around a kink where no other pre-activation is 0"
        if scope.where != S.true:
            yield f"where {say(scope.where)}"
        if scope.assuming:
            yield "for targets that sum to 1"
        for base in scope.nonzero:
            yield f"where {say(base)} is not 0"
        for argument in scope.apart:
            yield f"where {say(argument)} is not 0, which may leave out a region"
        for relation in scope.domain:
            yield f"where {say(relation)}"
        if not scope.widths.every:
            yield "at the widths of this network"
        elif _has_indices(judged.statement):
            yield "at every width"

    def _counterexample(self, point: Counterexample) -> str:
        values = point_text(point.values, self._name_of_value)
        sides = f"left {point.left}, right {point.right}"
        return f"{values}: {sides}" if values else sides

    def _name_of_value(self, name: str) -> str:
        """What the document calls a tensor or an index of a point."""
        if name in LETTERS:
            return str(self._relettered(index(name)))
        return self._own.get(name, name)


def _latex_head(part: Part, ours: str) -> str | None:
    """How our LaTeX writes the tensor or quantity of an ASCII name."""
    from derive.notation.ascii.names import vocabulary

    found = vocabulary(part.network).tensors.get(ours)
    return None if found is None else tex(Quantity(*found))


def _is_about_a_kink(statement: Any) -> bool:
    return isinstance(statement, Claim) and concerns(statement.left, statement.right)


def _has_indices(statement: Any) -> bool:
    sides = (statement.left, statement.right) if isinstance(statement, Claim) else ()
    return any(q.indices for side in sides for q in side.atoms(Quantity, Partial)
               if isinstance(q, Quantity))  # fmt: skip


def in_words(checked: Checked) -> Iterator[tuple[Judged, Wording]]:
    """All statements of a document, each with what finds the words for it."""
    for part in checked.parts:
        for one in part.judged:
            yield one, Wording(part, one.statement)
