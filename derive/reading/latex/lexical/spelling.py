"""Tables of LaTeX: which commands name something, which only dress it, which are blank."""

from __future__ import annotations

from derive.algebra import boxes

#: Command -> the letter it writes; two shapes of one letter are one.
GREEK = {letter: letter for letter in (*boxes.GREEK, *boxes.GREEK_CAPITALS, "ell")} | {
    "varepsilon": "epsilon",
    "varphi": "phi",
    "vartheta": "theta",
    "varsigma": "varsigma",
    **dict.fromkeys(("triangle", "vartriangle", "bigtriangleup"), "Delta"),
}

#: What stands for parts that are not written.
DOTS = frozenset({"dots", "ldots", "cdots", "dotsc", "dotsb"})

#: Commands that write a function's name.
NAMES = {
    name: name
    for name in (
        *("tanh", "exp", "log", "sin", "cos", "max", "min"),
        *("ReLU", "relu", "softmax", "diag"),
    )
} | {"ln": "log", "sgn": "sgn", "sign": "sign", "operatornamewithlimits": "operatorname"}

#: Functions that people also write in letters alone, where a bracket follows: ln(x).
LETTERED = {"ln": "log"}

#: Characters that show nothing, which come along with what is copied.
UNSEEN = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")

#: Commands whose argument is upright letters: a function's name, or a differential d.
ROMAN = frozenset({"mathrm", "operatorname", "mathit", "mathsf", "mathtt", "mathop"})

#: Commands whose argument is words.
TEXTS = frozenset(
    {
        "text",
        "textrm",
        "textit",
        "textbf",
        "textsf",
        "texttt",
        "textnormal",
        "mbox",
        "hbox",
        "intertext",
    }
)

#: Words that part or join formulas, and so are the name of nothing in them.
SMALL_WORDS = frozenset(
    {
        *("if", "for", "when", "whenever", "where", "wherever", "with", "since", "because", "as"),
        *("given", "assuming", "provided", "unless", "once", "while", "at", "in", "on", "under"),
        *("and", "or", "but", "not", "so", "then", "thus", "hence", "therefore", "otherwise"),
        *("else", "elsewhere", "is", "are", "be", "by", "of", "to", "from", "that", "which", "let"),
        *("assume", "suppose", "say", "note", "we", "also", "only", "all", "any", "each", "every"),
        *("both", "either", "iff", "holds", "using", "from", "via", "the", "this", "these", "it"),
        *("falls", "wenn", "sonst", "und", "oder"),
        *("cf", "implies", "gives", "yields", "means", "get", "as", "case", "eq", "equation"),
    }
)

#: Commands whose argument, with them, is another name than the argument alone.
DECORATIONS = {
    "hat": "hat",
    "widehat": "hat",
    "bar": "bar",
    "overline": "bar",
    "tilde": "tilde",
    "widetilde": "tilde",
    "dot": "dot",
    "ddot": "ddot",
    "mathcal": "mathcal",
    "mathscr": "mathcal",
    "mathbb": "mathbb",
    "mathds": "mathbb",
    "mathbbm": "mathbb",
    "mathfrak": "mathfrak",
}

BOLD = frozenset({"mathbf", "boldsymbol", "bm", "pmb", "bold"})

#: Commands that dress their argument and change nothing: \\mathbf W is W.
WRAPPERS = BOLD | {"vec", "underline", "boxed", "mathord", "mathbin", "mathrel", "ensuremath"}

IGNORED = frozenset(
    {
        *(",", ";", ":", "!", " ", ">", "\n", "\t", "/", "-", "@"),
        *("thinspace", "medspace", "thickspace", "negthinspace", "enspace", "nobreak", "null"),
        *("nonumber", "notag", "limits", "nolimits", "displaylimits", "allowbreak", "relax"),
        *("big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr"),
        *("Biggl", "Biggr", "bigm", "Bigm", "middle", "small", "footnotesize", "scriptsize"),
        *("normalsize", "large", "Large", "tiny", "noindent", "centering", "hfill", "hline"),
        *("break", "strut", "goodbreak", "qedhere", "mathsurround", "par"),
        *("displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle", "rm", "bf", "it", "cal"),
        *(
            "begingroup",
            "endgroup",
            "protect",
            "unskip",
            "mathstrut",
            "smash",
            "hfil",
            "displaybreak",
        ),
        *("checkmark", "square", "Box", "blacksquare", "qed"),  # what ends a proof
    }
)

