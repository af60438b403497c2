"""Laws of activation regions: gradients of ReLU layers by the signs of pre-activations."""

from __future__ import annotations

from sympy import (
    And,
    Eq,
    Expr,
    LessThan,
    Mul,
    Ne,
    Or,
    Piecewise,
    S,
    StrictGreaterThan,
    Symbol,
    cancel,
    exp,
    log,
    tanh,
)
from sympy.core.function import Application

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.algebra.primitives import primitive_of
from derive.algebra.quantities import Partial, Quantity, outermost
from derive.deriving.laws.algebra import in_short, match
from derive.meaning.derivation import Equation
from derive.model.activations import kinks_of
from derive.model.network import Network

#: What the formulas of activations are functions of.
VARIABLE = Symbol("z", real=True)
#: e^z, where formulas are compared.
_POWER = Symbol("power", positive=True)


def unit_cases(network: Network, partial: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dC/dW^(k)_ij by the sign of z^(k+1)_j, for a ReLU layer k+1."""
    variable = _variable(network, partial)
    target = network.into(variable)
    unit = variable.indices[-1:] if network.has_index(target) else ()
    z, r = Quantity("z", target, *unit), Quantity("r", target, *unit)
    active = Partial(network.C, r)
    if variable.kind == "W":
        source = variable.indices[:1] if network.has_index(variable.layer) else ()
        active = active * Quantity("r", variable.layer, *source)
    return _by_sign(z, active, network.step_at_zero)


def _by_sign(z: Expr, active: Expr, at_zero: Expr) -> Piecewise:
    """`active` times Step(z) as cases, two of them where Step(0) is 0 or 1."""
    if at_zero == 0:
        branches = ((active, z > 0), (S.Zero, z <= 0))
    elif at_zero == 1:
        branches = ((active, z >= 0), (S.Zero, z < 0))
    else:
        branches = ((active, z > 0), (at_zero * active, Eq(z, 0)), (S.Zero, z < 0))
    return Piecewise(*branches, evaluate=False)


def chain_cases(network: Network, partial: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dC/dW^(k) of a chain of ReLU units by the signs of all later pre-activations.

    Where all are positive it is the error times the later weights times r^(k), and
    elsewhere 0: so too where z is 0 since an earlier unit is off.  With another Step(0)
    than 0 the product also holds at kinks (Step(0) = 1), or has the steps there.
    """
    variable = _variable(network, partial)
    later = [
        n for n in network.layer_numbers if network.position(n) > network.position(variable.layer)
    ]
    signs = [network.quantity("z", n) for n in later]
    factor: Expr = network.quantity("r", variable.layer) if variable.kind == "W" else S.One
    product = _error(network) * Mul(*(network.quantity("W", n) for n in later[:-1])) * factor
    at_zero = network.step_at_zero
    off = (S.Zero, S.true)
    if at_zero == 0:
        branches = ((product, And(*(z > 0 for z in signs))), off)
    elif at_zero == 1:
        branches = ((product, And(*(z >= 0 for z in signs))), off)
    else:
        steps = Mul(*(Step(z, at_zero) for z in signs))
        branches = (
            (product, And(*(z > 0 for z in signs))),
            (S.Zero, Or(*(z < 0 for z in signs))),
            (product * steps, S.true),
        )
    return Piecewise(*branches, evaluate=False)


def active_output(network: Network, output: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """r^(L) = W^(L-1) ... W^(0) x, for a chain without biases whose units are all active."""
    if output != network.quantity("r", network.last):
        raise ValueError(f"{output} is not the output")
    weights = (network.quantity("W", n) for n in network.layer_numbers[:-1])
    return Mul(*weights) * network.quantity("r", network.first)


def active_gradient(network: Network, partial: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dC/dW^(k) = (W ... W x - y) (the other weights) x, where all units are active."""
    variable = _variable(network, partial)
    error = _error(network).xreplace(
        {
            network.quantity("r", network.last): active_output(
                network, network.quantity("r", network.last)
            )
        }
    )
    others = (network.quantity("W", n) for n in network.layer_numbers[:-1] if n != variable.layer)
    return error * Mul(*others) * network.quantity("r", network.first)


def active_hessian(network: Network, partial: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """C'' dP/dw_a dP/dw_b + C' d2P/dw_a dw_b with P = W ... W x, where all units are active."""
    if not isinstance(partial, Partial) or len(partial.unnested[1]) != 2:
        raise ValueError(f"{partial} is not a second derivative")
    first, second = partial.unnested[1]
    output = active_output(network, network.quantity("r", network.last))
    error = _error(network)
    r = network.quantity("r", network.last)
    slopes = (output.diff(first), output.diff(second))
    return error.diff(r) * slopes[0] * slopes[1] + error.xreplace({r: output}) * slopes[0].diff(
        second
    )


def all_active(network: Network) -> Expr:
    """The condition z^(1) > 0, ..., z^(L) > 0 of a chain."""
    return And(*(network.quantity("z", n) > 0 for n in network.layer_numbers[1:]))


def inactive_unit(network: Network, gradient: Expr, given: tuple[Equation, ...]) -> Expr:
    """dC/dp = 0 for a weight or bias into or out of a ReLU unit with z < 0.

    `given` says that the unit's r is ReLU(z), or that its dC/dz has the factor Step(z): the
    one is 0 and stands in dC/dW for weights out of the unit, the other for those into it.
    The only unit of its layer stops what all earlier parameters pass on, too.
    """
    variable = _variable(network, gradient)
    (equation,) = given
    match equation.lhs:
        case Partial(of=network.C, wrt=z) if z.kind == "z":
            into = z == _unit(network, "z", variable, network.into(variable), -1)
            before = network.position(network.into(variable)) < network.position(z.layer)
            through = before and not network.has_index(z.layer)
            stops = any(isinstance(f, Step) for f in Mul.make_args(equation.rhs))
            vanishes = (into or through) and stops
        case Quantity(kind="r"):
            out = equation.lhs == _unit(network, "r", variable, variable.layer, 0)
            vanishes = variable.kind == "W" and out and isinstance(equation.rhs, ReLU)
        case _:
            vanishes = False
    if not vanishes:
        raise ValueError(f"{equation.lhs} is not a factor of {gradient} that vanishes")
    return S.Zero


def zero_nearby(network: Network, partial: Expr, given: tuple[Equation, ...]) -> Expr:
    """d2C/dp dq = 0 where dC/dp (or dC/dq) is 0 at all points nearby."""
    (equation,) = given
    if not isinstance(partial, Partial) or len(partial.unnested[1]) != 2:
        raise ValueError(f"{partial} is not a second derivative")
    firsts = [Partial(network.C, q) for q in partial.unnested[1]]
    if equation.rhs != 0 or not any(match(equation.lhs, first) is not None for first in firsts):
        raise ValueError(f"{partial} is no derivative of {equation.lhs} = {equation.rhs}")
    return S.Zero


def _unit(network: Network, kind: str, parameter: Quantity, layer: Expr, position: int) -> Quantity:
    """The unit of a layer that a weight, in the index at a position, starts from or leads to."""
    units = (parameter.indices[position],) if network.has_index(layer) else ()
    return Quantity(kind, layer, *units)


def function_formula(network: Network, function: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """The formula of Step, of an activation at a plain z, or of what a cost takes of a U_j."""
    z = VARIABLE
    match function:
        case _ if is_formula(function):
            return _by_gates(function)
        case ReLU():
            return Piecewise((z, z > 0), (S.Zero, z <= 0), evaluate=False)
        case LeakyReLU():
            return Piecewise((z, z > 0), (function.args[1] * z, z <= 0), evaluate=False)
        case Step():
            return _by_sign(z, S.One, function.args[1])
        case sigmoid():
            return 1 / (1 + exp(-z))
        case softplus():
            return log(1 + exp(z))
        case tanh():
            return (exp(z) - exp(-z)) / (exp(z) + exp(-z))
        case _:
            raise ValueError(f"{function} is not an activation")


def function_derivative(
    network: Network, derivative: Expr, given: tuple[Equation, ...] = ()
) -> Expr:
    """phi'(z), by SymPy's diff of the activation as a function."""
    return derivative.args[0].diff(derivative.args[1][0])


def name_the_function(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """e^-z/(1 + e^-z)^2 = sigmoid(z) (1 - sigmoid(z)): a slope in terms of its activation.

    What is the slope of none stays as it is.
    """
    z = VARIABLE
    for function in (sigmoid(z), softplus(z), tanh(z)):
        slope = function.diff(z)
        if cancel(_in_powers(slope) - _in_powers(expression)) == 0:
            return slope
    return expression


def _in_powers(formula: Expr) -> Expr:
    """A formula with a symbol in place of e^z, in which slopes are quotients of polynomials."""
    return formula.rewrite(exp).replace(
        lambda node: isinstance(node, exp) and (node.args[0] / VARIABLE).is_Integer,
        lambda node: _POWER ** (node.args[0] / VARIABLE),
    )


def kink_condition(function: Expr, z: Symbol) -> Expr:
    """Where an activation is differentiable: z != 0 if it has a kink, else everywhere."""
    return And(*(Ne(z, kink) for kink in kinks_of(function, z)))


def is_formula(function: Expr) -> bool:
    """Whether an activation is written with others, as z sigmoid(z) is, and has no own name.

    So is erf(z) or sin(z): a function of mathematics, with no other formula.
    """
    named = (ReLU, LeakyReLU, Step, sigmoid, softplus, tanh)
    return not isinstance(function, Application) or (
        primitive_of(function) is not None and not isinstance(function, named)
    )


def named_in(function: Expr) -> list[Expr]:
    """The functions with a formula of their own that an activation is written with."""
    return sorted(at_the_variable(function, ReLU, LeakyReLU, sigmoid, softplus, tanh), key=str)


def at_the_variable(formula: Expr, *functions: type) -> set[Expr]:
    """The functions that occur in a formula, each as a function of the plain variable."""
    return {node.func(VARIABLE, *node.args[1:]) for node in formula.atoms(*functions)}


def _by_gates(function: Expr) -> Expr:
    """A formula with gates Step(z - k) by cases: what it is right of each kink, and left of all."""
    variable = next(iter(outermost(function)), VARIABLE)
    gates = {kink: gate for gate in function.atoms(Step) for kink in kinks_of(gate, variable)}
    if not gates or function.atoms(ReLU, LeakyReLU) or len(gates) != len(function.atoms(Step)):
        raise ValueError(f"{function} is not one formula on each side of a kink")
    kinks = sorted(gates, key=_place)

    def between(below: int) -> Expr:
        """The formula where so many kinks are below."""
        states = {
            gates[kink]: S.One
            if (gates[kink].args[0].diff(variable) > 0) == (at < below)
            else S.Zero
            for at, kink in enumerate(kinks)
        }
        piece = function.xreplace(states)
        return piece if len(kinks) == 1 else piece.expand()

    count = len(kinks)
    branches = [(between(count), StrictGreaterThan(variable, kinks[-1]))]
    for at in range(count - 1, 0, -1):
        inside = And(StrictGreaterThan(variable, kinks[at - 1]), LessThan(variable, kinks[at]))
        branches.append((between(at), inside))
    branches.append((between(0), LessThan(variable, kinks[0])))
    return Piecewise(*branches, evaluate=False)


def _place(kink: Expr) -> Expr:
    """Where a kink lies, with 1 for a threshold that is a symbol."""
    return kink.xreplace(dict.fromkeys(kink.free_symbols, S.One))  # pyright: ignore


def activations_of(network: Network) -> list[Expr]:
    """Each elementwise activation of the network once, as a function of a plain z."""
    z = VARIABLE
    found: dict[Expr, None] = {}
    for layer in network.layers:
        if layer.activation.kind.elementwise and layer.activation.name != "identity":
            found[layer.activation(z, network.step_at_zero)] = None
    return list(found)


def _variable(network: Network, partial: Expr) -> Quantity:
    if not isinstance(partial, Partial) or partial.of != network.C:
        raise ValueError(f"{partial} is not a derivative of the cost")
    if partial.wrt.kind not in ("W", "b"):
        raise ValueError(f"{partial.wrt} is not a parameter")
    return partial.wrt


def _error(network: Network) -> Expr:
    """dC/dr^(L) of the output of a chain."""
    last = network.last
    r, y = network.quantity("r", last), network.quantity("y", last)
    cost = network.cost
    assert cost is not None
    slope = (cost.scale(network.width(last)) * cost.term(r, y, network.step_at_zero)).diff(r)
    return in_short(network, slope)
