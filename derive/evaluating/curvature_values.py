"""The Hessian of one sample's cost at a point, as its Gauss-Newton part and what remains.

d2C/dz^(k) dz^(k), later parameters fixed, is the sum of two matrices that go back alike
from the output layer, with D = diag phi'(z^(k)) and W = W^(k):

    G^(k) = D W G^(k+1) W' D,
    S^(k) = D W S^(k+1) W' D + diag(phi''(z^(k)) * (W delta^(k+1))).

Row by row they make the Hessian (Bishop 1992, Neural Computation 4(4)).  Let z^(a+1)_j move,
with p = dz^(b+1)/dz^(a+1)_j and q = dr^(b)/dz^(a+1)_j in the layers b after it.  Then for
a <= b the entry at W^(a)_ij, W^(b)_kl is the sum of

    r^(a)_i r^(b)_k (G^(b+1) p)_l                                (Gauss-Newton) and
    r^(a)_i (r^(b)_k (S^(b+1) p)_l + q_k delta^(b+1)_l)          (the residual),

where q = 0 for b = a.  A bias is the weight of an input that is always 1.  All this is the
chain and product rules applied mechanically, so at a kink phi' is the network's convention
and phi'' is 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import mul

from derive.evaluating.enclosures import Number, NumberArithmetic, constant, dot
from derive.evaluating.given import Given, Matrix, Vector
from derive.evaluating.output_layer import output_curvature
from derive.evaluating.passes import Forward, activated, back
from derive.model.network import Network

#: A row of the Hessian from the diagonal on: its Gauss-Newton part and its residual.
HalfRow = tuple[list[Number], list[Number]]


@dataclass(frozen=True)
class Curvatures:
    """What the rows of one sample's Hessian are made of, layer by layer.

    Attributes:
        weights: W^(0), ..., W^(L-1).
        inputs: r^(0), ..., r^(L-1), each with a 1 at its end where the layer has a bias.
        slopes: phi'(z^(1)), ..., phi'(z^(L-1)).
        delta: dC/dz^(1), ..., dC/dz^(L).
        kept: G^(1), ..., G^(L), the Gauss-Newton part of d2C/dz^(k) dz^(k).
        rest: S^(1), ..., S^(L), the residual part of it.
    """

    weights: tuple[Matrix, ...]
    inputs: Matrix
    slopes: Matrix
    delta: Matrix
    kept: tuple[Matrix, ...]
    rest: tuple[Matrix, ...]


def curvatures(
    network: Network,
    given: Given,
    passed: Forward,
    delta: Matrix,
    y: Vector,
    arithmetic: NumberArithmetic,
) -> Curvatures:
    """G and S from the output layer back; `delta` are the error signals of the sample."""
    one = (constant(1),)
    inputs = tuple(
        r if biases is None else r + one
        for r, biases in zip(passed.r[:-1], given.biases, strict=True)
    )
    last, remaining = output_curvature(network, passed.z[-1], passed.r[-1], y, arithmetic)
    kept, rest = [last], [remaining]
    slopes: list[Vector] = []
    for k in reversed(range(1, network.depth)):
        weights, z = given.weights[k], passed.z[k - 1]
        slope, bend = (activated(network, k, z, n, arithmetic) for n in (1, 2))
        sloped = tuple(tuple(s * w for w in row) for s, row in zip(slope, weights, strict=True))
        kept.append(_congruent(sloped, kept[-1]))
        bends = map(mul, bend, back(weights, delta[k]))
        rest.append(_with_diagonal(_congruent(sloped, rest[-1]), bends))
        slopes.append(slope)
    return Curvatures(
        given.weights, inputs, tuple(slopes[::-1]), delta, tuple(kept[::-1]), tuple(rest[::-1])
    )


def hessian_rows(sample: Curvatures) -> Iterator[HalfRow]:
    """The upper triangle of one sample's Hessian, row by row in the order of the parameters."""
    delta = sample.delta
    for a, inputs in enumerate(sample.inputs):
        moved = [_moved(sample, a, j) for j in range(len(delta[a]))]
        for i, source in enumerate(inputs):
            for j, (kept, rest) in enumerate(moved):
                start = i * len(moved) + j
                yield [source * e for e in kept[start:]], [source * e for e in rest[start:]]


def _moved(sample: Curvatures, a: int, j: int) -> HalfRow:
    """d/dz^(a+1)_j of dC/d(every parameter from layer a on), with r^(a) fixed."""
    p: Vector = tuple(constant(int(unit == j)) for unit in range(len(sample.delta[a])))
    q: Vector = ()
    kept: list[Number] = []
    rest: list[Number] = []
    for b in range(a, len(sample.weights)):
        if b > a:
            q = tuple(map(mul, sample.slopes[b - 1], p))
            p = tuple(dot(q, column) for column in zip(*sample.weights[b], strict=True))
        curved, bent = (
            [dot(row, p) for row in matrix] for matrix in (sample.kept[b], sample.rest[b])
        )
        for k, source in enumerate(sample.inputs[b]):
            kept += [source * entry for entry in curved]
            direct = q[k] if k < len(q) else constant(0)
            rest += [
                source * entry + direct * delta
                for entry, delta in zip(bent, sample.delta[b], strict=True)
            ]
    return kept, rest


def _congruent(a: Matrix, m: Matrix) -> Matrix:
    """A M A' for a symmetric M."""
    products = [tuple(dot(row, column) for column in m) for row in a]
    return tuple(tuple(dot(product, row) for row in a) for product in products)


def _with_diagonal(matrix: Matrix, entries: Iterable[Number]) -> Matrix:
    """The matrix with entries added to its diagonal."""
    return tuple(
        (*row[:place], row[place] + entry, *row[place + 1 :])
        for place, (row, entry) in enumerate(zip(matrix, entries, strict=True))
    )
