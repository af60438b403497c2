r"""What a text may define: equations whose left side is a name that nothing has defined before.

No such equation defines a name that stands for a derivative, states a value, an update, a case
or a supposition, or has a derivative on its right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice, pairwise

from derive.reading.delimiters import with_typed_scripts
from derive.reading.inferring.formulas.costs_of_samples import with_costs_apart
from derive.reading.inferring.formulas.grouping import FUNCTIONS, grouped
from derive.reading.inferring.formulas.labels import labels, with_labels
from derive.reading.inferring.formulas.nodes import Bracket, Digits, Name, Slope, Summed
from derive.reading.inferring.formulas.spoken_names import (
    Tensor,
    has_for_values,
    named,
    slopes,
    told,
)
from derive.reading.inferring.names import COSTS, Key, key_of
from derive.reading.latex.assignments import counts, updates
from derive.reading.latex.indexed_values import named_with_indices, with_indices_at_names
from derive.reading.latex.lexical.choices import CHOOSING, as_typed
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.raw import Macros, blank, macros_in
from derive.reading.latex.lexical.sentences import Sentence, sentences
from derive.reading.latex.lexical.squares import squares_named, with_squares_named
from derive.reading.latex.lexical.tokens import Token, tokenize
from derive.reading.latex.named_in_words import without_name_in_words
from derive.reading.latex.sample_indices import SampleMark, samples_summed, with_samples_below
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.parsing import parsed
from derive.reading.latex.syntax.tree import Node, Terms
from derive.reading.latex.unjudged import speaks_of_distribution
from derive.reading.loose_lines import loose_lines
from derive.reading.prose.words import is_among_words, speaks_of_one_class
from derive.reading.spans import latex_masked, markdown_masked, spans_of

#: A data example is a sample, and supposes nothing.
_SUPPOSES = re.compile(
    r"(?:\b(?:if|when|whenever|unless|suppose|imagine|otherwise|e\.g)|(?<!\bdata\s)\bexample)\b"
    r"(?:(?!\blet\b)[^.;]){0,40}$"
    r"|\bcase\b(?:(?!\n\s*\n)[^.;]){0,40}$",
    re.I,
)
#: Runs of letters, perhaps with digits, that are one name: net_{h1}, out_1, loss, h1.
_WORDS = re.compile(
    r"(?<![\\A-Za-z0-9_^{])([A-Za-z]{3,12})(?=\s*_)|(?<![\\A-Za-z0-9_^])([A-Za-z]{1,3}\d)(?![\d.])"
    r"|(?<![\\A-Za-z_^{])(target|label|input|output|bias|weight|loss|cost|error)(?![A-Za-z])"
)
#: What is differentiated, or by what, is one name: \partial w1o, \partial w11, \partial bias.
_UNDER_PARTIAL = re.compile(
    r"\\partial\s*\{?\s*([A-Za-z]{1,3}\d{1,2}[a-z]?|[A-Za-z]{3,12})(?![A-Za-z0-9])"
)
#: What is a name of several letters in a line that is typed: what stands left, and a hat.
_TYPED_NAME = re.compile(
    r"(?:^|(?<=\W))(yhat|(?<=^)(?!d[A-Z])[A-Za-z]{2,12}\d?(?=\s*=[^=]))", re.MULTILINE
)
_TYPED_WORD = re.compile(r"(?<![\w\\])(?!d|else\b)[A-Za-z]{4,12}(?![\w(])")
_LINE = re.compile(r"[^\s=][^\n=]*=[^\n]*[^\s.;,]")
_COMMENT = re.compile(r"#[^\n]*")
_BARE_LAYER = re.compile(r"\\?([A-Za-z]+)\s*(?:_\{?\w+\}?)?\s*\^\s*\{?1\}?(?!\d)")
#: What shows that d is a differential, and e the base of exponentials.
_NO_NAMES = {
    "d": re.compile(r"\\[dt]?frac\s*\{\s*(?:\\mathrm\s*\{\s*)?d\b|(?<![A-Za-z\\])d ?[A-Za-z\\]"),
    "e": re.compile(r"(?<![A-Za-z\\])e\s*\^"),
}
_LOOKS_BACK = 120
#: W \in \mathbb{R}^{m \times n}, W ∈ ℝ^(m×n), "an m x n matrix", "shape (m, n)".
_SIZE = r"[\w{}\\()$]{1,30}\s*(?:×|\\times\b|\bx\b)\s*[\w{}\\()$]{1,30}"
_SHAPE = re.compile(
    rf"(?:\\in\b|∈)\s*(?:\\\w+\s*\{{?\s*R\s*\}}?|\\R|ℝ|R)\s*\^\s*[{{(]?\s*{_SIZE}"
    rf"|{_SIZE}[\s-]*(?:matrix|Matrix)\b"
)


@dataclass(frozen=True)
class Candidate:
    """An equation that may define a name.

    Attributes:
        letters: its index letters.
        argument: the variable, where it is a function f(z).
        applied: whether the name stands there with arguments.
        place: the first character of the equation in the document.
    """

    key: Key
    letters: tuple[str, ...]
    right: Node
    place: int
    source: str
    argument: Key | None = None
    applied: bool = False


@dataclass(frozen=True)
class Collected:
    """What a text may define, and how its names are spelled.

    Attributes:
        lines: for each sentence, of claims too, the trees of its sides that could be read.
        differentiated: the names above the line of derivatives, as often as they stand there.
        words: its names of several letters.
        shares: what has entries that sum to 1, as it says, with the letter of the sum.
        has_shapes: whether it says of something that it has m x n entries.
        own_slopes: of each derivative of a name by a name both, with their indices.
        slopes: those of the whole document, of which this may be a part.
        turned: definitions with the name on their right, w x + b = z,
            which count where no other is.
        says_softmax: whether the document has the word.
        says_one_class: whether it speaks of the right class of a sample.
        told: names of which it says a value by more than a number, readable or not.
    """

    candidates: tuple[Candidate, ...]
    lines: tuple[tuple[Node, ...], ...]
    differentiated: tuple[str, ...]
    words: frozenset[str]
    shares: Mapping[Key, str] = field(default_factory=dict[Key, str])
    has_shapes: bool = False
    own_slopes: tuple[tuple[Tensor, Tensor], ...] = ()
    slopes: tuple[tuple[Tensor, Tensor], ...] = ()
    told: frozenset[Key] = frozenset()
    turned: tuple[Candidate, ...] = ()
    says_softmax: bool = False
    says_one_class: bool = False

    @property
    def sides(self) -> tuple[Node, ...]:
        """The trees of all sides."""
        return tuple(side for line in self.lines for side in line)

    def within(self, whole: Collected) -> Collected:
        """The same as a part of a document."""
        return replace(
            self,
            slopes=whole.slopes,
            told=whole.told,
            says_softmax=whole.says_softmax,
            says_one_class=whole.says_one_class,
        )


@lru_cache(maxsize=8)
def collected(text: str, kind: str) -> Collected:
    """The equations of a text that may define something, in order."""
    masked, places = _formulas(text, kind)
    macros = macros_in(text)
    formulas = "\n".join(masked[one.start : one.end] for one in places)
    words = frozenset(
        word for match in _WORDS.finditer(formulas) for word in match.groups() if word
    )
    words |= {*_UNDER_PARTIAL.findall(formulas)}
    if kind == "text":
        words |= {match[1] for match in _TYPED_NAME.finditer(text)}
        words |= {*_TYPED_WORD.findall(masked)}
    layered = frozenset(match[1] for match in _BARE_LAYER.finditer(formulas))
    never = frozenset(letter for letter, used in _NO_NAMES.items() if used.search(formulas))
    cut = _cut(masked, places, macros, words)
    below = _with_indices_below([found for _, _, found in cut])
    heads = {head for found in below for one in found if (head := _head(one))}
    candidates: list[Candidate] = []
    lines: list[tuple[Node, ...]] = []
    differentiated: list[str] = []
    shares: dict[Key, str] = {}
    for (before, tokens, _), found in zip(cut, below, strict=True):
        differentiated += _differentiated(tokens)
        for sentence in found:
            lines.append(tuple(_trees(sentence, layered)))
            shares |= _shares(sentence, layered)
            candidate = _candidate(sentence, layered, masked, never)
            supposed = _SUPPOSES.search(before) or speaks_of_distribution(sentence.sentence, heads)
            if candidate is not None and not supposed:
                candidates.append(candidate)
    whole = [sentence for found in below for sentence in found]
    pairs = tuple(pair for one in whole for pair in slopes(one, layered))
    return Collected(
        tuple(candidates),
        tuple(lines),
        tuple(differentiated),
        words,
        shares,
        _SHAPE.search(text) is not None,
        pairs,
        pairs,
        frozenset(key for one in whole for key in told(one, layered)),
        tuple(one for line in whole if (one := _turned(line, layered, masked, never)) is not None),
        re.search("softmax", text, re.IGNORECASE) is not None,
        speaks_of_one_class(text),
    )


_Cut = tuple[str, tuple[Token, ...], tuple[ParsedSentence, ...]]


def _cut(
    masked: str, places: Sequence[_Formula], macros: Macros, words: frozenset[str]
) -> list[_Cut]:
    """For each formula that can be read the words before it, its tokens and its sentences."""
    found: list[_Cut] = []
    written = [_tokens(masked, one, macros, words) for one in places]
    squares, labelled = squares_named(written), labels(written)
    for one, plain in zip(places, written, strict=True):
        tokens = with_labels(with_squares_named(plain, squares), labelled)
        try:
            said = sentences(as_typed(tokens) if one.is_typed else tokens)
            started = masked[max(0, one.start - _LOOKS_BACK) : one.start]
            parts = tuple(_parsed(without_name_in_words(part, started)) for part in said)
        except (LatexError, RecursionError):
            continue
        before = masked[max(one.since, one.outer - _LOOKS_BACK) : one.outer]
        found.append(("" if one.is_typed else before, tuple(tokens), parts))
    return found


def _with_indices_below(
    cut: Sequence[Sequence[ParsedSentence]],
) -> list[list[ParsedSentence]]:
    """The sentences with the letters of samples, and indices behind arguments, below names."""
    samples = samples_summed(one for found in cut for one in found)

    def counts(name: Token, mark: SampleMark) -> bool:
        return mark.letter.text in samples and (name.text in COSTS or not mark.bare)

    below = [[with_samples_below(one, counts) for one in found] for found in cut]
    entries = named_with_indices(one for found in below for one in found) - FUNCTIONS
    below = [[with_indices_at_names(one, entries.__contains__) for one in found] for found in below]
    return with_costs_apart(below)


@dataclass(frozen=True)
class _Formula:
    """Where a formula stands: with its delimiters, its first and last character; or a line.

    `since` is where the words before it begin: behind the display before it.
    """

    outer: int
    start: int
    end: int
    is_typed: bool = False
    since: int = 0


def _formulas(text: str, kind: str) -> tuple[str, list[_Formula]]:
    """A text in which only formulas count, and where these stand.

    In a text that is typed each line is one that has an equality and no two words in a row; in
    Markdown lines are that have a sign of mathematics.
    """
    if kind == "text":
        plain = _COMMENT.sub(lambda found: blank(found[0]), text)
        lines = (line for line in _LINE.finditer(plain) if not is_among_words(line[0]))
        return plain, [_Formula(line.start(), line.start(), line.end(), True) for line in lines]
    masked = latex_masked(text) if kind == "latex" else markdown_masked(text)
    found: list[_Formula] = []
    since = 0
    for span in (span for span in spans_of(masked) if not span.problem):
        found.append(_Formula(span.outer_start, span.start, span.end, since=since))
        since = span.outer_end if span.display else since
    if kind == "latex":
        return masked, found
    text = with_typed_scripts(text)
    loose = [one for one in loose_lines(text) if not is_among_words(text[slice(*one)])]
    for start, end in loose:
        masked = masked[:start] + text[start:end] + masked[end:]
    found += (_Formula(start, start, end, True) for start, end in loose)
    return masked, sorted(found, key=lambda one: one.start)


def _tokens(masked: str, one: _Formula, macros: Macros, words: frozenset[str]) -> Sequence[Token]:
    """The tokens of a formula; none where it cannot be cut."""
    known = FUNCTIONS | words | (CHOOSING if one.is_typed else frozenset())
    try:
        return tokenize(masked, one.start, one.end, macros, known)
    except (LatexError, RecursionError):
        return ()


def _differentiated(tokens: Sequence[Token]) -> Iterator[str]:
    r"""C of \partial C / \partial w, of dC/dw and of \nabla_w C."""
    for token, follower in pairwise(tokens):
        if token.is_command("partial") or token.text == "d":
            yield follower.text
    for place, token in enumerate(tokens):
        if token.is_command("nabla"):
            behind = (t.text for t in tokens[place + 1 :] if t.text.strip("_{}"))
            yield from islice(behind, 2)  # perhaps its subscript first


def _parsed(sentence: Sentence) -> ParsedSentence:
    """A sentence parsed with the words in it, which no definition has."""
    sides: list[Terms | None] = []
    for side in sentence.sides:
        kept = tuple(token for token in side if token.kind not in ("quad", "cell"))
        sides.append(parsed(kept, kept[-1].end) if kept else None)
    return ParsedSentence(sentence, tuple(sides))


def _head(sentence: ParsedSentence) -> str:
    """The name with which an equality begins."""
    tokens = sentence.sentence.sides[0] if sentence.relations else ()
    return tokens[0].text if tokens and tokens[0].kind == "name" else ""


def _trees(sentence: ParsedSentence, layered: frozenset[str]) -> Iterator[Node]:
    for side in sentence.sides:
        try:
            yield grouped(side, layered)
        except (LatexError, RecursionError):
            continue


def _shares(sentence: ParsedSentence, layered: frozenset[str]) -> dict[Key, str]:
    """The tensor whose entries a sentence says to sum to 1."""
    trees = [*_trees(sentence, layered)]
    if len(trees) != 2 or not isinstance(trees[0], Summed) or not isinstance(trees[1], Digits):
        return {}
    body = trees[0].body
    if trees[1].text != "1" or not isinstance(body, Name) or len(trees[0].letters) != 1:
        return {}
    key, letters = key_of(body)
    return {key: letters[0]} if letters == trees[0].letters else {}


def _candidate(
    tree: ParsedSentence, layered: frozenset[str], text: str, never: frozenset[str]
) -> Candidate | None:
    """The definition that a sentence may be; none of what is `never` a name."""
    sentence, left = tree.sentence, tree.sides[0]
    if sentence.continued or not sentence.relations or sentence.where:
        return None
    if sentence.relations[0].sign != "=" or sentence.relations[0].asked or updates(sentence):
        return None
    meant = named(left, layered)
    if left is None or meant is None or meant[0].base in never:
        return None
    if meant[0].stands_for_derivative or counts(sentence):
        return None
    at = 2 if _is_named_sum(sentence) else 1
    try:
        right = grouped(tree.sides[at], layered)
    except (LatexError, RecursionError):
        return None
    if any(isinstance(node, Slope) for node in right.walk()) or _is_value(right):
        return None
    key, letters, argument = meant
    if has_for_values(tree.sides[at], letters):
        return None
    if not letters and (listed := _listed(right)) is not None:
        letters, right = key_of(listed)[1], listed
    end = sentence.sides[at][-1].end
    source = text[left.start : end]
    applied = left.lone is None
    return Candidate(key, letters, right, left.start, source, argument, applied)


def _turned(
    tree: ParsedSentence, layered: frozenset[str], text: str, never: frozenset[str]
) -> Candidate | None:
    """The definition that a formula with a name behind it may be."""
    if len(tree.sides) != 2 or tree.sides[0] is None or named(tree.sides[0], layered) is not None:
        return None
    sentence = replace(tree.sentence, sides=tuple(reversed(tree.sentence.sides)))
    turned = replace(tree, sentence=sentence, sides=tuple(reversed(tree.sides)))
    found = _candidate(turned, layered, text, never)
    if found is None or found.applied or found.letters or isinstance(found.right, Name):
        return None
    return replace(found, place=tree.sides[0].start, source="")


def _is_named_sum(sentence: Sentence) -> bool:
    r"""Whether a chain names its formula first: a_i = \sigma(z_i) = e^{z_i}/\sum_j e^{z_j}."""
    if len(sentence.sides) < 3 or any(relation.sign != "=" for relation in sentence.relations):
        return False
    named = [t for t in sentence.sides[1] if t.kind not in ("quad", "cell")][:1]
    return named[0].text == "\\sigma" and any(t.is_command("sum") for t in sentence.sides[2])


def _listed(right: Node) -> Name | None:
    """The entry w_{ij} of a matrix that is told by it: W = [w_{ij}]."""
    inside = right.inside if isinstance(right, Bracket) else ()
    entry = inside[0] if len(inside) == 1 else None
    return entry if isinstance(entry, Name) and key_of(entry)[1] else None


def _is_value(right: Node) -> bool:
    """Whether a side has no name in it."""
    return not any(isinstance(node, Name) and node.text not in FUNCTIONS for node in right.walk())
