"""What `evaluate` finds: values by layer, gradient, Hessian, and what is read off them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice, product
from math import prod
from typing import Any

from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.lazy import late
from derive.model.nested_numbers import Nested
from derive.model.network import Network

_as_markdown = late("derive.documents.displays", "as_markdown")

Row = tuple[Expr, ...]
Layers = tuple[Row, ...]
Square = tuple[Row, ...]
#: The shapes of tensors of parameters, by kind and layer.
Shapes = Mapping[tuple[str, Expr], tuple[int, ...]]

#: The form of what `derive evaluate --json` prints, which docs/schemas/evaluate.json describes.
SCHEMA = "derive-evaluate/1"


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found, as SymPy numbers (and polynomials in symbolic slopes and Step(0)).

    Attributes:
        C: the cost, of all samples together.
        z: for each sample, z^(1), ..., z^(L); so z[s][k - 1] is z^(k).
        r: for each sample, r^(0), ..., r^(L); so r[s][k] is r^(k), and r[s][0] is x.
        shapes: those of W^(0), b^(0), W^(1), ..., by kind and layer.
        gradient: the derivative of C by each of `parameters`; None at order 0.
        kinks: the units whose pre-activation is exactly at a kink of the activation, as "z1[0]",
            and the outputs at which their term of the cost has one, as "r2[0]"; as
            "samples[0].z1[0]" where there are several samples.
        step_at_zero: the value of Step(0) that derivatives use at kinks.
        hessian: the second derivatives of C by each two of `parameters`; None below order 2.
        gauss_newton: the part of the Hessian that is J' M J, with J the derivative of the
            outputs (of the logits, for a cost that is no function of y - r) and M the Hessian of C
            by these.
        residual: the rest of the Hessian.
        pre_activation_hessian: for each sample, d2C/dz^(k) dz^(k) for the layers 1 to L, the
            later parameters fixed.
        by_z: for each sample, the derivatives of C by z^(1), ..., z^(L); None at order 0.
        by_r: for each sample, those by r^(1), ..., r^(L).
        product: the Hessian times a direction, where one was given.
        kfac: for each sample and each layer k = 0, ..., L - 1 of parameters the factors
            r^(k) r^(k)T, its r^(k) with a 1 at the end where there is a bias, and G^(k+1);
            their Kronecker product is the sample's Gauss-Newton part for this layer.
    """

    C: Expr
    z: tuple[Layers, ...]
    r: tuple[Layers, ...]
    shapes: Shapes
    gradient: Row | None
    kinks: tuple[str, ...]
    step_at_zero: Expr
    hessian: Square | None = None
    gauss_newton: Square | None = None
    residual: Square | None = None
    pre_activation_hessian: tuple[tuple[Square, ...], ...] | None = None
    kfac: tuple[tuple[tuple[Square, Square], ...], ...] | None = None
    by_z: tuple[Layers, ...] | None = None
    by_r: tuple[Layers, ...] | None = None
    product: Row | None = None

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters: the entries of W0 row by row, then b0, ..."""
        return entry_names(self.shapes)

    @property
    def quantities(self) -> dict[str, Nested]:
        """z1, r1, z2, ... by name; a row for each sample where there are several."""
        return _by_name("z", self.z, 1) | _by_name("r", self.r, 0)

    @property
    def gradients(self) -> dict[str, Nested]:
        """The derivatives of C by z1, r1, ..., W0, b0, ..., in the shapes of these; from order 1.

        Raises:
            DeriveError: below order 1.
        """
        if self.gradient is None or self.by_z is None or self.by_r is None:
            raise DeriveError("this evaluation has no derivatives; evaluate with order=1")
        found = _by_name("z", self.by_z, 1) | _by_name("r", self.by_r, 1)
        return found | _by_parameter(self.shapes, self.gradient)

    @property
    def motions(self) -> dict[str, Nested]:
        """R(dC/dW0), ...: the Hessian times the direction, in the shapes of the parameters."""
        if self.product is None:
            return {}
        named = _by_parameter(self.shapes, self.product)
        return {f"R(dC/d{name})": value for name, value in named.items()}

    @property
    def diagonal(self) -> Row:
        """The second derivative of C by each parameter, twice by the same.

        Raises:
            DeriveError: below order 2.
        """
        return _diagonal(_needed(self.hessian))

    @property
    def gauss_newton_diagonal(self) -> Row:
        """The diagonal of the Gauss-Newton part.

        Raises:
            DeriveError: below order 2.
        """
        return _diagonal(_needed(self.gauss_newton))

    @property
    def block_diagonal(self) -> tuple[Square, ...]:
        """For each layer the Hessian of its own parameters, W^(k) and then b^(k).

        Raises:
            DeriveError: below order 2.
        """
        hessian = _needed(self.hessian)
        places: dict[Expr, list[int]] = {}
        next_place = count()
        for (_, layer), shape in self.shapes.items():
            places.setdefault(layer, []).extend(islice(next_place, prod(shape)))
        return tuple(
            tuple(tuple(hessian[p][q] for q in own) for p in own) for own in places.values()
        )

    def to_json(self) -> dict[str, Any]:
        """All of it as strings and lists; z and r without the list of samples if there is one.

        `z` has a list for each of the layers 1 to L, `r` for each of the layers 0 to L.
        """
        z, r = (
            [[[in_ascii(entry) for entry in row] for row in layers] for layers in of]
            for of in (self.z, self.r)
        )
        found: dict[str, Any] = {"C": in_ascii(self.C)}
        found |= {"z": z, "r": r} if len(z) > 1 else {"z": z[0], "r": r[0]}
        found["quantities"] = nested_texts(self.quantities)
        if self.gradient is not None:
            found["gradients"] = nested_texts(self.gradients)
            found["parameters"] = list(self.parameters)
            found["gradient"] = list(map(in_ascii, self.gradient))
        if self.motions:
            found["motions"] = nested_texts(self.motions)
        for name in ("hessian", "gauss_newton", "residual"):
            if (square := getattr(self, name)) is not None:
                found[name] = _texts(square)
        if self.pre_activation_hessian is not None:
            by_layer = [list(map(_texts, layers)) for layers in self.pre_activation_hessian]
            found["pre_activation_hessian"] = by_layer if len(z) > 1 else by_layer[0]
        if self.kfac is not None:
            factors = [
                [{"A": _texts(a), "G": _texts(g)} for a, g in layers] for layers in self.kfac
            ]
            found["kfac"] = factors if len(z) > 1 else factors[0]
        return found | {"kinks": list(self.kinks), "step_at_zero": in_ascii(self.step_at_zero)}

    def _repr_markdown_(self) -> str | None:
        return _as_markdown(self)


def _needed(square: Square | None) -> Square:
    if square is None:
        raise DeriveError("this evaluation has no second derivatives; evaluate with order=2")
    return square


def _by_name(kind: str, of: tuple[Layers, ...], first: int) -> dict[str, Nested]:
    """Each layer's row by name; where there are several samples, the rows of all."""
    found: dict[str, Nested] = {}
    for number, rows in enumerate(zip(*of, strict=True), start=first):
        first_row, *others = rows
        found[f"{kind}{number}"] = rows if others else first_row
    return found


