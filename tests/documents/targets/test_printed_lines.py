"""Formulas with numbers put in, within the middle column of a table."""

from sympy import Add, Integer, Mul, Rational, Symbol

from derive.documents.targets.printed_lines import in_a_cell
from derive.notation.tex import AtPoint, LatexWriter

WRITER = LatexWriter()


def at_point(terms: int, value: Rational) -> AtPoint:
    letters = [[Symbol(f"{letter}_{n}") for letter in "abcdef"] for n in range(terms)]
    numbers = {one: Integer(1) for row in letters for one in row}
    return AtPoint(Add(*(Mul(*row) for row in letters)), numbers, value)


def test_a_formula_that_fits_stays_on_one_line():
    short = at_point(1, Rational(1, 3))
    assert in_a_cell(short, WRITER) == WRITER.text(short)
    assert in_a_cell(Rational(1, 3), WRITER) == r"\frac{1}{3}"


def test_a_formula_that_is_too_wide_is_broken_before_its_terms():
    wide = at_point(12, Rational(1, 3))
    text = in_a_cell(wide, WRITER)
    lines = text.removeprefix(r"\begin{aligned} ").removesuffix(r" \end{aligned}").split(r" \\ ")
    assert len(lines) > 1 and lines[0].startswith("&")
    assert all(line.startswith(r"&\quad {} + ") for line in lines[1:])
    assert [r" = \frac{1}{3}" in line for line in lines] == [False] * (len(lines) - 1) + [True]
    bare = " ".join(line.removeprefix("&").removeprefix(r"\quad {} ") for line in lines)
    assert bare == WRITER.text(wide)
