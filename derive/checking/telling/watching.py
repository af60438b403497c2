"""Waiting for files to change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

#: How often files are looked at, in seconds.
INTERVAL = 0.5

Stamp = tuple[int, int] | None


def stamp(path: str) -> Stamp:
    """What tells one version of a file from the next; None while there is no file."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def versions(
    paths: Sequence[str], wait: Callable[[], object], look: Callable[[str], Stamp] = stamp
) -> Iterator[list[str]]:
    """All files at once, then those that have changed whenever some have.

    An editor may remove a file for a moment when it saves it: that is no change.
    """
    known = {path: look(path) for path in paths}
    yield list(paths)
    while True:
        wait()
        changed: list[str] = []
        for path in paths:
            now = look(path)
            if now is not None and now != known[path]:
                known[path] = now
                changed.append(path)
        if changed:
            yield changed
