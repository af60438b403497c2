"""The work of `derive check`: files in, lines and an exit code out; the command line prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any

from derive.budget import SECONDS, BudgetReached, limited
from derive.checking.assessment import Verdict
from derive.checking.check import check_parts, unasked
from derive.checking.telling.check_report import Shown, explained, report_lines, summary_line
from derive.checking.telling.for_terminal import in_terminal, quoted_line
from derive.checking.telling.watching import INTERVAL, versions
from derive.checking.telling.words import Words
from derive.checking.verdicts import Checked, Part
from derive.documents.templating.environment import LANGUAGES
from derive.documents.writing import write_all
from derive.errors import DeriveError
from derive.lazy import late
from derive.model.model import Model
from derive.notation.notations import Layout
from derive.processes import processes
from derive.reading import kind_of
from derive.reading.code.blocks import code_of
from derive.reading.network_parts import network_parts
from derive.reading.statements import NotUnderstood, Outside, Statement
from derive.streams import text_of

#: Loaded by the documents that need them: with programs, and without the name of a network.
_code_parts = late("derive.checking.code_parts", "code_parts")
_check_defined = late("derive.checking.own_definitions.defined", "check_defined")
_check_defined_cells = late("derive.checking.own_definitions.defined_cells", "check_defined_cells")

_LAYOUTS = {
    "z=W^Tr": Layout.SOURCE_TARGET,
    "z=Wr": Layout.TARGET_SOURCE,
    "z=rW": Layout.ROWS,
    "z=rW^T": Layout.ROWS_TARGET_SOURCE,
}

#: What formulas are read with that are only to be counted.
_ANY = "one-layer-chain"

Mark = Callable[[str, Verdict | None], str]
#: Takes a line, and whether it is for stderr.
Echo = Callable[[str, bool], object]


@dataclass(frozen=True)
class CheckOptions:
    """What was asked for on the command line.

    Attributes:
        read_network: makes a network of its name and the options that complete it.
        network: its name; None leaves it to the head of each document.
        annotate: the folder for annotated copies, if any are wanted.
        annotate_as: "same" as the document, or "html".
        templates: a folder with templates that come before the packaged ones.
        language: of the answers.
        budget: the seconds that judging may take, each time.
        width: the columns of the terminal that lines are for, if they are for one.
        allow_empty: whether a document without a formula is as good as one that is right.
    """

    read_network: Callable[[str, Mapping[str, Any]], Model]
    network: str | None = None
    assume: tuple[str, ...] = ()
    layout: str | None = None
    kind: str | None = None
    as_json: bool = False
    as_sarif: bool = False
    annotate: Path | None = None
    annotate_as: str = "same"
    templates: Path | None = None
    language: str = LANGUAGES[0]
    explain: bool = False
    quiet: bool = False
    watch: bool = False
    budget: int = SECONDS
    width: int | None = None
    allow_empty: bool = False


@dataclass(frozen=True)
class CheckedFile:
    """A file that was read and judged."""

    file: str
    text: str
    checked: Checked


def run(files: Sequence[str], asked: CheckOptions, echo: Echo, mark: Mark) -> int:
    """Judge the files, once or whenever they change, say what was found; the exit code.

    Raises:
        DeriveError: for a file or an option that cannot be used.
    """
    if asked.as_json and asked.as_sarif:
        raise DeriveError("--json and --sarif: choose one")
    if not asked.watch:
        return _once(files, asked, echo, mark)
    if "-" in files:
        raise DeriveError("--watch: standard input does not change; name a file")
    try:
        for changed in versions(files, lambda: sleep(INTERVAL)):
            try:
                _once(changed, asked, echo, mark)
            except (DeriveError, BudgetReached) as error:  # a file that is half saved is waited for
                echo(f"Error: {error}", True)
    except KeyboardInterrupt:
        pass
    return 0


def _once(files: Sequence[str], asked: CheckOptions, echo: Echo, mark: Mark) -> int:
    with limited(asked.budget):
        documents = [checked_file(file, asked) for file in files]
    words = Words(asked.templates, language=asked.language)
    if asked.as_json:
        echo(json_text(documents, words), False)
    elif asked.as_sarif:
        echo(sarif_text(documents, words), False)
    else:
        for document in documents:
            for line in printed(document, mark, words, asked):
                echo(line, False)
    if asked.annotate is not None:
        kind = None if asked.annotate_as == "same" else asked.annotate_as
        copies = annotated_files(documents, kind, asked.templates, asked.language)
        for path in write_all(asked.annotate, copies):
            echo(str(path), asked.as_json or asked.as_sarif)
    return exit_code(documents, allow_empty=asked.allow_empty)


def checked_file(file: str, options: CheckOptions) -> CheckedFile:
    """Read one file, `-` being standard input, and judge it.

    Raises:
        DeriveError: when it cannot be read, or names no network and defines none.
    """
    text = text_of(file)
    kind = options.kind or kind_of("" if file == "-" else file, text)
    code: tuple[Part, ...] = _code_parts(text, kind) if code_of(text, kind) else ()
    if kind == "python":
        return CheckedFile(file, text, Checked(code))
    layout = None if options.layout is None else _LAYOUTS[options.layout]
    parts = list(_parts(file, text, kind, options))
    if parts:
        checked = check_parts(
            parts, kind=kind, layout=layout, assume=options.assume, processes=processes()
        )
        return CheckedFile(file, text, Checked((*checked.parts, *code)))
    if kind == "notebook":
        found = _check_defined_cells(
            text, layout=layout, assume=options.assume, processes=processes()
        )
    else:
        found = _check_defined(
            text, kind=kind, layout=layout, assume=options.assume, processes=processes()
        )
    if found is not None:
        return CheckedFile(file, text, Checked((*found.parts, *code)))
    model = code[0].network if code else options.read_network(_ANY, {})
    others = unasked(text, kind, model, Outside if options.allow_empty else NotUnderstood)
    is_judged = any(one.assessment is not None for part in others for one in part.judged)
    if not (code or options.allow_empty or is_judged):
        raise DeriveError(
            f"{file}: it defines no model that could be read, such as z = w x and C = …; say "
            "which network it is about, with --network two-layer-chain (a built-in name, a "
            "shorthand such as 2-3-1 or a TOML file), or in its first lines: "
            "derive: network = two-layer-chain"
        )
    return CheckedFile(file, text, Checked((*others, *code)))


def _parts(file: str, text: str, kind: str, options: CheckOptions) -> Iterator[tuple[Model, str]]:
    """Networks with what the document says of each: the one asked for, or those it names."""
    if options.network is not None:
        yield options.read_network(options.network, {}), text
        return
    where = file
    try:
        parts = network_parts(text, kind)
        networks: list[Model] = []
        for part in parts:
            where = f"{file}:{part.line}"
            networks.append(options.read_network(part.network, part.options))
    except DeriveError as error:
        raise DeriveError(f"{where}: {error}") from None
    for network, part in zip(networks, parts, strict=True):
        yield network, part.text


def printed(document: CheckedFile, mark: Mark, words: Words, asked: CheckOptions) -> Iterator[str]:
    """The lines for a person: one an equation, or more in a terminal, then the summary.

    Quiet is without right equations; to be explained comes first how all was read.
    """
    checked, quiet = document.checked, asked.quiet
    if asked.explain:
        yield from explained(checked, document.file, words)
    shown = None if asked.width is None else _shown_in(document.text, asked.width)
    yield from report_lines(checked, document.file, mark, quiet=quiet, words=words, shown=shown)
    found = summary_line(checked.summary, words) if checked.judged else words.say("nothing_found")
    yield f"{document.file}: {found}"


def _shown_in(text: str, width: int) -> Shown:
    """Lays answers out in a terminal, each with its line of a text."""
    lines = text.splitlines()

    def shown(head: str, message: str, statement: Statement) -> Iterator[str]:
        place = statement.place
        in_file = place.cell is None and 0 < place.line <= len(lines)
        line = lines[place.line - 1] if in_file else " ".join(statement.source.split())
        quoted = quoted_line(line, place.column if in_file else 1, width)
        return in_terminal(head, message, quoted, width)

    return shown


def json_text(documents: Sequence[CheckedFile], words: Words) -> str:
    """The JSON of one document; of several a list of them under "documents"."""
    from derive.checking.telling.check_json import SCHEMA, as_json

    objects = [as_json(one.checked, one.file, words) for one in documents]
    several = {"schema": SCHEMA, "documents": objects}
    whole: Mapping[str, Any] = objects[0] if len(objects) == 1 else several
    return json.dumps(whole, indent=2, ensure_ascii=False)


def sarif_text(documents: Sequence[CheckedFile], words: Words) -> str:
    """SARIF 2.1.0 of all documents."""
    from derive.checking.telling.sarif import as_sarif

    triples = [(one.file, one.text, one.checked) for one in documents]
    return json.dumps(as_sarif(triples, words), indent=2, ensure_ascii=False)


def annotated_files(
    documents: Sequence[CheckedFile],
    kind: str | None,
    templates: Path | None = None,
    language: str = LANGUAGES[0],
) -> list[tuple[str, str]]:
    """Names and texts of annotated copies."""
    from derive.checking.telling.annotating import annotated, suffix

    files: dict[str, str] = {}
    for one in documents:
        stem = "stdin" if one.file == "-" else Path(one.file).stem
        name = f"{stem}{suffix(one.checked, kind)}"
        if name in files:
            raise DeriveError(f"two annotated copies would be called {name}; check them one by one")
        title = "" if one.file == "-" else Path(one.file).name
        files[name] = annotated(one.text, one.checked, kind, templates, language, title)
    return list(files.items())


def exit_code(documents: Sequence[CheckedFile], *, allow_empty: bool = False) -> int:
    """0 if all is right; 1 if something is wrong, undecided or not understood.

    A document without a formula is not right either, unless such are allowed.
    """
    right = all(one.checked.summary.all_right for one in documents)
    return 0 if right and (allow_empty or all(one.checked.judged for one in documents)) else 1
