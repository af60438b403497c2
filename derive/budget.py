"""The budget of a command in time and memory: the last resort, which only aborts.

What decides a verdict is counted where it is worked out, so that verdicts do not depend on
how busy a machine is.  Where all counting fails, a command ends here, in one sentence.
"""

from __future__ import annotations

import gc
import sys
import threading
from _thread import interrupt_main
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

#: Seconds that a command may take, where the user does not say.
SECONDS = 600
#: Bytes that a command may add to what the process has.
MEMORY = 8_000_000_000
#: An exception that some handler on the way has swallowed is raised again after so long.
_AGAIN = 1.0


class BudgetReached(BaseException):
    """A command has used up its time or memory; the message is one sentence.

    No Exception, so that nothing on the way takes it for a formula that cannot be read.
    """


@contextmanager
def limited(seconds: int, memory: int = MEMORY) -> Generator[None, None, None]:
    """Run a block for so many seconds, and with so much more memory, at most.

    Raises:
        BudgetReached: out of the block, when either is used up.
    """
    try:
        with _limited_memory(memory), _limited_time(seconds):
            yield
    except MemoryError:
        raise BudgetReached(
            f"this needs more than {memory // 1_000_000} MB of memory, the budget of a command"
        ) from None


def _spent(seconds: int) -> BudgetReached:
    return BudgetReached(
        f"this takes longer than the {seconds} s that a command may take; "
        "--budget SECONDS allows more"
    )


@contextmanager
def _limited_time(seconds: int) -> Generator[None, None, None]:
    """By an alarm where there is one; elsewhere by an interrupt from another thread."""
    if threading.current_thread() is not threading.main_thread():
        yield  # neither reaches another thread
        return
    if sys.platform == "win32":
        with _interrupted(seconds):
            yield
        return
    import signal

    def ring(_signal: int, frame: FrameType | None) -> None:
        if not _is_lost_in(frame):  # the alarm rings again
            raise _spent(seconds)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _is_lost_in(frame: FrameType | None) -> bool:
    """Whether Python is at work where errors are swallowed.

    So it is in a `__del__`, a weakref callback, and what the collector of garbage calls.
    """
    called = [getattr(one, "__code__", None) for one in gc.callbacks]
    while frame is not None:
        if frame.f_code.co_name in ("__del__", "_remove") or frame.f_code in called:
            return True
        frame = frame.f_back
    return False


@contextmanager
def _interrupted(seconds: int) -> Generator[None, None, None]:
    """The main thread is interrupted as by Ctrl-C, which is then told apart."""
    rung = threading.Event()

    def ring() -> None:
        rung.set()
        interrupt_main()

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    except KeyboardInterrupt:
        if rung.is_set():
            raise _spent(seconds) from None
        raise
    finally:
        timer.cancel()


@contextmanager
def _limited_memory(allowed: int) -> Generator[None, None, None]:
    """By the address space of the process, where the system says how large that is."""
    used = _address_space()
    if sys.platform == "win32" or used is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limits = [used + allowed, *(n for n in (soft, hard) if n != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int | None:
    """Bytes of address space in use; None where that is not known."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
        import resource

        return int(pages) * resource.getpagesize()
    except (OSError, ValueError, IndexError, ImportError):
        return None
