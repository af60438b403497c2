"""The oracle itself: values that are known, zeros that are exact, and texts read back."""

from fractions import Fraction

import pytest

from tests.oracle.identities import IDENTITIES, ZEROS, Holds
from tests.oracle.reals import NoValueError, TooCloseError
from tests.oracle.terms import filled, names_in, read
from tests.oracle.values import Place, differ

X, Y = Fraction(2), Fraction(-3, 7)
POINTS = tuple(
    {"x": Fraction(x), "y": Fraction(y)}
    for x, y in (("2", "3/7"), ("-2", "1/3"), ("1/2", "-5"), ("-1/3", "-2"), ("0", "1"), ("1", "1"))
)


def value(text, at_zero=Fraction(0), **values):
    return Place({n: Fraction(v) for n, v in values.items()}, at_zero).value(read(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ReLU(x - 3) + ReLU(3 - x)", 1),
        ("Step(x - 2)", Fraction(1, 3)),
        ("Step(x - 2, 1/2)", Fraction(1, 2)),
        ("Heaviside(2 - x, 1)", 1),
        ("LeakyReLU(-x, 1/4)", Fraction(-1, 2)),
        ("-x^2", -4),
        ("x^-2", Fraction(1, 4)),
        ("max(x, y, 1) - min(x, y)", Fraction(17, 7)),
        ("sign(x)*sign(y)*sign(0)", 0),
        ("cases(1 if x < 0; 5 if x >= 2 and y < 0; 3 otherwise)", 5),
        ("exp(0) + log(1) + tanh(0) + sigmoid(0)", Fraction(3, 2)),
        ("sqrt(9/4)", Fraction(3, 2)),
        ("diff(x^3*ReLU(x), x, x)", 48),
    ],
)
def test_values(text, expected):
    assert value(text, Fraction(1, 3), x=X, y=Y) == expected


@pytest.mark.parametrize(
    "text",
    ["1/(x - 2)", "0*(1/0)", "log(y)", "log(-1)^2", "log(x - 2)", "sqrt(y)", "0^-1",
     "max(x, 1/(x - x))", "cases(1 if x < 0)", "exp(log(y))"],
)  # fmt: skip
def test_what_has_no_value(text):
    with pytest.raises(NoValueError):
        value(text, x=X, y=Y)


@pytest.mark.parametrize("zero", ZEROS, ids=str)
def test_what_vanishes_is_exactly_0(zero):
    fill = {"A": read("x"), "B": read("x*x + 1/3")}
    values = [Place(point, Fraction(1, 3)) for point in POINTS]
    met = 0
    for place in values:
        try:
            assert place.value(filled(zero, fill)) == 0
            met += 1
        except NoValueError:
            continue
    assert met >= 3


def test_what_is_close_to_0_is_not_called_0():
    with pytest.raises(TooCloseError):
        value("sign(log((1 + exp(1))^2) - 2*log(1 + exp(1)))")
    assert value("sign(exp(1/2)^2 - exp(1))") == 0
    assert value("sign(exp(-99))") == 1


@pytest.mark.parametrize(("left", "right", "holds"), IDENTITIES, ids=str)
def test_identities_hold_where_they_say(left, right, holds):
    fill = {"A": read("x"), "B": read("y"), "D": read("x*y")}
    sides = filled(left, fill), filled(right, fill)
    conventions = {Holds.ALWAYS: "0 1 1/3", Holds.IDEMPOTENT: "0 1", Holds.OFF_KINKS: "1/3"}
    met = 0
    for at_zero in map(Fraction, conventions[holds].split()):
        for point in POINTS:
            place = Place(point, at_zero)
            try:
                values = [place.value(side) for side in sides]
            except NoValueError:
                continue
            if place.at_kink and holds is Holds.OFF_KINKS:
                continue
            met += 1
            assert not differ(*values), f"{left} = {right} at {point}, Step(0) = {at_zero}"
    assert met


def test_what_is_written_is_read_back():
    for term in (*ZEROS, *(side for row in IDENTITIES for side in row[:2])):
        assert read(str(term)) == term


def test_names():
    assert names_in(read("diff(ReLU(x), x) + W0*dC/dz1")) == {"x", "W0"}
