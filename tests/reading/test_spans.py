"""Where formulas stand in Markdown and LaTeX, and what is none."""

import pytest

from derive.reading.spans import latex_masked, markdown_masked, spans_of

MARKDOWN = [
    ("a $x$ b", ["x"]),
    ("$x$ and $y$", ["x", "y"]),
    ("$$x\n= y$$", ["x\n= y"]),
    ("$`x`$", ["x"]),
    ("```math\nx = y\n```", ["\nx = y\n"]),
    ("```math\nx\n```\ntext\n```math\ny\n```", ["\nx\n", "\ny\n"]),
    ("~~~math\nx\n~~~", ["\nx\n"]),
    (r"\(x\) and \[y\]", ["x", "y"]),
    (r"\begin{align} x &= y \end{align}", [r"\begin{align} x &= y \end{align}"]),
    (r"\begin{align*} x \end{align*}", [r"\begin{align*} x \end{align*}"]),
    (
        r"$$\begin{aligned} x \\[6pt] y \end{aligned}$$",
        [r"\begin{aligned} x \\[6pt] y \end{aligned}"],
    ),
    ("`$x$` is code", []),
    ("``$x$ ` $y$`` is code, $z$ is not", ["z"]),
    ("```\n$x$\n```", []),
    ("```python\n$x$\n```\n$y$", ["y"]),
    ("~~~\n$x$\n```\n$y$\n~~~\n$z$", ["z"]),
    ("<!-- $x$ --> $y$", ["y"]),
    ("it costs $5 and then $10", []),
    (r"\$x\$ is no formula, $y$ is", ["y"]),
    ("> $x$\n> $y$", ["x", "y"]),
    ("> $$\n> x\n> $$", ["\n  x\n  "]),
    ("1. $x$\n2. $$y$$", ["x", "y"]),
    (r"\newcommand{\a}{$x$} $y$", ["y"]),
    ("$x$\n\n$y$", ["x", "y"]),
    ("", []),
]

LATEX = [
    (r"a $x$ % $y$" + "\n$z$", ["x", "z"]),
    (r"100\% of $x$", ["x"]),
    (r"\begin{equation} x \end{equation}", [r"\begin{equation} x \end{equation}"]),
    (r"\begin{document} $x$ \end{document} $y$", ["x"]),
    (r"\usepackage{x} $a$ \begin{document} $x$ \end{document}", ["x"]),
    (r"\begin{verbatim} $x$ \end{verbatim} $y$", ["y"]),
    (r"\verb|$x$| $y$", ["y"]),
    (r"\[ x \] and \( y \)", [" x ", " y "]),
    (r"\\[2pt] $x$", ["x"]),
    (r"`$x$' is a formula here", ["x"]),
]


@pytest.mark.parametrize(("text", "expected"), MARKDOWN)
def test_formulas_of_markdown(text: str, expected: list[str]) -> None:
    masked = markdown_masked(text)
    assert len(masked) == len(text)
    assert [masked[span.start : span.end] for span in spans_of(masked)] == expected


@pytest.mark.parametrize(("text", "expected"), LATEX)
def test_formulas_of_latex(text: str, expected: list[str]) -> None:
    masked = latex_masked(text)
    assert len(masked) == len(text)
    assert [masked[span.start : span.end] for span in spans_of(masked)] == expected


@pytest.mark.parametrize(
    "text",
    [
        r"$x = \frac{1}{2}",
        "$$x = y",
        r"\[ x",
        r"\begin{align} x",
        "$x = y\n\nand $z$",
        "```math\nx = 1",
    ],
)
def test_a_formula_that_never_ends_is_told(text: str) -> None:
    (first, *_) = spans_of(markdown_masked(text))
    assert "never closed" in first.problem


def test_what_follows_an_unclosed_formula_is_still_found() -> None:
    masked = markdown_masked("$x = \\frac12\n\nbut $y$\n\n$$z")
    found = [(masked[s.start : s.end], bool(s.problem)) for s in spans_of(masked)]
    assert [problem for _, problem in found] == [True, False, True]
    assert found[1][0] == "y"
