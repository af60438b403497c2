r"""What documents call the quantities of a network: the letters of a notation, and declared names.

A `Naming` turns W^{(0)}_{ij} into w^{2}_{ji}, or into w_1 where `[symbols]` says so; the
printer asks it for each quantity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from sympy import Expr, Integer, Symbol

from derive.algebra.boxes import GREEK, Box, glyphs, joined, layer_tex, script, scripted
from derive.errors import NetworkError
from derive.model.model import Model
from derive.notation.notations import NOTATIONS, Notation, Superscripts, Weights

#: What is called by one name in every layer: our letter.
_LETTERS = {
    "W": "W", "b": "b", "z": "z", "r": "r", "x": "x", "y": "y", "yhat": r"\hat{y}", "C": "C",
    "U": "U", "V": "V", "v": "v", "G": "G", "Gv": r"\gamma", "t": "t", "signal": r"\delta",
}  # fmt: skip
_PLAIN_NAME = re.compile(r"\\?[A-Za-z][A-Za-z0-9_]*")
_TENSOR_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:\{[^}]*\})?")
#: These have no layer in their name.
_FIXED = ("x", "y", "yhat", "C", "U", "t")
_OF_A_LAYER = ("W", "b", "V", "v")


class Naming(Protocol):
    """What the printer asks for, or None where derive's own is meant."""

    @property
    def bare_layers(self) -> bool:
        """Whether a bare number above a letter is a layer, so that powers need parentheses."""
        ...

    @property
    def turned(self) -> bool:
        """Whether W is written as the transpose of ours, W_ji from unit i to unit j."""
        ...

    def quantity(self, kind: str, layer: Expr, indices: Sequence[str]) -> Box | None:
        """A quantity at indices, which are written already."""
        ...

    def signal(self, kind: str, layer: Expr, indices: Sequence[str]) -> Box | None:
        """The derivative of the cost by a quantity, if it has a name."""
        ...

    def function(self, name: str) -> str | None:
        """A function of SymPy, by its name there."""
        ...

    def symbol(self, name: str) -> str | None:
        """A plain symbol, by its name."""
        ...


