"""The definitions of a text put together, one after another, into a model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from derive.files.definitions_file import read_definitions
from derive.model.defined_model import DefinedModel, TensorDefinition
from derive.notation.ascii.printing import ascii_text
from derive.reading.inferring.axes import UnifiedAxes
from derive.reading.inferring.candidates import Candidate, Collected
from derive.reading.inferring.entries import SOFTMAX, EntryWriter, letters_of
from derive.reading.inferring.formulas.classes import targets_of_softmax
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
    Factors,
    Name,
    Node,
    Norm,
    Summed,
    Turned,
)
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.inferring.names import Key, ascii_name, key_of, latex_name
from derive.reading.inferring.shapes import Shaped, ShapeRules, UndefinedError
from derive.reading.inferring.spoken_of import spoken_of
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
    implied: set[Key] = field(default_factory=set[Key])
    spare: tuple[str, ...] = field(init=False)
    open: dict[Key, tuple[Key, ...]] = field(init=False)
    like: dict[Key, tuple[Key, ...]] = field(init=False)
    said: dict[Key, Candidate] = field(init=False)

    def __post_init__(self) -> None:
        for one in self.found.candidates:
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
        self.open = open_functions(self.found, self.first, self.later, _used)
        self.said = said_to_be_softmax(self.found, self.first, self.open)
        for key, one in self.said.items():
            del self.open[key]
            self.first[key] = one
        self.like = siblings(self.first, self.open, _used)
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
        ranks = self._ranks(names)
        applied = {key for key, one in self.first.items() if one.applied}
        self.entries = EntryWriter(
            ShapeRules(UnifiedAxes(), self.spare),
            ranks,
            self._name,
            self.functions,
            applied,
            self._in_rows,
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

    @cached_property
    def _in_rows(self) -> bool:
        """Whether the samples of a batch may be the rows of matrices."""
        products = (n for side in self.found.sides for n in side.walk() if isinstance(n, Factors))
        return not any(map(_has_samples_in_columns, products))

    def _ranks(self, names: Iterable[tuple[Key, int]]) -> dict[Key, int]:
        """How many indices each tensor has; open for what only its neighbours tell."""
        ranks: dict[Key, int] = {}
        for key, count in (*names, *_under_softmax(self.found.sides)):
            ranks[key] = max(ranks.get(key, 0), count)
        if not self.matrices:
            return ranks
        measured = {*_measured_rows(self.found.sides)}  # Z_j may be an entry, |Y_i| is of a row
        samples = (key for key, count in names if not count and key in measured)
        whole = {key for key in samples if self._in_rows and key.role != "parameter"}
        ranks |= {key: 2 for key in whole if ranks[key] == 1}  # Y_i is sample i of a batch Y
        turned = {*_turned_names(self.found.sides)}
        for key, count in [*ranks.items()]:
            if count or key.is_cost or key.role == "constant":
                continue
            if key.is_matrix and key.role in ("parameter", "input", "unexplained"):
                ranks[key] = 2
            elif key.role == "target" or key.base in ("b", "c", "\\beta", "bias"):
                del ranks[key]
                if key in turned and not key.is_matrix:
                    ranks[key] = 1
            elif key.role in ("input", "parameter"):
                ranks[key] = 1
        return ranks

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
        for used in _used(one.right):
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
        if one.key.base not in _FREE_FUNCTIONS or {*_used(one.right)} != {one.argument}:
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
            len(node.arguments) == 1 and _is_of(node.arguments[0], one.argument) for node in applied
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

        Of several names with one index a sum may be meant, which is left out as well.
        """
        named = {key for key, letters in _named_in(one.right) if letters}
        alone = value.is_number and not one.key.is_cost and len(named) == 1
        alone = alone and not isinstance(one.right, Name)
        letters = tuple(self.entries.shapes.counted)
        if not alone or len(letters) != 1 or self.entries.ranks.get(one.key, 0):
            raise UndefinedError("its right side has indices, and its left side none")
        self.entries.ranks[one.key] = 1
        (own,) = self.entries.shapes.axes.of(one.key, 1)
        self.entries.shapes.axes.unify(own, self.entries.axis_of(letters[0]))
        self.implied.add(one.key)
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

    # -- the whole -------------------------------------------------------------------------

    def finished(self, *, negated: bool = False) -> InferredModel:
        """The model of all that is defined.

        Raises:
            DeriveError: where its definitions do not go together.
        """
        objective = self._objective()
        given = self._given()
        spoken = self._spoken_of(given)
        given |= {key: key.role for key in spoken}
        axes = self._named_axes()
        definitions = [self._line(key, axes, negated and key == objective) for key in self.texts]
        shares = {key: (letter,) for key, letter in self.found.shares.items()}
        if objective is not None:
            written = {key: text for key, (_, _, text) in self.texts.items()}
            shares |= dict(targets_of_softmax(self.texts[objective][0].right, written))
        given |= {key: "target" for key in shares if given.get(key) == "unexplained"}
        assumed = [
            f"assume sum({letters[-1]}, {self.names[key]}[{','.join(letters)}]) = 1"
            for key, letters in shares.items()
            if key in given
        ]
        end = f"output {self.names[self._last()]}"
        if objective is None and self._last() in self.open and self._is_told_elsewhere():
            raise UndefinedError("the cost has a formula elsewhere, and its output has none")
        if objective is not None:
            end = f"objective {self.names[objective]}"
        lines = [*self._declarations(given, axes), *definitions, *assumed, end]
        model = read_definitions("\n".join(lines), name="text")
        latex = {
            self.names[key]: (
                "" if key.is_slope else latex_name(key, letters=self._letters_of(key))
            )
            for key in (*given, *self.texts)
        }
        open_names = {self.names[key]: key for key in self.open if key in self.texts}
        shown = (
            f"{ascii_text(one.left)} := {self._written(one, open_names, model)}"
            for one in model.definitions
        )
        kept = (key for key in self.texts if not (negated and key == objective))
        return InferredModel(
            replace(
                model,
                given_latex=latex,
                own_indices=self._own_indices(),
                own_rows=frozenset(self.names[key] for key in self.entries.rows_of),
            ),
            tuple(shown),
            frozenset(self.first[key].place for key in (*kept, *self.functions)),
            {self.names[key]: role for key, role in given.items() if not key.is_slope},
            negated,
            self.matrices,
            not (self.found.has_shapes or any(map(_shows_matrices, self.found.sides))),
            frozenset(self.names[key] for key in spoken),
            self._open_cost() if objective is None else self._replaced(objective),
            self.sums_costs,
            frozenset(open_names),
            frozenset(self.first[key].place for key in open_names.values()),
            frozenset(self.names[key] for key in self.said),
            frozenset(self.names[key] for key in self.like),
        )

    def _written(
        self, one: TensorDefinition, open_names: Mapping[str, Key], model: DefinedModel
    ) -> str:
        """The right side of a definition, as it is shown."""
        key = open_names.get(str(one.left.kind))
        if key is None:
            return ascii_text(one.right, model.step_at_zero)
        return f"some function of {', '.join(self.names[of] for of in self.open[key])}"

    def _last(self) -> Key:
        """What is computed last, but for another name of what is given or computed already."""
        formulas = [
            key for key, (one, _, _) in self.texts.items() if not isinstance(one.right, Name)
        ]
        return (formulas or [*self.texts])[-1]

    def _own_indices(self) -> dict[str, tuple[str, ...]]:
        """The letters that belong to names: of the cost of a sample, of s = log(a_i)."""
        return {
            self.names[key]: letters
            for key, (_, letters, _) in self.texts.items()
            if key.is_each or key in self.implied
        }

    def _letters_of(self, key: Key) -> tuple[str, ...]:
        return self.texts[key][1] if key in self.texts else ("i",)

    def _open_cost(self) -> str | None:
        """A cost that is differentiated and has no formula here, or none that could be read."""
        costs = (base for base in self.found.differentiated if Key(base).is_cost)
        return next(costs, None)

    def _is_told_elsewhere(self) -> bool:
        """Whether another part of the document says what the cost is."""
        return any(key.base == self._open_cost() for key in self.found.told)

    def _replaced(self, objective: Key) -> str | None:
        """The cost, if its first formula could not be read and a later one stands for it."""
        candidates = (*self.found.candidates, *self.found.turned)
        places = [one.place for one in candidates if one.key == objective]
        is_first = self.first[objective].place == min(places, default=-1)
        return None if is_first else objective.base

    def _named_axes(self) -> Mapping[int, tuple[str, int | None]]:
        ends = {*self.entries.shapes.axes.ends.values()}
        return self.entries.shapes.axes.named([*({*self.names.values()} - ends), *self.spare])

    def _axes_of(self, key: Key, axes: Mapping[int, tuple[str, int | None]]) -> list[str]:
        known = self.entries.shapes.axes
        return [axes[known.root(axis)][0] for axis in known.owned.get(key, ())]

    def _line(self, key: Key, axes: Mapping[int, tuple[str, int | None]], negated: bool) -> str:
        """The definition of a tensor; `negated` with the other sign."""
        _, letters, text = self.texts[key]
        pairs = zip(letters, self._axes_of(key, axes), strict=True)
        written = ",".join(f"{letter}:{axis}" for letter, axis in pairs)
        left = self.names[key] + (f"[{written}]" if written else "")
        return f"{left} := {'-' if negated else ''}{text}"

    def _declarations(
        self, given: Mapping[Key, str], axes: Mapping[int, tuple[str, int | None]]
    ) -> Iterator[str]:
        """Functions, what is given, and sizes that are numbers."""
        for key, name in self.functions.items():
            yield f"{name}(u_) := {self._body(self.first[key])}"
        for key, role in given.items():
            kind = "input" if role == "unexplained" else role
            own = ",".join(self._axes_of(key, axes))
            yield f"{kind} {self.names[key]}" + (f"[{own}]" if own else "")
        for name, size in dict.fromkeys(axes.values()):
            if size is not None:
                yield f"size {name} = {size}"

    def _body(self, one: Candidate) -> str:
        """The formula of a function, in its own variable."""
        assert one.argument is not None
        name, self.names[one.argument] = self.names[one.argument], "u_"
        self.entries.begin()
        try:
            return self.entries.array(one.right).entry("", "")
        finally:
            self.names[one.argument] = name

    def _given(self) -> dict[Key, str]:
        """What definitions use and nothing defines, each with its role."""
        found: dict[Key, str] = {}
        for one, _, _ in self.texts.values():
            for key in _used(one.right):
                if key not in self.texts and key not in self.functions:
                    found[key] = "target" if key in self.found.shares else key.role
        ends = {*self.entries.shapes.axes.ends.values()}
        return {key: role for key, role in found.items() if self.names[key] not in ends}

    def _spoken_of(self, given: Collection[Key]) -> Mapping[Key, int]:
        """What only claims name."""
        taken = {*given, *self.texts, *self.functions, *self.failed, *self.first}
        axes, ranks = self.entries.shapes.axes, self.entries.ranks
        ends = {*axes.ends.values()}
        found = spoken_of(self.found, axes, ranks, taken, self._joined(), vectors=self.matrices)
        return {key: rank for key, rank in found.items() if self.names[key] not in ends}

    def _joined(self) -> Collection[Key]:
        """The names of whose axes no formula tells anything: those of open functions."""
        written = {
            key
            for key, (one, _, _) in self.texts.items()
            if key not in self.open
            for key in (one.key, *_used(one.right))
        }
        open_names = (key for key in self.open if key in self.texts)
        return {one for key in open_names for one in (key, *self.open[key])} - written

    def _objective(self) -> Key | None:
        """The scalar that is differentiated: named as a cost, and used by nothing else."""
        numbers = [key for key in self.texts if not self.texts[key][1]]
        used = {key for one, _, _ in self.texts.values() for key in _used(one.right)}
        ends = [key for key in numbers if key not in used]
        costs = [key for key in numbers if key.is_cost]
        if not costs and self._open_cost() is not None:
            return None  # that cost is none of the others
        groups = (
            [key for key in ends if key.is_cost],
            costs,
            [key for key in ends if key.base in self.found.differentiated],
            ends,
        )
        of = self.found.differentiated
        best = next((group for group in groups if group), [])
        return max(best, key=lambda key: (of.count(key.base), best.index(key)), default=None)


