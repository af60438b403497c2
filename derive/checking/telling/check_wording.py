"""What is said of a judged equation, in sentences and in the names of its document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Basic

from derive.algebra.indices import LETTERS, index, index_symbols
from derive.algebra.quantities import Quantity
from derive.checking.telling.findings import (
    Remark,
    findings,
    kind_of_note,
    mistake,
    proved_for,
)
from derive.checking.telling.words import Words
from derive.checking.verdicts import Checked, Judged, Part
from derive.notation.ascii.printing import ascii_text
from derive.notation.point_text import point_text
from derive.notation.tex import tex
from derive.proving import Counterexample
from derive.reading.own_names import OwnNames
from derive.reading.statements import Claim, Statement
from derive.reading.tex_own import tex_in_own_names

#: Writes an expression in the notation of whoever reads the sentence.
Say = Callable[[Basic], str]

_TOKEN = r"[A-Za-z][A-Za-z0-9]*(?:\{[^}]*\})?"


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

    @cached_property
    def _declared(self) -> dict[str, str]:
        """The names that the network or the caller declares, by what they stand for.

        A name that is ours for something else is left out: one name would stand for two things.
        """
        found: dict[str, str] = {}
        for name, ours in self.part.names.items():
            if name in self._ours and name != ours:
                continue
            if re.fullmatch(r"\\?[A-Za-z][A-Za-z0-9_]*", name) and re.fullmatch(_TOKEN, ours):
                found.setdefault(ours, name)
        return found

    @cached_property
    def _ours(self) -> frozenset[str]:
        """The names that are ours for the quantities of the network."""
        from derive.notation.ascii.names import vocabulary

        tensors = vocabulary(self.part.network).tensors
        return frozenset(tensors) | {"x", "y", "yhat", "C", "U"}

    @cached_property
    def _own(self) -> dict[str, str]:
        """What this document calls the tensors and quantities that it renames."""
        found = dict(self._declared)
        if self.part.kind != "text":
            for spelling in self._names.spellings:
                name = spelling.name + (f"_{spelling.below}" if spelling.below else "")
                plain = not (spelling.layer or spelling.of_cost) and name.isidentifier()
                ours = ascii_text(Quantity(spelling.kind, spelling.number), self._at_zero)
                shadows = name in self._ours
                if (
                    plain
                    and name != ours
                    and not shadows
                    and not (spelling.kind == "W" and self._names.turned)
                ):
                    found.setdefault(ours, name)
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
        if self.part.kind == "text" and not self._names.letters:
            return expression
        claim = self.beside
        claimed = index_symbols(claim.left) | index_symbols(claim.right)
        return expression.xreplace(self._names.relettered(expression, claimed))

    def plain(self, expression: Basic) -> str:
        """An expression in the ASCII notation."""
        text = ascii_text(self._relettered(expression), self._at_zero)
        if not self._own:
            return text
        return re.sub(_TOKEN, lambda match: self._renamed(match.group(0)), text)

    def _renamed(self, token: str) -> str:
        own = self._own.get(token)
        if own is not None:
            return own
        # Differentials are one word: dW0, dW0dW1.
        if token.startswith("d") and len(token) > 1:
            parts = re.split(r"d(?=[A-Za-z])", token)
            return "d".join(self._own.get(part, part) for part in parts)
        return token

    def in_notation(self, expression: Basic) -> str:
        """An expression as the document would write it: LaTeX, or ASCII in plain text."""
        return self.plain(expression) if self.part.kind == "text" else self.latex(expression)

    def latex(self, expression: Basic) -> str:
        """An expression in LaTeX."""
        written = tex_in_own_names(self._relettered(expression), self._names)
        for ours, name in self._declared.items():
            head = _latex_head(self.part, ours)
            if head is not None:
                written = re.sub(re.escape(head) + r"(?!\^|\w)", lambda _, n=name: n, written)
        return written

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
        if name in LETTERS:
            return str(self._relettered(index(name)))
        return self._own.get(name, name)


def _latex_head(part: Part, ours: str) -> str | None:
    """How our LaTeX writes the tensor or quantity of an ASCII name."""
    from derive.notation.ascii.names import vocabulary

    found = vocabulary(part.network).tensors.get(ours)
    return None if found is None else tex(Quantity(*found))


def in_words(checked: Checked, words: Words | None = None) -> Iterator[tuple[Judged, Wording]]:
    """All statements of a document, each with what finds the words for it."""
    words = words or Words()
    for part in checked.parts:
        for one in part.judged:
            yield one, Wording(part, one.statement, words)
