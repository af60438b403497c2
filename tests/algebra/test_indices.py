"""Index calculus against sums written out: contraction, substitution, flattening."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Add, Integer, KroneckerDelta, Mul, S, Sum, Symbol

from derive.algebra.indices import (
    LETTERS,
    contract,
    deltas_in_front,
    fresh_index,
    index,
    index_symbols,
    substitute,
)
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.laws.algebra import flatten
from derive.model.instances import IllTypedError, axis_of, free_axes, instantiate
from derive.model.network import Layer, Network

i, j, l, m, p = (index(letter) for letter in "ijlmp")  # noqa: E741 -- as documents do
n = Symbol("n_1", integer=True, positive=True)

#: All letters count the n units of layer 1; r and z of that layer are the atoms.
NETWORK = Network(S.One, (Layer(n), Layer(S.One)))
WIDTHS = (1, 2, 3)
UNITS = (i, j, l)
FAST = settings(max_examples=120, deadline=None)


def r(unit):
    return Quantity("r", S.One, unit)


def z(unit):
    return Quantity("z", S.One, unit)


def total(body, *bound):
    return Sum(body, *((letter, 1, n) for letter in bound))


def written_out(expression, width, free):
    """The sums written out by hand: no library function but + and *."""
    if isinstance(expression, Sum):
        body, (*outer, (bound, _, _)) = expression.function, reversed(expression.limits)
        inner = Sum(body, *reversed(outer)) if outer else body
        terms = (written_out(inner, width, {**free, bound: u}) for u in range(1, width + 1))
        return Add(*terms)
    if isinstance(expression, Symbol):
        return Integer(free[expression]) if expression in free else expression
    if not expression.args:
        return expression
    parts = [written_out(a, width, free) if a.args or a.is_Symbol else a for a in expression.args]
    return expression.func(*parts)


def same(first, second, width, free):
    return (written_out(first, width, free) - written_out(second, width, free)).expand() == 0


@st.composite
def expressions(draw, depth=3, deltas=True, letters=UNITS):
    """Sums of products of entries, deltas and sums, with the letters i, j, l re-used freely."""
    kinds = ["r", "z", "number"] + (["delta"] if deltas else [])
    if depth:
        kinds += ["sum", "sum", "product", "plus"]
    again = expressions(depth=depth - 1, deltas=deltas, letters=letters)
    letter = st.sampled_from(letters)
    match draw(st.sampled_from(kinds)):
        case "r":
            return r(draw(letter))
        case "z":
            return z(draw(letter))
        case "number":
            return Integer(draw(st.integers(-3, 3)))
        case "delta":
            return KroneckerDelta(draw(letter), draw(letter))
        case "sum":
            bound = draw(letter)
            # A factor that names the bound index says which layer it counts.
            return total(r(bound) * (draw(again) or S.One), bound)
        case "product":
            return Mul(draw(again), draw(again))
        case _:
            return Add(draw(again), draw(again))


assignments = st.tuples(*(st.integers(0, 10) for _ in UNITS))


def units_at(numbers, width):
    return {letter: 1 + number % width for letter, number in zip(UNITS, numbers, strict=True)}


# -- instantiate ---------------------------------------------------------------------------


@FAST
@given(expressions(), assignments, st.sampled_from(WIDTHS))
def test_instantiate_writes_sums_out(expression, numbers, width):
    free = units_at(numbers, width)
    ours = instantiate(
        NETWORK, expression, {S.One: width}, {k: Integer(v) for k, v in free.items()}
    )
    assert not ours.has(Sum)
    assert (ours - written_out(expression, width, free)).expand() == 0


def test_deltas_stand_in_front_of_sums():
    one, two = Quantity("z", 1, index("l")), Quantity("r", 1, index("l"))
    delta = KroneckerDelta(index("i"), index("t"))
    limits = (index("l"), 1, n)
    inner = Sum(delta * one - delta * two, limits)
    assert deltas_in_front(inner) == delta * Sum(one - two, limits)
    bound = Sum(KroneckerDelta(index("i"), index("l")) * one, limits)
    assert deltas_in_front(bound) == bound


def test_an_index_that_a_delta_names_may_also_be_the_letter_of_a_sum():
    """sum_i delta_ij r_i sum_j r_i r_j: the bound j is not the free one."""
    expression = total(KroneckerDelta(i, j) * r(i) * total(r(i) * r(j), j), i)
    assert instantiate(NETWORK, expression, {S.One: 1}, {j: S.One}) == r(1) ** 3


def test_instantiate_by_hand():
    assert instantiate(NETWORK, total(r(i) * z(j), i), {S.One: 2}, {j: S.One}) == (
        r(1) * z(1) + r(2) * z(1)
    )
    assert instantiate(NETWORK, total(r(i) * z(j), i, j), {S.One: 2}, {}).expand() == (
        r(1) * z(1) + r(1) * z(2) + r(2) * z(1) + r(2) * z(2)
    )


@pytest.mark.parametrize(
    ("expression", "symbol", "message"),
    [
        (Quantity("r", 0), i, "occurs in no factor"),
        (
            Quantity("b", 0, i) * Quantity("b", 1, i),
            i,
            "both the units of layer 1 and those of layer 2",
        ),
    ],
)
def test_an_index_of_no_layer_or_of_two_is_refused(expression, symbol, message):
    n_2 = Symbol("n_2", integer=True, positive=True)
    network = Network(S.One, (Layer(n, bias=True), Layer(n_2, bias=True)))
    with pytest.raises(IllTypedError, match=message):
        axis_of(network, symbol, expression)


def test_free_axes_name_the_layer_that_an_index_counts():
    n_2 = Symbol("n_2", integer=True, positive=True)
    network = Network(Symbol("n_0"), (Layer(n), Layer(n_2)))
    weight = Quantity("W", 1, i, j)
    summed = Sum(weight * r(i), (i, 1, n))
    assert free_axes(network, weight) == {i: 1, j: 2}
    assert free_axes(network, summed) == {j: 2}
    assert axis_of(network, m, KroneckerDelta(m, i) * r(i)) == 1


# -- contract ------------------------------------------------------------------------------


@FAST
@given(expressions(), assignments, st.sampled_from(WIDTHS))
def test_contraction_keeps_the_value(expression, numbers, width):
    assert same(contract(expression), expression, width, units_at(numbers, width))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (total(KroneckerDelta(i, j) * r(i), i), r(j)),
        (total(KroneckerDelta(i, j) * r(i) * z(j), j), r(i) * z(i)),
        (total(KroneckerDelta(i, j) * r(i) * z(j), i, j), total(r(j) * z(j), j)),
        (total(KroneckerDelta(i, j) * KroneckerDelta(i, l) * r(i), i), KroneckerDelta(j, l) * r(j)),
        (total(r(i) * (KroneckerDelta(i, j) - z(i)), i), r(j) - total(r(i) * z(i), i)),
        (total(KroneckerDelta(i, j) * total(z(j) * r(i), j), i), total(z(l) * r(j), l)),
        (total(S.Zero, i), S.Zero),
        (r(j) * total(KroneckerDelta(i, j) * z(i), i), r(j) * z(j)),
    ],
    ids=str,
)
def test_sum_over_a_delta(expression, expected):
    contracted = contract(expression)
    assert not contracted.has(KroneckerDelta) or expected.has(KroneckerDelta)
    for width in WIDTHS:
        for numbers in ((0, 0, 0), (0, 1, 2), (1, 0, 1)):
            assert same(contracted, expected, width, units_at(numbers, width))


def test_a_delta_that_stands_free_leaves_the_factors_beside_it_as_they_are():
    slope = r(i) * (1 - r(i))
    assert contract(total(KroneckerDelta(i, j) * z(i) * slope, i)) == z(j) * r(j) * (1 - r(j))


# -- substitute ----------------------------------------------------------------------------


@FAST
@given(
    expressions(),
    st.dictionaries(st.sampled_from(UNITS), st.sampled_from(UNITS), min_size=1),
    assignments,
    st.sampled_from(WIDTHS),
)
def test_substitution_is_evaluation_elsewhere(expression, mapping, numbers, width):
    """e[mapping] at a point is e at the point where each old index has its new one's unit."""
    point = units_at(numbers, width)
    moved = {**point, **{old: point[new] for old, new in mapping.items()}}
    left = written_out(substitute(expression, mapping), width, point)
    assert (left - written_out(expression, width, moved)).expand() == 0


