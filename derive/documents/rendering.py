"""Documents as text, through the templates.

One Jinja environment a dialect; the words are shared by all of them.  Templates use
<< >>, <% %> and <# #>, which neither LaTeX nor Markdown needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, TemplateError

from derive.documents.blocks import (
    Block,
    Heading,
    Illustration,
    Printable,
)
from derive.documents.targets.dialects import COMPILED, DIALECTS, Dialect
from derive.documents.targets.outline import outline
from derive.documents.targets.paging import paged, whole
from derive.documents.targets.pdf import has_tex, pdf
from derive.documents.targets.template_functions import equip, equip_for_outlines
from derive.documents.targets.typesetting import can_typeset, typeset
from derive.documents.templating.environment import LANGUAGES, refusal, template_environment
from derive.errors import DeriveError
from derive.lazy import late

#: The dialect of which a PDF is made without TeX.
_TYPESET = "typst"

#: So many blocks that follow one are known to it.
_AHEAD = 2

#: Loaded where they are called: most documents have no figures.
pictures = late("derive.documents.illustrating", "pictures")


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
    ahead: Sequence[str] = (),
) -> tuple[Page, ...]:
    """The pages of a document; `templates` is searched before the packaged ones.

    `beside` are its figures, by their file names; `ahead` the texts of its first blocks.

    Raises:
        DeriveError: when a template is missing or wrong; the message names it.
    """
    try:
        own = template_environment(templates, language)
        environment = equip(document, dialect, own, beside)
        titles = template_environment(templates, language) if dialect.outlined else None
        return _pages(document, dialect, environment, titles, ahead)
    except DeriveError:
        raise
    except Exception as error:
        # A user's template may divide by zero or call what is not there.
        if templates is None and not isinstance(error, TemplateError):
            raise
        raise refusal(error, templates) from error


def fragment(document: Printable, dialect: Dialect) -> str:
    """The blocks of a document, without what a page has around them, and without its links."""
    dialect = replace(dialect, outlined=False)
    texts = _texts(document, dialect, equip(document, dialect, template_environment()))
    return whole(document.blocks, texts)


def written_ahead(
    document: Printable, dialects: Sequence[str], language: str = LANGUAGES[0]
) -> Mapping[str, Sequence[str]]:
    """The texts of the blocks but the last ones, by dialect, for `rendered` of a longer document.

    What those look like may depend on what follows them.  A dialect that shows beside an equation
    how it was proved can write nothing before that is known, and is left out.
    """
    found: dict[str, Sequence[str]] = {}
    for name in dialects:
        if name in DIALECTS and not DIALECTS[name].proofs_beside:
            environment = equip(document, DIALECTS[name], template_environment(None, language))
            found[name] = _texts(document, DIALECTS[name], environment)[:-_AHEAD]
    return found


def rendered(
    document: Printable,
    dialects: Sequence[str],
    templates: Path | None = None,
    language: str = LANGUAGES[0],
    ahead: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> list[tuple[str, str | bytes]]:
    """The name and content of every page in every dialect; "json" is none, and left out.

    "pdf" and "slides-pdf" are what TeX makes of others; without TeX "pdf" is what Typst makes of
    its own.  Figures are files of their own where a page does not hold them.  `ahead` are the
    texts of the first blocks, where they are written already.
    """
    beside = _pictures(document, dialects, templates, language)
    found: list[tuple[str, str | bytes]] = []
    for name in dialects:
        if name in COMPILED:
            source = _written_in(name)
            (page,) = render(document, source, templates, language)
            title = page.name.rpartition(".")[0]  # of slides with what tells them from the page
            compiled = typeset if source.name == _TYPESET else pdf
            found.append((f"{title}.pdf", compiled(title, page.text, beside)))
        elif name != "json":
            known = ahead.get(name, ())
            pages = render(document, DIALECTS[name], templates, language, beside, known)
            found += [(page.name, page.text) for page in pages]
    outside = {DIALECTS[name].figures for name in dialects if name in DIALECTS and name != "html"}
    found += [one for one in beside.items() if one[0].rpartition(".")[2] in outside]
    return found


def _written_in(name: str) -> Dialect:
    """The dialect of a file, or that of which a PDF is made."""
    if name == "pdf" and not has_tex() and can_typeset():
        return DIALECTS[_TYPESET]
    return DIALECTS[COMPILED.get(name, name)]


def _pictures(
    document: Printable, dialects: Sequence[str], templates: Path | None, language: str
) -> Mapping[str, bytes]:
    """The figures of a document, in the forms that its dialects take."""
    if not any(isinstance(block, Illustration) for block in document.blocks):
        return {}
    latex = DIALECTS["latex"]
    chosen = [_written_in(name) for name in dialects if name != "json"]
    forms = dict.fromkeys(dialect.figures for dialect in chosen)
    try:
        own = template_environment(templates, language)
        return dict(pictures(document, forms, equip(document, latex, own)))
    except (TemplateError, TypeError) as error:
        raise refusal(error, templates) from error


def _pages(
    document: Printable,
    dialect: Dialect,
    environment: Environment,
    titles: Environment | None,
    ahead: Sequence[str],
) -> tuple[Page, ...]:
    """The pages; `titles` is what makes those of a table of contents, where there is one."""
    shared: dict[str, Any] = {"document": document, "network": document.network}
    texts = _texts(document, dialect, environment, ahead)
    parts = paged(document.blocks, texts) if dialect.paged else [(0, whole(document.blocks, texts))]
    starts, bodies = zip(*parts, strict=True)
    stem = document.name
    names = [f"{stem}{f'-{n}' if n > 1 else ''}{dialect.suffix}" for n in range(1, len(bodies) + 1)]
    page = environment.get_template(f"{dialect.folder}/{dialect.page}")
    headings = [block for block in document.blocks if isinstance(block, Heading)]
    shared["headings"] = list(enumerate(headings, start=1))
    if titles is not None:
        equip_for_outlines(document, dialect, titles)
        shared["outline"] = outline(document, titles, starts)
    return tuple(
        Page(name, page.render(**shared, body=body, number=number, names=names))
        for number, (name, body) in enumerate(zip(names, bodies, strict=True), start=1)
    )


def _texts(
    document: Printable, dialect: Dialect, environment: Environment, ahead: Sequence[str] = ()
) -> list[str]:
    """Each block by itself; it knows its place, its section from 1, and what is beside it."""
    about: dict[str, Any] = {"document": document, "network": document.network}
    template = environment.get_template(f"{dialect.folder}/blocks.jinja")
    kinds = [type(block).__name__ for block in document.blocks]

    def text(block: Block, place: int, section: int) -> str:
        what: dict[str, Any] = {"block": block, "kind": kinds[place]}
        what["before"] = kinds[place - 1] if place else ""
        what["following"] = [*kinds[place + 1 : place + 1 + _AHEAD], *[""] * _AHEAD]
        return template.render(**about, **what, place=place, section=section).strip("\n")

    sections = accumulate(int(isinstance(block, Heading)) for block in document.blocks)
    placed = [*enumerate(zip(document.blocks, sections, strict=True))]
    return [*ahead, *(text(block, n, section) for n, (block, section) in placed[len(ahead) :])]
