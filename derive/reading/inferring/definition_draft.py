"""The definitions of a text put together, one after another, into a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from derive.reading.inferring.axes import UnifiedAxes
from derive.reading.inferring.candidates import Candidate, Collected
from derive.reading.inferring.entries import EntryWriter, letters_of
from derive.reading.inferring.formulas.dependence import (
    affine,
    open_functions,
    said_to_be_softmax,
    siblings,
)
from derive.reading.inferring.formulas.grouping import FUNCTIONS
from derive.reading.inferring.formulas.insertions import with_names_put_in
from derive.reading.inferring.formulas.means import with_sizes_of_means
from derive.reading.inferring.formulas.nodes import (
    Applied,
    Name,
    Slope,
    Summed,
    Turned,
)
from derive.reading.inferring.formulas.used_names import is_of, named_outside_sums, used_in
from derive.reading.inferring.names import Key, ascii_name, key_of
from derive.reading.inferring.shapes import Shaped, ShapeRules, UndefinedError
from derive.reading.inferring.written_ranks import samples_in_rows, written_ranks
from derive.reading.latex.lexical.problems import LatexError

_IDENTITY = Key("I")
_LETTERS = ("i", "j", "k", "l", "m", "n", "p", "q", "s", "t", "u", "v")
#: That are read below a name.
_MOST_INDICES = 3
_FREE_FUNCTIONS = frozenset({"f", "g", "h", "\\phi", "\\psi", "a", "act", "\\varphi"})


@dataclass
class DefinitionDraft:
    """The definitions of a text, put together one after another.

    Attributes:
        matrices: whether names without indices are vectors and matrices.
        sums_costs: whether a cost with entries, (a - y)^2 of vectors, is their sum.
        first, later: the equations that may define a tensor; of costs the later ones too, which
            count where the first cannot be read.
        open: names that are some function of others, which the text does not say.
        said: those of which words alone say what they are.
        texts: for each tensor that is defined its candidate, index letters and entry.
    """

    found: Collected
    matrices: bool
    sums_costs: bool = False
    entries: EntryWriter = field(init=False)
    first: dict[Key, Candidate] = field(default_factory=dict[Key, Candidate])
    later: dict[Key, tuple[Candidate, ...]] = field(
        default_factory=dict[Key, tuple[Candidate, ...]]
    )
    texts: dict[Key, tuple[Candidate, tuple[str, ...], str]] = field(
        default_factory=dict[Key, tuple[Candidate, tuple[str, ...], str]]
    )
    functions: dict[Key, str] = field(default_factory=dict[Key, str])
    names: dict[Key, str] = field(default_factory=dict[Key, str])
    failed: set[Key] = field(default_factory=set[Key])
    implied: dict[Key, tuple[str, ...]] = field(default_factory=dict[Key, tuple[str, ...]])
    spare: tuple[str, ...] = field(init=False)
    open: dict[Key, tuple[Key, ...]] = field(init=False)
    like: dict[Key, tuple[Key, ...]] = field(init=False)
    said: dict[Key, Candidate] = field(init=False)

    def __post_init__(self) -> None:
        for one in self.found.candidates:
            if self._is_solved_for(one):
                continue
            if one.key not in self.first:
                self.first[one.key] = one
            elif one.key.is_cost:
                self.later[one.key] = (*self.later.get(one.key, ()), one)
        for one in self.found.turned:
            self.first.setdefault(one.key, one)
        self.first = {
            key: replace(one, right=with_sizes_of_means(one.right, self.first))
            for key, one in with_names_put_in(self.first).items()
        }
        self.open = open_functions(self.found, self.first, self.later, used_in)
        self.said = said_to_be_softmax(self.found, self.first, self.open)
        for key, one in self.said.items():
            del self.open[key]
            self.first[key] = one
        self.like = siblings(self.first, self.open, used_in)
        self.open |= self.like
        names = [*self._all_names()]
        letters = {letter for side in self.found.sides for letter in letters_of(side)}
        taken = {*letters}
        for key, _ in names:
            if key not in self.names:
                self.names[key] = ascii_name(key, taken)
                taken.add(self.names[key])
        ends = {
            node.last
            for side in self.found.sides
            for node in side.walk()
            if isinstance(node, Summed)
        }
        self.spare = tuple(one for one in _LETTERS if one not in {*self.names.values(), *ends})
        in_rows = samples_in_rows(self.found.sides)
        ranks = written_ranks(self.found.sides, names, matrices=self.matrices, in_rows=in_rows)
        applied = {key for key, one in self.first.items() if one.applied}
        self.entries = EntryWriter(
            ShapeRules(UnifiedAxes(), self.spare),
            ranks,
            self._name,
            self.functions,
            applied,
            in_rows,
            self.implied,
        )

    def _is_solved_for(self, one: Candidate) -> bool:
        """Whether a parameter that was used and differentiated by is said to have a value then.

        w = ts/(s^2 + r), where the gradient vanishes, is no definition.
        """
        used = (other for other in self.first.values() if one.key in used_in(other.right))
        if one.key.role != "parameter" or not any(other.place < one.place for other in used):
            return False
        by = {key for _, (key, _) in self.found.own_slopes}
        nodes = (node for side in self.found.sides for node in side.walk())
        return one.key in by and any(
            isinstance(node, Slope) and node.start < one.place for node in nodes
        )

    def _name(self, key: Key) -> str:
        if key not in self.names:
            self.names[key] = ascii_name(key, self.names.values())
        return self.names[key]

    def _all_names(self) -> Iterator[tuple[Key, int]]:
        """Each tensor with the number of its written indices, as often as it stands there."""
        for one in self.first.values():
            yield one.key, len(one.letters)
        for side in self.found.sides:
            for node in side.walk():
                if isinstance(node, Name) and node.text not in FUNCTIONS:
                    key, letters = key_of(node)
                    if key != _IDENTITY or key in self.first:
                        yield key, len(letters)
        within = {*self.open, *(key for of in self.open.values() for key in of)}
        for key, letters in (one for pair in self.found.slopes for one in pair):
            if key in within:
                yield key, len(letters)

    # -- definitions -----------------------------------------------------------------------

    def define_all(self) -> None:
        """Define what can be defined, each name after those that it uses."""
        for key in (*self.first, *self.open):
            self._define(key, ())
        if not self.texts:  # df/dx of a lone f(x) = … is that of what it gives
            also = [key for key in self.functions if key.base in self.found.differentiated]
            for key in also:
                del self.functions[key]
                self._define_safely(self.first[key])

    def _define(self, key: Key, waiting: tuple[Key, ...]) -> None:
        if key in self.texts or key in self.failed or key in self.functions:
            return
        if key in self.open:
            self._define_open(key, waiting)
            return
        for one in (self.first[key], *self.later.get(key, ())):
            self.failed.discard(key)
            self.first[key] = one
            self._define_by(one, waiting)
            if key not in self.failed:
                return

    def _define_by(self, one: Candidate, waiting: tuple[Key, ...]) -> None:
        """Define a name by one of the equations that may do so, or note that it failed."""
        key = one.key
        for used in used_in(one.right):
            if used == key or used in waiting:
                self.failed.add(key)
                return
            if used in self.first or used in self.open:
                self._define(used, (*waiting, key))
        if key in self.failed:
            return
        if one.argument is not None and self._define_function(one):
            return
        self._define_safely(one)

    def _define_open(self, key: Key, waiting: tuple[Key, ...]) -> None:
        """Define a name by the tangent of what it is, a function that the text does not say."""
        of = self.open[key]
        for used in of:
            if used in waiting:
                self.failed.add(key)
                return
            if used in self.first or used in self.open:
                self._define(used, (*waiting, key))
        ranks, stated = self.entries.ranks, self.first.get(key)
        for one in of:  # a target, or what is written nowhere here
            if one.role == "target" or not self.matrices:
                ranks.setdefault(one, 0)
        rank = ranks.get(key, 0)
        if self.matrices and not (key.is_cost or rank):
            rank = ranks.get(of[0], -1) if stated is not None and len(of) == 1 else -1
        widest = max(ranks.get(one, _MOST_INDICES) for one in of)
        if rank < 0 or rank + widest > _MOST_INDICES or not self.failed.isdisjoint(of):
            self.failed.add(key)
            return
        ranks[key] = rank
        place = -1 if stated is None else stated.place
        self.first[key] = affine(key, of, rank, ranks, self.spare, place)
        self._define_safely(self.first[key])

    def _define_safely(self, one: Candidate) -> None:
        try:
            self._define_tensor(one)
        except (UndefinedError, LatexError, ValueError, IndexError):
            self.failed.add(one.key)

    def _define_function(self, one: Candidate) -> bool:
        """Whether an equation f(z) = … gives a function of one variable."""
        if one.key.base not in _FREE_FUNCTIONS or {*used_in(one.right)} != {one.argument}:
            return False
        if self._is_value(one):
            return False
        self.functions[one.key] = f"{self.names[one.key]}f"
        return True

    def _is_value(self, one: Candidate) -> bool:
        """Whether f(x) = x^2 says what f is: others are made of f, and f is of nothing but x."""
        others = [other for other in self.first.values() if other.key != one.key]
        used = any(other.argument == one.key for other in others)
        for other in others:
            heads = {id(node.name) for node in other.right.walk() if isinstance(node, Applied)}
            names = (node for node in other.right.walk() if isinstance(node, Name))
            used = used or any(id(n) not in heads and key_of(n)[0] == one.key for n in names)
        applied = (
            node
            for side in self.found.sides
            for node in side.walk()
            if isinstance(node, Applied) and key_of(node.name)[0] == one.key
        )
        return used and all(
            len(node.arguments) == 1 and is_of(node.arguments[0], one.argument) for node in applied
        )

    def _define_tensor(self, one: Candidate) -> None:
        entries = self.entries
        entries.begin()
        if not self.matrices and any(isinstance(node, Turned) for node in one.right.walk()):
            raise UndefinedError("numbers are not transposed")
        if one.key.any_layer:
            raise UndefinedError("what is said of any layer is no definition of one")
        if one.letters:
            for letter in one.letters:
                entries.axis_of(letter)
        value = entries.array(one.right)
        letters = one.letters
        if letters:
            if not value.is_number or not {*entries.shapes.counted} <= {*letters}:
                raise UndefinedError("its right side has other indices")
            own = entries.shapes.axes.of(one.key, len(letters))
            for axis, letter in zip(own, letters, strict=True):
                entries.shapes.axes.unify(axis, entries.axis_of(letter))
        elif entries.shapes.counted:
            letters = self._implied(one, value)
        else:
            value = self._summed(value) if one.key.is_cost and self.sums_costs else value
            letters = self._shaped(one, value)
        text = value.entry(*(*letters, "", "")[:2]) if not one.letters else value.entry("", "")
        self.texts[one.key] = one, letters, text

    def _implied(self, one: Candidate, value: Shaped) -> tuple[str, ...]:
        """The index that s = log(a_i) leaves out on the left, where one name alone has it.

        Of several names with one index a sum may be meant, which is left out as well; of a cost
        it is the class of the sample, as in L = -log(p_c).
        """
        written = named_outside_sums(one.right)
        named = {key for key, letters in written if letters or key in self.implied}
        alone = value.is_number and len(named) == 1
        alone = alone and not isinstance(one.right, Name)
        letters = tuple(self.entries.shapes.counted)
        if not alone or len(letters) != 1 or self.entries.ranks.get(one.key, 0):
            raise UndefinedError("its right side has indices, and its left side none")
        self.entries.ranks[one.key] = 1
        (own,) = self.entries.shapes.axes.of(one.key, 1)
        self.entries.shapes.axes.unify(own, self.entries.axis_of(letters[0]))
        self.implied[one.key] = letters
        return letters

    def _summed(self, value: Shaped) -> Shaped:
        """The sum of all entries."""
        letters = ["" if axis is None else self.entries.shapes.fresh() for axis in value.axes]
        text = value.entry(*letters)
        for letter in filter(None, letters):
            text = f"sum({letter}, {text})"
        return Shaped(None, None, lambda *_: text)

    def _shaped(self, one: Candidate, value: Shaped) -> tuple[str, ...]:
        """Letters for the indices of a tensor that is written without."""
        own = [axis for axis in (value.rows, value.columns) if axis is not None]
        if one.key.is_cost and own:
            raise UndefinedError("a cost is one number")
        self.entries.ranks[one.key] = len(own)
        for axis, other in zip(self.entries.shapes.axes.of(one.key, len(own)), own, strict=True):
            self.entries.shapes.axes.unify(axis, other)
        if value.rows is None and value.columns is not None:
            raise UndefinedError("a row stands here")
        return self.entries.shapes.letters[: len(own)]
