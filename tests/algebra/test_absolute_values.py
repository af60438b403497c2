"""|u| is put where 2 ReLU(u) - u stands, and nowhere else."""

import pytest
from sympy import Abs, Add, Symbol

from derive.algebra.absolute_values import with_absolute_values
from derive.algebra.functions import ReLU

a, b, c = (Symbol(name, real=True) for name in "abc")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (2 * ReLU(a) - a, Abs(a)),
        (2 * ReLU(a) - a - 1, Abs(a) - 1),
        (b * ReLU(a) - a * b / 2 + c, b * Abs(a) / 2 + c),
        (2 * ReLU(a - b) - a + b, Abs(a - b)),
        (2 * ReLU(a) - a + 2 * ReLU(b) - b, Abs(a) + Abs(b)),
        (2 * ReLU(a) + a, 2 * ReLU(a) + a),
        (ReLU(a) - a, ReLU(a) - a),
        (2 * ReLU(a) - b, 2 * ReLU(a) - b),
        (2 * ReLU(a) - a * b, 2 * ReLU(a) - a * b),
        (ReLU(a), ReLU(a)),
    ],
)
def test_absolute_values_are_found(written, expected):
    found = with_absolute_values(written)
    assert found == expected
    for point in ({a: -2, b: 3, c: 1}, {a: 5, b: -1, c: 2}, {a: 0, b: 0, c: 0}):
        assert found.subs(point) == written.subs(point)


def test_what_is_no_sum_stays_as_it_is():
    product = (2 * ReLU(a) - a) * b
    assert not isinstance(product, Add) and with_absolute_values(product) == product
