"""`CodeScope`: what the names of a program stand for while it is read, and the model that grows."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sympy import Basic, Expr, Integer, Symbol

from derive.algebra.functions import ReLU
from derive.algebra.indices import substitute
from derive.algebra.quantities import NO_SUPERSCRIPT, Partial, Quantity
from derive.reading.code.arrays.array import IndexedArray, Pick, Slot
from derive.reading.code.arrays.axes import ArrayAxes, UnreadableError
from derive.reading.code.arrays.values import Labels, Unknown, Value

#: What a dimension of a shape may be: the name of an axis, or a number of units.
Dimension = str | int
Function = ast.FunctionDef | ast.Lambda
#: Stands for numbers that are drawn or written out, until they have the name of a tensor.
DRAWN = "drawn"
#: What is differentiated, before it is known how it is called.
OBJECTIVE = Quantity("objective", NO_SUPERSCRIPT)
_DEEPEST = 8


class NeedsShapeError(Exception):
    """The shape of what is given is asked for, and nothing says it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class GivenArray:
    """A tensor that is given: its axes, and whether it holds 1 for the class of each sample."""

    slots: tuple[Slot, ...]
    is_label: bool = False
    is_shift: bool = False
    is_constant: bool = False


@dataclass(frozen=True)
class Computed:
    """A tensor that the code computes."""

    slots: tuple[Slot, ...]
    entry: Quantity
    value: Expr


@dataclass
class Drafted:
    """The model as far as it has been read, and the axes of all that is in it.

    Attributes:
        literals: whole numbers that are written in it.
        guards: what stands for numbers so small that they only guard a root or a logarithm.
        failures: how many lines could not be read.
    """

    axes: ArrayAxes = field(default_factory=ArrayAxes)
    given: dict[str, GivenArray] = field(default_factory=dict)
    defined: dict[str, Computed] = field(default_factory=dict)
    literals: set[Integer] = field(default_factory=set)
    guards: dict[Expr, str] = field(default_factory=dict)
    failures: int = 0

    def name(self, wanted: str) -> str:
        """A name for a quantity that no other has."""
        plain = re.sub(r"\W+", "_", wanted).strip("_") or "value"  # of grads['W'] too
        found, number = plain, 2
        while found in self.given or found in self.defined:
            found, number = f"{plain}_{number}", number + 1
        return found

    def entry(self, name: str, slots: tuple[Slot, ...]) -> IndexedArray:
        """A general entry of a tensor."""
        letters = tuple(None if slot is None else self.axes.letter() for slot in slots)
        indices = [letter for letter in letters if letter is not None]
        return IndexedArray(slots, letters, Quantity(name, NO_SUPERSCRIPT, *indices))

    def define(self, wanted: str, array: IndexedArray) -> IndexedArray:
        """Make a quantity of a value."""
        name = self.name(wanted)
        indices = [letter for letter in array.letters if letter is not None]
        entry = Quantity(name, NO_SUPERSCRIPT, *indices)
        self.defined[name] = Computed(array.slots, entry, array.value)
        return replace(array, value=entry, truth=False)

    def give(self, wanted: str, given: GivenArray) -> IndexedArray:
        """Make a tensor that is given."""
        name = self.name(wanted)
        self.given[name] = given
        return self.entry(name, given.slots)

    def guard(self, size: Expr) -> IndexedArray:
        """The symbol for a small positive number that only guards a root or a logarithm."""
        if size not in self.guards:
            self.guards[size] = self.name("epsilon")
            self.given[self.guards[size]] = GivenArray((), is_constant=True)
        return self.entry(self.guards[size], ())

    def argument_of_relu(self, value: Expr) -> Expr | None:
        """The z of a value ReLU(z), also by its name."""
        if isinstance(value, ReLU):
            return value.args[0]  # pyright: ignore[reportReturnType]
        found = self.defined.get(value.kind) if isinstance(value, Quantity) else None
        if found is None or not isinstance(found.value, ReLU):
            return None
        assert isinstance(value, Quantity)
        renamed = dict(zip(found.entry.indices, value.indices, strict=True))
        return substitute(found.value.args[0], renamed)  # pyright: ignore


