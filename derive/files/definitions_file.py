"""A model from the text of a TOML file with definitions, `O[t,j] := sum(s, P[t,s]*V[s,j])`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sympy import Expr, Integer, S, Symbol

from derive.errors import NetworkError
from derive.files.network_table import title_of
from derive.files.points import read_model_point
from derive.files.toml_tables import TomlTable
from derive.model.defined_model import (
    ROLES,
    DefinedModel,
    Tensor,
    TensorDefinition,
    axis_named,
    role_named,
)
from derive.model.literals import choice, shown, step_at_zero, width
from derive.notation.ascii.definitions import (
    check_differentials,
    check_name,
    with_assumptions,
    with_definitions,
)
from derive.notation.ascii.printing import ascii_text

_TOP = (
    "name",
    "objective",
    "output",
    "definitions",
    "assumptions",
    "step_at_zero",
    "tensors",
    "axes",
    "point",
)
_TENSOR = ("axes", "role", "latex")
#: Commands that a name may have: letters, and what only marks them.
_GREEK_AND_MARKS = (
    "hat bar tilde vec dot mathrm mathbf mathit mathcal ell alpha beta gamma delta epsilon "
    "varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi varphi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
#: The LaTeX of a name: letters, digits, scripts, Greek letters and accents; nothing else of LaTeX.
LATEX_NAME = re.compile(
    rf"(?:[A-Za-z0-9'*+,^_{{}}]|\\(?:{_GREEK_AND_MARKS.replace(' ', '|')})(?![A-Za-z]) ?){{1,60}}"
)
_MOST_CHARACTERS = 20_000


def model_of(top: TomlTable, name: str) -> DefinedModel:
    """The model that a table with definitions describes.

    Raises:
        NetworkError: one sentence with the file, the line where it is known, and the remedy.
    """
    top.check_keys(_TOP)
    text = top.require("definitions", _text, "write the formulas there, one on a line")
    numbers = _numbers(top)
    tensors = _tensors(top)
    title = top.read("name", title_of, or_else=name)
    at_zero = top.read("step_at_zero", step_at_zero, or_else=S.Zero)
    start = DefinedModel(tensors, (), numbers=numbers, step_at_zero=at_zero, name=title)
    try:
        whole = with_definitions(start, text)
    except NetworkError as problem:
        raise top.error(str(problem), "definitions") from None
    try:
        whole = with_assumptions(whole, top.read("assumptions", _texts, or_else=()))
    except NetworkError as problem:
        raise top.error(str(problem), "assumptions") from None
    objective = top.read("objective", check_name, or_else=whole.objective)
    output = top.read("output", check_name, or_else=whole.output)
    try:
        whole = _differentiated(replace(whole, objective=objective, output=output))
    except NetworkError as problem:
        place = "objective" if "objective" in top.values else "definitions"
        raise top.error(str(problem), place) from None
    whole = replace(whole, given_latex=_latex(top, whole.names))
    point = top.table("point")
    return whole if point is None else replace(whole, point=read_model_point(point, whole))


def read_definitions(text: str, name: str = "model", at_zero: str = "0") -> DefinedModel:
    """The model of `Model.from_definitions`, which says what is taken and raised."""
    try:
        start = DefinedModel((), (), step_at_zero=step_at_zero(at_zero), name=title_of(name))
    except NetworkError as problem:
        raise NetworkError(f"the name or Step(0) {problem}") from None
    try:
        return _differentiated(with_definitions(start, _text(text)))
    except NetworkError as problem:
        raise NetworkError(f"{name}: {problem}") from None


def _differentiated(model: DefinedModel) -> DefinedModel:
    """The model with an objective: what is defined last, where nothing else is chosen.

    Where that is the output, or has indices, the objective is some function of the output.
    """
    last = model.definitions[-1]
    goes_on = model.output is not None and (last.left.kind == model.output or last.axes)
    if model.objective is not None or goes_on:
        return model
    return replace(model, objective=last.left.kind)


def table_of(model: DefinedModel) -> dict[str, Any]:
    """The table that describes a model, for `model_of` to read again."""
    tensors = {
        one.name: {"axes": list(map(str, one.axes)), "role": one.role} for one in model.tensors
    }
    found: dict[str, Any] = {
        "name": model.name,
        "tensors": tensors,
        "definitions": "\n".join(_lines(model)),
    }
    found |= {key: value for key in ("objective", "output") if (value := getattr(model, key))}
    if model.assumptions:
        found["assumptions"] = [ascii_text(one, model.step_at_zero) for one in model.assumptions]
    found["axes"] = {str(axis): int(size) for axis, size in model.numbers}
    return found | {"step_at_zero": str(model.step_at_zero)}


def _lines(model: DefinedModel) -> Iterator[str]:
    """The definitions as text, with the titles over them."""
    section = ""
    for one in model.definitions:
        if one.section != section:
            section = one.section
            yield f"== {section} =="
        yield _line(one, model.step_at_zero)


def _line(one: TensorDefinition, at_zero: Expr) -> str:
    letters = ",".join(f"{i}:{axis}" for i, axis in zip(one.left.indices, one.axes, strict=True))
    left = one.left.kind + (f"[{letters}]" if letters else "")
    return f"{left} := {ascii_text(one.right, at_zero)}"


def _tensors(top: TomlTable) -> tuple[Tensor, ...]:
    table = top.table_or_empty("tensors")
    found: list[Tensor] = []
    for name in table.values:
        try:
            check_differentials(check_name(name), [one.name for one in found])
        except NetworkError as problem:
            raise table.error(str(problem), name) from None
        row = table.table_or_empty(name)
        if {*row.values} != {"latex"}:  # a name that is defined has LaTeX alone
            found.append(_tensor(row, name))
    sizes = {str(axis) for tensor in found for axis in tensor.axes}
    if both := sorted(sizes & {tensor.name for tensor in found}):
        raise table.error(f"{both[0]} is a tensor and an axis; rename one", both[0])
    return tuple(found)


def _latex(top: TomlTable, known: Iterable[str]) -> dict[str, str]:
    """The LaTeX that is given for names."""
    table = top.table_or_empty("tensors")
    found: dict[str, str] = {}
    for name in table.values:
        row = table.table_or_empty(name)
        if name not in known:
            raise table.error(f"{name} is not defined", name)
        if "latex" in row.values:
            found[name] = row.require("latex", _latex_name, "")
    return found


def _latex_name(value: object) -> str:
    if (
        isinstance(value, str)
        and LATEX_NAME.fullmatch(value)
        and value.count("{") == value.count("}")
    ):
        return value
    raise NetworkError(
        f"is a name such as W^Q or \\hat{{y}}, of letters, scripts and accents, not {shown(value)}"
    )


def _tensor(row: TomlTable, name: str) -> Tensor:
    row.check_keys(_TENSOR)
    axes = row.require("axes", _axes, 'write axes = ["T", "d"], or axes = [] for one number')
    role = row.require("role", lambda v: choice(v, ROLES), f"write one of {', '.join(ROLES)}")
    return Tensor(name, axes, role_named(role))


def _axes(value: object) -> tuple[Symbol, ...]:
    if not isinstance(value, list):
        raise NetworkError(f'is a list of names such as ["T", "d"], not {shown(value)}')
    names: list[object] = [*value]  # pyright: ignore
    return tuple(axis_named(_axis(name)) for name in names)


def _axis(name: object) -> str:
    if isinstance(name, int):
        raise NetworkError(
            f"has the bare number {name}; name the axis, and give its size in [axes]"
        )
    if not isinstance(name, str):
        raise NetworkError(f"is a list of names, and holds {shown(name)}")
    return check_name(name)


def _numbers(top: TomlTable) -> tuple[tuple[Symbol, Integer], ...]:
    table = top.table_or_empty("axes")
    found: list[tuple[Symbol, Integer]] = []
    for name in table.values:
        size = table.require(name, width, "")
        if not isinstance(size, Integer):
            raise table.error(f"{name} has a size that is no number; leave it out", name)
        found.append((axis_named(check_name(name)), size))
    return tuple(found)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise NetworkError(f'is a list such as ["sum(c, y[n,c]) = 1"], not {shown(value)}')
    texts: list[object] = [*value]  # pyright: ignore
    return tuple(_text(text) for text in texts)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise NetworkError(f"is a text, not {shown(value)}")
    if len(value) > _MOST_CHARACTERS:
        raise NetworkError(f"is a text of more than {_MOST_CHARACTERS} characters")
    return value
