"""What SymPy's symbols are assumed to be, as conditions on plain real symbols.

The signs that a symbol was given (positive, nonnegative, nonzero, ...) become conditions, so
that every method uses them.  What no condition on real numbers says, as that a symbol is an
integer, is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import And, Basic, Dummy, Ge, Gt, Le, Lt, Ne, S, Symbol

from derive.errors import DeriveError
from derive.model.model import Model
from derive.proving.points.sample_points import plain_symbols

_SIGNS = (
    ("is_positive", Gt),
    ("is_negative", Lt),
    ("is_nonnegative", Ge),
    ("is_nonpositive", Le),
    ("is_nonzero", Ne),
)


def plain(parts: Iterable[Basic], network: Model | None) -> tuple[list[Basic], Basic]:
    """Expressions with plain real symbols for those with assumptions, and the assumptions.

    Raises:
        DeriveError: where a symbol is assumed to be what is not a matter of its sign, or two
            symbols have one name.
    """
    parts = list(parts)
    sizes = set[Basic]()
    if network is not None:
        for axis in network.all_axes:
            sizes |= network.width(axis).free_symbols | axis.free_symbols
    mapping: dict[Symbol, Symbol] = {}
    conditions: list[Basic] = []
    for symbol in plain_symbols(*parts):
        if symbol in sizes or isinstance(symbol, Dummy) or "^(" in symbol.name:
            continue
        _check(symbol)
        other = Symbol(symbol.name, real=True)
        if other in mapping.values():
            raise DeriveError(f"two different symbols are called {symbol.name}; use one of them")
        mapping[symbol] = other
        relation = next((r for name, r in _SIGNS if getattr(symbol, name)), None)
        if relation is not None:
            conditions.append(relation(other, S.Zero))
    changed = {symbol: other for symbol, other in mapping.items() if symbol != other}
    return [part.xreplace(changed) for part in parts], And(*conditions)


def _check(symbol: Symbol) -> None:
    odd = [name for name in ("integer", "rational", "irrational", "imaginary", "infinite")
           if getattr(symbol, f"is_{name}")]  # fmt: skip
    if odd:
        raise DeriveError(
            f"the symbol {symbol.name} is assumed to be {odd[0]}, but equations are proved for all"
            f" real values; give it no assumption but its sign"
        )
