"""Products and sums that are written by their letters: einsum("nd,dm->nm", x, w)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sympy import Mul, Sum, Symbol

from derive.reading.code.arrays.array import IndexedArray
from derive.reading.code.arrays.axes import ArrayAxes, MeetingAxesError, UnreadableError

_LETTERED = re.compile(r"(?P<given>[A-Za-z]*(?:,[A-Za-z]*)*)(?:->(?P<kept>[A-Za-z]*))?")


def einsum(axes: ArrayAxes, written: str, given: Sequence[IndexedArray]) -> IndexedArray:
    """The sum over all letters that are not kept of the product of the arrays.

    Args:
        written: letters of the axes of each array, and those that are kept; without these, as NumPy
            has it, the letters that stand once, in the order of the alphabet.

    Raises:
        MeetingAxesError: when letters do not fit the arrays.
        UnreadableError: for other forms, such as those with an ellipsis.
    """
    found = _LETTERED.fullmatch(written.replace(" ", ""))
    if found is None:
        raise UnreadableError(f"einsum({written!r}) is not read; write one letter for each axis")
    groups = found["given"].split(",")
    once = sorted(one for one in {*found["given"]} - {","} if found["given"].count(one) == 1)
    kept = [*found["kept"]] if found["kept"] is not None else once
    if len(groups) != len(given) or len({*kept}) < len(kept) or {*kept} - {*"".join(groups)}:
        raise UnreadableError(f"einsum({written!r}) is not for {len(given)} arrays")
    slots, letters = dict[str, Symbol](), dict[str, Symbol]()
    arrays = [one.plain().fresh(axes) for one in given]
    for group, array in zip(groups, arrays, strict=True):
        if len(group) != array.rank:
            raise MeetingAxesError(f"{group} stands for an array of {array.rank} axes in einsum")
        for letter, slot in zip(group, array.slots, strict=True):
            if slot is not None:
                slots[letter] = axes.join(slots[letter], slot) if letter in slots else slot
                letters.setdefault(letter, axes.letter())
    value = Mul(
        *(
            array.at([letters.get(letter) for letter in group]).value
            for group, array in zip(groups, arrays, strict=True)
        )
    )
    for letter in [one for one in letters if one not in kept]:
        value = Sum(value, (letters[letter], 1, axes.of(slots[letter])))
    whole = tuple(slots.get(one) for one in kept)
    return IndexedArray(whole, tuple(letters.get(one) for one in kept), value)
