"""The networks and models that come with derive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sympy import S

from derive.errors import NetworkError
from derive.files.network_table import network_from_toml
from derive.files.toml_tables import parse_toml
from derive.model.defined_model import DefinedModel
from derive.model.network import Layer, Network, general_network

#: The generic layer has layer numbers k and k+1, which no file can say; so it is made here.
_GENERAL = "general-layer"
_GENERAL_DESCRIPTION = "One ReLU layer of a network of any size: from layer k to layer k+1."

#: In the order in which a reader meets them.
_NAMES = (
    "one-layer-chain",
    "two-layer-chain",
    "three-layer-chain",
    _GENERAL,
    "two-layer-general",
    "regression-2-3-1",
    "deep-relu",
    "leaky-chain",
    "sigmoid-chain",
    "softmax-classifier",
    "binary-classifier",
)

#: Models from definitions, in the folder `models` of the examples.
_MODELS = (
    "residual",
    "linear",
    "ridge",
    "logistic-loss",
    "hinge",
    "huber",
    "tied-autoencoder",
    "softmax",
    "softmax-cross-entropy",
    "label-smoothing",
    "focal-loss",
    "kl-divergence",
    "info-nce",
    "dpo",
    "rms-norm",
    "layer-norm",
    "batch-norm",
    "gelu-block",
    "swiglu",
    "lora",
    "embedding",
    "dropout",
    "rnn-step",
    "rnn-three-steps",
    "lstm-cell",
    "gru-cell",
    "attention-head",
    "masked-attention",
    "multi-head-attention",
    "linear-attention",
    "rope",
    "convolution",
)


def builtin_names() -> tuple[str, ...]:
    """The names of the built-in networks, simple ones first."""
    return _NAMES


def builtin_networks() -> Mapping[str, str]:
    """What each built-in network is, in one line, by name."""
    return {name: _description(name) for name in _NAMES}


def builtin_model_names() -> tuple[str, ...]:
    """The names of the built-in models from definitions."""
    return _MODELS


def builtin_models() -> Mapping[str, str]:
    """What each built-in model from definitions is, in one line, by name."""
    return {name: _description(f"models/{name}") for name in _MODELS}


def builtin_model(name: str) -> DefinedModel:
    """The built-in model of this name.

    Raises:
        KeyError: when there is none.
    """
    if name not in _MODELS:
        raise KeyError(name)
    from derive.files.definitions_file import model_of  # most runs are about layers

    return model_of(parse_toml(_text(f"models/{name}"), f"{name}.toml"), name)


def builtin_network(name: str) -> Network:
    """The built-in network of this name.

    Raises:
        KeyError: when there is none.
    """
    if name not in _NAMES:
        raise KeyError(name)
    if name == _GENERAL:
        one_layer = Network(S.One, (Layer(S.One),))
        return replace(general_network(one_layer), name=_GENERAL)
    return network_from_toml(_text(name), f"{name}.toml", name)


def _description(name: str) -> str:
    if name == _GENERAL:
        return _GENERAL_DESCRIPTION
    return _text(name).split("\n", 1)[0].removeprefix("#").strip()


def _text(name: str) -> str:
    try:
        return (_folder() / f"{name}.toml").read_text(encoding="utf-8")
    except OSError as problem:
        raise NetworkError(
            f"{name}: the built-in networks are missing from this installation"
        ) from problem


def _folder() -> Path:
    """The examples: inside an installed package, otherwise beside it."""
    here = Path(__file__).parents[1]
    inside = here / "examples"
    return inside if inside.is_dir() else here.parent / "examples"
