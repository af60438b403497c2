"""What notebooks show of values: a formula as LaTeX, what has several formulas as Markdown.

A value is shown as its text where it has a name that LaTeX or Markdown might take for markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import singledispatch
from itertools import islice
from typing import Any

from sympy import Basic, Expr, ImmutableMatrix, Integer, S, Symbol
from sympy.core.symbol import Str

from derive.algebra.quantities import NO_SUPERSCRIPT, Partial, Quantity
from derive.documents.document import outline
from derive.documents.rendering import fragment
from derive.documents.reporting import naming_for
from derive.documents.rule_names import RULE_NAMES
from derive.documents.targets.dialects import DIALECTS, plain_markdown
from derive.errors import DeriveError
from derive.evaluating.evaluation import Evaluation
from derive.evaluating.evaluation_table import at_kinks
from derive.evaluating.model_values import ModelEvaluation
from derive.files.definitions_file import LATEX_NAME
from derive.meaning.derivation import Chain, Derivation, Equation, Group, Line
from derive.model.matrices import Matrix
from derive.model.model import Model
from derive.model.nested_numbers import Nested
from derive.model.network import Network
from derive.notation.naming import OURS, BookNaming, TensorNaming
from derive.notation.tex import LatexWriter
from derive.programs.program import Program

#: Definitions of a model or a program beyond these are left out.
_MOST_DEFINITIONS = 60
#: Of matrices with more rows or columns only the shape is shown.
_MOST_UNITS = 12

_PLAIN = DIALECTS["plain"]
#: A left side and what it is equal to.
_Row = tuple[str, str]


@singledispatch
def as_latex(value: Any) -> str | None:
    """An equation, or a chain of them, as LaTeX; None where a name is no word."""
    raise TypeError(f"{type(value).__name__} is no formula")


@as_latex.register
def _(equation: Equation) -> str | None:
    return _formula([(equation.lhs, equation.rhs)])


@as_latex.register
def _(line: Line) -> str | None:
    return _formula([(line.printed_left, line.printed_right)], line.where, line.rule)


@as_latex.register
def _(chain: Chain) -> str | None:
    if not chain:
        return None
    first, *others = chain
    rows = [(first.printed_left, first.printed_right)]
    return _formula([*rows, *((None, one.printed_right) for one in others)])


@singledispatch
def as_markdown(value: Any) -> str | None:
    """A model, a derivation or an evaluation as Markdown; None where a name is no word."""
    raise TypeError(f"{type(value).__name__} has no formulas")


@as_markdown.register
def _(model: Model) -> str | None:
    entries = (model.general_entry(head)[0] for head in model.defined)
    found = [(one, model.definition(one)) for one in islice(entries, _MOST_DEFINITIONS)]
    shown = [(left, right) for left, right in found if right is not None]
    if not _are_harmless(side for pair in shown for side in pair):
        return None
    writer = LatexWriter(_naming(model))
    rows = [(writer.text(left), writer.text(right)) for left, right in shown]
    return f"**{plain_markdown(model.name)}**\n\n{_table(rows, len(model.defined))}"


@as_markdown.register
def _(group: Group) -> str | None:
    return as_markdown(Derivation((group,)))


@as_markdown.register
def _(derivation: Derivation) -> str | None:
    lines = list(derivation.steps)
    sides = (side for line in lines for side in (line.printed_left, line.printed_right, line.where))
    if not lines or not _are_harmless(sides):
        return None
    naming = _naming(derivation.groups[0].network)
    if naming.turned and any(line.matrices for line in lines):
        naming = OURS  # equations between matrices are not turned
    return fragment(outline(derivation, naming), _PLAIN)


@as_markdown.register
def _(program: Program) -> str | None:
    shown = program.definitions[:_MOST_DEFINITIONS]
    if not _are_harmless(side for one in shown for side in (one.lhs, one.rhs)):
        return None
    writer = LatexWriter()
    rows = [(writer.text(one.lhs), writer.text(one.rhs)) for one in shown]
    return _table(rows, len(program.definitions))


@as_markdown.register
def _(found: Evaluation) -> str | None:
    last = len(found.z[0])
    rows: list[tuple[Expr, Any]] = [(Quantity("C", last), found.C)]
    for z, r in zip(found.z, found.r, strict=True):
        rows.append((Quantity("r", 0), r[0]))
        for layer, (before, after) in enumerate(zip(z, r[1:], strict=True), start=1):
            rows += [(Quantity("z", layer), before), (Quantity("r", layer), after)]
    if found.gradient is not None:
        for name, slopes in _by_tensor(found.parameters, found.gradient).items():
            tensor = Quantity(name[0], Integer(name[1:]))
            rows.append((Partial(Quantity("C", last), tensor), slopes))
    writer = LatexWriter()
    written = [(writer.text(name), _value(value)) for name, value in rows]
    parts = {r"\nabla^2 C": found.hessian, "G": found.gauss_newton}
    written += [(letter, _value(square)) for letter, square in parts.items() if square is not None]
    return _with_remark(_table(written, len(written)), found)


@as_markdown.register
def _(found: ModelEvaluation) -> str | None:
    def tensor(name: str) -> Quantity:
        return Quantity(name, NO_SUPERSCRIPT)

    rows: list[tuple[Expr, Nested]] = []
    if found.C is not None:
        rows.append((tensor(found.objective), found.C))
    rows += [(tensor(name), value) for name, value in found.quantities.items()]
    for name, slope in (found.gradients or {}).items():
        rows.append((Partial(tensor(found.objective), tensor(name)), slope))
    if not _are_harmless(name for name, _ in rows):
        return None
    writer = LatexWriter(TensorNaming())
    written = [(writer.text(name), _value(value)) for name, value in rows]
    return _with_remark(_table(written, len(written)), found)


# -- pieces ------------------------------------------------------------------------------------


def _formula(
    rows: list[tuple[Expr | Matrix | None, Expr | Matrix]], where: Basic = S.true, rule: str = ""
) -> str | None:
    """Equations with one left side; behind them a condition and the name of a rule."""
    sides = [where, *(side for row in rows for side in row if side is not None)]
    if not _are_harmless(sides):
        return None
    of_a_model = any(p.has(NO_SUPERSCRIPT) for side in sides for p in _expressions(side))
    writer = LatexWriter(TensorNaming() if of_a_model else OURS)
    written = [("" if a is None else writer.text(a), writer.text(b)) for a, b in rows]
    behind = "" if where == S.true else rf" \quad \text{{if }} {writer.text(where)}"
    if rule in RULE_NAMES:
        behind += rf" \qquad \text{{{rule}}}"
    if len(written) == 1:
        left, right = written[0]
        return rf"$\displaystyle {left} = {right}{behind}$"
    return rf"$\displaystyle {_aligned(written)}{behind}$"


def _aligned(rows: Iterable[_Row]) -> str:
    lines = " \\\\\n".join(f"{left} &= {right}".strip() for left, right in rows)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"


def _table(rows: list[_Row], count: int) -> str:
    """Rows under one another, with dots where there are more."""
    body = _aligned(rows)
    if count > len(rows):
        body = body.replace("\n\\end{aligned}", " \\\\\n& \\;\\vdots\n\\end{aligned}")
    return f"{_PLAIN.display[0]}\n{body}\n{_PLAIN.display[1]}"


def _with_remark(table: str, found: Evaluation | ModelEvaluation) -> str:
    """A table of values, and what is to be said of the kinks that they are at."""
    remark = at_kinks(found)
    return table if remark is None else f"{table}\n\n{plain_markdown(remark)}"


def _value(value: Nested) -> str:
    """A number, a column or a matrix; of more than fits, and of more axes, the shape."""
    writer = LatexWriter()
    shape = _shape(value)
    if len(shape) > 2 or any(size > _MOST_UNITS for size in shape):
        return "[" + r" \times ".join(map(str, shape)) + "]"
    entries = ImmutableMatrix(value) if shape else ImmutableMatrix([[value]])
    return writer.text(entries if len(entries) > 1 else entries[0])


def _shape(value: Nested) -> tuple[int, ...]:
    if isinstance(value, Expr):
        return ()
    return (len(value), *(_shape(value[0]) if value else ()))


def _by_tensor(names: tuple[str, ...], entries: tuple[Expr, ...]) -> dict[str, Nested]:
    """The entries W0[0,0], W0[0,1], ..., b0[0], ... as matrices and columns, by W0, b0, ..."""
    rows: dict[str, dict[str, list[Expr]]] = {}
    for name, entry in zip(names, entries, strict=True):
        tensor, _, place = name.rstrip("]").partition("[")
        rows.setdefault(tensor, {}).setdefault(place.rpartition(",")[0], []).append(entry)
    return {
        tensor: tuple(map(tuple, of.values())) if tensor.startswith("W") else tuple(of[""])
        for tensor, of in rows.items()
    }


# -- what is no markup -------------------------------------------------------------------------


def _naming(model: Model) -> BookNaming:
    """The names that a model gives, if all are words and everything has one; else ours."""
    ours = OURS if isinstance(model, Network) else TensorNaming()
    try:
        naming = naming_for(model)
        for head in (*model.given, *model.defined):
            LatexWriter(naming).text(Quantity(*head))
    except DeriveError:  # a notation that there is not, or a letter that was given away
        return ours
    return naming if _all_words((*model.symbols, *model.latex.values())) else ours


def _are_harmless(sides: Iterable[Basic | Matrix]) -> bool:
    """Whether every name is a word, so that LaTeX made of it has no command of a user's."""
    parts = (part for side in sides for part in _expressions(side))
    return _all_words(atom.name for part in parts for atom in part.atoms(Symbol, Str))


def _expressions(side: Basic | Matrix) -> Iterator[Basic]:
    """What a matrix is made of."""
    if not isinstance(side, Matrix):
        yield side
        return
    for value in (getattr(side, one.name) for one in fields(side)):
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Basic | Matrix):
                yield from _expressions(part)


def _all_words(names: Iterable[str]) -> bool:
    return all(not name or LATEX_NAME.fullmatch(name) for name in names)