@pytest.mark.parametrize(
    ("expression", "mapping", "expected"),
    [
        (r(i), {i: j}, r(j)),
        (r(i) * z(j), {i: j, j: i}, r(j) * z(i)),
        (r(i), {i: S(2)}, r(2)),
        (Partial(r(i), z(j)), {j: i}, Partial(r(i), z(i))),
        (total(r(i), i), {i: j}, total(r(i), i)),
        (total(r(i) * z(j), i), {j: l}, total(r(i) * z(l), i)),
    ],
    ids=str,
)
def test_substitution_of_free_indices(expression, mapping, expected):
    assert substitute(expression, mapping) == expected


def test_no_capture():
    swallowed = total(r(i) * z(j), i)
    safe = substitute(swallowed, {j: i})
    (bound,) = (limit[0] for node in safe.atoms(Sum) for limit in node.limits)
    assert bound != i
    assert safe == total(r(bound) * z(i), bound)


def test_no_capture_in_nested_sums():
    safe = substitute(total(r(i) * total(z(j) * r(l), j), i), {l: j})
    assert j in safe.free_symbols
    for width in WIDTHS:
        point = {j: 1 + 1 % width}
        assert same(safe, total(r(i) * total(z(m) * r(j), m), i), width, point)


# -- flatten -------------------------------------------------------------------------------


