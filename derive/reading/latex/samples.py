r"""Formulas about many samples, read for one: z^{[1](i)}, \frac{1}{m} \sum_i, \frac{1}{m} dZ A^T.

What holds for a batch holds for a batch of one sample; so an equation that is wrong for one is
wrong.  The other way round, a mean over samples of what one sample gives is right where that is
right.  So \frac{1}{m} is left out beside one sum over samples, or one product that runs over
them, and only where the other side is the mean cost or a gradient of it by parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.model.network import Network
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.meanings import KindName, OneTensor, Plain
from derive.reading.latex.sample_indices import SAMPLES, SampleMark, with_samples_below
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.tree import (
    BigSum,
    Differential,
    Enclosed,
    FractionBar,
    Limits,
    Named,
    Node,
    Numeral,
    Operator,
    Run,
    Scripted,
    Terms,
)

_COUNTS = frozenset("mnN")
#: Matrices with a column or a row for each sample, where nothing else has that name.
_BATCHES = {"X": "x", "Y": "y", "\\hat{Y}": "\\hat{y}"}


def for_one_sample(lexicon: Lexicon, sentence: ParsedSentence) -> ParsedSentence:
    """The sentence as it reads for one sample; itself where it speaks of none."""
    if not isinstance(lexicon.model, Network):
        return with_samples_below(sentence, lambda *marked: _is_of_a_sample(lexicon, *marked))
    if sentence.continued:
        return sentence
    marks = {mark for node in sentence.nodes if (mark := _mark(lexicon, node)) is not None}
    letters = {mark.letter for mark in marks}
    if len(letters) > 1:  # what holds between two samples is another matter
        return sentence
    found = sentence
    if marks:
        found = sentence.changed(lambda side: _without_marks(lexicon, side))
    first, *others = found.sides
    if first is not None and _is_mean(lexicon, first):
        others = [side and _without_mean(lexicon, side, letters) for side in others]
        found = replace(found, sides=(first, *others))
    if found == sentence:
        return sentence
    return replace(found.changed(lambda side: _of_one(lexicon, side)), for_one_sample=True)


def _is_of_a_sample(lexicon: Lexicon, name: Token, mark: SampleMark) -> bool:
    """Whether a name is a tensor of a model that has samples for an axis."""
    below = (mark.letter,) if mark.bare else ()
    meaning = lexicon.find(name.text, replace(mark.rest, below=below))[0]
    if mark.bare and not (isinstance(meaning, OneTensor) and meaning.indices):
        return False
    if mark.letter.text not in SAMPLES or not isinstance(meaning, OneTensor):
        return False
    return bool(lexicon.model.slots(meaning.kind, meaning.layer))


# -- marks of a sample ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Mark:
    """What counts the sample above a name, and the scripts without it."""

    letter: str
    rest: Scripts


def _mark(lexicon: Lexicon, node: Node) -> _Mark | None:
    """The (i) of x^{(i)} and z^{[1](i)}, the x of z^{x,l}; None where nothing names a sample."""
    if not isinstance(node, Named | Scripted):
        return None
    scripts = node.scripts
    in_squares = lexicon.notation.brackets == "[]"
    layer, power = (
        [t for t in part if t.kind != "quad"] for part in (scripts.layer, scripts.power)
    )
    if in_squares and scripts.brackets == "[]" and [t.text for t in power[::2]] == ["(", ")"]:
        return _Mark(power[1].text, replace(scripts, power=()))
    if scripts.brackets == "()" and len(layer) == 1 and not power:
        numbered = in_squares and layer[0].kind == "number"
        layered = not isinstance(node, Named) or not _has_no_layers(lexicon, node.token)
        text = layer[0].text
        if (text in SAMPLES and (in_squares or not layered)) or (numbered and not layered):
            return _Mark(text, replace(scripts, layer=(), brackets=""))
    if lexicon.notation.brackets == "" and len(layer) > 2 and layer[1].text == ",":
        return _Mark(layer[0].text, replace(scripts, layer=tuple(layer[2:])))
    return None


def _without_marks(lexicon: Lexicon, side: Terms) -> Terms:
    def unmarked(node: Node) -> Node:
        mark = _mark(lexicon, node)
        if mark is None or not isinstance(node, Named | Scripted):
            return node
        if isinstance(node, Scripted) and mark.rest == Scripts():
            return node.of
        return replace(node, scripts=mark.rest)

    return _terms(side.rewritten(unmarked))


def _terms(node: Node) -> Terms:
    assert isinstance(node, Terms)
    return node


def _has_no_layers(lexicon: Lexicon, name: Token) -> bool:
    """Whether a name is an input, target or output, or declared without its layer."""
    meaning = lexicon.find(name.text, Scripts())[0]
    if isinstance(meaning, OneTensor):
        return True
    return isinstance(meaning, KindName) and meaning.kind in ("x", "y", "yhat", "C")


# -- means over samples --------------------------------------------------------------------


def _is_mean(lexicon: Lexicon, side: Terms) -> bool:
    """Whether a side is the cost, or a derivative of it by a parameter: J, dJ/dw, dW."""
    names = [token for token in _names(side) if token.text != "d"]
    plain = [token for token in names if token.text not in ("L", "T")] or names
    if not plain:
        return False
    kinds = [_kind(lexicon, token) for token in plain]
    if names[0] is not plain[0] and _kind(lexicon, names[0]) == "C":  # L, which is no layer here
        kinds = ["C", *kinds]
    if any(isinstance(node, Differential | FractionBar) for node in side.walk()):
        return kinds[0] == "C" and kinds[1:2] in (["W"], ["b"])
    first, last = side.runs[0].items[0], side.runs[-1].items[-1]
    if isinstance(first, Named) and first.token.text.startswith("d"):
        return kinds[0] in ("W", "b") and len({*kinds}) == 1
    applied = isinstance(last, Enclosed) and last.opened == "("
    return kinds == ["C"] or (kinds[0] == "C" and applied)


def _names(side: Terms) -> Iterator[Token]:
    """The names of a side and those in their scripts, in order."""
    for node in side.walk():
        if isinstance(node, Named):
            yield node.token
        if isinstance(node, Named | Scripted | Differential):
            scripts = node.scripts
            within = (*scripts.below, *scripts.layer, *scripts.power)
            yield from (token for token in within if token.kind == "name")


def _kind(lexicon: Lexicon, token: Token) -> str:
    meaning = lexicon.find(token.text, Scripts())[0]
    return meaning.kind if isinstance(meaning, KindName | OneTensor) else ""


def _without_mean(lexicon: Lexicon, side: Terms, letters: set[str]) -> Terms:
    """A side without its 1/m and the sum over samples, where it has one of each."""
    if len(side.runs) != 1 or side.surplus is not None:
        return side
    (run,) = side.runs
    share = _share(lexicon, run.items)
    if share is None:
        return side
    left, rest = share
    while rest and isinstance(rest[0], Operator) and rest[0].sign in ("cdot", "times"):
        rest = rest[1:]
    if rest and isinstance(rest[0], BigSum):
        body = _summed_over_samples(rest[0], letters)
    else:
        body = rest if _turned_batches(lexicon, rest) == 1 else None
    if body is None:
        return side
    return replace(side, runs=(replace(run, items=(*left, *body)),))


def _share(lexicon: Lexicon, items: Sequence[Node]) -> tuple[Sequence[Node], Sequence[Node]] | None:
    r"""What is left of \frac{1}{m}, \frac{1}{2m} or 1/m without m, and the items behind it."""
    match items:
        case [Numeral(token=one), Operator(sign="over"), Named() as count, *rest] if (
            one.text == "1" and _counts_samples(lexicon, count)
        ):
            return (), rest
        case [FractionBar() as bar, *rest]:
            numbers, below = _numerals(bar.above.run), bar.below.run
            if numbers is None or below is None or _numerals(below, but_last=1) is None:
                return None
            *kept, count = below.items
            if not _counts_samples(lexicon, count):
                return None
            if kept:
                under = replace(bar.below, runs=(replace(below, items=tuple(kept)),))
                return (replace(bar, below=under),), rest
            is_one = [node.token.text for node in numbers] == ["1"]
            return (() if is_one else numbers), rest
        case _:
            return None


def _numerals(run: Run | None, but_last: int = 0) -> list[Numeral] | None:
    """The items of a term, but for the last ones, if all of them are numbers."""
    items = () if run is None else run.items[: len(run.items) - but_last]
    found = [item for item in items if isinstance(item, Numeral)]
    return found if run is not None and len(found) == len(items) else None


def _counts_samples(lexicon: Lexicon, item: Node) -> bool:
    """Whether an item can be the number of samples: no size of the network has its name."""
    if not isinstance(item, Named) or not item.is_bare:
        return False
    name = item.token.text
    meaning = lexicon.find(name, Scripts())[0]
    sizes = {str(size) for size in lexicon.model.sizes}
    return name in _COUNTS and name not in sizes and (meaning is None or isinstance(meaning, Plain))


def _summed_over_samples(item: BigSum, letters: set[str]) -> Sequence[Node] | None:
    """What stands behind a sum over samples; None for a sum over units."""
    if not isinstance(item.limits, Limits):
        return None
    letter = item.limits.letters[0].text
    if letter in letters:
        return item.body.items
    match item.body.items:
        case [Named() as of] if of.scripts == Scripts(below=of.scripts.below) and [
            token.text for token in of.scripts.below
        ] == [letter]:
            return (replace(of, scripts=Scripts()),)  # the cost of each
        case _:
            return None


def _turned_batches(lexicon: Lexicon, items: Sequence[Node]) -> int:
    """How many factors are transposed that are no weights: their product runs over samples."""
    turned = (
        node
        for item in items
        for node in item.walk()
        if isinstance(node, Named | Scripted) and node.scripts.transposed
    )
    return sum(not isinstance(one, Named) or _kind(lexicon, one.token) != "W" for one in turned)


def _of_one(lexicon: Lexicon, side: Terms) -> Terms:
    """x for X, where X is the matrix of all samples."""

    def of_one(node: Node) -> Node:
        other = _BATCHES.get(node.token.text) if isinstance(node, Named) else None
        if other is None or not isinstance(node, Named) or lexicon.knows(node.token.text):
            return node
        return replace(node, token=node.token._replace(text=other))

    return _terms(side.rewritten(of_one))
