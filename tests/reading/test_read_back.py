"""Our own documents read back: every printed equation is understood, and is the certified one."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from sympy import Basic, Expr, S, Sum, Symbol, preorder_traversal

from derive.algebra.indices import index_symbols, substitute
from derive.algebra.quantities import Quantity, rebuilt
from derive.files.built_in import builtin_network
from derive.files.network_file import read_network
from derive.model.instances import layers_of
from derive.model.network import Network, general_network
from derive.notation.ascii.formulas import read_condition, read_expression
from derive.proving import Status, judge
from derive.reading import Claim, NotUnderstood, read_document
from tests.own_pages import whole_text
from tests.sweeps import sweep
from tests.verified import QUICK

OUTPUT = Path(__file__).parent.parent.parent / "output"
NAMES = sorted(
    path.stem
    for path in OUTPUT.glob("*.json")
    if "certificate" in json.loads(path.read_text(encoding="utf-8"))
    and (OUTPUT / f"{path.stem}.md").exists()
)
KINDS = {".md": "markdown", ".tex": "latex"}
K = Symbol("k", integer=True)
#: The documents of the gallery on networks that are not built in.
OTHERS = {"tanh-chain": read_network("1-1-1", activation="tanh", output_activation="identity")}


def network_of(name: str) -> Network:
    called = name.removesuffix("-second-order")
    return OTHERS[called] if called in OTHERS else builtin_network(called)


def certified(name: str) -> Iterator[tuple[bool, Mapping[str, Any]]]:
    """Whether an equation is about a layer in general, and the equation, in order."""
    content = json.loads((OUTPUT / f"{name}.json").read_text(encoding="utf-8"))
    for group in content["groups"]:
        general = content["networks"][group["network"]]["name"] == "general-layer"
        for equation in group["equations"]:
            yield general and name != "general-layer", equation


def at_layer(network: Network, expression: Any, layer: int) -> Any:
    """A formula about layers k and k+1 for k = layer of this network."""
    if isinstance(expression, Quantity) and expression.kind == "C":
        return network.C
    if isinstance(expression, Quantity):
        return network.quantity(
            expression.kind, expression.layer.subs(K, layer), *expression.indices
        )
    if isinstance(expression, Sum):
        ((bound, _, _),) = expression.limits
        general = builtin_network("general-layer")
        (counted,) = layers_of(general, bound, expression.function)
        body = at_layer(network, expression.function, layer)
        return network.sum_over(counted.subs(K, layer), bound, body)
    if not expression.args:
        return expression
    return rebuilt(expression, [at_layer(network, a, layer) for a in expression.args])


def same(network: Network, first: Basic, second: Basic) -> bool:
    """Whether two formulas are one, up to the names of free indices, or proved equal."""
    if first == second or first.dummy_eq(second):
        return True
    if not (isinstance(first, Expr) and isinstance(second, Expr)):
        return False
    return judge(network, first, second).status is Status.PROVED


@pytest.mark.parametrize("ending", sweep(KINDS, [".md"]))
@pytest.mark.parametrize("name", sweep(NAMES, (*QUICK, "two-layer-chain-second-order")))
def test_every_equation_of_our_documents_is_read_as_certified(name: str, ending: str) -> None:
    network = network_of(name)
    text = whole_text(OUTPUT / f"{name}{ending}")
    statements = read_document(text, network, kind=KINDS[ending])
    assert [s for s in statements if isinstance(s, NotUnderstood)] == []
    claims = [s for s in statements if isinstance(s, Claim)]
    waiting = [list(group) for _, group in groupby(claims, key=lambda claim: claim.place)]
    waiting = merged(waiting)
    for general, equation in certified(name):
        found = None
        while waiting and found is None:
            candidates = waiting.pop(0)
            if all(matches(name, network, general, equation, claim) for claim in candidates):
                found = candidates
        assert found is not None, f"({equation['number']}) is not read back"


def merged(groups: list[list[Claim]]) -> list[list[Claim]]:
    """All claims of one place together, where a chain is read once for each layer."""
    by_place: dict[Any, list[Claim]] = {}
    for group in groups:
        by_place.setdefault(group[0].place, []).extend(group)
    return [by_place[place] for place in sorted(by_place, key=lambda place: place.start)]


def matches(
    name: str, network: Network, general: bool, equation: Mapping[str, Any], claim: Claim
) -> bool:
    if general and not claim.layer:
        return False
    home = general_network(network) if general else network

    def meant(value: Any) -> Any:
        if general:
            return at_layer(network, value, int(claim.layer.removeprefix("k = ")))
        return value

    left, right = (
        meant(read_expression(equation[side], home, names=("z",))) for side in ("lhs", "rhs")
    )
    renamed = dict(zip(letters(claim.left), letters(left), strict=False))
    read = [substitute(side, renamed) for side in (claim.left, claim.right)]
    if not all(map(partial(same, network), read, (left, right))):
        return False
    where = read_condition(equation["where"], home, names=("z",)) if "where" in equation else S.true
    return claim.where == meant(where)


def letters(side: Basic) -> list[Symbol]:
    """The index letters in the order in which they are met: whole matrices leave them free."""
    found = (node for node in preorder_traversal(side) if isinstance(node, Symbol))
    return [letter for letter in dict.fromkeys(found) if letter in index_symbols(letter)]
