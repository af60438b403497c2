"""The lines of a program as claims about gradients, and what may have been meant instead."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sympy import Expr, Integer, S, Sum

from derive.algebra.quantities import Quantity
from derive.meaning.sides import Sides
from derive.notation.ascii.printing import ascii_text
from derive.reading.code.arrays.array import IndexedArray
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.drafts import Drafting
from derive.reading.code.said import Assigned, CodeLine, ComputedArray, Taken, Unread, Update
from derive.reading.code.variants import variants
from derive.reading.code_claims import CodeClaim, CodeShapes, Mended
from derive.reading.statements import NotUnderstood, Outside, Place, Statement


def statements(
    found: Drafting, source: Callable[[ast.AST], str], place: Callable[[ast.AST], Place]
) -> Iterator[Statement]:
    """What the lines of a program say, in their order in the file."""
    said = sorted(found.lines, key=lambda line: place(line.node).start)
    for line in said:
        where, text = place(line.node), source(line.node)
        match line:
            case ComputedArray():
                own = next(d for d in found.model.definitions if d.left.kind == line.quantity)
                yield Outside(
                    where, line.name, f"defined: {_shown(own.left)} := {_shown(own.right)}"
                )
            case Taken():
                yield Outside(where, line.name, "taken for given, since no cost is computed")
            case Update():
                yield Outside(where, line.name, "a step of gradient descent")
            case Assigned():
                yield _claimed(found, line, where, text)
            case Unread(by=IndexedArray()) if line.is_shape:
                yield CodeShapes(
                    where, text, line.why, line.name, _mended(found, line, where, text)
                )
            case Unread() if _is_of_numbers(line.node):
                yield Outside(where, line.name, "numbers, which are no formula of a gradient")
            case Unread():
                yield NotUnderstood(where, text, f"{line.name}: {line.why}")
            case _:
                continue


_MADE_OF_NUMBERS = frozenset({"array", "asarray", "tensor", "zeros", "float"})


def _is_of_numbers(node: ast.AST) -> bool:
    """Whether a statement assigns numbers: dW = 0, db = np.array([0, 0]), dZ = 1."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    return _are_numbers(node.value)


def _are_numbers(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=int() | float()):
            return True
        case ast.UnaryOp(operand=one):
            return _are_numbers(one)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(map(_are_numbers, parts))
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=parts):
            return name in _MADE_OF_NUMBERS and all(map(_are_numbers, parts))
        case _:
            return False


def _shown(expression: Expr) -> str:
    return ascii_text(expression, S.Zero)


def _claimed(found: Drafting, line: Assigned, where: Place, text: str) -> Statement:
    mended = _mended(found, line, where, text)
    sides = _sides(found, line.by, line.array)
    if sides is None:
        own, wanted = (shape_in_words(found, one) for one in (line.array, line.by))
        axes = {axis for one in (line.by, line.array) for axis in _axes(found, one)}
        certain = axes <= found.draft.axes.declared
        assert isinstance(line.by.value, Quantity)
        message = f"its shape is {own}, and that of {line.by.value.kind} is {wanted}"
        return CodeShapes(where, text, message, line.name, mended, certain, _of_one(found, line))
    return _claim(sides[0], line.name, where, text, mended)


def _of_one(found: Drafting, line: Assigned) -> bool:
    """Whether only an axis that nobody named is too many, and would be gone for one sample."""
    surplus = {*_axes(found, line.array)} - {*_axes(found, line.by)}
    return line.array.rank == line.by.rank and not surplus & found.draft.axes.declared


def _claim(
    sides: Sides, name: str, where: Place, text: str, mended: Callable[[], Iterator[Mended]]
) -> CodeClaim:
    read_as = f"{_shown(sides.left)} = {_shown(sides.right)}"
    return CodeClaim(where, text, sides, read_as, name=name, mended=mended)


def _axes(found: Drafting, array: IndexedArray) -> list[Any]:
    return [found.draft.axes.of(slot) for slot in array.slots if slot is not None]


