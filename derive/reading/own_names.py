"""The names that a document itself uses for quantities and indices, to answer it in these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from sympy import Basic, Expr, Symbol

from derive.algebra.boxes import Box, braced, joined, scripted
from derive.algebra.indices import fresh_index, index_symbols


@dataclass(frozen=True)
class Spelling:
    r"""One quantity as the document writes it, without its indices.

    Attributes:
        of_cost: whether the name means the derivative of the cost by the quantity, as \delta.
        name: the letter, with its decoration.
        below: a subscript that is part of the name, as in w_1.
        layer: what stands for the layer, in `brackets`; "" where nothing does.
        shift: what the document's number of a layer has more than ours.
    """

    kind: str
    number: Expr
    of_cost: bool
    name: str
    below: str
    layer: str
    brackets: str
    shift: Expr

    def of_layer(self, number: Expr) -> Spelling:
        """The same family in another layer."""
        return replace(self, number=number, layer=str(number + self.shift))

    def with_indices(self, indices: str) -> Box:
        """The name in LaTeX, with these indices."""
        opening, closing = self.brackets or ("", "")
        above = f"{opening}{self.layer}{closing}"
        raised = scripted(self.name, above, write=braced)
        return scripted(raised, below=",".join(filter(None, (self.below, indices))))


@dataclass(frozen=True)
class OwnNames:
    """Names of quantities and letters of indices, of one formula or of a whole document.

    Attributes:
        letters: for index symbols of derive, the letters of the document that they stand for.
        used: the letters of indices that are written, in order.
        turned: whether the document writes the weight from i to j as W_ji.
    """

    spellings: tuple[Spelling, ...] = ()
    letters: tuple[tuple[str, str], ...] = ()
    used: tuple[str, ...] = ()
    turned: bool = False
    _by_quantity: Mapping[tuple[str, Expr, bool], Spelling] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        found: dict[tuple[str, Expr, bool], Spelling] = {}
        for one in self.spellings:
            found.setdefault((one.kind, one.number, one.of_cost), one)
        object.__setattr__(self, "_by_quantity", found)

    def and_then(self, document: OwnNames) -> OwnNames:
        """These names first, and those of the document where there are none."""
        return OwnNames(
            (*self.spellings, *document.spellings),
            self.letters,
            tuple(dict.fromkeys((*self.used, *document.used))),
            self.turned,
        )

    def spelling(self, kind: str, number: Expr, of_cost: bool = False) -> Spelling | None:
        """How this quantity is written, or its family in another layer."""
        exact = self._by_quantity.get((kind, number, of_cost))
        if exact is not None:
            return exact
        for one in self.spellings:
            family = one.layer and not one.below
            if family and one.kind == kind and one.of_cost == of_cost:
                return one.of_layer(number)
        return None

    @property
    def bare_layers(self) -> bool:
        """Powers of names with something above them are in parentheses anyhow."""
        return False

    def quantity(self, kind: str, layer: Expr, indices: Sequence[str]) -> Box | None:
        """A quantity in LaTeX, if the document has a name for it."""
        return self._spelled(self.spelling(kind, layer), kind, indices)

    def signal(self, kind: str, layer: Expr, indices: Sequence[str]) -> Box | None:
        """The derivative of the cost by a quantity, if the document has a name for it."""
        return self._spelled(self.spelling(kind, layer, of_cost=True), kind, indices)

    def function(self, name: str) -> str | None:
        """Functions are written as derive writes them."""
        return None

    def symbol(self, name: str) -> str | None:
        """Symbols are written as derive writes them."""
        return None

    def _spelled(self, found: Spelling | None, kind: str, indices: Sequence[str]) -> Box | None:
        if self.turned and kind in ("W", "V"):
            indices = tuple(reversed(indices))
        return None if found is None else found.with_indices(joined(indices))

    def relettered(self, expression: Basic, claimed: Set[Symbol]) -> dict[Symbol, Symbol]:
        """For each index of an expression, the letter that the document would write for it.

        Args:
            claimed: the indices of the formula itself, whose letters are known.
        """
        known = dict(self.letters)
        symbols = sorted(index_symbols(expression), key=str)
        found = {s: known.get(str(s), str(s)) for s in symbols if s in claimed}
        taken = {*found.values(), *(known.get(str(s), str(s)) for s in claimed)}
        bound = [s for s in symbols if s not in found]
        spare = [letter for letter in self.used if letter not in taken]
        for symbol in bound:
            letter = str(symbol)
            if letter not in spare and spare:
                letter = spare[0]
            elif letter in taken:
                letter = str(fresh_index({Symbol(one) for one in taken}))
            found[symbol] = letter
            taken.add(letter)
            spare = [one for one in spare if one != letter]
        return {s: Symbol(letter.lstrip("\\"), integer=True, positive=True)
                for s, letter in found.items()}  # fmt: skip


def together(names: Iterable[OwnNames]) -> OwnNames:
    """The names of all formulas, the first of each quantity before the others."""
    every = list(names)
    spellings = dict.fromkeys(one for names in every for one in names.spellings)
    used = dict.fromkeys(letter for names in every for letter in names.used)
    return OwnNames(tuple(spellings), (), tuple(used), any(names.turned for names in every))