def _shows_matrices(side: Node) -> bool:
    """Whether a formula is written as those about vectors and matrices alone are."""
    return any(
        isinstance(node, Turned | Norm)
        or (isinstance(node, Factors) and ("odot" in node.signs or _has_rows_of_samples(node)))
        for node in side.walk()
    )


def _has_rows_of_samples(product: Factors) -> bool:
    """Whether it is X w: in capitals what is given, and behind it in small what is learnt."""
    return any(
        not (letters or others)
        and (left.role, right.role) == ("input", "parameter")
        and left.is_matrix > right.is_matrix
        for (left, letters), (right, others) in _neighbours(product)
    )


def _has_samples_in_columns(product: Factors) -> bool:
    """Whether it has W X: a matrix of weights before one of inputs."""
    return any(
        (left.role, right.role) == ("parameter", "input") and left.is_matrix and right.is_matrix
        for (left, _), (right, _) in _neighbours(product)
    )


def _neighbours(
    product: Factors,
) -> Iterator[tuple[tuple[Key, tuple[str, ...]], tuple[Key, tuple[str, ...]]]]:
    """The names beside each other, each with its index letters."""
    for left, right in pairwise(product.parts):
        if isinstance(left, Name) and isinstance(right, Name):
            yield key_of(left), key_of(right)


