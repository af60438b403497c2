r"""What the names of a document stand for: the default notation, the declared, the defined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sympy import Expr, Symbol

from derive.literals import did_you_mean
from derive.matrices import Matrix
from derive.network import Network
from derive.reading.latex.cursor import Cursor
from derive.reading.latex.problems import LatexError, UnknownNameError
from derive.reading.latex.scripts import Scripts, read_scripts, written
from derive.reading.latex.spelling import GREEK
from derive.reading.latex.tokens import Token, tokenize
from derive.reading.notation import Notation


@dataclass(frozen=True)
class KindName:
    """A family of quantities: W, b, z, r, or the error signal "delta"; a layer is needed."""

    kind: str


@dataclass(frozen=True)
class OneTensor:
    """A tensor of one layer, perhaps at certain indices (from 1, or letters)."""

    kind: str
    layer: Expr
    indices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gradient:
    """A derivative of the cost by one or two tensors: dC/dW0."""

    wrt: tuple[OneTensor, ...]


@dataclass(frozen=True)
class FunctionMeaning:
    """A function of the notation by name; "phi" is the activation of whatever layer it meets."""

    name: str


@dataclass(frozen=True)
class Defined:
    """What the document set a name to; `letters` are the subscripts that it was defined with."""

    value: Expr | Matrix
    letters: tuple[str, ...] = ()


@dataclass(frozen=True)
class DefinedFunction:
    """A function that the document defined: f(variable) = body."""

    variable: Symbol
    body: Expr


@dataclass(frozen=True)
class Plain:
    """A plain symbol: a width, a slope, the variable of an activation."""

    symbol: Symbol


Meaning = KindName | OneTensor | Gradient | FunctionMeaning | Defined | DefinedFunction | Plain
Key = tuple[str, str, str]  #: the name, its subscript and its layer as written

_DEFAULT: dict[str, Meaning] = {
    **{name: KindName("W") for name in ("W", "w")},
    **{name: KindName(name) for name in "bzr"},
    "\\delta": KindName("delta"),
    "x": KindName("x"),
    "y": KindName("y"),
    "U": KindName("U"),
    "\\hat{y}": KindName("yhat"),
    "yhat": KindName("yhat"),
    **{name: KindName("C") for name in ("C", "E", "J", "\\ell", "loss", "Loss", "cost", "Cost")},
    **{f"\\mathcal{{{letter}}}": KindName("C") for letter in "CEJL"},
    **{name: FunctionMeaning("ReLU") for name in ("ReLU", "relu", "RELU", "Relu", "rect")},
    **{name: FunctionMeaning("Step") for name in ("Step", "step", "Heaviside", "heaviside")},
    **{name: FunctionMeaning("Step") for name in ("\\Theta", "\\theta", "H", "u")},
    **{name: FunctionMeaning("sigmoid") for name in ("sigmoid", "sigm", "logistic")},
    "\\sigma": FunctionMeaning("sigma"),
    **{name: FunctionMeaning("phi") for name in ("\\phi", "f", "g", "\\psi", "h", "a", "act")},
    **{name: FunctionMeaning(name) for name in ("tanh", "exp", "log", "max", "min", "softplus")},
    **{name: FunctionMeaning(name) for name in ("softmax", "diag", "abs")},
    "Softmax": FunctionMeaning("softmax"),
    **{name: FunctionMeaning("sign") for name in ("sgn", "sign")},
    **{name: FunctionMeaning("LeakyReLU") for name in ("LeakyReLU", "lrelu", "LReLU", "leakyrelu")},
}

#: Letters that stand for a family of second order only where a layer is written above them.
_WITH_LAYER: dict[str, Meaning] = {
    "V": KindName("V"),
    "v": KindName("v"),
    "G": KindName("G"),
    "\\gamma": KindName("Gv"),
}

#: Letters that are a function only where an argument follows, and otherwise nothing.
NEEDS_ARGUMENT = frozenset({"H", "u", "f", "g", "h", "a", "\\phi", "\\psi", "\\theta", "\\Theta"})

_TENSOR = re.compile(
    r"(?:(?P<kind>[Wbzr])(?:(?P<layer>[0-9]{1,4})|\{(?P<symbolic>[a-zA-Z0-9+\-]+)\})?"
    r"|(?P<fixed>yhat|x|y|U|C))(?:\[(?P<indices>[a-z0-9_]+(?:,[a-z0-9_]+)*)\])?"
)
_DERIVATIVE = re.compile(r"dC/d([^d]+)|d2C/d([^d]+)d([^d]+)")
_FUNCTIONS = frozenset(
    m.name for m in _DEFAULT.values() if isinstance(m, FunctionMeaning) and m.name != "sigma"
)


@dataclass(frozen=True)
class Lexicon:
    """The names that a formula may use.

    Attributes:
        declared: by name, subscript and layer; "" where the name fixes none.
        words: names of several letters.
        early: names that the document itself defines, but further down.
        spelled: all declarations as they were written.
    """

    network: Network
    notation: Notation
    declared: Mapping[Key, Meaning] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    early: frozenset[Key] = frozenset()
    spelled: Mapping[str, str] = field(default_factory=dict)

    def find(self, base: str, scripts: Scripts) -> tuple[Meaning | None, bool, bool]:
        """The meaning of a name, and whether its subscript and its layer are part of the name."""
        below, layer = written(scripts.below), written(scripts.layer)
        for sub in (below, "") if below else ("",):
            for above in (layer, "") if layer else ("",):
                found = self.declared.get((base, sub, above))
                if found is not None:
                    return found, bool(sub), bool(above)
        for sub in {len(below)} if below else ():
            found = self._template(base, layer, sub)
            if found is not None:
                return found, False, bool(layer)
        if layer and base in _WITH_LAYER:
            return _WITH_LAYER[base], False, False
        return _DEFAULT.get(base), False, False

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
        words = self.words | ({key[0]} if len(key[0]) > 1 and key[0].isalpha() else set())
        return replace(self, declared={**self.declared, key: meaning}, words=words)

    def with_definitions_of(self, later: Lexicon) -> Lexicon:
        """This lexicon with the names that a document defines only behind their first use.

        "… where U = y - r": only names that mean nothing before are taken.
        """
        new = {
            key: meaning
            for key, meaning in later.declared.items()
            if key not in self.declared and isinstance(meaning, Defined | KindName)
        }
        found = self
        for key, meaning in new.items():
            found = found.bind(key, meaning)
        return replace(found, early=frozenset(new))

    def knows(self, base: str) -> bool:
        """Whether the name means something, at least with the right scripts."""
        return base in _DEFAULT or any(name == base for name, _, _ in self.declared)

    def unknown(self, token: Token, scripts: Scripts) -> UnknownNameError:
        """The error for a name that nothing declares; it says how to declare it."""
        name = str(token)
        if scripts.below:
            below = written(scripts.below)
            name += f"_{below}" if len(below) == 1 else f"_{{{below}}}"
        shown = name if len(name) <= 40 else f"{name[:39]}…"
        target = self._suggestion(token)
        key = shown
        if scripts.layer and target[:1] in ("W", "b", "z", "r") and target[1:].isdigit():
            key, target = str(token), target[0]
        names = {known[0] for known in self.declared} | set(_DEFAULT)
        near = did_you_mean(str(token), names) if len(str(token)) > 2 else ""
        return UnknownNameError(
            token.start,
            f'{shown} is not declared; add "{key}" = "{target}", or whatever it '
            f"stands for, to [symbols] in the network file or to a derive: line in the "
            f"document{near}",
        )

    def _suggestion(self, token: Token) -> str:
        base = str(token).lstrip("\\")
        if base in ("w", "W", "theta"):
            return "W0"
        if base in ("b", "c"):
            return "b0" if any(layer.bias for layer in self.network.layers) else "W0"
        return {"z": "z1", "s": "z1", "u": "z1", "y": "y", "t": "y", "x": "x"}.get(base, "r1")


def lexicon(network: Network, notation: Notation, names: Mapping[str, str]) -> Lexicon:
    """The default names, those of the network, of the notation, and `names`, the last first.

    Raises:
        LatexError: for a name that is none, or that stands for nothing; the sentence says so.
    """
    found = Lexicon(network, notation, words=frozenset(w for w in _DEFAULT if w.isalpha()))
    for symbol in _symbols(network):
        key = _key(symbol.name)
        found = found.bind(key, Plain(symbol))
    if any(symbol.name == "h_0" for symbol in _symbols(network)):
        found = found.bind(("h", "0", ""), Plain(Symbol("h_0", real=True)))
    spelled = {**notation.names, **network.symbols, **names}
    for left, right in spelled.items():
        found = found.bind(_key(left), meaning_of(right, network))
    return replace(found, spelled=spelled)


def _symbols(network: Network) -> Iterable[Symbol]:
    values = [network.inputs, network.step_at_zero]
    for layer in network.layers:
        values += [layer.units, layer.activation.slope]
    return dict.fromkeys(value for value in values if isinstance(value, Symbol))


def _key(name: str) -> Key:
    r"""w_1, W^{[1]}, \hat y, alpha: the name with its scripts."""
    tokens = tokenize(name, 0, len(name), {})
    if name.isascii() and name.isalpha() and len(name) > 1:
        greek = f"\\{name}"
        return (greek if name in _GREEK_WORDS else name, "", "")
    if not tokens or tokens[0].kind != "name":
        raise LatexError(0, f"{name[:40]!r} cannot be declared: it is not the name of a quantity")
    head = re.fullmatch(r"([A-Za-z]{2,})((?:[_^'].*)?)", name.strip())
    if head and not head[2]:
        return head[1], "", ""
    if head:
        tokens = [replace(tokens[0], text=head[1]), *tokenize(head[2], 0, len(head[2]), {})]
        if head[1] in _GREEK_WORDS:
            tokens[0] = replace(tokens[0], text=f"\\{head[1]}")
    cursor = Cursor(tokens, len(name))
    base = cursor.advance()
    scripts = read_scripts(cursor)
    if not cursor.at_end or scripts.power or scripts.transposed:
        raise LatexError(0, f"{name[:40]!r} cannot be declared: it is not the name of a quantity")
    return str(base), written(scripts.below), written(scripts.layer)


_GREEK_WORDS = frozenset(GREEK)


def meaning_of(target: str, network: Network) -> Meaning:
    """What the right side of a declaration stands for: W0, z1[j], dC/dW0, Step, phi, W.

    Raises:
        LatexError: when it is none of them, or the network does not have it.
    """
    name = target.replace(" ", "")
    if name in _FUNCTIONS:
        return FunctionMeaning(name)
    if name in ("delta", "dC/dz"):
        return KindName("delta")
    derivative = _DERIVATIVE.fullmatch(name)
    if derivative is not None:
        parts = [_tensor(part, target, network) for part in derivative.groups() if part]
        if all(isinstance(part, OneTensor) for part in parts):
            return Gradient(tuple(part for part in parts if isinstance(part, OneTensor)))
    return _tensor(name, target, network)


def _tensor(name: str, target: str, network: Network) -> OneTensor | KindName:
    found = _TENSOR.fullmatch(name)
    if found is None:
        raise LatexError(
            0,
            f"{target[:40]!r} is nothing that a name can stand for; write a quantity such as W0, "
            "z1[j], r2, dC/dW0, a family W, b, z or r, or a function such as Step or phi",
        )
    indices = tuple(found["indices"].split(",")) if found["indices"] else ()
    if found["fixed"]:
        layer = network.first if found["fixed"] == "x" else network.last
        if not indices:
            return KindName(found["fixed"])
        return OneTensor(
            {"x": "r", "yhat": "r"}.get(found["fixed"], found["fixed"]), layer, indices
        )
    if found["layer"] is None and found["symbolic"] is None:
        return KindName(found["kind"])
    written_layer = found["layer"] or found["symbolic"]
    for number in network.layer_numbers:
        if str(number).replace(" ", "") == written_layer:
            return OneTensor(found["kind"], number, indices)
    raise LatexError(0, f"{target[:40]!r} is not in this network")
