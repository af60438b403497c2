"""Networks in one word: `2-3-1` is two inputs, three units, one output.

Between the dashes stand numbers or symbols of one letter, with or without an index
(`n_0-n_1-1`); longer words would turn a misspelt `two-layer-chian` into a network.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TypeVar

from sympy import Expr, S

from derive.errors import NetworkError
from derive.files.network_table import (
    activation_name,
    cost_of,
    is_title,
    shared_name,
    with_threshold,
)
from derive.files.own_formula import ACTIVATION, read_activation
from derive.model.activations import ACTIVATIONS, Activation
from derive.model.costs import Cost
from derive.model.literals import boolean, shown, slope, step_at_zero, width
from derive.model.network import Layer, Network

T = TypeVar("T")

_SIZE = re.compile(r"[0-9]+|[A-Za-z](_[A-Za-z0-9]+)?")
#: What is meant as a number, whether it can be a size or not.
_NUMBER = re.compile(r"[0-9]+([.][0-9]+)?")


@dataclass(frozen=True)
class ShorthandOptions:
    """What completes a shorthand; None is the default of each."""

    activation: str | None = None
    output_activation: str | None = None
    cost: str | None = None
    threshold: str | None = None
    bias: bool | None = None
    slope: str | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the options that are not left to their defaults."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)


def is_shorthand(source: str) -> bool:
    """Whether a word is meant as a shorthand, right or wrong: 2-3-1, but also 2--1 and 1.5-1."""
    sizes = source.split("-")
    return (
        any(_NUMBER.fullmatch(size) for size in sizes)
        and all(not size or _SIZE.fullmatch(size) or _NUMBER.fullmatch(size) for size in sizes)
    ) or (len(sizes) > 1 and all(_SIZE.fullmatch(size) for size in sizes))


def network_from_shorthand(
    source: str, options: ShorthandOptions, at_zero: str | None = None
) -> Network:
    """The network of a shorthand: ReLU, half squared error, no biases unless options say so.

    Raises:
        NetworkError: one sentence that names the shorthand.
    """
    name = source if len(source) <= 40 else shown(source)
    try:
        return _network(source, options, at_zero)
    except NetworkError as problem:
        raise NetworkError(f"{name}: {problem}") from None


def _network(source: str, options: ShorthandOptions, at_zero: str | None) -> Network:
    sizes = source.split("-")
    if "" in sizes:
        raise NetworkError("a shorthand is widths with one dash between them, such as 2-3-1")
    if len(sizes) < 2:
        raise NetworkError("a shorthand has inputs and at least one layer, such as 2-3-1")
    inputs, *units = (_read("a width", width, size) for size in sizes)
    hidden, output = _activations(options)
    bias = False if options.bias is None else _read("bias", boolean, options.bias)
    layers = (
        *(Layer(size, hidden, bias) for size in units[:-1]),
        Layer(units[-1], output, bias),
    )
    if shared := shared_name(inputs, layers):
        raise NetworkError(f"{shared} is a number of units and the slope; rename one")
    cost = Cost() if options.cost is None else _read("cost", cost_of, options.cost)
    if options.threshold is not None:
        cost = _read("threshold", lambda value: with_threshold(cost, value), options.threshold)
    return Network(
        inputs=inputs,
        layers=layers,
        cost=cost,
        step_at_zero=S.Zero if at_zero is None else _read("at_zero", step_at_zero, at_zero),
        name=source if is_title(source) else "network",
    )


def _activations(options: ShorthandOptions) -> tuple[Activation, Activation]:
    """The activation of the hidden layers and that of the output."""
    hidden = _read("activation", _named, options.activation or "relu")
    output = hidden
    if options.output_activation is not None:
        output = _read("output_activation", _named, options.output_activation)
    sloped = [name for name in (hidden, output) if isinstance(name, str)]
    if options.slope is not None and not sloped:
        known = [name for name, kind in ACTIVATIONS.items() if kind.has_slope]
        raise NetworkError(f"slope is for {' and '.join(known)}; give activation {known[0]} too")
    if options.slope is None and sloped:
        raise NetworkError(f"{sloped[0]} needs a slope, such as 1/10 or alpha")
    value = S.Zero if options.slope is None else _read("slope", slope, options.slope)
    return _with_slope(hidden, value), _with_slope(output, value)


def _named(value: object) -> Activation | str:
    """The activation of this name or formula, or the name of one that needs a slope."""
    if ACTIVATION.holds_formula(value):
        return read_activation(value)
    name = activation_name(value)
    return name if ACTIVATIONS[name].has_slope else Activation(name)


def _with_slope(found: Activation | str, value: Expr) -> Activation:
    return Activation(found, value) if isinstance(found, str) else found


def _read(what: str, reader: Callable[[object], T], value: object) -> T:
    """A value, read; a problem with it is told as a sentence about `what`."""
    try:
        return reader(value)
    except NetworkError as problem:
        raise NetworkError(f"{what} {problem}") from None
