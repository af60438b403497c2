"""The Hessian of a chain as a whole: every entry resolved, its determinant, Newton's step.

For chains that are short enough to be written out.  Where all units are active, or where no
activation has a kink, the Hessian is one matrix of polynomials in weights, outputs and slopes; what
is said of it is solved for here and proved like every other line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from sympy import (
    Add,
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

from derive.algebra.quantities import Partial, Quantity, outermost
from derive.deriving.first_order import EXPLICIT_DEPTH
from derive.deriving.hessian_entries import (
    Known,
    first_entry,
    pairs,
    second_derivative,
    second_entry,
)
from derive.deriving.hessian_regions import all_active, is_polynomial, where_active
from derive.deriving.laws import Rule, algebra, cases, chain
from derive.meaning.derivation import Equation, Group, Line
from derive.model.network import Network


def resolved_blocks(network: Network, known: Known) -> Group:
    """Each entry of a chain's Hessian, with all earlier results put in."""
    steps: list[Line] = []
    if network.is_chain and network.depth <= EXPLICIT_DEPTH:
        for later, earlier in pairs(network):
            entries = first_entry(network, *later), second_entry(network, *earlier)
            steps += resolved(network, second_derivative(network, *entries), known)
    return Group("resolved_blocks", network, tuple(steps))


def resolved(network: Network, start: Expr, known: Known) -> tuple[Line, ...]:
    """start = ... = an expression in which no derivative is left that has been derived."""
    laws: list[Rule] = [("insert", (known[start].equation,))]
    while True:
        steps = chain(network, start, *laws)
        left = set(outermost(steps[-1].rhs))
        found = [line.equation for whole, line in known.items() if whole in left]
        if not found:
            return chain(network, start, *laws, "collect")
        laws.append(("insert", tuple(reversed(found))))  # what was derived last goes in first


def active_gradient(network: Network) -> Group:
    """The gradient of a ReLU chain without biases where every unit is active."""
    steps: list[Line] = []
    if is_polynomial(network):
        for weight in weights_of(network):
            start = Partial(network.C, weight)
            steps += where_active(network, chain(network, start, "all units active, gradient"))
    return Group("active_gradient", network, tuple(steps))


def determinant(network: Network) -> Group:
    """The determinant of the Hessian where all units are active, in factors."""
    if not is_polynomial(network) or network.depth == 1:
        return Group("determinant", network, ())
    entries, forms = entries_of_hessian(network), _closed_forms(network)
    start = Matrix(entries).det()
    steps = chain(network, start, ("insert", tuple(forms.values())), "factorize")
    matrix = Matrix([[forms[entry].rhs for entry in row] for row in entries])
    fitted = cases.active_output(network, network.quantity("r", network.last))
    first = weights_of(network)[0]
    curvature = algebra.factorize(network, matrix[0, 0] / fitted.diff(first) ** 2)
    about = {"hessian": matrix.as_immutable(), "fitted": fitted, "curvature": curvature}
    return Group("determinant", network, where_active(network, steps), about)


def newton(network: Network) -> Group:
    """H w, row by row, for the weights w: where all units are active Newton's step is along w."""
    if not is_polynomial(network):
        return Group("newton", network, ())
    entries, forms = entries_of_hessian(network), _closed_forms(network)
    weights = weights_of(network)
    curvature = Matrix([[forms[entry].rhs for entry in row] for row in entries])
    solved = curvature.LUsolve(-Matrix([line.rhs for line in active_gradient(network).steps]))
    # Every ReLU chain scales with its weights, and so does the step.
    (scale,) = {algebra.factorize(network, one / w) for one, w in zip(solved, weights, strict=True)}
    steps: list[Line] = []
    for row in entries:
        scaled = (entry * w for entry, w in zip(row, weights, strict=True))
        laws: tuple[Rule, ...] = (("insert", tuple(forms.values())), "factorize")
        steps += where_active(network, chain(network, Add(*scaled), *laws))
    about = {"scale": scale, "step": ImmutableMatrix(weights)}
    return Group("newton", network, tuple(steps), about)


#: A determinant with more operations is none that a person reads.
_MOST_OPERATIONS = 1500


