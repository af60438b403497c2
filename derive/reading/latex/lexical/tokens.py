r"""The parts of a formula in LaTeX: names, numbers, signs, scripts, words, each with its place.

Decorations that change nothing (bold, upright, sizes, spaces) are gone; \hat y, \mathcal{L}
are one name each; a run of letters is cut into the longest names that are known.  Unicode
mathematics is read as the command that it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from derive.reading.latex.lexical.raw import (
    BrokenError,
    LatexError,
    Macros,
    Raw,
    expanded,
    raw_tokens,
)
from derive.reading.latex.lexical.spelling import (
    BOLD,
    DECORATIONS,
    GREEK,
    IGNORED,
    IGNORED_WITH_ARGUMENT,
    LETTERED,
    NAMES,
    QUESTIONED,
    ROMAN,
    SMALL_WORDS,
    SPACES,
    STACKED,
    SUPERSCRIPTS,
    TEXTS,
    THIN_SPACES,
    UNICODE,
    UNSEEN,
    WRAPPERS,
)

_MAXIMAL_DIGITS = 1_000
_FIRST_OF_LETTERED = frozenset(word[0] for word in LETTERED)
#: Commands that open a bracket, or stand in front of one.
_OPENING = frozenset({"left", "big", "Big", "bigl", "Bigl", "biggl", "Biggl", "bigg", "Bigg"})


class Token(NamedTuple):
    r"""A part of a formula.

    `kind` is one of: name (a letter, \sigma, \hat{y}, ReLU), number, sign (a character),
    command (\frac, its text without the backslash), text (words among the mathematics),
    begin and end (of an environment), row (\\), cell (&), quad (a wide space), stop.
    """

    kind: str
    text: str
    start: int
    end: int

    def is_sign(self, *signs: str) -> bool:
        """Whether this is one of these characters."""
        return self.kind == "sign" and self.text in signs

    def is_command(self, *commands: str) -> bool:
        """Whether this is one of these commands."""
        return self.kind == "command" and self.text in commands

    def __str__(self) -> str:
        match self.kind:
            case "stop":
                return "the end"
            case "command":
                return f"\\{self.text}"
            case "begin" | "end":
                return f"\\{self.kind}{{{self.text}}}"
            case "row":
                return "a new line"
            case "cell":
                return "&"
            case _:
                return self.text if len(self.text) <= 40 else self.text[:39] + "…"


def tokenize(
    text: str, start: int, end: int, macros: Macros, words: Iterable[str] = ()
) -> list[Token]:
    """The tokens of the formula text[start:end].

    Args:
        words: names of several letters that may stand among others, as ReLU in ReLU(Wx).

    Raises:
        LatexError: for unbalanced braces after a command, or for too many tokens.
    """
    raw = expanded(list(raw_tokens(text, start, end)), macros)
    return _Cook(raw, frozenset(words)).tokens


class _Cook:
    """Turns raw tokens into tokens from left to right."""

    def __init__(self, raw: Sequence[Raw], words: frozenset[str]) -> None:
        self._raw = raw
        self._position = 0
        self._longest = max((len(word) for word in words), default=0)
        self._words = words
        self._in_raised = False
        self.tokens: list[Token] = []
        while self._position < len(raw):
            self._step()

    def _step(self) -> None:
        token = self._raw[self._position]
        if token.kind == "space":
            self._position += 1
        elif token.kind == "command":
            self._position += 1
            self._command(token)
        elif token.text.isascii() and token.text.isalpha():
            self._letters()
        elif (token.text.isdigit() and token.text.isascii()) or self._begins_with_point():
            self._number()
        elif all(raw.is_character(".") for raw in self._raw[self._position :][:3]) and (
            len(self._raw) > self._position + 2
        ):
            self._position += 3
            self._add("command", "dots", token.start, self._end())
        else:
            self._position += 1
            self._character(token)

    def _add(self, kind: str, text: str, start: int, end: int) -> None:
        self.tokens.append(Token(kind, text, start, end))

    # -- characters --------------------------------------------------------------------

    def _letters(self) -> None:
        """The longest known word that starts here, otherwise one letter."""
        first = self._raw[self._position]
        if self._is_lettered():
            return
        run = ""
        for token in self._raw[self._position : self._position + self._longest]:
            if token.kind != "character" or not (token.text.isascii() and token.text.isalnum()):
                break
            run += token.text
        for length in range(len(run), 1, -1):
            if run[:length] in self._words:
                last = self._raw[self._position + length - 1]
                self._add("name", run[:length], first.start, last.end)
                self._position += length
                return
        self._add("name", first.text, first.start, first.end)
        self._position += 1

    def _is_lettered(self) -> bool:
        """Whether a function in letters alone stands here, as ln(x); it is read if so."""
        if self._raw[self._position].text not in _FIRST_OF_LETTERED:
            return False
        for word, name in LETTERED.items():
            ends = self._position + len(word)
            spelled = "".join(one.text for one in self._raw[self._position : ends])
            behind = [one for one in self._raw[ends : ends + 3] if one.kind != "space"]
            opens = behind[:1] and behind[0].kind == "command" and behind[0].text in _OPENING
            if spelled == word and (opens or (behind and behind[0].is_character("("))):
                last = self._raw[ends - 1]
                self._add("name", name, self._raw[self._position].start, last.end)
                self._position = ends
                return True
        return False

    def _begins_with_point(self) -> bool:
        """Whether .25 stands here, and not the end of a sentence or of a number."""
        point, *behind = self._raw[self._position : self._position + 2]
        if not point.is_character("."):
            return False
        before = self.tokens[-1] if self.tokens else None
        parted = before is None or before.kind in ("cell", "row", "begin", "quad")
        parted = parted or before.is_sign("=", "+", "-", "(", "[", "{", ",")  # pyright: ignore
        digit = bool(behind) and behind[0].kind == "character" and behind[0].text in "0123456789"
        return digit and parted

    def _ends_with_point(self) -> bool:
        """Whether the point here ends a number as in 1. - a, and not a sentence."""
        behind = [one for one in self._raw[self._position + 1 : self._position + 3]
                  if one.kind != "space"]  # fmt: skip
        point = self._raw[self._position].is_character(".")
        return point and bool(behind) and behind[0].is_character(*"+-*/)")

    def _number(self) -> None:
        first = self._raw[self._position]
        text, seen_point = "", False
        while self._position < len(self._raw):
            token = self._raw[self._position]
            following = self._raw[self._position + 1 : self._position + 2]
            is_point = (
                token.is_character(".")
                and not seen_point
                and bool(following)
                and following[0].kind == "character"
                and following[0].text in "0123456789"
            )
            if text and not seen_point and self._ends_with_point():
                self._position += 1
                break
            if not is_point and not (token.kind == "character" and token.text in "0123456789"):
                break
            seen_point |= is_point
            text += token.text
            self._position += 1
        if len(text) > _MAXIMAL_DIGITS:
            raise LatexError(first.start, f"a number has up to {_MAXIMAL_DIGITS} digits")
        text = f"0{text}" if text.startswith(".") else text
        self._add("number", text, first.start, self._raw[self._position - 1].end)

    def _character(self, token: Raw) -> None:
        meant = UNICODE.get(token.text)
        if token.text in UNSEEN:
            return
        if meant is None:
            kind = "cell" if token.text == "&" else "sign"
            if token.text not in "~$":  # a tie; and a stray dollar sign is reported by its span
                self._add(kind, token.text, token.start, token.end)
            return
        if token.text in SUPERSCRIPTS and self._in_raised:
            meant = meant[1:]  # W⁽¹⁾ is W^{(1)}
        self._in_raised = token.text == "⁽" or (self._in_raised and token.text != "⁾")
        for kind, text in meant:
            self._add(kind, text, token.start, token.end)

    # -- commands ----------------------------------------------------------------------

    def _command(self, token: Raw) -> None:
        name = token.text
        if name in ("begin", "end"):
            argument = self._plain_argument(token)
            self._add(name, argument, token.start, self._end())
            if name == "begin":
                self._environment_argument(argument)
        elif name in ("\\", "cr", "newline"):
            self._row(token)
        elif name in IGNORED:
            if name in THIN_SPACES and self._follows_thin_space():
                self._add("quad", name, token.start, token.end)
            self._skip_star()
        elif name in WRAPPERS:
            self._wrapped(token)
        elif name in SPACES:
            self._add("quad", name, token.start, token.end)
        elif name in IGNORED_WITH_ARGUMENT:
            self._skip_star()
            self._plain_argument(token)
        elif name in STACKED:
            mark, _ = self._argument(token)
            content, end = self._argument(token)
            if [t.text for t in mark] == ["?"] and [t.text for t in content] == ["="]:
                self._add("command", QUESTIONED, token.start, end)
            else:
                self.tokens += _Cook(content, self._words).tokens
        elif name in TEXTS:
            self._text(token)
        elif name in ROMAN:
            self._roman(token)
        elif name in DECORATIONS:
            self._decorated(token)
        elif name in NAMES:
            self._add("name", NAMES[name], token.start, token.end)
        elif name in GREEK:
            self._add("name", f"\\{GREEK[name]}", token.start, token.end)
        elif name in ("_", "*", "/", "$", "%", "&", "#"):
            self._add("sign", name, token.start, token.end)
        elif name in ("{", "lbrace"):
            self._add("command", "{", token.start, token.end)
        elif name in ("}", "rbrace"):
            self._add("command", "}", token.start, token.end)
        elif name == "|" or name in ("lVert", "rVert", "Vert"):
            self._add("command", "|", token.start, token.end)
        else:
            self._add("command", name, token.start, token.end)

    def _follows_thin_space(self) -> bool:
        """Whether one such space stands before another: several part like a wide one."""
        before = [raw for raw in self._raw[max(0, self._position - 4) : self._position - 1]
                  if raw.kind != "space"]  # fmt: skip
        return bool(before) and before[-1].kind == "command" and before[-1].text in THIN_SPACES

    def _row(self, token: Raw) -> None:
        r"""\\ , \\* and \\[6pt]."""
        self._skip_star()
        if self._next_is("[") and self._raw[self._position].start == self._end():
            closed = next(
                (
                    n
                    for n in range(self._position, min(self._position + 12, len(self._raw)))
                    if self._raw[n].is_character("]")
                ),
                None,
            )
            inside = "".join(t.text for t in self._raw[self._position + 1 : closed or 0])
            if closed is not None and inside.strip(" .-0123456789") in (
                "pt",
                "ex",
                "em",
                "mm",
                "cm",
            ):
                self._position = closed + 1
        self._add("row", "\\\\", token.start, token.end)

    def _text(self, token: Raw) -> None:
        content, end = self._argument(token)
        if sum(part.is_character("$") for part in content) > 1:
            self._text_with_formulas(content)
            return
        words = "".join(part.text for part in content if part.kind != "command")
        bare = words.strip()
        letter = len(bare) == 1 and bare.isalpha() and bare.isascii()
        if bare in self._words or letter or self._names(bare, stuck=words == bare):
            self._add("name", bare.replace(" ", ""), token.start, end)
        elif bare:
            self._add("text", " ".join(words.split()), token.start, end)
        else:
            self._add("quad", "text", token.start, end)

    def _text_with_formulas(self, content: Sequence[Raw]) -> None:
        r"""\text{if $z > 0$ then}: words and formulas in turn."""
        part: list[Raw] = []
        inside = False
        for raw in (*content, None):
            if raw is not None and not raw.is_character("$"):
                part.append(raw)
                continue
            words = " ".join(_plain_words(part).split())
            if inside:
                self.tokens += _Cook(part, self._words).tokens
            elif words:
                self._add("text", words, part[0].start, part[-1].end)
            part, inside = [], not inside

    def _names(self, words: str, *, stuck: bool) -> bool:
        r"""Whether words are a name in the formula: \text{foo}(x), \text{loss} = …, 2\,\text{foo}.

        `stuck` where no blank parts them from what stands beside them.
        """
        several = " " in words
        if not words.replace(" ", "").isalpha() or words.lower().split()[-1] in SMALL_WORDS:
            return False
        before = self.tokens[-1] if self.tokens else None
        joined = before is not None and (
            before.is_sign("=", "+", "-", "*", "/", "(", "{", "^", "_")
            or (stuck and (before.kind in ("name", "number") or before.is_sign(")", "}")))
        )
        self._skip_space()
        following = self._raw[self._position] if self._position < len(self._raw) else None
        opens = following is not None and (
            following.is_character("(", "[")
            or (following.kind, following.text) == ("command", "left")
        )
        if several:
            return opens and stuck
        return joined or opens or (following is not None and following.is_character("^", "_", "="))

    def _roman(self, token: Raw) -> None:
        r"""\mathrm{ReLU}, \operatorname{ReLU}: one name; \mathrm{d} and \mathrm{T} the letter."""
        self._skip_star()
        content, end = self._argument(token)
        words = "".join(part.text for part in content)
        bare = words.strip()
        if bare.isascii() and bare.replace("-", "").replace(" ", "").isalpha():
            self._add("name", bare.replace(" ", ""), token.start, end)
            return
        inner = _Cook(content, self._words).tokens
        self.tokens += inner

    def _wrapped(self, token: Raw) -> None:
        r"""\mathbf{W} is W, braces and all; \mathbf{1} before a condition is an indicator."""
        self._skip_space()
        braced = self._next_is("{")
        content, end = self._argument(token)
        inner = _Cook(content, self._words).tokens
        if token.text in BOLD and [part.text for part in inner] == ["1"] and self._indicates():
            self._add("name", "\\mathbb{1}", token.start, end)
        elif len(inner) == 1 or not braced:
            self.tokens += inner
        else:
            self._add("sign", "{", token.start, token.end)
            self.tokens += inner
            self._add("sign", "}", end - 1, end)

    def _indicates(self) -> bool:
        """Whether a subscript or bracket follows."""
        self._skip_space()
        following = self._raw[self._position] if self._position < len(self._raw) else None
        return following is not None and (
            following.is_character("_", "[", "(")
            or (following.kind == "command" and following.text in ("{", "left"))
        )

    def _decorated(self, token: Raw) -> None:
        r"""\hat y, \hat{y}, \mathcal{L}, \mathbb{1}: one name."""
        content, end = self._argument(token)
        content = [part for part in content if part.kind != "space"]
        inner = _Cook(content, frozenset()).tokens
        if token.text == "mathcal" and content and content[0].text in BOLD:
            self.tokens += inner  # \mathcal{\mathbf{W}^l}: dressed twice, which says no more
            return
        inside = "".join(str(part) for part in inner if not part.is_sign("{", "}"))
        name = DECORATIONS[token.text]
        if len(inner) > 1 and any(part.is_sign("_", "^") for part in inner):
            # \hat{y_j}: the decoration belongs to the letter
            self._add("name", f"\\{name}{{{inner[0]}}}", token.start, end)
            self.tokens += inner[1:]
            return
        self._add("name", f"\\{name}{{{inside}}}", token.start, end)

    # -- arguments ---------------------------------------------------------------------

    def _end(self) -> int:
        return self._raw[self._position - 1].end

    def _next_is(self, character: str) -> bool:
        return self._position < len(self._raw) and self._raw[self._position].is_character(character)

    def _skip_star(self) -> None:
        if self._next_is("*") and self._raw[self._position].start == self._end():
            self._position += 1

    def _skip_space(self) -> None:
        while self._position < len(self._raw) and self._raw[self._position].kind == "space":
            self._position += 1

    def _argument(self, command: Raw) -> tuple[list[Raw], int]:
        """The next token or group, without its braces, and where it ends."""
        self._skip_space()
        if self._position >= len(self._raw):
            raise LatexError(command.start, f"\\{command.text} has no argument")
        first = self._raw[self._position]
        self._position += 1
        if not first.is_character("{"):
            return [first], first.end
        inside: list[Raw] = []
        depth = 1
        while self._position < len(self._raw):
            token = self._raw[self._position]
            self._position += 1
            depth += token.is_character("{") - token.is_character("}")
            if depth == 0:
                return inside, token.end
            inside.append(token)
        raise BrokenError(first.start, f"the {{ after \\{command.text} is never closed")

    def _plain_argument(self, command: Raw) -> str:
        content, _ = self._argument(command)
        return "".join(part.text for part in content).strip()

    def _environment_argument(self, environment: str) -> None:
        """The {2} of alignat, the {cc} of array."""
        if environment.rstrip("*") in ("alignat", "alignedat", "array", "xalignat"):
            self._skip_space()
            if self._next_is("{"):
                self._argument(Raw("command", environment, self._end(), self._end()))


def _plain_words(content: Iterable[Raw]) -> str:
    r"""What is written between formulas, without commands that dress it, as \textcolor{red}{."""
    words = ""
    skipping = False
    for raw in content:
        if raw.kind == "command":
            skipping = raw.text in IGNORED_WITH_ARGUMENT
        elif raw.is_character("}"):
            skipping = False
        elif not skipping and not raw.is_character("{"):
            words += raw.text
    return words
