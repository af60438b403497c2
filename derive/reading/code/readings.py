"""The ways in which a program can be read, where its shapes are not all written down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Basic, Expr, Pow, S, Sum, Symbol

from derive.algebra.quantities import Quantity
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.scope import Dimension, NeedsShapeError
from derive.reading.code.drafts import CodeConventions, Drafting, drafted
from derive.reading.code.gradients import adds_gradients
from derive.reading.code.programs import CodeProgram
from derive.reading.code.said import Assigned, CodeLine, Unread

#: Programs that are read to find shapes, and readings that are handed on.
_MOST_DRAFTS, _MOST_READINGS = 30, 5
_BIAS = re.compile(r"b\d*|b_?\w?\d*|bias\w*|beta\w*|gamma\w*|c\d*")
_NAMES_WEIGHT = re.compile(r"(?i)w\w*|theta\w*")
_WEIGHT = re.compile(r"(?i)w\w*|theta\w*|[A-Z]")
_NUMBER = re.compile(
    r"lr|alpha|lam\w*|reg\w*|eta|learning_rate|step_size|eps\w*|tau|temperature|scale|m|n|N|T|d|d_k|beta\d|momentum"
)
#: What the number of samples is called.
COUNTS_SAMPLES = re.compile(
    r"[mnN]|m_?train|(?:num|n|no)_?(?:samples?|examples?)|batch_?size|samples|examples|size|bs"
)
#: That a bias is one number a unit tells more than any line does.
_OF_SAMPLES = 10
Shape = tuple[Dimension, ...]


@dataclass(frozen=True)
class CodeReading:
    """One way to read a program.

    Attributes:
        conflicts: lines that this leaves without a shape, or with another one.
        natural: the reading that would be meant if all its lines fitted, where some do not and
            this is another.
    """

    drafting: Drafting
    conflicts: int
    natural: Drafting | None = None


def readings(
    program: CodeProgram, shapes: Mapping[str, Shape], uses_torch: bool
) -> tuple[CodeReading, ...]:
    """The readings with the fewest conflicts, the most natural first; the most natural of all.

    Raises:
        UnreadableError: when there is none.
    """
    found: list[CodeReading] = []
    problem: UnreadableError | None = None
    for number, one in enumerate(_searched(program, shapes, uses_torch)):
        if isinstance(one, UnreadableError):
            problem = problem or one
        else:
            found.append(one)
            fewest = min(r.conflicts for r in found)
            if fewest == 0 and sum(r.conflicts == 0 for r in found) >= _MOST_READINGS:
                break
        if number >= _MOST_DRAFTS:
            break
    if not found:
        raise problem or UnreadableError("nothing tells the shapes of what is given")
    fewest = min(one.conflicts for one in found)
    best = [one for one in found if one.conflicts == fewest][:_MOST_READINGS]
    if _clashes(best[0].drafting):
        best = [best[0], *(replace(one, natural=best[0].drafting) for one in best[1:])]
        if found[0] not in best:
            best = [replace(one, natural=found[0].drafting) for one in best]
    if all(one.drafting is not found[0].drafting for one in best):
        best.append(found[0])
    scaled = [two for one in best for two in _scaled(program, one, uses_torch, shapes)]
    all_ways = [*best, *scaled]
    all_ways += _each_with(program, all_ways, uses_torch, before_last=True)
    if adds_gradients(program.parts):
        all_ways += _each_with(program, all_ways, uses_torch, sign=S.NegativeOne)
    return tuple(all_ways)


def _each_with(
    program: CodeProgram, ways: Sequence[CodeReading], torch: bool, **other: Any
) -> list[CodeReading]:
    """The same readings with another convention."""
    found: list[CodeReading] = []
    for one in ways:
        with suppress(UnreadableError, NeedsShapeError):
            conventions = replace(one.drafting.conventions, **other)
            again = drafted(program, one.drafting.shapes, torch, conventions)
            found.append(replace(one, drafting=again))
    return found


def _searched(
    program: CodeProgram,
    shapes: Mapping[str, Shape],
    torch: bool,
    guessed: frozenset[str] = frozenset(),
) -> Iterator[CodeReading | UnreadableError]:
    """Depth first, by what is asked for first."""
    try:
        found = drafted(program, shapes, torch, CodeConventions(guessed=guessed))
    except NeedsShapeError as needed:
        likely = _candidates(needed.name, program)
        is_open = frozenset({needed.name} if len(likely) > 1 else ())
        for shape in likely:
            yield from _searched(program, {**shapes, needed.name: shape}, torch, guessed | is_open)
        return
    except UnreadableError as problem:
        yield problem
        return
    yield CodeReading(found, _conflicts(found, program))


def _conflicts(found: Drafting, program: CodeProgram) -> int:
    total = found.draft.failures + _OF_SAMPLES * len(_of_samples(found, program))
    for line in found.lines:
        total += isinstance(line, Unread) or _has_other_axes(found, line)
    return total


def _clashes(found: Drafting) -> bool:
    """Whether the shapes of a line do not go together, or with those of what it is about."""
    return any(
        line.is_shape if isinstance(line, Unread) else _has_other_axes(found, line)
        for line in found.lines
    )


def _has_other_axes(found: Drafting, line: CodeLine) -> bool:
    """Whether a gradient has other axes than what it is the gradient by."""
    if not isinstance(line, Assigned):
        return False
    axes = [
        [found.draft.axes.of(slot) for slot in one.slots if slot is not None]
        for one in (line.by, line.array)
    ]
    return axes[0] != axes[1]


def _of_samples(found: Drafting, program: CodeProgram) -> list[str]:
    """Biases that would have one number for each sample: axes that no weight has."""
    roles = {tensor.name: tensor for tensor in found.model.tensors}
    weights = {t.name: {*t.axes} for t in roles.values() if t.role == "parameter"}
    guessed = [n for n, shape in found.shapes.items() if any(str(one)[0] == "." for one in shape)]
    named = [name for name in weights if _WEIGHT.fullmatch(name)] or [*weights]  # and no state h0
    wrong: list[str] = []
    for name in guessed:
        uses = _uses(name, (*program.parts,)) if name in weights else _UsesOfName()
        others = set[Symbol]().union(*(weights[one] for one in named if one != name))
        if (uses.added_to_rows or uses.added_to_columns) and weights[name] - others:
            wrong.append(name)
    return wrong


def _scaled(
    program: CodeProgram, one: CodeReading, torch: bool, shapes: Mapping[str, Shape]
) -> Iterator[CodeReading]:
    """Where the cost is a mean, with the gradients of what is computed as those of the sum."""
    draft = one.drafting.draft
    places = {
        draft.axes.of(slot): (name, place)
        for name, given in reversed(draft.given.items())
        for place, slot in enumerate(given.slots)
        if slot is not None
    }  # of equals the first
    counts: dict[Symbol, str | None] = dict(_counted(one.drafting))
    counts |= dict.fromkeys(divided_by(one.drafting))
    units = axes_of_weights(one.drafting)
    sizes = counts.keys() & places.keys() - (units & draft.axes.written)
    for size in sorted(sizes, key=lambda axis: (axis in units, str(axis)))[:1]:
        try:
            means = replace(one.drafting.conventions, samples=places[size], count=counts[size])
            found = drafted(program, one.drafting.shapes, torch, means)
        except (UnreadableError, NeedsShapeError):
            continue
        yield replace(one, drafting=found)


def axes_of_weights(found: Drafting) -> set[Symbol]:
    """The axes that count units, since weights have them: none of them counts samples."""
    weights = (one for one in found.model.tensors if _NAMES_WEIGHT.fullmatch(one.name))
    return {axis for one in weights for axis in one.axes}


def divided_by(found: Drafting) -> set[Symbol]:
    """The axes by whose sizes the cost is divided; without a cost, those of the gradients."""
    of_cost = (d.right for d in found.model.definitions if not d.axes)
    sizes = {base for right in of_cost for base in _divisors(right) if isinstance(base, Symbol)}
    if not sizes:
        arrays = (line.array.value for line in found.lines if isinstance(line, Assigned))
        inverse = (base for value in arrays for base in _divisors(value))
        sizes = {found.draft.axes.of(base) for base in inverse if isinstance(base, Symbol)}
    return sizes


def _divisors(value: Expr) -> Iterator[Basic]:
    return (power.base for power in value.atoms(Pow) if power.exp == S.NegativeOne)


def _counted(found: Drafting) -> Iterator[tuple[Symbol, str]]:
    """The axes over which a sum is divided by a number called m, which is handed in."""
    values = [d.right for d in found.model.definitions if not d.axes]
    values += [line.array.value for line in found.lines if isinstance(line, Assigned)]
    for value in values:
        names = {str(q.kind) for q in _divisors(value) if isinstance(q, Quantity)}
        over = [one.limits[0][2] for one in value.atoms(Sum)]
        for name in sorted(name for name in names if COUNTS_SAMPLES.fullmatch(name)):
            yield from ((found.draft.axes.of(axis), name) for axis in over)


def _candidates(name: str, program: CodeProgram) -> Sequence[Shape]:
    """Shapes that a name may have, the most natural first."""
    rows, columns = (f".{name}_0", f".{name}_1")
    vector: Shape = (rows,)
    matrix: Shape = (rows, columns)
    uses = _uses(name, (*program.parts,))
    if uses.added_to_columns:
        return ((rows, 1), (), vector)
    if uses.added_to_rows:
        return (vector, (1, columns), ())
    if uses.multiplied or uses.transposed:
        return (matrix, vector)
    if _NUMBER.fullmatch(name):
        return ((),)
    if _BIAS.fullmatch(name):
        return (vector, (1, columns), (rows, 1), ())
    return (matrix, vector, ())


@dataclass(frozen=True)
class _UsesOfName:
    multiplied: bool = False
    transposed: bool = False
    added_to_rows: bool = False
    added_to_columns: bool = False


@lru_cache(maxsize=256)
def _uses(name: str, parts: tuple[ast.AST, ...]) -> _UsesOfName:
    """How a name is used: in products, transposed, or added to a product as a bias is.

    Kept, as each way to read a program asks for the same.
    """
    multiplied = transposed = rows = columns = False
    for node in (inner for root in parts for inner in ast.walk(root)):
        match node:
            case ast.BinOp(op=ast.Add()) if (factors := _added(node, name)) is not None:
                first = _WEIGHT.fullmatch(_head(factors[0])) is not None
                columns |= first and not _head(factors[0]).lower().startswith("x")
                rows |= not columns
            case ast.Attribute(attr="T", value=value) if _head(value) == name:
                transposed = True
            case ast.BinOp(op=ast.MatMult()):
                multiplied |= name in (_head(node.left), _head(node.right))
            case ast.Call(func=ast.Attribute(attr="dot" | "matmul" | "mm", value=owner), args=args):
                multiplied |= name in (_head(owner), *map(_head, args))
            case _:
                continue
    return _UsesOfName(multiplied, transposed, rows, columns)


def _head(node: ast.expr) -> str:
    """The name of a factor, also where it is transposed or an attribute."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute(attr="T", value=value):
            return _head(value)
        case ast.Attribute(attr=attr):
            return attr
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            return key
        case _:
            return ""


def _added(node: ast.BinOp, name: str) -> tuple[ast.expr, ast.expr] | None:
    """The two factors of the product that a name is added to, the first of several."""
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if _head(one) == name and (factors := _factors(other)) is not None:
            return factors
    return None


def _factors(node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """The two factors of a product, or of the first one in a sum x @ W + h @ U."""
    match node:
        case ast.BinOp(op=ast.MatMult(), left=left, right=right):
            return left, right
        case ast.Call(func=ast.Attribute(attr="dot" | "matmul" | "mm", value=owner), args=args):
            return (args[0], args[1]) if len(args) == 2 else (owner, args[0])
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _factors(left) or _factors(right)
        case _:
            return None
