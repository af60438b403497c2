"""The documents of every built-in network compile, render and stay inside GitHub's limits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from derive import read_network, report_on
from derive.checking.check import check
from derive.documents.reporting import Report
from derive.files.built_in import builtin_names
from tests.documents.formulas import (
    GITHUB_FORMULA_BUDGET,
    GITHUB_PAGE_BUDGET,
    check_with_engines,
    compile_latex,
    formulas_of_markdown,
    github_bans,
    github_cost,
    markdown_faults,
    read_latex_log,
    requires,
)
from tests.read_again import FINE
from tests.sweeps import sweep, thorough
from tests.verified import QUICK

NAMES = builtin_names()
#: Documents of second order: two with symbolic widths, one with biases, one with a softmax.
SECOND_ORDER = ("n_0-n_1", "two-layer-general", "regression-2-3-1", "softmax-classifier")


#: Documents with the kink: one neuron, kinks that meet, symbolic widths, several units.
WITH_DIRAC_TERMS = (
    "one-layer-chain",
    "leaky-chain",
    "two-layer-general",
    "regression-2-3-1",
)


@cache
def report(name: str, entries: bool = False, order: int = 1, dirac: bool = False) -> Report:
    dialects = ("latex", "github", "plain")
    return report_on(read_network(name), dialects, entries, order=order, dirac=dirac)


def pages(name: str, suffix: str, order: int = 1) -> list[str]:
    return [text for file, text in report(name, order=order).files if file.endswith(suffix)]


@pytest.mark.parametrize("name", sweep(NAMES, QUICK))
def test_every_equation_is_proved(name: str) -> None:
    assert report(name).unproved == ()
    assert report(name).proved == report(name).equations > 5


@pytest.mark.parametrize("name", sweep(NAMES, ["general-layer", "regression-2-3-1"]))
def test_latex_compiles_with_nothing_out_of_place(name: str, tmp_path: Path) -> None:
    requires("pdflatex")
    (text,) = pages(name, ".tex")
    log = compile_latex(text, tmp_path)
    assert log.errors == []
    assert [box for box in log.overfull if box[1] > 1.0] == []
    assert log == read_latex_log(f"Output written on document.pdf ({log.pages} pages, 1 bytes).")


@pytest.mark.parametrize("name", sweep(["2-2", "regression-2-3-1", "5-5", "2-7"], ["2-2"]))
def test_latex_of_entries_compiles(name: str, tmp_path: Path) -> None:
    requires("pdflatex")
    (text,) = [t for f, t in report(name, True).files if f.endswith(".tex")]
    log = compile_latex(text, tmp_path)
    assert log.errors == [] and [box for box in log.overfull if box[1] > 1.0] == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "order", "more_than"),
    [
        ("2-2", 1, 40),
        thorough(("3-2", 1, 50)),
        thorough(("3-5", 1, 100)),
        thorough(("2-2", 2, 100)),
    ],
)
def test_entries_of_a_softmax_layer_are_proved_and_fit(
    name: str, order: int, more_than: int, tmp_path: Path
) -> None:
    requires("pdflatex")
    network = read_network(name, output_activation="softmax", cost="cross_entropy")
    found = report_on(network, ("latex", "github"), True, order=order)
    assert found.unproved == () and found.equations > more_than
    (text,) = [t for f, t in found.files if f.endswith(".tex")]
    log = compile_latex(text, tmp_path)
    assert log.errors == [] and [box for box in log.overfull if box[1] > 1.0] == []
    # Left-hand sides that are broken over lines are read back as they were meant.
    for file, page in found.files:
        checked = check(page, network, kind="latex" if file.endswith(".tex") else "markdown")
        assert {one.verdict for one in checked.equations} <= FINE, file


@pytest.mark.parametrize("name", sweep(NAMES, QUICK))
def test_markdown_is_sound_and_inside_the_budget(name: str) -> None:
    for text in pages(name, ".md"):
        assert markdown_faults(text) == []
        formulas = formulas_of_markdown(text)
        assert len(formulas) > 5
        for formula in formulas:
            assert formula.source.isascii()
            assert github_bans(formula) == []
    github = [t for t in pages(name, ".md") if "```math" in t]
    for text in github:
        costs = [github_cost(formula) for formula in formulas_of_markdown(text)]
        assert sum(costs) <= GITHUB_PAGE_BUDGET
        assert max(costs) <= min(GITHUB_FORMULA_BUDGET, 100)


@pytest.mark.parametrize("name", sweep(SECOND_ORDER, ["n_0-n_1"]))
def test_documents_of_second_order_are_sound_too(name: str, tmp_path: Path) -> None:
    requires("pdflatex")
    assert report(name, order=2).unproved == ()
    (text,) = pages(name, ".tex", order=2)
    log = compile_latex(text, tmp_path)
    assert log.errors == [] and [box for box in log.overfull if box[1] > 1.0] == []
    markdown = pages(name, ".md", order=2)
    # An escape of a template may be taken for a tabulator: the t of "top" behind one backslash.
    assert not any("\t" in page for page in (text, *markdown))
    for page in markdown:
        assert markdown_faults(page) == []
        assert all(github_bans(formula) == [] for formula in formulas_of_markdown(page))


@pytest.mark.parametrize("name", sweep(WITH_DIRAC_TERMS, ["one-layer-chain"]))
def test_documents_with_dirac_terms_are_sound_too(name: str, tmp_path: Path) -> None:
    requires("pdflatex")
    found = report(name, order=2, dirac=True)
    plain = report(name, order=2)
    assert found.unproved == () and found.equations > plain.equations + 5
    assert not any("Dirac" in text for _, text in plain.files)
    (text,) = [text for file, text in found.files if file.endswith(".tex")]
    assert "The kink at second order" in text and r"\mathrm{Dirac}(z" in text
    log = compile_latex(text, tmp_path)
    assert log.errors == [] and [box for box in log.overfull if box[1] > 1.0] == []
    for page in [text for file, text in found.files if file.endswith(".md")]:
        assert "\t" not in page and markdown_faults(page) == []
        assert all(github_bans(formula) == [] for formula in formulas_of_markdown(page))


@pytest.mark.parametrize(
    ("name", "said", "unsaid"),
    [
        ("regression-2-3-1", "so each chain rule has one term", "so its chain rule is a sum"),
        ("regression-2-3-1", "read the input and the biases beside them", "\x00"),
        ("two-layer-general", "so its chain rule is a sum", "so each chain rule has one term"),
        ("two-layer-general", "for the weights that read the input.", "the biases beside"),
    ],
)
def test_words_speak_of_the_network_at_hand(name: str, said: str, unsaid: str) -> None:
    text = "".join(pages(name, ".md"))
    assert said in text and unsaid not in text


@pytest.mark.thorough
def test_words_of_the_kink_speak_of_the_network_at_hand() -> None:
    one = report_on(read_network("1-1", bias=True), ("plain",), order=2, dirac=True)
    (text,) = [text for file, text in one.files if file.endswith(".md")]
    assert "derivative of ReLU at 0" in text and "biases at 0" not in text
    assert "a later one may pass 0" not in text
    two = report_on(read_network("two-layer-chain"), ("plain",), order=2, dirac=True)
    found = [text for _, text in two.files if "The kink at" in text]
    assert found and all("a later one may pass 0" in text for text in found)


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("two-layer-chain", r"$(\partial^2 C/\partial s^2)\,\mathcal{R}\{s\}"),
        ("n_0-n_1", r"$\sum_p \sum_q (\partial^2 C/\partial s_p \partial s_q)"),
        thorough(("two-layer-general", r"$\sum_p \sum_q (\partial^2 C/\partial s_p \partial s_q)")),
    ],
)
def test_the_parameter_of_a_product_has_a_letter_of_its_own(name: str, product: str) -> None:
    (text,) = [page for page in pages(name, ".tex", order=2) if "times a vector" in page]
    assert "For a parameter $\\theta$ it is " + product in text


def of_short_ones() -> list[str]:
    return [text for name in QUICK for text in pages(name, ".md")]


def of_first_order() -> list[str]:
    return [text for name in NAMES for text in pages(name, ".md")]


def of_second_order() -> list[str]:
    texts = [text for name in SECOND_ORDER for text in pages(name, ".md", order=2)]
    return texts + [
        text
        for name in WITH_DIRAC_TERMS
        for file, text in report(name, order=2, dirac=True).files
        if file.endswith(".md")
    ]


@pytest.mark.parametrize(
    "texts", [of_short_ones, *map(thorough, (of_first_order, of_second_order))]
)
def test_every_formula_is_accepted_by_katex_and_mathjax(texts: Callable[[], list[str]]) -> None:
    requires("node")
    formulas = [f for text in texts() for f in formulas_of_markdown(text)]
    distinct = list({(f.source, f.display): f for f in formulas}.values())
    answers = check_with_engines(distinct)
    wrong = [(f.source, a) for f, a in zip(distinct, answers, strict=True) if a != (None, None)]
    assert wrong == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "name",
    sweep(
        ["general-layer", "three-layer-chain", "softmax-classifier", "leaky-chain"],
        ["general-layer"],
    ),
)
def test_documents_do_not_depend_on_the_hash_seed(name: str) -> None:
    program = (
        "from derive import read_network, report_on\n"
        f"print(report_on(read_network({name!r})).files)"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True, timeout=120,
        ).stdout
        for seed in ("0", "1", "4242")
    }  # fmt: skip
    assert len(texts) == 1 and texts.pop().strip()


def test_long_documents_are_split_into_linked_pages() -> None:
    result = report_on(read_network("-".join(["1"] * 31)), ("github",))
    names = [file for file, _ in result.files]
    assert len(names) > 1
    for (_, text), following in zip(result.files, names[1:], strict=False):
        assert f"]({following})" in text
    for _, text in result.files:
        assert sum(map(github_cost, formulas_of_markdown(text))) <= GITHUB_PAGE_BUDGET


def test_an_equation_that_cannot_be_proved_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    from derive.deriving.laws import RULES, calculus

    def forgets_the_step(network, expression, given=()):
        result = calculus.differentiate(network, expression, given)
        from derive.algebra.functions import Step

        return result.replace(Step, lambda *_: 1)

    monkeypatch.setitem(RULES, "differentiate", forgets_the_step)
    result = report_on(read_network("two-layer-chain"), ("latex", "github"))
    assert 0 < len(result.unproved) < result.equations
    for _, text in result.files:
        assert "not proved" in text
    assert "refuted" in dict(result.unproved).values()


def test_a_name_in_any_script_compiles(tmp_path: Path) -> None:
    requires("pdflatex")
    network = replace(read_network("1-1"), name="Größe µ 北京 🎉 Łódź")
    (text,) = [text for file, text in report_on(network).files if file.endswith(".tex")]
    log = compile_latex(text, tmp_path)
    assert log.errors == [] and log.missing_characters == []
