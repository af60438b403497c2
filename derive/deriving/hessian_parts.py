"""The parts of the Hessian by name: its diagonal, its Gauss-Newton part, its KFAC factors."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derive.algebra.quantities import Partial, Quantity
from derive.errors import DeriveError
from derive.meaning.derivation import Chain, Derivation


def hessian_part(derivation: Derivation, name: str) -> tuple[Chain, ...]:
    """The chains of a second-order derivation that derive one part of the Hessian.

    Args:
        name: one of `HESSIAN_PARTS`.

    Raises:
        DeriveError: for another name.
    """
    if name not in HESSIAN_PARTS:
        raise DeriveError(f"the Hessian has no part {name!r}; parts are {', '.join(HESSIAN_PARTS)}")
    return tuple(HESSIAN_PARTS[name](derivation))


def _of(derivation: Derivation, *titles: str) -> Iterator[Chain]:
    return (c for group in derivation.groups if group.title in titles for c in group.chains)


def _blocks(derivation: Derivation) -> Iterator[Chain]:
    return _of(derivation, "blocks")


def _pre_activations(derivation: Derivation) -> Iterator[Chain]:
    return _of(derivation, "curvature", "mixed_curvature")


def _block_diagonal(derivation: Derivation) -> Iterator[Chain]:
    for group in derivation.groups:
        if group.title == "blocks" and group.about["low"] == group.about["high"]:
            yield from group.chains


def _diagonal(derivation: Derivation) -> Iterator[Chain]:
    """A block of one entry is its own diagonal."""
    yield from (c for c in _blocks(derivation) if _is_one_entry(c))
    yield from (c for c in _of(derivation, "diagonals") if isinstance(c[0].lhs, Partial))


def _gauss_newton(derivation: Derivation) -> Iterator[Chain]:
    return (curved for _, curved, _ in _split(derivation))


def _residual(derivation: Derivation) -> Iterator[Chain]:
    return (residual for _, _, residual in _split(derivation))


def _gauss_newton_diagonal(derivation: Derivation) -> Iterator[Chain]:
    yield from (c for block, c, _ in _split(derivation) if _is_one_entry(block))
    yield from (c for c in _of(derivation, "diagonals") if not isinstance(c[0].lhs, Partial))


def _kfac(derivation: Derivation) -> Iterator[Chain]:
    """The part of a parameter group with itself; as two factors, where it is a matrix."""
    factors = {chain[0].given[0].lhs: chain for chain in _of(derivation, "kronecker_factors")}
    for block, chain, _ in _split(derivation):
        first, second = _variables(block)
        if (first.kind, first.layer) == (second.kind, second.layer):
            yield factors.get(block[0].lhs, chain)


HESSIAN_PARTS: dict[str, Callable[[Derivation], Iterator[Chain]]] = {
    "hessian": _blocks,
    "block-diagonal": _block_diagonal,
    "diagonal": _diagonal,
    "gauss-newton": _gauss_newton,
    "gauss-newton-diagonal": _gauss_newton_diagonal,
    "residual": _residual,
    "pre-activation-hessian": _pre_activations,
    "kfac": _kfac,
}


def _split(derivation: Derivation) -> Iterator[tuple[Chain, Chain, Chain]]:
    """Each block as the sum of two parts, and the chains that work out either."""
    chains = list(_of(derivation, "split"))
    for block, curved, residual in zip(chains, chains[1:], chains[2:], strict=False):
        if block[0].rule == "Gauss-Newton and residual":
            yield block, curved, residual


def _variables(block: Chain) -> list[Quantity]:
    start = block[0].lhs
    assert isinstance(start, Partial)
    return start.unnested[1]


def _is_one_entry(block: Chain) -> bool:
    first, second = _variables(block)
    return first == second
