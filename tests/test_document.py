"""Documents: numbers, references, and what the table of proofs says."""

from __future__ import annotations

import pytest

from derive import backpropagate, read_network, verify
from derive.built_in import builtin_names
from derive.document import Document, Equations, ProofTable, Row, document
from derive.entries import written_out


def laid_out(name: str, entries: bool = False) -> Document:
    network = read_network(name)
    derivation = backpropagate(network)
    if entries:
        derivation = written_out(derivation)
    return document(network, derivation, verify(derivation))


def rows(page: Document) -> list[Row]:
    return [row for block in page.blocks if isinstance(block, Equations) for row in block.rows]


@pytest.mark.parametrize("name", builtin_names())
def test_equations_are_numbered_in_order_and_refer_back(name: str) -> None:
    page = laid_out(name)
    assert [row.number for row in rows(page)] == list(range(1, page.equations + 1))
    for row in rows(page):
        for first, last in row.references:
            assert 1 <= first <= last < row.number
        if row.rule.startswith("insert"):
            assert row.references, row


@pytest.mark.parametrize("name", builtin_names())
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
