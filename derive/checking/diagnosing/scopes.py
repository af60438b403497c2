"""The quantities that may stand in a place: with index letters that mean something there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

from sympy import Expr, Sum, Symbol, Tuple

from derive.algebra.indices import free_indices
from derive.algebra.quantities import Quantity
from derive.checking.diagnosing.positions import Scope
from derive.model.instances import IllTypedError, free_axes, layers_of
from derive.model.model import Model
from derive.model.network import Network

#: Only so many layers on either side of those that an equation speaks of are thought of.
_NEIGHBOURS = 1
_MOST_LAYERS = 8


@dataclass(frozen=True)
class Neighbourhood:
    """A network, an equation, and the layer whose units each of its letters counts."""

    network: Model
    left: Expr
    right: Expr

    @property
    def stack(self) -> Network:
        """The network, for what only a stack of layers has."""
        assert isinstance(self.network, Network)
        return self.network

    @cached_property
    def axes(self) -> Mapping[Symbol, Expr]:
        """The layer of every letter, free or bound; of a letter used twice the one seen last."""
        found: dict[Symbol, Expr] = {}
        for side in (self.left, self.right):
            for node in side.atoms(Sum):
                for bound in node.bound_symbols:
                    try:
                        found[bound] = layers_of(self.network, bound, node.function)[0]
                    except IllTypedError:
                        continue
        for letter in free_indices(Tuple(self.left, self.right)):
            for side in (Tuple(self.left), Tuple(self.left, self.right)):
                try:
                    found[letter] = free_axes(self.network, side)[letter]
                    break
                except (IllTypedError, KeyError):
                    continue
        return found

    @cached_property
    def free(self) -> tuple[Symbol, ...]:
        """The letters that the left side leaves free."""
        return tuple(sorted(free_indices(self.left), key=str))

    @cached_property
    def layers(self) -> tuple[Expr, ...]:
        """The layers that the equation speaks of, and their neighbours."""
        network = self.stack
        named = {q.layer for side in (self.left, self.right) for q in side.atoms(Quantity)}
        places = [network.position(layer) for layer in named if layer in network.layer_numbers]
        if not places:
            return network.layer_numbers[:_MOST_LAYERS]
        low, high = max(0, min(places) - _NEIGHBOURS), max(places) + _NEIGHBOURS
        near = network.layer_numbers[low : high + 1]
        return near if len(near) <= _MOST_LAYERS else (*near[:4], *near[-4:])

    def entries(self, kind: str, layer: Expr, scope: Scope = ()) -> Iterator[Quantity]:
        """Entries of a tensor at the letters that are free or bound in a place."""
        network = self.network
        axes = [axis for axis in network.slots(kind, layer) if network.has_index(axis)]
        letters = dict.fromkeys((*scope, *self.free))
        choices = [[i for i in letters if self._counts(i, axis)] for axis in axes]
        for indices in product(*choices):
            if len(set(indices)) == len(indices):
                yield Quantity(kind, layer, *indices)

    def _counts(self, letter: Symbol, axis: Expr) -> bool:
        layer = self.axes.get(letter)
        return layer is not None and (
            layer == axis or self.network.width(layer) == self.network.width(axis) != 1
        )

    def outputs(self, scope: Scope = ()) -> Iterator[Quantity]:
        """Outputs r^(k) of the layers around."""
        for layer in self.layers:
            yield from self.entries("r", layer, scope)

    def pre_activations(self, scope: Scope = ()) -> Iterator[Quantity]:
        """Pre-activations z^(k) of the layers around."""
        for layer in self.layers:
            if layer != self.stack.first:
                yield from self.entries("z", layer, scope)

    def parameters(self, scope: Scope = ()) -> Iterator[Quantity]:
        """Weights and biases of the layers around."""
        for kind, layer in self.stack.parameter_groups:
            if layer in self.layers:
                yield from self.entries(kind, layer, scope)

    def slope(self, z: Quantity) -> Expr | None:
        """phi'(z^(k)_j) as people write it: Step(z), a + (1 - a) Step(z), r (1 - r), 1 - r^2."""
        return _slope(self.stack, z)


@lru_cache(maxsize=1_000)
def _slope(network: Network, z: Quantity) -> Expr | None:
    activation = network.layer(z.layer).activation
    kind = activation.kind
    if not kind.elementwise:
        return None
    if kind.slope_by_output is not None:
        return kind.slope_by_output(Quantity("r", z.layer, *z.indices))
    slope = activation(z, network.step_at_zero).diff(z)
    return slope if slope.has(z) else None
