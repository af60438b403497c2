"""derive: backpropagation derived step by step, every step proved, printed as mathematics.

The public names are loaded when they are first used, so that `import derive` is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.lazy import loader

if TYPE_CHECKING:
    from derive.activations import Activation
    from derive.backpropagation import backpropagate
    from derive.checking import check
    from derive.costs import COSTS, Cost
    from derive.derivation import Derivation, Equation, Group, Line
    from derive.errors import DeriveError, NetworkError
    from derive.evaluating import evaluate
    from derive.evaluation import Evaluation
    from derive.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
    from derive.hessian import second_order
    from derive.network import Layer, Network
    from derive.network_file import read_network
    from derive.programs import Program, hessian_program
    from derive.proving import Proof, judge, prove
    from derive.quantities import Partial, Quantity
    from derive.reporting import report_on
    from derive.valuation import Valuation
    from derive.verdicts import Checked
    from derive.verifying import verify

__version__ = "0.1.0"

#: Where each public name lives.
_HOMES = {
    "Activation": "activations",
    "backpropagate": "backpropagation",
    "check": "checking",
    "Checked": "verdicts",
    "COSTS": "costs",
    "Cost": "costs",
    "Derivation": "derivation",
    "Equation": "derivation",
    "Group": "derivation",
    "Line": "derivation",
    "LeakyReLU": "functions",
    "ReLU": "functions",
    "Step": "functions",
    "sigmoid": "functions",
    "softplus": "functions",
    "Evaluation": "evaluation",
    "evaluate": "evaluating",
    "DeriveError": "errors",
    "NetworkError": "errors",
    "Layer": "network",
    "Network": "network",
    "read_network": "network_file",
    "Program": "programs",
    "hessian_program": "programs",
    "Proof": "proving",
    "judge": "proving",
    "prove": "proving",
    "Partial": "quantities",
    "Quantity": "quantities",
    "report_on": "reporting",
    "second_order": "hessian",
    "Valuation": "valuation",
    "verify": "verifying",
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
