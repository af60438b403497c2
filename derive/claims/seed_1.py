"""The first seed: deriving backpropagation with ReLU; the question.

Its own weight names count from the output: for two layers w_1 = W^(1), w_2 = W^(0); for
three w_1 = W^(2), w_2 = W^(1), w_3 = W^(0).
"""

from __future__ import annotations

from functools import partial

from sympy import Symbol

from derive.claims import networks as of
from derive.claims.analysis import collapse, gradient_flow, initialisation, stationary
from derive.claims.analysis.finding import Finding, found
from derive.claims.checks import Definition, Equality, NotJudged, Readable, Refuted
from derive.claims.claim import Section, SeedClaim, Speaker
from derive.claims.computed import ArithmeticCheck, Exact, InstanceCheck
from derive.claims.seed_1_answers import ANSWERS, SIGMOID_BOUND
from derive.model.activations import Activation

_Q, _C = Speaker.QUESTION, Speaker.COMMENT

_TWO = "ReLU(w_1*ReLU(w_2*x))"
_THREE = "ReLU(w_1*ReLU(w_2*ReLU(w_3*x)))"


def _names_of_three_weights() -> Finding:
    """The names that the text gives to the weights of the layers 3, 2 and 3: are they three?"""
    given = {"w_1": (3, 3), "w_2": (2,)}
    layers = {layer for numbers in given.values() for layer in numbers}
    return found(len(given) == 3 == len(layers), names=len(given), layers=len(layers))


def _mean_square() -> Finding:
    """He's initialisation by fan-in keeps the mean squared gradient of the first layer.

    LeCun's halves it for each hidden layer; in between it is not the same at every layer.
    """
    relu, chain = Activation("relu"), (1, 1, 1, 1)
    n, m = Symbol("n_k", positive=True), Symbol("n_{k+1}", positive=True)
    he, _, lecun, _ = initialisation.INITIALISATIONS
    by_layer = {
        f"he_at_{layer}": initialisation.expected_squared_gradient(he, relu, chain, layer)
        for layer in (1, 2, 3)
    }
    factors = {
        "he": initialisation.backward_factor(he, relu, n, m),
        "lecun": initialisation.backward_factor(lecun, relu, n, m),
    }
    return found(factors["he"] == 1, **factors, **by_layer)


QUESTION = Section(
    "seed_1_question",
    (
        SeedClaim("S1.1", _Q, (Definition((Equality("C", "1/2*(y-yhat)^2", of.NEURON),)),)),
        SeedClaim(
            "S1.2",
            _Q,
            (Definition(),),
            (Refuted(Equality("ReLU(w*x)", "w*x", assume=("x > 0",))),),
        ),
        SeedClaim("S1.3", _Q, (NotJudged(),)),
        SeedClaim(
            "S1.4",
            _Q,
            (
                Definition(
                    (
                        Equality("yhat", "ReLU(W1*ReLU(W0*x))", of.TWO),
                        Equality("yhat", "ReLU(W2*ReLU(W1*ReLU(W0*x)))", of.THREE),
                    )
                ),
            ),
        ),
        SeedClaim(
            "S1.5",
            _Q,
            (Equality(_TWO, "w_1*w_2*x", assume=("x > 0",)),),
            (
                Equality(_TWO, "0", assume=("w_1 < 0",)),
                Equality(_TWO, "0", assume=("w_2*x < 0",)),
                Exact(partial(collapse.sign_share, 2)),
                ArithmeticCheck(partial(collapse.condition_is_exact, 2, 9)),
            ),
        ),
        SeedClaim(
            "S1.6",
            _Q,
            (
                Readable("ReLU(w_1*ReLU(w_2(*ReLU(w_3)) = w_1*w_2*w_3*x"),
                Equality("ReLU(w_1*ReLU(w_2*ReLU(w_3)))", "w_1*w_2*w_3*x"),
            ),
        ),
        SeedClaim(
            "S1.7",
            _Q,
            (Equality(_THREE, "w_1*w_2*w_3*x", assume=("x > 0",)),),
            (
                Equality(_THREE, "0", assume=("w_1 < 0",)),
                Equality(_THREE, "0", assume=("w_2 < 0",)),
                Equality(_THREE, "0", assume=("w_3*x < 0",)),
                Exact(partial(collapse.sign_share, 3)),
                ArithmeticCheck(partial(collapse.condition_is_exact, 3, 7)),
            ),
        ),
        SeedClaim(
            "S1.8",
            _Q,
            (InstanceCheck(partial(collapse.links, of.THREE)),),
            (
                Refuted(InstanceCheck(partial(collapse.links, of.SIGMOID_THREE))),
                Equality("dC/dW0", "(yhat-y)*Step(z3)*W2*Step(z2)*W1*Step(z1)*x", of.THREE),
                Equality(
                    "dC/dW0",
                    "(yhat-y)*W2*W1*x",
                    of.THREE,
                    assume=("W0*x > 0", "W1 > 0", "W2 > 0"),
                ),
            ),
        ),
        SeedClaim(
            "S1.9",
            _Q,
            (Exact(_names_of_three_weights),),
            (
                Equality("dC/dW2", "(yhat-y)*Step(z3)*r2", of.THREE),
                Equality("dC/dW1", "(yhat-y)*Step(z3)*W2*Step(z2)*r1", of.THREE),
                Equality("dC/dW0", "(yhat-y)*Step(z3)*W2*Step(z2)*W1*Step(z1)*x", of.THREE),
                Exact(stationary.update_of_three),
            ),
        ),
        SeedClaim(
            "S1.10",
            _Q,
            (
                SIGMOID_BOUND,
                Equality("Step(z)", "1", assume=("z > 0",)),
                Equality("W0*dC/dW0", "W1*dC/dW1", of.TWO),
                Refuted(Equality("W0*dC/dW0", "W1*dC/dW1", of.SIGMOID_THREE)),
                Exact(_mean_square),
            ),
            asks=True,
        ),
        SeedClaim(
            "S1.11",
            _Q,
            (SIGMOID_BOUND,),
            (Refuted(Equality("sigmoid(z)*(1-sigmoid(z))", "1/4")),),
        ),
        SeedClaim(
            "S1.12",
            _Q,
            (Equality("Step(z)", "1"),),
            (Equality("Step(z)", "0", assume=("z < 0",)),),
        ),
        SeedClaim("S1.13", _Q, (ArithmeticCheck(gradient_flow.products),)),
        SeedClaim("S1.14", _C, (NotJudged(),)),
    ),
)

SECTIONS = (QUESTION, *ANSWERS)
