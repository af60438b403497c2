"""Conditions in words alone: "all weights are positive", "both units are active"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product

from sympy import And, Basic, Eq, Expr, Ge, Gt, Integer, Le, Lt, Ne

from derive.algebra.quantities import Quantity
from derive.model.model import Model
from derive.model.network import Network

#: So many entries of the tensors that the words speak of are written out.
_MOST_ENTRIES = 60
_SIGNS: dict[str, Callable[[Expr, int], Basic]] = {
    "positive": Gt,
    "greater than zero": Gt,
    "larger than zero": Gt,
    "above zero": Gt,
    "negative": Lt,
    "below zero": Lt,
    "less than zero": Lt,
    "smaller than zero": Lt,
    "nonnegative": Ge,
    "nonpositive": Le,
    "nonzero": Ne,
    "zero": Eq,
}
_UNIT_SIGNS: dict[str, Callable[[Expr, int], Basic]] = {
    **dict.fromkeys(("active", "on", "firing", "switched on", "turned on", "activated"), Gt),
    **dict.fromkeys(("inactive", "off", "dead", "switched off", "turned off", "silent"), Lt),
}
_NOUNS = {
    "weight": "W",
    "bias": "b",
    "parameter": "Wb",
    "input": "x",
    "target": "y",
    "pre-activation": "z",
    "preactivation": "z",
}
_UNIT_NOUNS = ("unit", "neuron", "relu", "node", "activation")
_SUBJECT = (
    r"(?:(?P<count>all|both|every|each|the|its|our|two|three|any)\s+)?(?:of\s+)?"
    r"(?:(?:the|its|our)\s+)?(?:(?P<number>two|three|one|single)\s+)?(?P<hidden>hidden\s+)?"
    rf"(?P<noun>{'|'.join(map(re.escape, (*_NOUNS, *_UNIT_NOUNS)))}|biase)(?P<plural>e?s)?"
)
_VERB = (
    r"(?:is|are|be|being|to be|stay|stays|remain|remains)"
    r"(?:\s+(?:all|both|strictly|also|always|taken|assumed|known)(?:\s+to be)?)*"
)
_PREDICATE = "|".join(sorted((*_SIGNS, *_UNIT_SIGNS), key=len, reverse=True))
_SENTENCE = re.compile(
    rf"^{_SUBJECT}\s+(?:{_VERB}\s+)?(?:strictly\s+)?(?P<sign>{_PREDICATE})$", re.IGNORECASE
)
#: "positive weights", "active units": as in "for positive weights".
_ATTRIBUTE = re.compile(
    rf"^(?:(?P<count>all|both|the|only)\s+)?(?:strictly\s+)?(?P<sign>{_PREDICATE})\s+"
    rf"(?P<hidden>hidden\s+)?(?P<noun>{'|'.join((*_NOUNS, *_UNIT_NOUNS))}|biase)(?P<plural>s)$",
    re.IGNORECASE,
)
#: What stands behind a formula and compares it with 0: "$x$ is positive".
_BEHIND = re.compile(
    r"^\s*(?:(?:is|are|be|being|to be|stay|remain|both|all|strictly|always|also)\s+)*"
    rf"(?P<sign>{'|'.join(sorted(_SIGNS, key=len, reverse=True))})(?=[\s.,;:)]|$)",
    re.IGNORECASE,
)
#: German words of which such conditions are made, each with the English one.
_GERMAN = {
    **dict.fromkeys(("beide", "beiden"), "both"),
    **dict.fromkeys(("alle", "allen", "sämtliche"), "all"),
    **dict.fromkeys(("die", "der", "das"), "the"),
    **dict.fromkeys(("einheiten", "neuronen", "neurone", "knoten"), "units"),
    **dict.fromkeys(("einheit", "neuron"), "unit"),
    **dict.fromkeys(("verborgenen", "versteckten"), "hidden"),
    **dict.fromkeys(("gewichte", "gewichten"), "weights"),
    **dict.fromkeys(("eingaben", "eingänge"), "inputs"),
    **dict.fromkeys(("sind", "seien"), "are"),
    "ist": "is",
    "aktiv": "active",
    **dict.fromkeys(("inaktiv", "abgeschaltet"), "inactive"),
    "positiv": "positive",
    "negativ": "negative",
}
_PLAIN_SUBJECT = re.sub(r"\?P<\w+>", "?:", _SUBJECT)
#: "the weights and the input are positive": each of them is.
_TOGETHER = re.compile(
    rf"(?P<first>{_PLAIN_SUBJECT})\s*(?:,|,?\s*and|as well as)\s+(?P<second>{_PLAIN_SUBJECT})\s+"
    rf"(?P<verb>{_VERB})\s+(?P<sign>{_PREDICATE})\b",
    re.IGNORECASE,
)
_WRITTEN = {Gt: "> 0", Lt: "< 0", Ge: r"\ge 0", Le: r"\le 0", Ne: r"\ne 0", Eq: "= 0"}
#: Active, dead and zero, as German, French, Spanish, Italian and Polish say it.
_FOREIGN_VALUES = (
    r"(?:in)?aktiv(?:e[nrms]?)?|abgeschaltet\w*|tote?[nrms]?|null|größer|kleiner|(?:in)?acti(?:fs?|ves?)"
    r"|nul(?:le)?s?|(?:in)?activ[oa]s?|cero|nulo|(?:in)?attiv[oiae]|(?:nie)?aktywn\w+|dodatni\w*|ujemn\w+"
)
#: Words that speak of the value of something.
VALUES = re.compile(
    r"\b(?:(?:non-?)?(?:positiv|negativ)\w*|non-?zero|zero|vanish\w*|active|inactive|dead|alive|firing"
    r"|fires?|off|on(?=$)|sign|signs|saturat\w*|kinks?|regions?|regimes?|greater|larger|smaller|less"
    rf"|exceeds?|bounded|equal|small|large|unity|{_FOREIGN_VALUES})\b",
    re.IGNORECASE,
)


def condition_in_words(network: Model, words: str) -> Basic | None:
    """The condition that these words state of every entry that they speak of; None for others.

    Words such as "all weights" mean something in a stack of layers only.
    """
    if not isinstance(network, Network):
        return None
    plain = re.sub(r"\bnon-\s*", "non", " ".join(words.split()).strip(" *_,.;:"))
    plain = _from_german(plain)
    each = distributed(plain)
    if each != plain:
        parts = [condition_in_words(network, part) for part in each.split(" and ")]
        known = [part for part in parts if part is not None]
        return And(*known) if len(known) == len(parts) else None
    found = _SENTENCE.match(plain) or _ATTRIBUTE.match(plain)
    if found is None:
        return None
    entries = _spoken_of(network, found)
    sign = found["sign"].lower()
    units = found["noun"].lower() in _UNIT_NOUNS
    relation = (_UNIT_SIGNS if units else _SIGNS).get(sign)
    if not entries or relation is None:
        return None
    return And(*(relation(entry, 0) for entry in entries))


def _from_german(words: str) -> str:
    """Both units are active, for "beide Einheiten aktiv sind"; where each word is known."""
    known = [_GERMAN.get(word.lower()) for word in words.split()]
    if None in known:
        return words
    verbs = [word for word in known if word in ("is", "are")]
    others = [word for word in known if word and word not in verbs]
    return " ".join((*others[:-1], *(verbs or ["are"]), *others[-1:]))


def distributed(words: str) -> str:
    """The words in which each of several subjects has the predicate that they share."""
    for _ in range(4):
        words, count = _TOGETHER.subn(r"\g<first> are \g<sign> and \g<second> are \g<sign>", words)
        if not count:
            break
    return words


def comparison_behind(after: str) -> tuple[int, str]:
    """How much of the words behind a formula compares it with 0, and how mathematics says it."""
    found = _BEHIND.match(re.sub(r"\bnon-(?=[a-z])", "non", after, count=1))
    if found is None:
        return 0, ""
    end = found.end() + (len(after) - len(re.sub(r"\bnon-(?=[a-z])", "non", after, count=1)))
    return end, _WRITTEN[_SIGNS[found["sign"].lower()]]


def _spoken_of(network: Network, found: re.Match[str]) -> list[Quantity] | None:
    """The entries that the subject means; None where that is not one set for certain."""
    noun = "bias" if found["noun"].lower() == "biase" else found["noun"].lower()
    count = (found["count"] or "").lower()
    number = (found.groupdict().get("number") or "").lower()
    hidden = bool(found["hidden"])
    if noun in _UNIT_NOUNS or hidden:
        layers = network.layer_numbers[1 : -1 if hidden else None]
        tensors = [("z", layer) for layer in layers]
    else:
        kind = _NOUNS[noun]
        tensors = list(_tensors(network, kind))
    entries = _entries(network, tensors)
    if not entries:
        return None
    singular = not found["plural"] and noun not in ("bias",)
    wanted = {"both": 2, "two": 2, "three": 3, "single": 1, "one": 1}
    expected = wanted.get(number) or wanted.get(count)
    if singular and count not in ("every", "each", "any"):
        expected = 1
    return entries if expected in (None, len(entries)) else None


def _tensors(network: Network, kind: str) -> Iterator[tuple[str, Expr]]:
    match kind:
        case "x":
            yield "r", network.first
        case "y":
            yield "y", network.last
        case "z":
            yield from (("z", layer) for layer in network.layer_numbers[1:])
        case _:
            yield from (group for group in network.parameter_groups if group[0] in kind)


def _entries(network: Network, tensors: list[tuple[str, Expr]]) -> list[Quantity]:
    """All entries of the tensors; none where there are many, or nobody knows how many."""
    found: list[Quantity] = []
    for kind, layer in tensors:
        axes = network.slots(kind, layer)
        widths = [network.width(axis) for axis in axes]
        if not all(isinstance(width, Integer) for width in widths):
            return []
        ranges = [range(1, min(int(width), _MOST_ENTRIES) + 1) for width in widths]
        for units in product(*ranges):
            found.append(network.quantity(kind, layer, *map(Integer, units)))
            if len(found) > _MOST_ENTRIES:
                return []
    return found
