"""`Network`: a system of definitions, z := W r + b, r := phi(z), ..., C := cost(r, y).

MATHS convention: W^(k)_ij joins unit i of layer k to unit j of layer k+1, and b^(k) goes
with W^(k), so z^(k+1)_j = sum_i W^(k)_ij r^(k)_i + b^(k)_j.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Self

from sympy import Dummy, Expr, Integer, S, Sum, Symbol, exp, symbols

from derive.algebra.arguments import expression, finite, instance_of, quoted, several
from derive.algebra.indices import fresh_index, index_symbols
from derive.algebra.quantities import DIRECTIONS, Partial, Quantity
from derive.errors import DeriveError, NetworkError
from derive.model import literals
from derive.model.activations import ACTIVATIONS, Activation
from derive.model.costs import Cost
from derive.model.model import Head, Model, head_named, needed_model, plain_index

_z = Dummy("z", real=True)

MAXIMAL_WIDTH = 1_000_000
MAXIMAL_DEPTH = 1_000


@dataclass(frozen=True)
class Layer:
    """One layer: how many units (a number or a symbol), its activation, whether it has biases."""

    units: Expr
    activation: Activation = Activation("relu")
    bias: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", _size(self.units, "units"))
        instance_of(Activation, self.activation, "the activation of a layer")
        instance_of(bool, self.bias, "bias")


@dataclass(frozen=True)
class Network(Model):
    """A feed-forward network with a cost, validated once.

    Args:
        inputs: the width of layer `first`, a number or a symbol.
        layers: the layers that follow, the output last.
        cost: what is minimised; None leaves it unspecified (the generic layer of a longer
            network: dC/dr of the last layer is then a given).
        step_at_zero: the value of Step(0), a number in [0, 1] or a symbol.
        first: the number of the input layer: 0, or a symbol such as k.
        reduction: how the costs of several samples combine, "sum" or "mean".
        name: what documents call the network.
        point: numbers for a worked example, by name (x, y, W0, b0, ..., or samples).
        symbols: the user's own names of quantities.
        notation: the notation in which documents about it are read and written.

    Raises:
        NetworkError: when a part is not valid; the message says which.
    """

    inputs: Expr
    layers: tuple[Layer, ...]
    cost: Cost | None = field(default_factory=Cost)
    step_at_zero: Expr = S.Zero
    first: Expr = S.Zero
    reduction: str = "sum"
    name: str = "network"
    point: Mapping[str, Any] | None = field(default=None, compare=False)
    symbols: Mapping[str, str] = field(default_factory=dict, compare=False)
    notation: str = field(default="derive", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", _width(self.inputs, "inputs", "inputs"))
        object.__setattr__(self, "step_at_zero", step_value(self.step_at_zero))
        object.__setattr__(self, "first", _first(self.first))
        layers = several(self.layers, "layers")
        for number, layer in enumerate(layers, start=1):
            if not isinstance(layer, Layer):
                raise NetworkError(
                    f"layer {number} is {quoted(layer)}, and a layer is "
                    "Layer(units, activation, bias)"
                )
        if self.cost is not None:
            instance_of(Cost, self.cost, "cost")
        instance_of(str, self.name, "name")
        instance_of(Mapping, self.symbols, "symbols")
        instance_of(str, self.notation, "notation")
        if not layers:
            raise NetworkError("a network needs at least one layer")
        if len(layers) > MAXIMAL_DEPTH:
            raise NetworkError(
                f"{len(layers)} layers are more than the {MAXIMAL_DEPTH} that derive accepts"
            )
        checked = tuple(
            Layer(
                _width(layer.units, f"layer {n}", "layers", n, "units"),
                layer.activation,
                layer.bias,
            )
            for n, layer in enumerate(layers, start=1)
        )
        object.__setattr__(self, "layers", checked)
        _check_output(checked, self.cost)
        if self.reduction not in ("sum", "mean"):
            raise NetworkError(f'reduction is "sum" or "mean", not {self.reduction!r}')

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Worked out once: networks are keys wherever something about them is kept."""
        return hash(tuple(getattr(self, one.name) for one in fields(self) if one.compare))

    def with_symbols(self, symbols: Mapping[str, str]) -> Network:
        """The same network with these names of the user's own."""
        return replace(self, symbols=symbols)

    def with_step_at_zero(self, value: Expr) -> Self:
        """The same network with another value of Step(0)."""
        return replace(self, step_at_zero=value)

    # -- shape ---------------------------------------------------------------------

    @property
    def depth(self) -> int:
        """L, the number of layers after the input."""
        return len(self.layers)

    @cached_property
    def layer_numbers(self) -> tuple[Expr, ...]:
        """The layer numbers first, first+1, ..., first+L."""
        return tuple(self.first + offset for offset in range(self.depth + 1))

    @property
    def last(self) -> Expr:
        """The number of the output layer."""
        return self.layer_numbers[-1]

    def position(self, layer: Expr) -> int:
        """How far a layer is from the input: 0 for the input, L for the output."""
        return int(layer) if layer.is_Integer and self.first == 0 else int(layer - self.first)

    def width(self, layer: Expr) -> Expr:
        """n_k, the number of units of a layer."""
        position = self.position(layer)
        return self.inputs if position == 0 else self.layers[position - 1].units

    def layer(self, number: Expr) -> Layer:
        """The layer of this number (not the input)."""
        return self.layers[self.position(number) - 1]

    def into(self, before: Quantity) -> Expr:
        """The layer that a parameter leads into, and that the outputs r of a layer enter."""
        return self.layer_numbers[self.position(before.layer) + 1]

    def shifted(self, quantity: Quantity, by: int) -> Quantity | None:
        """The entry with the same indices so many layers on, where the network has its tensor."""
        moved = Quantity(quantity.kind, quantity.layer + by, *quantity.indices)
        return moved if self.has(moved) else None

    def activation_at(self, position: int) -> Activation:
        """The activation of the layer that is so far from the input."""
        return self.layers[position - 1].activation

    def has_index(self, layer: Expr) -> bool:
        """Whether the units of a layer carry an index: layers of one unit do not."""
        return self.width(layer) != 1

    @property
    def is_chain(self) -> bool:
        """Whether every layer has one unit."""
        return not any(self.has_index(layer) for layer in self.layer_numbers)

    @property
    def all_axes(self) -> tuple[Expr, ...]:
        """The layers: an index counts the units of one."""
        return self.layer_numbers

    # -- quantities ----------------------------------------------------------------

    def quantity(self, kind: str, layer: Expr | int, *indices: Expr) -> Quantity:
        """A quantity, with one index for each axis that its formula has.

        The indices of one-unit layers are dropped; where all are, none need be given.
        """
        number = expression(layer, "a layer")
        axes = self.slots(kind, number)
        if not indices and not any(self.has_index(axis) for axis in axes):
            return Quantity(kind, number)
        kept = (i for i, axis in zip(indices, axes, strict=True) if self.has_index(axis))
        return Quantity(kind, number, *kept)

    def slots(self, kind: str, layer: Expr) -> tuple[Expr, ...]:
        """For each index that the general formula writes, the layer whose units it counts."""
        match kind:
            case "W" | "V":
                return layer, layer + 1
            case "b" | "v":
                return (layer + 1,)
            case "G":
                return layer, layer
            case "C" | "t":
                return ()
            case _:
                return (layer,)

    @property
    def C(self) -> Quantity:
        """The cost."""
        return Quantity("C", self.last)

    @property
    def direction(self) -> Quantity:
        """t, along which every W moves by t V and every b by t v."""
        return Quantity("t", self.first)

    @property
    def split(self) -> str:
        """The kind at which Gauss-Newton cuts C(s(parameters)) at the output: r or z.

        A cost of the difference U is cut at the outputs r, in which squared errors are convex;
        another one at the pre-activations, in which cross-entropies are.
        """
        return "r" if self.has_difference else "z"

    @property
    def has_difference(self) -> bool:
        """Whether the cost is a function of the difference U = y - r."""
        return self.cost is not None and self.cost.has_difference

    def is_straight_from(self, number: Expr) -> bool:
        """Whether no activation from layer `number` to the split is curved away from kinks."""
        later = self.layers[self.position(number) - 1 :]
        if self.split == "z":
            later = later[:-1]
        return all(layer.activation(_z, self.step_at_zero).diff(_z, 2) == 0 for layer in later)

    @property
    def uses_step(self) -> bool:
        """Whether something has a kink, so that the value of Step(0) matters."""
        return self.cost_has_kinks or any(layer.activation.kind.kinks for layer in self.layers)

    @property
    def cost_has_kinks(self) -> bool:
        """Whether the cost itself has a kink."""
        return self.cost is not None and self.cost.has_kinks

    def cost_kinks(self, *unit: Expr) -> tuple[Expr, ...]:
        """What is 0 where the term of an output unit, or its slope, has a kink."""
        if self.cost is None:
            return ()
        unit = unit or (S.One,)
        r, y = (self.quantity(kind, self.last, *unit) for kind in "ry")
        return self.cost.kinks(r, y)

    def functions_at(self, number: Expr) -> frozenset[str]:
        """The functions that a layer's activation, and a cost behind it, are written with."""
        names = self.layer(number).activation.kind.functions
        if number != self.last or self.cost is None:
            return names
        return names | self.cost.functions

    @property
    def hyperparameters(self) -> tuple[Expr, ...]:
        """The slopes of the activations, and the threshold of the cost: numbers or symbols."""
        slopes = (layer.activation.slope for layer in self.layers)
        return (*slopes, *(() if self.cost is None else (self.cost.threshold,)))

    # -- definitions ---------------------------------------------------------------

    def definition(self, quantity: Quantity, avoid: frozenset[Symbol] = frozenset()) -> Expr | None:
        """The right side of the definition of a quantity, at that quantity's own indices.

        None for what is given: inputs, targets, parameters, and an unspecified cost.
        Bound indices differ from the quantity's own and from those in `avoid`.
        """
        layer = quantity.layer
        used = set(avoid) | index_symbols(quantity)
        match quantity.kind:
            case "z":
                return self._pre_activation(quantity, fresh_index(used))
            case "r" if layer != self.first:
                return self._output(quantity, fresh_index(used, after=3))
            case "U":
                return Quantity("y", layer, *quantity.indices) - Quantity(
                    "r", layer, *quantity.indices
                )
            case "C":
                return self._cost(fresh_index(used, after=1))
            case "G" | "Gv":
                return self._gauss_newton(quantity, used)
            case _:
                return None

    def has(self, quantity: Quantity) -> bool:
        """Whether the network has such a tensor."""
        offset = quantity.layer - self.first
        if not (offset.is_Integer and 0 <= offset <= self.depth):
            return False
        position = int(offset)
        match quantity.kind:
            case "W" | "V":
                return position < self.depth
            case "b" | "v":
                return position < self.depth and self.layers[position].bias
            case "z" | "G" | "Gv":
                return position > 0
            case "y" | "U" | "C":
                return position == self.depth
            case _:
                return True

    @property
    def given(self) -> tuple[Head, ...]:
        """x, the parameters, and y."""
        ends = (head_named("r", self.first), head_named("y", self.last))
        return ends[0], *self.parameters, ends[1]

    @property
    def parameters(self) -> tuple[Head, ...]:
        """W, b of each layer in order, those that exist."""
        return tuple(head_named(*group) for group in self.parameter_groups)

    @property
    def defined(self) -> tuple[Head, ...]:
        """z, r of each layer, the difference U of the cost if it has one, and C."""
        layers = [head_named(kind, n) for n in self.layer_numbers[1:] for kind in ("z", "r")]
        difference = [head_named("U", self.last)] if self.has_difference else []
        return *layers, *difference, self.C.args[:2]

    def opaque(self, head: Head) -> tuple[Head, ...]:
        """An unspecified cost is some function of outputs and targets."""
        if self.cost is not None or head != self.C.args[:2]:
            return ()
        return head_named("r", self.last), head_named("y", self.last)

    @property
    def slopes(self) -> frozenset[Symbol]:
        """The hyperparameters that are symbols."""
        return frozenset(value for value in self.hyperparameters if isinstance(value, Symbol))

    def is_unit(self, of: Head, by: Head) -> bool:
        """dr_i/dz_j = phi'(z_i) delta_ij of an elementwise activation."""
        (kind, number), (inner, layer) = of, by
        units = str(kind) == "r" and str(inner) == "z" and number == layer != self.first
        return units and self.layer(number).activation.kind.elementwise  # pyright: ignore

    def is_inside(self, quantity: Quantity) -> bool:
        """Pre-activations, which stand inside activations."""
        return quantity.kind == "z"

    def moving(self, given: Quantity) -> Expr:
        """dq/dt for what is given: the direction of a parameter; inputs and targets stay."""
        kind = DIRECTIONS.get(given.kind)
        return S.Zero if kind is None else Quantity(kind, *given.args[1:])

    @property
    def has_distributions(self) -> bool:
        """Whether the cost is a cross-entropy."""
        return self.cost is not None and self.cost.output is not None

    @property
    def waist(self) -> Head:
        """z^(L), through which alone the cost depends on parameters."""
        return head_named("z", self.last)

    @property
    def splits_at(self) -> Head:
        """The outputs, or the last pre-activations."""
        return head_named(self.split, self.last)

    def defines(self, quantity: Quantity) -> bool:
        """Whether a quantity has a definition, rather than being given."""
        if quantity.kind in ("G", "Gv"):
            return self.cost is not None
        return super().defines(quantity)

    def rank(self, quantity: Quantity) -> int:
        """The place of a quantity in the forward pass; second derivatives come after the cost."""
        if quantity.kind in ("G", "Gv"):
            return super().rank(self.C) + 1
        return super().rank(quantity)

    def _pre_activation(self, z: Quantity, bound: Symbol) -> Expr:
        """z^(k+1)_j = sum_i W^(k)_ij r^(k)_i + b^(k)_j."""
        source = z.layer - 1
        target = z.indices[0] if z.indices else S.One
        term = self.quantity("W", source, bound, target) * self.quantity("r", source, bound)
        total = self.sum_over(source, bound, term)
        if self.layer(z.layer).bias:
            total += self.quantity("b", source, target)
        return total

    def _output(self, r: Quantity, bound: Symbol) -> Expr:
        """r^(k)_j = phi(z^(k)_j); for softmax exp(z_j) / sum_m exp(z_m)."""
        activation = self.layer(r.layer).activation
        z = Quantity("z", r.layer, *r.indices)
        if activation.kind.elementwise:
            return activation(z, self.step_at_zero)
        total = self.sum_over(r.layer, bound, exp(self.quantity("z", r.layer, bound)))
        return exp(z) / total

    def _cost(self, bound: Symbol) -> Expr | None:
        """C = scale * sum_j term(r_j, y_j), or in U_j = y_j - r_j for squared errors."""
        cost, last = self.cost, self.last
        if cost is None:
            return None
        if cost.has_difference:
            term = cost.of_difference(self.quantity("U", last, bound), self.step_at_zero)
        else:
            r, y = (self.quantity(kind, last, bound) for kind in "ry")
            term = cost.term(r, y, self.step_at_zero)
        return cost.scale(self.width(last)) * self.sum_over(last, bound, term)

    def _gauss_newton(self, quantity: Quantity, used: set[Symbol]) -> Expr:
        """G^(k)_ij, and the product gamma^(k)_i, in which z_j is the step along the direction."""
        units = quantity.indices or (S.One, S.One)
        first, *others = (self.quantity("z", quantity.layer, unit) for unit in units)
        second = self.direction if quantity.kind == "Gv" else others[0]
        return self.gauss_newton_sum(first, second, used)

    def gauss_newton_sum(
        self, first: Quantity, second: Quantity, avoid: Iterable[Symbol] = ()
    ) -> Expr:
        """sum_uv ds_u/d(first) d2C/ds_u ds_v ds_v/d(second), with s the split of the output.

        With the step t along the direction for `second` the last factor is R{s_v}.
        """
        s, other = self.split_entries(first, second, avoid=avoid)
        body = Partial(s, first) * Partial(Partial(self.C, s), other) * Partial(other, second)
        return self.over_split(self.over_split(body, other), s)

    def split_entries(
        self, *beside: Quantity, avoid: Iterable[Symbol] = ()
    ) -> tuple[Quantity, Quantity]:
        """Two entries s_u, s_v of the split, with letters that occur in nothing beside them."""
        used = set(avoid).union(*(index_symbols(quantity) for quantity in beside))
        u = fresh_index(used, after=4)
        v = fresh_index({*used, u}, after=4)
        first, second = (self.quantity(self.split, self.last, unit) for unit in (u, v))
        return first, second

    def over_split(self, body: Expr, entry: Quantity) -> Expr:
        """The sum of `body` over all units of which `entry` of the split is one."""
        return Sum(body, (entry.indices[0], 1, self.width(self.last))) if entry.indices else body

    @property
    def parameter_groups(self) -> Iterator[tuple[str, Expr]]:
        """("W", 0), ("b", 0), ("W", 1), ... in order, for the groups that exist."""
        for source, layer in zip(self.layer_numbers, self.layers, strict=False):
            yield "W", source
            if layer.bias:
                yield "b", source

    @property
    def parameter_shapes(self) -> dict[tuple[str, Expr], tuple[Expr, ...]]:
        """n_k and n_{k+1} for W^(k), n_{k+1} for b^(k), in the order of `parameter_groups`."""
        groups = self.parameter_groups
        return {group: tuple(map(self.width, self.slots(*group))) for group in groups}

    @property
    def names(self) -> dict[str, tuple[str, Expr]]:
        """Every quantity by name; a symbolic layer stands in braces, as in z{k+1}."""
        return self._names

    @cached_property
    def _names(self) -> dict[str, tuple[str, Expr]]:
        last = self.last
        found: dict[str, tuple[str, Expr]] = {}
        for number in self.layer_numbers:
            written = str(number).replace(" ", "")
            for kind in ("W", "b", "z", "r", "V", "v", "G", "Gv"):
                if self.has(Quantity(kind, number)):
                    found[f"{kind}{{{written}}}"] = (kind, number)
                    if number.is_Integer:
                        found[f"{kind}{written}"] = (kind, number)
        found["x"], found["yhat"] = ("r", self.first), ("r", last)
        found["y"], found["C"] = ("y", last), ("C", last)
        if self.has_difference:
            found["U"] = ("U", last)
        return found

    @property
    def named_symbols(self) -> dict[str, Symbol]:
        """Widths, slopes, and the value of Step(0)."""
        values = [self.inputs, self.step_at_zero]
        values += [*(layer.units for layer in self.layers), *self.hyperparameters]
        found = {value.name: value for value in values if isinstance(value, Symbol)}
        if "h_0" in found:  # the command line and the network file call it h0
            found.setdefault("h0", found["h_0"])
        return found

    def accepts_index(self, name: str) -> bool:
        """A letter that no quantity and no layer number has, as i, j or i_1."""
        return plain_index(name)

    def user(self, quantity: Quantity) -> tuple[str, Expr] | None:
        """Kind and layer of what is computed from a quantity: in a stack of layers it is one."""
        users = self.users(quantity)
        return (str(users[0][0]), users[0][1]) if users else None  # pyright: ignore


