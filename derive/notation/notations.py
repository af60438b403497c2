"""The notations of well-known texts: which way W points, what superscripts number, which letters.

One table for both directions: `derive check` reads by it, and documents are written by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum


class Layout(Enum):
    """Which index of a weight comes first, and whether vectors are columns or rows."""

    SOURCE_TARGET = "z = W^T r"  #: W_ij from unit i to unit j; ours
    TARGET_SOURCE = "z = W r"  #: W_ji from unit i to unit j
    ROWS = "z = r W"  #: vectors are rows, W_ij from unit i to unit j
    ROWS_TARGET_SOURCE = "z = r W^T"  #: vectors are rows, W_ji from unit i to unit j

    @property
    def turned(self) -> bool:
        """Whether the first index of a weight is the unit that it leads to."""
        return self in (Layout.TARGET_SOURCE, Layout.ROWS_TARGET_SOURCE)

    @property
    def in_rows(self) -> bool:
        """Whether vectors are rows."""
        return self in (Layout.ROWS, Layout.ROWS_TARGET_SOURCE)


class Weights(Enum):
    """Which layer the superscript of a weight or bias names."""

    LEAVE = "leave"  #: W^(k) leads from layer k to layer k+1; ours
    ENTER = "enter"  #: W^(k) leads from layer k-1 to layer k


class Superscripts(Enum):
    """What a bare number in a superscript is: z^2."""

    POWERS = "powers"
    LAYERS = "layers"


@dataclass(frozen=True)
class Notation:
    """The conventions of one document.

    Attributes:
        layout: see `Layout`.
        weights: see `Weights`.
        superscripts: see `Superscripts`.
        input_layer: the number of the input layer, 0 or 1.
        letters: layers by the letter that counts their units, for those who write no layer.
        names: what the document's own names stand for, in the ASCII notation; of several for
            one thing the first is written.
        brackets: those around the number of a layer, as it is written.
    """

    layout: Layout = Layout.SOURCE_TARGET
    weights: Weights = Weights.LEAVE
    superscripts: Superscripts = Superscripts.POWERS
    input_layer: int = 0
    letters: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    brackets: str = "()"

    def with_names(self, names: Mapping[str, str]) -> Notation:
        """This notation with further names, which come before its own."""
        return replace(self, names={**self.names, **names}) if names else self


#: The notations of well-known texts and courses, by name.
NOTATIONS: dict[str, Notation] = {
    "derive": Notation(),
    # a^l_j = sigma(z^l_j), z^l = w^l a^{l-1} + b^l; layers count from 1
    "nielsen": Notation(
        Layout.TARGET_SOURCE,
        Weights.ENTER,
        Superscripts.LAYERS,
        1,
        names={"a": "r", "w": "W", r"\sigma": "phi"},
        brackets="",
    ),
    # Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}, A^{[0]} = X
    "ng": Notation(
        Layout.TARGET_SOURCE,
        Weights.ENTER,
        names={
            "a": "r",
            "A": "r",
            "z": "z",
            "Z": "z",
            "x": "x",
            "X": "x",
            "y": "y",
            "Y": "y",
            "g": "phi",
        },
        brackets="[]",
    ),
    # z^(l+1) = W^(l) a^(l) + b^(l), a^(1) = x
    "ufldl": Notation(
        Layout.TARGET_SOURCE,
        Weights.LEAVE,
        input_layer=1,
        names={"a": "r", "f": "phi", "J": "C"},
    ),
    # a_j = sum_i w_ji^(1) x_i, z_j = h(a_j), E
    "bishop": Notation(
        Layout.TARGET_SOURCE,
        Weights.ENTER,
        letters={"i": 0, "j": 1, "k": 2},
        names={"a": "z", "z": "r", "w": "W", "t": "y", "y": "yhat", "E": "C", "h": "phi"},
    ),
    # a^(k) = b^(k) + W^(k) h^(k-1), h^(k) = f(a^(k)), J
    "goodfellow": Notation(
        Layout.TARGET_SOURCE,
        Weights.ENTER,
        names={"a": "z", "h": "r", "f": "phi", "J": "C", "L": "C"},
    ),
}
