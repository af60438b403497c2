"""Other programs that `derive` is measured beside: each is left out where it is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def is_installed(name: str) -> bool:
    """Whether a module can be imported; it is not imported for that."""
    return find_spec(name) is not None


def peer(name: str) -> Any:
    """The module, whose types are nobody's business here: it may not be installed."""
    return import_module(name)


def left_out(*names: str) -> Iterator[str]:
    """One line about those of some modules that are not installed, if there are any."""
    absent = [name for name in names if not is_installed(name)]
    if absent:
        yield f"Left out, since not installed: {', '.join(absent)}.\n"
