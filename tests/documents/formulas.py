"""Read the formulas of a document and ask those who will typeset them.

Markdown formulas go to KaTeX and MathJax, whole LaTeX documents to pdflatex, and what GitHub
adds on top (banned words, a budget) is checked here. A test that needs an absent program is
skipped with a reason; with DERIVE_REQUIRE_TOOLS=1 it fails instead.
"""

import importlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

HERE = Path(__file__).parent

# ---------------------------------------------------------------- programs that may be absent


def requires(program: str) -> None:
    """Skip the running test if `program` is not installed, or fail it if it must be."""
    if shutil.which(program) is None:
        _absent(f"{program} is not installed")


def requires_package(package: str) -> Any:
    """The package; without it the running tests are skipped, or fail if they must."""
    try:
        return importlib.import_module(package)
    except ImportError:
        _absent(f"{package} is not installed")


def _absent(reason: str) -> None:
    __tracebackhide__ = True
    if os.environ.get("DERIVE_REQUIRE_TOOLS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def text_of_pdf(made: bytes) -> str:
    """What stands in a PDF, in lines as they are printed."""
    requires("pdftotext")
    command = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(command, input=made, capture_output=True, check=True).stdout.decode()


# ---------------------------------------------------------------- formulas in Markdown


class Formula(NamedTuple):
    """TeX between its delimiters; `line` (from 1) is where the opening delimiter stands."""

    source: str
    display: bool
    line: int


def formulas_of_markdown(text: str) -> list[Formula]:
    """Every formula of a Markdown text, in order.

    Both dialects are read: GitHub's (```math fences and $`...`$) and the plain one
    ($...$ and $$...$$). Delimiters in code and escaped dollars are not formulas.
    """
    return [found for found in _read(text) if isinstance(found, Formula)]


def markdown_faults(text: str) -> list[str]:
    """What would keep a formula from being read as one: "line 3: ...", empty if all is well.

    Without this, a formula that `formulas_of_markdown` misses would pass unchecked.
    """
    return [found for found in _read(text) if isinstance(found, str)]


def _backtick_math(state: StateInline, silent: bool) -> bool:
    """Parse $`...`$ on one line, with nothing inside read as Markdown."""
    match = re.compile(r"\$`([^`\n]+)`\$").match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = match[1]
    state.pos = match.end()
    return True


def _parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark").enable("table")
    # Before dollarmath, which would read $`x`$ as the formula `x`. (texmath knows both dialects
    # but not the lines.)
    markdown.inline.ruler.before("escape", "math_backticks", _backtick_math)
    # As strict as the strictest reader: pandoc, GitHub and VS Code all refuse `$ x $` and `$5$6`.
    markdown.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        allow_blank_lines=False,
        double_inline=True,
    )
    # Joining would make an escaped \$ indistinguishable from a stray one.
    return markdown.disable("text_join")


def _read(text: str) -> Iterator[Formula | str]:
    """Yield formulas and faults in the order of the text."""
    for token in _parser().parse(text):
        line = token.map[0] + 1 if token.map else 0
        if token.type == "math_block" or (token.type == "fence" and token.info.strip() == "math"):
            if re.search(r"\n[ \t]*\n", token.content.strip()):
                yield f"line {line}: a blank line in a formula"
            yield Formula(token.content.strip(), True, line)
        elif token.type == "inline":
            yield from _read_inline(token.children or [], line)


def _read_inline(tokens: Sequence[Token], line: int) -> Iterator[Formula | str]:
    links = 0
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        if token.type in ("softbreak", "hardbreak"):
            line += 1
        elif token.type in ("link_open", "link_close"):
            links += token.nesting
        elif token.type == "text" and "$" in token.content:
            yield f"line {line}: a $ that delimits no formula: {token.content.strip()}"
        elif token.type.startswith("math_inline"):
            source = token.content.strip()
            touching = _text(before)[-1:] + _text(after)[:1]
            if any(character.isalnum() for character in touching):
                yield f"line {line}: the formula {source} touches a letter"
            if links:
                yield f"line {line}: the formula {source} stands in a link"
            yield Formula(source, token.type == "math_inline_double", line)
            line += token.content.count("\n")


def _text(token: Token | None) -> str:
    return token.content if token is not None and token.type == "text" else ""


# ---------------------------------------------------------------- what GitHub adds