@FAST
@given(expressions(), assignments, st.sampled_from(WIDTHS))
def test_flattening_keeps_the_value(expression, numbers, width):
    assert same(flatten(expression), expression, width, units_at(numbers, width))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (z(j) * total(r(i), i), total(r(i) * z(j), i)),
        (total(z(j) * total(r(i), i), j), total(r(i) * z(j), i, j)),
        (z(j) + z(j) * total(r(i), i), z(j) + total(r(i) * z(j), i)),
        (total(r(i), i) * total(z(i), i), total(r(i), i) * total(z(i), i)),
    ],
    ids=str,
)
def test_flattened_form(expression, expected):
    assert flatten(expression) == expected


def test_flattening_renames_a_bound_index_that_clashes():
    flat = flatten(z(i) * total(r(i), i))
    assert isinstance(flat, Sum)
    assert i in flat.free_symbols
    for width in WIDTHS:
        assert same(flat, z(i) * total(r(m), m), width, {i: 1})


# -- letters -------------------------------------------------------------------------------


@given(st.sets(st.sampled_from([index(c) for c in LETTERS] + [index("i_1"), index("j_2")])))
def test_a_fresh_letter_is_fresh(avoid):
    assert fresh_index(avoid) not in avoid


@pytest.mark.parametrize("after", [0, 1, 3])
def test_letters_run_out_into_suffixes_without_repetition(after):
    taken = []
    for _ in range(3 * len(LETTERS)):
        taken.append(fresh_index(taken, after))
    assert len(set(taken)) == len(taken)
    assert taken[0].name == LETTERS[after]
    assert "i_2" in {letter.name for letter in taken}


def test_index_symbols_are_letters_and_nothing_else():
    expression = total(r(i) * z(j), i) * Symbol("a") * n * Symbol("i", real=True)
    assert index_symbols(expression) == {i, j}
