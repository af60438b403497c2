"""Templates: a user's own for one macro or one key, copies of the packaged ones, languages."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jinja2 import nodes

import derive
from derive import read_model, read_network
from derive.claims.report import report_on_claims
from derive.cli import main
from derive.documents.blocks import Block, Equations
from derive.documents.document import Document
from derive.documents.rendering import rendered
from derive.documents.rule_names import RULE_NAMES
from derive.documents.templating.environment import (
    LANGUAGES,
    template_environment,
    template_names,
    templates_folder,
)
from derive.documents.worksheets.worksheet import worksheet
from derive.errors import DeriveError
from tests.laid_out import document
from tests.sweeps import sweep
from tests.verified import verified

DOCS = Path(__file__).parents[2] / "docs" / "templates.md"
#: Macros without words, or with names alone: every language has the packaged ones.
NEUTRAL = {
    "words.jinja": {
        "has_single_units",
        "smooth",
        "flow",
        "document_subtitle",
        "found",
        "quantity",
        "numbers",
    },
    "frame.jinja": {"sentence"},
    "mistakes.jinja": set[str](),
    "second_order.jinja": {
        *("block_name", "times", "has_leaky", "has_biases", "split_name", "eigenvalue"),
    },
    "kink.jinja": {"passing", "zero"},
    "model.jinja": set[str](),
    "model_second_order.jinja": set[str](),
    "worksheet.jinja": {"found"},
    "figures.jinja": {"one_line"},
    "answers.jinja": {"answer", "message"},
    "spoken.jinja": set[str](),
    "analysis.jinja": {"cell"},
    "claims.jinja": {
        *("about", "sign", "on", "formula", "eq", "also", "display", "setting"),
        *("short_reference", "long_reference"),
    },
}
#: What is said to `derive check`, in any language.
SETTING = re.compile(r"<!-- derive: .*?-->")
#: Words that German does not have, and English prose can hardly do without.
ENGLISH = re.compile(
    r"\b(the|where|layer|equation|proved|input|if|and|otherwise|of|is|with|by|to|chain rule)\b"
)


@cache
def chain() -> Document:
    return document(read_network("two-layer-chain"), *verified("two-layer-chain"))


def markdown(
    templates: Path | None, language: str = LANGUAGES[0], about: Document | None = None
) -> str:
    ((_, text), *_) = rendered(about or chain(), ["plain"], templates, language)
    assert isinstance(text, str)
    return text


def own(folder: Path, text: str, name: str = "words.jinja") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


_PACKAGED = Path(__file__).parents[2] / "templates"


@pytest.mark.parametrize(
    "name", sorted(str(path.relative_to(_PACKAGED)) for path in _PACKAGED.rglob("*.jinja"))
)
def test_no_macro_is_written_twice(name: str) -> None:
    found = re.findall(r"<%-? macro (\w+)", (_PACKAGED / name).read_text(encoding="utf-8"))
    assert len(found) == len({*found})


# -- one macro, one key ---------------------------------------------------------------------


def test_a_macro_of_a_user_is_what_the_packaged_macros_call(tmp_path: Path) -> None:
    own(tmp_path, "<% macro layer_name(number) %>stage << number >><% endmacro %>")
    usual, changed = markdown(None), markdown(tmp_path)
    assert "## Backward through stage 2" in changed and "## Backward through stage 1" in changed
    pattern = re.compile(r"(?:## |\[)Backward through .*")
    assert pattern.sub("", usual) == pattern.sub("", changed)


def test_one_key_of_a_macro(tmp_path: Path) -> None:
    own(
        tmp_path,
        "<% macro title_forward() %>From left to right<% endmacro %>"
        "<% macro rule_insert_the_definition(row) %>by << original.rule(row)|trim >><% endmacro %>"
        "<% macro meaning_y(kind) %>what is wanted<% endmacro %>",
    )
    text = markdown(tmp_path)
    assert "## From left to right" in text and "## Forward pass" not in text
    assert r"\text{by insert (" in text
    assert "| what is wanted |" in text and "| cost of one sample |" in text


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    example = re.search(r"```jinja\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    text = markdown(own(tmp_path, example[1]))
    assert "## From input to output" in text and r"\text{by the chain rule}" in text
    assert "## Backward through stage $(2)$" in text
    assert "of its pre-activation. All 2 of them are $\\mathrm{ReLU}$ here." in text


def test_no_words_of_a_user_hide_that_something_is_not_proved(tmp_path: Path) -> None:
    own(tmp_path, "<% macro rule_chain_rule(row) %>BY THE CHAIN RULE<% endmacro %>")
    text = markdown(tmp_path, about=_with_an_unproved_chain_rule())
    assert text.count("not proved}") == 1 and "BY THE CHAIN RULE" in text
    own(tmp_path, "<% macro rule_not_proved(row) %>OPEN<% endmacro %>")
    assert r"\text{OPEN}" in markdown(tmp_path, about=_with_an_unproved_chain_rule())


def _with_an_unproved_chain_rule() -> Document:
    """The chain with its first chain rule as if it were not proved."""
    blocks: list[Block] = []
    left = 1
    for block in chain().blocks:
        if isinstance(block, Equations) and left and block.rows[0].rule == "chain rule":
            left = 0
            block = Equations((replace(block.rows[0], proved=False), *block.rows[1:]))
        blocks.append(block)
    return replace(chain(), blocks=tuple(blocks))


def test_words_of_a_user_stand_above_those_of_a_language(tmp_path: Path) -> None:
    own(tmp_path, "<% macro layer_name(number) %>Stufe << number >><% endmacro %>")
    text = markdown(tmp_path, "german")
    assert "## Rückwärts durch Stufe 2" in text and "## Vorwärtsdurchlauf" in text


def test_a_file_without_a_macro_is_refused(tmp_path: Path) -> None:
    own(tmp_path, "{% macro title_forward() %}Forward{% endmacro %}")
    with pytest.raises(DeriveError, match=r"words\.jinja: this defines no macro"):
        markdown(tmp_path)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("<% macro title_forward(block) %><< title_forward(block) >><% endmacro %>", "without end"),
        ("<% macro title_forward() %><< 'a' * 10**10 >><% endmacro %>", "more than"),
        ("<% macro title_forward() %><< original.title._func >><% endmacro %>", "unsafe"),
        ("<% macro title_forward() %><< original.nothing() >><% endmacro %>", "nothing"),
        ("<% macro title_forward() %><< 1 / 0 >><% endmacro %>", "division by zero"),
    ],
)
def test_one_macro_is_kept_in_as_a_whole_template_is(
    template: str, expected: str, tmp_path: Path
) -> None:
    with pytest.raises(DeriveError, match=rf"words\.jinja:1: .*{expected}"):
        markdown(own(tmp_path, template))


# -- copies ---------------------------------------------------------------------------------


def test_the_packaged_templates_are_listed_and_copied(tmp_path: Path) -> None:
    listed = run("templates")
    assert listed.exit_code == 0 and listed.stdout.split() == template_names()
    assert "words.jinja" in template_names() and "german/words.jinja" in template_names()
    copied = run("templates", "--copy", str(tmp_path / "mine"))
    assert copied.exit_code == 0, copied.output
    for name in template_names():
        assert (tmp_path / "mine" / name).read_bytes() == (templates_folder() / name).read_bytes()
    assert markdown(tmp_path / "mine") == markdown(None)


def test_a_copy_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "words.jinja").write_text("mine", encoding="utf-8")
    refused = run("templates", "--copy", str(tmp_path))
    assert refused.exit_code == 2 and "words.jinja exists already" in refused.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["words.jinja"]
    assert (tmp_path / "words.jinja").read_text(encoding="utf-8") == "mine"


# -- languages ------------------------------------------------------------------------------


def keys(name: str) -> dict[str, set[str]]:
    """The keys that each macro of a template compares with."""
    source = (templates_folder() / name).read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for macro in template_environment().parse(source).find_all(nodes.Macro):
        compared = [one for each in macro.find_all(nodes.Compare) for one in each.ops]
        constants = [one for each in compared for one in each.find_all(nodes.Const)]
        found[macro.name] = {one.value for one in constants if isinstance(one.value, str)}
    return found


def test_languages_are_the_folders_of_the_templates() -> None:
    folders = {file.parent.name for file in templates_folder().glob("*/frame.jinja")}
    assert {LANGUAGES[0], *folders} == set(LANGUAGES)
    with pytest.raises(DeriveError, match="a language is one of english, german"):
        derive.report_on(read_network("1-1"), language="latin")


@pytest.mark.parametrize("name", NEUTRAL)
def test_german_has_every_macro_and_key(name: str) -> None:
    english, german = keys(name), keys(f"german/{name}")
    assert english.keys() - german.keys() == NEUTRAL[name]
    missing = {macro: english[macro] - german[macro] for macro in english.keys() & german.keys()}
    assert {macro: of for macro, of in missing.items() if of} == {}


def tables(name: str) -> dict[str, set[str]]:
    """The keys of the tables of words that a template sets."""
    source = (templates_folder() / name).read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for one in template_environment().parse(source).find_all(nodes.Assign):
        if isinstance(one.node, nodes.Dict) and isinstance(one.target, nodes.Name):
            keys = (item.key for item in one.node.items)
            found[one.target.name] = {
                str(key.value) for key in keys if isinstance(key, nodes.Const)
            }
    return found


@pytest.mark.parametrize("name", NEUTRAL)
def test_german_has_every_word_of_a_table(name: str) -> None:
    english, german = tables(name), tables(f"german/{name}")
    assert english.keys() - german.keys() <= {"references"}  # titles of papers
    missing = {table: english[table] - german[table] for table in english.keys() & german.keys()}
    assert {table: words for table, words in missing.items() if words} == {}


def test_every_template_with_words_has_german_ones() -> None:
    packaged = {file.name for file in templates_folder().glob("*.jinja")}
    german = {file.name for file in (templates_folder() / "german").glob("*.jinja")}
    assert german == packaged == set(NEUTRAL)


def test_a_german_document() -> None:
    text = markdown(None, "german")
    assert text.startswith("# Backpropagation, Schritt für Schritt: two-layer-chain")
    assert "| Größe | Bedeutung | Format |" in text
    assert r"\text{falls } z^{(1)} > 0 \text{ und } z^{(2)} > 0" in text
    assert not ENGLISH.search(text.partition("\n")[2])
    ((_, page),) = rendered(chain(), ["html"], language="german")
    assert isinstance(page, str) and '<html lang="de">' in page


OTHER_REPORTS: list[tuple[str, dict[str, Any]]] = [
    ("one-layer-chain", {"order": 2, "dirac": True}),
    ("two-layer-chain", {"order": 2, "dirac": True, "figures": True}),
    ("2-2-1", {"order": 2}),
    ("softmax-classifier", {"figures": True}),
    ("residual", {}),
    ("linear", {"order": 2}),
]


@pytest.mark.parametrize(
    ("name", "options"), sweep(OTHER_REPORTS, [OTHER_REPORTS[0], OTHER_REPORTS[4]])
)
def test_documents_of_every_kind_are_in_german(name: str, options: dict[str, Any]) -> None:
    report = derive.report_on(read_model(name), ["plain"], language="german", **options)
    (text,) = (file for title, file in report.files if title.endswith(".md"))
    assert isinstance(text, str)
    formulas = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|\]\(.*?\)", re.DOTALL)
    labels = " ".join(re.findall(r"\\text\{([^}]*)\}", text))
    prose = formulas.sub("", SETTING.sub("", text.partition("\n")[2]))
    assert not (ENGLISH.search(prose) or ENGLISH.search(labels)), ENGLISH.findall(prose + labels)
    assert "Hesse-Matrix" in text or options.get("order") != 2


@pytest.mark.thorough
def test_the_claims_in_german() -> None:
    ((_, text),) = report_on_claims(["plain"], language="german").files
    assert str(text).startswith("# Drei Fragen zu ReLU: kurze Antworten")
    words, _, papers = str(text).partition("## Literatur")
    assert papers and "nach" in words
    prose = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", "", SETTING.sub("", words), flags=re.DOTALL)
    prose = re.sub(r"[A-Z][a-z]+ and [A-Z][a-z]+ \d{4}", "", prose)  # who wrote a paper
    assert ENGLISH.findall(prose) == []
    labels = " ".join(re.findall(r"\\text\{([^}]*)\}", words))
    assert ENGLISH.findall(labels) == []


def test_a_worksheet_in_german() -> None:
    for sheet, title in zip(worksheet(read_network("2-2-1")), TITLES_OF_SHEETS, strict=True):
        ((_, text),) = rendered(sheet, ["plain"], language="german")
        assert str(text).startswith(f"# {title}: 2-2-1")
        assert not ENGLISH.search(re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "", str(text), flags=re.DOTALL))


TITLES_OF_SHEETS = ("Arbeitsblatt", "Lösungen")
ANSWERED = """\
$\\frac{\\partial C}{\\partial r^{(2)}} = y - r^{(2)}$

