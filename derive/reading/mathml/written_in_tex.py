r"""Presentation MathML as LaTeX, which is never longer: \frac{a}{b} for <mfrac>…</mfrac>.

Every element of MathML Core that says something of a formula is a row of `_ELEMENTS`; of one that
is not known the formula is not read.  Source: MathML Core, W3C.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from unicodedata import normalize
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_LONGEST = 40_000
#: Signs of which LaTeX has names; what is none of them stands for itself.
_SIGNS = {
    "∂": "\\partial", "∇": "\\nabla", "∑": "\\sum", "∏": "\\prod", "⊙": "\\odot", "∘": "\\circ",
    "⊗": "\\otimes", "·": "\\cdot", "⋅": "\\cdot", "∗": "*", "×": "\\times", "−": "-", "⊤": "\\top",
    "‖": "\\|", "∥": "\\|", "{": "\\{", "}": "\\}", "%": "\\%", "#": "\\#", "&": "\\&", "_": "\\_",
    "$": "\\$", "…": "\\dots", "⋯": "\\dots", "⋮": "\\vdots", "⋱": "\\ddots", "→": "\\to",
    "∈": "\\in", "≤": "\\le", "≥": "\\ge", "≠": "\\ne", "≔": ":=", "≈": "\\approx", "∼": "\\sim",
    "∝": "\\propto", "≡": "\\equiv", "∣": "|", "′": "'", "″": "''", "∞": "\\infty", "ℓ": "\\ell",
    "\u2061": "", "\u2062": " ", "\u2063": ",", "\u2064": "+", "\u00a0": " ",
}  # fmt: skip
#: Signs above a letter.
_ACCENTS = {
    "^": "hat", "ˆ": "hat", "\u0302": "hat", "¯": "bar", "‾": "bar", "\u0304": "bar", "~": "tilde",
    "˜": "tilde", "\u0303": "tilde", "→": "vec", "⃗": "vec", "˙": "dot", "\u0307": "dot",
}  # fmt: skip
_BRACES = {"⏟": "underbrace", "⏞": "overbrace"}
_FUNCTIONS = frozenset(
    ("exp", "log", "ln", "max", "min", "tanh", "sinh", "cosh", "sin", "cos", "tan", "arg", "det")
)
_PREFIX = re.compile(r"(</?)\w+:")
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)#?\w{1,31};")
_LETTERS = re.compile(r"[^\W\d_]+")


class UnknownElementError(ValueError):
    """An element that is not read."""


def written_in_tex(math: str) -> str | None:
    r"""A formula <math>…</math> in LaTeX between \( \) or \[ \]; None for what is not read."""
    if len(math) > _LONGEST:
        return None
    try:
        root = ElementTree.fromstring(
            _ENTITY.sub(lambda f: unescape(f[0]), _PREFIX.sub(r"\1", math))
        )
        body = _row(root)
    except (ElementTree.ParseError, UnknownElementError, RecursionError):
        return None
    shown = root.get("display") == "block"
    whole = f"\\[{body}\\]" if shown else f"\\({body}\\)"
    return whole if len(whole) <= len(math) and "$" not in whole else None


def _tex(node: Element) -> str:
    name = node.tag.rpartition("}")[2]
    if name not in _ELEMENTS:
        raise UnknownElementError(name)
    return _ELEMENTS[name](node)


def _row(node: Element) -> str:
    """The children one after another; { before a table of rows is that of cases."""
    parts = [*node]
    found: list[str] = []
    for n, part in enumerate(parts):
        table = n + 1 < len(parts) and parts[n + 1].tag.endswith("mtable")
        if table and _text(part) == "{":
            found.append(f"\\begin{{cases}}{_cells(parts[n + 1])}\\end{{cases}}")
            rest = [_tex(one) for one in parts[n + 2 :] if _text(one)]
            return _joined([*found, *rest])
        found.append(_tex(part))
    return _joined(found)


def _joined(parts: Sequence[str]) -> str:
    r"""Parts with a blank only where \partial and C would run together."""
    whole = ""
    for part in parts:
        runs_on = re.search(r"\\[A-Za-z]+$", whole) and part[:1].isalpha()
        whole += f" {part}" if runs_on else part
    return whole


def _text(node: Element) -> str:
    return "".join(node.itertext()).strip()


def _operator(node: Element) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in normalize("NFC", _text(node)))


def _identifier(node: Element) -> str:
    text = normalize("NFKC", _text(node))
    if text in _FUNCTIONS:
        return f"\\{text}"
    if len(text) > 1 and _LETTERS.fullmatch(text) and len(normalize("NFC", text)) > 1:
        return f"\\mathrm{{{text}}}"
    return "".join(_SIGNS.get(sign, sign) for sign in text)


def _number(node: Element) -> str:
    return normalize("NFKC", _text(node))


def _words(node: Element) -> str:
    text = unescape("".join(node.itertext())).replace("\u00a0", " ")
    if re.search(r"[\\{}$]", text):
        raise UnknownElementError("mtext")
    return f"\\text{{{text}}}" if text.strip() else " "


def _space(node: Element) -> str:
    width = re.match(r"([\d.]+)em", node.get("width", ""))
    return "\\quad " if width and float(width[1]) >= 1 else " "


def _children(node: Element, count: int) -> list[str]:
    if len(node) != count:
        raise UnknownElementError(node.tag)
    return [_tex(child) for child in node]


def _base(node: Element, text: str) -> str:
    """What scripts are put to: braces only where it has several parts."""
    return f"{{{text}}}" if len(node) > 1 and not text.startswith("\\begin") else text


def _scripts(*signs: str) -> Callable[[Element], str]:
    def written(node: Element) -> str:
        base, *scripts = _children(node, len(signs) + 1)
        scripted = (f"{sign}{{{one}}}" for sign, one in zip(signs, scripts, strict=True))
        return _base(node[0], base) + "".join(scripted)

    return written


def _fraction(node: Element) -> str:
    above, below = _children(node, 2)
    if node.get("linethickness") in ("0", "0px"):
        raise UnknownElementError("a fraction without a line")
    return f"\\frac{{{above}}}{{{below}}}"


def _root(node: Element) -> str:
    if not node.tag.endswith("mroot"):
        return f"\\sqrt{{{_row(node)}}}"
    base, degree = _children(node, 2)
    return f"\\sqrt[{degree}]{{{base}}}"


def _over(node: Element) -> str:
    base, above = _children(node, 2)
    sign = _text(node[1])
    name = _ACCENTS.get(sign) or _BRACES.get(sign)
    return f"\\{name}{{{base}}}" if name else f"{base}^{{{above}}}"


def _under(node: Element) -> str:
    base, below = _children(node, 2)
    name = _BRACES.get(_text(node[1]))
    return f"\\{name}{{{base}}}" if name else f"{base}_{{{below}}}"


def _cells(table: Element) -> str:
    rows = (" & ".join(_row(cell) for cell in row) for row in table)
    return " \\\\ ".join(rows)


def _table(node: Element) -> str:
    return f"\\begin{{matrix}}{_cells(node)}\\end{{matrix}}"


def _fenced(node: Element) -> str:
    opened, closed = node.get("open", "("), node.get("close", ")")
    return opened + ",".join(_tex(child) for child in node) + closed


def _first(node: Element) -> str:
    """What is meant, before what is said of it."""
    return _tex(node[0]) if len(node) else ""


def _nothing(_: Element) -> str:
    return ""


_ELEMENTS: dict[str, Callable[[Element], str]] = {
    **dict.fromkeys(("mrow", "mstyle", "mpadded", "menclose", "mtd", "math"), _row),
    **dict.fromkeys(("mphantom", "none", "annotation"), _nothing),
    "mi": _identifier, "mn": _number, "mo": _operator, "mtext": _words, "ms": _words,
    "mspace": _space, "semantics": _first, "mfrac": _fraction, "msqrt": _root, "mroot": _root,
    "msub": _scripts("_"), "msup": _scripts("^"), "msubsup": _scripts("_", "^"),
    "munderover": _scripts("_", "^"), "munder": _under, "mover": _over, "mtable": _table,
    "mfenced": _fenced,
}  # fmt: skip
