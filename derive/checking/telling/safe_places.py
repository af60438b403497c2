"""Where a note may be put into a document: the numbers of lines that end outside of mathematics.

A gap is the number of a line after which the document is in plain text, between two
paragraphs or behind a display.
"""

from __future__ import annotations

import re

#: LaTeX environments between whose lines a paragraph may stand.
_PROSE = frozenset(
    {"document", "itemize", "enumerate", "description", "quote", "quotation", "abstract",
     "proof", "theorem", "lemma", "proposition", "corollary", "definition", "remark", "example",
     "exercise", "solution", "problem", "center"}
)  # fmt: skip
_LATEX_MARK = re.compile(
    r"\\begin\s*\{(?P<begin>[^}]*)\}|\\end\s*\{(?P<end>[^}]*)\}|\\(?P<bracket>[\[\]()])"
    r"|\\.|(?P<dollars>\$\$|\$)|(?P<brace>[{}])|(?P<comment>%)",
    re.DOTALL,
)


def text_gaps(lines: list[str]) -> list[int]:
    """Behind every line."""
    return list(range(1, len(lines) + 1))


def markdown_gaps(lines: list[str]) -> list[int]:
    """Behind each paragraph, fence and $$ display that is closed."""
    found: list[int] = []
    fence = ""
    display = False
    for number, line in enumerate(lines, 1):
        stripped = line.strip().removeprefix("> ").strip()
        if fence:
            if stripped.startswith(fence) and not stripped.strip(fence[0]):
                fence = ""
                found.append(number)
            continue
        opening = re.match(r"(`{3,}|~{3,})", stripped)
        if opening and not display:
            fence = opening[1]
            continue
        if stripped.count("$$") % 2:
            display = not display
            if not display:
                found.append(number)
            continue
        following = lines[number].strip() if number < len(lines) else ""
        ends = bool(stripped) and not following
        if not display and (ends or re.fullmatch(r"\$\$.*\$\$[.,;]?", stripped)):
            found.append(number)
    return found


def latex_gaps(lines: list[str]) -> list[int]:
    r"""Behind each paragraph and display, outside of braces, tables, verbatim and the like."""
    found: list[int] = []
    environments: list[str] = []
    depth = 0
    inside = ""  # the closing mark of the mathematics that is open
    preamble = any(r"\begin{document}" in line for line in lines)
    over = False
    for number, line in enumerate(lines, 1):
        closed = False
        for mark in _LATEX_MARK.finditer(line):
            if mark["comment"]:
                break
            if environments and environments[-1].startswith(("verbatim", "lstlisting")):
                if mark["end"] == environments[-1]:
                    environments.pop()
                continue
            if mark["begin"] is not None:
                environments.append(mark["begin"].strip())
                preamble = preamble and environments != ["document"]
            elif mark["end"] is not None:
                ended = mark["end"].strip()
                if ended in environments:
                    while environments.pop() != ended:
                        pass
                closed = ended not in _PROSE
                over = over or ended == "document"
            elif mark["bracket"]:
                inside = {"[": "]", "(": ")"}.get(mark["bracket"], "")
                closed = mark["bracket"] == "]"
            elif mark["dollars"]:
                closed = bool(inside) and mark["dollars"] == "$$"
                inside = "" if inside else mark["dollars"]
            elif mark["brace"]:
                depth += 1 if mark["brace"] == "{" else -1
        safe = not (inside or depth or preamble or over) and all(e in _PROSE for e in environments)
        following = lines[number].strip() if number < len(lines) else ""
        ends = not following or following.startswith((r"\section", r"\end{document}", r"\item"))
        if safe and (closed or (ends and line.strip())):
            found.append(number)
    return found
