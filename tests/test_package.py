"""The wheel, built from the source archive, works in an empty folder away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import derive

ROOT = Path(__file__).parent.parent


@pytest.mark.thorough  # .ci/run does the same
def test_the_wheel_works_in_an_empty_folder(tmp_path: Path) -> None:
    dist, home, empty = tmp_path / "dist", tmp_path / "home", tmp_path / "empty"
    empty.mkdir()
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(ROOT)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    (wheel,) = dist.glob("*.whl")
    # The dependencies are lent by this environment; the package itself must come from the wheel.
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
         "--target", str(home), str(wheel)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    lent = next(p for p in sys.path if p.endswith("site-packages"))
    program = (
        "import sys; lent, home = sys.argv.pop(), sys.argv.pop()\n"
        "sys.path = [home, *(p for p in sys.path if not p.endswith('site-packages')), lent]\n"
        "import derive; assert derive.__file__.startswith(home), derive.__file__\n"
        "from derive.cli import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-c", program, "report", str(home), lent],
        cwd=empty, capture_output=True, text=True, timeout=300,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert sorted(p.name for p in (empty / "output").iterdir()) == [
        "three-layer-chain.json",
        "three-layer-chain.md",
        "three-layer-chain.tex",
    ]


def test_public_names_are_not_hidden_by_modules() -> None:
    """A module of the same name would take the place of a function once it is imported."""
    modules = {path.stem for path in (ROOT / "derive").iterdir()}
    assert not modules & set(derive.__all__)
