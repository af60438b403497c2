r"""What the words before a comparison make of it: an assumption, a condition, or neither.

Words may only weaken what is known.  They assume where a short closed list of them stands at
the head of a sentence or clause, and nothing in the sentence denies it; they make a condition
of a comparison where "if" or the like stands right before it.  "Unless" states the opposite.
Of everything else the role is open: then a line is right only if it is right in general.

The words are those of the sentence so far, each formula in it shown as one sign.
"""

from __future__ import annotations

import re
from enum import Enum, auto

#: What stands for a formula: a comparison or a value, an equality, anything else.
COMPARED, CLAIMED, LONE = "\ue000", "\ue001", "\ue002"
FORMULA = f"[{COMPARED}{CLAIMED}{LONE}]"


class Role(Enum):
    """What a comparison does where it stands.

    `NOT_ASSUMED` where the text says that it assumes no such thing; `OPEN` where nothing here
    tells whether it holds.
    """

    ASSUMED = auto()
    CONDITION = auto()
    DENIED = auto()
    NOT_ASSUMED = auto()
    OPEN = auto()


_JOIN = (
    r"\s*(?:,|;|and|,\s*and|und|et|y|e|oraz|as well as|together with|along with"
    r"|,?\s*both|,?\s*all)\s*"
)
#: "x > 0 and": what a list has before its last member.
_LISTED = re.compile(rf"(?:[{COMPARED}{LONE}]{_JOIN})+$", re.IGNORECASE)
_LISTED_TOO = re.compile(rf"(?:{FORMULA}{_JOIN})+$", re.IGNORECASE)
#: Where a clause begins.
_CLAUSE = re.compile(rf"[,;:—–(]|{FORMULA}|\b(?:but|whereas|while|so|and|or)\b", re.IGNORECASE)

