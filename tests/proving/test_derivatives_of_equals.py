"""da/dv = db/dv from a = b: where a and b are functions of v and of what comes beside it."""

import pytest
from sympy import Tuple

from derive import Model, judge
from derive.algebra.quantities import Partial, Quantity
from derive.meaning.unfolding import unfold
from derive.notation.ascii.given import formula
from derive.proving.points.witness import may_be_equal

MODEL = Model.from_definitions(
    """
    input x[d]
    parameter W[d,h]
    target y[h]
    z[j] := sum(i, x[i]*W[i,j])
    r[j] := tanh(z[j])
    C := 1/2*sum(j, (r[j] - y[j])^2)
    """
)


def read(text):
    return formula(text, "a formula", MODEL)


def by(text, variable):
    return Partial(read(text), read(variable))


def test_what_is_equal_by_definition_moves_alike_along_the_direction():
    assert judge(MODEL, read("R(z[j])"), read("R(sum(i, x[i]*W[i,j]))")).proved
    assert judge(MODEL, read("R(dC/dr[j])"), read("R(r[j] - y[j])")).proved


def test_a_quantity_is_no_function_of_itself_through_what_comes_before_it():
    # dz/dz is delta; the formula of z has the derivative 0 by z, all before z being fixed.
    proof = judge(MODEL, by("z[j]", "z[l]"), by("sum(i, x[i]*W[i,j])", "z[l]"))
    assert not proof.proved


def test_a_derivative_by_what_comes_before_is_not_fixed_with_it():
    # Where z is given W has no users, but d/dz dC/dW is not 0.
    proof = judge(MODEL, by("dC/dW[i,j]", "z[l]"), by("dC/dW[i,j] - dC/dW[i,j]", "z[l]"))
    assert not proof.proved


@pytest.mark.parametrize("variable", ["z[l]", "r[l]", "W[i,l]", "x[i]"])
def test_equal_functions_have_equal_derivatives(variable):
    assert judge(MODEL, by("dC/dr[j]", variable), by("r[j] - y[j]", variable)).proved


#: The cost of all samples is not said through that of each: both are made of the same.
OF_SAMPLES = Model.from_definitions(
    """
    input x[n,d]
    parameter W[d,h], V[h,k]
    target y[n,k]
    r[p,j] := ReLU(sum(i, x[p,i]*W[i,j]))
    z[p,q] := sum(j, r[p,j]*V[j,q])
    s[p,q] := exp(z[p,q])/sum(l, exp(z[p,l]))
    E[p] := -sum(q, y[p,q]*log(s[p,q]))
    C := -1/n*sum(p, sum(q, y[p,q]*log(s[p,q])))
    """
)


def mean_of_gradients(right):
    left, right = (formula(side, "a formula", OF_SAMPLES) for side in ("dC/dW[i,j]", right))
    return left, right


def test_the_gradient_of_a_mean_is_the_mean_of_the_gradients():
    sides = mean_of_gradients("1/n*sum(p, dE[p]/dW[i,j])")
    assert judge(OF_SAMPLES, *sides).proved
    # Both gradients are by definition of the derivatives of s, and no deeper.
    opened = unfold(OF_SAMPLES, Tuple(*sides))
    assert opened is not None
    assert not any(isinstance(part.of, Quantity) for part in opened.atoms(Partial))


def test_idle_units_do_not_hide_that_a_factor_is_lost():
    # At the first of the points looked at both sides are 0: the unit of this weight is idle.
    sides = mean_of_gradients("sum(p, dE[p]/dW[i,j])")
    assert not may_be_equal(OF_SAMPLES, *sides)
    assert judge(OF_SAMPLES, *sides).counterexample is not None