@dataclass(frozen=True)
class BookNaming:
    """The letters and numbers of a notation, and the names that `[symbols]` declares.

    Attributes:
        book: the name of the notation.
        names: what each declared name stands for, in the ASCII notation.
    """

    book: str = "derive"
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def notation(self) -> Notation:
        """The notation of that name."""
        return NOTATIONS[self.book]

    @property
    def bare_layers(self) -> bool:
        return self.notation.superscripts is Superscripts.LAYERS

    @property
    def turned(self) -> bool:
        return self.notation.layout.turned

    def quantity(self, kind: str, layer: Expr, indices: Sequence[str]) -> Box | None:
        kind = "x" if kind == "r" and layer == 0 else kind
        if self.turned and kind in ("W", "V"):
            indices = tuple(reversed(indices))
        ours = f"{kind}{layer}" if kind not in _FIXED else kind
        own = self._declared(ours, indices)
        if own is not None:
            return own
        above = "" if kind in _FIXED else self.bracketed(layer, kind)
        return scripted(self.letter(kind), above, joined(indices))

    def signal(self, kind: str, layer: Expr, indices: Sequence[str]) -> Box | None:
        if not self._by_meaning:
            return None
        own = self._declared(f"dC/d{kind}{layer}", indices)
        family = self._by_meaning.get(f"dC/d{kind}")
        if own is not None or family is None:
            return own
        return scripted(_latex_name(family), self.bracketed(layer, kind), joined(indices))

    def function(self, name: str) -> str | None:
        # σ that stands for whatever activation a layer has is no sigmoid.
        taken = self._meanings.get(r"\sigma", name) != name
        return r"\mathrm{sigmoid}" if name == "sigmoid" and taken else None

    def symbol(self, name: str) -> str | None:
        # The variable of an activation is called as pre-activations are.
        return self.letter(name) if name == "z" else None

    def letter(self, kind: str) -> str:
        """What a family of quantities is called, without layer and indices.

        Raises:
            NetworkError: where its letter was given away, and no other is declared.
        """
        declared = self._by_meaning.get(kind)
        if declared is not None:
            return _latex_name(declared)
        letter = _LETTERS[kind]
        meant = self._meanings.get(letter.lstrip("\\"), self._meanings.get(letter, kind))
        if meant != kind:
            raise NetworkError(
                f'"{letter}" = "{meant}" leaves {letter} without a name; declare one for it too'
            )
        return letter

    def tensor(self, kind: str, layer: Expr | str) -> str:
        """A whole tensor, of a layer by number or letter: W^{(0)}, W^{(k)}, y."""
        number = Symbol(layer) if isinstance(layer, str) else layer
        own = self._declared(f"{kind}{number}", ())
        if own is not None:
            return own.text
        return self.letter(kind) if kind in _FIXED else self.above(self.letter(kind), kind, number)

    def gradient(self, kind: str, layer: Expr | str | None = None) -> str:
        r"""\partial C/\partial z^{(1)}, as in running text; without a layer of any."""
        by = self.letter(kind) if layer is None else self.tensor(kind, layer)
        return rf"\partial {self.letter('C')}/\partial {by}"

    def above(self, letter: str, kind: str, layer: Expr | str) -> str:
        """A letter with its layer above."""
        return letter + script("^", self.bracketed(layer, kind))

    def bracketed(self, layer: Expr | str, kind: str = "r") -> str:
        """The number of a layer, or of weights, as it stands above a letter."""
        opening, closing = self.notation.brackets or ("", "")
        return f"{opening}{self.layer(layer, kind)}{closing}"

    def layer(self, layer: Expr | str, kind: str = "r") -> str:
        """The number that this notation gives to a layer, or to the weights behind it.

        A letter, for any layer, counts as the notation does.
        """
        number = Symbol(layer) if isinstance(layer, str) else layer
        shift = self.notation.input_layer if number.is_Integer else 0
        shift += self.notation.weights is Weights.ENTER and kind in _OF_A_LAYER
        return layer_tex(number + Integer(shift), str)

    @cached_property
    def _meanings(self) -> Mapping[str, str]:
        return {**self.notation.names, **self.names}

    @cached_property
    def _by_meaning(self) -> Mapping[str, str]:
        """The first name of each meaning, declared ones before those of the notation."""
        found: dict[str, str] = {}
        for name in (*self.names, *self.notation.names):
            found.setdefault(self._meanings[name], name)
        return found

    def _declared(self, ours: str, indices: Sequence[str]) -> Box | None:
        """The name that is declared for one tensor or one entry."""
        whole = self._by_meaning.get(ours)
        if indices and all(one.isdigit() for one in indices):
            units = ",".join(str(int(one) - 1) for one in indices)
            entry = self._by_meaning.get(f"{ours}[{units}]")
            if entry is not None:
                return glyphs(_latex_name(entry))
        # A name with scripts of its own has no room for indices.
        if whole is None or (indices and ("_" in whole or "^" in whole)):
            return None
        return scripted(_latex_name(whole), below=joined(indices))


@dataclass(frozen=True)
class TensorNaming(BookNaming):
    """The names of a model from definitions: its own, or the LaTeX that it gives for them.

    Attributes:
        latex: by the names of the model.
        e_is_taken: whether something else than Euler's number is called e.
    """

    latex: Mapping[str, str] = field(default_factory=dict)
    e_is_taken: bool = False

    def quantity(self, kind: str, layer: Expr, indices: Sequence[str]) -> Box | None:
        own = self.latex.get(kind)
        if own is None:
            return None
        return scripted(f"{{{own}}}" if "_" in own and indices else own, below=joined(indices))

    def signal(self, kind: str, layer: Expr, indices: Sequence[str]) -> Box | None:
        return None

    def function(self, name: str) -> str | None:
        return r"\exp" if name == "exp" and self.e_is_taken else None

    def symbol(self, name: str) -> str | None:
        return None


def own_tensors(names: Mapping[str, str], network: Model) -> dict[str, str]:
    """The names that are declared for tensors and quantities, by what they stand for.

    A name that is ours for something else is left out: one name would stand for two things.
    """
    ours = ascii_tensors(network)
    found: dict[str, str] = {}
    for name, target in names.items():
        shadows = name in ours and name != target
        if not shadows and _PLAIN_NAME.fullmatch(name) and _TENSOR_NAME.fullmatch(target):
            found.setdefault(target, name)
    return found


def ascii_tensors(network: Model) -> frozenset[str]:
    """The names that are ours for the tensors and quantities of a network."""
    from derive.notation.ascii.names import vocabulary

    return frozenset(vocabulary(network).tensors) | {"x", "y", "yhat", "C", "U"}


def _latex_name(name: str) -> str:
    r"""A declared name as LaTeX: delta is \delta, act is \mathrm{act}."""
    if name in GREEK:
        return f"\\{name}"
    return rf"\mathrm{{{name}}}" if len(name) > 1 and name.isalpha() else name


#: How derive itself writes.
OURS = BookNaming()
