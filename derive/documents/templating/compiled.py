"""The code that Jinja makes of templates, kept for the next environment and the next command.

As Python keeps that of modules: beside the user's other caches, made anew where the text of the
template, or the sandbox that its code calls, is another.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from types import CodeType

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket
from platformdirs import user_cache_path

from derive.documents.templating import sandbox
from derive.version import __version__


class Compiled(FileSystemBytecodeCache):
    """The code of each template that was compiled, by its file and what stands in it.

    It is on disk where the user has a folder for caches that can be written, and in memory
    besides, since the dialects share templates.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}
        made_by = Path(sandbox.__file__).stat()
        self._maker = f"{__version__} {made_by.st_mtime_ns} {made_by.st_size}"
        self._on_disk = False
        with suppress(OSError, RuntimeError):  # no such folder, or nobody's home
            folder = user_cache_path("derive", appauthor=False, ensure_exists=True)
            super().__init__(str(folder), "template-%s.cache")
            self._on_disk = True

    def get_source_checksum(self, source: str) -> str:
        """What tells this text, and the sandbox that its code is made for, from others."""
        return super().get_source_checksum(f"{self._maker}\n{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code, if this text was compiled before."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))
        if bucket.code is None and self._on_disk:
            with suppress(OSError, ValueError, EOFError, TypeError):  # a file that is cut off
                super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code."""
        if bucket.code is None:
            return
        self._codes[bucket.key, bucket.checksum] = bucket.code
        if self._on_disk and not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)
