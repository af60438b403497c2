"""The checkers of documents, checked: each must catch what it is there to catch."""

import pytest

from tests.documents.formulas import (
    Formula,
    check_with_engines,
    compile_latex,
    formulas_of_markdown,
    github_bans,
    github_cost,
    markdown_faults,
    read_latex_log,
    requires,
)

# ---------------------------------------------------------------- Markdown

GITHUB = r"""# The cost

With $`\hat{y} = r^{(L)}`$ and `$HOME` and \$5,
then $`a_1 < b_1`$:

```math
C = \frac12 (y - \hat{y})^2 \\
\{a\}
```

1. An item, and

   ```math
   z
   ```

| unit | value |
|---|---|
| 1 | $`r_1`$ |

```python
x = "$not$"
```
"""

PLAIN = r"""With $\hat{y}$ and
$a_1 < b_1$:

$$
C = \{a\}
$$

> $$z = 1$$

text $$w$$ text
"""


def test_formulas_in_github_markdown():
    assert formulas_of_markdown(GITHUB) == [
        Formula(r"\hat{y} = r^{(L)}", False, 3),
        Formula("a_1 < b_1", False, 4),
        Formula("C = \\frac12 (y - \\hat{y})^2 \\\\\n\\{a\\}", True, 6),
        Formula("z", True, 13),
        Formula("r_1", False, 19),
    ]
    assert markdown_faults(GITHUB) == []


def test_formulas_in_plain_markdown():
    assert formulas_of_markdown(PLAIN) == [
        Formula(r"\hat{y}", False, 1),
        Formula("a_1 < b_1", False, 2),
        Formula(r"C = \{a\}", True, 4),
        Formula("z = 1", True, 8),
        Formula("w", True, 10),
    ]
    assert markdown_faults(PLAIN) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("one\n$`x", "line 2: a $ that delimits no formula: $`x"),
        ("costs $5", "line 1: a $ that delimits no formula: costs"),
        ("$ x $", "line 1: a $ that delimits no formula"),
        ("the $`x`$s", "line 1: the formula x touches a letter"),
        ("a$x$", "line 1: the formula x touches a letter"),
        ("[see $`x`$](y)", "line 1: the formula x stands in a link"),
        ("```math\na\n\nb\n```", "line 1: a blank line in a formula"),
        ("$$\na\n\nb\n$$", "line 1: a $ that delimits no formula"),
        ("| a |\n|---|\n| $`|x|`$ |", "line 3: a $ that delimits no formula"),
    ],
)
def test_a_formula_that_a_reader_would_not_see(text, fault):
    faults = markdown_faults(text)
    assert faults
    assert faults[0].startswith(fault)


# ---------------------------------------------------------------- GitHub


@pytest.mark.parametrize(
    ("source", "bans"),
    [
        (r"\mathrm{ReLU}(z)", []),
        (r"\operatorname{ReLU}(z)", ["operatorname"]),
        (r"\text{unicode}", ["unicode"]),
        (r"\hphantom{x}", ["hphantom", "phantom"]),
    ],
)
def test_github_bans(source, bans):
    assert github_bans(Formula(source, True, 1)) == bans


@pytest.mark.parametrize(("source", "cost"), [("x", 1), (r"\frac{1}{2}", 3), (r"\{a\}", 2)])
def test_github_cost(source, cost):
    assert github_cost(Formula(source, True, 1)) == cost


# ---------------------------------------------------------------- KaTeX and MathJax

GOOD = [
    r"\frac{\partial C}{\partial W^{(0)}_{11}} = \delta^{(1)}_1 \, r^{(0)}_1",
    r"\begin{aligned} a &= b \\ &= c && \quad\text{chain rule} \end{aligned}",
    r"\mathrm{ReLU}'(z) = \begin{cases} 1 & z > 0 \\ h_0 & z = 0 \\ 0 & z < 0 \end{cases}",
    r"\underbrace{a}_{b} \overset{!}{=} \boxed{c}, \quad \boldsymbol{\delta} \odot \mathbf{1}",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"\text{a\_b}",
]

# Each is wrong for both engines, for KaTeX only, or for MathJax (as GitHub has it) only.
WRONG_FOR_BOTH = [
    r"\frac{1}{2",
    r"\left( a",
    r"\unheardof",
    r"a_b_c",
    r"a & b",
    r"\text{a_b}",
    r"\href{https://example.org}{a}",
    r"\require{ams}",
]
WRONG_FOR_KATEX = [r"a \label{x}", r"a % b", "é", "$x$"]
WRONG_FOR_MATHJAX = [
    r"\bm{x}",
    r"\def\a{1} \a",
    r"\newcommand{\a}{1} \a",
    r"\begin{aligned} a \tag{1} \end{aligned}",
]


