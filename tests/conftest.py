"""What holds for all tests."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

# JAX compiles far more here than it computes.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

# How long an example takes depends on what else the machine does.
settings.register_profile("derive", deadline=None)
settings.load_profile("derive")


#: Cases that took more than half a second each, of tests with shorter ones that are always tried.
LONG_CASES = Path(__file__).with_name("long_cases.txt")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long is left to `make test-thorough`, as the long sweeps are."""
    long = {*LONG_CASES.read_text(encoding="utf-8").splitlines()}
    for item in items:
        if item.nodeid in long:
            item.add_marker(pytest.mark.thorough)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among what was imported: both take time, and find none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