$r^{(2)} = W^{(0)} W^{(1)} x$ und $z^{(1)} = W^{(0)} x$
"""


def test_answers_in_german(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text(ANSWERED, encoding="utf-8")
    arguments = (str(tmp_path / "note.md"), "-n", "two-layer-chain", "--language", "german")
    lines = run("check", *arguments).stdout.splitlines()
    assert [line.split(": ", 1)[1] for line in lines] == [
        "falsch: das Vorzeichen ist falsch, denn in y - r⁽²⁾ sind Ausgabe und Zielwert vertauscht; "
        "die rechte Seite müsste r⁽²⁾ - y sein; "
        "zum Beispiel x = 1, W0 = 2, W1 = 2, y = -1: links 5, rechts -5",
        "richtig, falls z⁽¹⁾ > 0 und z⁽²⁾ > 0; im Allgemeinen gilt: "
        "es fehlt der Faktor Step(z⁽²⁾)·Step(z⁽¹⁾); "
        "die rechte Seite müsste "
        "Step(z⁽²⁾)·W⁽¹⁾·Step(z⁽¹⁾)·W⁽⁰⁾·x sein; "
        "zum Beispiel x = 1, W0 = 2, W1 = -1: links 0, rechts -2",
        "richtig: für alle reellen Werte",
        "3 Gleichungen: 1 richtig, 1 unter einer Bedingung richtig, 1 falsch; "
        "der erste Fehler steht in Zeile 1",
    ]
    copies = (
        ("same", "md", "**△ richtig, falls**, Zeile 3", r"z^{(1)} = W^{(0)} x"),
        ("html", "html", '<html lang="de">', "<mi>W</mi>"),
    )
    for kind, suffix, said, formula in copies:
        run("check", *arguments, "--annotate", str(tmp_path / kind), "--annotate-as", kind)
        text = (tmp_path / kind / f"note.{suffix}").read_text(encoding="utf-8")
        assert said in text and formula in text
    assert r"$z^{(1)} > 0 \text{ und } z^{(2)} > 0$" in (tmp_path / "same/note.md").read_text()


@pytest.mark.parametrize("suffix", ["md", "tex"])
def test_a_german_document_is_checked_as_an_english_one(suffix: str, tmp_path: Path) -> None:
    dialect = {"md": "plain", "tex": "latex"}[suffix]
    counts: list[str] = []
    for language in LANGUAGES:
        ((_, text),) = rendered(chain(), [dialect], language=language)
        file = tmp_path / f"{language}.{suffix}"
        file.write_text(str(text), encoding="utf-8")
        result = run("check", str(file), "-n", "two-layer-chain", "--quiet")
        assert result.exit_code == 0, result.output
        counts += re.findall(r"\d+ equations: \d+ right, \d+ wrong", result.output)
    assert len(counts) == 2 and counts[0] == counts[1]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\mathrm{ReLU}(z^{(1)}) = z^{(1)} \quad \text{falls } z^{(1)} > 0", "right"),
        (r"\mathrm{ReLU}(z^{(1)}) = z^{(1)} \quad \text{falls } z^{(1)} < 0", "wrong"),
        (
            r"\mathrm{ReLU}(z^{(1)}) = \begin{cases} z^{(1)} & \text{falls } z^{(1)} > 0 \\"
            r" 0 & \text{sonst} \end{cases}",
            "right",
        ),
        (
            r"r^{(1)} r^{(2)} = z^{(1)} z^{(2)} \quad"
            r" \text{falls } z^{(1)} > 0 \text{ und } z^{(2)} > 0",
            "right",
        ),
        (
            r"r^{(1)} r^{(2)} = z^{(1)} z^{(2)} \quad"
            r" \text{falls } z^{(1)} > 0 \text{ oder } z^{(2)} > 0",
            "right if",
        ),
    ],
)
def test_conditions_in_german_are_read(line: str, verdict: str, tmp_path: Path) -> None:
    (tmp_path / "line.md").write_text(f"$${line}$$\n", encoding="utf-8")
    result = run("check", str(tmp_path / "line.md"), "-n", "two-layer-chain")
    assert result.stdout.splitlines()[0].split(": ")[1].split(" z")[0] == verdict, result.output


# -- the page about them --------------------------------------------------------------------


def test_the_page_about_templates_has_every_key() -> None:
    said = set(re.findall(r"`([^`\n]+)`", DOCS.read_text(encoding="utf-8")))
    for name in ("words", "second_order", "kink", "worksheet", "model", "model_second_order"):
        found = keys(f"{name}.jinja")
        compared = found.get("title", set()) | found.get("paragraph", set())
        of_blocks = {key for key in compared if re.search(rf'key [=i].*"{key}"', _source(name))}
        assert of_blocks <= said, of_blocks - said
    assert said >= RULE_NAMES
    others = keys("frame.jinja")["head"] | keys("mistakes.jinja")["mistake"]
    assert said >= {key for key in others if key != "all axes"}  # which is a value


def _source(name: str) -> str:
    return (templates_folder() / f"{name}.jinja").read_text(encoding="utf-8")


def test_the_page_about_templates_has_what_they_may_call() -> None:
    page = DOCS.read_text(encoding="utf-8")
    text = (templates_folder() / "german" / "words.jinja").read_text(encoding="utf-8")
    called = set(re.findall(r"<< (\w+)\(", text)) - keys("german/words.jinja").keys()
    called -= keys("words.jinja").keys()
    assert called and all(f"`{name}(" in page for name in called)


def test_every_rule_has_a_german_label() -> None:
    german = {rule for name in NEUTRAL for rule in keys(f"german/{name}").get("rule", set())}
    assert german - {"not_proved"} >= RULE_NAMES
