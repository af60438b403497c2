"""The list of long cases names tests that there are, and never all cases of a test."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("long_cases.txt")


def collected(expression):
    """The tests that a run with this expression of marks tries."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", expression]
    files = sorted({line.partition("::")[0] for line in LIST.read_text().splitlines()})
    run = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    return [line for line in run.stdout.splitlines() if "::" in line]


@pytest.mark.thorough
def test_each_long_case_is_left_to_the_thorough_run_and_a_shorter_one_is_not():
    long = LIST.read_text(encoding="utf-8").splitlines()
    assert long == sorted({*long})
    assert {*long} <= {*collected("thorough")}
    always = Counter(line.partition("[")[0] for line in collected("not thorough"))
    assert all(always[line.partition("[")[0]] for line in long)
