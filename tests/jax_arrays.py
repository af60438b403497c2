"""Values of expressions from the arrays of a model that JAX ran and differentiated."""

import math

import jax
import numpy as np
from jax import numpy as jnp
from sympy import Add, Integer, Mul, Pow, Sum, Symbol

from derive.algebra.quantities import Partial, Quantity
from derive.model.assumptions import rows_of_sum_one

jax.config.update("jax_enable_x64", True)

#: Built-in models of unlike kinds whose every derivation line is tried here.
RUN_IN_JAX = (
    "attention-head", "rms-norm", "layer-norm", "softmax-cross-entropy", "swiglu", "residual",
)  # fmt: skip


class Arrays:
    """Values of all quantities of a model, and of the derivatives by them, from JAX."""

    def __init__(self, one, cost, seed):
        draw = np.random.default_rng(seed)
        axes = list(one.all_axes)
        self.model = one
        self.sizes = dict(zip(axes, draw.permutation(len(axes)) + 2, strict=True))
        given = {}
        for head in one.given:
            shape = self._shape(head)
            drawn = draw.uniform(0.2, 1.2, shape) * draw.choice([-1.0, 1.0], shape)
            positive = str(head[0]) in ("eps", "lambda")
            if (axis := rows_of_sum_one(one).get(head)) is not None:
                drawn = abs(drawn) / abs(drawn).sum(axis=axis, keepdims=True)
            given[str(head[0])] = jnp.array(abs(drawn) if positive else drawn)
        moved = {str(h[0]): jnp.zeros(self._shape(h)) for h in one.defined if h != one.C.args[:2]}
        seen = {}

        def run(given, moved):
            def tap(name, value):
                seen[name] = value
                return value + moved[name]

            return cost(given, tap)

        by_given, by_moved = jax.grad(run, argnums=(0, 1))(given, moved)
        seen.clear()
        run(given, moved)
        self.values = {**given, **seen}
        self.slopes = {**by_given, **by_moved}

    def _shape(self, head):
        return [int(self.sizes[axis]) for axis in self.model.axes(Quantity(*head))]

    def __call__(self, node, units) -> float:
        """The value of an expression with these units for its letters."""
        at = lambda part: self(part, units)  # noqa: E731
        match node:
            case Quantity():
                return float(self._entry(self.values, node, units))
            case Partial():
                assert node.of == self.model.C
                return float(self._entry(self.slopes, node.wrt, units))
            case Symbol():
                return float(self.sizes[node])
            case Sum():
                (letter, _, size), *rest = node.limits
                inner = Sum(node.function, *rest) if rest else node.function
                count = int(self.sizes[size])
                return sum(self(inner, {**units, letter: n}) for n in range(count))
            case Add():
                return math.fsum(map(at, node.args))
            case Mul():
                return math.prod(map(at, node.args))
            case Pow():
                return at(node.base) ** at(node.exp)
            case _ if node.is_number:
                return float(node)
            case _:
                return FUNCTIONS[type(node).__name__](at(node.args[0]))

    def _entry(self, arrays, quantity, units):
        places = (int(i) - 1 if isinstance(i, Integer) else units[i] for i in quantity.indices)
        return arrays[str(quantity.args[0])][tuple(places)]


FUNCTIONS = {
    "exp": math.exp,
    "log": math.log,
    "tanh": math.tanh,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "Step": lambda a: float(a > 0),
}
