"""The blocks of the Hessian as matrices: laws that say what stands in each entry.

With vec(W^T) for the entries of W row by row, H^(k) = d2C/dz^(k) dz^(k), and for a <= b

    d2C/dvec(W^(b)T) dvec(W^(a)T) = (r^(b) r^(a)T) (x) (H^(b+1) P)  +  r^(a)T (x) Q (x) delta^(b+1),

where P = dz^(b+1)/dz^(a+1), Q = dr^(b)/dz^(a+1), delta = dC/dz; the second term is there for
a < b only.  A bias is the weight of an input 1, so its factor r is left out, and with it
what stems from its moving.  (Botev et al. 2017 for a = b; Bishop 1992 in entries.)
"""

from __future__ import annotations

from sympy import Expr, Mul, S, Symbol

from derive.algebra.indices import index
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.laws.gauss_newton import variables
from derive.meaning.derivation import Equation
from derive.model.matrices import (
    Entries,
    Matrix,
    MatrixEquation,
    entries,
    gradient,
    kronecker,
    product,
    scaled,
    tensor,
    total,
    transposed,
)
from derive.model.network import Network

Value = Matrix | Expr

_ROW, _COLUMN = index("s"), index("t")


class NoMatrixError(ValueError):
    """There is no matrix to be written: everything is a number."""


def block_view(network: Network, first: Quantity, second: Quantity) -> MatrixEquation:
    """The block of two parameter groups, the later one first, as Kronecker products.

    Raises:
        NoMatrixError: when neither has an index.
    """
    left = _named(network, Partial(Partial(network.C, first), second), first, second)
    return _view(left, _block(network, first, second), first, second)