_ASSUME = (
    r"assum(?:e|es|ed|ing)|suppos(?:e|es|ed|ing)|let|letting|require|required|requiring"
    r"|restrict(?:ing)?|presume|stipulate|postulate"
)
_SPEAKERS = (
    r"we|i|you|one|let us|let's|us|it is|is|are|be|has been|have been|to|will|shall|must|may"
)
#: What may stand before the verb that assumes.
_OPENERS = (
    r"and|also|now|next|then|so|thus|hence|first|second|finally|further|furthermore|moreover|again"
    r"|here|below|above|instead|conversely|however|throughout|henceforth|hereafter|otherwise|please"
    r"|always|still|simply|only|just|too|recall|note|remember|that|as before|as usual|from"
    r"|for (?:now|simplicity|the moment|concreteness|definiteness|brevity|convenience)"
    r"|in (?:what follows|the following|the sequel|this (?:section|part|note|text|document))"
    r"|(?:from )?(?:here|now) on(?:wards?)?|without loss of generality|wlog|w\.l\.o\.g\."
    r"|on the (?:other hand|contrary)|as an assumption|assumptions?|to begin with"
    rf"|{_SPEAKERS}"
)
#: What may stand between that verb and what it assumes.
_FILL = (
    r"also|further|furthermore|now|again|that|throughout|both|the|input|inputs|weights?|all|we|have|us"
    r"|instead|conversely|however|then|first|next|henceforth|only|always|strictly|case|cases?|attention"
    r"|ourselves|to|of|where|with|numbers?|values?|any|some|be|given|each|every|is|it|holds?|either"
    r"|scalars?|reals?|real|a|an|unit|neuron|on the (?:other hand|contrary)|following"
    r"|for (?:now|simplicity|the moment|a moment|a while|concreteness|definiteness|all|every|each)"
    r"|for the time being|that is"
    r"|without loss of generality|in addition|here|once more|from (?:here|now) on"
    r"|(?:this|the) (?:section|part)|in|following"
)
_GAP = r"(?:[\s,:*_>#+•()\d.{}–—-]|\\[A-Za-z]+)*"
_ASSUMES = re.compile(
    rf"^{_GAP}(?:(?:{_OPENERS})\b{_GAP})*(?:{_ASSUME})\b{_GAP}(?:(?:{_FILL})\b{_GAP})*$",
    re.IGNORECASE,
)
#: "Assumption: x > 0", "Throughout, x > 0": words that assume at the head of a sentence.
_HEADS = re.compile(
    rf"^{_GAP}(?:(?:(?:our|the|main|standing|further|another)\s+)*assumptions?\s*[\s*_]*(?::|is|are)"
    rf"(?:\s+that)?|throughout(?: th(?:is|e) \w+)?,?){_GAP}$",
    re.IGNORECASE,
)
_SPEAKS_OF_ASSUMING = re.compile(
    rf"\b(?:{_ASSUME}|assumptions?|supposition|hypothes[ie]s|presum\w+|postulat\w+|premise)\b",
    re.IGNORECASE,
)
#: What takes back an assumption, or makes it one that is only thought of.
_CANCELS = re.compile(
    r"\b(?:not|never|no|nobody|none|neither|nor|without(?! loss of)|cannot|wrong\w*|false\w*"
    r"|incorrect\w*|mistaken?"
    r"|error|absurd|illegal|forbid\w*|forbidden|unjustified|unreasonable|unnecessary|needless|avoid\w*"
    r"|refuse|refrain|drop\w*|lift\w*|relax\w*|abandon\w*|unless|if|were|would|could|should|might|had"
    r"|suppose[sd]ly|rather|instead of|hardly|rarely|seldom|few|contrary to|fails?|tempt\w*|careful"
    r"|danger\w*|naive\w*|pretend\w*|whether|when|whenever|why|who|some(?:one|body|times)|people|authors?"
    r"|students?|many|textbooks?|others?|they|he|she|long|done|away|question\w*|\w+n['’]t)\b",
    re.IGNORECASE,
)
#: ... where it plainly says that nothing of the kind is assumed.
_PLAINLY_NOT = re.compile(
    rf"^{_GAP}(?:(?:{_OPENERS}|but)\b{_GAP})*"
    r"(?:(?:(?:do|does|did|will|shall|need|must|should|can|could|have|has)(?:\s+not|n['’]t)"
    r"|cannot|never|not)\s+(?:(?:have|need|want|to|be|been|here|yet|ever)\s+)*(?:assum|suppos|requir)\w*"
    r"|without\s+(?:ever\s+)?(?:assum|suppos|requir)ing|(?:there is |we have |with )?no need to "
    r"(?:assume|suppose|require)"
    r"|(?:with|under|make|makes|made|need|use) no (?:assumption|hypothesis)"
    r"|without (?:the |any |an )?(?:assumption|hypothesis)"
    r"|it (?:is|would be) (?:wrong|a mistake|an error|incorrect) to (?:assume|suppose)"
    rf")\b{_GAP}(?:(?:{_FILL}|about|as)\b{_GAP})*$",
    re.IGNORECASE,
)
#: "If" in other languages: a condition may stand in them before any formula.
FOREIGN_IF = (
    r"si|se|wenn|falls|lorsque|quand|cuando|quando|gdy|jeśli|jeżeli"
    r"|(?:dans le|im|en el|en|nel|no) (?:cas|fall|caso)(?: où| que| in cui)?"
)
#: "Otherwise" in other languages.
FOREIGN_OTHERWISE = (
    r"sinon|dans le cas contraire|sonst|ansonsten|andernfalls|altrimenti"
    r"|en caso contrario|de lo contrario|caso contrário|senão|w przeciwnym (?:razie|wypadku)"
)
_CONDITION = (
    rf"{FOREIGN_IF}|für|pour|para|per|dla|solange|sofern"
    r"|if|for|when|whenever|where|wherever|provided(?:,? that)?|providing"
    r"|as long as|so long as|with"
    r"|since|because|given(?: that)?|once"
    r"|in (?:the )?(?:case|event)(?: that| where| of)?|(?:on|in) the region(?: where)?"
    r"|(?:on|under) (?:the )?(?:condition|assumption|hypothesis)s?(?: that)?|under"
    r"|(?:if|when|once|since|because) (?:we|one|you) (?:assume|suppose|require|take|let|have)"
    r"(?: that)?"
)
_ENDS_WITH_CONDITION = re.compile(
    rf"(?:(?:^|[\s,(*{COMPARED}{CLAIMED}{LONE}])(?:{_CONDITION})|^[\s*_>#]*(?:as|ist|sind))"
    r"(?:\s+(?:all|both|either|any|every|each|alle|beide))?"
    r"[\s*_:,]*$",
    re.IGNORECASE,
)
#: "When the unit is active ($z > 0$), …": the words of the condition, and then it.
_IN_BRACKETS = re.compile(rf"\b(if|when|whenever)\b[^.;{COMPARED}{CLAIMED}]{{0,60}}\(\s*$", re.I)
_DENIES = re.compile(
    r"(?:^|[\s,(*])(?:unless|except(?: (?:if|when|where|for))?|(?:if|when)(?:ever)? not)"
    r"(?:\s+(?:all|both))?[\s*_:,]*$",
    re.IGNORECASE,
)
#: What right before "if" makes it say something else: not if, even if, only if, no matter if.
_TURNS_CONDITION = re.compile(
    r"\b(?:not|never|even|only|except|unless|whether|regardless|irrespective|no|nor|neither|but not"
    r"|même|sauf|pas|seulement|auch|nicht|nur|außer|anche|solo|salvo|incluso|sólo|tylko"
    r"|independent\w*|without|as|fails?|false|wrong|untrue)\b[\s,]*(?:\w+[\s,]+){0,2}$"
    r"|\b(?:not (?:true|the case|so|clear)|untrue|false|wrong|incorrect|nothing)\b[^,;]*$"
    r"|n['’]t[\s,]+(?:\w+[\s,]+){0,2}$",
    re.IGNORECASE,
)
#: What right behind a comparison takes it back: x > 0 is not assumed, x > 0 fails.
_TAKEN_BACK = re.compile(
    r"^[\s*_),]*(?:(?:which|is|are|was|were|be|does|do|did|need|needs|can|could|will|would|has"
    r"|have|may|must|should|here|in general|always|actually|of course|also)[\s,]+){0,3}"
    r"(?:not|never|no longer|neither|cannot|fails?|failed|violated|false|wrong|impossible|excluded"
    r"|absurd|unrealistic|forbidden|out of the question|dropped|contradict\w*|\w+n['’]t)\b",
    re.IGNORECASE,
)