# GitHub searches the source for these, as plain substrings, and replaces the whole formula by an
# error box: \operatorname is refused, and so is \text{unicode}.
GITHUB_BANNED = (
    "DeclareMathOperator",
    "DeclarePairedDelimiters",
    "renewtagform",
    "newtagform",
    "colorbox",
    "fcolorbox",
    "hphantom",
    "vphantom",
    "phantom",
    "operatorname",
    "Newextarrow",
    "definecolor",
    "mathchoice",
    "unicode",
    "mmlToken",
)

# A page that costs more shows "Unable to render expression" for every later formula.
GITHUB_PAGE_BUDGET = 2000
GITHUB_FORMULA_BUDGET = 1000


def github_bans(formula: Formula) -> list[str]:
    """The words in a formula for which GitHub refuses to typeset it."""
    return [word for word in GITHUB_BANNED if word in formula.source]


def github_cost(formula: Formula) -> int:
    """1 + the number of opening braces: what GitHub counts against a page's budget."""
    return 1 + formula.source.count("{")


# ---------------------------------------------------------------- the engines of browsers


class EngineFaults(NamedTuple):
    """What each engine says is wrong with one formula; None where it is content."""

    katex: str | None
    mathjax: str | None


def check_with_engines(formulas: Sequence[Formula]) -> list[EngineFaults]:
    """Typeset all formulas in KaTeX and in GitHub's MathJax, starting node once."""
    requires("node")
    if not (HERE / "node_modules" / "katex").is_dir():
        _absent(f"KaTeX and MathJax are not installed: run `npm ci` in tests/{HERE.name}")
    if not formulas:
        return []
    node = subprocess.run(
        ["node", HERE / "check_formulas.mjs"],
        input=json.dumps([{"source": f.source, "display": f.display} for f in formulas]),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert node.returncode == 0, node.stderr
    return [EngineFaults(**faults) for faults in json.loads(node.stdout)]


# ---------------------------------------------------------------- LaTeX


@dataclass(frozen=True)
class LatexLog:
    """What pdflatex says about a document. It returns 0 for many an unreadable page."""

    errors: list[str]  # "Undefined control sequence. l.3 \foo"
    overfull: list[tuple[str, float]]  # ("hbox" | "vbox", points beyond the edge)
    missing_characters: list[str]  # "é in font cmr10": silently left out
    undefined: list[str]  # warnings: references, citations, font shapes
    rerun: bool  # references still not settled
    pages: int  # 0 if there is no PDF


def compile_latex(tex_text: str, folder: Path) -> LatexLog:
    """Run pdflatex twice (for references) and leave `document.pdf` in the folder."""
    requires("pdflatex")
    (folder / "document.tex").write_text(tex_text, encoding="utf-8")
    for _ in range(2):
        subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", "document.tex"],
            cwd=folder,
            # Long lines unbroken, or messages would be cut in two.
            env={**os.environ, "max_print_line": "10000"},
            # The log says it all. (Captured into document.out, hyperref would read it back.)
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )
    log = (folder / "document.log").read_text(encoding="utf-8", errors="replace")
    return read_latex_log(log)


def read_latex_log(log: str) -> LatexLog:
    """Read a log written with unbroken lines."""
    pages = re.search(r"^Output written on .* \((\d+) pages?", log, re.MULTILINE)
    return LatexLog(
        # TeX shows the place after the message: "! Undefined control sequence.", "l.3 \foo".
        errors=[
            f"{message} {place}".strip()
            for message, place in re.findall(
                r"^! (.+)(?:\n(?!! |l\.\d).*){0,12}?(?:\n(l\.\d.*))?$", log, re.MULTILINE
            )
        ],
        overfull=[
            (kind, float(points))
            for kind, points in re.findall(r"Overfull \\([hv]box) \(([\d.]+)pt too", log)
        ],
        missing_characters=re.findall(r"Missing character: There is no (.+ in font .+)!", log),
        undefined=re.findall(r"^(?:LaTeX|Package).* Warning: (.*undefined.*)$", log, re.MULTILINE),
        rerun=bool(re.search(r"Rerun (?:to get|LaTeX)", log)),
        pages=int(pages[1]) if pages else 0,
    )


# ---------------------------------------------------------------- HTML


def page_faults(pages: Mapping[str, str]) -> list[str]:
    """What html-validate finds wrong with pages, by their names."""
    requires("node")
    if not (HERE / "node_modules" / "html-validate").is_dir():
        _absent(f"html-validate is not installed: run `npm ci` in tests/{HERE.name}")
    node = subprocess.run(
        ["node", HERE / "check_pages.mjs"],
        input=json.dumps(pages), capture_output=True, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert node.returncode == 0, node.stderr
    return json.loads(node.stdout)