def is_smooth(network: Network) -> bool:
    """Whether it is a short chain without biases in which nothing has a kink."""
    plain = not any(layer.bias for layer in network.layers) and network.cost is not None
    return network.is_chain and plain and network.depth <= EXPLICIT_DEPTH and not network.uses_step


def stationary(network: Network, known: Known, blocks: Group) -> Group:
    """The gradient of such a chain in factors: it is 0 where one factor of each entry is.

    `zeros` has what must be 0 together, each as small as it goes; of those without the error, the
    first at which the Hessian has a 0 on its diagonal and something else beside it is a saddle.
    `left_out` says that no determinant follows.
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
    """The determinant of the Hessian of a smooth chain that `is_short`, in factors.

    `has_step` says whether Newton's step stands behind it as a formula.
    """
    if network.depth == 1:
        return Group("smooth_determinant", network, ())
    forms, start = resolved_forms(blocks), Matrix(entries_of_hessian(network)).det()
    entries: list[Line] = []
    factored: list[Equation] = []
    for left, one in forms.items():
        entries += chain(network, left, ("insert", (one,)), "factorize")
        factored.append(Equation(left, entries[-1].rhs))
    steps = chain(network, start, ("insert", tuple(factored)), "factorize")
    powers = {one.as_base_exp()[0]: one.as_base_exp()[1] for one in Mul.make_args(steps[-1].rhs)}
    error = network.quantity("r", network.last) - network.quantity("y", network.last)
    about = {"error": error, "power": powers.get(error, S.Zero)}
    about["left_out"] = S.false if has_step else S.true
    return Group("smooth_determinant", network, (*entries, *steps), about)


def is_short(network: Network, blocks: Group) -> bool:
    """Whether the determinant of a chain's Hessian is short enough to be worked with.

    With roots of numbers in it, as that of pi in gelu, it takes minutes to factor.
    """
    start = Matrix(entries_of_hessian(network)).det()
    forms = {left: one.rhs for left, one in resolved_forms(blocks).items()}
    whole = start.xreplace(forms)
    roots = [one for one in whole.atoms(Pow) if one.base.is_number and not one.is_rational]
    return not roots and count_ops(whole) <= _MOST_OPERATIONS


def resolved_forms(blocks: Group) -> dict[Expr, Equation]:
    """What each second derivative comes to, with all earlier results put in."""
    return {one[0].lhs: Equation(one[0].lhs, one[-1].rhs) for one in blocks.chains}


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


def _saddle(
    network: Network, zeros: Sequence[tuple[Expr, ...]], blocks: Group
) -> Mapping[str, Expr | Tuple]:
    """The Hessian where some quantities are 0, and an entry that makes it indefinite.

    A symmetric matrix with 0 at (i, i) and h at (i, j) has the minor -h^2.
    """
    forms = resolved_forms(blocks)
    for chosen in zeros:
        if not all(isinstance(one, Quantity) for one in chosen):
            continue
        at = dict.fromkeys(chosen, S.Zero)
        rows = [[forms[one].rhs.xreplace(at) for one in row] for row in entries_of_hessian(network)]
        for n, row in enumerate(rows):
            for beside in row:
                if row[n] == 0 and beside != 0:
                    where = Tuple(*chosen)
                    return {"where": where, "hessian": ImmutableMatrix(rows), "beside": beside}
    return {}


def weights_of(network: Network) -> list[Quantity]:
    """The weights of a chain, the first layer's first."""
    return [network.quantity("W", source) for source in network.layer_numbers[:-1]]


def entries_of_hessian(network: Network) -> list[list[Partial]]:
    """The second derivatives by each two weights, the later one first, as they are derived."""
    weights = weights_of(network)
    return [
        [
            second_derivative(network, *sorted((a, b), key=weights.index, reverse=True))
            for b in weights
        ]
        for a in weights
    ]


def _closed_forms(network: Network) -> dict[Expr, Equation]:
    """What `all_active` comes to for each second derivative."""
    return {one[0].lhs: Equation(one[0].lhs, one[-1].rhs) for one in all_active(network).chains}
