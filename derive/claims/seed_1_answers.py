"""The first seed: deriving backpropagation with ReLU; the answer and the comments."""

from __future__ import annotations

from functools import partial

from derive.claims import networks as of
from derive.claims.analysis import gradient_flow, kinks
from derive.claims.analysis.finding import Finding, found
from derive.claims.analysis.slope_places import one_place
from derive.claims.checks import (
    Bound,
    Definition,
    Documented,
    Equality,
    Heuristic,
    NotJudged,
    Refuted,
)
from derive.claims.claim import Section, SeedClaim, Speaker
from derive.claims.computed import ArithmeticCheck, Exact, InstanceCheck

_A, _C = Speaker.ANSWER, Speaker.COMMENT

#: The activation of the hidden layer changes the first of the three equations and no other.
ONE_PLACE = Exact(partial(one_place, of.ACTIVATIONS))

SIGMOID_BOUND = Bound("sigmoid(z)*(1-sigmoid(z))", "1/4", "1/2-sigmoid(z)")


def _one_parameter() -> Finding:
    """The network of one neuron has no parameter beside W^(0)."""
    count = sum(1 for _ in of.NEURON.parameter_groups)
    return found(count == 1, parameters=count)


NEURON = Section(
    "seed_1_neuron",
    (
        SeedClaim(
            "S1.15",
            _A,
            (Definition((Equality("ReLU(x)", "cases(0 if x < 0; x otherwise)"),)),),
            (Equality("ReLU(x)", "max(0, x)"),),
        ),
        SeedClaim(
            "S1.16",
            _A,
            (Equality("diff(ReLU(x), x)", "cases(0 if x < 0; 1 otherwise)"),),
            (
                Equality("Step(x, 1)", "cases(0 if x < 0; 1 otherwise)"),
                Documented(("bertoin2021",)),
            ),
        ),
        SeedClaim("S1.17", _A, (Equality("diff(ReLU(x), x)", "Step(x)"),)),
        SeedClaim(
            "S1.18",
            _A,
            (Exact(kinks.relu_slopes), Heuristic(("bertoin2021",))),
        ),
        SeedClaim(
            "S1.19",
            _A,
            (InstanceCheck(kinks.three_gradients), Heuristic(("bertoin2021",))),
            (
                Refuted(Exact(kinks.squared_step)),
                Refuted(Exact(kinks.no_convention_fits)),
                Refuted(InstanceCheck(kinks.smooth_second_derivative)),
            ),
        ),
        SeedClaim("S1.20", _A, (Definition((Equality("z2", "W1*r1", of.TWO),)),)),
        SeedClaim(
            "S1.21",
            _A,
            (
                Definition(
                    (
                        Equality("z1", "W0*x", of.NEURON),
                        Equality("yhat", "ReLU(z1)", of.NEURON),
                    )
                ),
            ),
        ),
        SeedClaim(
            "S1.22",
            _A,
            (
                Equality("dC/dr1", "r1-y", of.NEURON),
                Equality("1/2*(y-r)^2", "1/2*(y^2-2*y*r+r^2)"),
                Equality("diff(1/2*(y^2-2*y*r+r^2), r)", "r-y"),
            ),
        ),
        SeedClaim(
            "S1.23",
            _A,
            (
                Equality("dC/dz1", "(ReLU(z1)-y)*Step(z1)", of.NEURON),
                Equality("dC/dz1", "dC/dr1*dr1/dz1", of.NEURON),
                Equality("dC/dr1*dr1/dz1", "(r1-y)*Step(z1)", of.NEURON),
            ),
        ),
        SeedClaim(
            "S1.24",
            _A,
            (
                Equality("dC/dz2[j]", "sum(m, y[m])*r2[j]-y[j]", of.SOFTMAX),
                Equality("dC/dz2", "r2-y", of.BINARY),
                Equality("dC/dz2[j]", "r2[j]-y[j]", of.LINEAR_OUTPUT),
            ),
            (
                Refuted(Equality("dC/dz1", "r1-y", of.NEURON)),
                Equality("dC/dW{k}[i,j]", "dC/dz{k+1}[j]*dz{k+1}[j]/dW{k}[i,j]", of.GENERAL),
                Equality("dC/dr{k}[i]", "sum(j, dC/dz{k+1}[j]*dz{k+1}[j]/dr{k}[i])", of.GENERAL),
            ),
        ),
        SeedClaim("S1.25", _A, (Equality("dC/dW0", "(ReLU(W0*x)-y)*Step(W0*x)*x", of.NEURON),)),
        SeedClaim("S1.26", _A, (Equality("dz1/dW0", "x", of.NEURON),)),
        SeedClaim(
            "S1.27",
            _A,
            (
                Exact(_one_parameter),
                Equality("dC/dW0", "(ReLU(W0*x)-y)*Step(W0*x)*x", of.NEURON),
            ),
        ),
    ),
)

