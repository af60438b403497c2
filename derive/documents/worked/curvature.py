"""A worked example of second order: the Hessian in numbers, its eigenvalues, a Newton step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mpmath import mp
from sympy import Expr, Float, ImmutableMatrix, Integer, Matrix, Rational, S, Symbol, sign

from derive.algebra.quantities import Partial, Quantity
from derive.documents.blocks import Block, Heading, NumberRow, NumberTable, Paragraph
from derive.documents.worked.gradient import WIDTH
from derive.documents.worked.values import (
    can_be_printed,
    in_decimals,
    number_row,
    written,
)
from derive.errors import DeriveError
from derive.evaluating.descent import DIGITS, Numbers, by_group, moved_along, rational, rows_of
from derive.evaluating.evaluate import evaluate
from derive.evaluating.evaluation import Evaluation
from derive.evaluating.newton_step import newton_step
from derive.meaning.instance_derivatives import SizedModel
from derive.model.network import Network

#: A Hessian of more parameters is no use on a page.
MOST_PARAMETERS = 6
_HESSIAN, _GAUSS_NEWTON, _RESIDUAL = map(Symbol, ("H", "H_G", "H_R"))
_EIGENVALUES, _STEP = map(Symbol, ("lambda", "s"))
_PRECISION = 30


def worked_curvature(network: Network) -> tuple[Block, ...]:
    """The section about second order at the point of a network; nothing where it has none.

    Every number is found by `evaluate`, which differentiates numbers and knows no law; the
    difference quotients need its gradients only.
    """
    if network.point is None or not can_be_printed(network):
        return ()
    try:
        found = evaluate(network, network.point, 2)
    except DeriveError:
        return ()
    assert found.hessian is not None
    given = NumberTable("given", tuple(_given(network, network.point)))
    samples = tuple(_samples(network, network.point))
    blocks = (Heading("numbers"), Paragraph("numbers_curvature"), given, *samples)
    if not all(entry.is_number for row in found.hessian for entry in row):
        return blocks
    shown = len(found.hessian) <= MOST_PARAMETERS
    return (*blocks, *(_all_shown(network, found) if shown else _counted(found)))


def _all_shown(network: Network, found: Evaluation) -> Iterator[Block]:
    assert found.hessian is not None and found.gradient is not None
    curvature, slopes = _exact(found.hessian), _exact([[entry] for entry in found.gradient])
    parts = tuple(_parts(found))
    yield Paragraph("numbers_hessian", {"parts": Integer(len(parts))})
    yield NumberTable("hessian", parts)
    values = eigenvalues(curvature)
    shown = NumberRow(_EIGENVALUES, ImmutableMatrix([values]), "")
    yield Paragraph("numbers_eigenvalues")
    yield NumberTable("eigenvalues", (shown,))
    yield Paragraph(f"numbers_{_definiteness(values)}")
    if found.kinks:
        yield Paragraph("numbers_at_kinks")
        return
    yield from _quotients(network, found)
    yield from _newton(network, found.C, curvature, slopes)


def _counted(found: Evaluation) -> Iterator[Block]:
    """How many eigenvalues a Hessian too large for a page has of each sign, if it is exact."""
    assert found.hessian is not None
    size = {"parameters": Integer(len(found.hessian))}
    if not all(entry.is_Rational for row in found.hessian for entry in row):
        yield Paragraph("numbers_large", size)
        return
    values = eigenvalues(_exact(found.hessian))
    signs = {"positive": 1, "zero": 0, "negative": -1}
    counts = {key: Integer(sum(sign(v) == s for v in values)) for key, s in signs.items()}
    yield Paragraph("numbers_counted", {**size, **counts})
    yield Paragraph(f"numbers_{_definiteness(values)}")
    if found.kinks:
        yield Paragraph("numbers_at_kinks")


def eigenvalues(symmetric: Matrix) -> list[Expr]:
    """The eigenvalues, the largest first; as many are exactly 0 as the rank says."""
    with mp.workdps(2 * _PRECISION):
        rows = [[mp.mpf(entry.p) / entry.q for entry in row] for row in symmetric.tolist()]
        found = sorted(
            (Float(value, _PRECISION) for value in mp.eigsy(mp.matrix(rows), True)), key=abs
        )
    nullity = symmetric.rows - symmetric.rank()
    cleared = [S.Zero] * nullity + [_nearest(value) for value in found[nullity:]]
    return sorted(cleared, reverse=True)


def _nearest(value: Expr) -> Expr:
    """An integer that a value is, to all digits; else the digits that are shown."""
    whole = round(value)
    return (
        Integer(whole)
        if abs(value - whole) < Float(10) ** -(_PRECISION - 5)
        else Float(value, DIGITS)
    )


def _definiteness(values: Sequence[Expr]) -> str:
    if values[0] > 0 > values[-1]:
        return "indefinite"
    if values[0] == 0 == values[-1]:
        return "zero"
    sign = "positive" if values[0] > 0 else "negative"
    return f"{sign}_semidefinite" if 0 in values else f"{sign}_definite"


def _exact(rows: Numbers) -> Matrix:
    return Matrix([[Rational(entry) for entry in row] for row in rows])


def _given(network: Network, point: Mapping[str, Any]) -> Iterator[NumberRow]:
    """Input and target, where there is one sample, and the parameters."""
    if "samples" not in point:
        yield from _sample(network, point)
    for kind, layer in network.parameter_groups:
        yield number_row(Quantity(kind, layer), point[f"{kind}{layer}"])


def _samples(network: Network, point: Mapping[str, Any]) -> Iterator[Block]:
    """Input and target of each of several samples."""
    for number, sample in enumerate(point.get("samples", ()), start=1):
        yield Paragraph("numbers_sample", {"number": Integer(number)})
        yield NumberTable("given", tuple(_sample(network, sample)))


def _sample(network: Network, given: Mapping[str, Any]) -> Iterator[NumberRow]:
    yield number_row(Quantity("r", network.first), given["x"])
    yield number_row(Quantity("y", network.last), given["y"])


def _parts(found: Evaluation) -> Iterator[NumberRow]:
    """The Hessian, and what it is the sum of, where both parts say something."""
    assert found.hessian and found.gauss_newton and found.residual
    yield NumberRow(_HESSIAN, *written(found.hessian))
    if any(entry != 0 for row in found.residual for entry in row):
        yield NumberRow(_GAUSS_NEWTON, *written(found.gauss_newton))
        yield NumberRow(_RESIDUAL, *written(found.residual))


def _quotients(network: Network, found: Evaluation) -> Iterator[Block]:
    """d2C/dp dq for the first parameter p, and (dC/dq(p + h) - dC/dq(p - h))/(2h)."""
    assert network.point is not None and found.hessian is not None
    kind, layer = next(iter(network.parameter_groups))
    slopes: list[Sequence[Expr]] = []
    for side in (WIDTH, -WIDTH):
        moved = [list(row) for row in rows_of(network.point[f"{kind}{layer}"])]
        moved[0][0] += side
        there = evaluate(network, {**network.point, f"{kind}{layer}": moved}, 1)
        assert there.gradient is not None
        slopes.append(there.gradient)
    rows: list[NumberRow] = []
    sized = SizedModel(network, {n: int(network.width(n)) for n in network.layer_numbers})
    entries = [entry for group in network.parameter_groups for entry in sized.entries(*group)]
    first, *_ = entries
    for place, entry in enumerate(entries):
        quotient = (slopes[0][place] - slopes[1][place]) / (2 * WIDTH)
        exact, _ = written([[found.hessian[0][place]]])
        name = Partial(Partial(network.C, entry), first)
        rows.append(NumberRow(name, exact, in_decimals(quotient)))
    yield Paragraph("numbers_curvature_quotients", {"width": WIDTH})
    yield NumberTable("quotients", tuple(rows))


def _newton(network: Network, cost: Expr, curvature: Matrix, slopes: Matrix) -> Iterator[Block]:
    """The step with H s = -g, and where it leads."""
    taken = newton_step(curvature, slopes)
    if taken.step is None:
        yield Paragraph(f"numbers_newton_{taken.steps}")
        return
    assert network.point is not None
    step = [rational(Float(entry, DIGITS)) if entry.q > 10**6 else entry for entry in taken.step]
    stepped = moved_along(network.point, by_group(network, step), S.NegativeOne)
    shown = NumberRow(_STEP, *written([[entry] for entry in step]))
    rows = [
        shown,
        *(number_row(Quantity(k, n), stepped[f"{k}{n}"]) for k, n in network.parameter_groups),
    ]
    try:
        after = evaluate(network, stepped, 0).C
    except DeriveError:  # the step leaves the points at which the cost has a value
        return
    rows.append(NumberRow(network.C, *written([[after]])))
    yield Paragraph("numbers_newton_lower" if after < cost else "numbers_newton_higher")
    yield NumberTable("step", tuple(rows))
