"""Loops and branches: which may be read as if they were none, and what the others assign to."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from derive.reading.code.arrays.expressions import name_of
from derive.reading.code.gradients import all_bases

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
