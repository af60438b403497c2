"""Documents: numbers, references, and what the table of proofs says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

import pytest
from sympy import Expr

from derive import backpropagate, read_network, second_order, verify
from derive.algebra.indices import index, index_symbols, rename_bound, with_canonical_bounds
from derive.algebra.quantities import Partial
from derive.deriving.dirac import with_dirac_terms
from derive.deriving.entries import written_out
from derive.deriving.laws import RULES, apply
from derive.deriving.laws.algebra import evaluated, flatten, insert
from derive.deriving.laws.calculus import each_partial
from derive.deriving.verifying import Marks
from derive.documents.blocks import Equations, Heading, Paragraph, ProofTable, Results, Row
from derive.documents.document import Document
from derive.documents.rendering import rendered
from derive.errors import CapturedIndexError, DeriveError
from derive.files.built_in import builtin_names
from derive.meaning.derivation import Derivation, Equation
from derive.proving import Method, Proof, Status
from tests.laid_out import document
from tests.sweeps import sampled, sweep
from tests.verified import QUICK, verified

#: Documents besides the first-order ones of every built-in network.
SECOND_ORDER = ("two-layer-chain", "two-layer-general", "regression-2-3-1", "sigmoid-chain", "3-2")
ENTRIES = ("regression-2-3-1", "2-2-1", "2-3")


@cache
def laid_out(name: str, entries: bool = False) -> Document:
    if not entries:
        return document(read_network(name), *verified(name))
    return judged(name, written_out(backpropagate(read_network(name))))


def judged(name: str, derivation: Derivation) -> Document:
    return document(read_network(name), derivation, verify(derivation))


def unjudged(name: str, derivation: Derivation) -> Document:
    """The document as it is laid out, without waiting for proofs."""
    mark = Marks(Proof(Status.UNDECIDED, Method.NONE), rule_confirmed=False)
    return document(read_network(name), derivation, [mark for _ in derivation.steps])


def rows(page: Document) -> list[Row]:
    return [row for block in page.blocks if isinstance(block, Equations) for row in block.rows]


@pytest.mark.parametrize("name", builtin_names())
def test_equations_are_numbered_in_order_and_refer_back(name: str) -> None:
    page = unjudged(name, backpropagate(read_network(name)))
    assert [row.number for row in rows(page)] == list(range(1, page.equations + 1))
    for row in rows(page):
        for first, last in row.references:
            assert 1 <= first <= last < row.number
        if row.rule.startswith("insert"):
            assert row.references, row


@pytest.mark.parametrize("name", sweep(builtin_names(), QUICK))
def test_the_table_of_proofs_accounts_for_every_equation(name: str) -> None:
    page = laid_out(name)
    (table,) = (block for block in page.blocks if isinstance(block, ProofTable))
    numbers = [n for row in table.rows for a, b in row.numbers for n in range(a, b + 1)]
    assert sorted(numbers) == list(range(1, page.equations + 1))


def test_entries_refer_to_the_equation_of_their_own_unit() -> None:
    page = laid_out("2-2-1", entries=True)
    by_number = {row.number: row for row in rows(page)}
    starts: dict[int, object] = {}
    for row in rows(page):
        starts[row.number] = row.left if row.left is not None else starts[row.number - 1]
    resolved = next(
        row for row in rows(page)
        if str(row.left) == "dC/dz1[1]" and row.rule == "insert" and row.number > 50
    )  # fmt: skip
    ((number, _),) = resolved.references
    assert str(starts[number]) == "dC/dz1[1]"
    assert by_number[number].right == resolved.right


def every_document() -> list[tuple[str, str]]:
    found = [(name, "first order") for name in builtin_names()]
    found += [(name, "second order") for name in SECOND_ORDER]
    found += [(name, "entries") for name in ENTRIES]
    return [*found, ("2-2-1", "entries of second order"), ("leaky-chain", "with Dirac terms")]


def derived(name: str, kind: str) -> Derivation:
    network = read_network(name)
    match kind:
        case "first order":
            return backpropagate(network)
        case "second order":
            return second_order(network)
        case "entries":
            return written_out(backpropagate(network))
        case "entries of second order":
            return written_out(second_order(network))
        case _:
            return with_dirac_terms(network, second_order(network))


@pytest.mark.parametrize(("name", "kind"), sampled(every_document(), every=3))
def test_what_a_row_refers_to_gives_its_right_side(name: str, kind: str) -> None:
    """Each equation that is named, put into the left side, yields the right side."""
    said: dict[int, Equation] = {}
    start, left = None, None
    for row in rows(unjudged(name, derived(name, kind))):
        start = row.left if row.left is not None else start
        left = row.left if row.left is not None else left
        assert isinstance(row.right, Expr) or row.rule in MATRIX_RULES
        if isinstance(row.right, Expr) and isinstance(start, Expr) and isinstance(left, Expr):
            if row.rule in INSERTING:
                given = [said[n] for a, b in row.references for n in range(a, b + 1)]
                assert given, row
                assert any(
                    same(put, row.right) for put in put_in(read_network(name), left, given)
                ), row
                if row.rule == "insert" and len(given) > 1:
                    # No equation is named without which the right side comes out as well.
                    for spare in given:
                        needed = [one for one in given if one is not spare]
                        (short, _) = put_in(read_network(name), left, needed)
                        assert not same(short, row.right), (row, spare)
            said[row.number] = Equation(start, row.right)
        left = row.right


INSERTING = (
    "insert",
    "insert as it stands",
    "insert the definition",
    "insert the cost",
    "insert within",
)
MATRIX_RULES = ("in matrices", "matrix form", "matrix form of a layer", "Kronecker factors")


def put_in(network, left: Expr, given: list[Equation]) -> list[Expr]:
    """The left side with the equations put in, for what stands and for what is differentiated.

    Later equations are about later quantities and go first; sums are also multiplied out.
    """
    plain = insert(network, left, tuple(reversed(given)))

    def within(node: Partial) -> Expr:
        for one in reversed(given):
            inner = insert(network, node.of, (one,))
            if inner != node.of:
                return Partial(rename_bound(inner, index_symbols(node.wrt)), node.wrt)
        return node

    return [plain, each_partial(left, within)]


def same(first: Expr, second: Expr) -> bool:
    """Whether two expressions are equal but for bound letters and products left standing."""
    one, other = (multiplied_into_sums(evaluated(side)) for side in (first, second))
    return with_canonical_bounds(one) == with_canonical_bounds(other)


def multiplied_into_sums(expression: Expr) -> Expr:
    return each_partial(flatten(expression), lambda node: Partial(flatten(node.of), node.wrt))


def test_an_index_that_is_bound_and_free_at_once_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = read_network("two-layer-general")
    free = Partial(network.C, network.quantity("r", 1, index("j")))

    def captures(network, expression, given=()):
        body = network.quantity("W", 1, index("j"), index("j"))
        return network.sum_over(network.last, index("j"), body)

    monkeypatch.setitem(RULES, "insert", captures)
    with pytest.raises(CapturedIndexError, match="binds j"):
        apply(network, "insert", free)


def test_a_kind_of_block_that_no_template_knows_is_an_error() -> None:
    @dataclass(frozen=True)
    class Picture:
        key: str

    def album(block: object) -> Document:
        return Document(read_network("1-1"), (cast(Any, block),), 0, 0, name="album")

    for dialect in ("latex", "github"):
        with pytest.raises(DeriveError, match="no words for 'Picture'"):
            rendered(album(Picture("a")), [dialect])
    with pytest.raises(DeriveError, match="no words for 'nothing_of_the_kind'"):
        rendered(album(Paragraph("nothing_of_the_kind")), ["latex"])


@pytest.mark.parametrize("name", builtin_names())
def test_the_first_page_says_what_is_derived_under_its_number(name: str) -> None:
    page = unjudged(name, backpropagate(read_network(name)))
    by_number: dict[int, Row] = {}
    start = None
    for row in rows(page):
        start = start if row.left is None else row.left
        by_number[row.number] = replace(row, left=start)
    results = [row for block in page.blocks if isinstance(block, Results) for row in block.rows]
    assert all(by_number[row.number] == row for row in results)
    network = read_network(name)
    if network.cost is None:
        assert not results
        return
    derived = {str(row.left.wrt.at()) for row in results if isinstance(row.left, Partial)}
    assert derived >= {f"{kind}{layer}" for kind, layer in network.parameter_groups}


@pytest.mark.parametrize("name", sampled(["two-layer-general", "regression-2-3-1", "2-1"], 1))
def test_the_first_page_of_second_order_has_every_block(name: str) -> None:
    network = read_network(name)
    page = unjudged(name, second_order(network))
    first = next(block for block in page.blocks if isinstance(block, Results))
    assert page.blocks[0] == Heading("result")
    blocks = {str(row.left.wrt.at()) for row in first.rows if isinstance(row.left, Partial)}
    assert blocks >= {f"{kind}{layer}" for kind, layer in network.parameter_groups}
