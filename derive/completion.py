"""What a shell offers for the word that is being typed; loaded only when a shell asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations_with_replacement

from click import Context, Parameter
from click.shell_completion import CompletionItem

from derive.algebra.quantities import Quantity, ascii_name
from derive.deriving.hessian_parts import HESSIAN_PARTS
from derive.errors import DeriveError
from derive.files.built_in import builtin_models, builtin_networks
from derive.files.network_file import read_model
from derive.meaning.derivation import without_indices
from derive.model.activations import ACTIVATIONS
from derive.model.costs import COSTS
from derive.model.model import Model
from derive.model.network import Network

Items = list[CompletionItem]


def networks(_context: Context, _parameter: Parameter, word: str) -> Items:
    """The built-in stacks of layers, and files."""
    return _named(builtin_networks(), word)


def models(_context: Context, _parameter: Parameter, word: str) -> Items:
    """The built-in networks and models from definitions, and files."""
    return _named({**builtin_networks(), **builtin_models()}, word)


def activations(_context: Context, _parameter: Parameter, word: str) -> Items:
    """The activations that have names."""
    return _beginning(ACTIVATIONS, word)


def costs(_context: Context, _parameter: Parameter, word: str) -> Items:
    """The costs that have names."""
    return _beginning(COSTS, word)


def quantities(context: Context, _parameter: Parameter, word: str) -> Items:
    """What `derive show` derives of the network that is named, or of the one that it would take."""
    default = next(one.default for one in context.command.params if one.name == "network")
    try:
        model = read_model(str(context.params.get("network") or default))
    except DeriveError:  # a network that is not there yet, or not right
        return []
    return _beginning(quantity_names(model), word)


def quantity_names(model: Model) -> Iterator[str]:
    """C and all that it is computed from, its derivatives by these, and parts of the Hessian."""
    defined = [model.general_entry(head)[0] for head in model.defined]
    given = [Quantity(*head) for head in model.given if model.role(head) in ("parameter", "input")]
    yield from map(_name, defined)
    objective = _name(model.C)
    yield from (f"d{objective}/d{_name(one)}" for one in (*defined, *given) if one != model.C)
    if isinstance(model, Network) and model.cost is not None:
        for pair in combinations_with_replacement(map(_name, given), 2):
            yield f"d2C/d{pair[0]}d{pair[1]}"
        yield from HESSIAN_PARTS


def _name(entry: Quantity) -> str:
    return without_indices(ascii_name(entry))


def _named(known: Mapping[str, str], word: str) -> Items:
    """Names with what they stand for; where none begins so, the shell looks for a file."""
    beginning = {name: said for name, said in known.items() if name.startswith(word)}
    found = [CompletionItem(name, help=said) for name, said in beginning.items()]
    return found or [CompletionItem(word, type="file")]


def _beginning(names: Iterable[str], word: str) -> Items:
    return [CompletionItem(name) for name in names if name.startswith(word)]
