"""What libraries of arrays call what a program needs: NumPy, JAX and PyTorch, one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ArrayDialect:
    """A library of arrays.

    Attributes:
        name: what the command line calls it.
        module: what programs call it.
        calls: other names, and other forms, for functions of NumPy; functions of formulas that a
            library has itself, so that it differentiates them rightly where their forms have ties.
        eye: the unit matrix of some size, in the type of an array.
        count: 0, 1, 2, ... below some size.
        fixed: an array that automatic differentiation holds still.
        typed: an array in the type of another.
        has_views: whether the diagonal of an array can be written to.
    """

    name: str
    module: str
    calls: dict[str, Callable[..., str]]
    eye: Callable[[str, str], str]
    count: Callable[[str], str]
    fixed: Callable[[str], str]
    typed: Callable[[str, str], str]
    has_views: bool = False

    def call(self, function: str, *arguments: str) -> str:
        """A function of arrays, by its name in NumPy."""
        own = self.calls.get(function)
        if own is not None:
            return own(*arguments)
        return f"{self.module}.{function}({', '.join(arguments)})"


ARRAY_DIALECTS = {
    dialect.name: dialect
    for dialect in (
        ArrayDialect(
            "numpy",
            "np",
            {
                "erf": lambda z: f"erf({z})",
                "heaviside": lambda z, at_zero: f"step({z}, {at_zero})",
                "softmax": lambda z, axis: f"softmax({z}, {axis})",
                "log_sum_exp": lambda z, axis: f"log_sum_exp({z}, {axis})",
                "einsum": lambda letters, *arrays: (
                    f'np.einsum("{letters}", {", ".join(arrays)}'
                    f"{', optimize=True' if len(arrays) > 1 else ''})"
                ),
            },
            eye=lambda size, like: f"np.eye({size}, dtype={like}.dtype)",
            count=lambda size: f"np.arange({size})",
            fixed=lambda array: array,
            typed=lambda array, like: f"{array}.astype({like}.dtype)",
            has_views=True,
        ),
        ArrayDialect(
            "jax",
            "jnp",
            {
                "erf": lambda z: f"jax.scipy.special.erf({z})",
                "sigmoid": lambda z: f"jax.nn.sigmoid({z})",
                "softplus": lambda z: f"jax.nn.softplus({z})",
                "softmax": lambda z, axis: f"softmax({z}, {axis})",
                "log_sum_exp": lambda z, axis: f"log_sum_exp({z}, {axis})",
                "einsum": lambda letters, *arrays: f'jnp.einsum("{letters}", {", ".join(arrays)})',
            },
            eye=lambda size, like: f"jnp.eye({size}, dtype={like}.dtype)",
            count=lambda size: f"jnp.arange({size})",
            fixed=lambda array: f"jax.lax.stop_gradient({array})",
            typed=lambda array, like: f"{array}.astype({like}.dtype)",
        ),
        ArrayDialect(
            "torch",
            "torch",
            {
                "sigmoid": lambda z: f"torch.sigmoid({z})",
                "softplus": lambda z: f"torch.logaddexp({z}, torch.zeros_like({z}))",
                "maximum": lambda z, bound: f"torch.clamp({z}, min={bound})",
                "minimum": lambda z, bound: f"torch.clamp({z}, max={bound})",
                "heaviside": lambda z, at_zero: f"step({z}, {at_zero})",
                "softmax": lambda z, axis: f"softmax({z}, {axis})",
                "log_sum_exp": lambda z, axis: f"log_sum_exp({z}, {axis})",
                "einsum": lambda letters, *arrays: (
                    f'torch.einsum("{letters}", {", ".join(arrays)})'
                ),
            },
            eye=lambda size, like: f"torch.eye({size}, dtype={like}.dtype)",
            count=lambda size: f"torch.arange({size})",
            fixed=lambda array: f"{array}.detach()",
            typed=lambda array, like: f"{array}.to({like}.dtype)",
        ),
    )
}
