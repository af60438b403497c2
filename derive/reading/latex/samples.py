r"""Formulas about many samples, read for one: z^{[1](i)}, \frac{1}{m} \sum_i, \frac{1}{m} dZ A^T.

What holds for a batch holds for a batch of one sample; so an equation that is wrong for one is
wrong.  The other way round, a mean over samples of what one sample gives is right where that is
right.  So \frac{1}{m} is left out beside one sum over samples, or one product that runs over
them, and only where the other side is the mean cost or a gradient of it by parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.model.network import Network
from derive.reading.latex.lexical.cursor import with_depth
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.meanings import KindName, OneTensor, Plain
from derive.reading.latex.sample_indices import SAMPLES, SampleMark, with_samples_below

_COUNTS = frozenset("mnN")
#: Matrices with a column or a row for each sample, where nothing else has that name.
_BATCHES = {"X": "x", "Y": "y", "\\hat{Y}": "\\hat{y}"}
_TRANSPOSED = (["T"], ["\\mathsf{T}"], ["top"], ["intercal"])
_FRACTIONS = ("frac", "dfrac", "tfrac")


def for_one_sample(lexicon: Lexicon, sentence: Sentence) -> Sentence:
    """The sentence as it reads for one sample; itself where it speaks of none."""
    if not isinstance(lexicon.model, Network):
        return with_samples_below(sentence, lambda *marked: _is_of_a_sample(lexicon, *marked))
    if sentence.continued:
        return sentence
    marked = [_without_marks(lexicon, side) for side in sentence.sides]
    letters = {letter for _, found in marked for letter in found}
    if len(letters) > 1:  # what holds between two samples is another matter
        return sentence
    sides = [side for side, _ in marked]
    if _is_mean(lexicon, sides[0]):
        sides[1:] = [_without_mean(lexicon, side, letters) for side in sides[1:]]
    if tuple(map(tuple, sides)) == sentence.sides:
        return sentence
    batches = tuple(tuple(_of_one(lexicon, token) for token in side) for side in sides)
    return replace(sentence, sides=batches, for_one_sample=True)


def _is_of_a_sample(lexicon: Lexicon, name: Token, mark: SampleMark) -> bool:
    """Whether a name is a tensor of a model that has samples for an axis."""
    below = (Token("name", mark.letter, name.start, name.end),) if mark.bare else ()
    meaning = lexicon.find(name.text, Scripts(below=below, layer=mark.layer[3:4]))[0]
    if mark.bare and not (isinstance(meaning, OneTensor) and meaning.indices):
        return False
    if mark.letter not in SAMPLES or not isinstance(meaning, OneTensor):
        return False
    return bool(lexicon.model.slots(meaning.kind, meaning.layer))


# -- marks of a sample ---------------------------------------------------------------------


def _without_marks(lexicon: Lexicon, side: Sequence[Token]) -> tuple[list[Token], set[str]]:
    """A side without the (i) of x^{(i)}, z^{[1](i)} and the x of z^{x,l}; those letters."""
    found: list[Token] = []
    letters: set[str] = set()
    position = 0
    while position < len(side):
        token = side[position]
        end = _group_end(side, position + 1) if token.is_sign("^") else 0
        if not end:
            found.append(token)
            position += 1
            continue
        inside = [t for t in side[position + 2 : end - 1] if t.kind != "quad"]
        kept, letter = _unmarked(lexicon, found[-1] if found else None, inside)
        if letter is None:
            found += side[position:end]
        else:
            letters.add(letter)
            found += [token, side[position + 1], *kept, side[end - 1]] if kept else []
        position = end
    return found, letters


def _unmarked(
    lexicon: Lexicon, name: Token | None, inside: Sequence[Token]
) -> tuple[Sequence[Token], str | None]:
    """A superscript without what names a sample, and that; None where nothing does."""
    texts = [token.text for token in inside]
    in_squares = lexicon.notation.brackets == "[]"
    if in_squares and "]" in texts and texts[-1:] == [")"]:
        first = texts.index("]") + 1
        if texts[first] == "(" and len(texts) == first + 3:
            return inside[:first], texts[first + 1]
    if texts[:1] == ["("] and texts[2:] == [")"]:
        numbered = in_squares and inside[1].kind == "number"
        layered = name is None or not _has_no_layers(lexicon, name)
        if (texts[1] in SAMPLES and (in_squares or not layered)) or (numbered and not layered):
            return (), texts[1]
    if lexicon.notation.brackets == "" and len(texts) > 2 and texts[1] == ",":
        return inside[2:], texts[0]
    return inside, None


def _has_no_layers(lexicon: Lexicon, name: Token) -> bool:
    """Whether a name is an input, target or output, or declared without its layer."""
    meaning = lexicon.find(name.text, Scripts())[0]
    if isinstance(meaning, OneTensor):
        return True
    return isinstance(meaning, KindName) and meaning.kind in ("x", "y", "yhat", "C")


def _group_end(side: Sequence[Token], start: int) -> int:
    """The place behind a group in braces that starts here; 0 where none does."""
    if start >= len(side) or not side[start].is_sign("{"):
        return 0
    depth = 0
    for position in range(start, len(side)):
        depth += side[position].is_sign("{") - side[position].is_sign("}")
        if depth == 0:
            return position + 1
    return 0


# -- means over samples --------------------------------------------------------------------


def _is_mean(lexicon: Lexicon, side: Sequence[Token]) -> bool:
    """Whether a side is the cost, or a derivative of it by a parameter: J, dJ/dw, dW."""
    names = [token for token in side if token.kind == "name" and token.text != "d"]
    plain = [token for token in names if token.text not in ("L", "T")] or names
    if not plain:
        return False
    kinds = [_kind(lexicon, token) for token in plain]
    if names[0] is not plain[0] and _kind(lexicon, names[0]) == "C":  # L, which is no layer here
        kinds = ["C", *kinds]
    if any(t.is_command("partial", "nabla", *_FRACTIONS) for t in side):
        return kinds[0] == "C" and kinds[1:2] in (["W"], ["b"])
    if side[0].text == "d" or side[0].text.startswith("d"):
        return kinds[0] in ("W", "b") and len({*kinds}) == 1
    return kinds == ["C"] or (kinds[0] == "C" and side[len(side) - 1].is_sign(")"))


def _kind(lexicon: Lexicon, token: Token) -> str:
    meaning = lexicon.find(token.text, Scripts())[0]
    return meaning.kind if isinstance(meaning, KindName | OneTensor) else ""


def _without_mean(lexicon: Lexicon, side: list[Token], letters: set[str]) -> list[Token]:
    """A side without its 1/m and the sum over samples, where it has one of each."""
    start = next((n for n, token in enumerate(side) if token.kind != "quad"), 0)
    sign = side[start : start + 1] if side[start:] and side[start].is_sign("-") else []
    share = _share(lexicon, side, start + len(sign))
    if share is None:
        return side
    left, behind = share
    rest = side[behind:]
    while rest and (rest[0].kind == "quad" or rest[0].text in ("cdot", "times", "*")):
        rest = rest[1:]
    if any(t.is_sign("+", "-") for t, depth in with_depth(rest) if depth == 0):
        return side
    if rest and rest[0].is_command("sum"):
        body = _summed_over_samples(rest, letters)
        return side if body is None else [*sign, *left, *body]
    return [*sign, *left, *rest] if _turned_batches(lexicon, rest) == 1 else side


def _share(
    lexicon: Lexicon, side: Sequence[Token], start: int
) -> tuple[Sequence[Token], int] | None:
    r"""What is left of \frac{1}{m}, \frac{1}{2m} or 1/m without m, and the place behind it."""
    if not side[start:]:
        return None
    first = side[start]
    if first.kind == "number" and [t.text for t in side[start : start + 2]] == ["1", "/"]:
        count = side[start + 2 : start + 3]
        found = count and _counts_samples(lexicon, count[0].text)
        return ((), start + 3) if found else None
    if not first.is_command(*_FRACTIONS):
        return None
    middle = _group_end(side, start + 1) or start + 2
    end = _group_end(side, middle) or middle + 1
    above = [t for t in side[start + 1 : middle] if not t.is_sign("{", "}")]
    below = [t for t in side[middle:end] if not t.is_sign("{", "}")]
    plain = all(t.kind == "number" for t in (*above, *below[:-1]))
    if not plain or not below or not _counts_samples(lexicon, below[-1].text):
        return None
    numbers = [*above, Token("sign", "/", first.start, first.end), *below[:-1]]
    whole = above if not below[:-1] else numbers
    return ([] if [t.text for t in whole] == ["1"] else [*_braced(whole)]), end


def _braced(tokens: Sequence[Token]) -> Sequence[Token]:
    start, end = tokens[0].start, tokens[-1].end
    return Token("sign", "{", start, start), *tokens, Token("sign", "}", end, end)


def _counts_samples(lexicon: Lexicon, name: str) -> bool:
    """Whether a letter can be the number of samples: no size of the network has it."""
    meaning = lexicon.find(name, Scripts())[0]
    sizes = {str(size) for size in lexicon.model.sizes}
    return name in _COUNTS and name not in sizes and (meaning is None or isinstance(meaning, Plain))


def _summed_over_samples(side: Sequence[Token], letters: set[str]) -> list[Token] | None:
    """What stands behind a sum over samples; None for a sum over units."""
    position = 1
    below: list[Token] = []
    while position < len(side) and side[position].is_sign("_", "^"):
        end = _group_end(side, position + 1) or position + 2
        if side[position].is_sign("_"):
            below = [t for t in side[position + 1 : end] if not t.is_sign("{", "}")]
        position = end
    body = list(side[position:])
    if not below:
        return None
    letter = below[0].text
    if letter in letters:
        return body
    kept = [t for t in body if t.kind != "quad"]
    of_cost = len(kept) == 3 and kept[1].is_sign("_") and kept[2].text == letter
    return kept[:1] if of_cost else None


def _turned_batches(lexicon: Lexicon, side: Sequence[Token]) -> int:
    """How many factors are transposed that are no weights: their product runs over samples."""
    found = 0
    name: Token | None = None
    for place, token in enumerate(side):
        if token.kind == "name" and token.text not in ("T", "\\mathsf{T}"):
            name = token
        elif token.is_sign(")"):
            name = None
        end = _group_end(side, place + 1) if token.is_sign("^") else 0
        last = side[end - 2 : end - 1] if end else side[place + 1 : place + 2]
        is_turned = token.is_sign("^") and [t.text for t in last] in _TRANSPOSED
        found += is_turned and (name is None or _kind(lexicon, name) != "W")
    return found


def _of_one(lexicon: Lexicon, token: Token) -> Token:
    """x for X, where X is the matrix of all samples."""
    other = _BATCHES.get(token.text)
    if other is None or token.kind != "name" or lexicon.knows(token.text):
        return token
    return replace(token, text=other)