def shape_in_words(found: Drafting, array: IndexedArray) -> str:
    """(N, D), as NumPy writes it."""
    names = ["1" if slot is None else str(found.draft.axes.of(slot)) for slot in array.slots]
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _sides(
    found: Drafting, by: IndexedArray, array: IndexedArray, *others: Expr
) -> tuple[Sides, tuple[Expr, ...]] | None:
    """The claim entry by entry, and what is said beside it; None where the shapes differ."""
    if _axes(found, by) != _axes(found, array):
        return None
    left = found.gradient(by)
    array = array.plain()
    own = [letter for letter in array.letters if letter is not None]
    wanted = [letter for letter in by.letters if letter is not None]
    changed = {old: new for old, new in zip(own, wanted, strict=True) if old != new}
    right = array.value if not changed else array.at(_letters(array, by)).value
    return found.sides(left, right, *others)


def _letters(array: IndexedArray, by: IndexedArray) -> list[Any]:
    """The letters of what is differentiated by, for the axes of an array."""
    wanted = iter(letter for letter in by.letters if letter is not None)
    return [None if slot is None else next(wanted) for slot in array.slots]


# -- what may have been meant -----------------------------------------------------------------


def _mended(
    found: Drafting, line: Assigned | Unread, where: Place, text: str
) -> Callable[[], Iterator[Mended]]:
    def tried() -> Iterator[Mended]:
        by = line.by
        if by is None:
            return
        for mistake, details, array in _tries(found, line, by):
            named = {key: value for key, value in details.items() if isinstance(value, Expr)}
            sides = _sides(found, by, array, *named.values())
            if sides is not None:
                claim = _claim(sides[0], line.name, where, text, lambda: iter(()))
                yield Mended(claim, mistake, {**details, **dict(zip(named, sides[1], strict=True))})

    return tried


def _tries(
    found: Drafting, line: Assigned | Unread, by: IndexedArray
) -> Iterator[tuple[str, dict[str, Any], IndexedArray]]:
    """Arrays that may have been meant, each with the mistake that was made then."""
    array = line.array if isinstance(line, Assigned) else None
    if array is not None:
        yield from _summed(found, line, by, array.plain())
    if line.value is not None and line.scope is not None:
        for variant in variants(line.value):
            try:
                changed = line.scope.array(variant.node)
            except UnreadableError:
                continue
            details = {**variant.details, "code": f"{line.name} = {ast.unparse(variant.node)}"}
            yield variant.mistake, details, changed
    if array is not None and _axes(found, by) == _axes(found, array):
        yield from _scaled(found, line, by, array.plain())


def _summed(
    found: Drafting, line: CodeLine, by: IndexedArray, array: IndexedArray
) -> Iterator[tuple[str, dict[str, Any], IndexedArray]]:
    """The sum over the axes that the gradient has and the array has not."""
    wanted, kept, value = _axes(found, by), [], array.value
    over: list[int] = []
    for place, (slot, letter) in enumerate(zip(array.slots, array.letters, strict=True)):
        axis = None if slot is None else found.draft.axes.of(slot)
        if axis is not None and axis not in wanted:
            value = Sum(value, (letter, 1, axis))
            over.append(place)
        else:
            kept.append(place)
    if not over:
        return
    axes = [str(found.draft.axes.of(array.slots[n])) for n in over]  # pyright: ignore
    details: dict[str, Any] = {"letter": f"the axis {' and '.join(axes)}"}
    if isinstance(line, Assigned) and line.value is not None:
        places = over[0] if len(over) == 1 else tuple(over)
        details["code"] = f"{line.name} = np.sum({ast.unparse(line.value)}, axis={places})"
    slots = tuple(array.slots[n] for n in kept)
    letters = tuple(array.letters[n] for n in kept)
    yield "missing_sum", details, IndexedArray(slots, letters, value)


def _scaled(
    found: Drafting, line: CodeLine, by: IndexedArray, array: IndexedArray
) -> Iterator[tuple[str, dict[str, Any], IndexedArray]]:
    """The other sign, a number or a size as a factor, and the derivative of an activation."""
    yield "sign", {}, array.entrywise(lambda v: -v)
    sizes = [axis for axis in found.model.all_axes if not isinstance(axis, Integer)]
    for factor in (*(1 / size for size in sizes), S.Half, *sizes, S(2)):
        own = factor if factor in (S.Half, S(2)) or factor.is_Pow else 1 / factor
        known = "missing_factor" if own == factor else "surplus_factor"
        yield known, {"factor": own}, array.entrywise(lambda v, f=factor: v * f)
    for slope in found.slopes(by):
        matched = array.at(_letters(array, by))
        details = {"factor": slope}
        yield "missing_factor", details, replace(matched, value=matched.value * slope)
        yield "surplus_factor", details, replace(matched, value=matched.value / slope)
