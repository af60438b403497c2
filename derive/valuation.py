"""Values of quantities and derivatives at a point, by the definitions of the network.

The forward pass runs from the input to the cost; derivatives follow from the output back,
each local derivative by SymPy's diff in one variable.  Exact for rational points as long
as no transcendental function is met.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import product as cartesian

from sympy import Add, Dummy, Expr, Integer, S, Symbol

from derive.instances import instantiate
from derive.network import Network
from derive.quantities import Partial, Quantity

_t = Dummy("t", real=True)


class Valuation:
    """A network at one sample: every quantity has a value.

    Args:
        network: what the quantities mean.
        widths: units of each layer that has an index.
        given: values of the inputs, targets, weights and biases, and, where the cost is
            unspecified, of dC/dr of the output layer.
    """

    def __init__(
        self, network: Network, widths: Mapping[Expr, int], given: Mapping[Expr, Expr]
    ) -> None:
        self._network = network
        self._widths = dict(widths)
        self._given = dict(given)
        self._derivatives: dict[tuple[Expr, Expr], Expr] = {}

    def entries(self, kind: str, layer: Expr) -> list[Quantity]:
        """All entries of a tensor, row by row."""
        network = self._network
        axes = [axis for axis in network.slots(kind, layer) if network.has_index(axis)]
        ranges = [range(1, self._widths[axis] + 1) for axis in axes]
        return [Quantity(kind, layer, *indices) for indices in cartesian(*ranges)]

    @property
    def network(self) -> Network:
        """What the quantities mean."""
        return self._network

    @property
    def given(self) -> Mapping[Expr, Expr]:
        """The values that all others are computed from."""
        return self._given

    @cached_property
    def values(self) -> dict[Expr, Expr]:
        """The value of every quantity, from the inputs forward."""
        network = self._network
        found: dict[Expr, Expr] = dict(self._given)
        stages = [(kind, n) for n in network.layer_numbers[1:] for kind in ("z", "r")]
        if network.has_difference:
            stages.append(("U", network.last))
        if network.cost is not None:
            stages.append(("C", network.last))
        for kind, layer in stages:
            for entry in self.entries(kind, layer):
                found[entry] = self._written_out(entry).xreplace(found)
        return found

    def _written_out(self, entry: Quantity) -> Expr:
        definition = self._network.definition(entry)
        assert definition is not None
        written = instantiate(self._network, definition, self._widths, {})
        return written.xreplace(self._width_values)

    @cached_property
    def _width_values(self) -> dict[Expr, Expr]:
        return {
            self._network.width(layer): Integer(count)
            for layer, count in self._widths.items()
            if isinstance(self._network.width(layer), Symbol)
        }

    def derivative(self, of: Quantity, wrt: Quantity) -> Expr:
        """d(of)/d(wrt), by the chain rule through what is computed from `wrt`."""
        if (of, wrt) not in self._derivatives:
            self._prepare(of, wrt)
            self._derivatives[of, wrt] = self._one_level(of, wrt)
        return self._derivatives[of, wrt]

    def _prepare(self, of: Quantity, wrt: Quantity) -> None:
        """Work from the output back, so that deep networks do not recurse deeply."""
        network = self._network
        for layer in reversed(network.layer_numbers[1:]):
            if network.position(layer) <= network.position(wrt.layer) + 1:
                return
            for kind in ("r", "z"):
                for entry in self.entries(kind, layer):
                    if (of, entry) not in self._derivatives:
                        self._derivatives[of, entry] = self._one_level(of, entry)

    def _one_level(self, of: Quantity, wrt: Quantity) -> Expr:
        network = self._network
        if Partial(of, wrt) in self._given:
            return self._given[Partial(of, wrt)]
        if of.args[:2] == wrt.args[:2]:
            return S.One if of == wrt else S.Zero
        user = network.users(wrt)
        if user is None or network.rank(of) <= network.rank(wrt):
            return S.Zero
        slopes = ((entry, self._local(entry, wrt)) for entry in self.entries(*user))
        return Add(*(slope * self.derivative(of, entry) for entry, slope in slopes if slope != 0))

    def _local(self, entry: Quantity, wrt: Quantity) -> Expr:
        """The derivative of one definition with respect to one of its own arguments."""
        written = self._written_out(entry)
        if wrt not in written.atoms(Quantity):
            return S.Zero
        return written.xreplace({wrt: _t}).diff(_t).xreplace({_t: wrt}).xreplace(self.values)

    def __call__(self, expression: Expr, free: Mapping[Symbol, Integer] | None = None) -> Expr:
        """The value of an expression in quantities and first derivatives of quantities."""
        written = instantiate(self._network, expression, self._widths, dict(free or {}))
        written = written.xreplace(self._width_values)
        found: dict[Expr, Expr] = {}
        for node in written.atoms(Partial):
            found[node] = self._partial(node)
        for node in written.atoms(Quantity):
            if node in self.values:
                found[node] = self.values[node]
        return written.xreplace(found)

    def _partial(self, node: Partial) -> Expr:
        of = node.of
        if isinstance(of, Quantity):
            return self.derivative(of, node.wrt)
        terms: list[Expr] = []
        for entry in sorted(of.atoms(Quantity), key=str):
            by = self.derivative(entry, node.wrt)
            if by != 0:
                slope = of.xreplace({entry: _t}).diff(_t).xreplace({_t: entry})
                terms.append(slope.xreplace(self.values) * by)
        return Add(*terms)
