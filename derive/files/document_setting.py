"""What the head of a document says of its model, so that `derive check` knows what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from derive.errors import NetworkError
from derive.files.built_in import builtin_model_names, builtin_names
from derive.files.network_file import read_completed
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.defined_model import DefinedModel
from derive.model.model import Model
from derive.model.network import Layer, Network
from derive.notation.ascii.printing import ascii_text

#: What completes the name of a network, in a document as on the command line.
COMPLETIONS = (
    "activation", "output_activation", "cost", "threshold", "bias", "slope", "at_zero", "batch",
)  # fmt: skip
_BATCH = "-batch"  #: what a network over samples has behind its name
#: A name that can stand in a comment, followed by nothing that would end it.
_SOURCE = re.compile(r"(?!.*--)[\w./+-]+")
_ENDS_A_COMMENT = re.compile(r"--|[<>;,=]")


def setting_of(source: str, options: Mapping[str, Any]) -> str:
    """A model as `NetworkPart` reads it: its name, and the options that were given.

    Empty for a name, such as that of a file with blanks, that no document can say.
    """
    if not _SOURCE.fullmatch(source):
        return ""
    words = [source]
    for option in COMPLETIONS:
        value = options.get(option)
        if value is not None:
            chosen = {True: "yes", False: "no"}.get(value, value)
            written = "".join(str(chosen).split())
            if _ENDS_A_COMMENT.search(written):
                return ""
            words.append(f"{option.replace('_', '-')}={written}")
    return " ".join(words)


def model_setting(model: Model) -> str:
    """The name, with the options, that reads back as this very model; empty where none does.

    Names of quantities of the user's own are no part of it; `document_setting` adds them.
    """
    for source, options in _candidates(model):
        setting = setting_of(source, options)
        if setting and _reads_back(source, options, model):
            return setting
    return ""


def document_setting(model: Model, called: str = "", notation: str = "derive") -> str:
    """`network = 1-1, notation = ng, w_1 = W0`: what the head of a document says of its formulas.

    `called` is how a model is named that no built-in name or shorthand says.
    """
    setting = model_setting(model) or called
    written = [] if notation == "derive" else [f"notation = {notation}"]
    if not setting:
        return ", ".join(written)
    names = [
        f"{name} = {ours}"
        for name, ours in model.symbols.items()
        if not _ENDS_A_COMMENT.search(name + ours)
    ]
    return ", ".join([f"network = {setting}", *written, *names])


def _reads_back(source: str, options: Mapping[str, Any], model: Model) -> bool:
    try:
        found = read_completed(source, options)
    except NetworkError:
        return False
    known: Any = found  # both kinds of model are dataclasses
    return type(found) is type(model) and replace(known, name=model.name) == model


def _candidates(model: Model) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Names that may be the model's, each with what would complete it."""
    at_zero = {"at_zero": ascii_text(model.step_at_zero)}
    if model.name in (*builtin_names(), *builtin_model_names()):
        yield model.name, {}
        yield model.name, at_zero
    if isinstance(model, Network):
        yield _shorthand(model)
    elif isinstance(model, DefinedModel) and model.name.endswith(_BATCH):
        network = model.name.removesuffix(_BATCH)
        yield network, {"batch": True}
        yield network, {"batch": True, **at_zero}


def _shorthand(network: Network) -> tuple[str, Mapping[str, Any]]:
    """2-3-1, with what is not left to its default; it need not be this very network."""
    hidden, output = network.layers[0].activation, network.layers[-1].activation
    options: dict[str, Any] = {}
    if hidden != Layer.activation:
        options["activation"] = _activation(hidden)
    if output != hidden:
        options["output_activation"] = _activation(output)
    for activation in (output, hidden):
        if activation.kind.has_slope:
            options["slope"] = ascii_text(activation.slope)
    if network.layers[0].bias:
        options["bias"] = True
    if network.cost is not None and network.cost != Cost():
        cost = network.cost
        options["cost"] = cost.name if cost.formula is None else ascii_text(cost.formula)
        if cost.threshold != Cost.threshold:
            options["threshold"] = ascii_text(cost.threshold)
    if network.step_at_zero != Network.step_at_zero:
        options["at_zero"] = ascii_text(network.step_at_zero)
    widths = (network.inputs, *(layer.units for layer in network.layers))
    return "-".join(map(ascii_text, widths)), options


def _activation(activation: Activation) -> str:
    return activation.name if activation.formula is None else ascii_text(activation.formula)
