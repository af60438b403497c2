"""What the names of a formula stand for: quantities of a network, symbols, the user's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sympy import Expr, S, Symbol

from derive.errors import ReadingError
from derive.model.literals import did_you_mean
from derive.model.model import Model, plain_index
from derive.notation.ascii.function_names import FUNCTIONS
from derive.notation.ascii.tokens import TextToken, tokenize
from derive.notation.quantity_names import NUMBER

#: Words that are part of the notation, and so name nothing.
WORDS = frozenset({"sum", "mean", "softmax", "cases", "diff", "delta", "R", "local"}) | frozenset(
    {"if", "otherwise", "and", "or", "true", "false"}
)

#: Numbers that have a name, unless it is declared to be something else.
CONSTANTS: Mapping[str, Expr] = {"pi": S.Pi}

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(_([A-Za-z0-9]+|\{[A-Za-z0-9+\-]+\}))*")
_DIFFERENTIAL = re.compile(r"d([2-9]?)(.*)", re.DOTALL)


@dataclass(frozen=True)
class FunctionInFormulas:
    """A function that a text brings along, beside those of the notation.

    Attributes:
        build: its value at some arguments, where Step(0) is given last.
        least, most: how many arguments it takes.
    """

    build: Callable[[Sequence[Expr], Expr], Expr]
    least: int = 1
    most: int = 1

    def applied(self, name: TextToken, values: Sequence[Expr], at_zero: Expr) -> Expr:
        """The value at these arguments, where Step(0) = `at_zero`.

        Raises:
            ReadingError: for another number of arguments.
        """
        if not self.least <= len(values) <= self.most:
            count = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
            plural = "argument" if self.most == 1 else "arguments"
            raise ReadingError(name.column, f"{name} takes {count} {plural}, not {len(values)}")
        return self.build(values, at_zero)


@dataclass(frozen=True)
class Vocabulary:
    """The names that a formula may use.

    Attributes:
        network: the network whose quantities are meant; None reads every name as a symbol.
        tensors: kind and layer of each quantity, by name: W0, z{k+1}, x, yhat.
        symbols: plain symbols: widths, slopes, the value of Step(0), and what was asked for.
        own: the user's names, each with the tokens that it stands for.
        functions: those of the text, by name, beside those of the notation.
    """

    network: Model | None
    tensors: Mapping[str, tuple[str, Expr]]
    symbols: Mapping[str, Symbol]
    own: Mapping[str, tuple[TextToken, ...]] = field(default_factory=dict)
    functions: Mapping[str, FunctionInFormulas] = field(default_factory=dict)

    def value(self, token: TextToken) -> Expr:
        """The plain symbol of this name, or the number that it names; otherwise as `symbol`."""
        if token.text in CONSTANTS and token.text not in self.symbols:
            return CONSTANTS[token.text]
        return self.symbol(token)

    def symbol(self, token: TextToken) -> Symbol:
        """The plain symbol of this name.

        Raises:
            ReadingError: when there is none; the message suggests what may have been meant.
        """
        name = token.text
        if found := self.symbols.get(name):
            return found
        if self.network is None and name not in (*WORDS, *CONSTANTS) and _PLAIN.fullmatch(name):
            return Symbol(name, real=True)
        raise self.unknown(token)

    def accepts_index(self, name: str) -> bool:
        """Whether an index may be called so."""
        if self.network is None:
            return plain_index(name)
        return self.network.accepts_index(name)

    def unknown(self, token: TextToken) -> ReadingError:
        """The error for a name that stands for nothing here."""
        if token.text in CONSTANTS:
            return ReadingError(token.column, f"{token} is a number, not a variable")
        if token.text in WORDS or token.text in FUNCTIONS:
            return ReadingError(token.column, f"{token} is a word of the notation, not a value")
        known = (*self.own, *self.tensors, *self.symbols, *self.functions, *FUNCTIONS)
        where = "a name" if self.network is None else "in this network"
        near = did_you_mean(token.text, known) or _examples(self)
        return ReadingError(token.column, f"{token} is not {where}{near}")

    def in_our_names(self, tokens: tuple[TextToken, ...]) -> tuple[TextToken, ...]:
        """The tokens with the user's names spelled out, and dC, dW0dW1 cut into differentials."""
        spelled: list[TextToken] = []
        for token, following in zip(tokens, (*tokens[1:], tokens[-1]), strict=True):
            spelled += self._spelled(token, following)
        return tuple(spelled)

    def _spelled(self, token: TextToken, following: TextToken) -> Iterable[TextToken]:
        if token.kind != "name":
            return [token]
        if token.text in self.own:
            return [replace(part, column=token.column) for part in self.own[token.text]]
        match = _DIFFERENTIAL.fullmatch(token.text)
        order = int(match[1] or 1) if match else 1
        if match and not match[2] and following.is_sign("(") and token.text not in self.tensors:
            # A size called d is no function, so that this is a derivative sign.
            return [TextToken("differential", "", token.column, order)] if self.network else [token]
        if token.text in self.tensors or token.text in self.symbols or self.network is None:
            return [token]
        if match is None or not match[2]:
            return [token]
        names = self._cut(match[2])
        if not names:
            return [token]
        parts = [part for name in names for part in self._differential(name, token.column)]
        return [replace(parts[0], order=order), *parts[1:]]

    def _cut(self, text: str) -> list[str]:
        """W0dW1 -> W0, W1: names with a d between them; nothing where that cannot be."""
        if self._is_quantity(text):
            return [text]
        for position, character in enumerate(text):
            if character == "d" and self._is_quantity(text[:position]):
                rest = self._cut(text[position + 1 :])
                if rest:
                    return [text[:position], *rest]
        return []

    def _is_quantity(self, name: str) -> bool:
        """Whether a name stands for one quantity rather than a derivative."""
        return name in self.tensors or (name in self.own and self.own[name][0].kind == "name")

    def _differential(self, name: str, column: int) -> list[TextToken]:
        first, *indices = self.own.get(name, (TextToken("name", name, column),))
        parts = [TextToken("differential", first.text, column), *indices]
        return [replace(part, column=column) for part in parts]


def vocabulary(
    network: Model | None,
    names: Iterable[str] = (),
    functions: Mapping[str, FunctionInFormulas] | None = None,
) -> Vocabulary:
    """The names of a network's quantities and symbols, the user's own, and `names` as symbols."""
    declared = network.symbols if network else {}
    numbers = (name for name, target in declared.items() if target == NUMBER)
    wanted = {name: Symbol(name, real=True) for name in (*names, *numbers)}
    if network is None:
        return Vocabulary(None, {}, wanted, functions=functions or {})
    tensors = {name: what for name, what in network.names.items() if name not in wanted}
    symbols = {**network.named_symbols, **wanted}
    ours = Vocabulary(network, tensors, symbols, functions=functions or {})
    own = {
        name: ours.in_our_names(tokenize(target))[:-1]
        for name, target in network.symbols.items()
        if name not in wanted
    }
    return replace(ours, own=own)


def _examples(known: Vocabulary) -> str:
    if known.network is None:
        return ", such as x, w_1 or alpha"
    shortest = sorted((n for n in known.tensors if "{" not in n or "{k" in n), key=len)
    return f", which has {', '.join(shortest[:6])}, …"
