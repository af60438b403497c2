"""The walls of the house: imports run one way between the packages, and names occur once.

docs/architecture.md shows the picture that is held here.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from importlib import import_module
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
    "figures",
    "documents",
    "kernels",
    "reading",
    "checking",
    "claims",
    "face",
)
FOUNDATIONS = {"errors", "lazy", "budget", "processes", "streams", "version"}
FACE = {"", "cli", "completion", "__main__"}
MOST_MODULES = 15


def name_of(file: Path) -> str:
    """The dotted name of a module."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}


@cache
def trees() -> dict[str, ast.Module]:
    """What each module says, read when the first test asks."""
    return {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in FILES.items()}


def imports(name: str) -> Iterator[str]:
    """The modules of the package that a module imports, inside functions and for types too."""
    for node in ast.walk(trees()[name]):
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
    for name, tree in trees().items():
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


# -- docs/architecture.md and CONTRIBUTING.md ------------------------------------------------

PAGES = ("docs/architecture.md", "CONTRIBUTING.md")
#: Where a path may begin.
HOMES = (ROOT, PACKAGE)
WORD = r"[A-Za-z_]\w*"
#: A package of the picture, and under it its modules.
IN_PICTURE = re.compile(rf"^({WORD})  +\S.*\n +({WORD}(?:\.\w+)*(?:, {WORD}(?:\.\w+)*)*)$", re.M)


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def in_backticks(text: str) -> list[str]:
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)
    return re.findall(r"`([^`\n]+)`", outside)


def picture() -> str:
    return next(b for b in re.findall(r"^```text\n(.*?)^```$", page(PAGES[0]), re.S | re.M))


def exists(dotted: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = dotted.removeprefix("derive.").split(".")
    for cut in range(len(parts), 0, -1):
        name = ".".join(("derive", *parts[:cut]))
        if name in FILES:
            found: object = import_module(name)
            for attribute in parts[cut:]:
                if not hasattr(found, attribute):
                    return False
                found = getattr(found, attribute)
            return True
    return False


@pytest.mark.parametrize("name", PAGES)
def test_paths_that_a_page_names_exist(name: str) -> None:
    words = [word for text in in_backticks(page(name)) for word in text.split()]
    paths = [w for w in words if re.fullmatch(r"\.?[\w-]+(/[\w.-]+)*(/|\.(py|md|toml|jinja))", w)]
    assert len(paths) > 10
    own = {"notes.md", "blocks.jinja", "page.jinja", "analysis.jinja"}  # of no folder
    gone = {path for path in paths if not any((home / path).exists() for home in HOMES)}
    assert gone - own == set()


@pytest.mark.parametrize("name", PAGES)
def test_dotted_names_that_a_page_names_exist(name: str) -> None:
    text = page(name)
    homes = {"derive", "cli", *ORDER, *FOUNDATIONS}
    dotted = {
        word
        for word in in_backticks(text)
        if re.fullmatch(rf"{WORD}(\.{WORD})+", word)
        and word.partition(".")[0] in homes
        and not word.endswith(".py")
    }
    dotted |= set(re.findall(rf"\bderive(?:\.{WORD})+", text))
    assert {word for word in dotted if not exists(word)} == set()


def test_the_picture_has_the_packages_in_order() -> None:
    assert tuple(name for name, _ in IN_PICTURE.findall(picture())) == ORDER


def test_modules_in_the_picture_exist() -> None:
    named = {
        ".".join(("derive", *(() if name in ("foundations", "face") else (name,)), module))
        for name, modules in IN_PICTURE.findall(picture())
        for module in modules.split(", ")
    }
    assert named - FILES.keys() == set()


@pytest.mark.parametrize("name", PAGES)
def test_links_of_a_page_lead_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", page(name)):
        assert (folder / link).exists(), link


def test_make_targets_of_the_contributing_page_exist() -> None:
    makefile = page("Makefile")
    for target in re.findall(r"(?:^|`)make ([a-z-]+)", page(PAGES[1]), re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target
