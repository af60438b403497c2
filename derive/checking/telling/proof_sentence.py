"""A proof as one sentence: plain for `print`, with formulas for notebooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Basic

from derive.checking.telling.findings import scope_of
from derive.checking.telling.words import Words
from derive.documents.targets.dialects import plain_markdown
from derive.notation.ascii.printing import ascii_text
from derive.notation.point_text import our_name, point_text
from derive.notation.tex import tex
from derive.proving import Counterexample, Proof


def sentence(proof: Proof) -> str:
    """What was found, how, and for what it holds."""
    return _said(proof, ascii_text, Words())


def as_markdown(proof: Proof) -> str:
    """The same as Markdown."""
    return _said(proof, lambda formula: f"${tex(formula)}$", Words(escape=plain_markdown))


def _said(proof: Proof, say: Callable[[Basic], str], words: Words) -> str:
    widths = proof.scope.widths
    known = "own" if not widths.every else "every" if widths.tried else ""
    scope = scope_of(proof, known)
    about = {
        "status": proof.status.value,
        "method": proof.method.value,
        "scope": {name: _written(value, say) for name, value in scope.items()},
        "point": _written(proof.counterexample, say),
        "condition": _written(proof.condition, say),
        "bound": _written(proof.error_bound, say),
        "remark": proof.remark,
    }
    return words.say("proof", about)


def _written(value: Any, say: Callable[[Basic], str]) -> Any:
    """A formula, or each of several, as text; a point as what is to be put in, and both sides."""
    match value:
        case Basic():
            return say(value)
        case Counterexample():
            settings = point_text(value.values, our_name)
            return {"settings": settings, "left": f"{value.left}", "right": f"{value.right}"}
        case tuple():
            return tuple(_written(one, say) for one in value)  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value
