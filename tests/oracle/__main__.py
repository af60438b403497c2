"""A hunt: `python -m tests.oracle FIRST COUNT` prints each pair that is judged wrongly."""

import signal
import sys
from time import perf_counter

from tests.oracle.faults import faults, judged
from tests.oracle.pairs import Pair, pair
from tests.oracle.shrinking import shrunk

#: Seconds after which a pair is slow, and after which it is given up.
_SLOW, _TOO_SLOW = 5, 30


def complaints(one: Pair) -> list[str]:
    """What is wrong with the answer on a pair, an exception included."""
    signal.alarm(_TOO_SLOW)
    try:
        return faults(one, judged(one))
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    finally:
        signal.alarm(0)


def _give_up(_signal, _frame) -> None:
    raise TimeoutError(f"no answer in {_TOO_SLOW} s")


def hunt(first: int, count: int) -> None:
    signal.signal(signal.SIGALRM, _give_up)
    for seed in range(first, first + count):
        one = pair(seed)
        start = perf_counter()
        found = complaints(one)
        taken = perf_counter() - start
        if taken > _SLOW:
            print(f"{seed}: SLOW {taken:.1f} s: {one}", flush=True)
        if found:
            small = one if "TimeoutError" in found[0] else shrunk(one, complaints)
            print(f"{seed}: {one}\n    {small}\n    {'; '.join(complaints(small))}", flush=True)


if __name__ == "__main__":
    hunt(int(sys.argv[1]), int(sys.argv[2]))
