"""What templates of documents may call: mathematics in a dialect, names, what is known of a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment
from sympy import Basic, S

from derive.documents.blocks import Equations, Printable, ProofRow, ProofTable, Row
from derive.documents.targets.dialects import Dialect, escaped
from derive.documents.targets.paging import pieces
from derive.documents.targets.printed_lines import Label, displays, equation, in_a_cell
from derive.documents.templating.environment import connectives
from derive.lazy import late
from derive.meaning.derivation import Equation
from derive.model.matrices import Matrix
from derive.notation.ascii.printing import ascii_text
from derive.notation.tex import LatexWriter

if TYPE_CHECKING:
    from derive.notation.spoken import SpokenWriter

#: Loaded where they are called: most documents have neither figures nor colours nor frames.
_colour = late("derive.documents.targets.colouring", "colour")
_displayed_mathml = late("derive.documents.targets.mathml", "displayed_mathml")
_frames = late("derive.documents.targets.slides", "frames")
_inlined = late("derive.figures.inlining", "inlined")
_point_tables = late("derive.documents.targets.point_tables", "point_tables")
_sheets = late("derive.documents.targets.slides", "sheets")
_silent_mathml = late("derive.documents.targets.mathml", "silent_mathml")
_typst_math = late("derive.documents.targets.typst_math", "typst_math")

#: What LaTeX has another use for, or a label may not have.
_NOT_IN_LABELS = re.compile(r"[^A-Za-z0-9.-]+")

Functions = dict[str, Callable[..., Any]]


def equip(
    document: Printable,
    dialect: Dialect,
    environment: Environment,
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> Environment:
    """The environment, with what templates of documents may call; `beside` are its figures."""
    inside = _Formulas(document, dialect, environment)
    shared: dict[str, Any] = environment.globals  # jinja2 types it by its own functions only
    shared |= _of_formulas(inside) | _of_names(inside) | _of_structure(inside, beside)
    shared |= {"dialect": dialect, "turned": document.naming.turned}
    return environment


def equip_for_outlines(document: Printable, dialect: Dialect, environment: Environment) -> None:
    """The same for titles that stand in links, where no formula may: dC/dO[t,j] is code."""

    def plain(mathematics: Basic | str) -> str:
        if isinstance(mathematics, Basic):
            return f"`{ascii_text(mathematics)}`"
        return escaped(dialect.name, mathematics)

    shared: dict[str, Any] = equip(document, dialect, environment).globals
    shared |= {"m": plain, "heading": plain}


@dataclass
class _PrintedNumbers:
    """The numbers of a document's equations, as a dialect writes them where prose names them.

    `unseen` counts the characters written so far that no reader sees, as in links.
    """

    form: str
    document: str
    unseen: int = 0

    def written(self, number: int) -> str:
        text = self.form.format(number, self.document)
        self.unseen += len(text) - len(f"({number})")
        return text

    def measured(self, words: Callable[[Row], object]) -> Callable[[Row], Label]:
        """What the words of a template say beside a row, with its length as it is seen."""

        def label(row: Row) -> Label:
            before = self.unseen
            text = str(words(row)).strip()
            return Label(text, len(text) - (self.unseen - before))

        return label


@dataclass(frozen=True)
class _Formulas:
    """How a document writes and says its formulas."""

    document: Printable
    dialect: Dialect
    environment: Environment

    @cached_property
    def numbers(self) -> _PrintedNumbers:
        return _PrintedNumbers(self.dialect.number, _NOT_IN_LABELS.sub("-", self.document.name))

    @cached_property
    def writer(self) -> LatexWriter:
        return LatexWriter(self.document.naming, connectives(self.environment))

    @cached_property
    def speaker(self) -> SpokenWriter:
        from derive.notation.spoken import SpokenWriter

        phrases: Any = self.environment.get_template("spoken.jinja").make_module()
        known: dict[str, str] = {}

        def phrase(key: str) -> str:
            if key not in known:
                known[key] = str(phrases.phrase(key)).strip()
            return known[key]

        return SpokenWriter(phrase, self.document.naming)

    def spoken(self, expression: Basic | Matrix | Equation | str) -> str:
        """In words, where the dialect has them; what a template wrote as LaTeX has none."""
        if not self.dialect.spoken or isinstance(expression, str):
            return ""
        if isinstance(expression, Equation):
            return self.speaker.equation(expression.lhs, "=", expression.rhs)
        return self.speaker.text(expression)

    def spoken_row(self, row: Row, whole: bool) -> str:
        """What a row says; its left side only where the whole is meant."""
        said = self.speaker.equation(row.left if whole else None, row.relation, row.right)
        return said if row.where == S.true else said + self.speaker.condition(row.where)

    def tex(self, expression: Basic | Equation | str) -> str:
        """LaTeX; a string is taken for LaTeX that a template wrote."""
        if isinstance(expression, Equation):
            return f"{self.writer.text(expression.lhs)} = {self.writer.text(expression.rhs)}"
        return expression if isinstance(expression, str) else self.writer.text(expression)

    def inline(self, expression: Basic | Equation | str) -> str:
        """Mathematics in running text."""
        return self.dialect.inline(self.tex(expression), self.spoken(expression))

    def displayed(self, latex: object) -> str:
        """Mathematics on lines of its own."""
        dialect, written = self.dialect, str(latex)
        opened, closed = dialect.display
        if any(row.count("&") > 1 for row in written.split(r"\\")):
            before, behind = dialect.around_wide
            opened, closed = before + opened, closed + behind
        return "\n".join((opened, dialect.converted(written), closed))


def _of_formulas(inside: _Formulas) -> Functions:
    dialect = inside.dialect
    return {
        "m": inside.inline,
        "displayed": inside.displayed,
        "tex": inside.tex,
        "marked": lambda about: {name: inside.inline(part) for name, part in about.items()},
        "heading": lambda title: dialect.heading.format(inside.inline(title), inside.tex(title)),
        "displays": lambda block, label: displays(
            block, inside.numbers.measured(label), inside.writer, dialect
        ),
        "equation": lambda left, right: equation(left, right, inside.writer),
        "in_a_cell": lambda value: in_a_cell(value, inside.writer),
        "pieces": pieces,
        "point_tables": lambda block: _point_tables(block, inside.writer),
        "frames": _frames,
        "sheets": _sheets,
        "mathml": _displayed_mathml,
        "silent": _silent_mathml,
        "typst": _typst_math,
        "spoken": inside.spoken,
        "spoken_row": inside.spoken_row,
        "short": "{:.3g}".format,
    }


def _of_names(inside: _Formulas) -> Functions:
    naming, dialect = inside.document.naming, inside.dialect
    return {
        "letter": naming.letter,
        "tensor": naming.tensor,
        "gradient": naming.gradient,
        "layer_tag": naming.bracketed,
        "layer_number": naming.layer,
        "directive": lambda setting: f"{dialect.comment[0]}derive: {setting}{dialect.comment[1]}",
        "text": lambda words: escaped(dialect.name, words),
        "address": quote,
    }


def _of_structure(inside: _Formulas, beside: Mapping[str, bytes]) -> Functions:
    document = inside.document
    return {
        "label": lambda number: f"{inside.numbers.document}:{number}",
        "numbered": inside.numbers.written,
        "colour": _colour,
        "used_by": _uses(document).get,
        "proof_of": _proofs(document).get,
        "inlined": lambda block, place, title, words: _inlined(
            beside[f"{block.file}.svg"], f"figure-{place}", title, words
        ),
    }


def _uses(document: Printable) -> dict[int, list[int]]:
    """The numbers of the equations that put an equation in, by its number."""
    uses: dict[int, list[int]] = {}
    for block in document.blocks:
        for row in block.rows if isinstance(block, Equations) else ():
            for first, last in row.references:
                for number in range(first, last + 1):
                    uses.setdefault(number, []).append(row.number)
    return uses


def _proofs(document: Printable) -> dict[int, ProofRow]:
    """How each numbered equation was proved."""
    return {
        number: row
        for table in document.blocks
        if isinstance(table, ProofTable)
        for row in table.rows
        for first, last in row.numbers
        for number in range(first, last + 1)
    }
