"""The table that counts what is said of a folder of texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.real_texts import main

TEXT = r"""
Let $L = \frac{1}{2} (y - t)^2$ and $y = w x$, where $y = f(w)$.

$$\frac{\partial L}{\partial w} = (y - t) x$$

$$\frac{\partial L}{\partial w} = y - t$$

$$\frac{\partial L}{\partial w} = \clubsuit$$
"""


def test_definitions_and_what_lies_outside_are_not_among_what_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.md").write_text(TEXT, encoding="utf-8")
    main([str(tmp_path), "--wrong"])
    printed = capsys.readouterr().out
    assert "| all | 5 | 1 | 0 | 1 | 2 | 0 | 1 | 1 |" in printed
    assert "2 of 3 judged (67 %)" in printed
    assert "notes.md:6:" in printed
