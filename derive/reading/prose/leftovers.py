"""What a sentence that assumes, or a clause with "if", says in words besides its formulas.

Every part of it is read, harmless, or left unread; what rests on an unread part is not
understood, so a part counts as harmless only if a closed list says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.reading.prose.roles import (
    CLAIMED,
    COMPARED,
    CONSEQUENCE,
    FOREIGN_IF,
    FORMULA,
    LONE,
    assumed_in_words,
)
from derive.reading.prose.worded import VALUES, distributed

_ASIDE = re.compile(r"\((?!\s*(?:and|also|as well|with)\b)[^()]*\)?", re.IGNORECASE)
_CUT = re.compile(rf"{FORMULA}|[,;:]|\b(?:and|but|as well as|together with|moreover|also)\b", re.I)
_FILLERS = re.compile(
    r"^(?:(?:that|throughout|also|both|all|further\w*|now|here|again|moreover|always|strictly|the|a|an"
    r"|following|cases?|for|simplicity|once more|too|either|with|where|to|be|is|are|of|or|in)\b"
    r"[\s*_]*)+$",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:that|throughout|also|further\w*|now|here|again|moreover|first|next|instead|always"
    r"|for (?:simplicity|now|the moment|concreteness)|without loss of generality)\b[\s,]*)+",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"^(?:(?:[<>=≤≥≠]+\s*-?[\d.]+)|in (?:this|the|what|all|our|every)\b.*"
    r"|from (?:here|now) on\w*|everywhere|throughout\b.*"
    r"|(?:this|the|our) (?:section|text|note|document|whole|rest|following)\b.*"
    r"|(?:be|is|are|denotes?|stands? for|being|as|of)"
    r" (?:the|a|an|our|its|all|some|any|real|numbers?)\b.*"
    r"|(?:be )?(?:fixed|given|arbitrary|known|real)\b.*|as (?:usual|before|above|well)\b.*"
    r"|holds?\b.*"
    r"|for (?:a|the|some) (?:moment|while|time)\b.*|(?:to|for|in) (?:the )?(?:keep|make|fix"
    r"|simplicity|brevity|definiteness|ease|convenience|sake"
    r"|rest|remainder|following|all|every|each|any|this|these|now)\b.*|until .*|without loss.*"
    r"|one (?:sample|example)\b.*|(?:there is |that there is )?no bias\w*.*"
    r"|(?:we|you|one) (?:have|are given|know|use|look at|consider|work)\b.*"
    r"|(?:the|a|an|our|this|one) (?:\w+ ){0,3}(?:network|loss|cost|error|function|model|layers?"
    r"|dataset|sample|example|architecture|notation|convention|derivatives?|learning rate|task"
    r"|problem)\b.*)$",
    re.IGNORECASE,
)
#: "If z > 0 and the unit is on, then": a part of the condition that "and" joins to a formula.
_JOINED = re.compile(
    rf"{COMPARED}\s*,?\s*and\s+(?P<part>[^,;:.{COMPARED}{CLAIMED}]{{3,120}})", re.IGNORECASE
)
_NOTED = re.compile(
    r"^(?:(?:note|recall|remember|here|now|that|since|because|we know|know|as|suppose|assume)\b"
    r"\s*)+",
    re.IGNORECASE,
)
#: "$x$ and all weights are positive": a formula that shares the words behind it.
_SHARED = re.compile(
    rf"{LONE}\s*(?:,|and|as well as)\s+(?P<part>[^,;.\ue000-\ue002]+)", re.IGNORECASE
)
_CONDITION_WORD = (
    r"if|when|whenever|where|wherever|for|provided(?: that)?|as long as|so long as|since|because"
    r"|given(?: that)?|in case|in the case(?: that| where)?|once|while|with|assuming(?: that)?"
    r"|(?:in|on|under|within) the (?:region|case|assumption|condition|hypothesis)(?: where| that)?"
    rf"|{FOREIGN_IF}|für|solange|sofern|pour|para|per"
)
#: "Sind beide Einheiten aktiv, so …" is a condition, as "Are both units active" is a question.
_INVERTED = re.compile(r"(?:sind|ist|are|is)\b", re.IGNORECASE)
#: "In the active region", "active case": a condition that nobody spells out.
_REGION = re.compile(
    r"\b(?P<part>(?:\w+-)?(?:(?:in)?active|dead|firing|positive|negative|linear|(?:in)?aktive[nrms]?)\s+"
    r"(?:regions?|regimes?|branch|case|side|part|half|zone|bereich|fall|gebiet|zweig)"
    r"|(?:zone|région|cas|caso|región|regione)\s+(?:in)?a(?:cti|tti)\w+)\b",
    re.IGNORECASE,
)
_EXCEPT = r"unless|except (?:if|when|where)"
_BEFORE = re.compile(
    rf"(?:(?:^|[,;:]|\b(?:and|but|now|also|so)\b)[\s*_>#]*(?:{_CONDITION_WORD}|(?P<unless>{_EXCEPT}))"
    r"|^[\s*_>#]*(?:sind|ist))\s+"
    rf"(?P<part>[^,;:.(){{}}\ue000-\ue002]{{3,120}}?)\s*(?:[,:(]|\bthen\b|\bwe\b|$)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"{CLAIMED}[\s,]*(?:\(\s*)?(?:{_CONDITION_WORD}|(?P<unless>{_EXCEPT}))\s+"
    r"(?P<part>[^,;:.(){}\ue000-\ue002]{3,120})",
    re.IGNORECASE,
)
#: "$dC/dw = ...$ (all units active)": a condition without a word for one.
_APPENDED = re.compile(
    rf"{CLAIMED}[\s,;:]*(?:[–—(]\s*)?(?P<part>(?:all|both|every|each)\s[^,;:.(){{}}\ue000-\ue002]{{3,80}})",
    re.IGNORECASE,
)
_NO_PART = re.compile(
    r"\b(?:otherwise|else|if|when|whenever|for|at|where|it|this)\s*$|\botherwise\b", re.I
)


def parts_assumed(sentence: str, start: int = 0) -> Iterator[str]:
    """The parts in words of a sentence that assumes, from `start` on, which are not harmless.

    Where no formula is assumed beside them, only words about values count: "suppose we have
    a network" assumes nothing that an equation could need.
    """
    rest = assumed_in_words(sentence)
    if rest is None:
        return
    begin = len(sentence) - len(rest)
    strict = COMPARED in rest
    rest = " " * max(start - begin, 0) + rest[max(start - begin, 0) :]
    end = CONSEQUENCE.search(rest)
    rest = _ASIDE.sub(" ", rest[: end.start()] if end else rest)
    yield from (part for part in map(_shared, _SHARED.finditer(rest)) if VALUES.search(part))
    for piece in _CUT.split(distributed(rest)):
        part = _LEADING.sub("", piece.strip(" \t\n*_.:!?)(")).strip()
        if not part or _FILLERS.match(part):
            continue
        if VALUES.search(part) or (strict and not _HARMLESS.match(part)):
            yield part


def _shared(found: re.Match[str]) -> str:
    return f"what comes before, and {found['part'].strip()}"


def parts_joined(words: str) -> Iterator[str]:
    """What "and" joins in words to a condition in a formula."""
    for found in _JOINED.finditer(words):
        part = found["part"].strip()
        if VALUES.search(part) and not _NO_PART.search(part) and not CONSEQUENCE.match(part):
            yield CONSEQUENCE.split(part)[0].strip()


def conditions_before(words: str) -> Iterator[tuple[str, bool]]:
    """The conditions in words alone before an equality, and whether "unless" denies them."""
    since = words.rpartition(CLAIMED)[2]
    for found in _BEFORE.finditer(since):
        part = found["part"].strip()
        if VALUES.search(part) and not _NO_PART.search(part):
            yield part, bool(found["unless"])
    yield from ((found["part"], False) for found in _REGION.finditer(since))


def conditions_behind(words: str) -> Iterator[tuple[str, bool]]:
    """The same of what stands right behind the last equality of a sentence."""
    said = ((found, bool(found["unless"])) for found in _BEHIND.finditer(words))
    appended = ((found, False) for found in _APPENDED.finditer(words))
    for found, unless in (*said, *appended):
        part = found["part"].strip()
        if (
            VALUES.search(part)
            and not _NO_PART.search(part)
            and CLAIMED not in words[found.end() :]
        ):
            yield part, unless
    rest = words.rpartition(CLAIMED)[2]
    yield from ((found["part"], False) for found in _REGION.finditer(rest))


def parts_stated(sentence: str) -> Iterator[str]:
    """What may be statements about values in a sentence: its parts between commas and formulas."""
    for piece in _CUT.split(sentence):
        part = _NOTED.sub("", piece.strip(" \t\n*_.:!?)(-")).strip()
        if VALUES.search(part) and not _INVERTED.match(part):
            yield part
