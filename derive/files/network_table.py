"""A network from the text of a TOML file; `starter.starter_file` shows every key."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, S

from derive.errors import NetworkError
from derive.files.own_formula import ACTIVATION, COST, read_activation, read_cost
from derive.files.points import read_point
from derive.files.toml_tables import TomlTable, parse_toml
from derive.model.activations import ACTIVATIONS, Activation
from derive.model.costs import COSTS, Cost
from derive.model.literals import boolean, choice, shown, slope, step_at_zero, threshold, width
from derive.model.network import MAXIMAL_DEPTH, Layer, Network
from derive.notation.notations import NOTATIONS
from derive.notation.quantity_names import quantity_name, user_name

MAXIMAL_TITLE = 60
_TOP: tuple[str, ...] = (
    "name",
    "inputs",
    "cost",
    "threshold",
    "reduction",
    "step_at_zero",
    "layers",
    "point",
    "symbols",
    "notation",
)
_LAYER: tuple[str, ...] = ("units", "activation", "slope", "bias")


def network_from_toml(text: str, where: str, name: str = "network") -> Network:
    """The network that a TOML document describes.

    Args:
        text: the document.
        where: what messages call it, usually its path.
        name: the network's name when the document gives none.

    Raises:
        NetworkError: one sentence with the file, the line where it is known, and the remedy.
    """
    if not text.strip():
        raise NetworkError(f"{where}: the file is empty; `derive init` writes one to start from")
    return network_of(parse_toml(text, where), name)


def network_of(top: TomlTable, name: str) -> Network:
    """The network that the top table of a document describes."""
    top.check_keys(_TOP)
    network = _described(top, name)
    point, symbols = top.table("point"), top.table("symbols")
    return replace(
        network,
        point=None if point is None else read_point(point, network),
        symbols={} if symbols is None else _symbols(symbols, network),
        notation=top.read("notation", lambda v: choice(v, NOTATIONS), or_else="derive"),
    )


def _described(top: TomlTable, name: str) -> Network:
    inputs = top.require("inputs", width, 'add inputs = 2, or a symbol such as "n_0"')
    layers = tuple(layer_of(table) for table in _layer_tables(top))
    if shared := shared_name(inputs, layers):
        raise top.error(f"{shared} is a number of units and a slope; rename one")
    cost = top.read("cost", cost_of, or_else=Cost())
    if "threshold" in top.values:
        cost = top.read("threshold", lambda value: with_threshold(cost, value), or_else=cost)
    at_zero = top.read("step_at_zero", step_at_zero, or_else=S.Zero)
    reduction = top.read("reduction", lambda v: choice(v, ("sum", "mean")), or_else="sum")
    title = top.read("name", title_of, or_else=name)
    try:
        return Network(inputs, layers, cost, at_zero, reduction=reduction, name=title)
    except NetworkError as problem:
        raise top.error(str(problem), *problem.keys) from None


def _layer_tables(top: TomlTable) -> tuple[TomlTable, ...]:
    tables = top.tables("layers")
    if not tables:
        raise top.error("a network needs at least one layer; add [[layers]] and units = 1")
    if len(tables) > MAXIMAL_DEPTH:
        raise top.error(f"{len(tables)} layers are more than the {MAXIMAL_DEPTH} allowed")
    return tables


def layer_of(table: TomlTable) -> Layer:
    """The layer that one [[layers]] table describes."""
    for key in table.values:
        if key in _TOP and key not in _LAYER:  # easily put there: TOML tables have no end
            raise table.error(f"{key} belongs at the top, before the first [[layers]]", key)
    table.check_keys(_LAYER)
    units = table.require("units", width, 'add units = 1, or a symbol such as "n_1"')
    if ACTIVATION.holds_formula(table.values.get("activation")):
        if "slope" in table.values:
            raise table.error("slope is not for a formula; write its number into it", "slope")
        own = table.read("activation", read_activation, or_else=Activation("relu"))
        return Layer(units, own, table.read("bias", boolean, or_else=False))
    name = table.read("activation", activation_name, or_else="relu")
    if "slope" in table.values and not ACTIVATIONS[name].has_slope:
        known = " and ".join(name for name, kind in ACTIVATIONS.items() if kind.has_slope)
        raise table.error(f"slope is for {known}, and the activation is {name}", "slope")
    if ACTIVATIONS[name].has_slope:
        remedy = f'{name} needs one, such as slope = "1/10" or slope = "alpha"'
        activation = Activation(name, table.require("slope", slope, remedy))
    else:
        activation = Activation(name)
    return Layer(units, activation, table.read("bias", boolean, or_else=False))


def shared_name(inputs: Expr, layers: tuple[Layer, ...]) -> str | None:
    """A name that is a width and a slope as well, which formulas could not tell apart."""
    widths = {str(size) for size in (inputs, *(layer.units for layer in layers))}
    slopes = {str(layer.activation.slope) for layer in layers if layer.activation.slope.is_Symbol}
    return min(widths & slopes, default=None)


def activation_name(value: object) -> str:
    """The name of a known activation."""
    return choice(value, ACTIVATIONS)


def cost_of(value: object) -> Cost:
    """The cost of this name, or this formula."""
    return read_cost(value) if COST.holds_formula(value) else Cost(choice(value, COSTS))


def with_threshold(cost: Cost, value: object) -> Cost:
    """The cost with a threshold, which only some have."""
    if not cost.kind.has_threshold:
        known = " and ".join(name for name, kind in COSTS.items() if kind.has_threshold)
        raise NetworkError(f"is for cost {known}, and the cost is {cost.name}")
    return replace(cost, threshold=threshold(value))


def title_of(value: object) -> str:
    """A network's name for headings and file names: one printable line, no path."""
    if isinstance(value, str) and is_title(value):
        return value
    raise NetworkError(
        f"is a text of 1 to {MAXIMAL_TITLE} characters that starts with a letter or digit "
        f"and has no slash, not {shown(value)}"
    )


def is_title(text: str) -> bool:
    """Whether a text can name a network, and so a file."""
    return (
        0 < len(text) <= MAXIMAL_TITLE
        and text.isprintable()
        and text[0].isalnum()
        and not set(text) & set("/\\")
    )


def _symbols(table: TomlTable, network: Network) -> dict[str, str]:
    for name in table.values:
        try:
            user_name(name)
        except NetworkError as problem:
            raise table.error(str(problem), name) from None
    return {name: _symbol(table, name, network) for name in table.values}


def _symbol(table: TomlTable, name: str, network: Network) -> str:
    try:
        return quantity_name(table.values[name], network)
    except NetworkError as problem:
        raise table.error(f"{shown(name)} {problem}", name) from None
