r"""Outputs that words alone call a softmax: those of which \partial p_i/\partial z_j is spoken of.

A function of which each entry depends on each of its argument is no activation unit by unit.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.reading.inferring.candidates import Candidate, Collected
from derive.reading.inferring.formulas.insertions import name_of
from derive.reading.inferring.formulas.nodes import Applied, Name
from derive.reading.inferring.names import Key


def said_to_be_softmax(
    found: Collected, open_functions: Mapping[Key, tuple[Key, ...]]
) -> dict[Key, Candidate]:
    """The one open function of a text that it can mean by "the softmax", as a definition."""
    if not found.says_softmax:
        return {}
    across = {
        (of[0], by[0])
        for of, by in found.slopes
        if len(of[1]) == len(by[1]) == 1 and of[1] != by[1] and not of[0].is_cost
    }
    meant = [key for key, of in open_functions.items() if len(of) == 1 and (key, of[0]) in across]
    return {key: _softmax(key, open_functions[key][0]) for key in meant if len(meant) == 1}


def _softmax(key: Key, of: Key) -> Candidate:
    letters = ("i",)
    right = Applied(0, Name(0, "softmax"), (name_of(of, letters),))
    return Candidate(key, letters, right, -1, "")
