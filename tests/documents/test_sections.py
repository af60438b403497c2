"""Titles of the user's: what stands beneath them, and that they are shown as plain words."""

import re

import pytest

from derive import Model, check, evaluate
from derive.deriving.model_gradient import model_gradient
from derive.documents.reporting import report_on
from derive.files.definitions_file import model_of, table_of
from derive.files.toml_tables import TomlTable

#: The penalty lets C alone use U; V is used by both parts, first by "Hidden".
TITLED = r"""
input x[d]
parameter V[d,h], W[h], U[h]
target y
f[i] := x[i]^2
== Hidden & <b>bold</b> $_{z}$ \input{x} ==
z[j] := sum(i, f[i]*V[i,j])
r[j] := tanh(z[j])
== Output ==
o := sum(j, r[j]*W[j]) + sum(i, j, V[i,j])
C := 1/2*(o - y)^2 + sum(j, U[j]^2)
"""
PLAIN = re.sub("==.*==\n", "", TITLED)


def headings(text):
    return re.findall(r"^## (.*)$", text, re.MULTILINE)


def test_derivatives_stand_beneath_the_title_of_what_they_are_by():
    one = Model.from_definitions(TITLED)
    ((_, text),) = report_on(one, ["github"]).files
    titles = [title[:6] for title in headings(text) if re.search("backw|derivative", title)]
    assert titles == ["Output", "Hidden", "The de", "The de"]
    groups = [group for group in model_gradient(one).groups if group.title == "quantity"]
    order = [(str(g.about["section"])[:6], str(g.about["quantity"].wrt.args[0])) for g in groups]
    assert order == [
        ("Output", "o"), ("Output", "W"), ("Output", "U"),
        ("Hidden", "r"), ("Hidden", "z"), ("Hidden", "V"), ("", "f"), ("", "x"),
    ]  # fmt: skip


def test_titles_change_no_formula_and_no_number():
    titled, plain = Model.from_definitions(TITLED), Model.from_definitions(PLAIN)
    lines = [{line.equation for line in model_gradient(one).steps} for one in (titled, plain)]
    assert lines[0] == lines[1]
    point = {"x": [1, 2], "V": [[1, 2], [3, -1]], "W": [1, 2], "U": [1, 1], "y": 3}
    assert evaluate(titled, point).gradients == evaluate(plain, point).gradients


def test_a_table_keeps_the_titles():
    one = Model.from_definitions(TITLED)
    assert model_of(TomlTable("m", "", table_of(one)), "m").definitions == one.definitions


@pytest.mark.parametrize("dialect", ["github", "latex", "html"])
def test_titles_are_plain_words_in_every_format(dialect):
    ((_, text),) = report_on(Model.from_definitions(TITLED), [dialect]).files
    assert "<b>bold</b>" not in text
    assert r" $_{z}$ \input{x}" not in text or dialect == "html"
    assert "Output, backwards" in text
    assert text.count("Hidden") >= 2


@pytest.mark.parametrize("dialect", ["github", "latex"])
def test_documents_with_titles_are_read_back(dialect):
    one = Model.from_definitions(TITLED.replace(r" & <b>bold</b> $_{z}$ \input{x}", ""))
    ((file, text),) = report_on(one, [dialect]).files
    checked = check(text, one, kind="markdown" if file.endswith(".md") else "latex")
    assert checked.summary.all_right
