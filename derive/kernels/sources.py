"""What is assigned in a program: the ends of the chains of a derivation, with their numbers.

A stack of layers is taken with a symbol for each width, so that one program serves every width;
the numbers are those of the document about the stack itself, where units of one-unit layers have
no index.  Second derivatives with a delta in them are put in where that takes a sum away:

    sum_l d2C/dz_i dz_l R{z_l} = Step(z_i)^2 R{z_i}    for    d2C/dz_i dz_l = delta_il Step(z_i)^2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sympy import Expr, KroneckerDelta, S, Sum, Symbol

from derive.algebra.indices import substitute
from derive.algebra.quantities import (
    Partial,
    Quantity,
    ascii_name,
    is_step,
    outermost,
    quantities_in,
    replace_whole,
)
from derive.deriving.first_order import backpropagate
from derive.deriving.laws.algebra import match
from derive.deriving.laws.users import sum_over_deltas
from derive.deriving.model_curvature import model_curvature
from derive.deriving.model_gradient import model_gradient
from derive.deriving.second_order import second_order
from derive.errors import DeriveError
from derive.kernels.assignments import (
    Assignment,
    Kernel,
    Name,
    Places,
    indices_of,
    without_letters,
)
from derive.kernels.cancelling import without_quotients
from derive.meaning.derivation import Chain, Derivation, without_indices
from derive.model.defined_model import DefinedModel
from derive.model.model import Head, Model, Source, needed_model
from derive.model.network import Layer, Network
from derive.notation.ascii.printing import ascii_text

#: Groups whose chains come before others that start from the same name: each of their lines is
#: short, since it goes on from the line before.
_FIRST = ("hessian_vector", "gauss_newton_vector")
#: Groups that say what holds in some region only, or at numbers.
_ELSEWHERE = (
    *("regions", "zero_rows", "all_active", "active_gradient", "determinant", "newton"),
    *("general_forward", "general_layer"),
)
#: Groups in which the last chain from a name is the one to compute by, and not its definition.
_LAST_COUNTS = ("gauss_newton",)


def kernel(model: Model | Source, order: int = 1) -> Kernel:
    """What is assigned in programs of a model, from the derivation of this order, 1 or 2.

    Raises:
        DeriveError: when the model has no cost.
    """
    source = needed_model(model)
    if not isinstance(source, Network):
        derivation = model_gradient(source) if order == 1 else model_curvature(source)
        found = without_quotients(_assignments(derivation, _numbers(derivation)))
        found = _with_zeros(source, found)
        back = _pulled_back(source, found) if order == 2 else {}
        return Kernel(source, source, order, found, per_sample=False, pulled_back=back)
    if source.cost is None:
        raise DeriveError("a network without a cost has no gradient to compute; give it a cost")
    wide = of_any_width(source)
    derived = backpropagate if order == 1 else second_order
    derivation, numbered = derived(wide), derived(source)
    found = _assignments(derivation, _numbers(numbered))
    found = without_quotients({name: _short(found, one) for name, one in found.items()})
    products, diagonals = (
        _by_parameter(wide, derivation, numbered, title)
        for title in ("gauss_newton_vector", "diagonals")
    )
    return Kernel(wide, source, order, found, True, products, diagonals)


def _pulled_back(model: Model, found: Mapping[Name, Assignment]) -> dict[Name, Assignment]:
    """J^T of the output o = o(q): sum_o dC/do do/dq by each q before it, for any derivatives dC/do.

    They are the gradient of the same model with an objective that is not specified, whose other
    terms, such as penalties, are none of the output.
    """
    output = model.splits_at
    taken = model.C.kind != "C" and "C" in model.names
    if output is None or not isinstance(model, DefinedModel) or taken:
        return {}
    before = tuple(
        one
        for one in model.definitions
        if one.left.args[:2] == output or model.depends(output, one.left.args[:2])
    )
    free = replace(model, objective=None, definitions=before)
    derivation = model_gradient(free)
    named = {free.C: model.C}
    own: dict[Name, Assignment] = {}
    for one in _assignments(derivation, {}).values():
        left, right = one.left.xreplace(named), one.right.xreplace(named)
        name = without_letters(left)
        known = found.get(name)
        numbers = known.equations if known and (known.left, known.right) == (left, right) else ()
        own[name] = replace(one, left=left, right=right, equations=numbers)
    return _with_zeros(model, own)


def _with_zeros(model: Model, found: Mapping[Name, Assignment]) -> dict[Name, Assignment]:
    """The assignments, and dC/dv = 0 and R{dC/dv} = 0 where C is not computed from v."""
    zeros: dict[Name, Assignment] = {}
    for head in model.given:
        slope = Partial(model.C, model.general_entry(head)[0])
        moving = () if model.direction is None else (Partial(slope, model.direction),)
        for left in (slope, *moving):
            zeros[without_letters(left)] = Assignment(left, S.Zero, ())
    return zeros | {
        name: replace(one, right=_moved(model, one.right)) for name, one in found.items()
    }


def _moved(model: Model, formula: Expr) -> Expr:
    """The formula with how W moves for the derivative of W itself along the direction."""
    moves = {
        node: model.moving(node.of)
        for node in outermost(formula)
        if isinstance(node, Partial) and isinstance(node.of, Quantity) and is_step(node.wrt)
        if node.of.args[:2] in model.given
    }
    return replace_whole(formula, moves)


def _by_parameter(
    model: Network, derivation: Derivation, numbered: Derivation, title: str
) -> tuple[tuple[Quantity, Assignment, str], ...]:
    """The chains of a group, one for each parameter, that have no name on their left side.

    Those of the Gauss-Newton product start with sums; those of the diagonal with d2C/dW dW at
    equal indices, which is the name of a block.
    """
    if title not in (group.title for group in derivation.groups):
        return ()
    found: list[tuple[Quantity, Assignment, str]] = []
    chains = _unnamed(derivation, title)
    numbers = dict(zip(model.parameters, _unnamed_numbers(model, numbered, title), strict=True))
    for head, chain in zip(model.parameters, chains, strict=True):
        left, right = chain[0].lhs, chain[-1].rhs
        entry = next(q for q in quantities_in(left) if q.args[:2] == head)
        own = Assignment(entry, right, numbers[head])
        found.append((entry, own, ascii_text(left)))
    return tuple(found)


def _unnamed(derivation: Derivation, title: str) -> list[Chain]:
    """The chains of a group that start with a sum, or with a derivative at equal indices."""
    group = next(group for group in derivation.groups if group.title == title)
    diagonal = title == "diagonals"
    kinds = Partial if diagonal else Sum
    return [chain for chain in group.chains if isinstance(chain[0].lhs, kinds)]


def _unnamed_numbers(model: Network, numbered: Derivation, title: str) -> Iterator[Places]:
    """The numbers of the same chains in a document where one-unit layers have no index.

    A diagonal of one entry is a block there, and a sum over one unit its only term.
    """
    places = {id(line): number for number, line in enumerate(numbered.steps, start=1)}
    found = [
        (chain[0].lhs, ((places[id(chain[0])], places[id(chain[-1])]),))
        for group in numbered.groups
        for chain in group.chains
        if group.title in (title, "blocks")
    ]
    is_about = _is_diagonal_of if title == "diagonals" else _is_product_by
    for head in model.parameters:
        own = (at for left, at in reversed(found) if is_about(left, head))
        yield next(own, ())


def _is_diagonal_of(left: Expr, head: Head) -> bool:
    """Whether an expression is d2C/dv dv."""
    return isinstance(left, Partial) and [v.args[:2] for v in left.unnested[1]] == [head, head]


def _is_product_by(left: Expr, head: Head) -> bool:
    """Whether an expression without a name of its own has a derivative by a parameter."""
    if isinstance(left, Quantity | Partial):
        return False
    return any(one.wrt.args[:2] == head for one in left.atoms(Partial))


def of_any_width(network: Network) -> Network:
    """The network with a symbol for each of its widths."""
    sizes = [Symbol(f"n_{number}", integer=True, positive=True) for number in network.layer_numbers]
    layers = (
        Layer(size, layer.activation, layer.bias)
        for size, layer in zip(sizes[1:], network.layers, strict=True)
    )
    return replace(network, inputs=sizes[0], layers=tuple(layers))


def _assignments(derivation: Derivation, numbers: Mapping[str, Places]) -> dict[Name, Assignment]:
    found: dict[Name, Assignment] = {}
    for title, chain in _chains(derivation):
        left = chain[0].lhs
        if not isinstance(left, Quantity | Partial):
            continue
        name = without_letters(left)
        if name not in found or _is_better(title, name):
            assuming = tuple(dict.fromkeys(a for line in chain for a in line.assuming))
            own = numbers.get(_plain(left), ())
            found[name] = Assignment(left, chain[-1].rhs, own, assuming)
    return found


def _numbers(derivation: Derivation) -> dict[str, Places]:
    """The number of the first line and of the last of the chain from each name."""
    found: dict[str, Places] = {}
    places = {id(line): number for number, line in enumerate(derivation.steps, start=1)}
    for title, chain in _chains(derivation):
        left = chain[0].lhs
        if isinstance(left, Quantity | Partial):
            name = _plain(left)
            if name not in found or _is_better(title, without_letters(left)):
                found[name] = ((places[id(chain[0])], places[id(chain[-1])]),)
    return found


def _is_better(title: str, name: Name) -> bool:
    """Whether a chain is one to compute by, where the same name was defined before."""
    return title in _LAST_COUNTS and isinstance(name, Quantity)


def _plain(name: Name) -> str:
    return without_indices(ascii_name(name))


def _chains(derivation: Derivation) -> Iterator[tuple[str, Chain]]:
    """The chains with the titles of their groups, in the order in which they are looked at."""
    groups = [group for group in derivation.groups if group.title not in _ELSEWHERE]
    for group in sorted(groups, key=lambda one: one.title not in _FIRST):
        for chain in group.chains:
            yield group.title, chain


def _short(found: Mapping[Name, Assignment], own: Assignment) -> Assignment:
    """The assignment with derivatives put in whose deltas take away a sum of its formula."""
    right, numbers, assuming = own.right, own.equations, own.assuming
    while right.has(Sum):
        for node in outermost(right):
            other = found.get(without_letters(node))
            if other is None or not other.right.has(KroneckerDelta) or other.right.has(Sum):
                continue  # what has a sum is computed once, under its name
            shorter = _put_in(right, node, other)
            if _deltas(shorter) <= _deltas(right):
                right, numbers = shorter, (*numbers, *other.equations)
                assuming = tuple(dict.fromkeys((*assuming, *other.assuming)))
                break
        else:
            break
    return replace(own, right=right, equations=tuple(dict.fromkeys(numbers)), assuming=assuming)


def _put_in(right: Expr, node: Name, other: Assignment) -> Expr:
    """The formula with a name replaced by its own formula, and summed over the deltas."""
    letters = match(other.left, node)
    assert letters is not None
    inner = substitute(_diagonal(other), letters)
    return sum_over_deltas(None, replace_whole(right, {node: inner}))  # pyright: ignore


def _diagonal(own: Assignment) -> Expr:
    """f_ij as delta_ij g_i, where it is 0 for i other than j."""
    deltas = own.right.atoms(KroneckerDelta)
    if len(deltas) > 1 or own.right.xreplace(dict.fromkeys(deltas, S.Zero)) != 0:
        return own.right
    (delta,) = deltas
    kept, other = indices_of(own.left)
    whole = own.right.xreplace({delta: S.One})
    return delta * substitute(whole, {other: kept})


def _deltas(formula: Expr) -> int:
    return len(formula.atoms(KroneckerDelta))
