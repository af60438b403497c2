"""Finding the Jinja templates, and saying in one sentence what is wrong with one."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateNotFound

from derive.algebra.arguments import quoted
from derive.documents.templating.compiled import Compiled
from derive.documents.templating.overriding import Folders
from derive.errors import DeriveError
from derive.notation.spelling import Connectives

#: What documents are written in; each but the first has a folder of its name in the templates.
LANGUAGES = ("english", "german")


def templates_folder() -> Path:
    """The packaged templates: beside the modules when installed, else in the checkout."""
    here = Path(__file__).parents[2]
    packaged = here / "templates"
    return packaged if packaged.is_dir() else here.parent / "templates"


_COMPILED = Compiled()


def template_names() -> list[str]:
    """The packaged templates, by the names that a folder of a user's may have too."""
    folder = templates_folder()
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.jinja"))


def template_environment(
    templates: Path | None = None, language: str = LANGUAGES[0]
) -> Environment:
    """The templates, those of `templates` first, with << >> for values and <% %> for control.

    What a language has no words for is in English.

    Raises:
        DeriveError: for a language that there is not.
    """
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise DeriveError(f"a language is one of {known}, and {quoted(language)} is none")
    packaged = templates_folder()
    own = None if language == LANGUAGES[0] else packaged / language
    return Folders(
        [folder for folder in (templates, own, packaged) if folder is not None],
        variable_start_string="<<", variable_end_string=">>",
        block_start_string="<%", block_end_string="%>",
        comment_start_string="<#", comment_end_string="#>",
        undefined=StrictUndefined, autoescape=False,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        bytecode_cache=_COMPILED,
    )  # fmt: skip


def connectives(environment: Environment) -> Connectives:
    """The words inside of formulas, in the language of the templates."""
    frame: Any = environment.get_template("frame.jinja").make_module()
    names = [field.name for field in fields(Connectives)]
    return Connectives(*(str(frame.connective(name)) for name in names))


def refusal(error: Exception, folder: Path | None) -> DeriveError:
    """The error of one sentence for what went wrong in a template, those of `folder` first."""
    if isinstance(error, UnicodeError) and folder is not None:
        return DeriveError(f"{_undecodable(folder)}: this is not a text in UTF-8")
    return DeriveError(f"{_place(error)}: {_fault(error)}")


def _place(error: Exception) -> str:
    """The template and line at which an error arose."""
    name = getattr(error, "name", None) or getattr(error, "filename", None)
    line = getattr(error, "lineno", None)
    for frame, number in walk_tb(error.__traceback__):
        if frame.f_code.co_filename.endswith(".jinja"):
            name, line = frame.f_code.co_filename, number
    return f"{name or 'a template'}:{line}" if line else str(name or "a template")


def _fault(error: Exception) -> str:
    """What is wrong, in a sentence."""
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.message}"
    if isinstance(error, RecursionError):
        return "the templates call or include one another without end"
    if isinstance(error, MemoryError):
        return "this needs more memory than there is"
    missing = re.search(r"TemplateModule object' has no attribute '(\w+)'", str(error))
    if missing is None:
        return " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return f"this calls the macro {missing[1]}, which the template that it imports does not have"


def _undecodable(folder: Path) -> str:
    """The first template in a folder that is not text in UTF-8."""
    for file in sorted(folder.rglob("*.jinja")):
        try:
            file.read_text(encoding="utf-8")
        except UnicodeError:
            return str(file)
    return str(folder)
