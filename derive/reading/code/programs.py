"""The programs of a file: a forward pass with its backward pass, or a script from top to bottom."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.reading.code.arrays.modules import kept_modules
from derive.reading.code.arrays.scope import Function
from derive.reading.code.branches import loops_apart
from derive.reading.code.gradients import all_bases, bases, names_in

_BACKWARD = re.compile(
    r"(?P<stem>\w*?)_?(?:backward|backprop|back_prop|bwd|gradients?|grads?)(?P<rest>\w*)"
)
_FORWARD = ("forward", "feedforward", "fwd", "feed_forward")
_COST = re.compile(
    r"(?:compute|calculate|calc|get)?_?(?:cost|loss|objective)(?:_?(?:function|fn))?"
    r"(?P<rest>_with_\w+)?"
)
#: What makes arrays of shapes that are written down.
_FILLING = {"zeros", "ones", "empty", "randn", "rand", "normal", "uniform", "random"}


@dataclass(frozen=True)
class CodeProgram:
    """Statements that are read as one.

    Attributes:
        first: the forward pass and the cost; what it returns comes first in what is handed on.
        then: the backward pass, with its parameters; None where `first` has it all.
        functions: all functions that it may call.
        classes: all classes of which it may make modules.
        apart: loops of it whose rounds are programs of their own.
    """

    first: tuple[ast.FunctionDef | Sequence[ast.stmt], ...]
    then: ast.FunctionDef | None
    functions: Mapping[str, Function]
    classes: Mapping[str, ast.ClassDef]
    apart: frozenset[ast.stmt] = frozenset()

    @property
    def parts(self) -> Iterator[ast.AST]:
        """All functions and statements of it."""
        for part in (*self.first, self.then):
            if isinstance(part, ast.FunctionDef):
                yield part
            elif part is not None:
                yield from part


def programs(tree: ast.Module) -> Iterator[CodeProgram]:
    """The programs of a file in which gradients may be computed, in order."""
    every = [*_functions(tree.body)]
    lambdas = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Lambda)
        and isinstance(node.targets[0], ast.Name)
    }
    # Which of several methods of one name is meant is known inside of their classes alone.
    own = {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}
    counts = Counter(one.name for one in every)
    plain = {one.name: one for one in every if one.name in own or counts[one.name] == 1}
    known: dict[str, Function] = {**plain, **lambdas}
    classes = {one.name: one for one in tree.body if isinstance(one, ast.ClassDef)}
    for group in _groups(tree):
        yield from _of_functions(group, known | {one.name: one for one in group}, classes)
    script = [one for one in tree.body if not isinstance(one, ast.FunctionDef | ast.ClassDef)]
    named = names_in(script)
    if any(all_bases(one) & named for one in script):
        rounds = [*loops_apart(script, known)]
        whole = CodeProgram((script,), None, known, classes, frozenset(rounds))
        yield from _with_rounds(whole, rounds, named)


def _with_rounds(
    whole: CodeProgram, loops: Sequence[ast.For | ast.While], named: Collection[str | None]
) -> Iterator[CodeProgram]:
    """A program, if it computes gradients outside of these loops, and one round of each of them.

    What a round does not assign first is given to it.
    """
    inside = {node for loop in loops for node in ast.walk(loop)}
    others = (node for part in whole.parts for node in ast.walk(part)
              if isinstance(node, ast.Assign | ast.AugAssign | ast.Dict))  # fmt: skip
    if not loops or any(all_bases(one) & {*named} for one in others if one not in inside):
        yield whole
    for loop in loops:
        yield CodeProgram((tuple(loop.body),), None, whole.functions, whole.classes)


def _functions(body: Sequence[ast.stmt]) -> Iterator[ast.FunctionDef]:
    for one in body:
        if isinstance(one, ast.FunctionDef):
            yield one
        elif isinstance(one, ast.ClassDef):
            yield from _functions(one.body)


def _groups(tree: ast.Module) -> Iterator[list[ast.FunctionDef]]:
    """The functions of the file, and those of each class."""
    yield [one for one in tree.body if isinstance(one, ast.FunctionDef)]
    for one in tree.body:
        if isinstance(one, ast.ClassDef):
            yield [f for f in one.body if isinstance(f, ast.FunctionDef)]


def _of_functions(
    group: Sequence[ast.FunctionDef],
    known: Mapping[str, Function],
    classes: Mapping[str, ast.ClassDef],
) -> Iterator[CodeProgram]:
    """Each backward pass with its forward pass, and functions that are both."""
    by_name = {one.name: one for one in group}
    costs = [one for one in group if _COST.fullmatch(one.name)]
    start = by_name.get("__init__")
    named = names_in(group)
    modules = _kept(start, named) if start is not None else []
    for one in group:
        computes = bool(all_bases(one) & named)
        if one.name == "__init__" or not (computes or _BACKWARD.fullmatch(one.name)):
            continue
        forward = _forward_of(one.name, by_name)
        if forward is not None:
            first = (modules, forward, *_cost_of(one.name, costs))
            yield CodeProgram(first, one, known, classes)
        elif computes:
            own = {name: f for name, f in known.items() if f is not one}
            rounds = [*loops_apart(one.body, own)]
            whole = CodeProgram((modules, one), None, own, classes, frozenset(rounds))
            yield from _with_rounds(whole, rounds, named)


def _kept(start: ast.FunctionDef, named: Collection[str | None]) -> ast.FunctionDef:
    """__init__ with what tells of modules, arrays and numbers that an object keeps, alone."""
    known = kept_modules(start.body)
    given = start.args.defaults
    defaults = zip(reversed(start.args.args), reversed(given), strict=False)
    numbers = {name.arg for name, value in defaults if isinstance(value, ast.Constant)
               and isinstance(value.value, int | float)}  # fmt: skip
    found = [one for one in start.body if one in known or _keeps_array(one, named, numbers)]
    return ast.copy_location(ast.FunctionDef("__init__", start.args, [*found], []), start)


def _keeps_array(one: ast.stmt, named: Collection[str | None], numbers: Collection[str]) -> bool:
    """Whether a statement is self.W = np.zeros((n, m)), or self.alpha = alpha of a number."""
    match one:
        case ast.Assign(
            targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value
        ) if not {*bases(name)} & {*named}:
            if isinstance(value, ast.Name):
                return value.id in numbers
            calls = (node for node in ast.walk(value) if isinstance(node, ast.Call))
            return any(ast.unparse(node.func).rpartition(".")[2] in _FILLING for node in calls)
        case _:
            return False


def _cost_of(name: str, costs: Sequence[ast.FunctionDef]) -> list[ast.FunctionDef]:
    """The cost of a backward pass: of several that whose name ends as its own does."""
    special = re.search(r"_with_\w+", name)
    wanted = special[0] if special else ""
    found = [(one, _COST.fullmatch(one.name)) for one in costs]
    return [one for one, match in found if match and (match["rest"] or "") == wanted][:1]


def _forward_of(name: str, by_name: Mapping[str, ast.FunctionDef]) -> ast.FunctionDef | None:
    """The forward pass of a backward pass, by their names."""
    found = _BACKWARD.fullmatch(name)
    if found is None:
        return None
    stem, rest = found["stem"], found["rest"]
    wanted: list[str] = []
    for word in _FORWARD:
        wanted += [
            f"{stem}_{word}{rest}" if stem else f"{word}{rest}",
            f"{stem}_{word}",
            word + stem,
        ]
    wanted += ["forward_propagation", "forward_prop", "forward_pass", "forward", stem.rstrip("_")]
    others = (by_name[one] for one in wanted if one in by_name and one != name)
    return next(others, None)
