"""What programs call the tensors of a model, and how they read sizes off arrays."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sympy import Integer

from derive.errors import DeriveError
from derive.kernels.assignments import Kernel, Name
from derive.model.instances import fitting_shifts
from derive.notation.ascii.printing import ascii_text

#: Names that programs have for other things.
_TAKEN = frozenset(
    (
        *("np", "jnp", "jax", "torch", "real", "erf", "softmax", "log_sum_exp", "step", "shift"),
        *("cost", "outputs", "cost_and_gradient", "gradient", "every_quantity", "symmetric"),
        *("hessian", "hessian_diagonal", "hessian_vector_product", "gauss_newton_product"),
        *("vector_jacobian_product", "units", "parts", "prod", "accumulate", "along_units"),
        *("blocks", "main", "matrix", "factors", "parameters", "out", "put", "blocks_of"),
        *("put_products", "put_array", "put_outer", "mirror", "diagonal"),
    )
)


#: Words of C, and what programs in C call other things.
C_WORDS = frozenset(
    (
        *("auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else"),
        *("enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register"),
        *("restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch"),
        *("typedef", "union", "unsigned", "void", "volatile", "while", "real", "size_t", "work"),
        *("sample", "samples", "relu", "leaky_relu", "sigmoid", "softplus", "or_one", "or_zero"),
        *("exp", "log", "log1p", "tanh", "sqrt", "pow", "fabs", "isfinite", "j0", "j1", "y0", "y1"),
        *("sin", "cos"),
        *("scale", "rows", "entry", "apart", "largest", "enough", "row", "live", "any", "past"),
        *("multiply", "put", "scaled", "alive", "one", "failed_"),
        *("lanes", "LANE", "LINE", "BYTES", "THIN", "TALL", "WIDE", "DEEP"),
    )
)


@dataclass(frozen=True)
class Identifiers:
    """The identifiers of a kernel, in a language with these words of its own."""

    kernel: Kernel
    words: frozenset[str] = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist)

    def of(self, name: Name) -> str:
        """z1, dC_dz1 for dC/dz1, R_dC_dz1 for R(dC/dz1)."""
        return self.of_text(ascii_text(name))

    def of_text(self, said: str) -> str:
        """The same for a name in the ASCII notation."""
        text = re.sub(r"[^A-Za-z0-9]+", "_", said).strip("_")
        return f"{text}_" if text in _TAKEN or text in self.words else text

    def gate(self, name: Name) -> str:
        """step_z1 for Step(z1), which several lines have."""
        text = f"step_{self.of(name)}"
        taken = map(self.of, (*self.kernel.given, *self.kernel.assignments))
        return f"{text}_" if text in taken else text

    def all_of(self, names: Iterable[Name]) -> str:
        """Several, as arguments or results."""
        return ", ".join(map(self.of, names))

    @property
    def like(self) -> str:
        """An array that has the type of all."""
        arrays = (one for one in self.kernel.given if self.kernel.model.axes(one))
        return self.of(next(arrays))

    @property
    def samples(self) -> str:
        """The number of samples."""
        return f"{self.like}.shape[0]"

    def size_of(self, axis: Any) -> str:
        """The number of entries along an axis, read off the first array that has it.

        Where x[t+s] is all that says how large T is, L = T + S - 1; for x[2*t+s] it is
        2 T + S - 2, or one more.
        """
        if isinstance(width := self.kernel.model.width(axis), Integer):
            return str(width)
        for one in self.kernel.given:
            slots = self.kernel.model.slots(one.kind, one.layer)
            if axis in slots:
                place = slots.index(axis) + self.kernel.varies(one)
                return f"{self.of(one)}.shape[{place}]"
        for whole, parts in fitting_shifts(self.kernel.model):
            others = [self.size_of(part) for part in parts if part != axis]
            if times := len(parts) - len(others):
                rest = f"{' - '.join([self.size_of(whole), *others])} + {len(parts) - 1}"
                return f"({rest})" if times == 1 else f"(({rest}) // {times})"
        raise DeriveError(f"the size of {axis} can be read off no array that is given")
