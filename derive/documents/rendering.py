"""Documents as text, through the templates.

One Jinja environment a dialect; the words are shared by all of them.  Templates use
<< >>, <% %> and <# #>, which neither LaTeX nor Markdown needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, TemplateError
from sympy import Basic, S

from derive.documents.blocks import (
    Equations,
    Heading,
    Illustration,
    Printable,
    ProofRow,
    ProofTable,
    Row,
)
from derive.documents.targets.colouring import colour
from derive.documents.targets.dialects import DIALECTS, Dialect, escaped
from derive.documents.targets.mathml import displayed_mathml, silent_mathml
from derive.documents.targets.paging import paged, pieces, whole
from derive.documents.targets.pdf import pdf
from derive.documents.targets.printed_lines import displays
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
from derive.notation.spoken import SpokenWriter
from derive.notation.tex import LatexWriter

#: Loaded where they are called: most documents have no figures.
pictures = late("derive.documents.illustrating", "pictures")
inlined = late("derive.figures.inlining", "inlined")

#: What LaTeX has another use for, or a label may not have.
_NOT_IN_LABELS = re.compile(r"[^A-Za-z0-9.-]+")


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
    return whole(document.blocks, texts)


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
    bodies = paged(document.blocks, texts) if dialect.paged else [whole(document.blocks, texts)]
    stem = document.name
    names = [f"{stem}{f'-{n}' if n > 1 else ''}{dialect.suffix}" for n in range(1, len(bodies) + 1)]
    page = environment.get_template(f"{dialect.folder}/{dialect.page}")
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


def _environment(
    document: Printable,
    dialect: Dialect,
    environment: Environment,
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> Environment:
    """The environment, with what templates of documents may call."""
    naming = document.naming
    writer = LatexWriter(naming, connectives(environment))

    phrases: Any = environment.get_template("spoken.jinja").make_module()
    speaker = SpokenWriter(cache(lambda key: str(phrases.phrase(key)).strip()), naming)

    def spoken(expression: Basic | Matrix | Equation | str) -> str:
        """In words; what a template wrote as LaTeX has none."""
        if not dialect.spoken or isinstance(expression, str):
            return ""
        if isinstance(expression, Equation):
            return speaker.equation(expression.lhs, "=", expression.rhs)
        return speaker.text(expression)

    def mathematics(expression: Basic | Equation | str) -> str:
        """LaTeX; a string is taken for LaTeX that a template wrote."""
        if isinstance(expression, Equation):
            return f"{writer.text(expression.lhs)} = {writer.text(expression.rhs)}"
        return expression if isinstance(expression, str) else writer.text(expression)

    labelled = _NOT_IN_LABELS.sub("-", document.name)
    functions: dict[str, Callable[..., Any]] = {
        "m": lambda expression: dialect.inline(mathematics(expression), spoken(expression)),
        "displayed": lambda latex: "\n".join(
            (dialect.display[0], dialect.converted(str(latex)), dialect.display[1])
        ),
        "label": lambda number: f"{labelled}:{number}",
        "numbered": lambda number: dialect.number.format(number, labelled),
        "tex": mathematics,
        "marked": lambda about: {
            name: dialect.inline(mathematics(part), spoken(part)) for name, part in about.items()
        },
        "letter": naming.letter,
        "tensor": naming.tensor,
        "gradient": naming.gradient,
        "layer_tag": naming.bracketed,
        "layer_number": naming.layer,
        "heading": lambda plain: dialect.heading.format(dialect.inline(plain, ""), plain),
        "directive": lambda setting: f"{dialect.comment[0]}derive: {setting}{dialect.comment[1]}",
        "text": lambda words: escaped(dialect.name, words),
        "displays": lambda block, label: displays(block, label, writer, dialect),
        "pieces": pieces,
        "mathml": displayed_mathml,
        "silent": silent_mathml,
        "spoken": spoken,
        "spoken_row": lambda row, whole: _spoken_row(row, whole, speaker),
        "colour": colour,
        "used_by": _uses(document).get,
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


def _spoken_row(row: Row, whole: bool, speaker: SpokenWriter) -> str:
    """What a row says; its left side only where the whole is meant."""
    said = speaker.equation(row.left if whole else None, row.relation, row.right)
    return said if row.where == S.true else said + speaker.condition(row.where)


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
