"""Guesses about products: a sign, a factor that is missing, one too many, one for another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import combinations

from sympy import (
    Add,
    Dummy,
    Expr,
    Function,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    S,
    cos,
    erf,
    exp,
    factor_list,
    sin,
    tanh,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.algebra.quantities import Partial, Quantity
from derive.checking.diagnosing.mistakes import Guess, Mistake, Suspect
from derive.checking.diagnosing.positions import (
    Change,
    Scope,
    changed,
    outside_steps,
    with_factor,
    with_factor_of_residual,
    with_sign_turned,
    with_term,
    without_factor,
    without_term,
)
from derive.checking.diagnosing.scopes import Neighbourhood


def signs(suspect: Suspect) -> Iterator[Guess]:
    """The other sign: of a difference y - r, of everything, of one term."""
    right = suspect.right
    for new, difference in changed(right, _turned_difference):
        yield suspect.guess(Mistake.SWAPPED_DIFFERENCE, new, difference=difference)
    yield suspect.guess(Mistake.SIGN, -right)
    for new, term in changed(right, with_sign_turned):
        yield suspect.guess(Mistake.SIGN_OF_TERM, new, term=term)
    for new, exponent in changed(right, _turned_exponent):
        yield suspect.guess(Mistake.SIGN_OF_TERM, new, term=exponent)


def inverted(suspect: Suspect) -> Iterator[Guess]:
    """A fraction that is upside down: all of the right side, or one factor of it."""
    if not suspect.right.is_number:
        yield suspect.guess(Mistake.UPSIDE_DOWN, 1 / suspect.right)
    for new, _ in changed(suspect.right, _turned_fraction):
        yield suspect.guess(Mistake.UPSIDE_DOWN, new)


def _turned_fraction(node: Expr, _: Scope) -> Iterator[tuple[Expr, Expr]]:
    """b/a for a/b, where both are written."""
    above, below = node.as_numer_denom() if isinstance(node, Mul) else (node, S.One)
    if not (above.is_number or below.is_number):
        yield below / above, node


def _turned_exponent(node: Expr, _: Scope) -> Iterator[tuple[Expr, Expr]]:
    """e^-z for e^z."""
    if isinstance(node, exp):
        yield exp(-node.args[0]), node.args[0]


def _turned_difference(node: Expr, _: Scope) -> Iterator[tuple[Expr, Expr]]:
    """y - r for r - y, r - y for y - r, and -U for U."""
    is_named = isinstance(node, Quantity) and node.kind == "U"
    if is_named or (isinstance(node, Add) and len(node.args) == 2 and _is_difference(node)):
        yield -node, node


def _is_difference(node: Add) -> bool:
    """Whether a sum is a target minus something, or the other way round."""
    terms = [term.as_coeff_Mul() for term in node.args]
    if {c for c, _ in terms} != {S.One, S.NegativeOne}:
        return False
    kinds = [rest.kind if isinstance(rest, Quantity) else "" for _, rest in terms]
    return "y" in kinds and not any(rest.is_number for _, rest in terms)


def constants(suspect: Suspect) -> Iterator[Guess]:
    """A number that is missing or too much: 2, 1/2, the number n of outputs."""
    network, right = suspect.stack, suspect.right
    outputs = network.width(network.last)
    numbers: dict[Expr, None] = dict.fromkeys(map(Integer, (2, 3, 4)))
    if outputs != 1:
        numbers = {outputs: None, **numbers}
    for number in numbers:
        if number != 1:
            yield suspect.guess(Mistake.MISSING_FACTOR, right * number, factor=number)
            yield suspect.guess(Mistake.SURPLUS_FACTOR, right / number, factor=number)
    for number in (Integer(2), Rational(1, 2)):
        for new, factor in _with_factor(right, lambda _, n=number: [n]):
            yield suspect.guess(Mistake.MISSING_FACTOR, new, factor=factor)


def _with_factor(
    right: Expr, factors: Callable[[Scope], Iterable[Expr]]
) -> Iterator[tuple[Expr, Expr]]:
    """One node, or the difference of an output and its target in a longer sum, multiplied."""
    yield from changed(right, with_factor(factors), into=outside_steps)
    yield from changed(right, with_factor_of_residual(factors), into=outside_steps)


def missing(suspect: Suspect) -> Iterator[Guess]:
    """A derivative of an activation, a weight, an output, a difference, a delta."""
    for pool in (_slopes, _others, _several_slopes):
        kept = cache(lambda scope, pool=pool: tuple(dict.fromkeys(pool(suspect.around, scope))))
        for new, factor in _with_factor(suspect.right, kept):
            yield suspect.guess(Mistake.MISSING_FACTOR, new, factor=factor)


def _slopes(around: Neighbourhood, scope: Scope) -> Iterator[Expr]:
    for z in around.pre_activations(scope):
        slope = around.slope(z)
        if slope is not None:
            yield slope
            if isinstance(slope, Add | Mul):
                yield from _parts_of_slope(around, z)


def _parts_of_slope(around: Neighbourhood, z: Quantity) -> Iterator[Expr]:
    """Half of r (1 - r), for those who forgot the other half."""
    r = Quantity("r", z.layer, *z.indices)
    yield r
    by_output = around.stack.layer(z.layer).activation.kind.slope_by_output
    if by_output is not None:
        _, factors = factor_list(by_output(r))
        for factor, _ in reversed(factors):
            if factor != r:
                yield factor if factor.subs(r, 0) > 0 else -factor


def _others(around: Neighbourhood, scope: Scope) -> Iterator[Expr]:
    yield from around.outputs(scope)
    yield from around.parameters(scope)
    yield from around.pre_activations(scope)
    last = around.stack.last
    for r in around.entries("r", last, scope):
        yield r - Quantity("y", last, *r.indices)
    for variables in (around.pre_activations(scope), around.outputs(scope)):
        for variable in variables:
            yield Partial(around.network.C, variable)
    letters = [*dict.fromkeys((*scope, *around.free))]
    for first, second in combinations(letters, 2):
        if around.axes.get(first) == around.axes.get(second) is not None:
            yield KroneckerDelta(first, second)


def _several_slopes(around: Neighbourhood, scope: Scope) -> Iterator[Expr]:
    """Two derivatives of activations at once, and all of them."""
    slopes = [s for z in around.pre_activations(scope) if (s := around.slope(z)) is not None]
    if len(slopes) > 6:
        return
    for first, second in combinations(slopes, 2):
        yield first * second
    if len(slopes) > 2:
        yield Mul(*slopes)


def surplus(suspect: Suspect) -> Iterator[Guess]:
    """A factor that should not be there."""
    for new, factor in changed(suspect.right, without_factor):
        if factor != -1:
            yield suspect.guess(Mistake.SURPLUS_FACTOR, new, factor=factor)
    letters = tuple(suspect.around.axes)
    for z in suspect.around.pre_activations(letters):
        slope = suspect.around.slope(z) or _softmax_slope(suspect.around, z)
        if slope is not None:
            for new, _ in changed(suspect.right, _without(slope)):
                yield suspect.guess(Mistake.SURPLUS_FACTOR, new, factor=slope)


def _softmax_slope(around: Neighbourhood, z: Quantity) -> Expr | None:
    """p (1 - p), the diagonal of the derivative of softmax, which people take for all of it."""
    if around.stack.layer(z.layer).activation.kind.elementwise:
        return None
    r = Quantity("r", z.layer, *z.indices)
    return r * (1 - r)


def _without(slope: Expr) -> Change:
    """A product without all the factors of another."""
    unwanted = Mul.make_args(slope)

    def left_out(node: Expr, _: Scope) -> Iterator[tuple[Expr, Expr]]:
        if isinstance(node, Mul) and set(unwanted) <= set(node.args):
            yield Mul(*(factor for factor in node.args if factor not in unwanted)), slope

    return left_out


def terms(suspect: Suspect) -> Iterator[Guess]:
    """A term that is missing, such as a bias, or one too many."""
    right, around = suspect.right, suspect.around
    for new, term in changed(right, without_term):
        yield suspect.guess(Mistake.SURPLUS_TERM, new, term=term)

    def possible(scope: Scope) -> Iterator[Expr]:
        last = around.stack.last
        for kind in ("y", "r"):
            for entry in around.entries(kind, last, scope):
                yield entry
                yield -entry
        for parameter in around.parameters(scope):
            if parameter.kind == "b":
                yield parameter

    def half(_: Scope) -> Iterator[Expr]:
        return _missing_products(around)

    for new, term in changed(right, with_term(possible), into=outside_steps):
        yield suspect.guess(Mistake.MISSING_TERM, new, term=term)
    for new, term in changed(right, with_term(half), into=outside_steps):
        yield suspect.guess(Mistake.MISSING_TERM, new, term=term)


def _missing_products(around: Neighbourhood) -> Iterator[Expr]:
    """W^(k)_ij r^(k)_i summed over i: the other half of a pre-activation with biases."""
    for layer in around.layers[1:]:
        for z in around.entries("z", layer):
            definition = around.network.definition(z)
            if definition is not None and definition.is_Add:
                yield from (part for part in definition.args if not isinstance(part, Quantity))


def functions(suspect: Suspect) -> Iterator[Guess]:
    """phi for phi' or phi' for phi, where functions are written out: ReLU(z) for Step(z)."""
    yield from _exchanged(suspect, _other_function)


def inputs(suspect: Suspect) -> Iterator[Guess]:
    """z for r where a pre-activation stands as a factor: Step(z) z is r, but z is what is wrong."""

    def output(node: Expr, _: Scope) -> Iterator[tuple[Expr, tuple[Expr, Expr]]]:
        if isinstance(node, Quantity) and node.kind == "z":
            r = Quantity("r", node.layer, *node.indices)
            yield r, (node, r)

    def outside_functions(node: Expr) -> bool:
        return not isinstance(node, Function)

    for new, (found, expected) in changed(suspect.right, output, into=outside_functions):
        yield suspect.guess(Mistake.WRONG_QUANTITY, new, found=found, expected=expected)


def quantities(suspect: Suspect) -> Iterator[Guess]:
    """z for r, r for z, r for phi'(z), a square for a factor, r y for r - y."""
    yield from _exchanged(suspect, lambda node: _other_quantity(node, suspect.around))
    for whole, (product, residual) in changed(suspect.right, _residual_of_product):
        yield suspect.guess(Mistake.WRONG_FACTOR, whole, found=product, expected=residual)
    for whole, factor in changed(suspect.right, _squared, into=outside_steps):
        yield suspect.guess(Mistake.WRONG_FACTOR, whole, found=factor, expected=factor**2)


