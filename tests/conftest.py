"""What holds for all tests."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import settings

# JAX compiles far more here than it computes.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

# How long an example takes depends on what else the machine does.
settings.register_profile("derive", deadline=None)
settings.load_profile("derive")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among what was imported: both take time, and find none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
