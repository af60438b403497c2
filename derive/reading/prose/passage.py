"""A text as far as it has been read: what it said, and what holds where the reading stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sympy import And, Basic

from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.state import Source, State
from derive.reading.latex.statements import value_given
from derive.reading.prose.read_before import ReadBefore
from derive.reading.prose.roles import follows_claim
from derive.reading.prose.surroundings import Condition, Surroundings
from derive.reading.prose.table_columns import TableColumns
from derive.reading.statements import Claim, Doubt, NotUnderstood, Outside, Place, Statement

SPOKEN_OF = "a value that the text speaks of, not an equality that follows from the network"
_UNREAD_CONDITION = "its condition was not understood"


@dataclass
class RunningText:
    """What has been read so far, and what holds where the reading stands.

    Attributes:
        before: where the formula before ends.
        under: the conditions that hold here.
        words: those of this sentence so far, each formula in it as one sign.
        heard: how many of them have been looked through for assumptions in words alone.
        begun: the number of the first statement of this sentence.
        since: where in the text this sentence begins.
        listed: names that wait for the comparison that they share, as w_1 in "w_1, w_2 > 0".
        units: a condition on indices that this sentence states, as it is written.
        assumed: what the last assumption says, which an "otherwise" may deny.
        claimed: the last sentence with an equality: the state before it, the sentence, the
            number of its first statement.
        columns: where chains stand in the table of HTML that is read.
    """

    masked: str
    source: Source
    state: State
    found: list[Statement] = field(default_factory=list[Statement])
    before: int = 0
    under: Surroundings = field(default_factory=Surroundings)
    words: str = ""
    heard: int = 0
    begun: int = 0
    since: int = 0
    listed: tuple[Token, ...] = ()
    units: tuple[Token, ...] = ()
    assumed: Basic | None = None
    claimed: tuple[State, Sentence, int] | None = None
    read_before: ReadBefore = field(default_factory=ReadBefore)
    columns: TableColumns = field(default_factory=TableColumns)

    def here(self) -> Place:
        """Where this sentence begins."""
        end = len(self.masked)
        start = min(self.since, end)
        while start < end and self.masked[start] in " \t\n#*>":
            start += 1
        return self.source.place(start, start)

    def doubt_claims(self, doubt: Doubt) -> None:
        """What may hold for the equalities that this sentence has stated so far."""
        for position in range(self.begun, len(self.found)):
            claim = self.found[position]
            if isinstance(claim, Claim):
                self.found[position] = replace(claim, doubts=(*claim.doubts, doubt))

    def mention(self, part: Sentence, kind: type[Outside], reason: str) -> None:
        """Tell of a part that is not judged, and why."""
        start, end = part.tokens[0].start, part.tokens[-1].end
        self.found.append(
            kind(self.source.place(start, end), self.source.words(start, end), reason)
        )

    def speak_of(self, part: Sentence, *, numbers: bool) -> None:
        """A value that the text gives; with `numbers` what follows may be said of it."""
        start, end = part.tokens[0].start, part.tokens[-1].end
        place, words = self.source.place(start, end), self.source.words(start, end)
        self.found.append(Outside(place, words, SPOKEN_OF))
        zero = [token.text for token in part.sides[-1] if token.kind != "quad"] == ["0"]
        told = self.state.numbers or (numbers and not zero)
        values = value_given(self.state, part) if numbers else self.state.values
        self.state = replace(self.state, numbers=told, values=values)

    def put_under(self, condition: Condition) -> None:
        """Give the claims that were just made the condition that stands behind them."""
        last = self.found[-1].place
        for position in range(len(self.found) - 1, -1, -1):
            claim = self.found[position]
            if not isinstance(claim, Claim) or claim.place != last:
                break
            under = unsure(claim) if condition is None else _under(claim, condition, self.state)
            self.found[position] = under

    def follows_claim(self, words: str, after: str) -> bool:
        """Whether a condition is that of the equality before it, and not of one behind it."""
        leads = after.lstrip().lstrip(",").lstrip().lower().startswith("then")
        told = bool(self.found) and isinstance(self.found[-1], Claim)
        return told and not leads and follows_claim(words)

    def says_nothing_understood(self) -> bool:
        """Whether of the last sentence with an equality nothing was understood."""
        start = self.claimed[2] if self.claimed else 0
        told = self.found[start:]
        return bool(told) and all(isinstance(one, NotUnderstood) for one in told)


def unsure(statement: Statement) -> Statement:
    """A claim whose condition was not understood."""
    return (
        replace(statement, unsure=_UNREAD_CONDITION) if isinstance(statement, Claim) else statement
    )


def _under(claim: Claim, condition: Basic, state: State) -> Claim:
    """The claim with the condition that the words behind it state."""
    from derive.notation.ascii.printing import ascii_text

    written = ascii_text(condition, state.lexicon.model.step_at_zero)
    return replace(
        claim, where=And(claim.where, condition), read_as=f"{claim.read_as} if {written}"
    )
