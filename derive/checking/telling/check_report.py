"""What `derive check` prints: a line for each equation, then a summary; and for notebooks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from derive.checking.assessment import Verdict
from derive.checking.telling.check_wording import in_words
from derive.checking.telling.words import Words
from derive.checking.verdicts import Checked, Judged, Summary
from derive.documents.targets.dialects import plain_markdown
from derive.notation.notations import Layout
from derive.reading.statements import Claim, Doubt, Outside, Place, Statement

if TYPE_CHECKING:
    from derive.reading.inferring.inferred_model import InferredModel

#: The lines of a head, a message and what they are about.
Shown = Callable[[str, str, Statement], Iterator[str]]
#: Verdicts that a summary has even where there are none.
_ALWAYS_COUNTED = (Verdict.RIGHT.value, Verdict.WRONG.value)
#: The models of more sections than this are spoken of together.
_MOST_APART = 2
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
    words: Words | None = None,
    shown: Shown | None = None,
) -> Iterator[str]:
    """FILE:LINE:COLUMN: verdict: message, for everything that the document says.

    What stands in a notebook has its cell and the line in it instead.

    `mark` decorates the word for a verdict, with colour for example.  With `quiet` equations
    that are right are left out.  `shown` is what lays a message out in a terminal.
    """
    words = words or Words()
    for one, wording in in_words(checked, words):
        if not _is_worth_a_line(one) or (quiet and one.verdict and one.verdict.is_fine):
            continue
        word = wording.word(one)
        message = wording.message(one, wording.in_line)
        joint = " " if one.verdict is Verdict.RIGHT_IF else ": "
        head = f"{_where(file, one.statement.place, words)}: {mark(word, one.verdict)}"
        if shown is None or one.verdict is Verdict.RIGHT:
            yield head + (joint + message if message else "")
        else:
            yield from shown(head + joint.rstrip() if message else head, message, one.statement)


def _where(file: str, place: Place, words: Words) -> str:
    """A place of a file as editors read it; of a notebook as people count there."""
    if place.cell is None:
        return f"{file}:{place.line}:{place.column}"
    return f"{file}: {words.say('place', place)}"


def explained(checked: Checked, file: str, words: Words | None = None) -> Iterator[str]:
    """How each span was read, in the ASCII notation, behind what was taken for definitions."""
    words = words or Words()
    for inferred in checked.summary.inferred:
        for definition in inferred.definitions:
            yield f"{file}: {words.say('taken', definition)}"
    for one in checked.judged:
        statement = one.statement
        read = getattr(statement, "read_as", None) or one.remark or getattr(statement, "reason", "")
        said = words.say("explained", statement.source.strip(), read)
        yield f"{_where(file, statement.place, words)}: {said}"


def summary_line(summary: Summary, words: Words | None = None) -> str:
    """The counts of every verdict, the first mistake and the layout, in one line."""
    words = words or Words()
    counted = {verdict.value: number for verdict, number in summary.counts.items()}
    about = {
        "equations": summary.equations,
        "counts": [(k, n) for k, n in counted.items() if n or k in _ALWAYS_COUNTED],
        "asked": [(verdict.value, n) for verdict, n in summary.asked.items() if n],
        "asked_in_all": sum(summary.asked.values()),
        "carried": summary.carried,
        "outside": summary.outside,
        "first_wrong": summary.first_wrong,
        "layout": summary.layout,
        "in_rows": summary.layout in (Layout.ROWS.value, Layout.ROWS_TARGET_SOURCE.value),
        "numbering": numbering_in_words(summary, words),
        "inferred": inferred_in_words(summary.inferred, words),
    }
    return words.say("summary", about)


def inferred_in_words(models: Sequence[InferredModel], words: Words) -> str:
    """What the names of a document were taken for, where it defines its models itself.

    Of many sections with models of their own it is said in one for all.
    """
    parts = [models] if len(models) > _MOST_APART else [(model,) for model in models]
    return "; ".join(words.say("inferred", _taken_together(part)) for part in parts)


def _taken_together(models: Sequence[InferredModel]) -> dict[str, Any]:
    roles: dict[str, dict[str, None]] = {}
    for model in models:
        for name, role in model.given.items():
            roles.setdefault(role, {})[name] = None
    return {
        "sections": len(models),
        "roles": [(role, list(names)) for role, names in roles.items()],
        "objectives": list(dict.fromkeys(one.objective for one in models if one.objective)),
        "any_layer": any(one.any_layer for one in models),
        "negated": list(dict.fromkeys(one.objective for one in models if one.negated)),
        "matrices": any(one.matrices for one in models),
    }


def numbering_in_words(summary: Summary, words: Words) -> str | None:
    """How the weights are numbered, where the document alone says so."""
    return words.say("numbering", summary.numbering) if summary.numbering else None


def as_markdown(checked: Checked) -> str:
    """The document's equations as a Markdown list with their verdicts, for notebooks."""
    words = Words(escape=plain_markdown)
    lines: list[dict[str, Any]] = []
    for one, wording in in_words(checked, words):
        message = wording.message(one, lambda e, w=wording: f"${w.latex(e)}$")
        formula = ""
        if isinstance(one.statement, Claim):
            claim = one.statement
            formula = f" ${wording.latex(claim.left)} = {wording.latex(claim.right)}$"
        lines.append(
            {
                "place": one.statement.place,
                "word": wording.word(one),
                "said": f"{formula} {message}".rstrip(),
            }
        )
    return words.page("notebook", lines=lines, summary=summary_line(checked.summary, words))
