"""What the first and the last page of a document about a model from definitions speak of."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Basic, S, Symbol, Tuple

from derive.algebra.quantities import Partial, Quantity
from derive.deriving.laws.users import written_entry
from derive.model.model import Head, Model

#: So many quantities are named for what is said of all of their kind.
_MOST_NAMED = 3


def overview(model: Model) -> dict[str, Basic]:
    """The paths on which quantities reach the objective.

    "cost" is the formula of C, 0 where it has none of its own; "several" are quantities with
    more than one user, each with these; "again" are parameters, and letters that their user has
    and they have not, so that one entry is used once for each unit.
    """
    entry = model.C
    formula = model.definition(entry) if model.defines(entry) else None
    several = (one for head in _moving(model) for one in _several(model, head))
    return {
        "cost": S.Zero if formula is None else formula,
        "several": Tuple(*(one for one, _ in zip(several, range(_MOST_NAMED), strict=False))),
        "again": Tuple(*_again(model)),
        "kinked": S.true if model.kinked else S.false,
    }


def uses_of_gradients(model: Model) -> dict[str, Basic]:
    """The parameters and inputs, by their names, and the derivative by the first parameter."""
    parameters = [Quantity(*head) for head in model.parameters if model.users(Quantity(*head))]
    inputs = [Quantity(*head) for head in model.given if model.role(head) == "input"]
    used = [one for one in inputs if model.users(one)]
    about: dict[str, Basic] = {"parameters": Tuple(*parameters), "inputs": Tuple(*used)}
    return about | {f"by_{n}": Partial(model.C, one) for n, one in enumerate(parameters[:1])}


def _moving(model: Model) -> Iterator[Head]:
    """What there is a derivative by, given or computed."""
    yield from (head for head in model.given if model.role(head) in ("input", "parameter"))
    yield from model.defined


def _several(model: Model, head: Head) -> Iterator[Tuple]:
    users = [written_entry(model, user, set())[0] for user in model.users(Quantity(*head))]
    if len(users) > 1:
        yield Tuple(written_entry(model, head, set())[0], Tuple(*users))


def _again(model: Model) -> Iterator[Tuple]:
    """Parameters, those with the same letters together, and these letters."""
    groups: dict[tuple[Symbol, ...], list[Quantity]] = {}
    for head in model.parameters:
        entry, own = written_entry(model, head, set())
        for user in model.users(entry)[:1]:
            _, letters = written_entry(model, user, set())
            others = tuple(letter for axis, letter in letters if axis not in dict(own))
            groups.setdefault(others, []).append(entry)
    for letters, entries in groups.items():
        if letters:
            yield Tuple(Tuple(*entries), Tuple(*letters))
