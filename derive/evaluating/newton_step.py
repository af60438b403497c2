"""Newton's method: the step s with H s = -g, where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sympy import Matrix


class Steps(StrEnum):
    """How many Newton steps H s = -g there are."""

    ONE = "one"
    MANY = "many"
    NONE = "none"


@dataclass(frozen=True)
class NewtonStep:
    """The steps that solve H s = -g: `step` where there is just one."""

    steps: Steps
    rank: int
    augmented_rank: int
    step: Matrix | None = None


def newton_step(curvature: Matrix, gradient: Matrix) -> NewtonStep:
    """Solve H s = -g: one step if H is invertible, none if g is not in the range of H."""
    rank = curvature.rank()
    augmented = curvature.row_join(gradient).rank()
    if rank == curvature.rows:
        return NewtonStep(Steps.ONE, rank, augmented, -curvature.LUsolve(gradient))
    return NewtonStep(Steps.MANY if rank == augmented else Steps.NONE, rank, augmented)
