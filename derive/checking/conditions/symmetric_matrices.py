"""Symmetric matrices: the gradient of x^T A x is 2 A x only for them, and many do not say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import And, Basic, Eq, Expr

from derive.algebra.quantities import NO_SUPERSCRIPT, Partial, Quantity
from derive.checking.sampling.samples import holds_at_samples
from derive.model.defined_model import DefinedModel, Tensor, TensorDefinition
from derive.model.model import Head, head_named
from derive.proving import Proof, judge


def where_symmetric(
    model: DefinedModel, left: Expr, right: Expr, where: Basic
) -> tuple[Basic, Proof] | None:
    """That some given matrices are symmetric, where that makes an equation right, and its proof.

    Of a derivative by the entries of a matrix that says nothing, since they are then not free;
    and weights are not symmetric, so that W for W^T is a mistake.
    """
    named = {q.args[:2] for side in (left, right) for q in side.atoms(Quantity)}
    by = {q.wrt.args[:2] for side in (left, right) for q in side.atoms(Partial)}
    square = [
        head
        for head in model.given
        if head not in by
        and model.role(head) != "parameter"
        and _is_square(model, head)
        and any(one == head or model.depends(one, head) for one in named)
    ]
    for heads in _choices(square):
        stricter = _with_symmetric(model, heads)
        if not holds_at_samples(stricter, left, right, where):
            continue
        proof = judge(stricter, left, right, where)
        if proof.proved:
            return And(*(_said_of(model, head) for head in heads)), proof
    return None


def is_symmetry(condition: Basic) -> bool:
    """Whether a condition says that an entry is the one with its indices the other way round."""
    return isinstance(condition, Eq) and is_turned(*condition.args)


def is_turned(left: Basic, right: Basic) -> bool:
    """Whether two entries are of one matrix, with their indices exchanged."""
    if not (isinstance(left, Quantity) and isinstance(right, Quantity)):
        return False
    turned = left.indices == right.indices[::-1] != right.indices
    return turned and len(left.indices) == 2 and left.args[:2] == right.args[:2]


def _choices(heads: list[Head]) -> Iterator[list[Head]]:
    yield from ([head] for head in heads)
    if len(heads) > 1:
        yield heads


def _is_square(model: DefinedModel, head: Head) -> bool:
    axes = model.axes(Quantity(*head))
    return len(axes) == 2 and axes[0] == axes[1]


def _said_of(model: DefinedModel, head: Head) -> Basic:
    entry, _ = model.general_entry(head)
    return Eq(entry, entry.at(*entry.indices[::-1]), evaluate=False)


def _with_symmetric(model: DefinedModel, heads: list[Head]) -> DefinedModel:
    """The same model with S_ij + S_ji for A_ij, of some S for each of these."""
    tensors = [one for one in model.tensors if head_named(one.name, NO_SUPERSCRIPT) not in heads]
    definitions: list[TensorDefinition] = []
    for one in model.tensors:
        if head_named(one.name, NO_SUPERSCRIPT) not in heads:
            continue
        half = Tensor(_unused(model, f"{one.name}half"), one.axes, one.role)
        tensors.append(half)
        entry, _ = model.general_entry(head_named(one.name, NO_SUPERSCRIPT))
        part = Quantity(half.name, NO_SUPERSCRIPT, *entry.indices)
        both = part + part.at(*entry.indices[::-1])
        definitions.append(TensorDefinition(entry, one.axes, both))
    return replace(model, tensors=tuple(tensors), definitions=(*definitions, *model.definitions))


def _unused(model: DefinedModel, name: str) -> str:
    while name in model.names:
        name += "half"
    return name
