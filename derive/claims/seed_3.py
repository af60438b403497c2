"""The third seed: second-order methods when ReLU'' = 0."""

from __future__ import annotations

from derive.claims import networks as of
from derive.claims.analysis import counts, kinks, newton, stationary, undamped
from derive.claims.analysis.finding import Finding, found
from derive.claims.checks import Definition, Documented, Equality, Heuristic, Refuted
from derive.claims.claim import Section, SeedClaim, Speaker
from derive.claims.computed import ArithmeticCheck, Cases, Exact, InstanceCheck
from derive.claims.seed_2 import EXACT_ZERO

_Q, _A = Speaker.QUESTION, Speaker.ANSWER

#: H v by one pass forward and one back (Pearlmutter's R{.}), for the two-layer chain.
PRODUCT = (
    Equality(
        "d2C/dW0dW0*v_0+d2C/dW0dW1*v_1",
        "x*Step(z1)*(W1*Step(z2)^2*(W1*Step(z1)*v_0*x+v_1*r1)+v_1*dC/dz2)",
        of.TWO, names=("v_0", "v_1"),
    ),
    Equality(
        "d2C/dW0dW1*v_0+d2C/dW1dW1*v_1",
        "Step(z1)*v_0*x*dC/dz2+r1*Step(z2)^2*(W1*Step(z1)*v_0*x+v_1*r1)",
        of.TWO, names=("v_0", "v_1"),
    ),
)  # fmt: skip

_SAME_LAYER_OUTPUT = Equality("d2r2[m]/dW0[i,j]dW0[l,p]", "0", of.LAYERS)
_DIAGONAL = Equality("d2C/dW0[i,j]dW0[i,j]", "sum(m, (dr2[m]/dW0[i,j])^2)", of.LAYERS)


def _product_is_approximate() -> Finding:
    """Whether products with the Hessian, formed without it, are approximate: they are H v."""
    return found(not all(part.outcome().proof is not None for part in PRODUCT))


QUESTION = Section(
    "seed_3_question",
    (
        SeedClaim("S3.1", _Q, (Definition((Equality("ReLU(a)", "max(0, a)"),)),)),
        SeedClaim("S3.2", _Q, (Documented(("ruder2016",)),)),
        SeedClaim(
            "S3.3", _Q, (Equality("Step(a)", "1"),),
            (Equality("Step(a)", "0", assume=("a < 0",)),),
        ),
        SeedClaim("S3.4", _Q, (Equality("diff(Step(a), a)", "0"),)),
        SeedClaim(
            "S3.5", _Q, (Equality("d2C/dW0dW0", "0", of.NEURON),),
            (
                Equality("d2C/dW0dW0", "Step(W0*x)*x^2", of.NEURON),
                Equality(
                    "W0-(dC/dW0)/(d2C/dW0dW0)", "y/x", of.NEURON, assume=("W0*x > 0",)
                ),
                Exact(newton.one_neuron),
                Equality(
                    "d2C/dW0dW0*d2C/dW1dW1-(d2C/dW0dW1)^2",
                    "x^2*(W0*W1*x-y)*(y-3*W0*W1*x)", of.TWO,
                    assume=("W0*x > 0", "W1 > 0"),
                ),
                Refuted(Exact(newton.no_step)),
                Equality("dC/dW0", "0", of.NEURON, assume=("W0*x < 0",)),
                Equality("d2C/dW0dW0", "0", of.NEURON, assume=("W0*x < 0",)),
                Refuted(Exact(undamped.dead_unit)),
            ),
        ),
        SeedClaim(
            "S3.6", _Q,
            (
                Cases((
                    ("gauss_newton", newton.gauss_newton_differs),
                    ("pearlmutter", _product_is_approximate),
                )),
            ),
            (*PRODUCT, Documented(("martens2010", "pearlmutter1994"))),
        ),
        SeedClaim(
            "S3.7", _Q,
            (
                Equality(
                    "d2C/dW0[i,j]dW0[l,p]",
                    "sum(m, dr2[m]/dW0[i,j]*dr2[m]/dW0[l,p])", of.LAYERS,
                ),
                _DIAGONAL,
                Refuted(Equality("d2C/dW0[i,j]dW1[l,m]", "0", of.LAYERS)),
                Equality("W0*d2C/dW0dW0-W1*d2C/dW0dW1", "-dC/dW0", of.TWO),
                Equality("W0*d2C/dW0dW1-W1*d2C/dW1dW1", "dC/dW1", of.TWO),
                Equality("d2C/dW1[j,l]dW1[j,l]", "sum(m, (dr2[m]/dW1[j,l])^2)", of.LAYERS),
                Exact(undamped.on_the_chain),
                Refuted(Exact(undamped.dead_unit)),
                Refuted(Exact(newton.no_step)),
                Documented(("dinh2017",)),
            ),
            asks=True,
        ),
    ),
)  # fmt: skip

