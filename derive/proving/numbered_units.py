"""Equations about units that are named by numbers, as dC/dw_1 = (a - y) x_1.

What holds for every unit holds for this one, at every width at which there is one; so numbers are
letters where the width is a symbol, whose sums cannot be written out.
"""

from __future__ import annotations

from sympy import Basic, Expr, Integer, Symbol, Tuple

from derive.algebra.indices import fresh_index, index_symbols
from derive.algebra.quantities import Quantity, quantities_in
from derive.model.model import Model


def with_letters(model: Model, parts: Tuple) -> tuple[Tuple, dict[Expr, Expr]]:
    """The parts with a letter for each numbered unit of an axis whose width is a symbol.

    The second value tells what the letters stand for; it is empty where no unit is so named.
    """
    letters: dict[tuple[Expr, Integer], Symbol] = {}
    used = {*index_symbols(parts)}
    renamed: dict[Basic, Basic] = {}
    entries = [*quantities_in(parts)]  # pyright: ignore[reportArgumentType]
    if not all(map(model.has, entries)):
        return parts, {}  # which is said elsewhere
    for entry in entries:
        units: list[Expr] = []
        for axis, unit in zip(model.axes(entry), entry.indices, strict=False):
            if isinstance(unit, Integer) and not isinstance(model.width(axis), Integer):
                if (axis, unit) not in letters:
                    letters[axis, unit] = fresh_index(used)
                    used.add(letters[axis, unit])
                unit = letters[axis, unit]
            units.append(unit)  # pyright: ignore[reportArgumentType]
        renamed[entry] = Quantity(*entry.args[:2], *units)
    made = parts.xreplace(renamed) if letters else parts
    return made, {letter: unit for (_, unit), letter in letters.items()}
