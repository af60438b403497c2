"""The words of the answers: the macros of `templates/answers.jinja`, for one way of escaping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from derive.documents.templating.environment import (
    LANGUAGES,
    connectives,
    refusal,
    template_environment,
)
from derive.errors import DeriveError
from derive.notation.spelling import Connectives


@dataclass(frozen=True)
class Words:
    """What the templates say.

    Attributes:
        templates: a folder that is searched before the packaged templates.
        escape: makes harmless what is not of the templates: a user's words and names.
        language: of the packaged templates.
    """

    templates: Path | None = None
    escape: Callable[[object], str] = str
    language: str = LANGUAGES[0]

    @cached_property
    def _environment(self) -> Any:
        environment = template_environment(self.templates, self.language)
        shared: dict[str, Any] = environment.globals  # jinja2 types it by its own functions only
        shared["text"] = self.escape
        return environment

    @cached_property
    def _answers(self) -> Any:
        return self._environment.get_template("answers.jinja").module

    @cached_property
    def connectives(self) -> Connectives:
        """The words inside of formulas."""
        return connectives(self._environment)

    def say(self, macro: str, *about: object) -> str:
        """What a macro of `answers.jinja` writes of something, as one text.

        Raises:
            DeriveError: when a template of the user's is missing something, or wrong.
        """
        return self._kept_in(lambda: str(getattr(self._answers, macro)(*about)).strip())

    def page(self, name: str, **about: object) -> str:
        """A template of `templates/checked/`, filled in.

        Raises:
            DeriveError: as `say` does.
        """
        file = f"checked/{name}.jinja"
        return self._kept_in(lambda: self._environment.get_template(file).render(**about))

    def _kept_in(self, write: Callable[[], str]) -> str:
        """What is written; each answer may take as much as a document."""
        self._environment.renew()
        try:
            return write()
        except Exception as error:
            if self.templates is None or isinstance(error, DeriveError):
                raise
            raise refusal(error, self.templates) from error