def general_network(network: Network) -> Network:
    """One layer (k) -> (k+1) of any width with the hidden activation of `network`, no cost."""
    units, inputs = symbols("n_{k+1} n_k", integer=True, positive=True)
    bias = any(layer.bias for layer in network.layers)
    return Network(
        inputs=inputs,
        layers=(Layer(units, network.layers[0].activation, bias),),
        cost=None,
        step_at_zero=network.step_at_zero,
        first=Symbol("k", integer=True),
        name="general-layer",
    )


def _size(value: Any, where: str, *keys: str | int) -> Expr:
    """A number of units that somebody wrote: text is read as a network file reads it."""
    try:
        return literals.width(value) if isinstance(value, str) else finite(value, where)
    except NetworkError as problem:
        raise NetworkError(f"{where}: the number of units {problem}", *keys) from None
    except DeriveError as problem:
        raise NetworkError(str(problem), *keys) from None


def _first(value: Any) -> Expr:
    number = finite(value, "first")
    if isinstance(value, str) and isinstance(number, Symbol):
        return Symbol(number.name, integer=True)
    return number


def needed_network(given: Any) -> Network:
    """The network that a function was given itself or by its name.

    Raises:
        NetworkError: when it is none.
    """
    model = needed_model(given)
    if isinstance(model, Network):
        return model
    raise NetworkError("this is for stacks of fully connected layers, and the model is none")