def in_matrix_form(network: Network, block: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d2C/dW^(b)_ij dW^(a)_lm = r_i r_l (H P)_jm + r_l Q_im delta_j: an entry of the matrix."""
    return block_view(network, *variables(network, block)).entries(network)[1]


def curvature_view(network: Network, first: Quantity, second: Quantity) -> MatrixEquation:
    """H^(k) = D W H^(k+1) W^T D with D = dr^(k)/dz^(k), where no activation is curved.

    Raises:
        NoMatrixError: when the layer has one unit, or an activation from it on is curved.
    """
    number = first.layer
    if number == network.last or not network.is_straight_from(number):
        raise NoMatrixError(f"layer {number} has more than the curvature of the next")
    slope = _jacobian(network, "r", number, number)
    weights = tensor(network, "W", number)
    back, ahead = _times(network, slope, weights), _times(network, _transposed(weights), slope)
    right = _times(network, back, _curvature(network, number + 1), ahead)
    left = _named(network, Partial(Partial(network.C, first), second), first, second)
    return _view(left, right, first, second)


def through_a_layer(network: Network, partial: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d2C/dz^(k)_i dz^(k)_j = (D W H^(k+1) W^T D)_ij."""
    return curvature_view(network, *variables(network, partial)).entries(network)[1]


def kfac_view(network: Network, first: Quantity, second: Quantity) -> MatrixEquation:
    """The Gauss-Newton part within a layer, of one sample: J^T M J = (r r^T) (x) G^(k+1).

    The two factors are those of KFAC (Martens and Grosse 2015), which averages each by
    itself over samples.

    Raises:
        NoMatrixError: as `block_view`.
    """
    s, other = (network.quantity(network.split, network.last, unit) for unit in (_ROW, _COLUMN))
    units = (_ROW, network.last), (_COLUMN, network.last)
    middle = entries(network, Partial(Partial(network.C, s), other), *units)
    slopes = (
        _named(network, Partial(s, parameter), s, parameter) if parameter.indices or s.indices
        else Partial(s, parameter)
        for parameter in (first, second)
    )  # fmt: skip
    mine, theirs = slopes
    left = _times(network, _transposed(mine), middle, theirs)
    layer = network.into(first)
    curved = entries(
        network, network.quantity("G", layer, _ROW, _COLUMN), (_ROW, layer), (_COLUMN, layer)
    )
    right = _kronecker(_outer(network, first, second), curved)
    return _view(left, right, first, second)


def as_factors(network: Network, part: Expr, given: tuple[Equation, ...]) -> Expr:
    """sum_uv ds_u/dW_ij d2C/ds_u ds_v ds_v/dW_lm = (r_i r_l) G_jm, for one sample."""
    return kfac_view(network, *variables(network, given[0].lhs)).entries(network)[1]


def _view(left: Value, right: Value, first: Quantity, second: Quantity) -> MatrixEquation:
    return MatrixEquation(_matrix(left), _matrix(right), _letters(first), _letters(second))


def _letters(quantity: Quantity) -> tuple[Symbol, ...]:
    return tuple(i for i in quantity.indices if isinstance(i, Symbol))


def _block(network: Network, first: Quantity, second: Quantity) -> Value:
    low, high = second.layer, first.layer
    curved = _curvature(network, high + 1)
    if low != high:
        curved = _times(network, curved, _jacobian(network, "z", high + 1, low + 1))
    both = _kronecker(_outer(network, first, second), curved)
    if low == high or first.kind == "b":
        return both
    moving = _jacobian(network, "r", high, low + 1)
    if second.kind == "W":
        moving = _kronecker(_transposed(tensor(network, "r", low)), moving)
    delta = gradient(network, network.C, "z", high + 1)
    return _sum(network, both, _kronecker(moving, delta))


def _named(network: Network, body: Expr, first: Quantity, second: Quantity) -> Entries:
    """The matrix of a second derivative or a slope, its rows counted by the first quantity."""
    rows, columns = network.axes(first), network.axes(second)
    return Entries(rows, columns, _letters(first), _letters(second), body)


def _curvature(network: Network, layer: Expr) -> Value:
    z, other = (network.quantity("z", layer, unit) for unit in (_ROW, _COLUMN))
    body = Partial(Partial(network.C, z), other)
    return entries(network, body, (_ROW, layer), (_COLUMN, layer))


def _jacobian(network: Network, kind: str, of: Expr, by: Expr) -> Value:
    body = Partial(network.quantity(kind, of, _ROW), network.quantity("z", by, _COLUMN))
    return entries(network, body, (_ROW, of), (_COLUMN, by))


def _outer(network: Network, first: Quantity, second: Quantity) -> Value:
    """r^(b) r^(a)T, with 1 in the place of the output that a bias multiplies."""
    left, right = (
        tensor(network, "r", p.layer) if p.kind == "W" else S.One for p in (first, second)
    )
    return _times(network, left, _transposed(right))


def _transposed(value: Value) -> Value:
    return transposed(value) if isinstance(value, Matrix) else value


def _matrix(value: Value) -> Matrix:
    if not isinstance(value, Matrix):
        raise NoMatrixError("all factors are numbers")
    return value


def _times(network: Network, *factors: Value) -> Value:
    """The product from left to right, numbers in front."""
    number = Mul(*(f for f in factors if not isinstance(f, Matrix)))
    found: Value | None = None
    for factor in factors:
        if isinstance(factor, Matrix):
            found = factor if found is None else product(network, _matrix(found), factor)
    if found is None or not isinstance(found, Matrix):
        return number if found is None else number * found
    return scaled(number, found)


def _kronecker(left: Value, right: Value) -> Value:
    if not isinstance(left, Matrix):
        return scaled(left, right) if isinstance(right, Matrix) else left * right
    if not isinstance(right, Matrix):
        return scaled(right, left)
    return kronecker(left, right)


def _sum(network: Network, *terms: Value) -> Value:
    if all(isinstance(term, Matrix) for term in terms):
        return total(network, terms)  # pyright: ignore
    raise NoMatrixError("all factors are numbers")
