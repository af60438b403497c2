"""Loops and branches: which may be read as if they were none, and what the others assign to."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import lru_cache

from derive.reading.code.arrays.expressions import name_of
from derive.reading.code.gradients import all_bases, bases, is_some_gradient

#: Methods that change a list, or a table.
CHANGES_LIST = ("append", "extend", "insert", "pop", "remove", "clear", "reverse", "update")


@lru_cache(maxsize=4096)
def is_straight(one: ast.stmt) -> bool:
    """Whether a loop or branch may be read once, as if it were none.

    Kept, as each way to read a program asks for the same.
    """
    match one:
        case ast.For(target=target):
            names = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
            return not any(_subscripted(names, body) for body in one.body) and not _carries(
                one.body
            )
        case ast.While():
            return not _carries(one.body)
        case ast.If(test=test):
            text = ast.unparse(test)
            return "__main__" in text or "'train'" in text or text in ("self.training", "training")
        case _:
            return False


def _carries(body: Sequence[ast.stmt]) -> bool:
    """Whether a round of a loop needs more of the last round than its updates.

    What is read before it is assigned, and assigned before any gradient is, differs from round
    to round, as the state of a recurrent network does.
    """
    read: set[str] = set()
    own: set[str] = set()
    carried: set[str] = set()
    for one in body:
        loaded = {n.id for n in ast.walk(one) if isinstance(n, ast.Name)}
        loaded -= {*assigned(one)} if not isinstance(one, ast.AugAssign) else set()
        if isinstance(one, ast.Assign):
            loaded |= {n.id for n in ast.walk(one.value) if isinstance(n, ast.Name)}
        if all_bases(one):
            break
        for name in assigned(one):
            if name in read | loaded and name not in own:
                carried.add(name)
            own.add(name)
        read |= loaded - own
    used = [n.id for one in body for n in ast.walk(one) if isinstance(n, ast.Name)]
    return any(used.count(name) > 1 for name in carried)


def loops_apart(
    parts: Sequence[ast.stmt], functions: Mapping[str, ast.FunctionDef | ast.Lambda]
) -> Iterator[ast.For | ast.While]:
    """Loops whose rounds are each a forward pass with its backward pass, as those over samples.

    What such a round does not assign is given to it, and may not have been computed before from
    what it differentiates by. What one round hands on to the next may be weights, and no gradient.
    The functions that it calls use nothing but what they are given.
    """
    inside = {name: frozenset(_given([one])) for name, one in functions.items()}
    every = frozenset(name for one in parts for name in assigned(one))
    for loop in _training(parts):
        given, called = frozenset(_given(loop.body)), frozenset[str]()
        new = given & inside.keys()
        while new - called:
            called |= new
            new = frozenset[str]().union(*map(inside.get, called)) & inside.keys()  # pyright: ignore
        used = frozenset[str]().union(*map(inside.get, called))  # pyright: ignore
        given -= inside.keys()
        if not (used & every or _computed_of(all_bases(loop) & given, parts, inside) & given):
            yield loop


def _training(body: Sequence[ast.stmt]) -> Iterator[ast.For | ast.While]:
    """Loops that are not read once as they stand, and compute gradients of their own."""
    for one in body:
        if not isinstance(one, ast.For | ast.While | ast.With):
            continue
        computes = any(all_bases(inner) for inner in one.body if isinstance(inner, ast.Assign))
        if not computes or isinstance(one, ast.With) or is_straight(one):
            yield from _training(one.body)
        elif _is_round(one.body):
            yield one


def _is_round(body: Sequence[ast.stmt]) -> bool:
    """Whether a round trains, and no gradient and no state comes to it from the last one."""
    by = frozenset[str]().union(*map(all_bases, body))
    own = frozenset(name for one in body for name in assigned(one))
    given = frozenset(_given(body))
    summed = (
        is_some_gradient(name) or not (own | given).isdisjoint(bases(name)) for name in own & given
    )
    return not (by.isdisjoint(own) or any(summed) or _carries(body))


def _given(body: Sequence[ast.AST]) -> Iterator[str]:
    """What statements read before they assign it; of a function, what is not its own."""
    own: set[str] = set()
    for one in body:
        inside = {n.arg for n in ast.walk(one) if isinstance(n, ast.arg)}
        if isinstance(one, ast.FunctionDef):
            inside |= {*assigned(one)}
        loaded = {name_of(n) for n in ast.walk(one) if isinstance(n, ast.Name | ast.Attribute)
                  and isinstance(n.ctx, ast.Load)}  # fmt: skip
        if isinstance(one, ast.AugAssign):
            loaded.add(name_of(one.target))
        yield from (name for name in loaded - own - inside if name is not None)
        if isinstance(one, ast.Assign | ast.AugAssign):
            own |= {*assigned(one)}


def _computed_of(
    names: Set[str], parts: Sequence[ast.stmt], inside: Mapping[str, Set[str]]
) -> frozenset[str]:
    """What is computed of names anywhere, but for the later values of what has one already."""
    pairs = [*inside.items()]
    pairs += (pair for part in parts for node in ast.walk(part) for pair in _made_of(node))
    found, grown = frozenset[str](), frozenset(names)
    while not grown <= found:
        found |= grown
        grown = frozenset(new for new, used in pairs if new not in used and used & found)
    return grown


def _made_of(node: ast.AST) -> Iterator[tuple[str, Set[str]]]:
    """Each name that a statement assigns to, with all that it uses."""
    match node:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.For(target=target, iter=value):
            targets = [target]
        case _:
            return
    used = {*_given([value])}
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            if (name := name_of(part)) is not None:
                yield name, used


def _subscripted(names: set[str], body: ast.stmt) -> bool:
    """Whether a counter is used for more than being printed."""
    if isinstance(body, ast.If | ast.Expr):
        return any(assigned(body)) and any(
            isinstance(n, ast.Name) and n.id in names for n in ast.walk(body)
        )
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(body))


def is_whole_assignment(name: str) -> Callable[[ast.AST], bool]:
    """Whether a node lets a name stand for something else."""

    def is_one(node: ast.AST) -> bool:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AugAssign) else targets
        return any(name_of(target) == name for target in targets)

    return is_one


@lru_cache(maxsize=4096)
def assigned(one: ast.stmt) -> tuple[str, ...]:
    """The names that a statement may assign to, kept as each way to read a program asks for it."""
    return tuple(_assigned(one))


def _assigned(one: ast.stmt) -> Iterator[str]:
    for node in ast.walk(one):
        targets: Sequence[ast.expr] = ()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            targets = [node.func.value] if node.func.attr in CHANGES_LIST else []
        elif isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            parts = target.elts if isinstance(target, ast.Tuple) else [target]
            for part in parts:
                whole = part.value if isinstance(part, ast.Subscript) else part
                name = name_of(part) or name_of(whole)
                if name is not None:
                    yield name
