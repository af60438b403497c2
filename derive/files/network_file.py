"""A network from what a user names: a TOML file, a built-in network, or a shorthand."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from derive.algebra.arguments import quoted
from derive.errors import NetworkError
from derive.files.built_in import (
    builtin_model,
    builtin_model_names,
    builtin_names,
    builtin_network,
)
from derive.files.network_table import is_title, network_from_toml, network_of
from derive.files.points import read_model_point, read_point
from derive.files.shorthand import ShorthandOptions, is_shorthand, network_from_shorthand
from derive.files.toml_tables import TomlTable, parse_json, parse_toml
from derive.lazy import late
from derive.model.batch import over_samples
from derive.model.defined_model import DefinedModel
from derive.model.literals import did_you_mean, shown, step_at_zero
from derive.model.model import Model
from derive.model.network import Network

#: Loaded for the first model from definitions.
_model_of = late("derive.files.definitions_file", "model_of")
_read_definitions = late("derive.files.definitions_file", "read_definitions")

MAXIMAL_BYTES = 1_000_000
_SHOWN_PATH = 200
#: What a TOML file with definitions has, and a text of them has not.
_DEFINITIONS_KEY = re.compile(r"^\s*definitions\s*=", re.MULTILINE)


def read_network(
    source: str | os.PathLike[str],
    *,
    activation: str | None = None,
    output_activation: str | None = None,
    cost: str | None = None,
    threshold: str | None = None,
    bias: bool | None = None,
    slope: str | None = None,
    at_zero: str | None = None,
) -> Network:
    """The network that `source` names.

    A built-in name comes before a shorthand, and both before a file; `./2-3-1` is a file.
    The options complete a shorthand and are refused for anything else, except `at_zero`,
    which replaces the value of Step(0) in any network.

    Raises:
        NetworkError: one sentence that says what is wrong and what would be right.
    """
    text = _path(source, "a network")
    options = ShorthandOptions(activation, output_activation, cost, threshold, bias, slope)
    if text not in builtin_names() and is_shorthand(text):
        return network_from_shorthand(text, options, at_zero)
    model = read_model(text, at_zero=at_zero)
    if not isinstance(model, Network):
        raise NetworkError(
            f"{_named(text)}: the model is described by definitions, and this is for stacks of "
            "layers; derive report, show, evaluate, check and prove take it"
        )
    if options.given:
        raise NetworkError(
            f"{_named(text)}: {', '.join(options.given)} can only be given for a shorthand "
            "such as 2-3-1; write a network file for anything else"
        )
    return model


def read_completed(source: str | os.PathLike[str], options: Mapping[str, Any]) -> Model:
    """What `source` names, with the options that complete it; those that are None are not given.

    `batch` is the network over samples; a model from definitions takes only `at_zero`.

    Raises:
        NetworkError: one sentence that says what is wrong and what would be right.
    """
    of_network = {name: value for name, value in options.items() if name != "batch"}
    if options.get("batch"):
        return over_samples(read_network(source, **of_network))
    if any(value is not None for name, value in of_network.items() if name != "at_zero"):
        return read_network(source, **of_network)
    return read_model(source, at_zero=options.get("at_zero"))


def read_model(source: str | os.PathLike[str], *, at_zero: str | None = None) -> Model:
    """The network, or the model from definitions, that `source` names.

    Raises:
        NetworkError: one sentence that says what is wrong and what would be right.
    """
    text = _path(source, "a network")
    if text not in builtin_names() and is_shorthand(text):
        return network_from_shorthand(text, ShorthandOptions(), at_zero)
    model = _built_in(text) or _from_file(text)
    return model if at_zero is None else _with_step(model, at_zero, _named(text))


def _built_in(name: str) -> Model | None:
    if name in builtin_model_names():
        return builtin_model(name)
    return builtin_network(name) if name in builtin_names() else None


def read_point_file(path: str | os.PathLike[str], model: Model) -> Mapping[str, Any]:
    """The point in a TOML or JSON file with the keys of [point], as `point` of the model has it.

    Raises:
        NetworkError: one sentence that says what is wrong and what would be right.
    """
    table = _table(path, "a point file")
    table = table.table("point") or table
    if isinstance(model, Network):
        return read_point(table, model)
    assert isinstance(model, DefinedModel)
    return read_model_point(table, model)


def read_table_file(path: str | os.PathLike[str]) -> Mapping[str, Any]:
    """What stands in a TOML or JSON file, by its keys, such as a direction of parameters.

    Raises:
        NetworkError: when it cannot be read.
    """
    return _table(path, "a vector file").values


def _table(path: str | os.PathLike[str], what: str) -> TomlTable:
    text = _path(path, what)
    parse = parse_json if text.lower().endswith(".json") else parse_toml
    return parse(_content(text), _named(text))


def _path(source: object, what: str) -> str:
    """The text of a path or name."""
    text = os.fspath(source) if isinstance(source, str | os.PathLike) else None
    if not isinstance(text, str):
        raise NetworkError(f"{what} is named by a text or a path, not by {quoted(source)}")
    return text


def _from_file(source: str) -> Model:
    if not os.path.exists(source) and not _looks_like_path(source):
        names = (*builtin_names(), *builtin_model_names())
        raise NetworkError(
            f"there is no network {shown(source)}; a network is a TOML file, a shorthand such "
            f"as 2-3-1, or one of {', '.join(names)}{did_you_mean(source, names)}"
        )
    path, text = Path(source), _content(source)
    name = path.stem if is_title(path.stem) else "network"
    if path.suffix.lower() != ".toml" and ":=" in text and not _DEFINITIONS_KEY.search(text):
        return _read_definitions(text, name=name)
    return _model_from_toml(text, _named(source), name)


def _model_from_toml(text: str, where: str, name: str) -> Model:
    if not text.strip():
        return network_from_toml(text, where, name)  # which says that it is empty
    top = parse_toml(text, where)
    return _model_of(top, name) if _has_definitions(top) else network_of(top, name)


def _looks_like_path(source: str) -> bool:
    return source.lower().endswith(".toml") or "/" in source or os.sep in source


def _content(path: str) -> str:
    """The text of a file that is not too long."""
    name = _named(path)
    if os.path.isdir(path):
        raise NetworkError(f"{name}: this is a folder; name the file inside it")
    try:
        with open(path, "rb") as file:
            data = file.read(MAXIMAL_BYTES + 1)  # also the end of /dev/zero
    except FileNotFoundError:
        raise NetworkError(f"{name}: there is no such file") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "not a file name"
        raise NetworkError(f"{name}: the file cannot be read: {reason.lower()}") from None
    if len(data) > MAXIMAL_BYTES:
        raise NetworkError(f"{name}: the file is larger than {MAXIMAL_BYTES // 1000} kB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise NetworkError(f"{name}: this is not a text file in UTF-8")
    return text


def _named(source: str) -> str:
    """A path as messages write it: as it is, unless it is strange or long; then its end."""
    short = source if len(source) <= _SHOWN_PATH else "…" + source[-_SHOWN_PATH:]
    return short if source and source.isprintable() else repr(short)


def _with_step(model: Model, at_zero: str, name: str) -> Model:
    try:
        value = step_at_zero(at_zero)
    except NetworkError as problem:
        raise NetworkError(f"at_zero {problem}") from None
    try:
        return model.with_step_at_zero(value)
    except NetworkError as problem:
        raise NetworkError(f"{name}: {problem}") from None


def _has_definitions(top: TomlTable) -> bool:
    """Whether a file describes a model by definitions rather than by layers."""
    return "definitions" in top.values or "tensors" in top.values
