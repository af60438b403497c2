"""The few words around a formula that change what it says: "assume that", "if", "> 0"."""

from __future__ import annotations

import re

from derive.reading.prose.roles import FOREIGN_IF, FOREIGN_OTHERWISE, denies_assuming
from derive.reading.prose.worded import comparison_behind

_LOOKS_BACK = 80

#: "Assume the following:", and what opens a list behind it.
_LIST_OF_ASSUMPTIONS = re.compile(
    r"\b(assum(e|es|ing|ptions?)|suppos(e|ing)|require)\b"
    r"(\s+(that|the|all|of|following|these|conditions?|holds?|is|are|true|also|throughout))*"
    r"[\s*_:}.>]*(\\begin\{(itemize|enumerate)\}(\[[^\]\n]*\])?\s*)?$",
    re.IGNORECASE,
)
#: Targets that are 1 for one class: what is said of that class is not said of every target.
_ONE_CLASS = re.compile(
    r"\bone[-\s]hot\b|\b(?:correct|true|right|actual|target|ground[-\s]truth|gold)\s+"
    r"(?:class|label|category|answer|word|token)\b",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\b(?:some|other|many)\s+(?:sources|authors|people|texts|textbooks|books|papers|tutorials|writers)\b"
    r"|\bsome\s+(?:also\s+)?(?:write|define|call)\b",
    re.IGNORECASE,
)
_FOR_ALL = re.compile(r"\\forall|∀")
#: "assume x > 0 and y > 0": a second formula that only such a word parts from the first.
_GOES_ON = re.compile(r"^\s*(,|and|, and|und|et|y|e|oraz)\s*$")
_PLACE_WORD = re.compile(
    r"\b(at|near|around|from|about|to|than|by|towards|of|precisely|exactly|value|point|points)\s*$",
    re.IGNORECASE,
)
_WHERE = re.compile(r"\bwhere\s*$", re.IGNORECASE)
_BESIDES = re.compile(r"\b(also|moreover|furthermore|further|in addition|besides)\b", re.IGNORECASE)
#: What makes even an equality a condition.
_IF = re.compile(
    rf"(^|[\s,(*])({FOREIGN_IF}|if|when|whenever|provided( that)?|as long as|suppos(e|ing)( that)?"
    r"|assum(e|ing)( that)?|in (the )?case( that| where| of)?|wherever"
    r"|at(\s+(the\s+)?(points?|places?)(\s+where)?)?)\s*$",
    re.IGNORECASE,
)
_AT = re.compile(
    r"(^|[\s,(*])at(\s+(the\s+)?(points?|places?|kink)(\s+where)?)?[\s,]*$", re.IGNORECASE
)
_OTHERWISE_BEFORE = re.compile(
    rf"(^|[.;:,\n*]|\band|\bor)[\s*]*({FOREIGN_OTHERWISE}|otherwise|else|if\s+not|(if|when)\s+(it|this)\s+(is|does)\s+not)"
    r"\b[^.;$]{0,60}$",
    re.IGNORECASE,
)
_OTHERWISE_BEHIND = re.compile(
    rf"^[\s,]*({FOREIGN_OTHERWISE}|otherwise|else|elsewhere|in all other cases"
    r"|in the other case)\s*([.;,]|$)",
    re.IGNORECASE,
)
#: What every end of a sentence has or stands before; seen faster than the end itself.
_MAY_END = re.compile(r"[.!?\n\\]")
#: A point that abbreviates no word, a paragraph that does not go on, an item, a heading.
_ENDS = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bcf)(?<!\bresp)(?<!\bw\.r\.t)[.!?](?=[\s*})]|$)"
    r"|\n[ \t]*\n(?=\s*[*_]*(?:[A-Z\n#>*+-]|\\|\d))"
    r"|\n(?=[ \t>]{0,20}(?:[-*+•]|\(?\d{1,3}[.)]|\([a-z]\))[ \t])|\n(?=[ \t]{0,3}\#{1,6}[ \t])"
    r"|(?=\\(?:item|(?:sub){0,2}section|(?:sub)?paragraph)\b)",
    re.MULTILINE,
)
#: How far before the end of a text an end of a sentence can begin that only what follows shows.
_LONGEST_END = 40
#: Two words in a row, which no formula has, but for those that join its parts.
_WORDS = re.compile(
    r"(?<![\w\\])(?!(?:if|else|and|or|otherwise|when|for)\b)[A-Za-z]{2,}[ ,]+"
    r"(?!(?:if|else)\b)[A-Za-z]{2,}\b"
)
_COMPARISON = re.compile(r"^\s*(>|<|>=|<=|≥|≤|≠|!=)\s*(-?[0-9]+(?:\.[0-9]+)?)(?![0-9$])")