ANSWER = Section(
    "seed_3_answer",
    (
        SeedClaim(
            "S3.8", _A, (Equality("diff(Step(x), x)", "0"),),
            (Refuted(Exact(kinks.population_risk)), Exact(kinks.slope_jump)),
        ),
        SeedClaim("S3.9", _A, (Exact(kinks.relu_slopes),)),
        SeedClaim("S3.10", _A, (EXACT_ZERO,)),
        SeedClaim(
            "S3.11", _A, (InstanceCheck(stationary.relu_is_flat_below_zero),),
            (Refuted(Exact(newton.relu_alone)), Documented(("clarke1983",))),
        ),
        SeedClaim(
            "S3.12", _A,
            (
                Cases((
                    *((name, stationary.nowhere_stationary(name))
                      for name in ("sigmoid", "tanh", "softplus", "identity", "leaky_relu")),
                    *((name, stationary.has_minimum(name)) for name in ("silu", "gelu", "mish")),
                    *((name, stationary.has_plateau(name))
                      for name in ("hard_tanh", "relu6", "relu")),
                )),
            ),
        ),
        SeedClaim(
            "S3.13", _A,
            (
                Equality("dC/dW1[j,l]", "0", of.LAYERS, assume=("z2[l] < 0",)),
                Equality("dC/dW0", "0", of.TWO, assume=("z2 < 0",)),
                Equality("dC/dW1", "0", of.TWO, assume=("z2 < 0",)),
            ),
        ),
        SeedClaim(
            "S3.14", _A,
            (
                Equality("d2C/dW0dW0", "x^2*Step(W0*x)", of.NEURON),
                Exact(newton.two_curvatures),
            ),
            (Refuted(Equality("d2C/dW0dW0", "0", of.NEURON)), Exact(kinks.slope_jump)),
        ),
        SeedClaim("S3.15", _A, (Exact(newton.linear_saddle),)),
        SeedClaim(
            "S3.16", _A,
            (Equality("d2r1[j]/dz1[j]dz1[j]", "0", of.LAYERS),),
            (Refuted(Equality("d2C/dW0[i,j]dW0[l,m]", "0", of.LAYERS)),),
        ),
    ),
)  # fmt: skip

HESSIAN = Section(
    "seed_3_hessian",
    (
        SeedClaim(
            "S3.17", _A, (_SAME_LAYER_OUTPUT,),
            (
                Equality(
                    "d2C/dW0[i,j]dW0[l,p]",
                    "sum(m, dr2[m]/dW0[i,j]*dr2[m]/dW0[l,p])", of.LAYERS,
                ),
                _DIAGONAL,
            ),
        ),
        SeedClaim("S3.18", _A, (Exact(counts.off_diagonal),)),
        SeedClaim("S3.19", _A, (Exact(counts.square_count),), (ArithmeticCheck(counts.storage),)),
        SeedClaim(
            "S3.20",
            _A,
            (ArithmeticCheck(counts.storage),),
            (ArithmeticCheck(counts.product_costs),),
        ),
        SeedClaim(
            "S3.21", _A, (Equality("d2C/dW0[i,j]dW0[l,m]", "0", of.LAYERS),),
            (
                Refuted(Exact(newton.same_layer_hessians)),
                _SAME_LAYER_OUTPUT,
                Equality("d2C/dz2[j]dz2[l]", "delta(j,l)*Step(z2[j])^2", of.LAYERS),
                Equality(
                    "d2C/dz2[j]dz2[l]", "sum(m, y[m])*(delta(j,l)*r2[j]-r2[j]*r2[l])", of.SOFTMAX
                ),
                Equality("d2C/dW0[i,j]dW1[l,m]", "0", of.LAYERS, assume=("z1[j] < 0",)),
            ),
        ),
        SeedClaim(
            "S3.22", _A, (Heuristic(("dauphin2015", "kunstner2019", "tieleman2012")),),
            (Refuted(Exact(newton.rmsprop)), Refuted(Exact(newton.rescaled_input))),
        ),
        SeedClaim("S3.23", _A, PRODUCT, (Documented(("martens2010", "pearlmutter1994")),)),
    ),
)  # fmt: skip

SECTIONS = (QUESTION, ANSWER, HESSIAN)
