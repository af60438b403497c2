"""What documents are made of: headings, prose, numbered equations, tables.

Blocks hold expressions, numbers and keys of the templates; neither English nor LaTeX.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sympy import Add, Basic, Expr, ImmutableDenseMatrix, Mul, Rational, S, Sum

from derive.algebra.quantities import Quantity
from derive.meaning.derivation import Equation
from derive.model.matrices import Matrix
from derive.model.model import Model
from derive.model.network import Layer
from derive.notation.naming import BookNaming
from derive.proving import Kinks, Method, Status

if TYPE_CHECKING:
    from derive.figures.drawing import FigureData


@dataclass(frozen=True)
class Heading:
    """A title: a key of the templates and what it speaks of."""

    key: str
    about: Mapping[str, Basic] = field(default_factory=dict)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph that the templates write."""

    key: str
    about: Mapping[str, Basic] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One numbered equality; `left` is None where it continues a chain.

    `references` are ranges of numbers of the equations that the rule uses; `relation` is LaTeX.
    """

    left: Expr | Matrix | None
    right: Expr | Matrix
    rule: str
    number: int
    proved: bool
    references: tuple[tuple[int, int], ...] = ()
    where: Basic = S.true
    relation: str = "="


@dataclass(frozen=True)
class Equations:
    """The rows of one chain a = b = c, or of several equations that stand together."""

    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Results:
    """What a document comes to, before it is derived: rows with their numbers there."""

    rows: tuple[Row, ...]


@dataclass(frozen=True)
class LayerRow:
    """Equal consecutive layers of the network's shape table."""

    first: Expr
    last: Expr
    units: Expr
    layer: Layer | None


@dataclass(frozen=True)
class ProofRow:
    """Equations that were proved in the same way for the same scope.

    `derivative` says that a derivative is taken through a kink, `left_out` that a pre-activation
    is not 0 where it may be on a whole region.
    `widths` is "every", "own" where only the network's own were settled, or "" for
    equations that have no index and so say nothing of widths.
    """

    numbers: tuple[tuple[int, int], ...]
    status: Status
    method: Method
    kinks: Kinks
    derivative: bool
    left_out: bool
    widths: str
    assuming: tuple[Equation, ...]
    conditional: bool
    nonzero: bool


@dataclass(frozen=True)
class Shapes:
    """The table of quantities and shapes."""

    layers: tuple[LayerRow, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class TensorRow:
    """A tensor: a general entry, its role, "defined" among them, and the sizes of its axes."""

    entry: Quantity
    role: str
    sizes: tuple[Expr, ...]


@dataclass(frozen=True)
class TensorTable:
    """The table of tensors of a model from definitions."""

    rows: tuple[TensorRow, ...]


@dataclass(frozen=True)
class ProofTable:
    """What was proved, and how."""

    rows: tuple[ProofRow, ...]


@dataclass(frozen=True)
class NumberRow:
    """A quantity, what it is at a point, and the same in decimals where that is another thing.

    Without a value there is room to write one.
    """

    name: Expr
    value: Basic | None
    decimals: str

    @property
    def has_fractions(self) -> bool:
        """Whether the value is a matrix of fractions, whose rows are taller than text."""
        return isinstance(self.value, ImmutableDenseMatrix) and any(
            isinstance(entry, Rational) and entry.q != 1 for entry in self.value
        )


@dataclass(frozen=True)
class NumberTable:
    """Values of quantities; `key` says which: given, forward, gradient, quotients, step, asked."""

    key: str
    rows: tuple[NumberRow, ...]

    @property
    def has_long_names(self) -> bool:
        """Whether some name is a product or sum, which needs a column of more width."""
        return any(isinstance(row.name, Add | Mul | Sum) for row in self.rows)


@dataclass(frozen=True)
class Mistaken:
    """A wrong form of an equation, whose number its row has, and where both sides differ.

    Attributes:
        mistake: which one it is, by the names of `derive check`.
        about: what the words about it speak of.
        point: where both sides have these `values`.
        ones: what has ones only there, beside that.
    """

    rows: tuple[Row, ...]
    mistake: str
    about: Mapping[str, Expr]
    point: tuple[NumberRow, ...]
    values: tuple[Expr, Expr]
    ones: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class Illustration:
    """A figure; `file` is where it lies beside the document, without a suffix."""

    key: str
    data: FigureData
    file: str


@dataclass(frozen=True)
class Exercise:
    """left = right; without a right side it is asked for."""

    number: int
    left: Expr
    right: Expr | None


Block = (
    Exercise
    | Heading
    | Paragraph
    | Equations
    | Results
    | Shapes
    | TensorTable
    | NumberTable
    | Illustration
    | Mistaken
    | ProofTable
)


class Printable(Protocol):
    """What can be rendered: blocks, the name of the file, and the template with the words."""

    @property
    def name(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def network(self) -> Model | None: ...
    @property
    def naming(self) -> BookNaming: ...
    @property
    def setting(self) -> str: ...
    @property
    def blocks(self) -> tuple[Any, ...]: ...
