"""The second seed: gradient descent although ReLU is not differentiable at 0."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Abs, Expr, Piecewise, Symbol, solve

from derive.claims import networks as of
from derive.claims.analysis import kinks, stationary
from derive.claims.analysis.finding import Finding, found
from derive.claims.checks import Definition, Documented, Equality, Heuristic, Refuted
from derive.claims.claim import Section, SeedClaim, Speaker
from derive.claims.computed import Cases, Exact, InstanceCheck
from derive.proving.prove import prove

_Q, _A, _C = Speaker.QUESTION, Speaker.ANSWER, Speaker.COMMENT

_x = Symbol("x", real=True)


def kink_with_bias() -> Finding:
    """z = w x + b is 0 at a single b for each w and x: never, for a b with a density."""
    w, b = Symbol("w", real=True), Symbol("b", real=True)
    return found(len(solve(w * _x + b, b)) == 1)


def kink_without_bias() -> Finding:
    """Without biases z^(2) = 0 on the whole open half w x < 0, half of all sign patterns."""
    on_half = prove("z2", "0", of.TWO, ("W0*x < 0",)).proved
    return found(not on_half)


EXACT_ZERO = Cases((("with_bias", kink_with_bias), ("without_bias", kink_without_bias)))


def _formal_slope(function: Expr) -> Callable[[], Finding]:
    """What mechanical differentiation of an expression gives at 0; holds where that is 0."""

    def compute() -> Finding:
        slope = function.diff(_x).subs(_x, 0)
        return found(slope == 0, slope=slope)

    return compute


_IMPLEMENTATIONS = Cases(
    (
        ("switch_positive", _formal_slope(Piecewise((_x, _x > 0), (0, True)))),
        ("switch_negative", _formal_slope(Piecewise((0, _x < 0), (_x, True)))),
        ("half_sum", _formal_slope((_x + Abs(_x)) / 2)),
    )
)

QUESTION = Section(
    "seed_2_question",
    (
        SeedClaim("S2.1", _Q, (Heuristic(("lecun2015", "goodfellow2016")),)),
        SeedClaim("S2.2", _Q, (Exact(kinks.kinked_activations),)),
        SeedClaim("S2.3", _Q, (Documented(("glorot2011",)),)),
        SeedClaim(
            "S2.4",
            _Q,
            (InstanceCheck(stationary.descent_with_a_kink),),
            (
                Refuted(InstanceCheck(stationary.descent_into_inactivity)),
                Refuted(InstanceCheck(stationary.descent_to_a_kink)),
                Documented(("davis2020", "bolte2021")),
            ),
        ),
        SeedClaim("S2.5", _Q, (InstanceCheck(stationary.stuck_neuron),)),
    ),
)

ANSWER = Section(
    "seed_2_answer",
    (
        SeedClaim(
            "S2.6",
            _A,
            (EXACT_ZERO,),
            (
                Equality("z2", "0", of.TWO, assume=("W0*x < 0",)),
                Equality("dC/dW0", "0", of.TWO, assume=("W0*x < 0",)),
                Equality("dC/db1", "-y*Step(z2)", of.BIASED_TWO, assume=("z1 < 0", "b1 = 0")),
                Equality("z2", "0", of.BIASED_TWO, assume=("z1 < 0", "b1 = 0")),
            ),
        ),
        SeedClaim(
            "S2.7",
            _A,
            (Heuristic(("bertoin2021",)),),
            (Refuted(InstanceCheck(kinks.three_gradients)),),
        ),
        SeedClaim("S2.8", _A, (_IMPLEMENTATIONS,), (Documented(("theano",)),)),
        SeedClaim(
            "S2.9",
            _A,
            (
                Documented(("playground",)),
                Equality("Step(x, 0)", "cases(0 if x <= 0; 1 otherwise)"),
            ),
        ),
        SeedClaim(
            "S2.10",
            _A,
            (Documented(("glorot2011",)),),
            (
                Equality("ReLU(z)", "0", assume=("z <= 0",)),
                Equality("sigmoid(z)*(1+exp(-z))", "1"),
                Equality("tanh(z)*(exp(2*z)+1)", "exp(2*z)-1"),
            ),
        ),
        SeedClaim("S2.11", _A, (Heuristic(("glorot2011",)),)),
        SeedClaim(
            "S2.12",
            _A,
            (Definition(),),
            (
                Equality("dC/dW0[i,j]", "0", of.LAYERS, assume=("z1[j] < 0",)),
                Equality("dC/dW1[j,l]", "0", of.LAYERS, assume=("z1[j] < 0",)),
                Equality("d2C/dW0[i,j]dW0[l,m]", "0", of.LAYERS, assume=("z1[j] < 0",)),
                Equality("d2C/dW0[i,j]dW1[l,m]", "0", of.LAYERS, assume=("z1[j] < 0",)),
                Equality("d2C/dW1[j,l]dW0[i,m]", "0", of.LAYERS, assume=("z1[j] < 0",)),
                Equality("d2C/dW1[j,l]dW1[i,m]", "0", of.LAYERS, assume=("z1[j] < 0",)),
                Equality("dC/dW0", "0", of.NEURON, assume=("W0*x < 0",)),
            ),
        ),
        SeedClaim(
            "S2.13",
            _A,
            (
                Heuristic(("maas2013", "xu2015")),
                Equality("diff(LeakyReLU(z, alpha), z)", "cases(1 if z > 0; alpha if z < 0)"),
            ),
        ),
        SeedClaim(
            "S2.14",
            _C,
            (Documented(("theano",)), Equality("1/2*(x+abs(x))", "ReLU(x)")),
            (Refuted(_IMPLEMENTATIONS),),
        ),
    ),
)

ANSWERED = Section(
    "seed_2_answered",
    (
        SeedClaim(
            "S2.15",
            _Q,
            (
                Equality("diff(ReLU(x), x)", "Step(x)", assume=("x != 0",)),
                Exact(kink_with_bias),
                Documented(("davis2020", "bolte2021", "lee2023")),
                Refuted(InstanceCheck(stationary.stuck_neuron)),
            ),
            asks=True,
        ),
    ),
)

SECTIONS = (QUESTION, ANSWER, ANSWERED)
