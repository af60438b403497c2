r"""Formulas of reStructuredText, MyST, HTML and Jekyll between the delimiters of Markdown.

    .. math::            :math:`z = w x`         <script type="math/tex"> ... </script>
    ```{math}            {math}`z = w x`         <annotation encoding="application/x-tex">
    :::{math}            \\( ... \\)             <math> ... </math>

Every text keeps its length, and every character of a formula its place.
"""

from __future__ import annotations

import re

from derive.lazy import late
from derive.reading.latex.lexical.raw import blank

#: The parser of XML is needed by few texts.
_written_in_tex = late("derive.reading.mathml.written_in_tex", "written_in_tex")

_LONGEST = 40_000
_MYST_FENCE = re.compile(
    r"^(?P<indent>[ \t]{0,20})(?P<marks>`{3,9}|:{3,9})\{math\}(?P<rest>[^\n]{0,200})\n"
    r"(?P<body>.*?)^[ \t]{0,20}(?P=marks)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_TEX_FENCE = re.compile(
    r"^(?P<indent>[ \t]{0,20})(?P<marks>`{3,9})(?P<name>latex|tex)(?P<rest>[^\n]{0,200})\n"
    r"(?P<body>.*?)^[ \t]{0,20}(?P=marks)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
#: What tells LaTeX with delimiters, and a whole document, from a formula.
_DELIMITED = re.compile(r"\$|\\[\[(]|\\begin\{(?:equation|align|gather|multline|displaymath)")
_DOCUMENT = re.compile(r"\\(?:documentclass|usepackage|section|newcommand|begin\{document)")
_ROLE = re.compile(r"(?::math:|\{math\})`(?P<body>[^`]{1,2000})`")
_DIRECTIVE = re.compile(
    r"^(?P<indent>[ \t]{0,40})\.\. math::(?P<first>[^\n]{0,2000})\n"
    r"(?P<body>(?:[ \t]*\n|(?P=indent)[ \t]+[^\n]*(?:\n|\Z))*)",
    re.MULTILINE,
)
_OPTION = re.compile(r"^[ \t]*:[a-z-]{1,20}:[^\n]*$", re.MULTILINE)
_SCRIPT = re.compile(
    r"(?P<opening><script[^<>]{0,80}type=[\"']math/tex(?P<display>;[^\"']{0,40})?[\"'][^<>]{0,80}>)"
    r"(?P<body>.*?)(?P<closing></script>)",
    re.DOTALL | re.IGNORECASE,
)
_ANNOTATION = re.compile(
    r"(?P<opening><annotation\s+encoding=[\"']application/x-tex[\"']>)"
    r"(?P<body>[^<]*)(?P<closing></annotation>)"
)
#: A formula as a tree; of one that carries its TeX that is read.
MATHML = re.compile(r"<(?:mml:|m:)?math\b.*?</(?:mml:|m:)?math>", re.DOTALL)
_CARRIED = "application/x-tex"
_CDATA = re.compile(r"%?[ \t]*<!\[CDATA\[|%?[ \t]*\]\]>")
#: Between the left side of an equation in a cell of a table and the rest of it in the next cell.
_NEXT_CELL = re.compile(
    r"\\\)\s{0,4000}</td>\s{0,100}<td\b[^<>]{0,200}>(?:\s{0,100}<[^<>]{0,200}>){0,3}\s{0,100}"
    r"\\\((?=\s{0,100}[=≈≤≥<>])"
)
#: Between a formula and the rest of it below, in a row that begins with an operator; what stands
#: behind the formula in its own row, as the number of the equation, goes with it.
_NEXT_ROW = re.compile(
    r"\\\)\s{0,4000}</td>(?:(?!</tr>).){0,6000}</tr>\s{0,100}<tr\b[^<>]{0,200}>\s{0,100}"
    r"<td\b[^<>]{0,200}>\s{0,100}</td>\s{0,100}<td\b[^<>]{0,200}>\s{0,100}"
    r"\\\(\s{0,100}(?:\\quad)?\s{0,100}(?=[-+]|\\(?:cdot|times|odot)\b|\\text\{(?:if|where|for)\b)",
    re.DOTALL,
)
#: Names of one letter are none but <p> and <a>, since $a<b and c>d$ has no tag.
_TAG = re.compile(
    r"</?(?:div|span|table|tbody|thead|tr|t[dh]|details|summary|h[1-6]|[uo]l|li|em|strong|section"
    r"|article|main|nav|input|label|br|hr|p|a)"
    r"(?:\s{1,9}[\w:-]{1,40}(?:=(?:\"[^\"<>]{0,2000}\"|'[^'<>]{0,2000}'|[^\s\"'<>]{1,200}))?){0,20}"
    r"\s{0,9}/?>",
    re.IGNORECASE,
)
_DOUBLED = re.compile(r"\\\\\((?P<body>[^\n$]{1,2000}?)\\\\\)|\\\\\[(?P<shown>[^$]{1,4000}?)\\\\\]")
#: δ<sup>[l]</sup> and y<sub>true</sub>, on one line.
_HTML_SCRIPT = re.compile(r"<(?P<kind>su[bp])>(?P<body>[^<>\n]{1,40})</(?P=kind)>", re.IGNORECASE)
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&nbsp;": " ", "&#39;": "'", "&quot;": '"'}
_ENTITY = re.compile("|".join(_ENTITIES))


def with_fences(text: str) -> str:
    """The text with ```{math}, :::{math} and ```latex as ```math, or without fences."""
    return _TEX_FENCE.sub(_of_tex, _MYST_FENCE.sub(_fenced, text))


def with_delimiters(text: str) -> str:
    r"""The text with the other ways to write formulas as $...$ and \[...\].

    What is shown as blocks of code is to be blank by then.
    """
    text = _ROLE.sub(lambda f: _between(f, "$", "$", f["body"]), text)
    text = _DIRECTIVE.sub(_directed, text)
    text = _SCRIPT.sub(_scripted, text)
    text = MATHML.sub(_in_tex, text)
    text = _ANNOTATION.sub(_scripted, text)
    text = _NEXT_CELL.sub(lambda f: " " * len(f[0]), text)
    text = _NEXT_ROW.sub(lambda f: " " * len(f[0]), text)
    return _DOUBLED.sub(_single, text)


def without_tags(text: str) -> str:
    """The text with blanks for the tags of HTML that say how words stand on a page."""
    return _TAG.sub(lambda f: blank(f[0]), text)


def with_typed_scripts(text: str) -> str:
    """The text with scripts of HTML as they are typed: y_{true} for y<sub>true</sub>."""

    def typed(found: re.Match[str]) -> str:
        sign = "^" if found["kind"].lower() == "sup" else "_"
        return f"{sign}{{{found['body']}}}".ljust(len(found[0]))

    return _HTML_SCRIPT.sub(typed, text)


def _fenced(found: re.Match[str]) -> str:
    if len(found[0]) > _LONGEST:
        return found[0]
    first = f"{found['indent']}```math"
    width = len(found["indent"]) + len(found["marks"]) + len("{math}")
    # What stands behind the directive is part of the formula only where it has one line.
    opening = f"{first:<{width}}" + blank(found["rest"]) + "\n"
    body = _OPTION.sub(lambda f: blank(f[0]), found["body"])
    closing = found[0][len(opening) + len(body) :]
    return opening + body + closing.replace(found["marks"], f"{'```':<{len(found['marks'])}}")


def _of_tex(found: re.Match[str]) -> str:
    """A formula in a fence of its own language; of documents nothing is read."""
    body = found["body"]
    if len(found[0]) > _LONGEST or _DOCUMENT.search(body):
        return found[0]
    head = found[0][: found.start("body") - found.start()]
    tail = found[0][len(head) + len(body) :]
    if _DELIMITED.search(body):
        return blank(head) + body + blank(tail)
    opening = f"{found['indent']}{found['marks']}math"
    return f"{opening:<{len(head) - 1}}\n" + body + tail


def _between(found: re.Match[str], opening: str, closing: str, body: str) -> str:
    """The body between delimiters, at its place."""
    start = found.start("body") - found.start()
    end = len(found[0]) - start - len(body)
    return opening.rjust(start) + body + closing.ljust(end)


def is_read(math: str) -> bool:
    """Whether a formula in MathML carries its TeX, or can be written in it."""
    return _CARRIED in math or _written_in_tex(math) is not None


def _in_tex(found: re.Match[str]) -> str:
    written = None if _CARRIED in found[0] else _written_in_tex(found[0])
    return found[0] if written is None else written.ljust(len(found[0]))


def _scripted(found: re.Match[str]) -> str:
    if len(found[0]) > _LONGEST:
        return found[0]
    body = _CDATA.sub(lambda f: blank(f[0]), found["body"])
    if found.re is _ANNOTATION:
        body = _ENTITY.sub(lambda f: _ENTITIES[f[0]].ljust(len(f[0])), body)
    display = found.re is _SCRIPT and found["display"] is not None
    return _between(found, "\\[" if display else "\\(", "\\]" if display else "\\)", body)


def _single(found: re.Match[str]) -> str:
    signs = "()" if found["body"] is not None else "[]"
    body = found["body"] if found["body"] is not None else found["shown"]
    return f" \\{signs[0]}{body} \\{signs[1]}"


def _directed(found: re.Match[str]) -> str:
    """Each paragraph of a directive between dollars: in the blank before it and its last end."""
    head = found[0][: found.start("first") - found.start()]
    first = found["first"]
    body = _OPTION.sub(lambda f: blank(f[0]), found["body"])
    if first.strip():
        return blank(head)[:-1] + "$" + first + "$" + _paragraphs(body)
    return blank(head) + first + "\n" + _paragraphs(body)


def _paragraphs(body: str) -> str:
    return re.sub(r"(?:^[ \t]+\S[^\n]*(?:\n|\Z))+", _dollars, body, flags=re.MULTILINE)


def _dollars(found: re.Match[str]) -> str:
    lines = found[0]
    start = len(lines) - len(lines.lstrip(" \t"))
    inside = lines[start:-1] if lines.endswith("\n") else lines[start:]
    if not lines.endswith("\n"):
        inside = inside[:-1] if inside.endswith(" ") else inside
    closing = "$" if len(lines) > start + len(inside) else ""
    return (blank(lines[: start - 1]) + "$" + inside + closing).ljust(len(lines))