LAYERS = Section(
    "seed_1_layers",
    (
        SeedClaim("S1.28", _A, (Equality("dC/dz1", "dC/dz2*W1*Step(z1)", of.TWO),)),
        SeedClaim("S1.29", _A, (Definition(),)),
        SeedClaim(
            "S1.30",
            _A,
            (
                Definition(
                    (
                        Equality("z{k+1}[j]", "sum(i, W{k}[i,j]*r{k}[i])", of.GENERAL),
                        Equality("r{k+1}[j]", "ReLU(z{k+1}[j])", of.GENERAL),
                    )
                ),
            ),
        ),
        SeedClaim("S1.31", _A, (Equality("dC/dr1[j]", "r1[j]-y[j]", of.ONE_LAYER),)),
        SeedClaim(
            "S1.32",
            _A,
            (
                Equality("dC/dz{k+1}[j]", "dC/dr{k+1}[j]*Step(z{k+1}[j])", of.GENERAL),
                Equality("dr{k+1}[j]/dz{k+1}[j]", "Step(z{k+1}[j])", of.GENERAL),
            ),
            (Refuted(Equality("dC/dz2[j]", "dC/dr2[j]*dr2[j]/dz2[j]", of.SOFTMAX)),),
        ),
        SeedClaim(
            "S1.33",
            _A,
            (
                Equality("dC/dr{k}[i]", "sum(j, dC/dz{k+1}[j]*W{k}[i,j])", of.GENERAL),
                Equality("dz{k+1}[j]/dr{k}[i]", "W{k}[i,j]", of.GENERAL),
            ),
        ),
        SeedClaim(
            "S1.34",
            _A,
            (
                Equality("dC/dW{k}[i,j]", "dC/dz{k+1}[j]*r{k}[i]", of.GENERAL),
                Equality("dz{k+1}[j]/dW{k}[i,j]", "r{k}[i]", of.GENERAL),
            ),
        ),
        SeedClaim(
            "S1.35",
            _A,
            (
                Equality("dC/dz1[i]", "Step(z1[i])*sum(j, W1[i,j]*dC/dz2[j])", of.LAYERS),
                Equality(
                    "dC/dW0[i,j]",
                    "x[i]*Step(z1[j])*sum(l, W1[j,l]*Step(z2[l])*(r2[l]-y[l]))",
                    of.LAYERS,
                ),
            ),
        ),
        SeedClaim(
            "S1.36",
            _A,
            (
                Equality(
                    "dC/dz1[i]", "dC/dr1[i]*sigmoid(z1[i])*(1-sigmoid(z1[i]))", of.SIGMOID_LAYERS
                ),
                Equality("dC/dz1[i]", "dC/dr1[i]*(1-tanh(z1[i])^2)", of.TANH_LAYERS),
                Equality("dC/dz1[i]", "dC/dr1[i]*sigmoid(z1[i])", of.SOFTPLUS_LAYERS),
                Equality("dC/dz1[i]", "dC/dr1[i]*(alpha+(1-alpha)*Step(z1[i]))", of.LEAKY_LAYERS),
                *(
                    equation
                    for network in of.ACTIVATIONS
                    for equation in (
                        Equality("dC/dr1[i]", "sum(j, dC/dz2[j]*W1[i,j])", network),
                        Equality("dC/dW1[i,j]", "dC/dz2[j]*r1[i]", network),
                    )
                ),
                ONE_PLACE,
            ),
            (
                Equality(
                    "d2C/dW0dW0",
                    "x^2*((r1*(1-r1))^2+(r1-y)*r1*(1-r1)*(1-2*r1))",
                    of.SIGMOID_NEURON,
                ),
            ),
        ),
    ),
)