def test_engines_accept_good_formulas():
    formulas = [Formula(source, display, 1) for source in GOOD for display in (True, False)]
    assert check_with_engines(formulas) == [(None, None)] * len(formulas)


@pytest.mark.parametrize(
    ("sources", "katex", "mathjax"),
    [
        pytest.param(WRONG_FOR_BOTH, True, True, id="both"),
        pytest.param(WRONG_FOR_KATEX, True, False, id="katex"),
        pytest.param(WRONG_FOR_MATHJAX, False, True, id="mathjax"),
    ],
)
def test_engines_refuse_bad_formulas(sources, katex, mathjax):
    faults = check_with_engines([Formula(source, True, 1) for source in sources])
    verdicts = [(fault.katex is not None, fault.mathjax is not None) for fault in faults]
    assert dict(zip(sources, verdicts, strict=True)) == dict.fromkeys(sources, (katex, mathjax))


def test_engines_tell_display_from_inline():
    display, inline = check_with_engines(
        [Formula(r"a \tag{3}", True, 1), Formula(r"a \tag{3}", False, 1)]
    )
    assert display == (None, None)
    assert "display" in inline.katex


def test_one_formula_leaves_nothing_to_the_next():
    twice = [Formula(r"\gdef\a{1}", True, 1), Formula(r"\a", True, 1)]
    assert "Undefined control sequence" in check_with_engines(twice)[1].katex


# ---------------------------------------------------------------- LaTeX


def document(body: str) -> str:
    """A whole document around a body, with hyperref, which needs the second run."""
    return (
        r"\documentclass{article}\usepackage{amsmath}\usepackage{hyperref}"
        "\n\\begin{document}\n" + body + "\n\\end{document}\n"
    )


def test_a_good_document(tmp_path):
    one = r"\section{Cost} See~\ref{cost}. \newpage"
    two = r"\begin{equation} C = \tfrac12 (y - \hat y)^2 \label{cost} \end{equation}"
    log = compile_latex(document(one + two), tmp_path)
    assert log == read_latex_log("Output written on document.pdf (2 pages, 1 bytes).")
    assert (tmp_path / "document.pdf").stat().st_size > 0


def test_a_line_beyond_the_margin(tmp_path):
    [(kind, points)] = compile_latex(document(r"\noindent\rule{400pt}{1pt}"), tmp_path).overfull
    assert kind == "hbox"
    assert points == pytest.approx(400 - 345)


def test_rows_off_the_page(tmp_path):
    rows = r"\\".join(["a &= b"] * 70)
    log = compile_latex(document(rf"\begin{{align*}}{rows}\end{{align*}}"), tmp_path)
    assert [kind for kind, points in log.overfull if points > 100] == ["vbox"]


def test_a_character_that_the_font_lacks(tmp_path):
    log = compile_latex(document(r"\font\symbols=lasy10 {\symbols z}"), tmp_path)
    assert log.missing_characters == ["z in font lasy10"]


def test_a_reference_to_nothing(tmp_path):
    log = compile_latex(document(r"See~\ref{nothing}."), tmp_path)
    assert any("`nothing'" in warning for warning in log.undefined)


def test_errors_name_their_place(tmp_path):
    log = compile_latex(document("\n\\unheardof\n\n\\[ a_b_c \\]"), tmp_path)
    assert log.errors == [
        r"Undefined control sequence. l.4 \unheardof",
        r"Double subscript. l.6 \[ a_b_",
    ]


def test_a_document_without_an_end(tmp_path):
    log = compile_latex(r"\documentclass{article}\begin{document}\begin{align", tmp_path)
    assert log.errors
    assert log.pages == 0


# ---------------------------------------------------------------- absent programs


def test_an_absent_program_skips_with_a_reason(monkeypatch):
    monkeypatch.delenv("DERIVE_REQUIRE_TOOLS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program is not installed"):
        requires("no-such-program")


def test_an_absent_program_fails_where_it_must_not_be_absent(monkeypatch):
    monkeypatch.setenv("DERIVE_REQUIRE_TOOLS", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-program is not installed"):
        requires("no-such-program")


def test_a_program_that_is_there():
    requires("python3")
