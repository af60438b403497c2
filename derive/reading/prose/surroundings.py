"""Under which conditions a formula stands: those of its sentence, its list item and its case.

"If z > 0, then" holds for its sentence and for those that go on from it with "then" or
"hence"; what begins an item of a list holds for that item; a case holds until the next one,
until the next heading of its rank, or until the text speaks of all cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sympy import And, Basic, Not, Or, S

from derive.algebra.quantities import Quantity
from derive.reading.prose.roles import FOREIGN_IF, FOREIGN_OTHERWISE
from derive.reading.prose.words import announces_assumptions, goes_on

#: What words state; None where that was not understood.
Condition = Basic | None

#: The rank of a case that no heading opens: any heading ends it.
_IN_TEXT = 99
_RANKS = {"section": 1, "subsection": 2, "subsubsection": 3, "paragraph": 4, "subparagraph": 5}
_ITEM = r"^[ \t>]{0,20}(?:[-*+•]|\(?\d{1,3}[.)]|\([a-z]\))[ \t]+|\\item\b[ \t]*\[?"
_EVENT = re.compile(
    r"(?P<heading>^[ \t]{0,3}(?P<hashes>\#{1,6})[ \t]"
    r"|\\(?P<section>(?:sub){0,2}section|(?:sub)?paragraph)\*?\s{0,3}\{)"
    rf"|(?P<item>{_ITEM})"
    r"|(?P<endlist>\\end\{(?:itemize|enumerate|description)\})"
    r"|(?P<allcases>\b(?:in|for|cover\w*|combin\w+|together)\s+(?:both|either|all|any|every|these|the\s+two)"
    r"(?:\s+\w+)?\s+cases?\b|\b(?:in|for)\s+(?:either|any|every)\s+case\b|\bin\s+general\b)"
    r"|(?P<case>(?<![a-z])(?:sub)?case\b(?!\s+(?:that|of|where|when|stud)\b)"
    r"(?:[ \t~]*\(?(?P<label>(?:\d{1,2}|[ivx]{1,4}|[a-z])(?:\.?(?:\d{1,2}|[a-z]))?)\b\)?)?"
    r"|\b(?:first|second|third|fourth|other|remaining|last)\s+case\b)"
    rf"|(?P<otherwise>\b(?:{FOREIGN_OTHERWISE}|otherwise|if\s+not|(?<!all\s)(?<!thing\s)(?<!where\s)(?<!who\s)else"
    r"|(?:if|when)\s+(?:it|this)\s+(?:is|does)\s+not)\b)"
    r"|(?P<paragraph>\n[ \t]*\n)"
    r"|(?P<stop>(?<!\be\.g)(?<!\bi\.e)(?<!\be\.g)(?<!\bcf)(?<!\bresp)(?<!\bw\.r\.t)[.!?](?=[\s*})]|$))",
    re.IGNORECASE | re.MULTILINE,
)
_BEGINS_WITH_ITEM = re.compile(rf"\s*(?:{_ITEM})", re.MULTILINE)
#: What goes on from a sentence with a condition, under that condition.
_GOES_ON = re.compile(
    r"^[\s*_]*(then|hence|thus|so|therefore|consequently|it follows"
    r"|this (gives|means|yields)|in (this|that|such a) case)\b",
    re.IGNORECASE,
)
#: What may go on under that condition, or not.
_MAY_GO_ON = re.compile(
    r"^[\s*_]*((?P<adds>also|moreover|furthermore)|here|there)\b", re.IGNORECASE
)
_BLANK_LINE = re.compile(r"[ \t]*\n[ \t]*\n")
#: A new paragraph that goes on with the alternatives of the one before.
_ALTERNATIVE = re.compile(
    rf"^[\s*_]*({FOREIGN_IF}|{FOREIGN_OTHERWISE}"
    r"|if|when|whenever|for|otherwise|else|on the other hand|in|at|and|or|but)\b",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"(^|[\n.:;#*>{(\[—–-])[\s*_{]*((in|for|consider|now|the|and)\s+){0,3}$", re.IGNORECASE
)
_BEGINS = re.compile(r"^[\s*_]*[A-Z]")
_FILLER = re.compile(
    r"^[\s*_:({\[]*((if|when|whenever|where|for|at|assume|suppose|let|in|on|the|case|region|that)[\s*_:,]*){0,4}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Case:
    """A case, its label in parts ("2", "a"); it awaits its condition until one is stated.

    `named` where the word "case" opens it, and not only a heading with a comparison.
    """

    rank: int
    label: tuple[str, ...] = ()
    named: bool = False
    condition: Condition = S.true
    awaits: bool = True

    def goes_on(self, label: tuple[str, ...], *, part: bool) -> bool:
        """Whether a case of this label that begins now is a part of this one."""
        if self.rank != _IN_TEXT and not self.named:
            return True
        if part:
            return len(self.label) < 2
        return bool(self.label) and len(label) > len(self.label) == len(
            [1 for one, other in zip(self.label, label, strict=False) if one == other]
        )


@dataclass(frozen=True)
class Surroundings:
    """What holds at a place of a document besides its assumptions.

    Attributes:
        sentence: what "if" or "at" states for this sentence.
        perhaps: what the sentence before stated, which may hold for this one too.
        item: what the head of this list item states.
        cases: the cases that are open, outer ones first.
        awaits: "item" or "case" where the next comparison is the condition of one, "assumption"
            in a list of assumptions.
        alternatives: the conditions that an "otherwise" denies.
        denies: whether the words before the formula are such an "otherwise".
        listed: whether the items of this list are assumptions.
    """

    sentence: Condition = S.true
    perhaps: Condition = S.true
    item: Condition = S.true
    cases: tuple[_Case, ...] = ()
    awaits: str = ""
    alternatives: tuple[Condition, ...] = ()
    denies: bool = False
    listed: bool = False

    @property
    def condition(self) -> Condition:
        """All that holds here together."""
        return _all(self.sentence, self.item, *(case.condition for case in self.cases))

    def after(self, prose: str) -> Surroundings:
        """What holds behind these words, which stand between two formulas."""
        goes_on_assuming = self.awaits == "assumption" and goes_on(prose)
        here = replace(self, awaits="assumption" if goes_on_assuming else "", denies=False)
        events = list(_EVENT.finditer(prose))
        for number, event in enumerate(events, 1):
            last = number == len(events)
            here = here._told(event, prose[event.end() :], prose, last=last)
        if not here.awaits and any(case.awaits for case in here.cases[-1:]):
            here = replace(here, awaits="case")
        return here

    def _told(self, event: re.Match[str], rest: str, prose: str, *, last: bool) -> Surroundings:
        match str(event.lastgroup):
            case "hashes" | "section" | "heading":
                return self._under_heading(event, "\n" not in prose[event.end() :])
            case "item":
                return self._in_item(rest, prose[: event.start()], last=last)
            case "endlist":
                return replace(self, sentence=S.true, item=S.true, listed=False)
            case "allcases":
                return Surroundings()
            case "case" | "label":
                return self._in_case(event, rest, prose)
            case "otherwise":
                begins = not rest.strip(" ,:*\n") or len(rest) < 80
                return replace(self, sentence=S.true, denies=begins and bool(self.alternatives))
            case "paragraph":
                return self._new_paragraph(rest)
            case _:
                return self._new_sentence(rest)

    def _new_sentence(self, rest: str) -> Surroundings:
        may = _MAY_GO_ON.match(rest)
        if _GOES_ON.match(rest) or (may and _BLANK_LINE.match(rest)):
            return self
        return replace(self, sentence=S.true, perhaps=self.sentence if may else S.true)

    def _in_item(self, rest: str, before: str, *, last: bool) -> Surroundings:
        listed = self.listed or announces_assumptions(before)
        awaits = "item" if last and _FILLER.match(rest) else ""
        if listed and last and not rest.strip(" \t\n*_"):
            awaits = "assumption"
        return replace(self, sentence=S.true, item=S.true, awaits=awaits, listed=listed)

    def _new_paragraph(self, rest: str) -> Surroundings:
        if not rest.strip():
            return self
        indented = rest.startswith((" ", "\t"))
        here = self if indented else replace(self, item=S.true)
        here = replace(here, listed=here.listed and bool(_BEGINS_WITH_ITEM.match(rest)))
        if not _BEGINS.match(rest) or _GOES_ON.match(rest):
            return here
        may = _MAY_GO_ON.match(rest)
        perhaps = self.sentence if may and not may["adds"] else S.true
        here = replace(here, sentence=S.true, perhaps=perhaps)
        return here if _ALTERNATIVE.match(rest) else replace(here, alternatives=())

    def _under_heading(self, event: re.Match[str], formula_inside: bool) -> Surroundings:
        hashes, section = event["hashes"], event["section"]
        rank = len(hashes) if hashes else _RANKS[section.lower()]
        kept = tuple(case for case in self.cases if case.rank < rank)
        if formula_inside:  # "### z > 0": the heading itself is the case
            kept = (*kept, _Case(rank))
        return Surroundings(cases=kept)

    def _in_case(self, event: re.Match[str], rest: str, prose: str) -> Surroundings:
        label = tuple(re.findall(r"\d+|[a-z]+", (event["label"] or "").lower()))
        ordinal = not event.group().lower().startswith(("case", "subcase"))
        if not _OPENS.search(prose[: event.start()]):
            return self
        if not (label or ordinal or _FILLER.match(rest)):
            return self
        *outer, inner = self.cases or (_Case(_IN_TEXT),)
        if inner.awaits and inner.rank != _IN_TEXT and not inner.named:
            # The heading in which the word stands has opened this case.
            return replace(self, cases=(*outer, replace(inner, label=label, named=True)))
        part = event.group().lower().startswith("sub")
        kept = tuple(case for case in self.cases if case.goes_on(label, part=part))
        alternatives = self.alternatives
        return Surroundings(
            cases=(*kept, _Case(_IN_TEXT, label, named=True)), alternatives=alternatives
        )

    # -- what is stated ------------------------------------------------------------------

    def restarted(self) -> Surroundings:
        """The same where another condition takes the place of the one of this sentence."""
        return replace(self, sentence=S.true)

    def stating(self, condition: Condition) -> Surroundings:
        """A condition of this sentence, besides what it has stated before."""
        together = _all(self.sentence, condition)
        return replace(self, sentence=together).with_alternative(condition)

    def opening(self, condition: Condition) -> Surroundings:
        """The condition of the item or case that awaits one."""
        here = replace(self, awaits="").with_alternative(condition)
        if self.awaits == "item":
            return replace(here, item=condition)
        *outer, inner = self.cases
        found = replace(inner, condition=condition, awaits=False)
        return replace(here, cases=(*outer, found))

    def not_awaiting(self) -> Surroundings:
        """The same once something else than a condition has been said."""
        if not self.awaits and not any(case.awaits for case in self.cases):
            return self
        *outer, inner = self.cases or (_Case(_IN_TEXT),)
        found = tuple(outer)
        if self.cases and not inner.awaits:
            found = self.cases
        elif inner.named:
            found = (*outer, replace(inner, awaits=False, condition=None))
        return replace(self, awaits="", cases=found)

    def with_alternative(self, condition: Condition) -> Surroundings:
        """The same with one more condition that "otherwise" may deny."""
        alike = tuple(one for one in self.alternatives if _about(one) == _about(condition))
        return replace(self, alternatives=(*alike, condition))

    @property
    def denial(self) -> Condition:
        """What "otherwise" states here."""
        return denied(self.alternatives)


def denied(alternatives: Sequence[Condition]) -> Condition:
    """That none of these conditions holds; None where one was not understood."""
    known = [one for one in alternatives if one is not None]
    return Not(Or(*known)) if known and len(known) == len(alternatives) else None


def _all(*conditions: Condition) -> Condition:
    known = [one for one in conditions if one is not None]
    return And(*known) if len(known) == len(conditions) else None


def _about(condition: Condition) -> set[Basic]:
    """The quantities that a condition compares."""
    return set(_atoms(condition)) if condition is not None else set()


def _atoms(condition: Basic) -> Iterator[Basic]:
    yield from condition.atoms(Quantity) or condition.free_symbols
