r"""What the names of a document stand for: the default notation, the declared, the defined."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from derive.model.literals import did_you_mean
from derive.model.model import Model
from derive.model.network import Layer, Network
from derive.notation.notations import Notation
from derive.reading.latex.lexical.cursor import Cursor
from derive.reading.latex.lexical.problems import LatexError, UnknownNameError
from derive.reading.latex.lexical.scripts import Scripts, read_scripts, written
from derive.reading.latex.lexical.spelling import GREEK
from derive.reading.latex.lexical.squares import letter_of_square
from derive.reading.latex.lexical.tokens import Token, tokenize
from derive.reading.latex.naming.meanings import (
    DEFAULT,
    WITH_LAYER,
    Defined,
    DefinedFunction,
    FunctionMeaning,
    Key,
    KindName,
    Meaning,
    OneTensor,
)

#: What a letter with a number below most often is, and how far its number is from ours.
_NUMBERED = {
    **dict.fromkeys(("w", "W", "\\theta"), ("W", 1)),
    "b": ("b", 1),
    "z": ("z", 0),
    **dict.fromkeys(("a", "h", "r"), ("r", 0)),
    "\\delta": ("dC/dz", 0),
}


#: What f(z) = … makes of a name.
_FUNCTIONS = (DefinedFunction, FunctionMeaning)


def key_of_name(name: str) -> Key:
    r"""w_1, W^{[1]}, \hat y, alpha: the name with its scripts."""
    square, behind = name.partition("}")[0] + "}", name.partition("}")[2]
    if letter_of_square(square):  # of {\sigma^2}_B the letter is all that is in braces
        _, below, layer = key_of_name(f"s{behind}")
        return square, below, layer
    tokens = tokenize(name, 0, len(name), {})
    if re.fullmatch(r"[A-Za-z]+[A-Za-z0-9]+", name):
        greek = f"\\{name}"
        return (greek if name in GREEK else name, "", "")
    if not tokens or tokens[0].kind != "name":
        raise LatexError(0, f"{name[:40]!r} cannot be declared: it is not the name of a quantity")
    head = re.fullmatch(r"([A-Za-z]{2,})((?:[_^'].*)?)", name.strip())
    if head and not head[2]:
        return head[1], "", ""
    if head:
        tokens = [tokens[0]._replace(text=head[1]), *tokenize(head[2], 0, len(head[2]), {})]
        if head[1] in GREEK:
            tokens[0] = tokens[0]._replace(text=f"\\{head[1]}")
    cursor = Cursor(tokens, len(name))
    base = cursor.advance()
    scripts = read_scripts(cursor)
    if not cursor.at_end or scripts.power or scripts.transposed:
        raise LatexError(0, f"{name[:40]!r} cannot be declared: it is not the name of a quantity")
    return str(base), written(scripts.below), written(scripts.layer)


@dataclass(frozen=True)
class Lexicon:
    r"""The names that a formula may use.

    Attributes:
        defaults: the names that mean something without being declared.
        declared: by name, subscript and layer; "" where the name fixes none.
        words: names of several letters.
        squares: letters whose squares have names of their own, as \sigma^2.
        early: names that the document itself defines, but further down.
        spelled: all declarations as they were written.
        glued: whether a d stuck to a name is a differential though d is a size.
        refused: why declarations that name nothing are left out.
        logarithm_open: whether "log" may have another base than e, since "ln" stands beside it.
        implied_sums: whether letters that one side alone has are summed over.
    """

    model: Model
    notation: Notation
    defaults: Mapping[str, Meaning] = field(default_factory=lambda: DEFAULT)
    declared: Mapping[Key, Meaning] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    squares: frozenset[str] = frozenset()
    early: frozenset[Key] = frozenset()
    spelled: Mapping[str, str] = field(default_factory=dict)
    glued: bool = False
    refused: tuple[str, ...] = ()
    logarithm_open: bool = False
    implied_sums: bool = False

    @property
    def network(self) -> Network:
        """The stack of layers that is meant.

        Raises:
            LatexError: where another model is, which has no layers.
        """
        if isinstance(self.model, Network):
            return self.model
        raise LatexError(0, "this is said of layers, and the model is no stack of layers")

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of a stack; no other model has any."""
        return self.model.layers if isinstance(self.model, Network) else ()

    def find(self, base: str, scripts: Scripts) -> tuple[Meaning | None, bool, bool]:
        """The meaning of a name, and whether its subscript and its layer are part of the name."""
        below, layer = written(scripts.below), written(scripts.layer)
        above = (layer, "") if layer else ("",)
        for one in above if below else ():
            found = self.declared.get((base, below, one))
            if found is not None:
                return found, True, bool(one)
        found = self._template(base, layer, len(below)) if below else None
        if found is not None:
            return found, False, bool(layer)
        for one in above:
            found = self.declared.get((base, "", one))
            if found is not None:
                return found, False, bool(one)
        if layer and base in WITH_LAYER and isinstance(self.model, Network):
            return WITH_LAYER[base], False, False
        return self.defaults.get(base), False, False

    def with_name_apart(self, base: str, scripts: Scripts) -> Scripts:
        """W^Q_{ia} for W_{Q,ia}, where a model has a tensor W^Q and none called W.

        And z^1_i for z_{1i}, where it has z_1.
        """
        if scripts.layer or isinstance(self.model, Network):
            return scripts
        head, comma, rest = _cut(scripts.below)
        if not comma:
            head, rest = _numbered_part(scripts.below)
        if not head or not isinstance(self.declared.get((base, "", written(head))), OneTensor):
            return scripts
        return replace(scripts, layer=head, below=rest, bare=True)

    def _template(self, base: str, layer: str, count: int) -> Meaning | None:
        """The one meaning that was declared with index letters: a_j for a_i as well."""
        matching = [
            meaning
            for (name, sub, above), meaning in self.declared.items()
            if name == base
            and len(sub) == count
            and above == layer
            and sub.isalpha()
            and isinstance(meaning, OneTensor | Defined)
            and (meaning.indices if isinstance(meaning, OneTensor) else meaning.letters)
        ]
        return matching[0] if len(matching) == 1 else None

    def bind(self, key: Key, meaning: Meaning) -> Lexicon:
        """The lexicon with one more name."""
        is_word = len(key[0]) > 1 and key[0].isalnum()
        words = self.words | ({key[0]} if is_word else set())
        letter = letter_of_square(key[0])
        squares = self.squares | {letter} if letter else self.squares
        declared = {**self.declared, key: meaning}
        return replace(self, declared=declared, words=words, squares=squares)

    def without_default(self, name: str) -> Lexicon:
        """The lexicon in which a name means nothing by itself."""
        kept = {known: meaning for known, meaning in self.defaults.items() if known != name}
        return replace(self, defaults=kept)

    def with_definitions_of(self, later: Lexicon) -> Lexicon:
        """This lexicon with the names that a document defines only behind their first use.

        "… where U = y - r": only names that mean nothing before are taken.
        """
        new = {
            key: meaning
            for key, meaning in later.declared.items()
            if key not in self.declared
            and (
                isinstance(meaning, Defined | KindName)
                or (key[0] not in self.defaults and isinstance(meaning, _FUNCTIONS))
            )
        }
        found = self
        for key, meaning in new.items():
            found = found.bind(key, meaning)
        return replace(found, early=frozenset(new))

    def knows(self, base: str) -> bool:
        """Whether the name means something, at least with the right scripts."""
        return base in self.defaults or any(name == base for name, _, _ in self.declared)

    def is_tensor(self, base: str) -> bool:
        """Whether the name, without scripts, is that of one tensor of the model."""
        return isinstance(self.declared.get((base, "", "")), OneTensor)

    def unknown(self, token: Token, scripts: Scripts) -> UnknownNameError:
        """The error for a name that nothing declares; it says how to declare it."""
        name = str(token)
        if scripts.below:
            below = written(scripts.below)
            name += f"_{below}" if len(below) == 1 else f"_{{{below}}}"
        shown = name if len(name) <= 40 else f"{name[:39]}…"
        if not isinstance(self.model, Network):
            unwritten = {name for name, latex in self.model.latex.items() if not latex}
            known = ", ".join(sorted({*self.model.names} - unwritten))
            return UnknownNameError(
                token.start,
                f"{shown} is no name of this model, which has {known}; say in a derive: line of "
                f"the document what it stands for",
            )
        target = self._numbered(token, scripts) or self._suggestion(token)
        key = shown
        if scripts.layer and target[:1] in ("W", "b", "z", "r") and target[1:].isdigit():
            key, target = str(token), target[0]
        names = sorted({known[0] for known in self.declared} | {*self.defaults})
        near = did_you_mean(str(token), names) if len(str(token)) > 2 else ""
        return UnknownNameError(
            token.start,
            f'{shown} is not declared; add "{key}" = "{target}", or whatever it '
            f"stands for, to [symbols] in the network file or to a derive: line in the "
            f"document{near}",
        )

    def _numbered(self, token: Token, scripts: Scripts) -> str:
        """z1 for z_1, W0 for w_1: the likeliest quantity of a name with a number below."""
        below = written(scripts.below)
        found = _NUMBERED.get(str(token))
        if found is None or not below.isdigit() or len(below) > 2 or scripts.layer:
            return ""
        kind, offset = found
        numbers = self.network.layer_numbers
        layer = int(below) - offset
        if layer not in numbers[: len(numbers) - offset]:
            return ""
        if kind == "r" and layer == self.network.first:
            return "x"
        if layer == self.network.first and kind in ("z", "dC/dz"):
            return ""
        if kind == "b" and ("b", layer) not in self.network.parameter_groups:
            return ""
        return f"{kind}{layer}"

    def _suggestion(self, token: Token) -> str:
        base = str(token).lstrip("\\")
        if base in ("w", "W", "theta"):
            return "W0"
        if base in ("b", "c"):
            return "b0" if any(layer.bias for layer in self.network.layers) else "W0"
        return {"z": "z1", "s": "z1", "u": "z1", "y": "y", "t": "y", "x": "x"}.get(base, "r1")


def _numbered_part(below: tuple[Token, ...]) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """The number that begins a subscript, and the letters behind it; nothing of any other."""
    kept = tuple(token for token in below if not token.is_sign("{", "}"))
    kinds = [token.kind for token in kept]
    if len(kept) < 2 or kinds[0] != "number" or {*kinds[1:]} != {"name"}:
        return (), below
    return kept[:1], kept[1:]


def _cut(below: tuple[Token, ...]) -> tuple[tuple[Token, ...], bool, tuple[Token, ...]]:
    """A subscript before its first comma, whether it has one, and what follows."""
    for place, token in enumerate(below):
        if token.is_sign(","):
            return below[:place], True, below[place + 1 :]
    return below, False, ()
