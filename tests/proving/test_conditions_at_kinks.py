"""A condition under which an equation holds suffices at kinks too."""

from derive import prove
from derive.proving import Kinks, Status

LEFT, RIGHT = "Step(w^2*y*x, 1/2)*ReLU(-x)", "Step(w^2*y*x + 1/2, 1/2)*ReLU(-x)"


def test_a_condition_leaves_out_the_kinks_at_which_the_equation_fails():
    proof = prove(LEFT, RIGHT)  # at w = 0 and x = y = -1 the sides are 1/2 and 1
    assert proof.status is Status.REFUTED and proof.condition is not None
    under = prove(LEFT, RIGHT, assume=[proof.condition])
    assert under.proved and under.scope.kinks is not Kinks.EXCLUDED
    assert prove(LEFT, RIGHT, assume=["y < 0"]).scope.kinks is Kinks.EXCLUDED