def _exchanged(
    suspect: Suspect, others: Callable[[Expr], Iterable[tuple[Mistake, Expr]]]
) -> Iterator[Guess]:
    def other(node: Expr, _: Scope) -> Iterator[tuple[Expr, tuple[Mistake, Expr, Expr]]]:
        for mistake, new in others(node):
            yield new, (mistake, node, new)

    for whole, (mistake, old, new) in changed(suspect.right, other):
        yield suspect.guess(mistake, whole, found=old, expected=new)


def _residual_of_product(node: Expr, _: Scope) -> Iterator[tuple[Expr, tuple[Expr, Expr]]]:
    """r - y for r y: a minus sign that was lost."""
    if not isinstance(node, Mul):
        return
    entries = [factor for factor in node.args if isinstance(factor, Quantity)]
    for output in (entry for entry in entries if entry.kind == "r"):
        for target in (entry for entry in entries if entry.kind == "y"):
            if output.args[1:] == target.args[1:]:
                rest = [factor for factor in node.args if factor not in (output, target)]
                residual = output - target
                yield Mul(*rest, residual), (output * target, residual)


def _squared(node: Expr, _: Scope) -> Iterator[tuple[Expr, Expr]]:
    if isinstance(node, Quantity):
        yield node**2, node


def _other_function(node: Expr) -> Iterator[tuple[Mistake, Expr]]:
    match node:
        case Step():
            yield Mistake.DIFFERENTIATED, ReLU(*node.args)
        case ReLU() | LeakyReLU() | sigmoid() | tanh() | softplus() | erf() | sin() | cos():
            argument = Dummy("z", real=True)
            inner, *rest = node.args
            slope = node.func(argument, *rest).diff(argument).xreplace({argument: inner})
            yield Mistake.NOT_DIFFERENTIATED, slope
        case _:
            return


def _other_quantity(node: Expr, around: Neighbourhood) -> Iterator[tuple[Mistake, Expr]]:
    match node:
        case Quantity() if node.kind == "r" and node.layer != around.stack.first:
            z = Quantity("z", node.layer, *node.indices)
            yield Mistake.WRONG_QUANTITY, z
            slope = around.slope(z)
            if slope is not None:
                yield Mistake.NOT_DIFFERENTIATED, slope
        case Quantity() if node.kind == "z":
            yield Mistake.WRONG_QUANTITY, Quantity("r", node.layer, *node.indices)
            slope = around.slope(node)
            if slope is not None:
                yield Mistake.NOT_DIFFERENTIATED, slope
        case Quantity() if node.kind == "y":
            yield Mistake.WRONG_QUANTITY, Quantity("r", node.layer, *node.indices)
        case Pow() if node.exp == 2:
            yield Mistake.WRONG_FACTOR, node.base
        case _:
            return
