"""A stack of layers over a batch: the same definitions, with samples as an axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sympy import Basic, Eq, Expr, Integer, S, Sum, Symbol

from derive.algebra.indices import index
from derive.algebra.quantities import NO_SUPERSCRIPT, Quantity
from derive.errors import NetworkError
from derive.model.defined_model import DefinedModel, Role, Tensor, TensorDefinition, axis_named
from derive.model.network import Network

#: The letter of a sample, and the names that the number of samples may have.
SAMPLE, _UNIT = index("n"), index("j")
_SIZES = ("N", "M", "samples")
#: What every sample has its own of; W and b are shared.
_OF_A_SAMPLE = ("r", "z", "y")


def over_samples(network: Network) -> DefinedModel:
    """The network with an index n for the sample in all that depends on one.

        z^(k+1)_nj = sum_i r^(k)_ni W^(k)_ij + b^(k)_j,    C = (1/N) sum_n C_n  (or their sum)

    Names are those of the network with the layer behind them, x and y at the ends; the axis of a
    layer has the name of its width, or n_k where that is a number.  Slopes and thresholds that
    are symbols become constants; the targets of a softmax layer sum to 1.

    Raises:
        NetworkError: where there is no cost.
    """
    return _Batch(network).model()


class _Batch:
    """What the tensors and axes of one network are called."""

    def __init__(self, network: Network) -> None:
        if network.cost is None:
            raise NetworkError("a batch needs a cost, and this network leaves it open")
        self.network = network
        self.axes = {number: self._axis(number) for number in network.layer_numbers}
        taken = {str(axis) for axis in self.axes.values()}
        self.samples = axis_named(next(name for name in _SIZES if name not in taken))

    def _axis(self, number: Expr) -> Symbol:
        width = self.network.width(number)
        return axis_named(width.name if isinstance(width, Symbol) else f"n_{number}")

    def model(self) -> DefinedModel:
        network = self.network
        numbers = (
            (axis, Integer(network.width(number)))
            for number, axis in self.axes.items()
            if network.has_index(number) and network.width(number).is_Integer
        )
        return DefinedModel(
            tuple(self._tensors()),
            tuple(self._definitions()),
            objective="C",
            output=self._name(Quantity(network.split, network.last)),
            numbers=tuple(numbers),
            assumptions=tuple(self._assumptions()),
            step_at_zero=network.step_at_zero,
            name=f"{network.name}-batch",
            point=self._point(),
        )

    def _tensors(self) -> Iterator[Tensor]:
        roles: dict[str, Role] = {"r": "input", "y": "target", "W": "parameter", "b": "parameter"}
        for kind, number in self.network.given:
            entry = Quantity(kind, number)
            yield Tensor(self._name(entry), self._axes(entry), roles[str(kind)])
        for symbol in sorted(self.network.slopes, key=str):
            yield Tensor(symbol.name, (), "constant")

    def _assumptions(self) -> Iterator[Basic]:
        """The targets of each sample are probabilities, where outputs are those of a softmax."""
        network = self.network
        if not network.layers[-1].activation.kind.elementwise and network.has_distributions:
            y = self._entry(network.quantity("y", network.last, _UNIT))
            yield Eq(Sum(y, (_UNIT, 1, self._size(network.last))), S.One)

    def _size(self, number: Expr) -> Expr:
        width = self.network.width(number)
        return self.axes[number] if isinstance(width, Symbol) else width

    def _definitions(self) -> Iterator[TensorDefinition]:
        network = self.network
        for kind, number in network.defined:
            if str(kind) not in _OF_A_SAMPLE:
                continue
            entry = network.quantity(str(kind), number, _UNIT)
            right = network.definition(entry)
            assert right is not None
            yield TensorDefinition(self._renamed(entry), self._axes(entry), self._renamed(right))
        cost = network.definition(network.C)
        assert cost is not None
        differences = {q: network.definition(q) for q in cost.atoms(Quantity) if q.kind == "U"}
        one = self._renamed(cost.xreplace(differences))
        whole = Sum(one, (SAMPLE, 1, self.samples))
        mean = whole / self.samples if network.reduction == "mean" else whole
        yield TensorDefinition(Quantity("C", NO_SUPERSCRIPT), (), mean)

    def _axes(self, entry: Quantity) -> tuple[Symbol, ...]:
        kept = (layer for layer in self._layers(entry) if self.network.has_index(layer))
        own = tuple(self.axes[layer] for layer in kept)
        return (self.samples, *own) if entry.kind in _OF_A_SAMPLE else own

    def _layers(self, entry: Quantity) -> tuple[Expr, ...]:
        """The layers that the indices of a tensor count, those of one unit among them."""
        return self.network.slots(entry.kind, entry.layer)

    def _name(self, entry: Quantity) -> str:
        """x and y at the ends, and z1, r1, W0, b0 within."""
        if entry.kind == "y" or (entry.kind == "r" and entry.layer == self.network.first):
            return "y" if entry.kind == "y" else "x"
        return f"{entry.kind}{entry.layer}"

    def _renamed(self, expression: Any) -> Any:
        """An expression over the network's quantities, as one over those of the batch."""
        network = self.network
        sizes = {network.width(number): self._size(number) for number in self.axes}
        constants = {symbol: Quantity(symbol.name, NO_SUPERSCRIPT) for symbol in network.slopes}
        entries = {q: self._entry(q) for q in expression.atoms(Quantity)}
        symbols = {old: new for old, new in sizes.items() if isinstance(old, Symbol)}
        return expression.xreplace({**symbols, **constants, **entries})

    def _entry(self, entry: Quantity) -> Quantity:
        own = (SAMPLE,) if entry.kind in _OF_A_SAMPLE else ()
        return Quantity(self._name(entry), NO_SUPERSCRIPT, *own, *entry.indices)

    def _point(self) -> Mapping[str, Any] | None:
        """The point of the network; x and y have a row for each sample."""
        network, point = self.network, self.network.point
        if point is None:
            return None
        samples = point.get("samples") or [{name: point[name] for name in ("x", "y")}]
        ends = {"x": Quantity("r", network.first), "y": Quantity("y", network.last)}
        found: dict[str, Any] = {
            name: [self._without_single(sample[name], end) for sample in samples]
            for name, end in ends.items()
        }
        for kind, number in network.parameter_groups:
            name = f"{kind}{number}"
            found[name] = self._without_single(point[name], Quantity(kind, number))
        return found

    def _without_single(self, values: Any, entry: Quantity) -> Any:
        """The values of a tensor, without the axes of layers of one unit."""
        return _kept(values, [self.network.has_index(n) for n in self._layers(entry)])


def _kept(values: Any, has: list[bool]) -> Any:
    """Nested values, with the first of what is along an axis that is not kept."""
    if not has or not isinstance(values, list | tuple):
        return values
    rows = [_kept(row, has[1:]) for row in values]
    return rows if has[0] else rows[0]
