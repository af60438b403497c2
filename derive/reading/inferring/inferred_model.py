"""A model that a text defines itself, with what was taken for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.model.defined_model import DefinedModel
from derive.model.model import Model
from derive.model.network import Network


@dataclass(frozen=True)
class InferredModel:
    """A model with what it was made of.

    Attributes:
        definitions: the ASCII definition of each name, in the order of computation.
        places: the first character of each equation that defines, in the document.
        given: for each name that is only given its role; "unexplained" where a definition
            would be expected.
        negated: whether the cost is the negative of what the text says, since that is minus a
            known cost.
        matrices: whether names without indices were read as vectors and matrices.
        spoken: the names that only claims have, of which the text says nothing else.
        doubtful: whether nothing in the text shows that they are, as a transposition would.
        sums_costs: whether a cost that would have entries was read as their sum.
        open_functions: names that are some function of others, which the text does not say.
        open_places: the first characters of equations that say no more of them.
        said_in_words: names of which words alone say what they are.
        siblings: the open functions of which the text says no more than of others of their kind.
        costs_of_class: costs that are those of one class, as L = -log(p_c).
        says_one_class: whether words say that one class is the right one.
        open_cost: a cost that is differentiated, and of which the text does not say what it is, or
            says it in a first formula that could not be read.
    """

    model: Model
    definitions: tuple[str, ...]
    places: frozenset[int]
    given: Mapping[str, str]
    negated: bool = False
    matrices: bool = False
    doubtful: bool = False
    spoken: frozenset[str] = frozenset()
    open_cost: str | None = None
    sums_costs: bool = False
    open_functions: frozenset[str] = frozenset()
    open_places: frozenset[int] = frozenset()
    said_in_words: frozenset[str] = frozenset()
    siblings: frozenset[str] = frozenset()
    costs_of_class: frozenset[str] = frozenset()
    says_one_class: bool = False

    @property
    def objective(self) -> str | None:
        """What is differentiated; some cost of the last layer where a stack of layers is meant."""
        return self.model.objective if isinstance(self.model, DefinedModel) else "C"

    @property
    def any_layer(self) -> bool:
        """Whether the text is about any layer of a stack."""
        return isinstance(self.model, Network)
