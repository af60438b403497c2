"""`Model`: a system of definitions, and what follows from them alone.

A tensor is known by its head, the first two arguments of each of its entries.  An axis is a
value that says what an index counts: the number of a layer, or a name.  What uses a quantity,
and in which order quantities are computed, is read off the definitions.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from os import PathLike
from typing import Any, Self

from sympy import Basic, Expr, S, Sum, Symbol
from sympy.core.symbol import Str

from derive.algebra.arguments import quoted
from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import LETTERS, fresh_index
from derive.algebra.quantities import Quantity, outermost
from derive.errors import NetworkError
from derive.lazy import late

#: What all entries of a tensor have in common: its name and its superscript.
Head = tuple[Basic, ...]
#: What names a model: a built-in name, a shorthand such as 2-3-1, or the path of a file.
Source = str | PathLike[str]

_as_markdown = late("derive.documents.displays", "as_markdown")
_read_model = late("derive.files.network_file", "read_model")
_from_definitions = late("derive.files.definitions_file", "read_definitions")
_LETTER = re.compile(r"[a-z](_[0-9]{1,6})?")
#: The functions with kinks that carry a value of Step(0).
GATES = (ReLU, LeakyReLU, Step)


def head_named(kind: str, superscript: Expr) -> Head:
    """The head of a tensor."""
    return Str(kind), superscript


@dataclass(frozen=True)
class _Uses:
    """The tensors that each definition mentions, the other way round, and those with kinks."""

    order: Mapping[Head, int]
    parts: Mapping[Head, tuple[Head, ...]]
    users: Mapping[Head, tuple[Head, ...]]
    kinked: frozenset[Head]


class Model(ABC):
    """A system of definitions with an objective C.

    Every quantity is given, or defined in terms of earlier ones.  Definitions are written in
    index form, for a general entry of each tensor.
    """

    name: str
    step_at_zero: Expr
    symbols: Mapping[str, str]

    @staticmethod
    def from_definitions(text: str, *, name: str = "model", at_zero: str = "0") -> Model:
        """The model that a text declares and defines, as docs/definitions.md describes it.

        >>> Model.from_definitions('''
        ...     input x[n]
        ...     parameter w[n]
        ...     target y
        ...     z := sum(i, w[i]*x[i])
        ...     C := 1/2*(z - y)^2
        ... ''').C
        C

        Args:
            text: declarations and definitions, one on a line.
            name: what documents call the model.
            at_zero: the value of Step(0).

        Raises:
            NetworkError: one sentence with the line, what is wrong there and what would be right.
        """
        return _from_definitions(text, name, at_zero)

    #: The notation in which documents about it are read and written.
    notation: str = "derive"

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        """How it is pickled: made anew of its fields, without what it has worked out since."""
        values: Any = self  # each model is a dataclass
        return type(self), tuple(getattr(self, one.name) for one in fields(values))

    @abstractmethod
    def with_symbols(self, symbols: Mapping[str, str]) -> Self:
        """The same model with these names of the user's own."""

    @property
    def latex(self) -> Mapping[str, str]:
        """The LaTeX that a model gives for names, where it gives some."""
        return {}

    @abstractmethod
    def with_step_at_zero(self, value: Expr) -> Self:
        """The same model with another value of Step(0)."""

    @property
    @abstractmethod
    def names(self) -> Mapping[str, tuple[str, Expr]]:
        """Each tensor by the names that a formula may use, as W0 or x."""

    @property
    @abstractmethod
    def named_symbols(self) -> Mapping[str, Symbol]:
        """The very symbols, assumptions included, that the model is described with."""

    @abstractmethod
    def accepts_index(self, name: str) -> bool:
        """Whether an index may be called so."""

    # -- what a model says of itself ---------------------------------------------------

    @property
    @abstractmethod
    def C(self) -> Quantity:
        """The objective."""

    @property
    @abstractmethod
    def given(self) -> tuple[Head, ...]:
        """Inputs, parameters, constants and targets, in the order in which values are listed."""

    @property
    @abstractmethod
    def defined(self) -> tuple[Head, ...]:
        """The tensors that have definitions, each after those that it is computed from."""

    @property
    @abstractmethod
    def all_axes(self) -> tuple[Expr, ...]:
        """Every axis of a tensor, in order."""

    @abstractmethod
    def slots(self, kind: str, layer: Expr) -> tuple[Expr, ...]:
        """For each index that the general formula of a tensor writes, its axis."""

    @abstractmethod
    def width(self, layer: Expr) -> Expr:
        """The size of an axis: a number or a symbol."""

    @abstractmethod
    def definition(self, quantity: Quantity, avoid: frozenset[Symbol] = frozenset()) -> Expr | None:
        """The right side of the definition of a quantity at its own indices; None if given."""

    @abstractmethod
    def has(self, quantity: Quantity) -> bool:
        """Whether there is such a tensor."""

    @property
    @abstractmethod
    def slopes(self) -> frozenset[Symbol]:
        """Symbols in definitions that are hyperparameters between 0 and 1."""

    @property
    @abstractmethod
    def parameters(self) -> tuple[Head, ...]:
        """The tensors by which the objective is differentiated."""

    @property
    def direction(self) -> Quantity | None:
        """t, along which the parameters move, where the model has a name for the direction."""
        return None

    def role(self, head: Head) -> str:
        """What a tensor is for: one of "input", "parameter", "constant", "target", "defined"."""
        return "parameter" if head in self.parameters else "defined"

    def section(self, head: Head) -> str:
        """The title under which a tensor stands, where a model has titles."""
        return ""

    def opaque(self, head: Head) -> tuple[Head, ...]:
        """What a tensor depends on in a way that is not specified: nothing, as a rule."""
        return ()

    def is_unit(self, of: Head, by: Head) -> bool:
        """Whether the derivative of a tensor by another is put in at once, as that of a unit."""
        return False

    def is_inside(self, quantity: Quantity) -> bool:
        """Whether a quantity is unfolded only when nothing else is left to unfold."""
        return False

    def moving(self, given: Quantity) -> Expr:
        """dq/dt of what is given, as the parameters move along a direction; others stay."""
        return S.Zero

    @property
    def has_distributions(self) -> bool:
        """Whether the targets y are probabilities."""
        return False

    @property
    def waist(self) -> Head | None:
        """The tensor through which alone the objective depends on the parameters."""
        return None

    @property
    def splits_at(self) -> Head | None:
        """The tensor s at which Gauss-Newton cuts C(s(parameters))."""
        return None

    # -- shape -------------------------------------------------------------------------

    def has_index(self, layer: Expr) -> bool:
        """Whether an axis carries an index."""
        return True

    @property
    def counted_in_words(self) -> str:
        """What messages say that a letter has to count."""
        return "the units of one layer, of several units"

    def axis_in_words(self, axis: Expr) -> str:
        """What messages call an axis."""
        return f"layer {axis}"

    def are_one(self, axes: Iterable[Expr]) -> bool:
        """Whether an index may count the units of all of these: those of layers of one width."""
        return len({self.width(axis) for axis in axes}) == 1

    @property
    def is_total(self) -> bool:
        """Whether every formula has a value at all real values of what it is computed from."""
        return True

    def position(self, layer: Expr) -> int:
        """The place of an axis among all."""
        return self.all_axes.index(layer)

    def axes(self, quantity: Quantity) -> tuple[Expr, ...]:
        """For each index of a quantity, the axis that it counts."""
        slots = self.slots(quantity.kind, quantity.layer)
        return tuple(layer for layer in slots if self.has_index(layer))

    @cached_property
    def sizes(self) -> frozenset[Symbol]:
        """The symbols that stand for sizes of axes."""
        widths = (self.width(axis) for axis in self.all_axes)
        return frozenset(width for width in widths if isinstance(width, Symbol))

    def sum_over(self, layer: Expr, index: Symbol, body: Expr) -> Expr:
        """The sum of `body` over an axis; `body` itself for an axis without an index."""
        return Sum(body, (index, 1, self.width(layer))) if self.has_index(layer) else body

    def general_entry(
        self, head: Head, avoid: Iterable[Symbol] = ()
    ) -> tuple[Quantity, tuple[tuple[Expr, Symbol], ...]]:
        """The entry of a tensor at fresh letters, and each letter with its axis."""
        bare = Quantity(*head)
        used = set(avoid)
        letters: list[tuple[Expr, Symbol]] = []
        for axis in self.axes(bare):
            letters.append((axis, self.letter_for(axis, used)))
            used.add(letters[-1][1])
        return bare.at(*(letter for _, letter in letters)), tuple(letters)

    def letter_for(self, layer: Expr, avoid: Iterable[Symbol]) -> Symbol:
        """A letter for an index that counts an axis, other than some."""
        return fresh_index(avoid)

    def over_all(self, letters: Iterable[tuple[Expr, Symbol]], body: Expr) -> Expr:
        """The sum of `body` over several letters, each with its axis."""
        for axis, letter in letters:
            body = self.sum_over(axis, letter, body)
        return body

    # -- what follows from the definitions -----------------------------------------------

    def defines(self, quantity: Quantity) -> bool:
        """Whether a quantity has a definition, rather than being given."""
        head = quantity.args[:2]
        return head in self._uses.order and not self.opaque(head)

    def users(self, quantity: Quantity) -> tuple[Head, ...]:
        """The tensors whose definitions mention this one, in order."""
        return self._uses.users.get(quantity.args[:2], ())

    def rank(self, quantity: Quantity) -> int:
        """The place of a quantity in the order of computation; definitions use lower ranks.

        What is given has the rank just below what first uses it; -1 is the rank of the rest.
        """
        head = quantity.args[:2]
        found = self._uses.order.get(head)
        if found is not None:
            return found
        users = self.users(quantity)
        return self._uses.order[users[0]] - 1 if users else -1

    def parts(self, head: Head) -> tuple[Head, ...]:
        """The tensors that the definition of one mentions."""
        return self._uses.parts.get(head, ())

    def letters_of(self, head: Head) -> tuple[Symbol, ...] | None:
        """The letters with which a tensor is written where it is defined or first used."""
        return None

    def depends(self, head: Head, on: Head) -> bool:
        """Whether a tensor is computed from another, at once or through others."""
        return on in self._ancestors(head)

    @property
    def kinked(self) -> frozenset[Head]:
        """The tensors whose definitions have kinks."""
        return self._uses.kinked

    def parts_at(self, waist: Head, before: Head, after: Head) -> bool:
        """Whether every way from one tensor to another goes through a third."""
        if not (self.defines(Quantity(*waist)) and self.depends(waist, before)):
            return False
        seen: set[Head] = set()
        waiting = [after]
        while waiting:
            for part in self._uses.parts.get(waiting.pop(), ()):
                if part == before:
                    return False
                if part != waist and part not in seen and self.depends(part, before):
                    seen.add(part)
                    waiting.append(part)
        return True

    def _repr_markdown_(self) -> str | None:
        return _as_markdown(self)

    def _ancestors(self, head: Head) -> frozenset[Head]:
        known = self._known_ancestors
        if head not in known:
            found: set[Head] = set()
            waiting = [head]
            while waiting:
                for part in self._uses.parts.get(waiting.pop(), ()):
                    if part not in found:
                        found.add(part)
                        waiting.append(part)
            known[head] = frozenset(found)
        return known[head]

    @cached_property
    def _known_ancestors(self) -> dict[Head, frozenset[Head]]:
        return {}

    @cached_property
    def _uses(self) -> _Uses:
        order: dict[Head, int] = {}
        parts: dict[Head, tuple[Head, ...]] = {}
        users: dict[Head, list[Head]] = {}
        kinked: set[Head] = set()
        for place, head in enumerate(self.defined, start=1):
            order[head] = 2 * place
            formula = self.definition(self.general_entry(head)[0])
            mentioned = dict.fromkeys(self.opaque(head))
            if formula is not None:
                mentioned |= {q.args[:2]: None for q in outermost(formula)}
                if formula.has(*GATES):
                    kinked.add(head)
            parts[head] = tuple(mentioned)
            for part in mentioned:
                users.setdefault(part, []).append(head)
        return _Uses(order, parts, {k: tuple(v) for k, v in users.items()}, frozenset(kinked))


def plain_index(name: str) -> bool:
    """Whether a name is an index wherever nothing else says what is: i, j or i_1."""
    return _LETTER.fullmatch(name) is not None and name[0] in LETTERS


def needed_model(given: Any) -> Model:
    """The network, or other model, that a function was given itself or by its name.

    A name is what the command line takes: a built-in one, a shorthand or the path of a file.

    Raises:
        NetworkError: when it is none.
    """
    if isinstance(given, Model):
        return given
    if isinstance(given, str | PathLike):
        return _read_model(given)
    raise NetworkError(
        f"a Network is needed, or a name, a file or a shorthand such as 2-3-1, not {quoted(given)}"
    )
