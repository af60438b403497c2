r"""A chain behind words that name its first member: "the error \( = E = \frac{1}{2} e^2 \)"."""

from __future__ import annotations

import re
from dataclasses import replace

from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.naming.definitions import bare_name
from derive.reading.latex.naming.meanings import DEFAULT, KindName

_WORD = re.compile(r"[^\W\d_]{3,}\s*(?:\${1,2}|\\\(|\\\[)\s*$")


def without_name_in_words(sentence: Sentence, before: str) -> Sentence:
    r"""The chain E = \frac{1}{2} e^2, where the words before it are another name of the cost E.

    Args:
        before: the document up to the first sign of the sentence.
    """
    equal = all(relation.sign == "=" for relation in sentence.relations)
    if not sentence.continued or len(sentence.relations) < 2 or not equal:
        return sentence
    named = bare_name(sentence.sides[1])
    if named is None or DEFAULT.get(named[0].text) != KindName("C") or not _WORD.search(before):
        return sentence
    return replace(sentence, sides=sentence.sides[1:], relations=sentence.relations[1:])
