"""Checked documents as SARIF 2.1.0, which editors and code hosts show beside the lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from derive.checking.assessment import Verdict
from derive.checking.telling.check_wording import Wording, in_words
from derive.checking.telling.words import Words
from derive.checking.verdicts import Checked, Judged
from derive.version import __version__

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

#: How grave each verdict is; right lines are no results.
_LEVELS: dict[str, str] = {
    Verdict.WRONG.value: "error",
    "carried_forward": "warning",
    Verdict.RIGHT_IF.value: "warning",
    "asked": "note",
    Verdict.UNDECIDED.value: "note",
    Verdict.NOT_UNDERSTOOD.value: "warning",
}


def as_sarif(
    documents: Sequence[tuple[str, str, Checked]], words: Words | None = None
) -> dict[str, Any]:
    """One run over documents, each given as (file, text, checked)."""
    words = words or Words()
    results = [
        _result(one, wording, file, text)
        for file, text, checked in documents
        for one, wording in in_words(checked, words)
        if one.is_equation and (one.is_asked or not (one.verdict and one.verdict.is_fine))
    ]
    rules = [
        {
            "id": rule,
            "shortDescription": {"text": words.say("result", rule)},
            "defaultConfiguration": {"level": level},
        }
        for rule, level in _LEVELS.items()
    ]
    driver = {"name": "derive check", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(one: Judged, wording: Wording, file: str, text: str) -> dict[str, Any]:
    assert one.verdict is not None
    rule = "carried_forward" if one.carried_from is not None else one.verdict.value
    rule = "asked" if one.is_asked else rule
    said = wording.words.say("answer", wording.word(one), wording.message(one))
    location = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(file)},
            "region": _region(one, text),
        }
    }
    return {
        "ruleId": rule,
        "ruleIndex": list(_LEVELS).index(rule),
        "level": _LEVELS[rule],
        "message": {"text": said},
        "locations": [location],
    }


def _region(one: Judged, text: str) -> dict[str, int]:
    """Lines and columns from 1; the end column is the one after the last character."""
    place = one.statement.place
    inside = text[place.start : place.end] if 0 <= place.start <= place.end <= len(text) else ""
    rows = (inside or one.statement.source).split("\n")
    start = place.column if len(rows) == 1 else 1
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.line + len(rows) - 1,
        "endColumn": start + max(1, len(rows[-1])),
    }
