"""derive: backpropagation derived step by step, every step proved, printed as mathematics.

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
    from derive.files.definitions_file import read_definitions
    from derive.files.network_file import read_model, read_network
    from derive.files.own_formula import read_activation, read_cost
    from derive.meaning.derivation import Derivation, Equation, Group, Line
    from derive.meaning.valuation import Valuation
    from derive.model.activations import Activation
    from derive.model.costs import COSTS, Cost
    from derive.model.network import Layer, Network
    from derive.programs import Program, hessian_program
    from derive.proving import Proof, judge, prove

#: Where each public name lives.
_HOMES = {
    "Activation": "model.activations",
    "backpropagate": "deriving.first_order",
    "check": "checking.check",
    "Checked": "checking.verdicts",
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
    "read_definitions": "files.definitions_file",
    "read_activation": "files.own_formula",
    "read_cost": "files.own_formula",
    "read_model": "files.network_file",
    "read_network": "files.network_file",
    "Program": "programs",
    "hessian_program": "programs",
    "Proof": "proving",
    "judge": "proving",
    "prove": "proving",
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
    "Group",
    "Layer",
    "LeakyReLU",
    "Line",
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
    "evaluate",
    "hessian_program",
    "judge",
    "prove",
    "read_activation",
    "read_cost",
    "read_definitions",
    "read_model",
    "read_network",
    "report_on",
    "second_order",
    "sigmoid",
    "softplus",
    "verify",
]


__getattr__ = loader(__name__, _HOMES)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
