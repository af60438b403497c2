"""The right sides of `[symbols]`: ASCII names such as W0[0,1], z2, dC/dW0, for one network."""

from __future__ import annotations

import re

from sympy import Expr, Integer

from derive.algebra.quantities import Quantity
from derive.errors import NetworkError
from derive.model.literals import shown
from derive.model.network import Network
from derive.notation.ascii.function_names import FUNCTIONS as FUNCTION_NAMES

MAXIMAL_NAME = 40

#: Families of quantities, for names that stand for one in every layer: "a" = "r".
FAMILIES = ("W", "b", "z", "r", "dC/dz")
#: A real variable of its own, which is nothing of the network.
NUMBER = "number"
#: "phi" is the activation of whatever layer its argument belongs to.
FUNCTIONS = (*FUNCTION_NAMES, "phi", "softmax")

_QUANTITY = re.compile(
    r"(?:([Wbzr])([0-9]{1,4})|(x|yhat|y|U|C))"  # W0, or a name that needs no layer
    r"(?:\[((?:[0-9]{1,7}|[a-z])(?:,(?:[0-9]{1,7}|[a-z]))*)\])?"
)
_DERIVATIVE = re.compile(r"dC/d([^d]+)|d2C/d([^d]+)d([^d]+)")
_ALIASES = {"x": "r", "yhat": "r"}


def quantity_name(value: object, network: Network) -> str:
    """The name, without spaces, of a quantity or derivative that this network has.

    A family of quantities (W, b, z, r), a function of the notation (Step, phi) and the word
    "number" may stand there as well; indices may be letters, as in z1[j].

    Raises:
        NetworkError: a text that continues a sentence, as in `derive.model.literals`.
    """
    if not isinstance(value, str) or len(value) > MAXIMAL_NAME:
        raise _not_ours(value)
    name = value.replace(" ", "")
    if name == NUMBER or name in FAMILIES or name in FUNCTIONS:
        return name
    derivative = _DERIVATIVE.fullmatch(name)
    parts = [part for part in derivative.groups() if part] if derivative else [name]
    for part in parts:
        _check_quantity(part, value, network)
    return name


def user_name(name: str) -> None:
    """Refuse a user's own name of a quantity that no line of a document could hold."""
    if not name.strip() or len(name) > MAXIMAL_NAME or not name.isprintable():
        raise NetworkError(
            f"{shown(name)} cannot name a quantity: "
            f"a name is 1 to {MAXIMAL_NAME} printable characters"
        )


def _not_ours(value: object) -> NetworkError:
    return NetworkError(
        f"stands for a quantity such as W0, W0[0,1], b1, z2, r1[0], x, y, yhat, C or dC/dW0, "
        "a family W, b, z or r, a function such as Step or phi, or for a number, not "
        f"{shown(value)}"
    )


def _check_quantity(name: str, value: str, network: Network) -> None:
    found = _QUANTITY.fullmatch(name)
    if found is None:
        raise _not_ours(value)
    kind = found[1] or _ALIASES.get(found[3], found[3])
    layer = int(found[2]) if found[1] else (0 if found[3] == "x" else network.depth)
    if not (network.has_difference if kind == "U" else network.has(Quantity(kind, layer))):
        raise NetworkError(f"stands for {shown(name)}, which this network does not have")
    if found[4] is not None:
        units = tuple(int(unit) if unit.isdigit() else 0 for unit in found[4].split(","))
        _check_indices(name, units, network.slots(kind, Integer(layer)), network)


def _check_indices(
    name: str, units: tuple[int, ...], slots: tuple[Expr, ...], network: Network
) -> None:
    """As many indices as the quantity has axes, each below the width of its layer.

    The index of a one-unit layer may be written or left out.
    """
    axes = [axis for axis in slots if network.has_index(axis)]
    axes = axes if len(units) == len(axes) else list(slots)
    if len(units) != len(axes):
        plural = "index" if len(slots) == 1 else "indices"
        raise NetworkError(f"stands for {shown(name)}, which has {len(slots)} {plural}")
    for unit, axis in zip(units, axes, strict=True):
        width = network.width(axis)
        if isinstance(width, Integer) and unit >= width:
            raise NetworkError(
                f"stands for {shown(name)}, but the units of layer {axis} "
                f"count from 0 to {width - 1}"
            )