ANSWER = Section(
    "seed_1_answer",
    (
        SeedClaim(
            "S1.37",
            _A,
            (NotJudged(),),
            (
                Equality("dC/dW0", "(W1*W0*x-y)*W1*x", of.TWO, assume=("W0*x > 0", "W1 > 0")),
                Refuted(Equality("dC/dW0", "(W1*W0*x-y)*W1*x", of.TWO)),
            ),
        ),
        SeedClaim(
            "S1.38",
            _A,
            (
                Equality("dC/dz1[i]", "dC/dr1[i]*r1[i]*(1-r1[i])", of.SIGMOID_LAYERS),
                Equality("dC/dz1[i]", "dC/dr1[i]*Step(z1[i])", of.LAYERS),
            ),
        ),
        SeedClaim(
            "S1.39",
            _A,
            (
                Equality("dC/dz1[i]", "dC/dr1[i]*r1[i]*(1-r1[i])", of.SIGMOID_LAYERS),
                Equality("dC/dr1[i]", "sum(j, dC/dz2[j]*W1[i,j])", of.SIGMOID_LAYERS),
                Equality("dC/dW1[i,j]", "dC/dz2[j]*r1[i]", of.SIGMOID_LAYERS),
                ONE_PLACE,
            ),
        ),
        SeedClaim("S1.40", _A, (SIGMOID_BOUND, ArithmeticCheck(gradient_flow.saturation))),
        SeedClaim(
            "S1.41",
            _A,
            (Equality("Step(z)*(1-Step(z))", "0"), Heuristic(("he2015", "krizhevsky2012"))),
        ),
        SeedClaim(
            "S1.42",
            _A,
            (
                Equality("dyhat/dx", "W2*Step(z3)*W1*Step(z2)*W0*Step(z1)", of.THREE),
                Equality("dyhat/dx", "W2*r3*(1-r3)*W1*r2*(1-r2)*W0*r1*(1-r1)", of.SIGMOID_THREE),
                Equality("dyhat/dx", "W2*(1-r3^2)*W1*(1-r2^2)*W0*(1-r1^2)", of.TANH_THREE),
            ),
        ),
        SeedClaim(
            "S1.43",
            _A,
            (Heuristic(("hanin2018",)),),
            (
                Refuted(ArithmeticCheck(gradient_flow.doubling)),
                Equality("ReLU(w_1/c*ReLU(c*w_2*x))", "ReLU(w_1*ReLU(w_2*x))", assume=("c > 0",)),
                Equality("W0*dC/dW0", "W1*dC/dW1", of.TWO),
                Exact(gradient_flow.large_outputs),
                Documented(("dinh2017",)),
            ),
        ),
    ),
)

COMMENTS = Section(
    "seed_1_comments",
    (
        SeedClaim(
            "S1.44",
            _C,
            (
                Equality("dC/dr1", "r1-y", of.NEURON),
                Equality("dC/dr1", "dC/dU*dU/dr1", of.NEURON),
                Equality("dC/dU", "U", of.NEURON),
                Equality("dU/dr1", "-1", of.NEURON),
            ),
        ),
        SeedClaim(
            "S1.45",
            _C,
            (
                Equality("diff(1/2*(y^2-2*y*r+r^2), r)", "(y-r)*(-1)"),
                Equality("dC/dU*dU/dr1", "r1-y", of.NEURON),
            ),
            (Refuted(Equality("dC/dr1", "dC/dU", of.NEURON)),),
        ),
    ),
)

ANSWERS = (NEURON, LAYERS, ANSWER, COMMENTS)
