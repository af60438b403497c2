"""Sweeps over many cases: a sample is always tried, the rest by `make test-thorough`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def thorough(case: Any) -> Any:
    """A case that only the thorough run tries."""
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.thorough)


def sampled(cases: Iterable[Any], every: int) -> list[Any]:
    """All cases; always tried are the first and each that comes `every` places later."""
    return [case if n % every == 0 else thorough(case) for n, case in enumerate(cases)]


def sweep(cases: Iterable[Any], always: Collection[Any]) -> list[Any]:
    """All cases, of which these are always tried."""
    return [case if case in always else thorough(case) for case in cases]
