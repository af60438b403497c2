"""Documents judged with other processes: the same verdicts, with fewer proofs looked for here."""

import subprocess
import sys

import pytest

from derive.checking.shares import in_shares

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")

#: A script by itself, since a process with threads is not forked.
SCRIPT = """
from derive import read_network
from derive.checking import check
from derive.checking.check import check_parts
from derive.proving.kept_proofs import KEPT

check.FEWEST_SHARED = 24
looked_for = []
found = KEPT.found

def counting(asked, prove):
    def proved():
        looked_for.append(asked)
        return prove()
    return found(asked, proved)

KEPT.found = counting
left = "\\\\frac{\\\\partial C}{\\\\partial r^{(2)}}"
text = "\\n\\n".join(
    f"$${n} {left} = {n + n % 7 // 6} (r^{{(2)}} - y)$$" for n in range(2, 42)
)
checked = check_parts([(read_network("1-1-1"), text)], kind="markdown", processes=NUMBER)
print([one.verdict.value for one in checked.judged].count("wrong"), len(looked_for))
print(hash(tuple((one.verdict.value, str(one.assessment)) for one in checked.judged)))
"""


#: Sections that define their names anew, of which others take some.
SECTIONS = """
from derive.checking.own_definitions import defined

looked_at = []
of_section = defined._of_section

def counting(section, **given):
    looked_at.append(section.start)
    return of_section(section, **given)

defined._of_section = counting
text = "\\n\\n".join(
    f"# Part {n}\\n\\n$h = {n} w x + b$ and $L = (h - y)^2$, hence\\n\\n"
    f"$$\\\\frac{{\\\\partial L}}{{\\\\partial w}} = {2 * n + n // 6} x (h - y)$$"
    for n in range(3, 9)
)
checked = defined.check_defined(text, kind="markdown", processes=NUMBER)
print([one.verdict.value for one in checked.judged].count("wrong"), len(looked_at))
print(hash(str([(one, getattr(one.statement, "names", None)) for one in checked.judged])))
"""


def told(processes: int, script: str = SCRIPT) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script.replace("NUMBER", str(processes))],
        capture_output=True, text=True, timeout=120, env={"PYTHONHASHSEED": "0", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@LINUX
def test_verdicts_are_the_same_and_the_second_half_is_proved_elsewhere() -> None:
    wrong, alone, verdicts = told(1)
    also_wrong, shared, same = told(2)
    assert (wrong, verdicts) == (also_wrong, same)
    assert int(wrong) > 0
    assert int(shared) < 0.7 * int(alone)


@LINUX
def test_sections_are_judged_elsewhere_and_come_back_whole() -> None:
    wrong, alone, verdicts = told(1, SECTIONS)
    also_wrong, shared, same = told(3, SECTIONS)
    assert (wrong, verdicts) == (also_wrong, same)
    assert int(wrong) == 3
    assert (int(alone), int(shared) < 6) == (6, True)


@pytest.mark.parametrize("count", [0, 1, 2, 7])
@pytest.mark.parametrize("processes", [1, 2, 3, 9])
def test_items_come_in_order_whatever_the_shares(count: int, processes: int) -> None:
    assert [*in_shares(str, range(count), processes)] == [str(n) for n in range(count)]
