"""Work shared with forked processes: the same results, and nothing left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from derive.processes import processes, shared

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")

#: What each script begins with: it runs by itself, since a process with threads is not forked.
START = """
import os, time
from derive.processes import shared

HERE = os.getpid()

def none_is_left():
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False
"""


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", START + script], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_process_works_in_order() -> None:
    seen: list[int] = []
    assert shared(str, range(50), 1, seen.append) == [str(n) for n in range(50)]
    assert seen == list(range(1, 51))


@LINUX
def test_others_take_their_share_and_the_order_stays() -> None:
    found = run(
        """
def work(n):
    time.sleep(0.002)
    return n * n, os.getpid()
found = shared(work, range(100), 3)
print([n for n, _ in found] == [n * n for n in range(100)], len({p for _, p in found}) > 1)
print(none_is_left())
"""
    )
    assert found.split() == ["True"] * 3


@LINUX
@pytest.mark.parametrize(
    "fate", ["os._exit(1)", "os.kill(os.getpid(), 9)", "raise ValueError", "return lambda: 0"]
)
def test_what_another_process_does_not_bring_back_is_worked_out_here(fate: str) -> None:
    found = run(
        f"""
def work(n):
    time.sleep(0.002)
    if os.getpid() != HERE:
        {fate}
    return n
print(shared(work, range(60), 2) == list(range(60)), none_is_left())
"""
    )
    assert found.split() == ["True", "True"]


@LINUX
def test_what_the_others_brought_is_had_without_work_here() -> None:
    found = run(
        """
from derive.processes import Shared
with Shared(lambda n: (n, os.getpid() == HERE), range(3), 2, fewest=1) as begun:
    print(begun.brought() == {n: (n, False) for n in range(3)})
print(none_is_left())
with Shared(str, range(3), 1, fewest=1) as begun:
    print(begun.brought() == {})
"""
    )
    assert found.split() == ["True"] * 3


@LINUX
def test_an_error_here_ends_the_others_at_once() -> None:
    found = run(
        """
def work(n):
    if os.getpid() != HERE:
        time.sleep(50)
    raise KeyboardInterrupt
try:
    shared(work, range(60), 2)
except KeyboardInterrupt:
    print(none_is_left())
"""
    )
    assert found.split() == ["True"]


@LINUX
def test_more_items_than_the_pipe_has_room_for() -> None:
    found = run("print(shared(abs, range(20_001), 2) == list(range(20_001)))")
    assert found.split() == ["True"]


@pytest.mark.parametrize(("said", "number"), [("1", 1), ("3", 3), ("0", 1)])
def test_the_variable_says_how_many(
    said: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DERIVE_PROCESSES", said)
    assert processes() == number


@pytest.mark.parametrize("said", ["", "many", "-2", "10000"])
def test_without_it_there_is_one_for_each_core(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DERIVE_PROCESSES", said)
    assert 1 <= processes() <= (os.cpu_count() or 1)


@LINUX
def test_documents_and_certificates_are_the_same_for_any_number(tmp_path: Path) -> None:
    for number in ("1", "3"):
        environment = {**os.environ, "DERIVE_PROCESSES": number}
        command = [
            sys.executable,
            "-m",
            "derive",
            "report",
            "one-layer-chain",
            "--format=json",
            "-o",
            str(tmp_path / number),
        ]
        subprocess.run(command, env=environment, check=True, capture_output=True)
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert files
    for name in files:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "3" / name).read_bytes()


@LINUX
@pytest.mark.thorough
@pytest.mark.parametrize("name", ["two-layer-general", "leaky-chain", "softmax-classifier"])
def test_proofs_of_the_hessian_are_the_same_for_any_number(name: str) -> None:
    found = run(
        f"""
from derive import read_network, second_order, verify
derivation = second_order(read_network({name!r}))
print(verify(derivation, processes=3) == verify(derivation))
"""
    )
    assert found.split() == ["True"]
