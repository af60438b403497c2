"""Derivatives, sums over units, deltas and cases: the calls that take more than values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod

from sympy import Basic, Derivative, Expr, KroneckerDelta, Piecewise, S, Symbol, exp

from derive.algebra.indices import Shift, free_indices, index_symbols, substitute
from derive.algebra.quantities import Local, Partial, Quantity
from derive.errors import ReadingError
from derive.model.defined_model import DefinedModel
from derive.model.instances import IllTypedError, axis_of, without_shifts
from derive.model.literals import did_you_mean
from derive.model.model import Model
from derive.notation.ascii.entries import (
    index_of,
    index_token,
    indices_needed,
    letters_of_shift,
)
from derive.notation.ascii.names import Vocabulary
from derive.notation.ascii.reader import FormulaText
from derive.notation.ascii.tokens import TextToken

#: SymPy writes cases inside a sum as cases of sums, one for each combination of branches.
_MAXIMAL_BRANCHES = 64

Differential = tuple[TextToken, tuple[TextToken, ...]]


def derivative(reader: FormulaText) -> Expr:
    """dC/dW0[i,j], d2C/dW0[i,j]dW1[l,m], d(formula)/dz1; dS alone in models from definitions."""
    top = reader.advance()
    of: Expr
    if top.text:
        of = reader.entry(top, reader.indices())
    else:
        opened = reader.open()
        of = reader.value()
        reader.close(opened)
    model = reader.known.network
    alone = not reader.next.is_sign("/") or reader.after_next.kind != "differential"
    if alone and top.text and top.order == 1 and isinstance(model, DefinedModel) and of != model.C:
        return Partial(model.C, of)  # dS for dC/dS
    reader.take("/")
    below: list[Differential] = []
    if top.order == 2 and (squared := _squared(reader)) is not None:
        below = [(squared, reader.indices())] * 2
    for _ in range(top.order - len(below)):
        if reader.next.kind != "differential" or not reader.next.text:
            raise reader.error(f"found {reader.next} where a differential such as dz1 is expected")
        below.append((reader.advance(), reader.indices()))
    for name, indices in _shared_out(reader.known, below):
        by = reader.entry(name, indices)
        if not isinstance(by, Quantity):
            raise ReadingError(name.column, f"a derivative is by one entry, as d{name.text}[l]")
        of = Partial(of, by)
    return of


def _squared(reader: FormulaText) -> TextToken | None:
    """dw of dw2, as d2C/dw^2 is typed, where there is a w and no w2; it is passed."""
    token = reader.next
    name = token.text[1:-1]
    typed = token.kind == "name" and token.text == f"d{name}2"
    if not typed or name not in reader.known.tensors or reader.after_next.kind == "differential":
        return None
    reader.advance()
    return replace(token, kind="differential", text=name)


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
    """sum(i, body), over all units of the layer whose units i counts; sum(i, j:N, body)."""
    return _summed(reader)[0]


def mean_over_units(reader: FormulaText) -> Expr:
    """mean(i, body): the sum over the number of its terms."""
    whole, count = _summed(reader)
    return whole / count


def softmax_over(reader: FormulaText) -> Expr:
    """softmax(i, body): exp(body) over the sum of exp(body) by i, which stays free."""
    name = reader.next
    letter = _letter(reader)
    reader.take(",")
    body, model = reader.value(), _model(reader, name)
    axis = _counted(model, letter, body, name)
    other = model.letter_for(axis, index_symbols(body))
    whole = model.sum_over(axis, other, exp(substitute(body, {letter: other})))
    return exp(body) / whole


def _summed(reader: FormulaText) -> tuple[Expr, Expr]:
    """The sum over letters of what follows them, and the number of its terms."""
    letters: list[tuple[TextToken, Symbol, TextToken | None]] = []
    while not letters or _is_letter(reader):
        token, letter, axis = reader.next, _letter(reader), None
        if reader.next.is_sign(":"):
            reader.advance()
            axis = reader.advance()
        reader.take(",")
        letters.append((token, letter, axis))
    body, model = reader.value(), _model(reader, letters[0][0])
    if prod(len(cases.args) for cases in body.atoms(Piecewise)) > _MAXIMAL_BRANCHES:
        raise ReadingError(letters[0][0].column, "there are too many cases inside this sum")
    count: Expr = S.One
    for token, letter, named in reversed(letters):
        axis = _axis(model, named) if named else None
        loose = axis is not None and letter not in free_indices(without_shifts(body))
        if (axis is None and body != 0) or (letter in free_indices(body) and not loose):
            counted = _counted(model, letter, body, token)
            if axis not in (None, counted):
                raise ReadingError(
                    token.column,
                    f"the index {letter} counts {model.axis_in_words(counted)}, and "
                    f"{model.axis_in_words(axis)} is expected",
                )
            axis = counted
            body = model.sum_over(axis, letter, body)
        elif axis is not None and letter in free_indices(body):  # in shifts alone
            body = model.sum_over(axis, letter, body)
        elif axis is not None:  # each term is the same
            body = model.width(axis) * body
        count *= S.One if axis is None else model.width(axis)
    return body, count


def _is_letter(reader: FormulaText) -> bool:
    """Whether a further letter of a sum follows, rather than what is summed."""
    token, known = reader.next, reader.known
    free = token.kind == "name" and not {token.text} & {*known.tensors, *known.symbols, *known.own}
    return free and known.accepts_index(token.text) and reader.after_next.is_sign(",", ":")


def _letter(reader: FormulaText) -> Symbol:
    token = reader.advance()
    bound = index_of(token, reader.known)
    if not isinstance(bound, Symbol):
        raise ReadingError(token.column, "a sum runs over a letter, as in sum(i, W0[i,j]*x[i])")
    return bound


def _model(reader: FormulaText, at: TextToken) -> Model:
    if reader.known.network is None:
        raise ReadingError(at.column, "a sum is over a layer, and no network is given")
    return reader.known.network


def _counted(model: Model, letter: Symbol, body: Expr, at: TextToken) -> Expr:
    """The axis that a letter counts in what is summed."""
    try:
        return axis_of(model, letter, body)
    except IllTypedError as problem:
        raise ReadingError(
            at.column,
            f"in this sum {problem}; it must count {model.counted_in_words}",
        ) from None


def _axis(model: Model, name: TextToken) -> Expr:
    """The axis of this name."""
    known = {str(axis): axis for axis in model.all_axes}
    if name.text not in known:
        raise ReadingError(name.column, f"{name} is no axis{did_you_mean(name.text, known)}")
    return known[name.text]


def delta(reader: FormulaText) -> Expr:
    """delta(i,j), 1 where i = j and otherwise 0; delta(l,t+s), 1 where l = t + s from 0."""
    first = index_of(reader.advance(), reader.known)
    reader.take(",")
    second = index_token(reader)
    if second.kind == "shift":
        return Shift(first, *letters_of_shift(second))
    return KroneckerDelta(first, index_of(second, reader.known))


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
    "mean": mean_over_units,
    "softmax": softmax_over,
    "delta": delta,
    "diff": derivative_of_function,
    "R": along_direction,
    "local": local_derivative,
    "cases": cases,
}
