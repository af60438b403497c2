"""An evaluation as text to read in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Float

from derive.evaluating.evaluation import Evaluation, Square, in_ascii
from derive.evaluating.model_values import ModelEvaluation
from derive.model.nested_numbers import Nested

#: Digits of decimals; in a matrix fewer, so that more columns fit.
_SHORT = 12
_SHORTER = 8
#: A matrix with longer lines is left to --json.
_LONGEST_LINE = 100


def evaluation_table(found: Evaluation) -> str:
    """Quantities by layer, then the gradient, the Hessian and its parts, a word on kinks."""
    rows: list[tuple[str, str]] = [("C", _short(found.C))]
    for prefix, z, r in zip(_prefixes(found), found.z, found.r, strict=True):
        rows.append((f"{prefix}x", _listed(r[0])))
        for layer, (before, after) in enumerate(zip(z, r[1:], strict=True), start=1):
            rows += [(f"{prefix}z{layer}", _listed(before)), (f"{prefix}r{layer}", _listed(after))]
    if found.gradient is not None:
        rows += [
            (f"dC/d{name}", _short(entry))
            for name, entry in zip(found.parameters, found.gradient, strict=True)
        ]
    if found.product is not None:
        rows += [
            (f"R(dC/d{name})", _short(entry))
            for name, entry in zip(found.parameters, found.product, strict=True)
        ]
    room = max(len(name) for name, _ in rows)
    lines = [f"{name:<{room}} = {text}" for name, text in rows]
    lines += _curvature(found)
    if (remark := at_kinks(found)) is not None:
        lines.append(remark)
    return "\n".join(lines)


def at_kinks(found: Evaluation | ModelEvaluation) -> str | None:
    """What is to be said of derivatives at kinks; None where the point is at none."""
    if not found.kinks:
        return None
    curved = isinstance(found, Evaluation)
    where = _where(found) if curved else "where this is exactly 0"
    bent = " and Step'(0) = 0" if curved and found.hessian is not None else ""
    return (
        f"At a kink, {where}: {', '.join(found.kinks)}; derivatives there are by the convention "
        f"Step(0) = {in_ascii(found.step_at_zero)}{bent}."
    )


def _where(found: Evaluation) -> str:
    """What is at a kink: pre-activations of units, mostly at 0, or outputs in the cost as well."""
    at_zero = {
        f"{prefix}z{layer}[{unit}]"
        for prefix, z in zip(_prefixes(found), found.z, strict=True)
        for layer, row in enumerate(z, start=1)
        for unit, entry in enumerate(row)
        if entry == 0
    }
    if at_zero.issuperset(found.kinks):
        return "where the pre-activation is exactly 0"
    return "of its activation or of the cost"


def _prefixes(found: Evaluation) -> Sequence[str]:
    """What stands before the quantities of each sample."""
    several = len(found.z) > 1
    return [f"samples[{number}]." if several else "" for number in range(len(found.z))]


def _curvature(found: Evaluation) -> Iterator[str]:
    """The Hessian, its Gauss-Newton part and the residual, or why they are not shown."""
    if found.hessian is None or found.gauss_newton is None or found.residual is None:
        return
    parts = {
        "Hessian": found.hessian,
        "Gauss-Newton part": found.gauss_newton,
        "Residual, Hessian less Gauss-Newton part": found.residual,
    }
    shown = {title: _matrix(found.parameters, square) for title, square in parts.items()}
    if any(len(line) > _LONGEST_LINE for lines in shown.values() for line in lines):
        count = len(found.parameters)
        yield f"Hessian: {count} rows of {count} entries, too wide to show here; see --json."
        return
    for title, lines in shown.items():
        yield f"{title}:"
        yield from lines


def _matrix(names: Sequence[str], square: Square) -> list[str]:
    """A line for each row, which is named; the columns come in the same order."""
    texts = [[_short(entry, _SHORTER) for entry in row] for row in square]
    room = max(map(len, names))
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return [
        f"  {name:<{room}}  " + "  ".join(map(str.rjust, row, widths))
        for name, row in zip(names, texts, strict=True)
    ]


def model_table(found: ModelEvaluation) -> str:
    """The objective, every quantity, then its derivatives, a word on kinks."""
    rows = {found.objective: found.C} if found.C is not None else {}
    rows |= found.quantities
    if found.gradients is not None:
        rows |= {f"d{found.objective}/d{name}": value for name, value in found.gradients.items()}
    room = max(map(len, rows))
    lines = [f"{name:<{room}} = {_nested(value)}" for name, value in rows.items()]
    if (remark := at_kinks(found)) is not None:
        lines.append(remark)
    return "\n".join(lines)


def _nested(value: Nested) -> str:
    if isinstance(value, Expr):
        return _short(value)
    return f"[{', '.join(map(_nested, value))}]"


def _listed(row: Sequence[Expr]) -> str:
    return ", ".join(map(_short, row))


def _short(value: Expr, digits: int = _SHORT) -> str:
    decimals = value.atoms(Float)
    return in_ascii(value.xreplace({number: Float(number, digits) for number in decimals}))
