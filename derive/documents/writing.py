"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from derive.errors import DeriveError


def write_all(folder: Path, files: Iterable[tuple[str, str | bytes]]) -> list[Path]:
    """Write (name, content) pairs into a folder, which is made when missing.

    All of them are on disk under temporary names before the first one gets its own, so a
    full disk leaves what was there before.

    Raises:
        DeriveError: when the folder cannot be made or written to; nothing is left half done.
    """
    waiting: list[tuple[str, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
            waiting.append((temporary, folder / name))
            (folder / name).parent.mkdir(exist_ok=True)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content.encode() if isinstance(content, str) else content)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
        for _, final in waiting:
            if final.is_dir():
                raise IsADirectoryError(f"{final} is a folder")
        for temporary, final in waiting:
            os.replace(temporary, final)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DeriveError(f"cannot write into {folder}: {reason.lower()}") from error
    finally:
        for temporary, _ in waiting:
            Path(temporary).unlink(missing_ok=True)
    return [final for _, final in waiting]


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
