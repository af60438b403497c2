"""Derive and prove the Hessian blocks of one network, in this process, and print the times.

`python -m benchmarks.derive_hessian n_0-n_1-n_2` prints JSON: processor seconds of deriving,
of proving all equations, and of proving those alone that the blocks are made of.
"""

from __future__ import annotations

import json
import sys

from sympy.core.cache import clear_cache

from benchmarks.timing import first_time
from derive import Derivation, read_network, second_order, verify
from tests.definitions import FOR_THE_BLOCKS


def main(shape: str) -> None:
    network = read_network(shape)
    _proved(second_order(read_network("1-1")))  # loads what this needs
    clear_cache()
    found: list[Derivation] = []
    deriving = first_time(lambda: found.append(second_order(network)))
    (derivation,) = found
    needed = Derivation(tuple(g for g in derivation.groups if g.title in FOR_THE_BLOCKS))
    proving_blocks = first_time(lambda: _proved(needed))
    rest = Derivation(tuple(g for g in derivation.groups if g.title not in FOR_THE_BLOCKS))
    proving = proving_blocks + first_time(lambda: _proved(rest))
    counts = [len(list(d.steps)) for d in (derivation, needed)]
    times = {"deriving": deriving, "proving": proving, "proving_blocks": proving_blocks}
    print(json.dumps(dict(zip(("equations", "for_blocks"), counts, strict=True)) | times))


def _proved(derivation: Derivation) -> None:
    for verdict in verify(derivation):
        assert verdict.proved


if __name__ == "__main__":
    main(sys.argv[1])
