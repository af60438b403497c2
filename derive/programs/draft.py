"""`Draft`: the `Arithmetic` that names what it computes, and the definitions made so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sympy import Add, Dummy, Expr, Integer, Number, Symbol, cancel, exp

from derive.algebra.quantities import Partial, Quantity
from derive.evaluating.local_derivatives import OUTPUT, TARGET, log_slopes
from derive.evaluating.passes import Passes
from derive.meaning.derivation import Equation
from derive.meaning.instance_derivatives import SizedModel
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Network

Row = Sequence[Expr]

#: What stands for z, r = phi(z) and phi'(z) in formulas of one unit.
_z, _r, _slope = (Dummy(name, real=True) for name in "zrs")


class Draft:
    """Definitions in order, of what the passes of a network of known widths compute."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._names: dict[Expr, Expr] = {}
        self._definitions: list[Equation] = []
        numbers = network.layer_numbers
        self._instance = SizedModel(network, {n: int(network.width(n)) for n in numbers})

    @property
    def definitions(self) -> tuple[Equation, ...]:
        """All definitions in order."""
        return tuple(self._definitions)

    def define(self, name: Quantity | Partial, formula: Expr) -> Expr:
        """What to write for `name` from now on.

        That is the name; or the formula, if it is a number or a name itself; or the name
        that the same formula already has.
        """
        if isinstance(formula, Number | Quantity | Partial | Symbol):
            return formula
        if formula not in self._names:
            self._names[formula] = name
            self._definitions.append(Equation(name, formula))
        return self._names[formula]

    def passes(self) -> Passes[Expr]:
        """The passes on the names of inputs, targets and parameters."""
        network, depth = self.network, self.network.depth
        biases = (
            self.entries("b", k) if layer.bias else None for k, layer in enumerate(network.layers)
        )
        weights = [self._weights(k) for k in range(depth)]
        x, y = self.entries("r", 0), self.entries("y", depth)
        return Passes(network, weights, list(biases), x, y, self)

    @property
    def parameters(self) -> list[Quantity]:
        """W^(0) row by row, b^(0), W^(1), ..."""
        return [entry for k in range(self.network.depth) for entry in self._parameters(k)]

    def entries(self, kind: str, layer: int) -> list[Quantity]:
        """All entries of a tensor of a layer, 0 for the input."""
        return self._instance.entries(kind, self.network.layer_numbers[layer])

    def _weights(self, k: int) -> list[list[Quantity]]:
        entries = self.entries("W", k)
        columns = len(self.entries("z", k + 1))
        return [entries[start : start + columns] for start in range(0, len(entries), columns)]

    def _parameters(self, k: int) -> list[Quantity]:
        biases = self.entries("b", k) if self.network.layers[k].bias else []
        return [*self.entries("W", k), *biases]

    # -- the arithmetic --------------------------------------------------------------------

    def constant(self, value: int) -> Expr:
        """An integer."""
        return Integer(value)

    def sum(self, numbers: Iterable[Expr]) -> Expr:
        """The sum."""
        return Add(*numbers)

    def vector(self, of: str, layer: int, entries: Row) -> Row:
        """Names for the entries."""
        return list(map(self.define, self._named(of, layer), entries))

    def matrix(self, of: str, layer: int, by: int, rows: Sequence[Row]) -> Sequence[Row]:
        """Names for the entries of the rows, which may end at the diagonal."""
        variables = self.entries("z", by)
        return [
            [self.define(Partial(one, z), entry) for z, entry in zip(variables, row, strict=False)]
            for one, row in zip(self._named(of, layer), rows, strict=True)
        ]

    def _named(self, of: str, layer: int) -> Sequence[Quantity | Partial]:
        if not of.startswith("dC/d"):
            return self.entries(of, layer)
        kind = of.removeprefix("dC/d")
        moving = self._parameters(layer) if kind == "p" else self.entries(kind, layer)
        return [Partial(self.network.C, entry) for entry in moving]

    def outputs(self, layer: int, z: Row) -> Row:
        """phi(z_j); for softmax exp(z_j) / sum_m exp(z_m)."""
        activation = self.network.activation_at(layer)
        if activation.kind.elementwise:
            return [activation(entry, self.network.step_at_zero) for entry in z]
        total = Add(*map(exp, z))
        return [exp(entry) / total for entry in z]

    def slopes(self, layer: int, derivative: int, z: Row) -> Row:
        """phi'(z) by name, such as that of r (1 - r) for sigmoid; phi''(z) as a formula."""
        activation = self.network.activation_at(layer)
        slope, bend = _local_formulas(activation, self.network.step_at_zero)
        found: list[Expr] = []
        names = zip(self.entries("r", layer), self.entries("z", layer), z, strict=True)
        for r, by, entry in names:
            at = {_z: entry, _r: r}
            name = self.define(Partial(r, by), slope.xreplace(at))
            found.append(name if derivative == 1 else bend.xreplace({**at, _slope: name}))
        return found

    def cost(self, r: Row, y: Row) -> Expr:
        """C in outputs and targets, or in the differences U = y - r, which get names."""
        cost, at_zero = self._cost, self.network.step_at_zero
        if cost.has_difference:
            terms = [cost.of_difference(u, at_zero) for u in self._differences(r, y)]
        else:
            terms = [cost.term(*pair, at_zero) for pair in zip(r, y, strict=True)]
        return self._scale * Add(*terms)

    def cost_slopes(self, derivative: int, r: Row, y: Row) -> Row:
        """d/dr = -d/dU once or twice."""
        found: list[Expr] = []
        for u in self._differences(r, y):
            term = self._scale * self._cost.of_difference(u, self.network.step_at_zero)
            found.append((-1) ** derivative * term.diff(u, derivative))
        return found

    def logit_slopes(self, derivative: int, z: Row, y: Row) -> Row:
        """dC/dz in outputs and targets, and its derivative by r times dr/dz and by z itself."""
        depth, at_zero = self.network.depth, self.network.step_at_zero
        slopes = self.slopes(depth, 1, z)
        slope, _ = _local_formulas(self.network.layers[-1].activation, at_zero)
        error = _error(self._cost, at_zero, slope) * self._scale
        by_r, by_z = error.diff(OUTPUT), error.diff(_z)
        outputs = self.vector("r", depth, self.outputs(depth, z))  # by the names that they have
        found: list[Expr] = []
        for r, target, entry, moved in zip(outputs, y, z, slopes, strict=True):
            at = {OUTPUT: r, TARGET: target, _z: entry}
            formula = error if derivative == 1 else by_r * moved + by_z
            found.append(formula.xreplace(at))
        return found

    def log_slopes(self, derivative: int, r: Row, y: Row) -> Row:
        """r d/dr once or twice, in outputs and targets."""
        formula = log_slopes(self._cost, self.network.step_at_zero)[derivative - 1]
        pairs = zip(r, y, strict=True)
        return [self._scale * formula.xreplace({OUTPUT: a, TARGET: b}) for a, b in pairs]

    def _differences(self, r: Row, y: Row) -> Row:
        formulas = [target - output for output, target in zip(r, y, strict=True)]
        return self.vector("U", self.network.depth, formulas)

    @property
    def _cost(self) -> Cost:
        assert self.network.cost is not None
        return self.network.cost

    @property
    def _scale(self) -> Expr:
        return self._cost.scale(self.network.width(self.network.last))


@lru_cache(maxsize=64)
def _local_formulas(activation: Activation, step_at_zero: Expr) -> tuple[Expr, Expr]:
    """dr/dz by SymPy, written in r where it can be; and d2r/dzdz in z, r and dr/dz."""
    phi = activation(_z, step_at_zero)
    slope = phi.diff(_z).xreplace({phi: _r})
    bend = slope.diff(_z) + slope.diff(_r) * _slope
    return slope, bend.xreplace({slope: _slope})


@lru_cache(maxsize=64)
def _error(cost: Cost, step_at_zero: Expr, slope: Expr) -> Expr:
    """dC/dz of one output in r and y, and in z where the slope is not written in r alone."""
    by_r = cost.term(OUTPUT, TARGET, step_at_zero).diff(OUTPUT)
    return cancel(by_r * slope.xreplace({_r: OUTPUT}))
