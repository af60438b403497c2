"""Random networks and points for the tests, from a seed."""

from dataclasses import dataclass
from random import Random

from sympy import Expr, Float, Integer, Rational, Symbol

from derive.algebra.quantities import Quantity
from derive.meaning.valuation import Valuation
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Layer, Network

HIDDEN = ("relu", "leaky_relu", "identity", "sigmoid", "tanh", "softplus")


@dataclass(frozen=True)
class Sample:
    """A network with the widths of its layers and a value for all that is given."""

    network: Network
    widths: dict[Expr, int]
    given: dict[Quantity, Rational]

    @property
    def valuation(self):
        return Valuation(self.network, self.widths, self.given)


def random_network(seed, hidden, output, cost, any_width=False, largest=4):
    """A network of depth and widths from 1 to `largest`; `any_width` derives it for all widths."""
    source = Random(seed)
    depth = source.randint(1, largest)
    counts = [source.randint(1, largest) for _ in range(depth + 1)]
    if output == "softmax":
        counts[-1] = max(2, counts[-1])
    names = [hidden] * (depth - 1) + [output]
    slope = Rational(1, source.choice((3, 10)))
    sizes = [
        Symbol(f"n_{number}", integer=True, positive=True) if any_width else Integer(count)
        for number, count in enumerate(counts)
    ]
    layers = tuple(
        Layer(size, Activation(name, slope if name == "leaky_relu" else Integer(0)), bias)
        for size, name, bias in zip(
            sizes[1:], names, (source.random() < 0.5 for _ in names), strict=True
        )
    )
    network = Network(
        sizes[0], layers, Cost(cost), step_at_zero=source.choice((0, 1, Rational(1, 2)))
    )
    widths = {
        number: count
        for number, count in zip(network.layer_numbers, counts, strict=True)
        if network.has_index(number)
    }
    while True:  # a layer of dead units puts the next one, if without biases, at its kink
        sample = Sample(network, widths, random_values(source, network, widths))
        if away_from_kinks(sample):
            return sample


def away_from_kinks(sample):
    """Whether no pre-activation is near 0."""
    rough = {entry: Float(value, 30) for entry, value in sample.given.items()}
    values = Valuation(sample.network, sample.widths, rough).values
    return all(abs(value) > 1e-9 for entry, value in values.items() if entry.kind == "z")


def random_values(source, network, widths):
    """Exact values of inputs, targets and parameters: odd multiples of 1/64 up to about 1."""
    shape = Valuation(network, widths, {})
    groups = [("r", network.first), *network.parameter_groups, ("y", network.last)]
    values = {
        entry: Rational(2 * source.randint(-40, 40) + 1, 64)
        for kind, layer in groups
        for entry in shape.entries(kind, layer)
    }
    if network.cost is not None and network.cost.output is not None:
        targets = shape.entries("y", network.last)
        parts = [Integer(source.randint(1, 5)) for _ in targets]
        total = sum(parts) + (network.cost.output == "sigmoid")
        values |= {t: part / total for t, part in zip(targets, parts, strict=True)}
    return values
