"""The few words around a formula that change what it says: "assume that", "if", "> 0"."""

from __future__ import annotations

import re

_LOOKS_BACK = 80

_ASSUMES = re.compile(
    r"\b(assum(e|es|ing|ed)|suppos(e|es|ing)|let|letting|require|restrict\w*)\b"
    r"([\s,]+(also|further|furthermore|now|again|that|throughout|both|the|input|weights?|all|we|have|us"
    r"|instead|conversely|however|then|first|next|henceforth|on the (other hand|contrary)"
    r"|for (now|simplicity|the moment|concreteness|definiteness)|without loss of generality))*"
    r"[\s:,]*\**$",
    re.IGNORECASE,
)
#: "Assumptions: x > 0", "Throughout, x > 0": words that assume where a sentence begins with them.
_BEGINS_BY_ASSUMING = re.compile(
    r"(^|[.\n])[\s*_>#]*(assumptions?[\s*_]*:|throughout( this \w+)?,?)[\s*_]*$", re.IGNORECASE
)
#: "Assume the following:", and what opens a list behind it.
_LIST_OF_ASSUMPTIONS = re.compile(
    r"\b(assum(e|es|ing|ptions?)|suppos(e|ing)|require)\b"
    r"(\s+(that|the|all|of|following|these|conditions?|holds?|is|are|true|also|throughout))*"
    r"[\s*_:}.>]*(\\begin\{(itemize|enumerate)\}(\[[^\]\n]*\])?\s*)?$",
    re.IGNORECASE,
)
#: "assume x > 0 and y > 0": a second formula that only such a word parts from the first.
_GOES_ON = re.compile(r"^\s*(,|and|, and)\s*$")
_CONDITION_WORD = re.compile(
    r"(^|[\s,(])(if|for|when|whenever|where|wherever|provided( that)?|as long as|with|since|because"
    r"|in (the )?case( that| where| of)?|(on|in) the region( where)?)\s*$",
    re.IGNORECASE,
)
_PLACE_WORD = re.compile(
    r"\b(at|near|around|from|about|to|than|by|towards|of|precisely|exactly|value|point|points)\s*$",
    re.IGNORECASE,
)
#: "When the unit is active ($z > 0$), …": the words of the condition, and then it.
_IN_BRACKETS = re.compile(r"\b(if|when|whenever)\b[^.;$]{0,60}\(\s*$", re.IGNORECASE)
_BESIDES = re.compile(r"\b(also|moreover|furthermore|further|in addition|besides)\b", re.IGNORECASE)
_ONLY_CONDITION_WORD = re.compile(
    r"^[\s,;(]*(if|for|when|whenever|where|wherever|provided( that)?|as long as|since|because"
    r"|in (the )?case( that| where| of)?|(on|in) the region( where)?)\s*(all\s*)?$",
    re.IGNORECASE,
)
#: What makes even an equality a condition.
_IF = re.compile(
    r"(^|[\s,(*])(if|when|whenever|provided( that)?|as long as|suppos(e|ing)( that)?"
    r"|assum(e|ing)( that)?|in (the )?case( that| where| of)?|wherever"
    r"|at(\s+(the\s+)?(points?|places?)(\s+where)?)?)\s*$",
    re.IGNORECASE,
)
_AT = re.compile(
    r"(^|[\s,(*])at(\s+(the\s+)?(points?|places?|kink)(\s+where)?)?[\s,]*$", re.IGNORECASE
)
_OTHERWISE_BEFORE = re.compile(
    r"(^|[.;:,\n*]|\band|\bor)[\s*]*(otherwise|else|if\s+not|(if|when)\s+(it|this)\s+(is|does)\s+not)"
    r"\b[^.;$]{0,60}$",
    re.IGNORECASE,
)
_OTHERWISE_BEHIND = re.compile(
    r"^[\s,]*(otherwise|else|elsewhere|in all other cases|in the other case)\s*([.;,]|$)",
    re.IGNORECASE,
)
_COMPARISON = re.compile(r"^\s*(>|<|>=|<=|≥|≤|≠|!=)\s*(-?[0-9]+(?:\.[0-9]+)?)(?![0-9$])")


def assumes(prose: str) -> bool:
    """Whether the words before a formula make it an assumption."""
    near = prose[-_LOOKS_BACK:]
    return bool(_ASSUMES.search(near) or _BEGINS_BY_ASSUMING.search(near))


def announces_assumptions(prose: str) -> bool:
    """Whether the words before a list make assumptions of its items."""
    return bool(_LIST_OF_ASSUMPTIONS.search(prose[-2 * _LOOKS_BACK :]))


def goes_on(prose: str) -> bool:
    """Whether only a comma or "and" stands between two formulas."""
    return bool(_GOES_ON.match(prose[-_LOOKS_BACK:])) and len(prose) < _LOOKS_BACK


def ends_with_condition_word(prose: str) -> bool:
    """Whether the words before a formula end with "if" or the like."""
    near = prose[-_LOOKS_BACK:]
    return bool(_CONDITION_WORD.search(near) or _IN_BRACKETS.search(near))


def adds_a_condition(prose: str) -> bool:
    """Whether a further condition is one besides those that the sentence has stated."""
    return goes_on(prose) or bool(_BESIDES.search(prose[-_LOOKS_BACK:]))


def ends_with_place_word(prose: str) -> bool:
    """Whether the words before x = 0 make it a place: "at", "away from"."""
    return bool(_PLACE_WORD.search(prose[-_LOOKS_BACK:]))


def introduces_condition(prose: str) -> bool:
    """Whether nothing but "if" or the like stands between two formulas."""
    return len(prose) < _LOOKS_BACK and bool(_ONLY_CONDITION_WORD.match(prose))


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


def condition_after(prose: str) -> str:
    """The "> 0" that follows a formula in plain words, or nothing."""
    found = _COMPARISON.match(prose[:_LOOKS_BACK])
    return found.group() if found else ""
