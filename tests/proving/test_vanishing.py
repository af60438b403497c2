"""Where the argument of a gate is 0 on a region: the states of the gates inside it, one by one."""

import pytest
from sympy import Expr, exp, sqrt, symbols

from derive import ReLU, Step
from derive.proving.exact.normal_form import NormalForm
from derive.proving.vanishing import Zeros, zeros

a, b, c, v, w = symbols("a b c v w", real=True)


def found(argument: Expr) -> tuple[NormalForm, Zeros]:
    form = NormalForm()
    return form, zeros(form, form.translate(argument))


def states(argument: Expr) -> set[frozenset[tuple[str, int]]]:
    """The states, each gate by its argument."""
    form, zero = found(argument)
    assert zero.certain
    words = {
        gate: str(form.in_words(form.switch(gate).argument)) for s in zero.states for gate in s
    }
    return {frozenset((words[gate], on) for gate, on in one.items()) for one in zero.states}


@pytest.mark.parametrize(
    ("argument", "where"),
    [
        (a, []),
        (a * w - b * w, []),
        (ReLU(a, 0) * w + ReLU(b, 0) * v + c, []),
        (ReLU(a, 0) * w + ReLU(b, 0) * v, ["a0 b0"]),
        (Step(a, 0) * w - Step(a, 0) * Step(b, 0) * w, ["a0 b0", "a0 b1", "a1 b1"]),
        (ReLU(a, 0) / (1 + v**2), ["a0"]),
        (ReLU(a, 0) / (1 + ReLU(b, 0)), ["a0 b0", "a0 b1"]),
        (exp(a) - 1, []),
        (ReLU(a, 0) * (exp(b) - 2), ["a0"]),
    ],
)
def test_an_argument_vanishes_in_these_states(argument: Expr, where: list[str]):
    """A state is written "a0 b1": ReLU(a) off, ReLU(b) on."""
    expected = {frozenset((gate[0], int(gate[1])) for gate in one.split()) for one in where}
    assert states(argument) == expected


@pytest.mark.parametrize("argument", [1 / ReLU(a, 0), ReLU(a, 0) / (Step(b, 0) * v), sqrt(a) - b])
def test_what_is_not_analytic_everywhere_is_not_certain(argument: Expr):
    assert not found(argument)[1].certain
