"""The wheel, built from the source archive, works in an empty folder away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import derive

ROOT = Path(__file__).parent.parent


def test_the_wheel_works_in_an_empty_folder(tmp_path: Path) -> None:
    dist, home, empty = tmp_path / "dist", tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(ROOT)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    (wheel,) = dist.glob("*.whl")
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    # The dependencies are lent by this environment; the package itself must come from the wheel.
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    lent = next(p for p in sys.path if p.endswith("site-packages"))
    program = (
        "import sys; sys.path.append(sys.argv.pop())\n"
        "import derive; assert 'venv' in derive.__file__, derive.__file__\n"
        "from derive.cli import main; main()"
    )
    result = subprocess.run(
        [python, "-I", "-c", program, "report", lent],
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
