"""One-sided limits where a pre-activation z passes 0: gates of z set to 1 or 0, then z = 0.

What is computed from z is continuous at z = 0, except for Step(z) itself, as long as no
other pre-activation is 0 there.  So the limit of f from the right is f with Step(z) = 1, and
from the left with Step(z) = 0, at z = 0, once every derivative that leads through z has been
unfolded.

Where z is the only unit of its layer and the next layer has no biases, the pre-activations
there are 0 with z.  A gate of a quantity t a, with z = t or -t and t > 0, is the gate of a;
in a chain all gates can be decided so.  Elsewhere the limits of dC/dr are left as unknowns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    KroneckerDelta,
    Mul,
    Ne,
    Number,
    NumberSymbol,
    Pow,
    S,
    Sum,
    Symbol,
    Tuple,
    expand,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import contract
from derive.algebra.limits import SIDES
from derive.algebra.primitives import ENTIRE
from derive.algebra.quantities import (
    PARAMETERS,
    Partial,
    Quantity,
    ascii_name,
    is_step,
    outermost,
    replace_whole,
)
from derive.errors import NotRationalError
from derive.meaning.cases import under
from derive.meaning.composites import work_out
from derive.meaning.unfolding import unfold
from derive.model.network import Network

_GATES = (ReLU, LeakyReLU, Step)
_CONTINUOUS = (Abs, Add, Mul, Sum, Number, Symbol, KroneckerDelta, NumberSymbol, *ENTIRE)
_t = Symbol("t", positive=True)


class NoLimitError(NotRationalError):
    """A limit that is not worked out here; the sentence says why."""


def with_limits(network: Network, expression: Expr) -> Expr:
    """The expression with every one-sided limit in it worked out."""
    found = {node: _value(network, node) for node in expression.atoms(*SIDES)}
    return expression.xreplace(found)


def limits_meet(network: Network, z: Quantity) -> bool:
    """Whether z = 0 can put later gates at 0 too, for every choice of weights."""
    if z.layer == network.last or network.has_index(z.layer):
        return False
    later = network.layers[network.position(z.layer) :]
    return not later[0].bias and any(layer.activation.kind.kinks for layer in later)


def generic(network: Network, z: Quantity) -> list[Basic]:
    """That the weights after z are not 0, in a chain where they alone decide later gates."""
    if not limits_meet(network, z) or not _is_chain_from(network, z.layer):
        return []
    later = network.layer_numbers[network.position(z.layer) : -1]
    return [Ne(network.quantity("W", number), 0) for number in later]


def _value(network: Network, node: Basic) -> Expr:
    function, z = node.args
    if not isinstance(z, Quantity) or z.kind != "z":
        raise NoLimitError("limits are taken where a pre-activation passes 0")
    return limit_value(network, function, z, SIDES[type(node)])  # pyright: ignore[reportArgumentType]


def limit_value(network: Network, function: Basic, z: Quantity, side: int) -> Expr:
    """lim f for z -> 0 from a side (1 or -1), as an expression that is to be taken at z = 0.

    Raises:
        NoLimitError: where f is not seen to have the limit.
    """
    here = z > 0 if side > 0 else z < 0
    opened: Any = _opened(network, function, z)
    decided: Any = under(opened, here)
    _check(network, decided, z)
    if not limits_meet(network, z):
        return decided
    if _is_chain_from(network, z.layer):
        return _along(network, decided, z, side)
    unknown = {
        p: Symbol(f"{ascii_name(p)} at {'+' if side > 0 else '-'}0", real=True)
        for p in outermost(decided)
        if isinstance(p, Partial)
    }
    if any(p.wrt != Quantity("r", z.layer) for p in unknown):
        raise NoLimitError("later pre-activations may be 0 as well")
    return replace_whole(decided, unknown)


def _opened(network: Network, function: Basic, z: Quantity) -> Basic:
    """f with no derivative left that leads through z."""
    form = contract(work_out(network, function))
    while any(_passes(network, atom, z) for atom in outermost(form)):
        further = unfold(network, Tuple(form, S.Zero))
        if further is None:
            raise NoLimitError("a derivative cannot be unfolded as far as the kink")
        form = contract(work_out(network, further.args[0]))
    return form


def _passes(network: Network, atom: Quantity | Partial, z: Quantity) -> bool:
    """Whether an atom is a derivative with respect to z or to what z is computed from."""
    if isinstance(atom, Quantity):
        if atom.kind in ("G", "Gv"):
            raise NoLimitError("limits of Gauss-Newton matrices are not worked out")
        return False
    of, variables = atom.unnested
    if not isinstance(of, Quantity) or any(is_step(v) for v in variables):
        raise NoLimitError("limits of derivatives along a direction are not worked out")
    return any(network.rank(v) <= network.rank(z) for v in variables)


def _check(network: Network, form: Basic, z: Quantity) -> None:
    """Whether a form is continuous in z at 0 if no other pre-activation is 0.

    Raises:
        NoLimitError: where that cannot be said.
    """
    for node in _outside_atoms(form):
        if isinstance(node, _GATES):
            argument = node.args[0]
            if held_fixed(network, argument, z):
                continue
            if not isinstance(argument, Quantity) or argument.kind != "z":
                raise NoLimitError(f"{argument} may be 0 as well")
            if argument == z or (argument.layer == z.layer and not _distinct(argument, z)):
                raise NoLimitError(f"{argument} may be the same unit as {z}")
        elif isinstance(node, Pow):
            positive = node.exp.is_Integer and node.exp > 0
            if not positive and not held_fixed(network, node, z):
                raise NoLimitError(f"{node.base} may be 0 as well")
        elif not isinstance(node, (Quantity, Partial, *_CONTINUOUS)):
            raise NoLimitError(f"{type(node).__name__} may jump as well")


def held_fixed(network: Network, expression: Basic, z: Quantity) -> bool:
    """Whether an expression stays as it is when z moves, or a parameter that z is computed from.

    The sample does, and so do the parameters of other layers.
    """
    return all(
        isinstance(atom, Quantity)
        and (
            atom.kind == "y"
            or (atom.kind == "r" and atom.layer == network.first)
            or (atom.kind in PARAMETERS and network.into(atom) != z.layer)
        )
        for atom in outermost(expression)
    )


def _outside_atoms(node: Basic) -> Iterator[Basic]:
    """All nodes of an expression that are not inside a quantity, a derivative or a sum's range."""
    yield node
    if isinstance(node, Sum):
        yield from _outside_atoms(node.function)
    elif not isinstance(node, (Quantity, Partial, *_GATES)):
        for argument in node.args:
            yield from _outside_atoms(argument)