def is_among_words(content: str) -> bool:
    """Whether a formula stands among words, so that nobody can tell where it ends."""
    return _WORDS.search(content) is not None


def announces_assumptions(prose: str) -> bool:
    """Whether the words before a list make assumptions of its items."""
    near = prose[-2 * _LOOKS_BACK :]
    return bool(_LIST_OF_ASSUMPTIONS.search(near)) and not denies_assuming(
        sentences_of(near.rstrip())[-1]
    )


def goes_on(prose: str) -> bool:
    """Whether only a comma or "and" stands between two formulas."""
    return bool(_GOES_ON.match(prose[-_LOOKS_BACK:])) and len(prose) < _LOOKS_BACK


def adds_a_condition(prose: str) -> bool:
    """Whether a further condition is one besides those that the sentence has stated."""
    return goes_on(prose) or bool(_BESIDES.search(prose[-_LOOKS_BACK:]))


def ends_with_place_word(prose: str) -> bool:
    """Whether the words before x = 0 make it a place: "at", "away from"."""
    return bool(_PLACE_WORD.search(prose[-_LOOKS_BACK:]))


def ends_with_where(prose: str) -> bool:
    """Whether the words before x = 0 end with "where"."""
    return bool(_WHERE.search(prose[-_LOOKS_BACK:]))


def is_joining(prose: str) -> bool:
    """Whether nothing but "and" or "or" stands between two formulas."""
    return prose.strip().lower() in ("and", "or")


def ends_with_if(prose: str) -> bool:
    """Whether the words before a formula make even an equality a condition."""
    return bool(_IF.search(prose[-_LOOKS_BACK:]))


def ends_with_at(prose: str) -> bool:
    """Whether the words before a formula end with "at"."""
    return bool(_AT.search(prose[-_LOOKS_BACK:]))


def is_otherwise(prose: str, *, follows: bool = False) -> bool:
    """Whether "otherwise" stands before a formula, or `follows` it, in these words."""
    if follows:
        return bool(_OTHERWISE_BEHIND.match(prose))
    return bool(_OTHERWISE_BEFORE.search(prose[-2 * _LOOKS_BACK :]))


def comparison_after(prose: str) -> tuple[int, str]:
    """The "> 0" or "is positive" that follows a formula in plain words, and its length."""
    found = _COMPARISON.match(prose[:_LOOKS_BACK])
    if found is not None:
        return found.end(), found.group()
    return comparison_behind(prose[:_LOOKS_BACK])


def sentences_of(text: str, known: int = 0) -> list[str]:
    """The sentences of a text; the last one may go on.

    Of the first `known` characters it is known that they are one sentence, if not how far it goes.
    """
    since = max(0, len(text[:known].rstrip()) - _LONGEST_END)
    if not _MAY_END.search(text, since):
        return [text]
    ends = [match.end() for match in _ENDS.finditer(text, since)]
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


def speaks_of_all(text: str) -> bool:
    """Whether a sign says that it holds for all units, whatever was said of some before."""
    return _FOR_ALL.search(text) is not None


def speaks_of_others(text: str) -> bool:
    """Whether words say what others write, whose names may mean something else."""
    return _OF_OTHERS.search(text) is not None


def speaks_of_one_class(text: str) -> bool:
    """Whether a text speaks of targets that are 1 for one class and 0 for all others."""
    return _ONE_CLASS.search(text) is not None