def role(words: str, after: str = "", *, listed: bool = True) -> Role:
    """The role of a comparison behind these words of its sentence, and before those `after` it.

    In a list it has the role of the first of the list, if it may belong to one (`listed`).
    """
    taken_back = takes_back(after)
    heads = [_LISTED.sub("", words), _LISTED_TOO.sub("", words)] if listed else [words]
    if _denies(heads[0]):
        return Role.OPEN if taken_back else Role.DENIED
    if is_condition(heads[0]):
        return Role.OPEN if taken_back or not _is_plain(heads[0]) else Role.CONDITION
    if any(map(_is_assuming, heads)):
        return Role.OPEN if taken_back else Role.ASSUMED
    if any(map(_PLAINLY_NOT.match, _clauses(heads[-1]))):
        return Role.NOT_ASSUMED
    return Role.OPEN


#: "all weights are positive and that", before one assumption more.
_JOINS_ANOTHER = re.compile(
    r"(?:,|;|\b(?:and|also|moreover))(?:\s+(?:that|also))*\s*$", re.IGNORECASE
)
#: Where a sentence goes on with what follows from what it assumes.
CONSEQUENCE = re.compile(
    r"\b(?:so|then|hence|thus|therefore|whence|consequently|it follows|that is|i\.\s?e\.|meaning"
    r"|which|we (?:get|have|find|obtain|see|know|write|compute)|because|since|otherwise|unless)\b",
    re.IGNORECASE,
)


def is_condition(words: str) -> bool:
    """Whether these words end with "if" or the like, whatever stands before it."""
    return bool(_ENDS_WITH_CONDITION.search(words) or _IN_BRACKETS.search(words))


def takes_back(words: str) -> bool:
    """Whether words right behind mathematics take it back: "fails", "does not hold"."""
    return bool(_TAKEN_BACK.match(words))


def follows_claim(words: str) -> bool:
    """Whether nothing but "if" or the like stands between an equality and the comparison.

    An "If" with a capital begins a sentence of its own.
    """
    head = _LISTED.sub("", words)
    between = head.rpartition(CLAIMED)
    return bool(between[1]) and bool(_ONLY_CONDITION.match(between[2]))


_ONLY_CONDITION = re.compile(
    rf"^[\s,;(]*(?:(?:{_CONDITION}|unless|except (?:if|when|where))\s*(?:all|both)?|at)\s*$"
)


def denies_assuming(words: str) -> bool:
    """Whether a sentence speaks of assumptions and takes them back."""
    return bool(_SPEAKS_OF_ASSUMING.search(words) and _CANCELS.search(words))


def assumed_in_words(sentence: str) -> str | None:
    """What follows the verb of a sentence that assumes; None for any other sentence."""
    sentence = sentence.lstrip()
    found = _ASSUMING_HEAD.match(sentence)
    if found is None or _CANCELS.search(found["before"]):
        return None
    return sentence[found.end() :]


_ASSUMING_HEAD = re.compile(
    rf"^(?P<before>{_GAP}(?:(?:{_OPENERS})\b{_GAP})*)(?:{_ASSUME}|assumptions?\s*:)\b"
    r"(?![\s,]+(?:us|me)\b|['’]s\b)[\s:*_]*(?:that\b)?",
    re.IGNORECASE,
)


def _is_assuming(head: str) -> bool:
    """Whether a closed list of words at the head of the clause assumes, and nothing denies it."""
    if _CANCELS.search(head):
        return False
    rest = assumed_in_words(head)
    if rest is not None and _JOINS_ANOTHER.search(rest) and not CONSEQUENCE.search(rest):
        return True
    return bool(_HEADS.match(head)) or any(map(_ASSUMES.match, _clauses(head)))


def _clauses(head: str) -> list[str]:
    """The whole of the words, and what begins behind each place where a clause may begin."""
    return [head, *(head[cut.end() :] for cut in _CLAUSE.finditer(head))]


def _denies(head: str) -> bool:
    found = _DENIES.search(head)
    if found is None:
        return False
    clause = _clauses(head[: found.start()])[-1]
    return not re.search(r"\b(?:not|never|no|nobody)\b", clause, re.IGNORECASE)


def _is_plain(head: str) -> bool:
    """Whether the condition is one: not "only if", nor one that is merely thought of."""
    found = _ENDS_WITH_CONDITION.search(head)
    if found is None:
        return True
    before = _after_formulas(head[: found.start() + 1])
    return not (_TURNS_CONDITION.search(before) or denies_assuming(before))


def _after_formulas(words: str) -> str:
    return re.split(FORMULA, words)[-1]
