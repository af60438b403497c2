"""The model that a draft of definitions makes: what is given, its axes, its objective."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from derive.algebra.functions import with_logistic
from derive.files.definitions_file import read_definitions
from derive.model.defined_model import DefinedModel, TensorDefinition
from derive.notation.ascii.printing import ascii_text
from derive.reading.inferring.candidates import Candidate
from derive.reading.inferring.definition_draft import DefinitionDraft
from derive.reading.inferring.formulas.classes import targets_of_softmax
from derive.reading.inferring.formulas.nodes import Name
from derive.reading.inferring.formulas.used_names import used_in
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.inferring.names import Key, key_of, latex_name
from derive.reading.inferring.shapes import UndefinedError
from derive.reading.inferring.spoken_of import spoken_of
from derive.reading.inferring.written_ranks import shows_matrices


@dataclass(frozen=True)
class FinishedDraft:
    """A draft to which no definition is added."""

    draft: DefinitionDraft

    def model(self, *, negated: bool = False) -> InferredModel:
        """The model of all that is defined.

        Raises:
            DeriveError: where its definitions do not go together.
        """
        draft, objective = self.draft, self._objective()
        given = self._given()
        spoken = self._spoken_of(given)
        given |= {key: key.role for key in spoken}
        axes = self._named_axes()
        definitions = [self._line(key, axes, negated and key == objective) for key in draft.texts]
        shares = self._shares(objective)
        given |= {key: "target" for key in shares if given.get(key) == "unexplained"}
        assumed = [
            f"assume sum({letters[-1]}, {draft.names[key]}[{','.join(letters)}]) = 1"
            for key, letters in shares.items()
            if key in given
        ]
        lines = [*self._declarations(given, axes), *definitions, *assumed, self._end(objective)]
        model = _with_logistic(read_definitions("\n".join(lines), name="text"))
        open_names = {draft.names[key]: key for key in draft.open if key in draft.texts}
        shown = (
            f"{ascii_text(one.left)} := {self._written(one, open_names, model)}"
            for one in model.definitions
        )
        kept = (key for key in draft.texts if not (negated and key == objective))
        return InferredModel(
            self._in_own_words(model, given),
            tuple(shown),
            frozenset(draft.first[key].place for key in (*kept, *draft.functions)),
            {draft.names[key]: role for key, role in given.items() if not key.is_slope},
            negated,
            draft.matrices,
            not (draft.found.has_shapes or any(map(shows_matrices, draft.found.sides))),
            frozenset(draft.names[key] for key in spoken),
            self._open_cost() if objective is None else self._replaced(objective),
            draft.sums_costs,
            frozenset(open_names),
            frozenset(draft.first[key].place for key in open_names.values()),
            frozenset(draft.names[key] for key in draft.said),
            frozenset(draft.names[key] for key in draft.like),
            frozenset(draft.names[key] for key in draft.implied if key.is_cost),
            draft.found.says_one_class,
        )

    def _shares(self, objective: Key | None) -> dict[Key, tuple[str, ...]]:
        """What has entries that sum to 1, with its letters, the last of which the sum counts."""
        texts = self.draft.texts
        shares = {key: (letter,) for key, letter in self.draft.found.shares.items()}
        if objective is None:
            return shares
        written = {key: text for key, (_, _, text) in texts.items()}
        return shares | dict(targets_of_softmax(texts[objective][0].right, written))

    def _end(self, objective: Key | None) -> str:
        """The line that says what is differentiated, or else what is computed."""
        if objective is not None:
            return f"objective {self.draft.names[objective]}"
        if self._last() in self.draft.open and self._is_told_elsewhere():
            raise UndefinedError("the cost has a formula elsewhere, and its output has none")
        return f"output {self.draft.names[self._last()]}"

    def _in_own_words(self, model: DefinedModel, given: Collection[Key]) -> DefinedModel:
        """The model with the names, indices and rows that the text has."""
        names = self.draft.names
        latex = {
            names[key]: "" if key.is_slope else latex_name(key, letters=self._letters_of(key))
            for key in (*given, *self.draft.texts)
        }
        rows = frozenset(names[key] for key in self.draft.entries.rows_of)
        return replace(model, given_latex=latex, own_indices=self._own_indices(), own_rows=rows)

    def _written(
        self, one: TensorDefinition, open_names: Mapping[str, Key], model: DefinedModel
    ) -> str:
        """The right side of a definition, as it is shown."""
        key = open_names.get(str(one.left.kind))
        if key is None:
            return ascii_text(one.right, model.step_at_zero)
        return f"some function of {', '.join(self.draft.names[of] for of in self.draft.open[key])}"

    def _last(self) -> Key:
        """What is computed last, but for another name of what is given or computed already."""
        formulas = [
            key for key, (one, _, _) in self.draft.texts.items() if not isinstance(one.right, Name)
        ]
        return (formulas or [*self.draft.texts])[-1]

    def _own_indices(self) -> dict[str, tuple[str, ...]]:
        """The letters that belong to names: of the cost of a sample, of s = log(a_i)."""
        own = {
            self.draft.names[key]: letters
            for key, (_, letters, _) in self.draft.texts.items()
            if key.is_each or key in self.draft.implied
        }
        return {**own, **self._of_one_sample()}

    def _of_one_sample(self) -> dict[str, tuple[str, ...]]:
        """The letters of inputs and targets within a sample: y for y_i, as f stands for f_i."""
        draft = self.draft
        within = {letters for key, letters in draft.implied.items() if not key.is_cost}
        if len(within) != 1:
            return {}
        written: dict[Key, set[tuple[str, ...]]] = {}
        for side in draft.found.sides:
            for key, letters in (key_of(part) for part in side.walk() if isinstance(part, Name)):
                if key.role in ("input", "target") and key in draft.names:
                    written.setdefault(key, set()).add(letters)
        (letters,) = within
        return {draft.names[key]: letters for key, both in written.items() if both == {(), letters}}

    def _letters_of(self, key: Key) -> tuple[str, ...]:
        return self.draft.texts[key][1] if key in self.draft.texts else ("i",)

    def _open_cost(self) -> str | None:
        """A cost that is differentiated and has no formula here, or none that could be read."""
        known = {key.base for key in self.draft.implied}
        costs = (base for base in self.draft.found.differentiated if Key(base).is_cost)
        return next((base for base in costs if base not in known), None)

    def _is_told_elsewhere(self) -> bool:
        """Whether another part of the document says what the cost is."""
        return any(key.base == self._open_cost() for key in self.draft.found.told)

    def _replaced(self, objective: Key) -> str | None:
        """The cost, if its first formula could not be read and a later one stands for it."""
        candidates = (*self.draft.found.candidates, *self.draft.found.turned)
        places = [one.place for one in candidates if one.key == objective]
        is_first = self.draft.first[objective].place == min(places, default=-1)
        return None if is_first else objective.base

    def _named_axes(self) -> Mapping[int, tuple[str, int | None]]:
        ends = {*self.draft.entries.shapes.axes.ends.values()}
        return self.draft.entries.shapes.axes.named(
            [*({*self.draft.names.values()} - ends), *self.draft.spare]
        )

    def _axes_of(self, key: Key, axes: Mapping[int, tuple[str, int | None]]) -> list[str]:
        known = self.draft.entries.shapes.axes
        return [axes[known.root(axis)][0] for axis in known.owned.get(key, ())]

    def _line(self, key: Key, axes: Mapping[int, tuple[str, int | None]], negated: bool) -> str:
        """The definition of a tensor; `negated` with the other sign."""
        _, letters, text = self.draft.texts[key]
        pairs = zip(letters, self._axes_of(key, axes), strict=True)
        written = ",".join(f"{letter}:{axis}" for letter, axis in pairs)
        left = self.draft.names[key] + (f"[{written}]" if written else "")
        return f"{left} := {'-' if negated else ''}{text}"

    def _declarations(
        self, given: Mapping[Key, str], axes: Mapping[int, tuple[str, int | None]]
    ) -> Iterator[str]:
        """Functions, what is given, and sizes that are numbers."""
        for key, name in self.draft.functions.items():
            yield f"{name}(u_) := {self._body(self.draft.first[key])}"
        for key, role in given.items():
            kind = "input" if role == "unexplained" else role
            own = ",".join(self._axes_of(key, axes))
            yield f"{kind} {self.draft.names[key]}" + (f"[{own}]" if own else "")
        for name, size in dict.fromkeys(axes.values()):
            if size is not None:
                yield f"size {name} = {size}"

    def _body(self, one: Candidate) -> str:
        """The formula of a function, in its own variable."""
        assert one.argument is not None
        name, self.draft.names[one.argument] = self.draft.names[one.argument], "u_"
        self.draft.entries.begin()
        try:
            return self.draft.entries.array(one.right).entry("", "")
        finally:
            self.draft.names[one.argument] = name

    def _given(self) -> dict[Key, str]:
        """What definitions use and nothing defines, each with its role."""
        found: dict[Key, str] = {}
        for one, _, _ in self.draft.texts.values():
            for key in used_in(one.right):
                if key not in self.draft.texts and key not in self.draft.functions:
                    found[key] = "target" if key in self.draft.found.shares else key.role
        ends = {*self.draft.entries.shapes.axes.ends.values()}
        return {key: role for key, role in found.items() if self.draft.names[key] not in ends}

    def _spoken_of(self, given: Collection[Key]) -> Mapping[Key, int]:
        """What only claims name."""
        draft = self.draft
        taken = {*given, *draft.texts, *draft.functions, *draft.failed, *draft.first}
        axes, ranks = draft.entries.shapes.axes, draft.entries.ranks
        ends = {*axes.ends.values()}
        found = spoken_of(
            draft.found,
            axes,
            ranks,
            taken,
            self._joined(),
            vectors=draft.matrices,
            implied=draft.implied,
        )
        return {key: rank for key, rank in found.items() if draft.names[key] not in ends}

    def _joined(self) -> Collection[Key]:
        """The names of whose axes no formula tells anything: those of open functions."""
        written = {
            key
            for key, (one, _, _) in self.draft.texts.items()
            if key not in self.draft.open
            for key in (one.key, *used_in(one.right))
        }
        open_names = (key for key in self.draft.open if key in self.draft.texts)
        return {one for key in open_names for one in (key, *self.draft.open[key])} - written

    def _objective(self) -> Key | None:
        """The scalar that is differentiated: named as a cost, and used by nothing else."""
        numbers = [key for key in self.draft.texts if not self.draft.texts[key][1]]
        used = {key for one, _, _ in self.draft.texts.values() for key in used_in(one.right)}
        ends = [key for key in numbers if key not in used]
        costs = [key for key in numbers if key.is_cost]
        if not costs and self._open_cost() is not None:
            return None  # that cost is none of the others
        groups = (
            [key for key in ends if key.is_cost],
            costs,
            [key for key in ends if key.base in self.draft.found.differentiated],
            ends,
        )
        of = self.draft.found.differentiated
        best = next((group for group in groups if group), [])
        return max(best, key=lambda key: (of.count(key.base), best.index(key)), default=None)


def _with_logistic(model: DefinedModel) -> DefinedModel:
    """The model with sigma written out in a definition as sigma, so that answers are s (1 - s)."""
    named = (replace(one, right=with_logistic(one.right)) for one in model.definitions)
    return replace(model, definitions=tuple(named))
