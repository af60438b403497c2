"""The one place where a diagnosis becomes a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Basic

from derive.checking.diagnosing.mistakes import Diagnosis, Mistake
from derive.reading.statements import Turn

#: Writes an expression in the notation of whoever reads the sentence.
Say = Callable[[Basic], str]

_COSTS = {
    "half_squared_error": "half the squared error",
    "mean_squared_error": "the mean squared error",
    "cross_entropy": "the cross-entropy",
    "binary_cross_entropy": "the binary cross-entropy",
    "squared_error": "the squared error without the factor 1/2",
    "half_mean_squared_error": "half the mean squared error",
}


def sentence(diagnosis: Diagnosis, say: Say) -> str:
    """What is wrong, without a full stop; expressions are written by `say`."""
    return _SENTENCES[diagnosis.mistake](_Details(diagnosis, say))


class _Details:
    """The details of a diagnosis, written out when they are asked for."""

    def __init__(self, diagnosis: Diagnosis, say: Say) -> None:
        self._details = diagnosis.details
        self._say = say

    def __getitem__(self, name: str) -> str:
        return self._say(self._details[name])

    def plain(self, name: str) -> Any:
        return self._details.get(name)


def _missing_factor(d: _Details) -> str:
    return f"off by the factor {d['factor']}, which is missing"


def _surplus_factor(d: _Details) -> str:
    return f"off by the factor {d['factor']}, which does not belong there"


def _transposed(d: _Details) -> str:
    match d.plain("change"):
        case Turn.TRANSPOSED if not d.plain("part"):
            return "a transpose is missing: the right side has to be transposed"
        case Turn.TRANSPOSED:
            return f"a transpose is missing: {d.plain('part')} has to be transposed"
        case Turn.NOT_TRANSPOSED:
            return f"a transpose is too much: {d.plain('part')} should be without it"
        case Turn.EXCHANGED:
            return f"the indices of {d.plain('part')} are exchanged: it is transposed"
        case _:
            pass
    if d.plain("letters") is not None:
        first, second = d.plain("letters")
        return f"the indices {first} and {second} are exchanged"
    return f"the indices of {d['entry']} are exchanged: it is transposed"


def _wrong_layer(d: _Details) -> str:
    return f"{d['found']} is of the wrong layer; {d['expected']} is right"


def _wrong_derivative(d: _Details) -> str:
    return f"this is {d['of']}, not {d['for']}"


def _other_cost(d: _Details) -> str:
    return f"it would be right for another cost, {_COSTS[d.plain('cost')]}"


def _other_activation(d: _Details) -> str:
    return f"it would be right for another activation, {d.plain('activation')}{_in_layers(d)}"


def _in_layers(d: _Details) -> str:
    layers = d.plain("layers")
    if len(layers) == d.plain("depth"):
        return ""
    return " in the output layer" if layers == (d.plain("depth") - 1,) else " in the hidden layers"


_SENTENCES: dict[Mistake, Callable[[_Details], str]] = {
    Mistake.SIGN: lambda d: "the sign is wrong: off by the factor -1",
    Mistake.SIGN_OF_TERM: lambda d: f"the term {d['term']} has the wrong sign",
    Mistake.SWAPPED_DIFFERENCE: lambda d: (
        f"the sign is wrong: {d['difference']} is the wrong way round, "
        "output and target are exchanged"
    ),
    Mistake.MISSING_FACTOR: _missing_factor,
    Mistake.SURPLUS_FACTOR: _surplus_factor,
    Mistake.WRONG_FACTOR: lambda d: f"{d['found']} stands where {d['expected']} is right",
    Mistake.MISSING_TERM: lambda d: f"the term {d['term']} is missing",
    Mistake.SURPLUS_TERM: lambda d: f"the term {d['term']} does not belong there",
    Mistake.TRANSPOSED: _transposed,
    Mistake.WRONG_INDEX: lambda d: f"wrong index: {d['found']} where {d['expected']} is right",
    Mistake.MISSING_SUM: lambda d: f"the sum over {d['letter']} is missing",
    Mistake.SURPLUS_SUM: lambda d: f"the sum over {d['letter']} does not belong there",
    Mistake.WRONG_LAYER: _wrong_layer,
    Mistake.WRONG_QUANTITY: lambda d: f"{d['found']} stands where {d['expected']} is right",
    Mistake.NOT_DIFFERENTIATED: lambda d: (
        f"the activation was not differentiated: {d['found']} stands where {d['expected']} is right"
    ),
    Mistake.DIFFERENTIATED: lambda d: (
        f"the derivative {d['found']} stands where the value {d['expected']} is right"
    ),
    Mistake.WRONG_DERIVATIVE: _wrong_derivative,
    Mistake.OTHER_LAYOUT: lambda d: (
        "it is right in the other layout of the weights (W transposed), not in this document's"
    ),
    Mistake.SHAPES: lambda d: "the shapes or indices of what stands here do not go together",
    Mistake.ACTIVE_ONLY: lambda d: f"it is right only where {d['condition']}",
    Mistake.OTHER_COST: _other_cost,
    Mistake.OTHER_ACTIVATION: _other_activation,
    Mistake.GAUSS_NEWTON_ONLY: lambda d: (
        "this is only the Gauss-Newton part; the residual part is missing"
    ),
    Mistake.RESIDUAL_ONLY: lambda d: (
        "this is only the residual part; the Gauss-Newton part is missing"
    ),
    Mistake.SAME_LAYER_ZERO: lambda d: (
        "the block of one layer with itself is not 0: only the second derivatives of the "
        "outputs are, not those of the cost"
    ),
    Mistake.TAKEN_FOR_ZERO: lambda d: f"{d['block']} is not 0",
}
assert set(_SENTENCES) == set(Mistake)
