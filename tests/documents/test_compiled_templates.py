"""Compiled templates are kept beside the user's caches, and made anew when they are wrong."""

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from derive.documents.templating import compiled


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compiled, "user_cache_path", lambda *a, **k: tmp_path)
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    return tmp_path


def _written(cache: compiled.Compiled, templates: Path) -> str:
    environment = Environment(loader=FileSystemLoader(templates), bytecode_cache=cache)
    return environment.get_template("note.jinja").render()


def test_the_code_of_a_template_is_kept_for_the_next_command(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "note.jinja").write_text("{{ 1 + 1 }}")
    assert _written(compiled.Compiled(), tmp_path) == "2"
    (kept,) = folder.glob("*.cache")
    made = kept.read_bytes()
    assert _written(compiled.Compiled(), tmp_path) == "2"
    assert kept.read_bytes() == made
    (tmp_path / "note.jinja").write_text("{{ 1 + 2 }}")
    assert _written(compiled.Compiled(), tmp_path) == "3"
    assert kept.read_bytes() != made


@pytest.mark.parametrize("spoilt", [b"", b"nothing", b"cut off"])
def test_a_file_that_is_spoilt_is_made_anew(folder: Path, tmp_path: Path, spoilt: bytes) -> None:
    (tmp_path / "note.jinja").write_text("{{ 1 + 1 }}")
    _written(compiled.Compiled(), tmp_path)
    (kept,) = folder.glob("*.cache")
    made = kept.read_bytes()
    kept.write_bytes(made[:-20] if spoilt == b"cut off" else spoilt)
    assert _written(compiled.Compiled(), tmp_path) == "2"


def test_no_folder_for_caches_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **named: object) -> Path:
        raise PermissionError

    monkeypatch.setattr(compiled, "user_cache_path", refuse)
    (tmp_path / "note.jinja").write_text("{{ 1 + 1 }}")
    assert _written(compiled.Compiled(), tmp_path) == "2"