def _distinct(first: Quantity, second: Quantity) -> bool:
    """Whether two entries of one layer are surely of two units."""
    pairs = zip(first.indices, second.indices, strict=True)
    return any(a.is_Integer and b.is_Integer and a != b for a, b in pairs)


# -- chains: everything in terms of z ------------------------------------------------------


def _is_chain_from(network: Network, layer: Expr) -> bool:
    return not any(map(network.has_index, network.layer_numbers[network.position(layer) :]))


def _along(network: Network, form: Basic, z: Quantity, side: int) -> Expr:
    """The limit of a form for z = t or -t, t -> 0, with all that follows z put in."""
    current: Any = form
    while any(isinstance(atom, Partial) for atom in outermost(current)):
        further = unfold(network, Tuple(current, S.Zero))
        if further is None:
            raise NoLimitError("a derivative of the cost is unknown")
        current = work_out(network, further.args[0])
    while True:
        later = [
            q
            for q in outermost(current)
            if network.defines(q) and network.rank(q) > network.rank(z)
        ]
        if not later:
            break
        current = replace_whole(current, {q: network.definition(q) for q in later})
    return _at_zero(replace_whole(current, {z: side * _t})).xreplace({_t: S.Zero})


def _at_zero(node: Any) -> Any:
    """Gates whose arguments are a + t b decided for small t > 0: by b where a = 0, else by a.

    Step(t b) = Step(b) and ReLU(t b) = t ReLU(b), for b = 0 as well.
    """
    if not node.args or isinstance(node, Quantity | Partial):
        return node
    arguments = [_at_zero(argument) for argument in node.args]
    if not isinstance(node, _GATES):
        return node.func(*arguments)
    argument, *rest = arguments
    start = expand(argument.xreplace({_t: S.Zero}))
    slope = expand(argument - start).diff(_t)
    if slope.has(_t):
        raise NoLimitError(f"{argument} is not seen to change its sign at 0 only")
    if start != 0:
        return node.func(start, *rest) if isinstance(node, Step) else node.func(argument, *rest)
    gate = node.func(slope, *rest)
    return gate if isinstance(node, Step) else _t * gate