def _width(value: Any, where: str, *keys: str | int) -> Expr:
    width = _size(value, where, *keys)
    if isinstance(width, Symbol):
        if index_symbols(width):
            raise NetworkError(
                f"{where}: {width} is the name of an index; write n_1, for example", *keys
            )
        return width
    if not isinstance(width, Integer) or width < 1:
        raise NetworkError(
            f"{where}: the number of units is a whole number from 1 or a symbol such as n_1, "
            f"not {quoted(width)}",
            *keys,
        )
    if width > MAXIMAL_WIDTH:
        raise NetworkError(
            f"{where}: {quoted(width)} units are more than {MAXIMAL_WIDTH}; "
            "write a symbol such as n_1 for a layer of any size",
            *keys,
        )
    return width


def step_value(value: Any) -> Expr:
    """The value of Step(0): a number from 0 to 1 or a symbol; text as in a network file.

    Raises:
        NetworkError: for anything else.
    """
    try:
        known = isinstance(value, str)
        step = literals.step_at_zero(value) if known else finite(value, "step_at_zero")
    except NetworkError as problem:
        raise NetworkError(f"step_at_zero {problem}", "step_at_zero") from None
    except DeriveError as problem:
        raise NetworkError(str(problem), "step_at_zero") from None
    if isinstance(step, Symbol) or (step.is_Rational and 0 <= step <= 1):
        return step
    raise NetworkError(
        f"step_at_zero is a number from 0 to 1 or the symbol h0, not {value}: "
        "the slope of ReLU at its kink lies between its slopes on both sides",
        "step_at_zero",
    )