IGNORED_WITH_ARGUMENT = frozenset(
    {
        *("label", "tag", "hspace", "vspace", "mspace", "hskip", "phantom", "vphantom", "hphantom"),
        *("color", "textcolor", "colorbox", "ref", "eqref", "cite", "footnote", "setlength"),
    }
)

#: The command that = with a ? on top is read as.
QUESTIONED = "questioned equality"

#: Commands that put their first argument above or below their second.
STACKED = frozenset({"overset", "underset", "stackrel"})

#: Spaces of which two or more are a wide one.
THIN_SPACES = frozenset({";", ":", " ", "enspace", "thickspace", "medspace"})

#: Wide spaces, which part one statement from the next.
SPACES = frozenset({"quad", "qquad"})

SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_SUB_LETTERS = dict(zip("ᵢⱼₖₗₘₙₚₛₜ", "ijklmnpst", strict=True))
_GREEK_UNICODE = dict(
    zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", boxes.GREEK + boxes.GREEK_CAPITALS, strict=True)
)

#: A character of Unicode -> the tokens (kind, text) that it shows.
UNICODE: dict[str, tuple[tuple[str, str], ...]] = {
    **{c: (("name", f"\\{letter}"),) for c, letter in _GREEK_UNICODE.items()},
    **{c: (("sign", "^"), ("number", digit)) for c, digit in SUPERSCRIPTS.items()},
    **{c: (("sign", "_"), ("number", digit)) for c, digit in _SUBSCRIPTS.items()},
    **{c: (("sign", "_"), ("name", letter)) for c, letter in _SUB_LETTERS.items()},
    "ϕ": (("name", "\\phi"),),
    "ŷ": (("name", "\\hat{y}"),),
    "∂": (("command", "partial"),),
    "∇": (("command", "nabla"),),
    "∑": (("command", "sum"),),
    "∀": (("command", "forall"),),
    "∈": (("command", "in"),),
    "·": (("command", "cdot"),),
    "⋅": (("command", "cdot"),),
    "×": (("command", "times"),),
    "⊙": (("command", "odot"),),
    "∘": (("command", "circ"),),
    "⊗": (("command", "otimes"),),
    "≤": (("command", "le"),),
    "≥": (("command", "ge"),),
    "≠": (("command", "ne"),),
    "≈": (("command", "approx"),),
    "≟": (("command", QUESTIONED),),
    "≡": (("command", "equiv"),),
    "∝": (("command", "propto"),),
    "→": (("command", "to"),),
    "←": (("command", "leftarrow"),),
    "⇒": (("command", "Rightarrow"),),
    "⟹": (("command", "Rightarrow"),),
    "⇔": (("command", "iff"),),
    "⟺": (("command", "iff"),),
    "…": (("command", "dots"),),
    "−": (("sign", "-"),),
    "–": (("sign", "-"),),
    "′": (("sign", "'"),),
    "’": (("sign", "'"),),
    "″": (("sign", "'"), ("sign", "'")),
    "⊤": (("command", "top"),),
    "ᵀ": (("sign", "^"), ("command", "top")),
    "½": (("sign", "{"), ("number", "1"), ("sign", "/"), ("number", "2"), ("sign", "}")),
    "‖": (("command", "|"),),
    "𝟙": (("name", "\\mathbb{1}"),),
    "𝟏": (("name", "\\mathbb{1}"),),
    "∙": (("command", "cdot"),),
    "⁽": (("sign", "^"), ("sign", "{"), ("sign", "(")),
    "⁾": (("sign", ")"), ("sign", "}")),
}
