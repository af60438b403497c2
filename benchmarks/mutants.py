"""Documents with one token changed, checked: does `derive check` see it, and is it never mistaken?

`python -m benchmarks.mutants` changes the documents of the gallery; with a FOLDER those in it, as
`benchmarks.real_texts` reads them.  Each round changes one token in every sixth row of a formula,
since a document is judged as a whole; `--rounds=2` leaves it at two of the six.  Whether a changed
equation is still true is decided in numbers (`numeric_oracle`).  The shortest documents come first,
each with what was said of its mutants, so that a run that is ended has its part of the table.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from random import Random

from benchmarks.numeric_oracle import is_true
from benchmarks.real_texts import documents, read
from derive import over_samples
from derive.checking.assessment import Verdict
from derive.checking.check import check
from derive.checking.own_definitions.defined import check_defined
from derive.checking.verdicts import Checked
from derive.files.built_in import builtin_model, builtin_network
from derive.files.network_file import read_model, read_network
from derive.model.model import Model
from derive.reading import kind_of
from derive.reading.network_parts import network_parts
from derive.reading.spans import latex_masked, markdown_masked, spans_of
from derive.reading.statements import Claim

OUTPUT = Path(__file__).parent.parent / "output"
ROUNDS = 6
_LETTERS = "ijklm"
Judge = Callable[[str], Checked | None]


@dataclass(frozen=True)
class Mutant:
    """A document with some tokens changed, and where they stand in it now."""

    text: str
    places: tuple[tuple[int, str], ...]


def _turned(match: re.Match[str]) -> str:
    return "-" if match.group() == "+" else "+"


def _next_letter(match: re.Match[str]) -> str:
    return _LETTERS[(_LETTERS.index(match.group()) + 1) % len(_LETTERS)]


def _next_number(match: re.Match[str]) -> str:
    return str(int(match.group()) + 1)


#: What is changed: the kind, where it stands, and what it becomes.
CHANGES: tuple[tuple[str, str, Callable[[re.Match[str]], str]], ...] = (
    ("sign", r"(?<![\^_{])[+-]", _turned),
    ("index", r"(?<=[_{,])[ijklm](?=[},_^\s)]|[ijklm]\b)", _next_letter),
    ("layer", r"(?<=\^\{\()\d(?=\)\})", _next_number),
    ("number", r"(?<![\d.^_({\[\\w])[2-9](?![\d.])", _next_number),
    ("transpose", r"\^(?:T|\\top|\{T\}|\{\\top\}|\\mathsf\{T\})", lambda _: ""),
    ("step", r"\\operatorname\{Step\}", lambda _: r"\\operatorname{ReLU}"),
    ("slope", r"(?<=\w)'(?=\(|\\left)", lambda _: ""),
    ("exponent", r"(?<=\^)2(?!\d)|(?<=\^\{)2(?=\})", lambda _: "3"),
    ("factor", r"\\odot|\\circ", lambda _: "+"),
)


def mutants(text: str, kind: str, seed: int = 0) -> Iterator[Mutant]:
    """The document with one token changed in every sixth formula, in rounds."""
    masked = latex_masked(text) if kind == "latex" else markdown_masked(text)
    rows = [row for row in _rows(masked) if "=" in masked[row[0] : row[1]]]
    source = Random(seed)
    for first in range(ROUNDS):
        changed, moved, places = text, 0, list[tuple[int, str]]()
        for begin, stop in rows[first::ROUNDS]:
            found = [
                (name, match, become)
                for name, pattern, become in CHANGES
                for match in re.finditer(pattern, masked[begin:stop])
            ]
            if not found:
                continue
            kinds = sorted({name for name, _, _ in found})
            wanted = source.choice(kinds)
            name, match, become = source.choice([one for one in found if one[0] == wanted])
            start, end, new = begin + match.start(), begin + match.end(), become(match)
            changed = changed[: start + moved] + new + changed[end + moved :]
            places.append((start + moved, name))
            moved += len(new) - (end - start)
        if places:
            yield Mutant(changed, tuple(places))


def _rows(masked: str) -> Iterator[tuple[int, int]]:
    """Where each row of each formula stands."""
    for span in spans_of(masked):
        ends = [span.start + m.end() for m in re.finditer(r"\\\\", masked[span.start : span.end])]
        bounds = [span.start, *ends, span.end]
        yield from () if span.problem else pairwise(bounds)


@dataclass(frozen=True)
class Outcome:
    """What is said of a changed equation, and whether it is true, None where that is not known."""

    change: str
    verdict: Verdict
    true: bool | None
    source: str
    read_as: str


def outcomes(mutant: Mutant, judge: Judge) -> Iterator[Outcome]:
    """What is said of each equation in which a token was changed."""
    checked = judge(mutant.text)
    for part in checked.parts if checked else ():
        for one in part.judged:
            statement, verdict = one.statement, one.verdict
            place = statement.place
            changes = [name for at, name in mutant.places if place.start <= at <= place.end]
            if verdict is None or not changes:
                continue
            true, read_as = None, ""
            if isinstance(statement, Claim):
                read_as = statement.read_as  # empty where a matrix would have to be turned
                true = is_true(part.network, statement) if read_as else False
            yield Outcome(changes[0], verdict, true, statement.source, read_as)


def gallery() -> Iterator[tuple[str, str, str, Judge]]:
    """The documents of the gallery in Markdown: name, text, kind and judge."""
    for path in sorted((*OUTPUT.glob("*.md"), *OUTPUT.glob("models/*.md"))):
        if path.stem == "README":
            continue
        model = described_by(path)
        yield path.stem, path.read_text(encoding="utf-8"), "markdown", _about(model, "markdown")


def _first_page(path: Path) -> str:
    """The name of the document of which this is a page; only the first has a certificate."""
    first = path.with_suffix(".json").exists()
    return path.stem if first else re.sub(r"-\d+$", "", path.stem)


def described_by(path: Path) -> Model:
    """What a document of the gallery is about, by its name or by what its head says."""
    kind = "latex" if path.suffix == ".tex" else "markdown"
    parts = network_parts(path.read_text(encoding="utf-8"), kind)
    if len(parts) == 1 and {*parts[0].options} - {"batch"}:
        return read_network(parts[0].network, **parts[0].options)  # pyright: ignore
    name = _first_page(path).removesuffix("-second-order")
    if name.endswith("-batch"):
        return over_samples(builtin_network(name.removesuffix("-batch")))
    return builtin_model(name) if path.parent.name == "models" else builtin_network(name)


def _about(model: Model, kind: str) -> Judge:
    return lambda text: check(text, model, kind=kind)


def notes(folder: Path) -> Iterator[tuple[str, str, str, Judge]]:
    """Documents of a folder, with their network if one stands beside them."""
    for path, network in documents(folder):
        text = path.read_text(encoding="utf-8")
        kind = kind_of(path.name, text)
        if kind == "notebook":
            continue
        if network is not None:
            yield path.stem, text, kind, _about(read_model(str(network)), kind)
        elif read(path, None).checked.summary.counts[Verdict.RIGHT]:
            yield path.stem, text, kind, _defined(kind)


def _defined(kind: str) -> Judge:
    return lambda text: check_defined(text, kind=kind)


def table(found: Counter[tuple[Verdict, bool | None]]) -> Iterator[str]:
    """The confusion table in Markdown."""
    yield "| said | true | false | not known in numbers |"
    yield "| --- | ---: | ---: | ---: |"
    for verdict in Verdict:
        row = [found[verdict, true] for true in (True, False, None)]
        if any(row):
            yield f"| {verdict.value.replace('_', ' ')} | " + " | ".join(map(str, row)) + " |"


def main(arguments: list[str]) -> None:
    """Print the table, and every false verdict."""
    folders = [Path(one) for one in arguments if not one.startswith("-")]
    rounds = next((int(one[9:]) for one in arguments if one.startswith("--rounds=")), ROUNDS)
    sources = sorted(notes(folders[0]) if folders else gallery(), key=lambda one: len(one[1]))
    counted: Counter[tuple[Verdict, bool | None]] = Counter()
    for name, text, kind, judge in sources:
        here: Counter[tuple[Verdict, bool | None]] = Counter()
        for mutant in islice(mutants(text, kind), rounds):
            for one in outcomes(mutant, judge):
                here[one.verdict, one.true] += 1
                said = (one.verdict, one.true)
                if said in ((Verdict.RIGHT, False), (Verdict.WRONG, True)):
                    print(
                        f"FALSE {name}: {one.change}: {one.verdict}: {one.source} [{one.read_as}]",
                        flush=True,
                    )
        counted += here
        said_here = (f"{v.value}/{true}: {n}" for (v, true), n in sorted(here.items(), key=str))
        print(name, sum(here.values()), *said_here, flush=True)
    print(*table(counted), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
