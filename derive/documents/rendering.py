"""Documents as text, through the templates.

One Jinja environment a dialect; the words are shared by all of them.  Templates use
<< >>, <% %> and <# #>, which neither LaTeX nor Markdown needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, TemplateError
from markupsafe import Markup
from sympy import Basic, DiracDelta, Expr, S

from derive.algebra import boxes
from derive.algebra.boxes import Box
from derive.algebra.quantities import Partial
from derive.documents.blocks import (
    Equations,
    Heading,
    Illustration,
    Mistaken,
    Printable,
    ProofRow,
    ProofTable,
    Results,
    Row,
)
from derive.documents.mathml import displayed_mathml, mathml
from derive.documents.pdf import pdf
from derive.documents.templating.environment import (
    LANGUAGES,
    connectives,
    refusal,
    template_environment,
)
from derive.errors import DeriveError
from derive.lazy import late
from derive.meaning.derivation import Equation
from derive.model.matrices import Matrix
from derive.notation.breaking import lines
from derive.notation.tex import LatexWriter

#: Loaded where they are called: most documents have no figures.
pictures = late("derive.documents.illustrating", "pictures")
inlined = late("derive.figures.inlining", "inlined")

#: Room for mathematics on a line, in em: a text width of 16.5 cm at 11 pt, less a margin.
_LINE = 41.0
#: Room that an equation number and the gaps between columns take.
_GAPS = 6.0
#: A left-hand side wider than this has lines to itself, above its equals sign.
_WIDEST_LEFT = 20.0
#: GitHub renders formulas up to a cost of 2000 on a page and 100 each; a margin is left.
_PAGE_BUDGET = 1900
_FORMULA_BUDGET = 95


@dataclass(frozen=True)
class Dialect:
    """A way of writing a document: where its templates are and how mathematics is marked."""

    name: str
    folder: str
    suffix: str
    inline: Callable[[str], str]  #: LaTeX as it stands in running text
    display: tuple[str, str]  #: what stands around it on lines of its own
    comment: tuple[str, str]
    special: Mapping[str, str]
    paged: bool
    heading: str  #: mathematics in a heading: {0} with its marks, {1} for outlines, without
    letters: int = 0x10FFFF  #: the last character that prose may have
    number: str = "({0})"  #: the number of an equation, where prose names it
    length: Callable[[str], int] = len  #: how many characters of a label are seen
    figures: str = "svg"  #: the form of its figures
    converted: Callable[[str], str] = str  #: what a formula on lines of its own is written in


#: What prose must write for characters that the dialect takes for markup.
_TEX_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "_": r"\_", "%": r"\%", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip
_MARKDOWN_SPECIAL = {c: "\\" + c for c in r"\`*_{}[]<>#|$~&"}
_HTML_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            "latex", "latex", ".tex", "${0}$".format, (r"\[", r"\]"), ("%\n% ", "\n"), _TEX_SPECIAL,
            paged=False, heading=r"\texorpdfstring{{{0}}}{{{1}}}", letters=0x17F, figures="pdf",
        ),
        Dialect(
            "github", "markdown", ".md", "$`{0}`$".format, ("```math", "```"), ("<!-- ", " -->"),
            _MARKDOWN_SPECIAL, paged=True, heading="{0}",
        ),
        Dialect(
            "plain", "markdown", ".md", "${0}$".format, ("$$", "$$"), ("<!-- ", " -->"),
            _MARKDOWN_SPECIAL, paged=False, heading="{0}",
        ),
        Dialect(
            "html", "html", ".html", mathml, ('<span class="display">', "</span>"),
            ("<!-- ", " -->"), _HTML_SPECIAL, paged=False, heading="{0}",
            number='<a href="#eq-{0}">({0})</a>',
            length=lambda label: len(Markup(label).striptags()),
            converted=displayed_mathml,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class PrintedLine:
    """One printed line of a formula; `row` is None where no equals sign of a row stands."""

    left: str
    right: str
    row: Row | None
    label: str


@dataclass(frozen=True)
class Page:
    """One file of a document."""

    name: str
    text: str


def render(
    document: Printable,
    dialect: Dialect,
    templates: Path | None = None,
    language: str = LANGUAGES[0],
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> tuple[Page, ...]:
    """The pages of a document; `templates` is searched before the packaged ones.

    `beside` are its figures, by their file names.

    Raises:
        DeriveError: when a template is missing or wrong; the message names it.
    """
    try:
        own = template_environment(templates, language)
        environment = _environment(document, dialect, own, beside)
        return _pages(document, dialect, environment)
    except DeriveError:
        raise
    except Exception as error:
        # A user's template may divide by zero or call what is not there.
        if templates is None and not isinstance(error, TemplateError):
            raise
        raise refusal(error, templates) from error


def fragment(document: Printable, dialect: Dialect) -> str:
    """The blocks of a document, without what a page has around them."""
    texts = _texts(document, dialect, _environment(document, dialect, template_environment()))
    return _whole(document.blocks, texts)


def rendered(
    document: Printable,
    dialects: Sequence[str],
    templates: Path | None = None,
    language: str = LANGUAGES[0],
) -> list[tuple[str, str | bytes]]:
    """The name and content of every page in every dialect; "json" is none, and left out.

    "pdf" is what TeX makes of the LaTeX.  Figures are files of their own where a page does not
    hold them.
    """
    beside = _pictures(document, dialects, templates, language)
    found: list[tuple[str, str | bytes]] = []
    for name in dialects:
        if name == "pdf":
            (page,) = render(document, DIALECTS["latex"], templates, language)
            found.append((f"{document.name}.pdf", pdf(document.name, page.text, beside)))
        elif name != "json":
            pages = render(document, DIALECTS[name], templates, language, beside)
            found += [(page.name, page.text) for page in pages]
    outside = {DIALECTS[name].figures for name in dialects if name in DIALECTS and name != "html"}
    found += [one for one in beside.items() if one[0].rpartition(".")[2] in outside]
    return found


def _pictures(
    document: Printable, dialects: Sequence[str], templates: Path | None, language: str
) -> Mapping[str, bytes]:
    """The figures of a document, in the forms that its dialects take."""
    if not any(isinstance(block, Illustration) for block in document.blocks):
        return {}
    latex = DIALECTS["latex"]
    chosen = [latex if name == "pdf" else DIALECTS[name] for name in dialects if name != "json"]
    forms = dict.fromkeys(dialect.figures for dialect in chosen)
    try:
        own = template_environment(templates, language)
        return dict(pictures(document, forms, _environment(document, latex, own)))
    except (TemplateError, TypeError) as error:
        raise refusal(error, templates) from error


def _pages(document: Printable, dialect: Dialect, environment: Environment) -> tuple[Page, ...]:
    shared: dict[str, Any] = {"document": document, "network": document.network}
    texts = _texts(document, dialect, environment)
    bodies = _paged(document.blocks, texts) if dialect.paged else [_whole(document.blocks, texts)]
    stem = document.name
    names = [f"{stem}{f'-{n}' if n > 1 else ''}{dialect.suffix}" for n in range(1, len(bodies) + 1)]
    page = environment.get_template(f"{dialect.folder}/page.jinja")
    places = enumerate(document.blocks)
    shared["headings"] = [(place, block) for place, block in places if isinstance(block, Heading)]
    return tuple(
        Page(name, page.render(**shared, body=body, number=number, names=names))
        for number, (name, body) in enumerate(zip(names, bodies, strict=True), start=1)
    )


def _texts(document: Printable, dialect: Dialect, environment: Environment) -> list[str]:
    """Each block by itself."""
    shared: dict[str, Any] = {"document": document, "network": document.network}
    template = environment.get_template(f"{dialect.folder}/blocks.jinja")
    return [
        template.render(**shared, block=block, kind=type(block).__name__, place=place).strip("\n")
        for place, block in enumerate(document.blocks)
    ]


def escaped(dialect: str, words: object) -> str:
    """Plain words with what is special in a dialect made harmless.

    What pdflatex has no letter for, as it has none beyond Latin scripts, becomes a question mark.
    """
    chosen = DIALECTS[dialect]
    return "".join(
        chosen.special.get(c, c if ord(c) <= chosen.letters else "?") for c in str(words)
    )


def plain_markdown(words: object) -> str:
    """Plain words in Markdown with plain $, as notebooks show it."""
    return escaped("plain", words)


def _environment(
    document: Printable,
    dialect: Dialect,
    environment: Environment,
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> Environment:
    """The environment, with what templates of documents may call."""
    naming = document.naming
    writer = LatexWriter(naming, connectives(environment))

    def mathematics(expression: Basic | Equation | str) -> str:
        """LaTeX; a string is taken for LaTeX that a template wrote."""
        if isinstance(expression, Equation):
            return f"{writer.text(expression.lhs)} = {writer.text(expression.rhs)}"
        return expression if isinstance(expression, str) else writer.text(expression)

    functions: dict[str, Callable[..., Any]] = {
        "m": lambda expression: dialect.inline(mathematics(expression)),
        "displayed": lambda latex: "\n".join(
            (dialect.display[0], dialect.converted(str(latex)), dialect.display[1])
        ),
        "numbered": dialect.number.format,
        "tex": mathematics,
        "marked": lambda about: {
            name: dialect.inline(mathematics(part)) for name, part in about.items()
        },
        "letter": naming.letter,
        "tensor": naming.tensor,
        "gradient": naming.gradient,
        "layer_tag": naming.bracketed,
        "layer_number": naming.layer,
        "heading": lambda plain: dialect.heading.format(dialect.inline(plain), plain),
        "directive": lambda setting: f"{dialect.comment[0]}derive: {setting}{dialect.comment[1]}",
        "text": lambda words: escaped(dialect.name, words),
        "displays": lambda block, label: _displays(block, label, writer, dialect.length),
        "pieces": _pieces,
        "mathml": displayed_mathml,
        "short": "{:.3g}".format,
        "address": quote,
        "inlined": lambda block, place, title, words: inlined(
            beside[f"{block.file}.svg"], f"figure-{place}", title, words
        ),
        "proof_of": _proofs(document).get,
    }
    shared: dict[str, Any] = environment.globals  # jinja2 types it by its own functions only
    shared |= {**functions, "dialect": dialect, "turned": naming.turned}
    return environment


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


def _displays(
    block: Equations | Results | Mistaken,
    label: Callable[[Row], str],
    writer: LatexWriter,
    length: Callable[[str], int],
) -> list[list[PrintedLine]]:
    """The lines of each displayed formula: a left-hand side on lines of its own begins one."""
    groups: list[list[Row]] = []
    for row in block.rows:
        first = row.left is not None and (
            not groups or _apart(row, writer) or _apart(groups[-1][0], writer)
        )
        if first:
            groups.append([])
        groups[-1].append(row)
    return [
        _lines(rows, [str(label(row)).strip() for row in rows], writer, length) for rows in groups
    ]


def _apart(row: Row, writer: LatexWriter) -> bool:
    """Whether a left-hand side has lines of its own."""
    return _left(row, writer).width > _WIDEST_LEFT


def _jumps(right: Expr | Matrix) -> bool:
    """Whether what a derivative is equal to has a delta, so that it is a distribution."""
    return not isinstance(right, Matrix) and right.has(DiracDelta)


def _left(row: Row, writer: LatexWriter) -> Box:
    """The left-hand side; of an equation with a delta, the derivative of a function that jumps."""
    if isinstance(row.left, Partial) and _jumps(row.right):
        return writer.derivative_of_derivative(row.left)
    return boxes.glyphs("") if row.left is None else writer.box(row.left)


def _lines(
    rows: list[Row], labels: list[str], writer: LatexWriter, length: Callable[[str], int]
) -> list[PrintedLine]:
    """The lines of a formula, broken where they would be too wide beside their labels."""
    apart = _apart(rows[0], writer)
    lefts = [boxes.glyphs("") if apart else _left(row, writer) for row in rows]
    room = _LINE - _GAPS - max(left.width for left in lefts) - 0.44 * max(map(length, labels))
    found: list[PrintedLine] = []
    if apart and rows[0].left is not None:
        first, *rest = lines(rows[0].left, room, writer)
        found += [PrintedLine("", first.text, None, ""), *_continued(rest)]
    for row, left, text in zip(rows, lefts, labels, strict=True):
        broken = lines(row.right, room, writer)
        if row.where != S.true:
            condition = writer.condition(row.where)
            beside = boxes.row(broken[-1], r"\quad", condition)
            broken = [*broken[:-1], beside] if beside.width <= room else [*broken, condition]
        found.append(PrintedLine(left.text, f"{row.relation} {broken[0].text}", row, text))
        found += _continued(broken[1:])
    return found


def _continued(parts: list[Box]) -> list[PrintedLine]:
    """The lines of a formula behind its first, indented."""
    return [PrintedLine("", rf"\quad {part.text}", None, "") for part in parts]


def _pieces(displays: Iterable[list[PrintedLine]]) -> list[list[PrintedLine]]:
    """Displayed formulas in pieces that GitHub will render, each within its budget."""
    pieces: list[list[PrintedLine]] = []
    for display in displays:
        pieces.append([])
        cost = 0
        for line in display:
            own = (line.left + line.right).count("{") + 3
            parted = any(before.row is not None for before in pieces[-1])
            if parted and cost + own > _FORMULA_BUDGET and line.row is not None:
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