def _by_parameter(shapes: Shapes, entries: Row) -> dict[str, Nested]:
    """Entries in the order of the parameters, as W0 row by row, b0, ..."""
    left = iter(entries)

    def filled(shape: tuple[int, ...]) -> Nested:
        return tuple(filled(shape[1:]) for _ in range(shape[0])) if shape else next(left)

    return {f"{kind}{layer}": filled(shape) for (kind, layer), shape in shapes.items()}


def nested_texts(of: Mapping[str, Nested]) -> dict[str, Any]:
    """Values in ASCII, in the same shapes."""

    def text(value: Nested) -> Any:
        return in_ascii(value) if isinstance(value, Expr) else [text(part) for part in value]

    return {name: text(value) for name, value in of.items()}


def parameter_shapes(network: Network) -> Shapes:
    """The shapes of the parameters of a network whose widths are numbers."""
    shapes = network.parameter_shapes.items()
    return {group: tuple(map(int, widths)) for group, widths in shapes}


def entry_names(shapes: Shapes) -> tuple[str, ...]:
    """W0[0,0], W0[0,1], ..., b0[0], ..., W1[0,0], ..."""
    return tuple(
        f"{kind}{layer}[{','.join(map(str, place))}]"
        for (kind, layer), shape in shapes.items()
        for place in product(*map(range, shape))
    )


def _diagonal(square: Square) -> Row:
    return tuple(row[place] for place, row in enumerate(square))


def _texts(square: Square) -> list[list[str]]:
    return [list(map(in_ascii, row)) for row in square]


def in_ascii(value: Expr) -> str:
    """A value as text, with Step(0) by the name that a network file gives it."""
    if isinstance(value, Integer):
        return str(value.p)
    return str(value).replace("h_0", "h0")