@dataclass
class CodeScope:
    """The names of one function, or of the whole program.

    Attributes:
        names: what each name stands for here.
        functions: those of the program, by name.
        shapes: the shapes that comments and the like declare.
        guessed: names of `shapes` of which nothing tells whether they are numbers.
        count: a name that is handed in for the size of an axis, and that axis: a tensor and
            a place.
        read: what an expression stands for.
        run: what a function returns for these values.
        targets: names whose gradients the program computes.
        classes: those of the program, by name.
        inside: how many calls this is inside of; 0 for the program itself.
        defines: whether what is computed here becomes a quantity of the model.
    """

    draft: Drafted
    functions: Mapping[str, Function]
    shapes: Mapping[str, tuple[Dimension, ...]]
    read: Callable[[ast.expr, CodeScope], Value]
    run: Callable[[Function, CodeScope], Value]
    targets: frozenset[str] = frozenset()
    classes: Mapping[str, ast.ClassDef] = field(default_factory=dict)
    names: dict[str, Value] = field(default_factory=dict)
    inside: int = 0
    defines: bool = True
    uses_torch: bool = False
    guessed: frozenset[str] = frozenset()
    count: tuple[str, str, int] | None = None

    @property
    def axes(self) -> ArrayAxes:
        return self.draft.axes

    def value(self, node: ast.expr) -> Value:
        """What an expression stands for."""
        return self.read(node, self)

    def array(self, node: ast.expr) -> IndexedArray:
        """The array that an expression stands for.

        Raises:
            UnreadableError: when it is something else.
        """
        return as_array(self.value(node), ast.unparse(node)[:60])

    def named(self, name: str) -> Value:
        """What a name stands for; one that nothing was assigned to is given.

        Raises:
            NeedsShapeError: when it is given and its shape is not known.
        """
        if name in self.names:
            found = self.names[name]
            if isinstance(found, Unknown):
                raise UnreadableError(f"{name}: {found.why}")
            return found
        if self.inside:
            raise UnreadableError(f"{name} is not defined")
        if self.count is not None and self.count[0] == name:
            return self._counted(*self.count[1:])
        axis = Symbol(name, positive=True)
        if axis in self.axes.declared:
            return IndexedArray((), (), self.axes.of(axis))
        if name not in self.shapes:
            raise NeedsShapeError(name)
        self.names[name] = self.draft.give(name, GivenArray(self.slots(name, self.shapes[name])))
        return self.names[name]

    def _counted(self, tensor: str, place: int) -> Value:
        """The size of an axis, for a name that is handed in for it."""
        if tensor not in self.draft.given:
            self.named(tensor)
        slot = self.draft.given[tensor].slots[place]
        return IndexedArray((), (), Integer(1) if slot is None else self.axes.of(slot))

    def slots(self, name: str, shape: tuple[Dimension, ...]) -> tuple[Slot, ...]:
        """The axes that a declared shape names."""
        return tuple(
            self.axes.sized(one, f"{name}_{place}") if isinstance(one, int) else self._slot(one)
            for place, one in enumerate(shape)
        )

    def _slot(self, name: str) -> Symbol:
        """The axis of a name; what begins with a dot is of nobody's choosing."""
        return self.axes.of(self.axes.new(name[1:])) if name[0] == "." else self.axes.named(name)

    def labels(self, name: str, slot: Slot, classes: Slot) -> Pick:
        """The classes that labels name, as a tensor with 1 for the class of each sample.

        Raises:
            UnreadableError: when the name stands for something else.
        """
        held = self.names.get(name)
        if held is None and name not in self.draft.given:
            if slot is None or classes is None:
                raise UnreadableError(f"{name} names classes of an axis of one entry")
            self.draft.given[name] = GivenArray((slot, classes), is_label=True)
            held = self.names[name] = Labels(name, slot)
        if not isinstance(held, Labels):
            raise UnreadableError(f"{name} stands for numbers here, and for classes elsewhere")
        given = self.draft.given[held.name]
        for own, wanted in zip(given.slots, (slot, classes), strict=True):
            if own is None or wanted is None:
                raise UnreadableError(f"{name} names classes of an axis of one entry")
            self.axes.join(own, wanted)
        entry = self.draft.entry(held.name, given.slots)
        sample, letter = entry.letters
        assert sample is not None and letter is not None and classes is not None
        return Pick(letter, self.axes.of(classes), entry.value, held.name)

    def call(self, function: Function, values: Mapping[str, Value], defines: bool = False) -> Value:
        """What a function of the program returns.

        Args:
            defines: whether what it computes becomes a quantity with the name that it has there.

        Raises:
            UnreadableError: when calls go too deep.
        """
        if self.inside >= _DEEPEST:
            raise UnreadableError("functions that call each other so deeply are not read")
        names = {**{n: v for n, v in self.names.items() if n.isupper()}, **values}
        inner = replace(self, names=names, inside=self.inside + 1, defines=defines)
        return self.run(function, inner)


def as_array(value: Value, source: str) -> IndexedArray:
    """A value as an array.

    Raises:
        UnreadableError: when it is something else.
    """
    if isinstance(value, IndexedArray):
        return value
    if isinstance(value, Unknown):
        raise UnreadableError(value.why)
    raise UnreadableError(f"{source} is no array as it is read here")


def is_drawn(value: Basic) -> bool:
    """Whether numbers stand in it that were drawn, or written out."""
    return any(isinstance(q, Quantity) and q.kind == DRAWN for q in value.atoms(Quantity))


def has_gradient(value: Basic) -> bool:
    """Whether derivatives stand in it."""
    return value.has(Partial)