def _measured_rows(sides: Iterable[Node]) -> Iterator[Key]:
    """The matrices of whose rows lengths are taken: Y of |Y_i|^2."""
    for side in sides:
        for norm in side.walk():
            for part in norm.walk() if isinstance(norm, Norm) else ():
                if isinstance(part, Name):
                    key, letters = key_of(part)
                    if key.is_matrix and len(letters) == 1:
                        yield key


def _turned_names(sides: Iterable[Node]) -> Iterator[Key]:
    """The names without indices that are transposed somewhere."""
    for side in sides:
        for node in side.walk():
            if isinstance(node, Turned) and isinstance(node.of, Name):
                key, letters = key_of(node.of)
                if not letters:
                    yield key


def _used(node: Node) -> list[Key]:
    """The tensors and functions of a formula, each once, in order."""
    found: dict[Key, None] = {}
    for part in node.walk():
        if isinstance(part, Applied) and part.name.text not in FUNCTIONS:
            found[key_of(part.name)[0]] = None
        if isinstance(part, Name) and part.text not in FUNCTIONS and part.text != "\\pi":
            found[key_of(part)[0]] = None
    return [*found]


def _named_in(node: Node) -> Iterator[tuple[Key, tuple[str, ...]]]:
    """The names of a formula with their index letters, but for those inside of sums."""
    if isinstance(node, Name):
        yield key_of(node)
    for part in () if isinstance(node, Summed) else node.parts:
        yield from _named_in(part)


def _is_of(node: Node, key: Key | None) -> bool:
    """Whether a formula is a name, or f(x) for the name f."""
    name = node.name if isinstance(node, Applied) else node
    return isinstance(name, Name) and key_of(name) == (key, ())


def _under_softmax(sides: Iterable[Node]) -> Iterator[tuple[Key, int]]:
    """What a softmax is of has entries, also where none is named."""
    for side in sides:
        for node in side.walk():
            if isinstance(node, Applied) and node.name.text in SOFTMAX:
                inside = node.arguments[0]
                if isinstance(inside, Name):
                    key, letters = key_of(inside)
                    yield key, max(1, len(letters))
