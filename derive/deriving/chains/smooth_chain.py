"""The Hessian of a chain in which nothing has a kink, in weights, outputs and slopes.

Where what is said of it is too long to be read so, `named_curvature` says it in second derivatives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

from sympy import (
    Expr,
    ImmutableMatrix,
    Matrix,
    Mul,
    Pow,
    S,
    Symbol,
    Tuple,
    count_ops,
    exp,
    factor,
)

from derive.algebra.quantities import Partial, Quantity
from derive.deriving.chains.chain_entries import (
    entries_of_hessian,
    resolved,
    resolved_forms,
    weights_of,
)
from derive.deriving.first_order import EXPLICIT_DEPTH
from derive.deriving.hessian_entries import Known
from derive.deriving.laws import chain
from derive.meaning.derivation import Equation, Group, Line
from derive.model.network import Network

#: A determinant with more operations, in factors, is none that a person reads.
_MOST_OPERATIONS = 150
#: A matrix with more of them side by side is wider than a page.
_WIDEST = 20
#: A determinant with more before it is put into factors comes to no such thing.
_MOST_BEFORE = 320


def is_smooth(network: Network) -> bool:
    """Whether it is a short chain without biases in which nothing has a kink."""
    plain = not any(layer.bias for layer in network.layers) and network.cost is not None
    return network.is_chain and plain and network.depth <= EXPLICIT_DEPTH and not network.uses_step


def stationary(network: Network, known: Known, blocks: Group) -> Group:
    """The gradient of such a chain in factors: it is 0 where one factor of each entry is.

    `zeros` has what must be 0 together, each as small as it goes; of those without the error, the
    first at which the Hessian has a 0 on its diagonal and something else beside it is a saddle.
    """
    if not is_smooth(network):
        return Group("stationary", network, ())
    steps: list[Line] = []
    for weight in weights_of(network):
        steps += resolved(network, Partial(network.C, weight), known)
    ends = [line[-1].rhs for line in Group("stationary", network, tuple(steps)).chains]
    zeros = list(_hitting([_may_vanish(network, end) for end in ends]))
    about = {"zeros": Tuple(*(Tuple(*one) for one in zeros)), **_saddle(network, zeros, blocks)}
    about["left_out"] = S.false if is_short(network, blocks) else S.true
    return Group("stationary", network, tuple(steps), about)


def smooth_determinant(network: Network, blocks: Group, has_step: bool) -> Group:
    """The determinant of the Hessian of a smooth chain in factors, where it is short.

    `has_step` says whether Newton's step is too.
    """
    empty = Group("smooth_determinant", network, ())
    if not is_smooth(network) or network.depth == 1 or not is_short(network, blocks):
        return empty
    forms, start = resolved_forms(blocks), Matrix(entries_of_hessian(network)).det()
    entries: list[Line] = []
    factored: list[Equation] = []
    for left, one in forms.items():
        entries += chain(network, left, ("insert", (one,)), "factorize")
        factored.append(Equation(left, entries[-1].rhs))
    steps = chain(network, start, ("insert", tuple(factored)), "factorize")
    if count_ops(steps[-1].rhs) > _MOST_OPERATIONS:
        return empty
    powers = {one.as_base_exp()[0]: one.as_base_exp()[1] for one in Mul.make_args(steps[-1].rhs)}
    error = network.quantity("r", network.last) - network.quantity("y", network.last)
    about = {"error": error, "power": powers.get(error, S.Zero)}
    about["has_step"] = S.true if has_step else S.false
    return Group("smooth_determinant", network, (*entries, *steps), about)


def is_short(network: Network, blocks: Group) -> bool:
    """Whether the determinant of a chain's Hessian is short enough to be put into factors.

    With roots of numbers in it, as that of pi in gelu, that takes minutes.
    """
    start = Matrix(entries_of_hessian(network)).det()
    forms = {left: one.rhs for left, one in resolved_forms(blocks).items()}
    whole = start.xreplace(forms)
    roots = [one for one in whole.atoms(Pow) if one.base.is_number and not one.is_rational]
    return not roots and count_ops(whole) <= _MOST_BEFORE


def _may_vanish(network: Network, product: Expr) -> frozenset[Expr]:
    """The factors that are 0 somewhere, for an input that is not."""
    powers = (one.as_base_exp() for one in Mul.make_args(product))
    bases = {base for base, exponent in powers if exponent.is_positive}
    bases.discard(network.quantity("r", network.first))
    return frozenset(base for base in bases if not _is_never_zero(network, base))


def _is_never_zero(network: Network, one: Expr) -> bool:
    """Whether SymPy knows it of a factor in which e^z is a positive number, for each z."""
    outputs: dict[Expr, Expr] = {}
    for layer in network.layer_numbers[1:]:
        r, z = (network.quantity(kind, layer) for kind in "rz")
        activation = network.layer(layer).activation
        if activation.kind.elementwise:
            outputs[r] = activation(z, network.step_at_zero)
    real = {q: Symbol(str(q), real=True) for q in one.xreplace(outputs).atoms(Quantity)}
    written = one.xreplace(outputs).xreplace(real).rewrite(exp)
    positive = {exp(v): Symbol(f"e_{v}", positive=True) for v in real.values()}
    return factor(written.subs(positive).together()).is_zero is False


def _hitting(sets: Sequence[frozenset[Expr]]) -> Iterator[tuple[Expr, ...]]:
    """The smallest choices with something of each set."""
    found: list[frozenset[Expr]] = []
    every = sorted(frozenset[Expr]().union(*sets), key=str)
    for size in range(1, len(sets) + 1):
        for chosen in combinations(every, size):
            taken = frozenset(chosen)
            if all(taken & one for one in sets) and not any(small <= taken for small in found):
                found.append(taken)
                yield chosen


def _width(matrix: Matrix) -> int:
    """The operations in the longest entries of all columns together."""
    columns = (matrix.col(n) for n in range(matrix.cols))
    return sum(max(map(count_ops, column)) for column in columns)


def _saddle(
    network: Network, zeros: Sequence[tuple[Expr, ...]], blocks: Group
) -> Mapping[str, Expr | Tuple]:
    """The Hessian where some quantities are 0, and an entry that makes it indefinite.

    Of a Hessian that is too wide for a page only the name of that entry.
    A symmetric matrix with 0 at (i, i) and h at (i, j) has the minor -h^2.
    """
    forms = resolved_forms(blocks)
    for chosen in zeros:
        if not all(isinstance(one, Quantity) for one in chosen):
            continue
        at = dict.fromkeys(chosen, S.Zero)
        named = ImmutableMatrix(entries_of_hessian(network))
        hessian = named.xreplace({one: forms[one].rhs.xreplace(at) for one in named})
        for n, m in product(range(named.rows), repeat=2):
            if hessian[n, n] == 0 and hessian[n, m] != 0:
                where = Tuple(*chosen)
                if _width(hessian) > _WIDEST:
                    return {"where": where, "named": named[n, m]}
                return {"where": where, "hessian": hessian, "beside": hessian[n, m]}
    return {}
