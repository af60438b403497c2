"""The ways in which a program can be read, where its shapes are not all written down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Pow, S, Symbol

from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.scope import Dimension, NeedsShapeError
from derive.reading.code.drafts import Drafting, drafted
from derive.reading.code.programs import Program
from derive.reading.code.said import Assigned, Unread

#: Programs that are read to find shapes, and readings that are handed on.
_MOST_DRAFTS, _MOST_READINGS = 30, 3
_BIAS = re.compile(r"b\d*|b_?\w?\d*|bias\w*|beta\w*|gamma\w*|c\d*")
_WEIGHT = re.compile(r"(?i)w\w*|theta\w*|[A-Z]")
_NUMBER = re.compile(
    r"lr|alpha|lam\w*|reg\w*|eta|learning_rate|step_size|eps\w*|tau|temperature|scale|m|n|N|T|d|d_k|beta\d|momentum"
)
#: That a bias is one number a unit tells more than any line does.
_OF_SAMPLES = 10
Shape = tuple[Dimension, ...]


@dataclass(frozen=True)
class Reading:
    """One way to read a program.

    Attributes:
        conflicts: lines that this leaves without a shape, or with another one.
    """

    drafting: Drafting
    conflicts: int


def readings(
    program: Program, shapes: Mapping[str, Shape], uses_torch: bool
) -> tuple[Reading, ...]:
    """The readings with the fewest conflicts, the most natural first.

    Raises:
        UnreadableError: when there is none.
    """
    found: list[Reading] = []
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
    scaled = [two for one in best for two in _scaled(program, one, uses_torch, shapes)]
    return (*best, *scaled)


def _searched(
    program: Program, shapes: Mapping[str, Shape], torch: bool
) -> Iterator[Reading | UnreadableError]:
    """Depth first, by what is asked for first."""
    try:
        found = drafted(program, shapes, None, torch)
    except NeedsShapeError as needed:
        for shape in _candidates(needed.name, program):
            yield from _searched(program, {**shapes, needed.name: shape}, torch)
        return
    except UnreadableError as problem:
        yield problem
        return
    yield Reading(found, _conflicts(found, program))


def _conflicts(found: Drafting, program: Program) -> int:
    total = found.draft.failures + _OF_SAMPLES * len(_of_samples(found, program))
    for line in found.lines:
        total += isinstance(line, Unread)
        if isinstance(line, Assigned):
            axes = [
                [found.draft.axes.of(s) for s in one.slots if s is not None]
                for one in (line.by, line.array)
            ]
            total += axes[0] != axes[1]
    return total


def _of_samples(found: Drafting, program: Program) -> list[str]:
    """Biases that would have one number for each sample: axes that no weight has."""
    roles = {tensor.name: tensor for tensor in found.model.tensors}
    weights = {t.name: {*t.axes} for t in roles.values() if t.role == "parameter"}
    guessed = [n for n, shape in found.shapes.items() if any(str(one)[0] == "." for one in shape)]
    wrong: list[str] = []
    for name in guessed:
        uses = _uses(name, program) if name in weights else _Uses()
        others = set[Symbol]().union(*(axes for n, axes in weights.items() if n != name))
        if (uses.added_to_rows or uses.added_to_columns) and weights[name] - others:
            wrong.append(name)
    return wrong


def _scaled(
    program: Program, one: Reading, torch: bool, shapes: Mapping[str, Shape]
) -> Iterator[Reading]:
    """Where the cost is a mean, with the gradients of what is computed as those of the sum."""
    sizes: set[Symbol] = set()
    for defined in one.drafting.model.definitions:
        if not defined.axes:
            for power in defined.right.atoms(Pow):
                if power.exp == S.NegativeOne and isinstance(power.base, Symbol):
                    sizes.add(power.base)
    for size in sorted(sizes, key=str)[:1]:
        try:
            found = drafted(program, one.drafting.shapes, str(size), torch)
        except (UnreadableError, NeedsShapeError):
            continue
        yield Reading(found, one.conflicts)


def _candidates(name: str, program: Program) -> Sequence[Shape]:
    """Shapes that a name may have, the most natural first."""
    rows, columns = (f".{name}_0", f".{name}_1")
    vector: Shape = (rows,)
    matrix: Shape = (rows, columns)
    uses = _uses(name, program)
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
class _Uses:
    multiplied: bool = False
    transposed: bool = False
    added_to_rows: bool = False
    added_to_columns: bool = False


def _uses(name: str, program: Program) -> _Uses:
    """How a name is used: in products, transposed, or added to a product as a bias is."""
    multiplied = transposed = rows = columns = False
    for node in (inner for root in program.parts for inner in ast.walk(root)):
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
    return _Uses(multiplied, transposed, rows, columns)


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
    """The two factors of the product that a name is added to."""
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if _head(one) != name:
            continue
        match other:
            case ast.BinOp(op=ast.MatMult(), left=left, right=right):
                return left, right
            case ast.Call(func=ast.Attribute(attr="dot" | "matmul" | "mm", value=owner), args=args):
                return (args[0], args[1]) if len(args) == 2 else (owner, args[0])
            case _:
                continue
    return None
