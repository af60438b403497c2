"""derive: backpropagation derived step by step, every step proved, printed as mathematics.

Where a function takes a network, the name of one does too: a built-in name, a shorthand such
as "2-3-1", or the path of a file.

Networks
    read_network        a Network from a built-in name, a shorthand or a file
    read_model          the same, or a model from the definitions of a file
    over_samples        the model of a network over a batch, with samples as an axis
    Model               what all of these are; Model.from_definitions(text) makes one from a text
    read_activation     an Activation from a formula in z
    read_cost           a Cost from the term of one output, in r and y
    Network, Layer      layers one after another, and one of them
    Activation, Cost    what a layer applies, and what is minimised
    COSTS               the costs that have names

Derivations
    backpropagate       the gradient of a network, derived: a Derivation
    second_order        the Hessian, its parts and its products, derived: a Derivation
    Derivation          titled groups of lines; derivation["dC/dW0"] is the chain of a quantity
    Group, Line         lines under a title, and one of them
    Equation            left = right
    verify              the proofs of all lines of a derivation

Proofs
    prove               proves or refutes left = right, from text or expressions: a Proof
    judge               the same for the sides of a line, without reading text
    Proof               proved, refuted or undecided, how, and for what it holds; no bool
    check               every equation of a document, judged: a Checked
    Checked             the statements of a document, each with its verdict

Numbers
    evaluate            exact values, gradient and Hessian at a point
    Evaluation          what it found of a network
    ModelEvaluation     what it found of a model from definitions
    Valuation           a model at one sample, where every quantity has a value
    hessian_program     the gradient and the Hessian as a flat list of definitions
    Program             such a list
    code                a program on arrays for the cost, the gradient and the Hessian
    vectors             exact numbers to test programs with
    ExactVector         those of one point

Documents
    report_on           the files of a report, as text

Expressions
    Quantity            an entry of a tensor, such as W^(0)_ij
    Partial             a derivative that is not worked out yet
    ReLU, LeakyReLU     max(x, 0), and with a slope left of 0
    Step                the unit step, with a value of Step(0)
    sigmoid, softplus   1/(1 + exp(-x)), and log(1 + exp(x))

Errors
    DeriveError         what was given cannot be used; one sentence says why
    NetworkError        the same, about a network

The public names are loaded when they are first used, so that `import derive` is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.lazy import loader
from derive.version import __version__ as __version__

if TYPE_CHECKING:
    from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
    from derive.algebra.quantities import Partial, Quantity
    from derive.checking.check import check
    from derive.checking.verdicts import Checked
    from derive.deriving.first_order import backpropagate
    from derive.deriving.second_order import second_order
    from derive.deriving.verifying import verify
    from derive.documents.reporting import report_on
    from derive.errors import DeriveError, NetworkError
    from derive.evaluating.evaluate import evaluate
    from derive.evaluating.evaluation import Evaluation
    from derive.evaluating.model_values import ModelEvaluation
    from derive.files.network_file import read_model, read_network
    from derive.files.own_formula import read_activation, read_cost
    from derive.kernels.modules import code
    from derive.kernels.vectors import ExactVector, vectors
    from derive.meaning.derivation import Derivation, Equation, Group, Line
    from derive.meaning.valuation import Valuation
    from derive.model.activations import Activation
    from derive.model.batch import over_samples
    from derive.model.costs import COSTS, Cost
    from derive.model.model import Model
    from derive.model.network import Layer, Network
    from derive.programs import Program, hessian_program
    from derive.proving import Proof, judge
    from derive.proving.prove import prove

#: Where each public name lives.
_HOMES = {
    "Activation": "model.activations",
    "backpropagate": "deriving.first_order",
    "check": "checking.check",
    "Checked": "checking.verdicts",
    "code": "kernels.modules",
    "ExactVector": "kernels.vectors",
    "vectors": "kernels.vectors",
    "COSTS": "model.costs",
    "Cost": "model.costs",
    "Derivation": "meaning.derivation",
    "Equation": "meaning.derivation",
    "Group": "meaning.derivation",
    "Line": "meaning.derivation",
    "LeakyReLU": "algebra.functions",
    "ReLU": "algebra.functions",
    "Step": "algebra.functions",
    "sigmoid": "algebra.functions",
    "softplus": "algebra.functions",
    "Evaluation": "evaluating.evaluation",
    "evaluate": "evaluating.evaluate",
    "ModelEvaluation": "evaluating.model_values",
    "DeriveError": "errors",
    "NetworkError": "errors",
    "Layer": "model.network",
    "Network": "model.network",
    "Model": "model.model",
    "read_activation": "files.own_formula",
    "read_cost": "files.own_formula",
    "over_samples": "model.batch",
    "read_model": "files.network_file",
    "read_network": "files.network_file",
    "Program": "programs",
    "hessian_program": "programs",
    "Proof": "proving",
    "judge": "proving",
    "prove": "proving.prove",
    "Partial": "algebra.quantities",
    "Quantity": "algebra.quantities",
    "report_on": "documents.reporting",
    "second_order": "deriving.second_order",
    "Valuation": "meaning.valuation",
    "verify": "deriving.verifying",
}

__all__ = [
    "COSTS",
    "Activation",
    "Checked",
    "Cost",
    "Derivation",
    "DeriveError",
    "Equation",
    "Evaluation",
    "ExactVector",
    "Group",
    "Layer",
    "LeakyReLU",
    "Line",
    "Model",
    "ModelEvaluation",
    "Network",
    "NetworkError",
    "Partial",
    "Program",
    "Proof",
    "Quantity",
    "ReLU",
    "Step",
    "Valuation",
    "backpropagate",
    "check",
    "code",
    "evaluate",
    "hessian_program",
    "judge",
    "over_samples",
    "prove",
    "read_activation",
    "read_cost",
    "read_model",
    "read_network",
    "report_on",
    "second_order",
    "sigmoid",
    "softplus",
    "vectors",
    "verify",
]


__getattr__ = loader(__name__, _HOMES)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
