"""The alarm that ends a command whose time is up."""

import gc
import sys
import time

import pytest

from derive.budget import BudgetReached, limited


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="there is no alarm")
def test_an_alarm_while_garbage_is_collected_rings_again() -> None:
    """An error in what the collector calls would be lost: pytest would say so."""
    slept: list[str] = []

    def slow(phase: str, _info: dict[str, int]) -> None:
        if phase == "start" and not slept:
            slept.append(phase)
            until = time.monotonic() + 1.2
            while time.monotonic() < until:
                pass

    gc.callbacks.append(slow)
    try:
        with pytest.raises(BudgetReached, match="longer than the 1 s"), limited(1):
            gc.collect()
            until = time.monotonic() + 5
            while time.monotonic() < until:
                pass
    finally:
        gc.callbacks.remove(slow)
    assert slept
