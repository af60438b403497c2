"""A network at given widths: definitions and derivatives written out, one step at a time.

A step is one application of the chain rule, from what a formula is made of:

    d f(q_1, q_2, ...)/dv = sum_m df/dq_m dq_m/dv.

Quantities that are computed from v move with it; what comes before v, and what is given,
stays.  The derivative of a derivative is that of the formula that one step makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import product as cartesian
from typing import Any

from sympy import Add, Basic, Expr, Integer, S, Symbol

from derive.algebra.quantities import DIRECTIONS, Partial, Quantity, derivative_along, outermost
from derive.model.instances import instantiate
from derive.model.network import Network


class SizedNetwork:
    """A network whose layers have so many units (those that have an index)."""

    def __init__(self, network: Network, widths: Mapping[Expr, int]) -> None:
        self.network = network
        self.widths = dict(widths)
        self._width_values = {
            network.width(layer): Integer(count)
            for layer, count in widths.items()
            if isinstance(network.width(layer), Symbol)
        }
        self._definitions: dict[Quantity, Expr | None] = {}
        self._steps: dict[Partial, Expr | None] = {}

    def entries(self, kind: str, layer: Expr) -> list[Quantity]:
        """All entries of a tensor, row by row."""
        network = self.network
        axes = [axis for axis in network.slots(kind, layer) if network.has_index(axis)]
        ranges = [range(1, self.widths[axis] + 1) for axis in axes]
        return [Quantity(kind, layer, *indices) for indices in cartesian(*ranges)]

    def written_out(self, expression: Basic, free: Mapping[Symbol, Integer]) -> Any:
        """The expression with its sums written out and its free indices put in."""
        written = instantiate(self.network, expression, self.widths, free)
        return written.xreplace(self._width_values)

    def definition(self, entry: Quantity) -> Expr | None:
        """What an entry is computed from, in quantities and derivatives; None if it is given."""
        if entry not in self._definitions:
            found = self.network.definition(entry)
            self._definitions[entry] = None if found is None else self.written_out(found, {})
        return self._definitions[entry]

    def step(self, node: Partial) -> Expr | None:
        """A derivative in simpler ones, or None where the cost is unspecified.

        An unspecified cost is some function of the outputs and targets, by which its
        derivatives are unknown.  Derivatives of the cost go from the output back: for one
        cost there are many parameters.  Those of all else go from the input forward.
        """
        if node not in self._steps:
            self._steps[node] = self._step(node)
        return self._steps[node]

    def _step(self, node: Partial) -> Expr | None:
        of, v = node.of, node.wrt
        if isinstance(of, Quantity):
            known = self._by(of, v)
            if known != node:
                return known
            if of.kind == "C" and v.kind != "t" and self.network.defines(of):
                return self._through(self.network.users(v), of, v)
            formula = self.definition(of)
        else:
            formula = self.step(of) if isinstance(of, Partial) else of
        if formula is not None:
            return self._along(formula, v)
        if v.layer == self.network.last and v.kind in ("r", "y"):
            return None
        return self._through(("r", self.network.last), of, v)

    def _through(self, place: tuple[str, Expr] | None, of: Expr, v: Quantity) -> Expr:
        """d(of)/dv = sum_q d(of)/dq dq/dv over the entries q of one tensor."""
        if place is None:
            return S.Zero
        terms: list[Expr] = []
        for q in self.entries(*place):
            definition = self.definition(q)
            assert definition is not None
            terms.append(self._along(definition, v) * (S.One if of == q else Partial(of, q)))
        return Add(*terms)

    def _along(self, formula: Expr, v: Quantity) -> Expr:
        """d/dt of a formula at t = 0, where each q in it moves by t dq/dv."""
        by = {atom: self._by(atom, v) for atom in outermost(formula)}
        return derivative_along(formula, by)

    def _by(self, atom: Quantity | Partial, v: Quantity) -> Expr:
        """d(atom)/dv, as a number where that is plain to see."""
        network = self.network
        if isinstance(atom, Partial):
            return Partial(atom, v)
        if v.kind == "t" and atom.kind in DIRECTIONS:
            return Quantity(DIRECTIONS[atom.kind], *atom.args[1:])
        if atom.args[:2] == v.args[:2]:
            return S.One if atom == v else S.Zero
        moves = network.defines(atom) or atom == network.C
        return Partial(atom, v) if moves and network.rank(atom) > network.rank(v) else S.Zero


@lru_cache(maxsize=16)
def instance(network: Network, widths: tuple[tuple[Expr, int], ...]) -> SizedNetwork:
    """The network at these widths; what was written out for one question serves the next."""
    return SizedNetwork(network, dict(widths))
