r"""Functions without their argument: \sigma' = \sigma(1 - \sigma), d\sigma/dz.

Where a sentence writes a function alone at least once, all of it is about the function of one
number, and each occurrence gets that number; a bracket with the bare function in it is a factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.meanings import FunctionMeaning
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence
from derive.reading.latex.syntax.parsing import parsed
from derive.reading.latex.syntax.tree import (
    Enclosed,
    FractionBar,
    Named,
    Node,
    Operator,
    Run,
    Terms,
)

_BARE = frozenset({"sigma", "sigmoid", "tanh", "softplus", "ReLU"})
_VARIABLE = "z"


def with_arguments(lexicon: Lexicon, sentence: ParsedSentence) -> ParsedSentence:
    """The sentence with (z) behind functions that stand alone in it; itself where none does."""
    written = sentence.nodes
    runs = [node for node in written if isinstance(node, Run)]
    if sum(_is_function(lexicon, node) for node in written) < 2:
        return sentence
    if not any(_stands_alone(lexicon, run.items, n) for run in runs for n in range(len(run.items))):
        return sentence
    return sentence.changed(lambda side: _applied(lexicon, side))


def _is_function(lexicon: Lexicon, node: Node) -> bool:
    if not isinstance(node, Named):
        return False
    meaning = lexicon.find(node.token.text, Scripts())[0]
    is_phi = meaning == FunctionMeaning("phi") and node.token.text == "\\sigma"
    return is_phi or (isinstance(meaning, FunctionMeaning) and meaning.name in _BARE)


def _stands_alone(lexicon: Lexicon, items: Sequence[Node], n: int) -> bool:
    """Whether item n is a function behind which its term ends, or goes on with a sign."""
    return _is_function(lexicon, items[n]) and _ends_factor(items[n + 1 : n + 2])


def _ends_factor(follower: Sequence[Node]) -> bool:
    return not follower or isinstance(follower[0], Operator | FractionBar)


def _applied(lexicon: Lexicon, side: Terms) -> Terms:
    """A side with the variable behind each function, but where it has another argument."""

    def with_variable(node: Node) -> Node:
        if not isinstance(node, Run):
            return node
        items: list[Node] = []
        for n, item in enumerate(node.items):
            items.append(item)
            alone = not _has_argument(lexicon, node.items[n + 1 : n + 2])
            if isinstance(item, Named) and _is_function(lexicon, item) and alone:
                items.append(_in_brackets(item.end))
        return replace(node, items=tuple(items))

    found = side.rewritten(with_variable)
    assert isinstance(found, Terms)
    return found


def _in_brackets(at: int) -> Enclosed:
    variable = Token("name", _VARIABLE, at, at)
    return Enclosed(at, "(", (variable,), (parsed((variable,), at),), None, at)


def _has_argument(lexicon: Lexicon, follower: Sequence[Node]) -> bool:
    """Whether a bracket, name or number follows that is the argument of the function before.

    No function stands in it: sigma (1 - sigma) is a product.
    """
    if _ends_factor(follower):
        return False
    return not any(_is_function(lexicon, node) for node in follower[0].walk())
