"""Documents as text, through the templates.

One Jinja environment a dialect; the words are shared by all of them.  Templates use
<< >>, <% %> and <# #>, which neither LaTeX nor Markdown needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateError
from sympy import Basic, S

from derive.derivation import Equation
from derive.document import Equations, Printable, Row
from derive.errors import DeriveError
from derive.measure import lines, width
from derive.tex import tex

#: Room for mathematics on a line, in em: a text width of 16.5 cm at 11 pt, less a margin.
_LINE = 41.0
#: Room that an equation number and the gaps between columns take.
_GAPS = 6.0
#: GitHub renders formulas up to a cost of 2000 on a page and 100 each; a margin is left.
_PAGE_BUDGET = 1900
_FORMULA_BUDGET = 95


@dataclass(frozen=True)
class Dialect:
    """A way of writing a document: where its templates are and how mathematics is marked."""

    name: str
    folder: str
    suffix: str
    inline: tuple[str, str]
    display: tuple[str, str]
    comment: tuple[str, str]
    special: Mapping[str, str]
    paged: bool
    letters: int = 0x10FFFF  #: the last character that prose may have


#: What prose must write for characters that the dialect takes for markup.
_TEX_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "_": r"\_", "%": r"\%", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip
_MARKDOWN_SPECIAL = {c: "\\" + c for c in r"\`*_{}[]<>#|$~&"}

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            "latex", "latex", ".tex", ("$", "$"), (r"\[", r"\]"), ("%\n% ", "\n"), _TEX_SPECIAL,
            paged=False, letters=0x17F,
        ),
        Dialect(
            "github", "markdown", ".md", ("$`", "`$"), ("```math", "```"), ("<!-- ", " -->"),
            _MARKDOWN_SPECIAL, paged=True,
        ),
        Dialect(
            "plain", "markdown", ".md", ("$", "$"), ("$$", "$$"), ("<!-- ", " -->"),
            _MARKDOWN_SPECIAL, paged=False,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One printed line of a chain; `row` is None for the continuation of a broken row."""

    left: str
    right: str
    row: Row | None
    label: str


@dataclass(frozen=True)
class Page:
    """One file of a document."""

    name: str
    text: str


def templates_folder() -> Path:
    """The packaged templates: beside the modules when installed, else in the checkout."""
    here = Path(__file__).parent
    packaged = here / "templates"
    return packaged if packaged.is_dir() else here.parent / "templates"


def render(
    document: Printable, dialect: Dialect, templates: Path | None = None
) -> tuple[Page, ...]:
    """The pages of a document; `templates` is searched before the packaged ones.

    Raises:
        DeriveError: when a template is missing or wrong; the message names it.
    """
    environment = _environment(dialect, templates)
    try:
        return _pages(document, dialect, environment)
    except TemplateError as error:
        raise DeriveError(f"{_place(error)}: {error.message}") from error
    except Exception as error:
        if templates is None:
            raise
        # A user's template may divide by zero or call what is not there.
        raise DeriveError(f"{_place(error)}: {error}") from error


def rendered(
    document: Printable, dialects: Sequence[str], templates: Path | None = None
) -> list[tuple[str, str]]:
    """The name and text of every page in every dialect; "json" is none, and left out."""
    return [
        (page.name, page.text)
        for name in dialects
        if name != "json"
        for page in render(document, DIALECTS[name], templates)
    ]


def _pages(document: Printable, dialect: Dialect, environment: Environment) -> tuple[Page, ...]:
    shared = {"document": document, "network": document.network}
    template = environment.get_template(f"{dialect.folder}/blocks.jinja")
    texts = [
        template.render(**shared, block=block, kind=type(block).__name__).strip("\n")
        for block in document.blocks
    ]
    bodies = _paged(document.blocks, texts) if dialect.paged else [_whole(document.blocks, texts)]
    stem = document.name
    names = [f"{stem}{f'-{n}' if n > 1 else ''}{dialect.suffix}" for n in range(1, len(bodies) + 1)]
    page = environment.get_template(f"{dialect.folder}/page.jinja")
    return tuple(
        Page(name, page.render(**shared, body=body, number=number, names=names))
        for number, (name, body) in enumerate(zip(names, bodies, strict=True), start=1)
    )


def _place(error: Exception) -> str:
    """The template and line at which an error arose."""
    name = getattr(error, "name", None) or getattr(error, "filename", None)
    line = getattr(error, "lineno", None)
    for frame, number in walk_tb(error.__traceback__):
        if frame.f_code.co_filename.endswith(".jinja"):
            name, line = frame.f_code.co_filename, number
    return f"{name or 'a template'}:{line}" if line else str(name or "a template")


