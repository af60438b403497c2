"""Names of a package that are loaded when they are first used, so that importing it is quick."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def loader(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package; `homes` has the module that each public name lives in."""

    def load(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{home}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return load


def late(home: str, name: str) -> Callable[..., Any]:
    """A function that is loaded when it is first called.

    For what a package above knows: how a value looks in a notebook, which file a name means.
    """

    def call(*args: Any, **options: Any) -> Any:
        return getattr(import_module(home), name)(*args, **options)

    return call
