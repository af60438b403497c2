"""da/dv = db/dv from a = b: where a and b are functions of v and of what comes beside it."""

import pytest

from derive import Model, judge
from derive.algebra.quantities import Partial
from derive.notation.ascii.given import formula

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
