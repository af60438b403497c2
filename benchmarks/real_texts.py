"""What `derive check` makes of a folder of documents that others wrote: counts by verdict.

`python -m benchmarks.real_texts FOLDER` prints a table in Markdown.  A network file beside a
document, of the same name with the ending .toml, is what the document is about; without one it has
to define its model itself.  With `--wrong` the equations that are called wrong follow, each to be
looked at.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from derive.budget import BudgetReached
from derive.checking.telling.check_command import CheckedFile, CheckOptions, checked_file, printed
from derive.checking.telling.words import Words
from derive.checking.verdicts import Verdict
from derive.errors import DeriveError
from derive.files.network_file import read_model

ENDINGS = frozenset({".md", ".tex", ".ipynb", ".html", ".txt", ".qmd", ".rst"})
_JUDGED = (Verdict.RIGHT, Verdict.RIGHT_IF, Verdict.WRONG)
_HEAD = (
    "| document | seen | right | right if | wrong | defined | undecided | not understood "
    "| outside | seconds |"
)


def documents(folder: Path) -> Iterator[tuple[Path, Path | None]]:
    """The documents of a folder, each with its network file if it has one."""
    for path in sorted(folder.iterdir()):
        if path.suffix in ENDINGS:
            network = path.with_suffix(".toml")
            yield path, network if network.exists() else None


def read(path: Path, network: Path | None) -> CheckedFile:
    """A document, judged; nothing in it is run."""
    return checked_file(str(path), _options(network))


def _options(network: Path | None) -> CheckOptions:
    name = None if network is None else str(network)
    return CheckOptions(lambda given, _: read_model(given), name, allow_empty=True)


def counted(found: CheckedFile) -> Counter[str]:
    """Equations by verdict, and what lies outside."""
    summary = found.checked.summary
    verdicts = {verdict.value: n for verdict, n in summary.counts.items()}
    return Counter({**verdicts, "outside": summary.outside})


def row(name: str, counts: Counter[str], seconds: float) -> str:
    """A line of the table."""
    seen = sum(counts[verdict.value] for verdict in Verdict)
    columns = ("right", "right_if", "wrong", "defined", "undecided", "not_understood", "outside")
    numbers = " | ".join(str(counts[column]) for column in columns)
    return f"| {name} | {seen} | {numbers} | {seconds:.0f} |"


def judged_share(counts: Counter[str]) -> str:
    """How many of the equations that define nothing have a verdict."""
    judged = sum(counts[verdict.value] for verdict in _JUDGED)
    of = judged + counts["undecided"] + counts["not_understood"]
    return f"{judged} of {of} judged ({100 * judged / max(of, 1):.0f} %)"


def main(arguments: list[str]) -> None:
    """Print the table, and with --wrong what is called wrong."""
    folder = Path(next(one for one in arguments if not one.startswith("-")))
    whole: Counter[str] = Counter()
    wrong: list[str] = []
    print(_HEAD, "|".join(["", "---", *["---:"] * 9, ""]), sep="\n")
    for path, network in documents(folder):
        start = perf_counter()
        try:
            found = read(path, network)
        except (DeriveError, BudgetReached) as error:
            print(f"| {path.stem} | {error} |")
            continue
        counts = counted(found)
        whole += counts
        print(row(path.stem, counts, perf_counter() - start), flush=True)
        lines = printed(
            found, lambda line, verdict: line, Words(), replace(_options(None), quiet=True)
        )
        wrong += [line for line in lines if ": wrong" in line or ": right if" in line]
    print(row("all", whole, 0), "", judged_share(whole), sep="\n")
    if "--wrong" in arguments:
        print(*wrong, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
