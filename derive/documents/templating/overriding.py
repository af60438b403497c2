"""Templates of one name in several folders: the macros of earlier folders stand for later ones.

What is imported is put together macro by macro, so that a file of a user's holds only what is to
be otherwise.  What is rendered or included is one file, the first of its name.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Any, cast

from jinja2 import ChoiceLoader, FileSystemLoader, TemplateNotFound
from jinja2.environment import Template, TemplateModule
from jinja2.runtime import Macro
from jinja2.utils import Namespace

from derive.documents.templating.sandbox import Sandbox
from derive.errors import DeriveError

#: The name by which a template calls the macros that its own stand for.
_ORIGINAL = "original"


class Overridable(Template):
    """A template whose module has the macros of every file of its name."""

    def make_module(
        self,
        vars: dict[str, Any] | None = None,
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,
    ) -> TemplateModule:
        """The module of the last file of this name, with what the others put in its place."""
        name = str(self.name)
        first, *others = reversed(cast(Folders, self.environment).files(name))
        module = Template.make_module(first, vars, shared, locals)
        layers = [_exported(module)]
        for template in others:
            known = dict(ChainMap(*reversed(layers)))
            originals = {name: copy(one) for name, one in known.items() if isinstance(one, Macro)}
            seen = {**(locals or {}), **known, _ORIGINAL: Namespace(originals)}
            own = _exported(Template.make_module(template, vars, shared, seen))
            if not own:
                raise DeriveError(
                    f"{template.filename}: this defines no macro, as in "
                    "<% macro title_forward() %>Forward<% endmacro %>"
                )
            layers.append(own)
            _override(layers)
        module.__dict__.update(ChainMap(*reversed(layers)))
        return module


class Folders(Sandbox):
    """The sandbox, with the templates of these folders, the first ones first."""

    template_class = Overridable

    def __init__(self, folders: Sequence[Path], **options: Any) -> None:
        self._loaders = [FileSystemLoader(folder) for folder in folders]
        super().__init__(loader=ChoiceLoader(self._loaders), **options)
        self._files: dict[str, list[Template]] = {}

    def files(self, name: str) -> list[Template]:
        """The templates of this name, one for each folder that has it."""
        if name not in self._files:
            self._files[name] = []
            for loader in self._loaders:
                with suppress(TemplateNotFound):
                    self._files[name].append(loader.load(self, name, self.make_globals(None)))
        return self._files[name]


def _exported(module: TemplateModule) -> dict[str, Any]:
    """The macros, and what is set, at the top of a template."""
    return {name: value for name, value in vars(module).items() if not name.startswith("_")}


def _override(layers: list[dict[str, Any]]) -> None:
    """Put the macros of the last layer in the place of those that the others have.

    Macros hold on to one another as objects, so those that are overridden are changed
    themselves: then the others, which call them, call what stands for them.
    """
    *behind, own = layers
    known = set[str]().union(*behind)
    for name in own.keys() & known:
        _replace(name, own[name], behind)
    for base in own.keys() | known:
        keyed = {
            name.removeprefix(f"{base}_"): macro
            for name, macro in own.items()
            if name not in known and name.startswith(f"{base}_") and isinstance(macro, Macro)
        }
        if keyed:
            _replace(base, _by_key(ChainMap(own, *reversed(behind))[base], keyed), layers)


def _replace(name: str, new: Any, layers: Sequence[Mapping[str, Any]]) -> None:
    for layer in layers:
        macro = layer.get(name)
        if isinstance(macro, Macro) and isinstance(new, Macro):
            vars(macro).update(vars(new))


def _by_key(macro: Any, keyed: Mapping[str, Macro]) -> Any:
    """A macro that leaves the keys of its first argument that have macros of their own to these."""
    if not isinstance(macro, Macro):
        return macro
    otherwise = copy(macro)

    def chosen(*arguments: Any) -> str:
        one = keyed.get(_key(arguments[0]) if arguments else "")
        return otherwise(*arguments) if one is None else one(*arguments[: len(one.arguments)])

    made = copy(macro)
    vars(made)["_func"] = chosen
    return made


def _key(argument: Any) -> str:
    """What a macro goes by, as names have it: the key of a block, the rule of a row, a word.

    An equation that was not proved has a key of its own, so that nothing hides that.
    """
    if getattr(argument, "proved", True) is False:
        return "not_proved"
    key = getattr(argument, "key", getattr(argument, "rule", argument))
    return re.sub(r"\W+", "_", key).strip("_") if isinstance(key, str) else ""
