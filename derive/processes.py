"""Work on many items, shared with processes that are forked from this one.

What is found is the same for any number of processes: each item is worked out by a function that
depends on nothing else, and what a process did not bring back is worked out here.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Generic, Self, TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")

#: The environment variable with the number of processes of a command.
VARIABLE = "DERIVE_PROCESSES"
#: Fewer items are not worth a process.
_FEWEST = 24
#: What processes take their next items from is a pipe, and must fit in: so many tickets.
_MOST_TICKETS = 8_000
_TICKET = 4  #: bytes


def processes() -> int:
    """How many processes a command may use: what the variable says, else one for each core."""
    said = os.environ.get(VARIABLE, "")
    if said.isascii() and said.isdecimal() and len(said) < 4:
        return max(1, int(said))
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def shared(
    work: Callable[[Item], Found],
    items: Sequence[Item],
    among: int = 1,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Found]:
    """What `work` makes of each item, in order, by so many processes.

    `progress` is called with how many are done.
    """
    with Shared(work, items, among) as begun:
        return begun.results(progress)


class Shared(Generic[Item, Found]):
    """Work on many items: others begin it, and this process helps when it asks for the results.

    Entered and left by `with`, which ends the others.  Fewer than `fewest` items are not worth a
    process.  All is done in this process where forking is not safe: beside threads, and on other
    systems than Linux.
    """

    def __init__(
        self,
        work: Callable[[Item], Found],
        items: Sequence[Item],
        among: int = 1,
        fewest: int = _FEWEST,
    ) -> None:
        self._work, self._items = work, items
        many = min(among, len(items) // fewest + 1) > 1 and _is_alone()
        self._others = among - 1 if many else 0
        self._tickets: int | None = None
        self._pipes: dict[int, int] = {}

    def __enter__(self) -> Self:
        if self._others:
            self._tickets = _tickets(len(self._items))
            try:
                for _ in range(self._others):
                    with suppress(OSError):  # no room for one more
                        process, pipe = _forked(self._work, self._items, self._tickets)
                        self._pipes[process] = pipe
            except BaseException:
                self._end()
                raise
        return self

    def __exit__(self, *problem: object) -> None:
        self._end()

    def results(self, progress: Callable[[int], None] = lambda done: None) -> list[Found]:
        """What became of each item, in order; `progress` is called with how many are done."""
        found: dict[int, Found] = {}
        if self._tickets is not None:
            for place in _taken(self._tickets, len(self._items)):
                progress(place)
                found[place] = self._work(self._items[place])
            found |= self.brought()
        results: list[Found] = []
        for place, item in enumerate(self._items):
            results.append(found[place] if place in found else self._work(item))
            progress(len(results))
        return results

    def brought(self) -> dict[int, Found]:
        """What the others have made of items, by their places; nothing is done here."""
        found: dict[int, Found] = {}
        for pipe in self._pipes.values():
            found |= _read(pipe)
        return found

    def _end(self) -> None:
        if self._tickets is not None:
            os.close(self._tickets)
            self._tickets = None
        while self._pipes:
            process, pipe = self._pipes.popitem()
            os.close(pipe)
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _is_alone() -> bool:
    """Whether this process has one thread, of Python or not, so that a copy of it can go on."""
    try:
        return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _tickets(count: int) -> int:
    """A pipe with the first place of each few items that are worked out one after another."""
    reading, writing = os.pipe()
    step = _step(count)
    os.write(writing, b"".join(n.to_bytes(_TICKET, "big") for n in range(0, count, step)))
    os.close(writing)
    return reading


def _step(count: int) -> int:
    return -(-count // _MOST_TICKETS)


def _taken(tickets: int, count: int) -> Iterator[int]:
    """The places that this process is to work out, until none is left."""
    while ticket := os.read(tickets, _TICKET):
        first = int.from_bytes(ticket, "big")
        yield from range(first, min(first + _step(count), count))


def _forked(work: Callable[[Item], Any], items: Sequence[Item], tickets: int) -> tuple[int, int]:
    """A process that takes its share, and the pipe in which it brings back what it found."""
    reading, writing = os.pipe()
    parent = os.getpid()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    with suppress(BaseException):  # what it leaves is worked out by its parent
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        gc.freeze()
        found: list[tuple[int, bytes]] = []
        for place in _taken(tickets, len(items)):
            if os.getppid() != parent:
                break
            result = work(items[place])
            written = pickle.dumps(result)
            if pickle.loads(written) == result:
                found.append((place, written))
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(found, pipe)
    os._exit(0)


def _read(pipe: int) -> dict[int, Any]:
    """What a process has brought back; nothing, where it ended before."""
    with os.fdopen(os.dup(pipe), "rb") as file:
        content = file.read()
    try:
        return {place: pickle.loads(written) for place, written in pickle.loads(content)}
    except (EOFError, pickle.UnpicklingError):
        return {}
