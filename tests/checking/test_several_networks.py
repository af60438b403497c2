"""A document about several networks, each named where it begins."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from derive import read_network
from derive.checking.assessment import Verdict
from derive.checking.check import check, check_parts
from derive.cli import main
from derive.errors import DeriveError
from derive.reading.network_parts import network_parts

TWO = r"\frac{\partial C}{\partial r^{(2)}} = r^{(2)} - y"
ONE = r"\frac{\partial C}{\partial r^{(1)}} = r^{(1)} - y"
MARKDOWN = f"""<!-- derive: network = 1-1-1 -->
${TWO}$

<!-- derive: network = 1-1 --> ${ONE}$
"""
LATEX = rf"""\documentclass{{article}}
\newcommand{{\error}}{{r^{{(1)}} - y}}
\begin{{document}}
% derive: network = 1-1-1
\[ {TWO} \]
% derive: network = 1-1
\[ \frac{{\partial C}}{{\partial r^{{(1)}}}} = \error \]
\end{{document}}
"""


def verdicts(text: str, kind: str) -> list[tuple[int, Verdict | None]]:
    parts = [
        (read_network(part.network, **part.options), part.text)
        for part in network_parts(text, kind)
    ]
    return [(one.line, one.verdict) for one in check_parts(parts, kind=kind).equations]


def test_each_part_is_about_its_own_network() -> None:
    assert verdicts(MARKDOWN, "markdown") == [(2, Verdict.RIGHT), (4, Verdict.RIGHT)]
    swapped = MARKDOWN.replace("= 1-1 ", "= 2-2 ").replace("= 1-1-1", "= 1-1")
    assert verdicts(swapped, "markdown")[0] == (2, Verdict.NOT_UNDERSTOOD)


def test_macros_of_latex_hold_in_every_part() -> None:
    assert verdicts(LATEX, "latex") == [(5, Verdict.RIGHT), (7, Verdict.RIGHT)]


def test_plain_text() -> None:
    text = "# derive: network = 1-1-1\ndC/dr2 = r2 - y\n# derive: network = 1-1\ndC/dr1 = r1 - y\n"
    assert verdicts(text, "text") == [(2, Verdict.RIGHT), (4, Verdict.RIGHT)]


def test_names_hold_from_the_beginning_or_in_their_part() -> None:
    text = (
        "<!-- derive: c = number -->\n<!-- derive: network = 1-1, d = number -->\n$c d = d c$\n\n"
        "<!-- derive: network = 1-1-1 -->\n$c y = y c$ and $d y = y d$\n"
    )
    assert verdicts(text, "markdown") == [
        (3, Verdict.RIGHT), (6, Verdict.RIGHT), (6, Verdict.NOT_UNDERSTOOD)
    ]  # fmt: skip


def test_places_are_those_of_the_whole_document() -> None:
    *_, last = network_parts(MARKDOWN, "markdown")
    assert (last.network, last.line) == ("1-1", 4)
    assert len(last.text) == len(MARKDOWN) and last.text.count("\n") == MARKDOWN.count("\n")


def test_the_command(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text(MARKDOWN, encoding="utf-8")
    result = CliRunner().invoke(main, ["check", str(notes)])
    assert result.exit_code == 0 and "2 equations: 2 right, 0 wrong" in result.stdout
    result = CliRunner().invoke(main, ["check", str(notes), "--network", "1-1-1"])
    assert result.exit_code == 1
    notes.write_text(MARKDOWN.replace("= 1-1 ", "= two-layer-chian "), encoding="utf-8")
    result = CliRunner().invoke(main, ["check", str(notes)])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {notes}:4: ") and "two-layer-chain" in result.stderr


@pytest.mark.parametrize("name", ["c", "v_0", r"\gamma", "w_{12}"])
def test_a_number_of_the_document(name: str) -> None:
    written = f"<!-- derive: network = 1-1, {name} = number -->\n${name} y = y {name}$, "
    written += rf"$\mathrm{{ReLU}}({name}) = {name}$"
    assert [found for _, found in verdicts(written, "markdown")] == [
        Verdict.RIGHT, Verdict.RIGHT_IF
    ]  # fmt: skip


def test_a_number_in_plain_text_and_in_a_network_file(tmp_path: Path) -> None:
    lines = "c*dC/dr1 = c*(r1 - y)\nReLU(c) = c\n"
    expected = [Verdict.RIGHT, Verdict.RIGHT_IF]
    text = f"# derive: network = 1-1, c = number\n{lines}"
    assert [found for _, found in verdicts(text, "text")] == expected
    table = 'inputs = 1\n[[layers]]\nunits = 1\nactivation = "relu"\n[symbols]\nc = "number"\n'
    path = tmp_path / "net.toml"
    path.write_text(table, encoding="utf-8")
    assert [one.verdict for one in check(lines, read_network(str(path))).equations] == expected


def test_what_completes_a_shorthand_stands_behind_it(tmp_path: Path) -> None:
    slope = r"\frac{\partial r^{(1)}}{\partial z^{(1)}} = (1 - r^{(1)})\, r^{(1)}"
    notes = tmp_path / "notes.md"
    text = f"<!-- derive: network = 1-1 activation=sigmoid bias -->\n${slope}$\n"
    notes.write_text(text, encoding="utf-8")
    assert CliRunner().invoke(main, ["check", str(notes)]).exit_code == 0
    assert network_parts(text, "markdown")[0].options == {"activation": "sigmoid", "bias": True}
    notes.write_text(text.replace("activation", "activtion"), encoding="utf-8")
    result = CliRunner().invoke(main, ["check", str(notes)])
    assert result.exit_code == 2 and "'activtion=sigmoid' is nothing" in result.stderr


def test_a_comment_that_is_shown_as_code_names_nothing() -> None:
    shown = "```text\n<!-- derive: network = 2-2, q = W0 -->\n```\n"
    assert verdicts(MARKDOWN + shown, "markdown") == verdicts(MARKDOWN, "markdown")
    verbatim = (
        "\\begin{verbatim}\n% derive: network = 2-2\n\\end{verbatim}\n50\\% derive: network = x\n"
    )
    assert verdicts(LATEX.replace("\\end{document}", verbatim + "\\end{document}"), "latex") == (
        verdicts(LATEX, "latex")
    )


def test_absurdly_many_comments_are_refused() -> None:
    with pytest.raises(DeriveError, match="up to 1000 comments"):
        network_parts("<!-- derive: a = number -->\n" * 1001, "markdown")


def test_a_comment_between_the_rows_of_a_display_breaks_nothing() -> None:
    text = rf"\[ {ONE.split('=')[0]}" + "\n% derive: c = number\n" + rf"= {ONE.split('=')[1]} \]"
    text = "% derive: network = 1-1\n" + text
    assert [found for _, found in verdicts(text, "latex")] == [Verdict.RIGHT]


def test_what_holds_throughout_does_not_move_the_text() -> None:
    text = "<!-- derive: c = number -->\n" + MARKDOWN
    for part in network_parts(text, "markdown"):
        assert len(part.text) == len(text) and "c = number" in part.text
        assert all(a == b or a == " " for a, b in zip(part.text, text, strict=True))


def test_more_networks_than_can_be_judged_are_refused() -> None:
    words = "<!-- derive: network = 1-1 -->\n" + "some words " * 10_000 + "\n"
    with pytest.raises(DeriveError, match=r"may name \d+ networks; split it"):
        network_parts(words * 30, "markdown")
