"""A model at given widths: definitions and derivatives written out, one step at a time.

A step is one application of the chain rule, from what a formula is made of:

    d f(q_1, q_2, ...)/dv = sum_m df/dq_m dq_m/dv.

Quantities that are computed from v move with it; what comes before v, and what is given,
stays.  The derivative of a derivative is that of the formula that one step makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from itertools import product as cartesian
from typing import Any

from sympy import Add, Basic, Expr, Integer, S, Sum, Symbol

from derive.algebra.indices import Index
from derive.algebra.quantities import Partial, Quantity, derivative_along, is_step, outermost
from derive.model.instances import instantiate
from derive.model.model import GATES, Head, Model

#: So many expressions are kept as they are written out, for the many points that are tried.
_MOST_WRITTEN = 256


class SizedModel:
    """A model whose axes have so many entries (those that have an index)."""

    def __init__(self, model: Model, widths: Mapping[Expr, int]) -> None:
        self.model = model
        self.widths = dict(widths)
        self._width_values = {
            model.width(layer): Integer(count)
            for layer, count in widths.items()
            if isinstance(model.width(layer), Symbol)
        }
        self._entries: dict[tuple[Any, Any], list[Quantity]] = {}
        self._definitions: dict[Quantity, Expr | None] = {}
        self._written: dict[tuple[Basic, tuple[tuple[Symbol, Integer], ...]], Any] = {}
        self._steps: dict[Partial, Expr | None] = {}

    def entries(self, kind: Any, layer: Any) -> list[Quantity]:
        """All entries of a tensor, row by row."""
        if (kind, layer) not in self._entries:
            bare = Quantity(kind, layer)
            ranges = [range(1, self.widths[axis] + 1) for axis in self.model.axes(bare)]
            self._entries[kind, layer] = [bare.at(*indices) for indices in cartesian(*ranges)]
        return [*self._entries[kind, layer]]

    @cached_property
    def given_entries(self) -> tuple[Expr, ...]:
        """All that is given: inputs, parameters, targets, and dC/dr where C is unspecified."""
        given: list[Expr] = [entry for head in self.model.given for entry in self.entries(*head)]
        for head in self.model.opaque(self.model.C.args[:2])[:1]:
            given += [Partial(self.model.C, entry) for entry in self.entries(*head)]
        return tuple(given)

    @cached_property
    def directions(self) -> tuple[Expr, ...]:
        """The direction in which parameters and inputs move."""
        entries = (entry for head in self.model.given for entry in self.entries(*head))
        return tuple(way for entry in entries if (way := self.model.moving(entry)) != 0)

    @cached_property
    def gate_arguments(self) -> list[Expr]:
        """What is 0 at a kink of some definition."""
        found: dict[Expr, None] = {}
        for tensor in self.model.defined:
            if tensor in self.model.kinked:
                for entry in self.entries(*tensor):
                    gates = sorted(self._formula(entry).atoms(*GATES), key=str)
                    found |= dict.fromkeys(gate.args[0] for gate in gates)
        return list(found)

    def written_out(self, expression: Basic, free: Mapping[Symbol, Integer]) -> Any:
        """The expression with its sums written out and its free indices put in."""
        if not _has_entries(expression):
            return expression.xreplace(self._width_values)
        key = (expression, tuple(free.items()))
        if key not in self._written:
            if len(self._written) >= _MOST_WRITTEN:
                self._written.clear()
            written = instantiate(self.model, expression, self.widths, free)
            self._written[key] = written.xreplace(self._width_values)
        return self._written[key]

    def definition(self, entry: Quantity) -> Expr | None:
        """What an entry is computed from, in quantities and derivatives; None if it is given."""
        if entry not in self._definitions:
            found = self.model.definition(entry)
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
            if of == self.model.C and not is_step(v) and self.model.defines(of):
                return self._by_users(of, v)
            formula = self.definition(of)
        else:
            formula = self.step(of) if isinstance(of, Partial) else of
        if formula is not None:
            return self._along(formula, v)
        unknown = self.model.opaque(self.model.C.args[:2])
        if v.args[:2] in unknown or is_step(v):
            return None
        return self._through(unknown[0], of, v)

    def _by_users(self, of: Quantity, v: Quantity) -> Expr:
        """d(of)/dv = sum of d(of)/dq dq/dv over what uses v, all else in the formula of q fixed."""
        terms: list[Expr] = []
        for user in self.model.users(v):
            for q in self.entries(*user):
                own = {v: S.One}
                local = derivative_along(self._formula(q), own)
                terms.append(local * (S.One if of == q else Partial(of, q)))
        return Add(*terms)

    def _through(self, waist: Head, of: Expr, v: Quantity) -> Expr:
        """d(of)/dv = sum_q d(of)/dq dq/dv over the entries of a tensor that all goes through."""
        entries = self.entries(*waist)
        return Add(*(self._along(self._formula(q), v) * Partial(of, q) for q in entries))

    def _formula(self, q: Quantity) -> Expr:
        definition = self.definition(q)
        assert definition is not None
        return definition

    def _along(self, formula: Expr, v: Quantity) -> Expr:
        """d/dt of a formula at t = 0, where each q in it moves by t dq/dv."""
        by = {atom: self._by(atom, v) for atom in outermost(formula)}
        return derivative_along(formula, by)

    def _by(self, atom: Quantity | Partial, v: Quantity) -> Expr:
        """d(atom)/dv, as a number where that is plain to see."""
        model = self.model
        if isinstance(atom, Partial):
            return Partial(atom, v)
        if is_step(v) and (moved := model.moving(atom)) != 0:
            return moved
        if atom.args[:2] == v.args[:2]:
            return S.One if atom == v else S.Zero
        if is_step(v):
            return Partial(atom, v) if model.defines(atom) or atom == model.C else S.Zero
        moves = model.depends(atom.args[:2], v.args[:2])
        return Partial(atom, v) if moves else S.Zero


@lru_cache(maxsize=20_000)
def _has_entries(expression: Basic) -> bool:
    """Whether anything in an expression depends on sizes and units."""
    return expression.has(Sum, Quantity, Partial, Index)


@lru_cache(maxsize=16)
def instance(model: Model, widths: tuple[tuple[Expr, int], ...]) -> SizedModel:
    """The model at these widths; what was written out for one question serves the next."""
    return SizedModel(model, dict(widths))
