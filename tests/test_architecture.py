"""The walls of the house: imports run one way between the packages, and names occur once.

docs/architecture.md shows the picture that is held here.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "derive"

#: Each may import from those above it.
ORDER = (
    "foundations",
    "algebra",
    "model",
    "meaning",
    "notation",
    "files",
    "proving",
    "deriving",
    "evaluating",
    "programs",
    "documents",
    "reading",
    "checking",
    "claims",
    "face",
)
FOUNDATIONS = {"errors", "lazy", "budget", "streams", "version"}
FACE = {"", "cli", "__main__"}
MOST_MODULES = 15


def name_of(file: Path) -> str:
    """The dotted name of a module."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in FILES.items()}


def imports(name: str) -> Iterator[str]:
    """The modules of the package that a module imports, inside functions and for types too."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                target = full if full in FILES else node.module
                if target in FILES:
                    yield target
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in FILES)


def room(name: str) -> int:
    """The place of a module's package in `ORDER`."""
    part = name.partition(".")[2].partition(".")[0]
    if part in FOUNDATIONS:
        return ORDER.index("foundations")
    return ORDER.index("face" if part in FACE else part)


@pytest.mark.parametrize("name", FILES)
def test_imports_run_one_way(name: str) -> None:
    upward = [target for target in imports(name) if room(target) > room(name)]
    assert not upward or room(name) == ORDER.index("face")


def test_no_modules_import_each_other_in_a_circle() -> None:
    waiting = {name: set(imports(name)) - {name} for name in FILES}
    while free := [name for name, targets in waiting.items() if not targets]:
        for name in free:
            del waiting[name]
        for targets in waiting.values():
            targets.difference_update(free)
    assert not waiting, sorted(waiting)


def test_the_judge_knows_no_laws() -> None:
    """A law that is wrong must not prove itself right."""
    seen: set[str] = set()
    stack = ["derive.proving.judge"]
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            stack += imports(name)
    assert not [name for name in seen if name.startswith("derive.deriving")]


def test_no_folder_is_crowded() -> None:
    counts = Counter(file.parent for file in FILES.values() if file.name != "__init__.py")
    assert {folder.name: n for folder, n in counts.items() if n > MOST_MODULES} == {}


def test_a_class_has_a_name_of_its_own() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(name)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "common", "misc", "tools"}
    assert not [name for name in FILES if name.rsplit(".", 1)[-1] in drawers]


def test_tests_mirror_the_packages() -> None:
    rooms = {
        p.name for p in (ROOT / "tests").iterdir() if p.is_dir() and (p / "__init__.py").exists()
    }
    assert rooms - {"oracle"} <= set(ORDER)
