r"""Expressions as LaTeX in the names of a document: a^{[2]} for r^{(2)}, w_1 for W^{(1)}."""

from __future__ import annotations

import re

from sympy import Basic

from derive.algebra.quantities import Partial, Quantity
from derive.notation.tex import quantity, tex
from derive.reading.own_names import OwnNames


def tex_in_own_names(expression: Basic, names: OwnNames) -> str:
    """The expression as LaTeX, each quantity written as in `names`, or else as derive does."""
    own: dict[str, str] = {}
    for node in expression.atoms(Quantity):
        written = _written(node, names)
        if written is not None:
            own[quantity(node)] = written
    for node in expression.atoms(Partial):
        signal = _error_signal(node, names)
        if signal is not None:
            own[tex(node)] = signal
    text = tex(expression)
    if not own:
        return text
    longest_first = sorted(own, key=len, reverse=True)
    pattern = "|".join(re.escape(one) for one in longest_first)
    return re.sub(
        rf"(?<![A-Za-z\\])(?:{pattern})(?![A-Za-z_(])(?P<raised>\^)?",
        lambda found: _replaced(found, own),
        text,
    )


def _replaced(found: re.Match[str], own: dict[str, str]) -> str:
    raised = found["raised"] or ""
    written = own[found.group()[: len(found.group()) - len(raised)]]
    return f"({written}){raised}" if raised and "^" in written else written + raised


def _written(node: Quantity, names: OwnNames) -> str | None:
    spelling = names.spelling(node.kind, node.layer)
    return None if spelling is None else spelling.with_indices(_indices(node, names))


def _error_signal(node: Partial, names: OwnNames) -> str | None:
    """dC/dz, if the document has a name for it."""
    of = node.of
    if not isinstance(of, Quantity) or of.kind != "C":
        return None
    spelling = names.spelling(node.wrt.kind, node.wrt.layer, of_cost=True)
    return None if spelling is None else spelling.with_indices(_indices(node.wrt, names))


def _indices(node: Quantity, names: OwnNames) -> str:
    turned = names.turned and node.kind in ("W", "V")
    written = [tex(one) for one in (reversed(node.indices) if turned else node.indices)]
    separate = any(len(one) > 1 for one in written) and len(written) > 1
    return ("," if separate else "").join(written)
