"""Names with a number below, such as w_1 and b_2: the parameters that they can stand for.

In a chain of single units people number weights from 0, from 1, or from the output.  Which
of these a document does is for its definitions to say; here are the possibilities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sympy import Integer

from derive.model.network import Network
from derive.reading.headers import header_settings

_NAME = re.compile(r"(?<![A-Za-z\\^_])(?P<base>[wWb])_(?:\{(?P<braced>\d)\}|(?P<bare>\d)(?!\d))")
_MAXIMAL_DEPTH = 9


def numberings(
    text: str, kind: str, network: Network, declared: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Every way in which the numbered names of a document are parameters of a chain."""
    if not network.is_chain or network.depth > _MAXIMAL_DEPTH:
        return
    header = [name for _, _, pairs in header_settings(text, kind) for name, _ in pairs]
    given = (*declared, *network.symbols, *header)
    known = {name.strip("\"'`$ ").replace("{", "").replace("}", "") for name in given}
    names = {
        (found["base"], int(found["braced"] or found["bare"])) for found in _NAME.finditer(text)
    }
    unknown = sorted(name for name in names if f"{name[0]}_{name[1]}" not in known)
    if not unknown:
        return
    seen: list[dict[str, str]] = []
    for first, step in ((1, 1), (0, 1), (2, 1), (int(network.depth), -1)):
        meant = {
            f"{base}_{number}": f"{base.upper() if base == 'w' else base}{step * (number - first)}"
            for base, number in unknown
        }
        if meant not in seen and all(_exists(network, target) for target in meant.values()):
            seen.append(meant)
            yield meant


def _exists(network: Network, target: str) -> bool:
    """Whether W0, b1 is a parameter of the network."""
    if not target[1:].isdigit():
        return False
    return (target[0], Integer(target[1:])) in network.parameter_groups
