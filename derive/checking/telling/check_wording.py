"""What is said of a judged equation, in sentences and in the names of its document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Basic, Expr, Tuple

from derive.algebra.boxes import Box, glyphs
from derive.algebra.indices import free_indices, index, index_symbols
from derive.checking.telling.findings import (
    Remark,
    findings,
    kind_of_note,
    mistake,
    proved_for,
)
from derive.checking.telling.words import Words
from derive.checking.verdicts import Checked, Judged, Part
from derive.notation.ascii.printing import ascii_head, ascii_text
from derive.notation.naming import ascii_tensors, own_tensors
from derive.notation.point_text import our_name, point_text
from derive.notation.tex import LatexWriter
from derive.notation.unicode import UnicodeWriter
from derive.proving import Counterexample
from derive.reading.own_names import OwnNames
from derive.reading.statements import Claim, Statement

#: Writes an expression in the notation of whoever reads the sentence.
Say = Callable[[Basic], str]


@dataclass(frozen=True)
class _Answering:
    """The names that a document uses itself, then those that are declared for it.

    Attributes:
        declared: by what they stand for, in the ASCII notation.
    """

    own: OwnNames
    declared: Mapping[str, str]
    bare_layers = False

    @property
    def turned(self) -> bool:
        return self.own.turned

    def quantity(self, kind: str, layer: Expr, indices: Sequence[str]) -> Box | None:
        own = self.own.quantity(kind, layer, indices)
        if own is not None or indices:
            return own
        name = self.declared.get(ascii_head(kind, layer))
        return None if name is None else glyphs(name)

    def signal(self, kind: str, layer: Expr, indices: Sequence[str]) -> Box | None:
        return self.own.signal(kind, layer, indices)

    def function(self, name: str) -> str | None:
        return self.own.function(name)

    def symbol(self, name: str) -> str | None:
        return self.own.symbol(name)


@dataclass(frozen=True)
class Wording:
    """Sentences about a document, or the part of it about one network, in its own names.

    Attributes:
        beside: the formula whose names and letters come before those of the others.
    """

    part: Part
    beside: Statement | None = None
    words: Words = field(default_factory=Words)

    @property
    def _at_zero(self) -> Any:
        return self.part.network.step_at_zero

    @property
    def _step(self) -> str:
        return self.plain(self._at_zero)

    @property
    def _is_plain(self) -> bool:
        """Whether formulas are written in the ASCII notation there."""
        return self.part.kind in ("text", "python")

    @cached_property
    def _declared(self) -> dict[str, str]:
        """The names that the network or the caller declares, by what they stand for."""
        return own_tensors(self.part.names, self.part.network)

    @cached_property
    def _own(self) -> dict[str, str]:
        """What this document calls the tensors and quantities that it renames."""
        found = dict(self._declared)
        if self._is_plain:
            return found
        taken = ascii_tensors(self.part.network)
        for spelling in self._names.spellings:
            name = spelling.name + (f"_{spelling.below}" if spelling.below else "")
            plain = not (spelling.layer or spelling.of_cost) and name.isidentifier()
            turned = spelling.kind == "W" and self._names.turned
            if plain and name not in taken and not turned:
                found.setdefault(ascii_head(spelling.kind, spelling.number), name)
        return found

    @cached_property
    def _names(self) -> OwnNames:
        document = self.part.own_names
        local = self.beside.names if isinstance(self.beside, Claim) else None
        return document if local is None else local.and_then(document)

    def _relettered(self, expression: Basic) -> Basic:
        """The expression with the document's letters for its indices."""
        if not isinstance(self.beside, Claim):
            return expression
        if self._is_plain and not self._names.letters:
            return expression
        claim = self.beside
        claimed = index_symbols(claim.left) | index_symbols(claim.right)
        return expression.xreplace(self._names.relettered(expression, claimed))

    def plain(self, expression: Basic) -> str:
        """An expression in the ASCII notation."""
        if expression.is_number:  # names are found only where they are asked for
            return ascii_text(expression, self._at_zero)
        return ascii_text(self._relettered(expression), self._at_zero, self._own)

    def in_notation(self, expression: Basic) -> str:
        """An expression as the document would write it: LaTeX, or ASCII in plain text."""
        return self.plain(expression) if self._is_plain else self.latex(expression)

    def latex(self, expression: Basic) -> str:
        """An expression in LaTeX."""
        return self._latex.text(self._relettered(expression))

    def in_line(self, expression: Basic) -> str:
        """An expression as a terminal shows it: in Unicode, or in ASCII for plain text."""
        if self._is_plain:
            return self.plain(expression)
        return UnicodeWriter(self._at_zero, self._latex).text(self._relettered(expression))

    @cached_property
    def _latex(self) -> LatexWriter:
        return LatexWriter(_Answering(self._names, self._declared), self.words.connectives)

    # -- sentences -------------------------------------------------------------------------

    def message(self, judged: Judged, say: Say | None = None) -> str:
        """Everything there is to say of a statement after its verdict.

        Formulas are written by `say`, or else in ASCII.
        """
        return self._said(findings(judged, self._step), say)

    def diagnosis(self, judged: Judged) -> str | None:
        """The mistake and what would be right, in one sentence; None where nothing was found."""
        return self._said(mistake(judged)) or None

    def scope(self, judged: Judged) -> str | None:
        """For what an equation was proved, in words; None for what is not right."""
        return self._said(proved_for(judged, self._step)) or None

    def word(self, judged: Judged) -> str:
        """The verdict in a word or two; of an equation that is only asked for, the answer."""
        key = kind_of_note(judged) if judged.verdict is None else judged.verdict.value
        return self.words.say("word", key, judged.is_asked)

    def _said(self, found: Iterable[Remark], say: Say | None = None) -> str:
        written = [Remark(one.key, self._written(one.about, say)) for one in found]
        return self.words.say("message", written) if written else ""

    def _written(self, about: Mapping[str, Any], say: Say | None) -> dict[str, Any]:
        """What a finding speaks of, with its formulas as text."""
        return {name: self._text(name, value, say) for name, value in about.items()}

    def _text(self, name: str, value: Any, say: Say | None) -> Any:
        match value:
            case Basic():
                if say is not None:
                    return say(value)
                # What the right side should be is to be copied from a terminal into the document.
                return self.words.escape(
                    (self.in_notation if name == "right" else self.plain)(value)
                )
            case Counterexample():
                values = point_text(value.values, self._name_of_value)
                return {"settings": values, "left": f"{value.left}", "right": f"{value.right}"}
            case tuple() if any(isinstance(one, Basic) for one in value):  # pyright: ignore[reportUnknownVariableType]
                return tuple(self._text(name, one, say) for one in value)  # pyright: ignore[reportUnknownVariableType]
            case _:
                return value

    def _name_of_value(self, name: str) -> str:
        """What the document calls a tensor or an index of a point."""
        if name in self._letters:
            return str(self._relettered(index(name)))
        ours = name if name in self.part.names_given else our_name(name)
        return self._own.get(ours, ours)

    @cached_property
    def _letters(self) -> frozenset[str]:
        """The free indices of the statement, as we call them; a tensor may have such a name too."""
        if not isinstance(self.beside, Claim):
            return frozenset()
        free = free_indices(Tuple(self.beside.left, self.beside.right))
        return frozenset(letter.name for letter in free) - ascii_tensors(self.part.network)


def in_words(checked: Checked, words: Words | None = None) -> Iterator[tuple[Judged, Wording]]:
    """All statements of a document, each with what finds the words for it."""
    words = words or Words()
    for part in checked.parts:
        for one in part.judged:
            yield one, Wording(part, one.statement, words)
