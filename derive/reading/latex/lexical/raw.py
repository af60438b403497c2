r"""The characters of LaTeX as commands and signs, and macros without definitions of their own.

A raw token is a command such as \frac, one character, or blank space.  Comments are left
out.  Macros that a document defines are replaced here, before anything is understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

MAXIMAL_TOKENS = 20_000
_MAXIMAL_MACROS = 500
_MAXIMAL_EXPANSIONS = 2_000
_MAXIMAL_BODY = 2_000
_MAXIMAL_MACRO_DEPTH = 20

_RAW = re.compile(
    r"(?P<comment>(?<!\\)%[^\n]*)"
    r"|(?P<space>\s+)"
    r"|(?P<command>\\(?:[A-Za-z]+|.)|\\\Z)"
    r"|(?P<character>.)",
    re.DOTALL,
)
_DEFINITION = re.compile(
    r"\\(?:(?P<new>(?:re)?newcommand|providecommand|DeclareMathOperator)\*?\s*"
    r"(?:\{\s*\\(?P<braced>[A-Za-z]+)\s*\}|\\(?P<bare>[A-Za-z]+))\s*(?:\[(?P<count>[1-9])\])?\s*"
    r"|def\s*\\(?P<plain>[A-Za-z]+)(?P<slots>(?:#[1-9]){0,9})\s*)\{"
)
#: Says that \delta x is the derivative by x, or the vector of derivatives by each x_i.
_NAMES_GRADIENTS = re.compile(
    r"\\delta\s*(?P<name>[A-Za-z])\s*&?\s*=\s*(?:\\left\s*)?\[?\s*\\[dt]?frac\s*"
    r"\{\s*\\partial\s*\\?[A-Za-z]+\s*\}\s*\{\s*\\partial\s*(?P=name)\s*[_}]"
)


class LatexError(ValueError):
    """A formula that cannot be read: where (characters from the start), and one sentence."""

    def __init__(self, at: int, sentence: str) -> None:
        super().__init__(sentence)
        self.at = at


class BrokenError(LatexError):
    """Brackets, braces or environments that do not close, or are nested too deeply."""


class Raw(NamedTuple):
    """A command (`text` without its backslash), a character or blank space, and its extent."""

    kind: str
    text: str
    start: int
    end: int

    def is_character(self, *characters: str) -> bool:
        """Whether this is one of these characters."""
        return self.kind == "character" and self.text in characters


@dataclass(frozen=True)
class Macro:
    """What a user's command stands for; #1, #2, ... in it are arguments.

    `sticks` says that it counts before a letter only, to which it sticks.
    """

    arguments: int
    body: tuple[Raw, ...]
    sticks: bool = False


Macros = Mapping[str, Macro]


def raw_tokens(text: str, start: int, end: int) -> Iterator[Raw]:
    """The raw tokens of text[start:end].

    Raises:
        LatexError: when there are absurdly many.
    """
    count = 0
    for match in _RAW.finditer(text, start, end):  # the pattern matches any character
        kind = str(match.lastgroup)
        if kind != "comment":
            found, (at, behind) = match.group(), match.span()
            yield Raw(kind, found[1:] if kind == "command" else found, at, behind)
            count += 1
            if count > MAXIMAL_TOKENS:
                raise LatexError(
                    at, f"a formula has up to {MAXIMAL_TOKENS} commands and characters"
                )


def macros_in(text: str) -> dict[str, Macro]:
    r"""What the document defines by \newcommand, \def and \DeclareMathOperator."""
    found = dict(_OF_PACKAGES) if "dv" in text else {}
    for match in islice(_DEFINITION.finditer(text), _MAXIMAL_MACROS):
        body_end = closing_brace(text, match.end() - 1, _MAXIMAL_BODY)
        if body_end is None:
            continue
        name = match["braced"] or match["bare"] or match["plain"]
        arguments = int(match["count"] or 0) or len(match["slots"] or "") // 2
        if name == match["plain"] and name in ("frac", "sum", "partial", "begin", "end"):
            continue
        body = tuple(raw_tokens(text, match.end(), body_end))
        if "Operator" in (match["new"] or ""):
            body = tuple(raw_tokens(f"\\mathrm{{{text[match.end() : body_end]}}}", 0, 10**9))
        found[name] = Macro(arguments, body)
    if _NAMES_GRADIENTS.search(text):
        found.setdefault("delta", Macro(0, tuple(raw_tokens("d", 0, 1)), sticks=True))
    return found


def _macro(arguments: int, body: str) -> Macro:
    return Macro(arguments, tuple(raw_tokens(body, 0, len(body))))


#: What well-known packages define: derivatives of the package physics.
_OF_PACKAGES = {
    "pdv": _macro(2, r"\frac{\partial #1}{\partial #2}"),
    "dv": _macro(2, r"\frac{d #1}{d #2}"),
}


def definitions_masked(text: str) -> str:
    """The text with blanks where macros are defined, which are no formulas."""
    pieces: list[str] = []
    position = 0
    for match in islice(_DEFINITION.finditer(text), _MAXIMAL_MACROS):
        if match.start() < position:
            continue
        end = closing_brace(text, match.end() - 1, _MAXIMAL_BODY)
        if end is None:
            continue
        pieces += [text[position : match.start()], blank(text[match.start() : end + 1])]
        position = end + 1
    return "".join([*pieces, text[position:]])


def blank(text: str) -> str:
    """As many blanks, with the line ends kept."""
    return re.sub(r"[^\n]", " ", text)


def closing_brace(text: str, opened: int, within: int) -> int | None:
    """Where the { at `opened` is closed, not more than `within` characters on."""
    depth, position, end = 0, opened, min(len(text), opened + within)
    while position < end:
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return None


def expanded(tokens: Sequence[Raw], macros: Macros) -> list[Raw]:
    """The tokens with every macro replaced by its body, which stands where the macro stood.

    Raises:
        LatexError: for macros that stand for themselves, or for too much.
    """
    if not macros:
        return list(tokens)
    waiting: list[tuple[Raw, int]] = [(token, 0) for token in reversed(tokens)]
    done: list[Raw] = []
    expansions = 0
    while waiting:
        token, depth = waiting.pop()
        macro = macros.get(token.text) if token.kind == "command" else None
        if macro is not None and macro.sticks:
            token, macro = _stuck(waiting, token, macro), None
        if macro is None:
            done.append(token)
            continue
        expansions += 1
        if depth > _MAXIMAL_MACRO_DEPTH or expansions > _MAXIMAL_EXPANSIONS:
            raise LatexError(token.start, f"the macro \\{token.text} stands for itself")
        arguments = [_argument(waiting, token) for _ in range(macro.arguments)]
        body = list(_filled(macro.body, arguments, token))
        waiting += [(part, depth + 1) for part in reversed(body)]
        if len(done) + len(waiting) > MAXIMAL_TOKENS:
            raise LatexError(token.start, f"the macro \\{token.text} stands for too much")
    return done


def _stuck(waiting: list[tuple[Raw, int]], token: Raw, macro: Macro) -> Raw:
    """The character that a macro stands for before a letter, without a gap; else the command."""
    behind = len(waiting) - 1
    while behind >= 0 and waiting[behind][0].kind == "space":
        behind -= 1
    letter = waiting[behind][0] if behind >= 0 else token
    if letter.kind != "character" or not letter.text.isalpha():
        return token
    del waiting[behind + 1 :]
    return macro.body[0]._replace(start=token.start, end=letter.start)


def _argument(waiting: list[tuple[Raw, int]], macro: Raw) -> list[Raw]:
    """The next token or group, without its braces."""
    while waiting and waiting[-1][0].kind == "space":
        waiting.pop()
    if not waiting:
        raise LatexError(macro.start, f"the macro \\{macro.text} lacks an argument")
    first = waiting.pop()[0]
    if not first.is_character("{"):
        return [first]
    inside: list[Raw] = []
    depth = 1
    while waiting:
        token = waiting.pop()[0]
        depth += token.is_character("{") - token.is_character("}")
        if depth == 0:
            return inside
        inside.append(token)
    raise BrokenError(first.start, "this { is never closed")


def _filled(body: Sequence[Raw], arguments: Sequence[list[Raw]], at: Raw) -> Iterator[Raw]:
    """The body of a macro with its arguments put in."""
    position = 0
    while position < len(body):
        token = body[position]
        following = body[position + 1] if position + 1 < len(body) else None
        if token.is_character("#") and following is not None and following.text.isdigit():
            number = int(following.text)
            if 1 <= number <= len(arguments):
                yield from arguments[number - 1]
            position += 2
            continue
        yield token._replace(start=at.start, end=at.end)
        position += 1
