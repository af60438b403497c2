"""The ways of writing a document, each a row: templates, marks of mathematics, special signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sympy import Expr

from derive.lazy import late
from derive.model.matrices import Matrix
from derive.notation.tex import LatexWriter

#: Loaded by the documents that are written with them.
_coloured = late("derive.documents.targets.colouring", "coloured")
_displayed_mathml = late("derive.documents.targets.mathml", "displayed_mathml")
_mathml = late("derive.documents.targets.mathml", "mathml")
_displayed_typst = late("derive.documents.targets.typst_math", "displayed_typst")
_typst = late("derive.documents.targets.typst_math", "typst")


@dataclass(frozen=True)
class Dialect:
    """A way of writing a document: where its templates are and how mathematics is marked."""

    name: str
    folder: str
    suffix: str
    inline: Callable[[str, str], str]  #: LaTeX in running text, and how it is read aloud
    display: tuple[str, str]  #: what stands around it on lines of its own
    comment: tuple[str, str]
    special: Mapping[str, str]
    paged: bool
    heading: str  #: mathematics in a heading: {0} with its marks, {1} for outlines, without
    letters: int = 0x10FFFF  #: the last character that prose may have
    number: str = "({0})"  #: equation {0} of document {1}, where prose names it
    least_label: float = 0.0  #: the room, in em, that every label takes
    page: str = "page.jinja"  #: what stands around the blocks
    outlined: bool = False  #: whether a page has a table of contents without formulas
    figures: str = "svg"  #: the form of its figures
    around_wide: tuple[str, str] = ("", "")  #: what makes a matrix of three columns fit
    converted: Callable[[str], str] = str  #: what a formula on lines of its own is written in
    spoken: bool = False  #: whether formulas are said in words too
    proofs_beside: bool = False  #: whether each equation has its proof beside it
    #: The writer for what a left-hand side is equal to.
    writer: Callable[[LatexWriter, Expr | Matrix | None], LatexWriter] = lambda writer, left: writer


#: What prose must write for characters that the dialect takes for markup.
_TEX_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "_": r"\_", "%": r"\%", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip
_MARKDOWN_SPECIAL = {c: "\\" + c for c in r"\`*_{}[]<>#|$~&"}
_TYPST_SPECIAL = {c: "\\" + c for c in r"\`*_[]<>#$~@/=+-\"'"}
_HTML_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


def _bound_mathml(latex: str, spoken: str) -> str:
    """A formula behind which no line is broken before a comma or a bracket."""
    return f'<span class="bound">{_mathml(latex, spoken)}</span>'


_LATEX = Dialect(
    "latex", "latex", ".tex", "${0}$".format, (r"\[", r"\]"), ("%\n% ", "\n"), _TEX_SPECIAL,
    paged=False, heading=r"\texorpdfstring{{{0}}}{{{1}}}", letters=0x17F, figures="pdf",
    number=r"\eqref{{{1}:{0}}}", least_label=8.5, around_wide=(r"{\small", "}"),
)  # fmt: skip

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        _LATEX,
        replace(_LATEX, name="latex-body", suffix="-body.tex", page="body.jinja"),
        replace(
            _LATEX, name="slides", folder="slides", suffix="-slides.tex", number="({0})",
            least_label=0.0,
        ),
        Dialect(
            "github", "markdown", ".md", "$`{0}`$".format, ("```math", "```"), ("<!-- ", " -->"),
            _MARKDOWN_SPECIAL, paged=True, heading="{0}", outlined=True,
        ),
        Dialect(
            "plain", "markdown", ".md", "${0}$".format, ("$$", "$$"), ("<!-- ", " -->"),
            _MARKDOWN_SPECIAL, paged=False, heading="{0}", outlined=True,
        ),
        Dialect(
            "typst", "typst", ".typ", _typst, ("", ""), ("// ", "\n"), _TYPST_SPECIAL,
            paged=False, heading="{0}", number="#link(<eq-{0}>)[({0})]",
            least_label=8.5, converted=_displayed_typst,
        ),
        Dialect(
            "html", "html", ".html", _bound_mathml, ('<span class="display">', "</span>"),
            ("<!-- ", " -->"), _HTML_SPECIAL, paged=False, heading="{0}",
            number='<a href="#eq-{0}">({0})</a>', converted=_displayed_mathml,
            spoken=True, proofs_beside=True, writer=_coloured,
        ),
    )
}  # fmt: skip


#: What TeX makes of a dialect.
COMPILED = {"pdf": "latex", "slides-pdf": "slides"}


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
