"""What `derive check` prints: a line for each equation, then a summary; and for notebooks."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from derive.checking.assessment import Verdict
from derive.checking.telling.check_wording import in_words
from derive.checking.verdicts import Checked, Judged, Summary
from derive.reading.notation import Layout
from derive.reading.statements import Assumption, Claim, Doubt, Outside

#: How the lines call each verdict.
WORDS = {
    Verdict.RIGHT: "right",
    Verdict.RIGHT_IF: "right if",
    Verdict.WRONG: "wrong",
    Verdict.UNDECIDED: "undecided",
    Verdict.NOT_UNDERSTOOD: "not understood",
}
#: ... and the summary, where that differs.
_COUNTED = {Verdict.RIGHT_IF: "right under a condition"}
#: What makes of a formula a statement, even one that is not judged.
_RELATION = re.compile(r"[=<>≈≤≥∝]|\\(approx|sim|simeq|propto|equiv|leq?|geq?|neq?|to)\b")


def _is_worth_a_line(one: Judged) -> bool:
    """Whether to print it: all but formulas that stand alone, which are only counted."""
    if isinstance(one.statement, Doubt) or not isinstance(one.statement, Outside):
        return True
    return bool(_RELATION.search(one.statement.source))


def report_lines(
    checked: Checked,
    file: str,
    mark: Callable[[str, Verdict | None], str],
    *,
    quiet: bool = False,
) -> Iterator[str]:
    """FILE:LINE:COLUMN: verdict: message, for everything that the document says.

    `mark` decorates the word for a verdict, with colour for example.  With `quiet` equations
    that are right are left out.
    """
    for one, wording in in_words(checked):
        if not _is_worth_a_line(one) or (quiet and one.verdict is Verdict.RIGHT):
            continue
        place = one.statement.place
        word = word_for(one)
        message = wording.message(one)
        joint = " " if one.verdict is Verdict.RIGHT_IF else ": "
        end = joint + message if message else ""
        yield f"{file}:{place.line}:{place.column}: {mark(word, one.verdict)}{end}"


def word_for(one: Judged) -> str:
    """The verdict in a word or two; of an equation that is only asked for, the answer."""
    if one.verdict is None:
        return kind_of_note(one)
    return f"asked: {WORDS[one.verdict]}" if one.is_asked else WORDS[one.verdict]


def kind_of_note(one: Judged) -> str:
    """What a statement is that is no equation: an assumption, or outside of what is judged."""
    return "assumption" if isinstance(one.statement, Assumption) else "outside"


def explained(checked: Checked, file: str) -> Iterator[str]:
    """How each span was read, in the ASCII notation."""
    for one in checked.judged:
        place, statement = one.statement.place, one.statement
        read = getattr(statement, "read_as", None) or one.remark or getattr(statement, "reason", "")
        yield f"{file}:{place.line}:{place.column}: {statement.source.strip()}\n    read as: {read}"


def summary_line(summary: Summary) -> str:
    """The counts of every verdict, the first mistake and the layout, in one line."""
    counts = _counted(summary.counts, always=(Verdict.RIGHT, Verdict.WRONG))
    plural = "equation" if summary.equations == 1 else "equations"
    parts = [f"{summary.equations} {plural}: {counts}"]
    if answers := _counted(summary.asked):
        parts.append(f"{sum(summary.asked.values())} asked: {answers}")
    if summary.carried:
        parts.append(f"{summary.carried} of them only carry an earlier error forward")
    if summary.outside:
        parts.append(f"{summary.outside} outside what is judged")
    if summary.first_wrong is not None:
        parts.append(f"the first mistake is in line {summary.first_wrong}")
    if summary.layout is not None:
        in_rows = summary.layout in (Layout.ROWS.value, Layout.ROWS_TARGET_SOURCE.value)
        what = "vectors read as rows," if in_rows else "weights read as"
        parts.append(f"{what} {summary.layout}")
    if summary.numbering is not None:
        parts.append(summary.numbering)
    return "; ".join(parts)


def _counted(counts: Mapping[Verdict, int], always: Collection[Verdict] = ()) -> str:
    return ", ".join(
        f"{number} {_COUNTED.get(verdict, WORDS[verdict])}"
        for verdict, number in counts.items()
        if number or verdict in always
    )


def as_markdown(checked: Checked) -> str:
    """The document's equations as a Markdown list with their verdicts, for notebooks."""
    lines: list[str] = []
    for one, wording in in_words(checked):
        word = word_for(one)
        message = wording.message(one, lambda e, w=wording: f"${w.latex(e)}$")
        formula = ""
        if isinstance(one.statement, Claim):
            claim = one.statement
            formula = f" ${wording.latex(claim.left)} = {wording.latex(claim.right)}$"
        lines.append(f"- line {one.line}: **{word}**{formula} {message}".rstrip())
    return "\n".join([*lines, "", summary_line(checked.summary)])