def template_environment(templates: Path | None = None) -> Environment:
    """The templates, those of `templates` first, with << >> for values and <% %> for control."""
    folders = [folder for folder in (templates, templates_folder()) if folder is not None]
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        variable_start_string="<<", variable_end_string=">>",
        block_start_string="<%", block_end_string="%>",
        comment_start_string="<#", comment_end_string="#>",
        undefined=StrictUndefined, autoescape=False,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def escaped(dialect: str, words: object) -> str:
    """Plain words with what is special in a dialect made harmless.

    What pdflatex has no letter for, as it has none beyond Latin scripts, becomes a question mark.
    """
    chosen = DIALECTS[dialect]
    return "".join(
        chosen.special.get(c, c if ord(c) <= chosen.letters else "?") for c in str(words)
    )


def _environment(dialect: Dialect, templates: Path | None) -> Environment:
    environment = template_environment(templates)
    opening, closing = dialect.inline
    functions: dict[str, Callable[..., Any]] = {
        "m": lambda mathematics: f"{opening}{_mathematics(mathematics)}{closing}",
        "tex": _mathematics,
        "directive": lambda setting: f"{dialect.comment[0]}derive: {setting}{dialect.comment[1]}",
        "text": lambda words: escaped(dialect.name, words),
        "lines": _lines,
        "pieces": _pieces,
    }
    shared: dict[str, Any] = environment.globals  # jinja2 types it by its own functions only
    shared |= {**functions, "dialect": dialect}
    return environment


def _mathematics(expression: Basic | Equation | str) -> str:
    """LaTeX of an expression or equation; a string is taken for LaTeX that a template wrote."""
    if isinstance(expression, Equation):
        return f"{tex(expression.lhs)} = {tex(expression.rhs)}"
    return expression if isinstance(expression, str) else tex(expression)


def _lines(block: Equations, label: Callable[[Row], str]) -> list[Line]:
    """The lines of a chain, broken where they would be too wide beside their labels."""
    labels = [str(label(row)).strip() for row in block.rows]
    left = max(width(tex(row.left)) for row in block.rows if row.left is not None)
    room = _LINE - _GAPS - left - 0.44 * max(map(len, labels))
    found: list[Line] = []
    for row, text in zip(block.rows, labels, strict=True):
        first, *rest = lines(row.right, room)
        if row.where != S.true:
            rest = [*rest]
            condition = rf"\quad\text{{if }} {tex(row.where)}"
            if rest:
                rest[-1] += condition
            else:
                first += condition
        name = "" if row.left is None else tex(row.left)
        found.append(Line(name, "= " + first, row, text))
        found += [Line("", rf"\quad {part}", None, "") for part in rest]
    return found


def _pieces(printed: Iterable[Line]) -> list[list[Line]]:
    """The lines of a chain in pieces that GitHub will render, each within its budget."""
    pieces: list[list[Line]] = [[]]
    cost = 0
    for line in printed:
        own = (line.left + line.right).count("{") + 3
        if pieces[-1] and cost + own > _FORMULA_BUDGET and line.row is not None:
            pieces.append([])
            cost = 0
        pieces[-1].append(line)
        cost += own
    return pieces


def _whole(blocks: Iterable[object], texts: list[str]) -> str:
    """All blocks on one page; equations go on in the paragraph that introduces them."""
    body, before = "", ""
    for block, text in zip(blocks, texts, strict=True):
        kind = type(block).__name__
        joined = before == "Paragraph" and kind == "Equations"
        body += ("\n" if joined else "\n\n" if body else "") + text
        before = kind
    return body


def _paged(blocks: Iterable[object], texts: list[str]) -> list[str]:
    """Blocks on as many pages as GitHub's budget asks for; a heading stays with its text.

    Entries of a list may be parted from each other.
    """
    sections: list[str] = []
    before = ""
    for block, text in zip(blocks, texts, strict=True):
        kind = type(block).__name__
        starts = kind == "Heading" or kind == before == "Entry"
        before = kind
        if starts or not sections:
            sections.append(text)
        else:
            sections[-1] += "\n\n" + text
    pages: list[str] = []
    cost = _PAGE_BUDGET
    for section in sections:
        own = section.count("{") + section.count("`$") + section.count("```math")
        if cost + own > _PAGE_BUDGET:
            pages.append(section)
            cost = own
        else:
            pages[-1] += "\n\n" + section
            cost += own
    return pages
