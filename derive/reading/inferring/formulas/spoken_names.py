r"""What sentences say of names: what they set, what they differentiate, and by what.

\partial a/\partial b and \frac{\partial}{\partial b}(a) say that a depends on b.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from derive.reading.inferring.formulas.grouping import FUNCTIONS, grouped
from derive.reading.inferring.formulas.nodes import Name
from derive.reading.inferring.names import Key, key_of, keyed
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.tree import (
    Differential,
    Exponential,
    FractionBar,
    Named,
    Node,
    Run,
    Terms,
    plain_bracket,
)

#: A name as it stands there: the tensor that it means, and its index letters.
Tensor = tuple[Key, tuple[str, ...]]


def named(
    left: Terms | None, layered: frozenset[str]
) -> tuple[Key, tuple[str, ...], Key | None] | None:
    """The name on a left side, its index letters, and the variable of f(z)."""
    run = None if left is None else left.run
    name = None if run is None else run.items[0]
    if run is None or not isinstance(name, Named) or name.token.text in FUNCTIONS:
        return None
    behind, scripts = run.items[1:], name.scripts
    numbered = scripts.bare and any(t.kind == "number" for t in scripts.layer)
    if numbered and name.token.text not in layered:
        return None
    if scripts.power or scripts.transposed or scripts.positive or scripts.primes:
        return None
    key, letters = keyed(name.token.text, scripts)
    if not behind:
        return key, letters, None
    within = plain_bracket(behind[0], "(")
    if within is None or len(behind) > 1:
        return None
    only = within.members[0].lone if len(within.members) == 1 else None
    if not isinstance(only, Named) or not only.is_bare or key.is_cost:
        return key, letters, None
    return key, letters, Key(only.token.text)


def has_for_values(side: Terms | None, letters: tuple[str, ...]) -> bool:
    """Whether what counts the entries of p_j stands for a number besides: e^j for e^{z_j}."""
    nodes = () if side is None else side.walk()
    exponents = (node.exponent.lone for node in nodes if isinstance(node, Exponential))
    return any(isinstance(one, Named) and one.token.text in letters for one in exponents)


def slopes(sentence: ParsedSentence, layered: frozenset[str]) -> Iterator[tuple[Tensor, Tensor]]:
    r"""The two names of each \partial a/\partial b and da/db of a sentence."""
    for node in sentence.nodes:
        if isinstance(node, FractionBar):
            of, by = (_under_differential(part, layered) for part in (node.above, node.below))
            if of is not None and by is not None:
                yield of, by
        elif isinstance(node, Run):
            for first, second in pairwise(node.items):
                of, by = _behind(second, layered), _by_operator(first, layered)
                if of is not None and by is not None:
                    yield of, by


def _by_operator(item: Node, layered: frozenset[str]) -> Tensor | None:
    r"""The w of \frac{\partial}{\partial w}, and of \frac{\partial}{w}."""
    if not isinstance(item, FractionBar) or not isinstance(item.above.lone, Differential):
        return None
    return _under_differential(item.below, layered) or _tensor(item.below.lone, layered)


def _behind(item: Node, layered: frozenset[str]) -> Tensor | None:
    """What an operator is applied to, where that is one name."""
    bracket = plain_bracket(item, "(", "[")
    if bracket is None:
        return _tensor(item, layered)
    return _tensor(bracket.members[0].lone, layered) if len(bracket.members) == 1 else None


def _under_differential(part: Terms, layered: frozenset[str]) -> Tensor | None:
    """The one name of what stands above or below the line of a derivative; C of C(w)."""
    if part.run is None or len(part.run.items) not in (2, 3):
        return None
    sign, name, *behind = part.run.items
    is_sign = isinstance(sign, Differential) and sign.token.text == "partial" and not sign.by
    if not (is_sign or (isinstance(sign, Named) and sign.is_bare and sign.token.text == "d")):
        return None
    if any(plain_bracket(one, "(") is None for one in behind):
        return None
    return _tensor(name, layered)


def _tensor(item: Node | None, layered: frozenset[str]) -> Tensor | None:
    if not isinstance(item, Named) or item.scripts.primes:
        return None
    try:
        name = grouped(Terms(item.start, (1,), (Run(item.start, (item,)),)), layered)
    except LatexError:
        return None
    return key_of(name) if isinstance(name, Name) else None


def told(sentence: ParsedSentence, layered: frozenset[str]) -> Iterator[Key]:
    """The names that are a side of an equality of values, and not of one with a derivative."""
    if sentence.continued or any(map(_has_slope, sentence.sides)):
        return
    for relation, (side, other) in zip(sentence.relations, pairwise(sentence.sides), strict=False):
        for one, value in ((side, other), (other, side)) if relation.sign == "=" else ():
            meant = named(one, layered)
            if meant is None or has_for_values(value, meant[1]):
                continue
            if value is None or any(isinstance(node, Named) for node in value.walk()):
                yield meant[0]


def _has_slope(side: Terms | None) -> bool:
    return side is not None and any(isinstance(node, Differential) for node in side.walk())
