r"""How quantities and their derivatives are laid out in LaTeX: W^{(0)}_{ij}, \partial C.

`write` is the printer that writes indices and layer numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sympy import Expr

#: The space between factors.
THIN = r"\,"
_GREEK = frozenset({
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega",
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega",
})  # fmt: skip


def script(mark: str, text: str) -> str:
    """A sub- or superscript, its braces dropped where one character needs none."""
    return mark + (text if len(text) == 1 else f"{{{text}}}")


def quantity_tex(
    kind: str, layer: Expr, indices: Sequence[Any], write: Callable[[Any], str]
) -> str:
    """W^{(0)}_{ij}, z^{(1)}_j, x_i (the output of layer 0), y_j, U_j, C."""
    sub = joined([write(i) for i in indices])
    below = script("_", sub) if sub else ""
    if kind == "r" and layer == 0:
        return "x" + below
    if kind in "yUCt":
        return kind + below
    kind = r"\gamma" if kind == "Gv" else kind
    number = layer_tex(layer, write)
    return f"{kind}^{{({number})}}{below}" if number else name_tex(kind) + below


def name_tex(name: str) -> str:
    r"""W^{(0)} for W0, \beta for beta, \mathrm{WQ} for WQ: a name of more than a letter."""
    base = name.rstrip("0123456789").rstrip("_")
    number = name[len(base) :].lstrip("_")
    if base in _GREEK:
        base = "\\" + base
    elif len(base) > 1:
        base = rf"\mathrm{{{base.replace('_', THIN)}}}"
    return f"{base}^{{({number})}}" if number else base


def layer_tex(layer: Expr, write: Callable[[Any], str]) -> str:
    """A layer number, its symbol first: k+1, k-1, 3; nothing for what has no superscript."""
    if not str(layer):
        return ""
    number, base = layer.as_coeff_Add()
    if base == 0:
        return str(number)
    return write(base) + (f"{int(number):+d}" if number else "")


def joined(written: Sequence[str]) -> str:
    """Indices side by side, with commas where any is longer than a character."""
    separate = any(len(one) > 1 for one in written)
    return ("," if separate else "").join(written)


def derivative_tex(of: str, variables: Sequence[str]) -> str:
    r"""\frac{\partial^2 C}{\partial W^{(0)}\,\partial W^{(1)}}; `of` may be empty."""
    order = len(variables)
    above = rf"\partial{f'^{order}' if order > 1 else ''}{f' {of}' if of else ''}"
    if order == 2 and variables[0] == variables[1]:
        below = rf"\partial {{{variables[0]}}}^2"
    else:
        below = THIN.join(rf"\partial {v}" for v in variables)
    return rf"\frac{{{above}}}{{{below}}}"


def along_tex(of: str) -> str:
    """R{of}, the derivative along the direction of a Hessian-vector product."""
    return rf"\mathcal{{R}}\left\{{{of}\right\}}"
