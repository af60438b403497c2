"""A checked document as the JSON object that other programs may rely on."""

from __future__ import annotations

from typing import Any

from sympy import Tuple

from derive.algebra.indices import free_indices
from derive.checking.telling.check_report import numbering_in_words
from derive.checking.telling.check_wording import Wording, in_words
from derive.checking.telling.findings import kind_of_note
from derive.checking.telling.words import Words
from derive.checking.verdicts import Checked, Judged, Part
from derive.notation.point_text import ascii_names
from derive.proving import Counterexample
from derive.reading.statements import Place

#: The form of what `derive check --json` prints, which docs/schemas/check.json describes.
SCHEMA = "derive-check/1"


def as_json(checked: Checked, file: str, words: Words | None = None) -> dict[str, Any]:
    """The object that --json prints; absent parts are null."""
    words = words or Words()
    summary = checked.summary
    return {
        "schema": SCHEMA,
        "file": file,
        "network": checked.networks,
        "equations": [
            _equation(one, wording) for one, wording in in_words(checked, words) if one.is_equation
        ],
        "notes": [
            {**_place(one), "kind": kind_of_note(one), "message": wording.message(one)}
            for one, wording in in_words(checked, words)
            if not one.is_equation
        ],
        "summary": {
            **{verdict.value: number for verdict, number in summary.counts.items()},
            "equations": summary.equations,
            "asked": sum(summary.asked.values()),
            "carried_forward": summary.carried,
            "assumptions": summary.assumptions,
            "outside": summary.outside,
            "first_wrong": _line(summary.first_wrong),
            "layout": summary.layout,
            "numbering": numbering_in_words(summary, words),
            "definitions": [line for one in summary.inferred for line in one.definitions] or None,
        },
    }


def _place(one: Judged) -> dict[str, Any]:
    place = one.statement.place
    return {"line": place.line, "column": place.column, "source": one.statement.source}


def _line(place: Place | None) -> int | None:
    return None if place is None else place.line


def _equation(one: Judged, wording: Wording) -> dict[str, Any]:
    assessment = one.assessment
    condition = assessment.condition if assessment else None
    point = assessment.counterexample if assessment else None
    return {
        **_place(one),
        "read_as": getattr(one.statement, "read_as", None) or None,
        "verdict": one.verdict.value if one.verdict else None,
        "asked": one.is_asked,
        "scope": wording.scope(one),
        "condition": None if condition is None else wording.plain(condition),
        "counterexample": None if point is None else _point(point, one.statement, wording.part),
        "diagnosis": wording.diagnosis(one) or one.remark or None,
        "mistake": one.diagnosis.mistakes[0][0].value if one.diagnosis else None,
        "mistakes": [named.value for named, _ in one.diagnosis.mistakes] if one.diagnosis else [],
        "should_be": None if one.should_be is None else wording.in_notation(one.should_be),
        "carried_forward": _line(one.carried_from),
    }


def _point(point: Counterexample, statement: Any, part: Part) -> dict[str, Any]:
    sides = Tuple(statement.left, statement.right)
    letters = {letter.name for letter in free_indices(sides)}
    values = ascii_names(point.values, letters, part.names_given)
    return {"values": values, "left": str(point.left), "right": str(point.right)}
