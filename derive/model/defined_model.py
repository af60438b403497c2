"""`DefinedModel`: a model that is written down as what it is, tensor by tensor.

    O[t,j] := sum(s, P[t,s]*V[s,j])

An axis is a name; two indices on one axis run over the same units, and axes of equal size
stay apart.  The objective is defined last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal, Self

from sympy import Add, Basic, Expr, Integer, Pow, S, Sum, Symbol, log

from derive.algebra.indices import fresh_index, index, index_symbols, substitute
from derive.algebra.quantities import MOTION, NO_SUPERSCRIPT, Fixed, Quantity, outermost, rebuilt
from derive.errors import NetworkError
from derive.model.conventions import with_step
from derive.model.instances import axis_of
from derive.model.literals import shown
from derive.model.model import Head, Model, head_named
from derive.model.network import step_value

Role = Literal["input", "parameter", "constant", "target"]
#: In the order in which values are listed.
ROLES: tuple[Role, ...] = ("input", "parameter", "constant", "target")


def role_named(name: str) -> Role:
    """The role of this name, which is one of `ROLES`."""
    return next(role for role in ROLES if role == name)


def axis_named(name: str) -> Symbol:
    """The axis of this name, which is also its size where that is no number."""
    return Symbol(name, positive=True)


@dataclass(frozen=True)
class Tensor:
    """What is given: its name, for each index the axis that it counts, and its role."""

    name: str
    axes: tuple[Symbol, ...]
    role: Role


@dataclass(frozen=True)
class TensorDefinition:
    """left := right, for a general entry of a tensor; each letter of it has its axis.

    `section` is the title under which it stands, if there is one.
    """

    left: Quantity
    axes: tuple[Symbol, ...]
    right: Expr
    section: str = ""


@dataclass(frozen=True)
class DefinedModel(Model):
    """Tensors that are given, and definitions in order, each in terms of earlier names.

    Args:
        tensors: what is given.
        definitions: what is computed; that of the objective among them.
        objective: the name of what is differentiated, a scalar; without one it is some C of the
            output.
        output: where Gauss-Newton splits, or what an unspecified C is computed from.
        numbers: the sizes of the axes that are numbers, by axis.
        assumptions: what every equation may use, as `derive.model.assumptions` describes it.
        step_at_zero: the value of Step(0).
        name: what documents call the model.
        point: numbers for a worked example, by name.
        symbols: the user's own names of quantities.
        given_latex: the LaTeX of tensors whose names alone do not say it, "" for those that no
            text writes.
        own_indices: the index letters of tensors that a text writes without them, s for s_i.
        own_rows: the matrices of which a text writes rows with one index, Y_i for sample i.

    Raises:
        NetworkError: when the objective is not defined, or is no scalar.
    """

    tensors: tuple[Tensor, ...]
    definitions: tuple[TensorDefinition, ...]
    objective: str | None = None
    output: str | None = None
    numbers: tuple[tuple[Symbol, Integer], ...] = ()
    assumptions: tuple[Basic, ...] = ()
    step_at_zero: Expr = S.Zero
    name: str = "model"
    point: Mapping[str, Any] | None = field(default=None, compare=False)
    symbols: Mapping[str, str] = field(default_factory=dict, compare=False)
    given_latex: Mapping[str, str] = field(default_factory=dict, compare=False)
    own_indices: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]], compare=False
    )
    own_rows: frozenset[str] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_at_zero", step_value(self.step_at_zero))
        if self.output is not None and self.output not in self.names:
            raise NetworkError(f"the output {shown(self.output)} is not defined")
        if self.objective is None:
            return
        found = self._by_head.get(self.C.args[:2])
        if found is None:
            raise NetworkError(f"the objective {shown(self.objective)} is not defined")
        if found.axes:
            raise NetworkError(
                f"the objective {shown(self.objective)} has indices; what is differentiated is one "
                "number, such as a sum over them"
            )

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, one.name) for one in fields(self) if one.compare))

    def with_step_at_zero(self, value: Expr) -> Self:
        """The same model with another value of Step(0), in its definitions too."""
        changed = tuple(replace(d, right=with_step(d.right, value)) for d in self.definitions)
        return replace(self, step_at_zero=value, definitions=changed)

    def with_symbols(self, symbols: Mapping[str, str]) -> Self:
        """The same model with these names of the user's own."""
        return replace(self, symbols=symbols)

    def with_given(self, head: Head) -> DefinedModel:
        """The same model with a tensor given that is computed here, by the same instance always."""
        known = self._with_given
        if head not in known:
            found = self._by_head[head]
            given = Tensor(found.left.kind, found.axes, "input")
            rest = tuple(one for one in self.definitions if one is not found)
            known[head] = replace(self, tensors=(*self.tensors, given), definitions=rest)
        return known[head]

    @cached_property
    def _with_given(self) -> dict[Head, DefinedModel]:
        return {}

    # -- what is where -----------------------------------------------------------------

    @cached_property
    def _by_head(self) -> dict[Head, TensorDefinition]:
        return {one.left.args[:2]: one for one in self.definitions}

    @cached_property
    def _axes(self) -> dict[Head, tuple[Symbol, ...]]:
        found = {head_named(one.name, NO_SUPERSCRIPT): one.axes for one in self.tensors}
        found |= {head: one.axes for head, one in self._by_head.items()}
        found |= {(name, MOTION): found[name, level] for name, level in self.moved}
        found[self.direction.args[:2]] = ()
        return found | ({self.C.args[:2]: ()} if self.opaque(self.C.args[:2]) else {})

    @property
    def C(self) -> Quantity:
        """The objective."""
        return Quantity(self.objective or "C", NO_SUPERSCRIPT)

    @property
    def direction(self) -> Quantity:
        """t, along which inputs and parameters move."""
        return Quantity("t", S.Zero)

    @cached_property
    def moved(self) -> frozenset[Head]:
        """What moves along the direction: inputs and parameters."""
        moved = ("input", "parameter")
        return frozenset(
            head_named(one.name, NO_SUPERSCRIPT) for one in self.tensors if one.role in moved
        )

    def moving(self, given: Quantity) -> Expr:
        """R{W_ij} for an input or a parameter W; targets and constants stay."""
        if given.args[:2] not in self.moved:
            return S.Zero
        return Quantity(given.args[0], MOTION, *given.indices)

    @cached_property
    def _split(self) -> Head | None:
        if self.objective is None or self.output is None or self.output == self.objective:
            return None
        output = head_named(self.output, NO_SUPERSCRIPT)
        carried, _ = self.split_terms(output)
        heads = {q.args[:2] for term in carried for q in outermost(term)}
        through_it = all(self._is_only_through(output, one) for one in heads)
        return output if carried and through_it else None

    @property
    def splits_at(self) -> Head | None:
        """The output, where the objective is a function of it and a penalty besides."""
        return self._split

    def split_terms(self, output: Head) -> tuple[list[Expr], list[Expr]]:
        """The terms of the objective that depend on the output, and the others."""
        formula = self.definition(self.C)
        carried: list[Expr] = []
        others: list[Expr] = []
        for term in Add.make_args(formula or S.Zero):
            heads = {q.args[:2] for q in outermost(term)}
            own = any(one == output or self.depends(one, output) for one in heads)
            (carried if own else others).append(term)
        return carried, others

    def _is_only_through(self, output: Head, head: Head) -> bool:
        """Whether a tensor depends on what moves through the output alone, if at all."""
        if head == output:
            return True
        by = [one for one in self.moved if one == head or self.depends(head, one)]
        return all(one != head and self.parts_at(output, one, head) for one in by)

    def opaque(self, head: Head) -> tuple[Head, ...]:
        """Without an objective, C is some function of the output."""
        if self.objective is not None or self.output is None or head != self.C.args[:2]:
            return ()
        return (head_named(self.output, NO_SUPERSCRIPT),)

    @property
    def given(self) -> tuple[Head, ...]:
        """Inputs, parameters, constants and targets, each in the order of the file."""
        return self._given

    @cached_property
    def _given(self) -> tuple[Head, ...]:
        return tuple(
            head_named(one.name, NO_SUPERSCRIPT)
            for role in ROLES
            for one in self.tensors
            if one.role == role
        )

    @property
    def parameters(self) -> tuple[Head, ...]:
        """The tensors by which the objective is differentiated."""
        return self._parameters

    @cached_property
    def _parameters(self) -> tuple[Head, ...]:
        return tuple(
            head_named(one.name, NO_SUPERSCRIPT) for one in self.tensors if one.role == "parameter"
        )

    @property
    def defined(self) -> tuple[Head, ...]:
        """In the order of the definitions."""
        return self._defined

    @cached_property
    def _defined(self) -> tuple[Head, ...]:
        unspecified = self.C.args[:2]
        return *self._by_head, *((unspecified,) if self.opaque(unspecified) else ())

    def role(self, head: Head) -> str:
        """What a tensor is for."""
        return self._roles.get(head, "defined")

    @cached_property
    def _roles(self) -> dict[Head, Role]:
        return {head_named(one.name, NO_SUPERSCRIPT): one.role for one in self.tensors}

    def section(self, head: Head) -> str:
        """The title over a definition; of what is given, that over the first that uses it."""
        own = head if head in self._by_head else next(iter(self.users(Quantity(*head))), None)
        return self._by_head[own].section if own in self._by_head else ""

    @cached_property
    def _all_axes(self) -> tuple[Expr, ...]:
        counted = [axis for axes in self._axes.values() for axis in axes]
        return tuple(dict.fromkeys((*counted, *(axis for axis, _ in self.numbers))))

    @property
    def all_axes(self) -> tuple[Expr, ...]:
        """In the order in which tensors mention them, and those of which the size alone is said."""
        return self._all_axes

    def slots(self, kind: str, layer: Expr) -> tuple[Expr, ...]:
        """For each index of a tensor, its axis."""
        return self._axes.get(head_named(kind, layer), ())

    def width(self, layer: Expr) -> Expr:
        """The size of an axis: a number, or the symbol of its name."""
        return dict(self.numbers).get(layer, layer)  # pyright: ignore

    @property
    def counted_in_words(self) -> str:
        """Axes have names of their own."""
        return "one axis"

    def axis_in_words(self, axis: Expr) -> str:
        """Its name."""
        return f"the axis {axis}"

    def are_one(self, axes: Iterable[Expr]) -> bool:
        """Axes are known by their names, and not by their sizes."""
        return len({*axes}) == 1

    @property
    def is_total(self) -> bool:
        """Whether no definition has a logarithm, a root or a denominator."""
        rights = [one.right for one in self.definitions]
        powers = [p for right in rights for p in right.atoms(Pow) if p.func is Pow]
        whole = all(isinstance(p.exp, Integer) and p.exp > 0 for p in powers)
        return whole and not any(right.has(log) for right in rights)

    @cached_property
    def holds_fixed(self) -> bool:
        """Whether a definition has a part that stays as it is while all else moves."""
        return any(one.right.has(Fixed) for one in self.definitions)

    def has(self, quantity: Quantity) -> bool:
        """Whether there is such a tensor."""
        return quantity.args[:2] in self._axes

    def definition(self, quantity: Quantity, avoid: frozenset[Symbol] = frozenset()) -> Expr | None:
        """The definition with the indices of the quantity; other bound letters where they meet."""
        found = self._by_head.get(quantity.args[:2])
        if found is None:
            return None
        right = self._renamed(found.right, {*avoid, *index_symbols(quantity)})
        own = dict(zip(found.left.indices, quantity.indices, strict=True))
        return substitute(right, {old: new for old, new in own.items() if old != new})

    def _renamed(self, expression: Any, avoid: set[Symbol]) -> Any:
        """The expression with letters for its sums that are usual on their axes."""
        if isinstance(expression, Sum):
            body, limits, used = expression.function, [], set(avoid)
            for bound, low, high in expression.limits:
                letter = bound
                if bound in avoid:
                    used |= index_symbols(body)
                    letter = self.letter_for(axis_of(self, bound, body), used)
                    body = substitute(body, {bound: letter})
                    used.add(letter)
                limits.append((letter, low, high))
            # A sum inside of it has letters of its own.
            inner = avoid | {letter for letter, _, _ in limits}
            return Sum(self._renamed(body, inner), *limits)
        if not expression.has(Sum):
            return expression
        return rebuilt(expression, [self._renamed(a, avoid) for a in expression.args])

    @cached_property
    def _usual_letters(self) -> dict[Expr, tuple[Symbol, ...]]:
        """The letters with which the definitions write each axis, in their order."""
        found: dict[Expr, dict[Symbol, None]] = {axis: {} for axis in self.all_axes}
        for one in self.definitions:
            for entry in (one.left, *sorted(one.right.atoms(Quantity), key=str)):
                for axis, letter in zip(self.axes(entry), entry.indices, strict=True):
                    if isinstance(letter, Symbol):
                        found[axis][letter] = None
        return {axis: tuple(letters) for axis, letters in found.items()}

    def letter_for(self, layer: Expr, avoid: Iterable[Symbol]) -> Symbol:
        """A letter that the definitions write for an axis, or one that names nothing."""
        taken = set(avoid)
        usual = (letter for letter in self._usual_letters[layer] if letter not in taken)
        if (found := next(usual, None)) is not None:
            return found
        names = (index(name) for name in (*self.names, *self.named_symbols))
        others = (letter for letters in self._usual_letters.values() for letter in letters)
        avoid = {*taken, *names}
        found = fresh_index({*avoid, *others})
        return found if len(found.name) == 1 else fresh_index(avoid)

    def letters_of(self, head: Head) -> tuple[Symbol, ...] | None:
        """The letters with which a tensor is written where it is defined or first used."""
        return self._own_letters.get(head)

    @cached_property
    def _own_letters(self) -> dict[Head, tuple[Symbol, ...]]:
        uses = (sorted(one.right.atoms(Quantity), key=str) for one in self.definitions)
        places = [*(one.left for one in self.definitions), *(q for used in uses for q in used)]
        found: dict[Head, tuple[Symbol, ...]] = {}
        for entry in places:
            letters = tuple(i for i in entry.indices if isinstance(i, Symbol))
            if entry.args[:2] not in found and len({*letters}) == len(entry.indices):
                found[entry.args[:2]] = letters
        return found

    @property
    def slopes(self) -> frozenset[Symbol]:
        """Hyperparameters are constants, and so none."""
        return frozenset()

    @property
    def latex(self) -> Mapping[str, str]:
        """The LaTeX that was given for names."""
        return self.given_latex

    # -- names -------------------------------------------------------------------------

    @property
    def names(self) -> dict[str, tuple[str, Expr]]:
        """Each tensor by its name."""
        return self._names

    @cached_property
    def _names(self) -> dict[str, tuple[str, Expr]]:
        named = (str(name) for name, level in self._axes if level == NO_SUPERSCRIPT)
        return {name: (name, NO_SUPERSCRIPT) for name in named}

    @property
    def named_symbols(self) -> dict[str, Symbol]:
        """The sizes that are symbols, and Step(0) where it is one."""
        found = {size.name: size for size in self.sizes}
        if isinstance(self.step_at_zero, Symbol):
            found |= {"h0": self.step_at_zero, "h_0": self.step_at_zero}
        return found

    def accepts_index(self, name: str) -> bool:
        """Any name that is none of a tensor or a size."""
        return name not in self.names and name not in self.named_symbols
