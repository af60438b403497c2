"""A document for Typst as PDF, by the typesetter that comes as a package; no TeX is needed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from derive.errors import DeriveError


def can_typeset() -> bool:
    """Whether both packages are installed: the one that sets, the one that converts formulas."""
    return find_spec("typst") is not None and find_spec("tylax") is not None


def typeset(name: str, source: str, beside: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """The PDF of a document; the same bytes each time.

    `beside` are the figures that it includes, by their names.  Only the typesetter's own fonts
    are used, and nothing outside of a folder of its own is read.

    Raises:
        DeriveError: one sentence that says what it stumbled over.
    """
    typst = import_module("typst")
    with TemporaryDirectory() as folder:
        document = Path(folder, "document.typ")
        document.write_text(source, encoding="utf-8")
        for included, content in beside.items():
            file = Path(folder, included)
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
        try:
            return bytes(typst.compile(document, root=folder, ignore_system_fonts=True))
        except RuntimeError as problem:  # which TypstError is
            said = str(problem).strip().split("\n", 1)[0]
            raise DeriveError(f"{name}.pdf: typst failed: {said}") from None
