"""Where the time of `derive report` goes, in multiples of `import sympy`.

`python -m benchmarks.phases` prints JSON: processor seconds of each phase, in this process.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from time import process_time
from typing import Any

from benchmarks.timing import in_fresh_processes

NETWORK = "three-layer-chain"
NAMES = {
    "sympy": "`import sympy`",
    "imports": "`derive`, its templates' engine and the command line",
    "deriving": "deriving",
    "judging": "proving each equation",
    "conventions": "of it, with a symbol for Step(0)",
    "rules": "applying each named rule once more",
    "templates": "compiling templates",
    "writing": "LaTeX and Markdown, without that",
}
#: The functions that are clocked: module, or module and class, and name.
TIMED = {
    "deriving": ("derive.deriving.first_order", "backpropagate"),
    "judging": ("derive.proving.chained:Said", "judge"),
    "conventions": ("derive.proving.judge", "_for_every_convention"),
    "rules": ("derive.deriving.laws", "confirm"),
    "templates": ("jinja2:Environment", "compile"),
}


def table() -> Iterator[str]:
    """Each phase beside `import sympy`."""
    found = in_fresh_processes("benchmarks.phases", runs=5)
    base = found["sympy"]
    yield f"\n## Where the time of `derive report {NETWORK}` goes\n"
    yield "Processor time beside that of `import sympy`, medians of five fresh processes.\n"
    yield "| phase | × `import sympy` |"
    yield "| --- | ---: |"
    for key, name in NAMES.items():
        yield f"| {name} | {found[key] / base:.2f} |"
    yield f"| all | {sum(time for key, time in found.items() if key != 'conventions') / base:.2f} |"


def main() -> None:
    """Print the seconds of each phase."""
    found: dict[str, float] = {}
    start = process_time()
    import_module("sympy")
    found["sympy"] = process_time() - start
    start = process_time()
    import_module("derive.cli")
    for key, (module, name) in TIMED.items():
        home, _, owner = module.partition(":")
        place = import_module(home)
        _clocked(found, key, getattr(place, owner) if owner else place, name)
    report_on = import_module("derive.documents.reporting").report_on  # takes what is clocked
    found["imports"] = process_time() - start
    start = process_time()
    report_on(import_module("derive").read_network(NETWORK))
    whole = process_time() - start
    inside = ("deriving", "judging", "rules", "templates")
    found["writing"] = whole - sum(found[key] for key in inside)
    print(json.dumps(found))


def _clocked(found: dict[str, float], key: str, owner: Any, name: str) -> None:
    """Let a function add up its time."""
    function = getattr(owner, name)
    found[key] = 0.0

    def timed(*args: Any, **options: Any) -> Any:
        start = process_time()
        try:
            return function(*args, **options)
        finally:
            found[key] += process_time() - start

    setattr(owner, name, timed)


if __name__ == "__main__":
    main()
