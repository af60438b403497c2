"""Documents in the notations of books, and in declared names, judged as anybody's."""

from __future__ import annotations

from pathlib import Path

import pytest
from click import Choice
from sympy import Integer

from derive import check, read_network
from derive.algebra.indices import index
from derive.algebra.quantities import Quantity
from derive.cli import main
from derive.documents.reporting import naming_for, report_on, shown
from derive.errors import DeriveError, NetworkError
from derive.model.network import Network
from derive.notation.naming import BookNaming
from derive.notation.notations import NOTATIONS
from derive.notation.tex import tex
from derive.reading import Claim, read_document
from tests.read_again import FINE
from tests.sweeps import sweep

BOOKS = [name for name in NOTATIONS if name != "derive"]
KINDS = {"plain": "markdown", "latex": "latex"}


def text_of(network: Network, notation: str | None, order: int, dialect: str = "plain") -> str:
    report = report_on(network, [dialect], order=order, notation=notation)
    return "\n\n".join(text for _, text in report.files)


def assert_right(text: str, network: Network, dialect: str = "plain") -> None:
    checked = check(text, network, kind=KINDS[dialect])
    wrong = [one.statement.source for one in checked.equations if one.verdict not in FINE]
    assert not wrong and len(checked.equations) > 20


CASES = [
    (book, name, order, dialect)
    for book in BOOKS
    for name in ("two-layer-chain", "2-3-1")
    for order in (1, 2)
    for dialect in KINDS
]


@pytest.mark.parametrize(
    ("book", "name", "order", "dialect"),
    sweep(CASES, [(book, "2-3-1", 1, "plain") for book in BOOKS]
          + [("bishop", "two-layer-chain", 2, "latex"), ("nielsen", "2-3-1", 2, "plain")]),
)  # fmt: skip
def test_a_document_in_a_notation_is_judged_right(
    book: str, name: str, order: int, dialect: str
) -> None:
    network = read_network(name)
    text = text_of(network, book, order, dialect)
    assert f"notation = {book}" in text
    assert_right(text, network, dialect)
    if order == 2 and name == "2-3-1":
        assert "between matrices are left out" in text and r"\mathrm{vec}" not in text


@pytest.mark.parametrize("book", NOTATIONS)
@pytest.mark.parametrize("kind", ["W", "b", "z", "r", "y", "C"])
def test_reading_is_the_inverse_of_writing(book: str, kind: str) -> None:
    """Every quantity, as a notation writes it, is read as itself."""
    network = read_network("3-4-2", bias=True)
    naming = BookNaming(book)
    layers = {"W": (0, 1), "b": (0, 1), "z": (1, 2), "r": (0, 1, 2), "y": (2,), "C": (2,)}[kind]
    letters = [index(letter) for letter in "ij"]
    for layer in layers:
        slots = network.slots(kind, Integer(layer))
        quantity = Quantity(kind, Integer(layer), *letters[: len(slots)])
        own = tex(quantity, naming)
        line = f"<!-- derive: notation = {book} -->\n\n${own} = {own} + 2 {own}$"
        (claim,) = read_document(line, network, kind="markdown")
        assert isinstance(claim, Claim) and claim.left == quantity


def test_a_notation_writes_as_its_book_does() -> None:
    i, j = (index(letter) for letter in "ij")
    weight, output = Quantity("W", Integer(1), i, j), Quantity("r", Integer(1), i)
    written = {book: f"{tex(weight, BookNaming(book))} {tex(output, BookNaming(book))}"
               for book in NOTATIONS}  # fmt: skip
    assert written == {
        "derive": "W^{(1)}_{ij} r^{(1)}_i",
        "nielsen": "w^3_{ji} a^2_i",
        "ng": "W^{[2]}_{ji} a^{[1]}_i",
        "ufldl": "W^{(2)}_{ji} a^{(2)}_i",
        "bishop": "w^{(2)}_{ji} z^{(1)}_i",
        "goodfellow": "W^{(2)}_{ji} h^{(1)}_i",
    }
    # A number above a letter is a layer here, so that powers need parentheses.
    assert tex(Quantity("r", Integer(0)) ** 2, BookNaming("nielsen")) == "(x)^2"


OWN = """
inputs = 1
notation = "ng"
[[layers]]
units = 1
[[layers]]
units = 1
[symbols]
w_1 = "W0"
w_2 = "W1"
J = "C"
"""


@pytest.mark.thorough
def test_documents_have_the_names_of_the_network_file(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    network = read_network(tmp_path / "own.toml")
    text = text_of(network, None, 1)
    assert r"\frac{\partial J}{\partial w_2} " in text and "a^{[1]}" in text
    assert "W^{[1]}" not in text and "W^{[2]}" not in text and "notation = ng" in text
    assert_right(text, network)
    text = text_of(network, "derive", 2)
    assert r"\frac{\partial^2 J}{\partial w_2\,\partial w_1}" in text and "r^{(1)}" in text
    assert_right(f"<!-- derive: notation = derive -->\n{text}", network)


def test_show_writes_in_the_names_and_the_notation_that_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    network = read_network(tmp_path / "own.toml")
    assert r"\frac{\partial J}{\partial w_1}" in shown(network, "dC/dW0", "latex")
    assert shown(network, "dC/dW0", "text").startswith("dJ/dw_1 = ")
    chain = read_network("two-layer-chain")
    assert r"\frac{\partial E}{\partial w^{(1)}}" in shown(chain, "dC/dW0", "latex", "bishop")
    with pytest.raises(DeriveError, match="--as latex"):
        shown(chain, "dC/dW0", "text", "bishop")
    with pytest.raises(DeriveError, match="notation derive"):
        shown(read_network("2-3-1"), "kfac", "latex", "ng")


def test_the_command_line_offers_all_notations() -> None:
    for command in ("report", "show"):
        (option,) = (one for one in main.commands[command].params if one.name == "notation")
        assert isinstance(option.type, Choice) and list(option.type.choices) == list(NOTATIONS)


def test_names_that_would_not_be_read_back_are_refused() -> None:
    with pytest.raises(DeriveError, match="is one of derive, nielsen"):
        naming_for(read_network("1-1"), "knuth")
    with pytest.raises(NetworkError, match='"z" = "r" leaves z without a name'):
        tex(Quantity("z", Integer(1)), BookNaming(names={"z": "r"}))
    with pytest.raises(DeriveError, match="--dirac"):
        report_on(read_network("1-1"), ["plain"], order=2, dirac=True, notation="ng")
