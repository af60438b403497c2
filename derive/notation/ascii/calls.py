"""Derivatives, sums over units, deltas and cases: the calls that take more than values."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from sympy import Basic, Derivative, Expr, KroneckerDelta, Piecewise, S, Symbol

from derive.algebra.quantities import Local, Partial, Quantity
from derive.errors import ReadingError
from derive.model.instances import IllTypedError, axis_of
from derive.notation.ascii.entries import index_of, indices_needed
from derive.notation.ascii.names import Vocabulary
from derive.notation.ascii.reader import FormulaText
from derive.notation.ascii.tokens import TextToken

#: SymPy writes cases inside a sum as cases of sums, one for each combination of branches.
_MAXIMAL_BRANCHES = 64

Differential = tuple[TextToken, tuple[TextToken, ...]]


def derivative(reader: FormulaText) -> Expr:
    """dC/dW0[i,j], d2C/dW0[i,j]dW1[l,m], d(formula)/dz1."""
    top = reader.advance()
    of: Expr
    if top.text:
        of = reader.entry(top, reader.indices())
    else:
        opened = reader.open()
        of = reader.value()
        reader.close(opened)
    reader.take("/")
    below: list[Differential] = []
    for _ in range(top.order):
        if reader.next.kind != "differential" or not reader.next.text:
            raise reader.error(f"found {reader.next} where a differential such as dz1 is expected")
        below.append((reader.advance(), reader.indices()))
    for name, indices in _shared_out(reader.known, below):
        of = Partial(of, reader.entry(name, indices))
    return of


def _shared_out(known: Vocabulary, below: list[Differential]) -> list[Differential]:
    """d2C/dW0dW1[i,j,l,m] means d2C/dW0[i,j]dW1[l,m]: all indices may stand at the end."""
    network, rest = known.network, below[-1][1]
    if network is None or any(indices for _, indices in below[:-1]):
        return below
    if not all(name.text in known.tensors for name, _ in below):
        return below
    needed = [indices_needed(network, *known.tensors[name.text]) for name, _ in below]
    if len(rest) != sum(needed):
        return below
    ends = [sum(needed[: n + 1]) for n in range(len(needed))]
    return [
        (name, rest[end - count : end])
        for (name, _), count, end in zip(below, needed, ends, strict=True)
    ]


def sum_over_units(reader: FormulaText) -> Expr:
    """sum(i, body), over all units of the layer whose units i counts in the body."""
    letter = reader.advance()
    bound = index_of(letter, reader.known)
    if not isinstance(bound, Symbol):
        raise ReadingError(letter.column, "a sum runs over a letter, as in sum(i, W0[i,j]*x[i])")
    reader.take(",")
    body, network = reader.value(), reader.known.network
    if network is None:
        raise ReadingError(letter.column, "a sum is over a layer, and no network is given")
    if prod(len(cases.args) for cases in body.atoms(Piecewise)) > _MAXIMAL_BRANCHES:
        raise ReadingError(letter.column, "there are too many cases inside this sum")
    if body == 0:
        return body
    try:
        layer = axis_of(network, bound, body)
    except IllTypedError as problem:
        raise ReadingError(
            letter.column,
            f"{problem} of this sum; it must count the units of one layer, of several units",
        ) from None
    return network.sum_over(layer, bound, body)


def delta(reader: FormulaText) -> Expr:
    """delta(i,j), 1 where i = j and otherwise 0."""
    first = index_of(reader.advance(), reader.known)
    reader.take(",")
    return KroneckerDelta(first, index_of(reader.advance(), reader.known))


def along_direction(reader: FormulaText) -> Expr:
    """R(f): the derivative of f along the direction V, v (Pearlmutter's operator)."""
    at, body, network = reader.next.column, reader.value(), reader.known.network
    if network is None or network.direction is None:
        raise ReadingError(at, "R differentiates along a direction, and no network is given")
    return Partial(body, network.direction)


def local_derivative(reader: FormulaText) -> Expr:
    """local(q, v): the derivative of the formula of q by v, all else in that formula fixed."""
    of = reader.value()
    reader.take(",")
    at, by = reader.next.column, reader.value()
    if not isinstance(by, Quantity):
        raise ReadingError(at, "a local derivative is by a quantity, as in local(h, x)")
    return Local(of, by)


def derivative_of_function(reader: FormulaText) -> Expr:
    """diff(f, z): a derivative by a plain symbol that is left standing."""
    body = reader.value()
    variables: list[Symbol] = []
    while not variables or reader.next.is_sign(","):
        reader.take(",")
        token = reader.advance()
        if token.kind != "name" or token.text in reader.known.tensors:
            raise ReadingError(
                token.column,
                f"found {token} where a plain symbol is expected; "
                "a derivative by a quantity is written d(...)/dz1",
            )
        variables.append(reader.known.symbol(token))
    return Derivative(body, *variables)


def cases(reader: FormulaText) -> Expr:
    """cases(a if z > 0; 0 if z <= 0), as it stands: nothing is decided or merged."""
    branches = [_branch(reader)]
    while reader.next.is_sign(";"):
        reader.advance()
        branches.append(_branch(reader))
    return Piecewise(*branches, evaluate=False)


def _branch(reader: FormulaText) -> tuple[Expr, Basic]:
    value = reader.value()
    if reader.take("if", "otherwise").text == "otherwise":
        return value, S.true
    return value, reader.condition()


#: Each reads what stands between its brackets.
CALLS: dict[str, Callable[[FormulaText], Expr]] = {
    "sum": sum_over_units,
    "delta": delta,
    "diff": derivative_of_function,
    "R": along_direction,
    "local": local_derivative,
    "cases": cases,
}
