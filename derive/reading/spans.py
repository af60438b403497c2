r"""Where the mathematics stands in a document: every formula by its first and last character.

Markdown has `$…$`, `$$…$$`, `` $`…`$ ``, ```` ```math ````, \(…\), \[…\] and environments,
and what `delimiters` brings into these; its code is no mathematics.  LaTeX has the same without
the back quotes; its preamble, comments and verbatim text are none.  Every text is read once from
left to right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from derive.reading.delimiters import with_delimiters, with_fences, without_tags
from derive.reading.latex.lexical.raw import blank, definitions_masked

MAXIMAL_SPAN = 40_000
#: So many texts are kept as they were understood last: one is read under many models.
_KEPT = 8

#: Environments that are mathematics by themselves.
ENVIRONMENTS = (
    "equation|align|gather|multline|alignat|flalign|eqnarray|displaymath|math|dmath|xalignat"
)
_MARKS = re.compile(
    r"(?P<escape>\\\\|\\\$)"
    r"|(?P<fence>^[ \t]{0,40}(?:```|~~~)[ \t]{0,9}math[ \t]{0,9}$)"
    r"|(?P<fenced>^[ \t]{0,40}(?:```|~~~)[ \t]{0,9}$)"
    r"|(?P<ticked>\$`)|(?P<untick>`\$)"
    r"|(?P<double>\$\$)|(?P<single>\$)"
    r"|(?P<round>\\\()|(?P<unround>\\\))|(?P<square>\\\[)|(?P<unsquare>\\\])"
    rf"|(?P<begin>\\begin\{{(?P<name>(?:{ENVIRONMENTS})\*?)\}})"
    rf"|(?P<end>\\end\{{(?P<ended>(?:{ENVIRONMENTS})\*?)\}})"
    r"|(?P<gap>\n[ \t]*\n)",
    re.MULTILINE,
)
_CLOSED_BY = {
    "fence": "fenced",
    "ticked": "untick",
    "double": "double",
    "single": "single",
    "round": "unround",
    "square": "unsquare",
    "begin": "end",
}
_FENCE = re.compile(r"^([ \t>]{0,40})(`{3,}|~{3,})([^\n`]{0,200})$", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]{0,20}(?:>[ \t]?){1,20}", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
#: A line that is nothing but a comment goes with its end: it parts no paragraphs.
_TEX_COMMENT_LINE = re.compile(r"^[ \t]*%[^\n]*\n", re.MULTILINE)
_TEX_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_VERBATIM = re.compile(
    r"\\begin\{(verbatim|lstlisting|minted|comment)\*?\}.*?(?:\\end\{\1\*?\}|\Z)"
    r"|\\verb\*?([^A-Za-z\s*])[^\n]*?\2",
    re.DOTALL,
)
#: What is no language of programs behind the signs of a fence.
_PLAIN = frozenset(("math", "", "text", "txt", "plain", "plaintext", "ascii", "unicode"))
_TICKS = re.compile(r"`+|\n[ \t]*\n")


@dataclass(frozen=True)
class Span:
    """A formula: text[start:end], and where it stands with its delimiters.

    `problem` says what is wrong with the delimiters, where something is.
    """

    start: int
    end: int
    outer_start: int
    outer_end: int
    display: bool
    problem: str = ""


def without_code(text: str, kind: str) -> str:
    """The text with blanks for what it shows as code; comments and formulas stay."""
    if kind == "latex":
        return _VERBATIM.sub(lambda found: blank(found.group()), text)
    return _without_code_blocks(text) if kind == "markdown" else text


def without_tagged_code(text: str) -> str:
    """The text with blanks for fenced code of a language; plain text in fences stays."""
    return _without_code_blocks(text, _PLAIN)


@lru_cache(maxsize=_KEPT)
def markdown_masked(text: str) -> str:
    """The text with blanks for code, comments and the > of quotations."""
    text = _COMMENT.sub(lambda found: blank(found.group()), text)
    text = _without_code_blocks(with_fences(text))
    text = _QUOTE.sub(lambda found: blank(found.group()), text)
    text = without_tags(with_delimiters(text))
    return definitions_masked(_without_inline_code(text))


@lru_cache(maxsize=_KEPT)
def latex_masked(text: str) -> str:
    """The text with blanks for comments, verbatim text, the preamble and definitions."""
    text = without_code(text, "latex")
    text = _TEX_COMMENT_LINE.sub(lambda found: " " * len(found.group()), text)
    text = _TEX_COMMENT.sub(lambda found: found[1] + blank(found.group()[len(found[1]) :]), text)
    start = text.find("\\begin{document}")
    if start >= 0:
        text = blank(text[:start]) + text[start:]
        end = text.find("\\end{document}")
        text = text if end < 0 else text[:end] + blank(text[end:])
    return definitions_masked(text.replace("`", " "))  # `quoted' words, not Markdown's code


@lru_cache(maxsize=_KEPT)
def spans_of(masked: str) -> tuple[Span, ...]:
    """Every formula of a masked text, in order."""
    return tuple(_spans(masked))


def _spans(masked: str) -> Iterator[Span]:
    opened: re.Match[str] | None = None
    for mark in _MARKS.finditer(masked):
        kind = str(mark.lastgroup)
        if opened is None:
            if kind in _CLOSED_BY and _opens(masked, kind, mark):
                opened = mark
            continue
        opening = str(opened.lastgroup)
        if _CLOSED_BY[opening] == kind and _closes(masked, opening, opened, mark):
            yield _checked(opening, opened, mark)
            opened = None
        elif kind == "gap" and opening != "fence":
            yield from _unclosed(masked, opening, opened, mark.start())
            opened = None
        elif opening == "single" and kind == "double" and _closes(masked, opening, opened, mark):
            yield _checked(opening, opened, mark)  # $a$$b$ without a space between
            opened = mark
    if opened is not None:
        yield from _unclosed(masked, str(opened.lastgroup), opened, len(masked))


def _opens(text: str, kind: str, mark: re.Match[str]) -> bool:
    """Whether a $ starts a formula: one before a blank or an amount of money does not."""
    if kind != "single":
        return True
    following = text[mark.end() : mark.end() + 1]
    if following in ("", "\n"):
        return False
    return not following.isspace() or "\\" in text[mark.end() : mark.end() + 80].split("$")[0]


def _closes(text: str, kind: str, opened: re.Match[str], mark: re.Match[str]) -> bool:
    if kind == "begin":
        return opened["name"] == mark["ended"]
    if kind == "single":  # "$5 and $10" is no formula
        return not text[mark.end() : mark.end() + 1].isdigit()
    return True


def _checked(kind: str, opened: re.Match[str], closed: re.Match[str]) -> Span:
    start, end = opened.end(), closed.start()
    if kind == "begin":  # the environment is part of the formula: its name says what rows mean
        start, end = opened.start(), closed.end()
    display = kind not in ("single", "ticked", "round")
    problem = ""
    if end - start > MAXIMAL_SPAN:
        problem = f"a formula has up to {MAXIMAL_SPAN} characters, and this has {end - start}"
        end = start + MAXIMAL_SPAN
    return Span(start, end, opened.start(), closed.end(), display, problem)


def _unclosed(text: str, kind: str, opened: re.Match[str], stop: int) -> Iterator[Span]:
    """A formula that never ends; a lone $ among words is an amount of money."""
    line_end = text.find("\n", opened.end())
    end = min(stop, opened.end() + 200, line_end if line_end >= 0 else stop)
    content = text[opened.end() : end]
    if kind == "single" and "\\" not in content and "=" not in content:
        return
    shown = opened.group().strip()
    yield Span(
        opened.start(),
        end,
        opened.start(),
        end,
        True,
        f"this {shown} starts a formula that is never closed",
    )


def _without_code_blocks(text: str, kept: frozenset[str] = frozenset(("math",))) -> str:
    """The text with blanks for fenced code; ```math stays, or what else is to be kept."""
    pieces: list[str] = []
    position = 0
    opened: re.Match[str] | None = None
    for mark in _FENCE.finditer(text):
        if opened is None:
            opened = mark
            continue
        same = mark[2][0] == opened[2][0] and len(mark[2]) >= len(opened[2])
        if not same or mark[3].strip():
            continue
        if opened[3].strip().lower() not in kept:
            pieces += [text[position : opened.start()], blank(text[opened.start() : mark.end()])]
            position = mark.end()
        opened = None
    if opened is not None and opened[3].strip().lower() not in kept:
        pieces += [text[position : opened.start()], blank(text[opened.start() :])]
        position = len(text)
    return "".join([*pieces, text[position:]])


def _starts_line(text: str, position: int) -> bool:
    """Whether only blanks stand before this in its line."""
    before = text[max(0, position - 40) : position]
    line = before[before.rfind("\n") + 1 :]
    return not line.strip() and (len(line) < len(before) or position <= 40)


def _without_inline_code(text: str) -> str:
    """The text with blanks for `code`; $`…`$ stays."""
    blanks: list[tuple[int, int]] = []
    waiting: dict[int, re.Match[str]] = {}
    for run in _TICKS.finditer(text):
        if "\n" in run.group():
            waiting.clear()
            continue
        if text[run.start() - 1 : run.start()] == "$" and len(run.group()) == 1 and not waiting:
            waiting[0] = run  # $`, which `$ closes
            continue
        if 0 in waiting:
            if text[run.end() : run.end() + 1] == "$":
                del waiting[0]
            continue
        if len(run.group()) >= 3 and _starts_line(text, run.start()):
            continue  # the fence of ```math
        opened = waiting.get(len(run.group()))
        if opened is None:
            if not waiting:
                waiting[len(run.group())] = run
            continue
        blanks.append((opened.start(), run.end()))
        waiting.clear()
    pieces: list[str] = []
    position = 0
    for start, end in blanks:
        pieces += [text[position:start], blank(text[start:end])]
        position = end
    return "".join([*pieces, text[position:]])