def _check_output(layers: tuple[Layer, ...], cost: Cost | None) -> None:
    for number, layer in enumerate(layers, start=1):
        if layer.activation.formula is None and layer.activation.name not in ACTIVATIONS:
            known = ", ".join(ACTIVATIONS)
            raise NetworkError(
                f"layer {number}: unknown activation {layer.activation.name!r}; known are {known}"
            )
    output = layers[-1].activation.name
    last = ("layers", len(layers))
    for number, layer in enumerate(layers[:-1], start=1):
        if not layer.activation.kind.elementwise:
            raise NetworkError(
                f"layer {number}: softmax is for the last layer only",
                "layers", number, "activation",
            )  # fmt: skip
    if output == "softmax" and (cost is None or cost.output != "softmax"):
        raise NetworkError('a softmax output layer goes with cost = "cross_entropy"', "cost")
    if output == "softmax" and layers[-1].units == 1:
        raise NetworkError(
            "a softmax layer needs at least two units: with one, its output is 1", *last, "units"
        )
    if cost is not None and cost.output is not None and output != cost.output:
        raise NetworkError(
            f"cost {cost.name} goes with activation = {cost.output!r} in the last layer, "
            f"not {output!r}",
            *last,
            "activation",
        )
    last_kind = layers[-1].activation.kind
    if cost is not None and last_kind.outputs.rank < cost.outputs.rank:
        raise NetworkError(
            f"the cost {cost.formula} has values where {cost.outputs.words} only, and outputs of "
            f"{last_kind.title or output} are not known to lie there; those of "
            f"{cost.outputs.example} do",
            *last,
            "activation",
        )
