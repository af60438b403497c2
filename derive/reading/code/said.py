"""What the lines of a program say: definitions, claims about gradients, updates."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from derive.reading.code.arrays.array import Array
from derive.reading.code.arrays.scope import Scope


@dataclass(frozen=True)
class Line:
    """One line of the program that says something.

    Attributes:
        node: where it stands.
        name: what is assigned to.
    """

    node: ast.AST
    name: str


@dataclass(frozen=True)
class Definition(Line):
    """A quantity of the model is computed here, called `quantity` there."""

    quantity: str


@dataclass(frozen=True)
class Update(Line):
    """A step of gradient descent."""


@dataclass(frozen=True)
class Taken(Line):
    """A gradient that is taken for given, since nothing says of what it is one."""


@dataclass(frozen=True)
class Assigned(Line):
    """A gradient is claimed: the derivative by a quantity is this.

    Attributes:
        by: the quantity, with letters of its own.
        array: what the program computes for it.
        scope: what names stood for, to read the line in another way.
        value: the expression, if one line says it all.
    """

    by: Array
    array: Array
    scope: Scope
    value: ast.expr | None


@dataclass(frozen=True)
class Unread(Line):
    """A gradient whose formula could not be read, and why.

    Attributes:
        by: the quantity, if it is known.
        is_shape: whether arrays do not go together.
    """

    why: str
    by: Array | None = None
    is_shape: bool = False
    scope: Scope | None = None
    value: ast.expr | None = None
