r"""Names of a document as tensors: what of a subscript is index and what is name, and the roles.

W_{ij} is W with two indices; w_1, w_{11} and net_{h1} are names as they stand.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from string import digits

from derive.notation.ascii.function_names import FUNCTIONS
from derive.notation.ascii.names import WORDS
from derive.reading.inferring.formulas.nodes import Name, Summed
from derive.reading.latex.lexical.scripts import Scripts, written
from derive.reading.latex.syntax.tree import Node

_INDICES = frozenset("ijklmnpqrstuvcd")
_FIXED = frozenset({"in", "max", "min", "total", "out", "tr", "reg"})
_TARGETS = frozenset({"y", "t", "d", "Y", "T", "target", "tgt", "label"})
_PARAMETERS = frozenset("wWbBUVvuc") | {"\\theta", "\\Theta", "\\beta", "bias", "weight"}
_INPUTS = frozenset({"x", "X", "i", "in", "input"})
_CONSTANTS = frozenset(
    {
        "\\lambda",
        "\\alpha",
        "\\eta",
        "\\epsilon",
        "\\gamma",
        "\\mu",
        "\\rho",
        "\\tau",
        "m",
        "n",
        "N",
    }
)
COSTS = frozenset(
    {
        *(
            "C",
            "L",
            "J",
            "E",
            "\\ell",
            "\\mathcal{L}",
            "\\mathcal{C}",
            "\\mathcal{J}",
            "\\mathcal{E}",
        ),
        *("loss", "Loss", "cost", "Cost", "error", "Error", "BCE", "CE", "MSE", "SSE", "NLL", "LL"),
    }
)


#: Before the name of a cost that has an index, where it stands there without one too.
_EACH = "each{"


def each(name: str) -> str:
    """The base of the cost of each sample, where `name` is that of all."""
    return f"{_EACH}{name}}}"


#: Before what an open function of others has for each of them, as far as first derivatives go.
_SLOPE = "slope{"


def slope_of(of: Key, by: Key | None) -> Key:
    """What stands before `by` in a formula for the tangent of `of`; without one its value at 0."""
    written = "".join(one for key in (of, by) if key for one in (key.base, key.below, key.layer))
    return Key(f"{_SLOPE}{written}}}")


def is_index(letter: str) -> bool:
    """Whether a letter below a name counts something."""
    return letter in _INDICES


@dataclass(frozen=True)
class Key:
    """A tensor as the document names it: base, fixed subscript, layer."""

    base: str
    below: str = ""
    layer: str = ""

    @property
    def role(self) -> str:
        """What it is for where nothing defines it; "unexplained" for what should be defined."""
        if self.is_slope:
            return "constant"
        for role, names in (
            ("target", _TARGETS),
            ("parameter", _PARAMETERS),
            ("input", _INPUTS),
            ("constant", _CONSTANTS),
        ):
            if self.base in names or self.base.rstrip(digits) in names:  # w1, as it is typed
                return role
        return "unexplained"

    @property
    def any_layer(self) -> bool:
        """Whether it is a tensor of any layer l, rather than of layer 1 or L."""
        return any(letter.islower() for letter in self.layer)

    @property
    def is_cost(self) -> bool:
        """Whether it is named as costs are."""
        return self.base in COSTS or self.is_each

    @property
    def is_each(self) -> bool:
        """Whether it is the cost of each sample, beside that of all."""
        return self.base.startswith(_EACH)

    @property
    def is_slope(self) -> bool:
        """Whether it is a coefficient of an open function, which no text writes."""
        return self.base.startswith(_SLOPE)

    @property
    def stands_for_derivative(self) -> bool:
        r"""Whether such names are derivatives, unless something else is said: \delta, dW, g."""
        differential = self.base.startswith("d") and len(self.base) > 1 and not self.base.isalpha()
        return self.base in ("\\delta", "\\Delta", "\\nabla", "grad", "\\partial") or differential

    @property
    def is_matrix(self) -> bool:
        """Whether a name without indices is written as matrices are."""
        plain = self.base.lstrip("\\")
        return plain[:1].isupper() and not self.is_cost and self.base != "N"


def key_of(name: Name) -> tuple[Key, tuple[str, ...]]:
    """The tensor that a name means, and its index letters."""
    return keyed(name.text, name.scripts)


def keyed(base: str, scripts: Scripts) -> tuple[Key, tuple[str, ...]]:
    """The tensor of a name with these scripts, and its index letters."""
    below = [part for part in scripts.below if not part.is_sign("{", "}", ",")]
    texts = [part.text for part in below]
    whole = "".join(texts)
    letters = all(part.kind == "name" and part.text in _INDICES for part in below)
    layer = written(scripts.layer)
    if below and letters and whole not in _FIXED and len(texts) <= 3:
        return Key(base, "", layer), tuple(texts)
    behind = texts[1:]
    if below and below[0].kind == "number" and len(behind) == 1 and {*behind} <= _INDICES:
        return Key(base, texts[0], layer), tuple(behind)  # z_{1i} is unit i of z_1
    return Key(base, whole, layer), ()


def free_letters(node: Node) -> set[str]:
    """The index letters of a formula over which no sum in it runs."""
    inside = {letter for part in node.parts for letter in free_letters(part)}
    match node:
        case Name():
            return {*key_of(node)[1]}
        case Summed():
            return inside - {*node.letters}
        case _:
            return inside


def ascii_name(key: Key, taken: Collection[str]) -> str:
    """A name for the ASCII notation that nothing else has: yhat, net_h1, a1."""
    base = key.base.lstrip("\\")
    if "{" in base:
        mark, _, letter = base.partition("{")
        letter = letter.rstrip("}").lstrip("\\")
        base = letter if mark in ("mathcal", "mathbb", "mathfrak") else letter + mark
    layer = "".join(c if c.isalnum() else "_" for c in key.layer)
    below = "".join(c if c.isalnum() else "_" for c in key.below)
    name = f"{base}{layer}{'_' if below else ''}{below}"
    name = "".join(c if c.isalnum() or c == "_" else "" for c in name) or "q"
    while name in taken or name in WORDS or name in FUNCTIONS or _is_differential(name, taken):
        name += "_"
    return name


def _is_differential(name: str, taken: Collection[str]) -> bool:
    """Whether a name could be taken for a derivative: d, d2, and dz beside z."""
    if name == "d" or (name[:1] == "d" and name[1:].isdigit()):
        return True
    return (name[:1] == "d" and name[1:] in taken) or f"d{name}" in taken


def latex_name(key: Key, brackets: str = "()", letters: tuple[str, ...] = ()) -> str:
    """The name as LaTeX writes it; the cost of each sample with the letter that counts these."""
    if key.is_each:
        return f"{key.base[len(_EACH) : -1]}_{{{''.join(letters)}}}"
    below = f"_{{{key.below}}}" if key.below else ""
    opened, closed = brackets or ("", "")
    layer = f"^{{{opened}{key.layer}{closed}}}" if key.layer else ""
    return f"{key.base}{below}{layer}"
