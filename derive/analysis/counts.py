"""Counting: entries of a Hessian, which are identically 0, what they cost to store and to use.

Costs are multiplications, counted from the formulas of the passes; a matrix of n x m with a
vector, or the outer product of two vectors, takes n m of them, an elementwise product n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sympy import Integer, Rational

from derive.analysis.blocks import Cell, Table
from derive.analysis.decimals import fixed, power_of_ten, significant
from derive.analysis.finding import Finding, found
from derive.analysis.regions import derivatives_at
from derive.network import Network
from derive.network_file import read_network

_TERABYTE = Integer(10) ** 12
#: Terabytes of memory that a large machine for training has, to compare with.
_MEMORY = 2


def parameter_count(network: Network) -> int:
    """N = sum_k n_k n_{k+1} (+ n_{k+1} with biases); the widths are numbers."""
    total = 0
    for source, layer in zip(network.layer_numbers, network.layers, strict=False):
        rows, columns = int(network.width(source)), int(network.width(source + 1))
        total += (rows + layer.bias) * columns
    return total


def zero_entries(network: Network) -> int:
    """How many of the N^2 entries of the Hessian are 0 at every point.

    With a cost that is a sum over outputs, and outputs that depend on their own
    pre-activation alone, d2C/dz^(L)_j dz^(L)_l = 0 for j != l; so parameters into different
    output units have no common second derivative.  Softmax ties all outputs together, and
    every other pair of parameters of a fully connected network shares a path to an output.
    """
    last = network.layers[-1]
    if not last.activation.kind.elementwise:
        return 0
    outputs = int(network.width(network.last))
    into_one = int(network.width(network.last - 1)) + last.bias
    return outputs * (outputs - 1) * into_one**2


@dataclass(frozen=True)
class PassCosts:
    """Multiplications of one gradient, and of what a Hessian-vector product adds to it."""

    gradient: int
    product: int

    @property
    def ratio(self) -> Rational:
        """The Hessian-vector product in units of a gradient."""
        return Rational(self.product, self.gradient)


def pass_costs(widths: Sequence[int]) -> PassCosts:
    """Costs of the passes of a bias-free network with widths n_0, ..., n_L and ReLU units."""
    gradient = product = 0
    for position, (n, m) in enumerate(pairwise(widths)):
        inner = position > 0  # the first layer has no layer before it to send anything back to
        gradient += n * m  # W^T r
        gradient += m  # phi'(z) times what comes back
        gradient += n * m  # r delta^T
        gradient += n * m * inner  # W delta
        product += n * m  # V^T r
        product += n * m * inner  # W^T R{r}; R{x} = 0
        product += m  # phi'(z) R{z}
        product += m  # phi'(z) R{g}
        product += n * m  # r R{delta}^T
        product += n * m * inner  # R{r} delta^T
        product += 2 * n * m * inner  # W R{delta} + V delta
    return PassCosts(gradient, product)


def product_costs() -> Finding:
    """A Hessian-vector product adds at most two gradients to the gradient, for several shapes.

    Each term of `product` is at most twice its counterpart in `gradient`, so it is for all.
    """
    shapes = ((100, 100, 10), (1000, 1000, 1000, 1000), (784, 300, 100, 10))
    ratios = [pass_costs(shape).ratio for shape in shapes]
    return found(max(ratios) <= 2, most=fixed(max(ratios), 2), least=fixed(min(ratios), 2))


def square_count() -> Finding:
    """A Hessian has N^2 entries, counted on one; N (N + 1) / 2 of them differ by symmetry."""
    network = read_network("2-2-1")
    point = {"x": [1, 2], "y": [1], "W0": [[1, 2], [3, 1]], "W1": [[1], [2]]}
    at = derivatives_at(network, point)
    number = parameter_count(network)
    return found(
        len(at.hessian) == number**2 and at.hessian.is_symmetric(),
        small_N=number,
        small_entries=len(at.hessian),
    )


def storage(parameters: int = 10**6) -> Finding:
    """The N^2 entries of a Hessian, and the terabytes they take in float32 and float64.

    Holds where they do not fit into the memory of a large machine.
    """
    entries = Integer(parameters) ** 2
    single, double = (size * entries / _TERABYTE for size in (4, 8))
    return found(
        single > _MEMORY,
        N=power_of_ten(Integer(parameters)),
        entries=power_of_ten(entries),
        distinct=significant(entries / 2 + Rational(parameters, 2)),
        single=single,
        double=double,
    )


def off_diagonal() -> Finding:
    """N^2 - N entries with different parameters are the majority where they exceed the N others."""
    from sympy import Symbol, reduce_inequalities

    count = Symbol("N", positive=True)
    condition = reduce_inequalities([count**2 - count > count], count)
    return found(condition if condition.lhs == count else condition.reversed)


def count_table(networks: Sequence[Network]) -> Table:
    """N, N^2, identically zero entries, and the product in units of a gradient."""
    rows: list[tuple[Cell, ...]] = []
    for network in networks:
        number = parameter_count(network)
        widths = [int(network.width(layer)) for layer in network.layer_numbers]
        ratio: Cell = fixed(pass_costs(widths).ratio, 2)
        rows.append(
            (
                network.name,
                Integer(number),
                Integer(number) ** 2,
                Integer(zero_entries(network)),
                ratio,
            )
        )
    return Table("counts", ("network", "parameters", "entries", "zeros", "product"), tuple(rows))
