"""Values of quantities and derivatives at a point, by the definitions of the model.

The forward pass runs from the input to the cost.  Derivatives of any order are worked out
by the chain rule, one step at a time (`derive.meaning.instance_derivatives`), until only values are
left.  Exact for rational points as long as no transcendental function is met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Self

from sympy import Basic, Expr, Integer, Symbol

from derive.algebra.arguments import expression as given_expression
from derive.algebra.arguments import instance_of
from derive.algebra.quantities import Partial, Quantity, outermost, released
from derive.meaning.instance_derivatives import SizedModel, instance
from derive.model.model import Model, Source, needed_model


class Valuation:
    """A model at one sample: every quantity has a value.

    Args:
        model: what the quantities mean.
        widths: units of each layer that has an index.
        given: values of the inputs, targets, weights and biases, and, where the cost is
            unspecified, of its derivatives by the outputs; where there is a direction, of that.
    """

    def __init__(
        self, model: Model | Source, widths: Mapping[Expr, int], given: Mapping[Expr, Expr]
    ) -> None:
        model = needed_model(model)
        sizes = instance_of(Mapping, widths, "widths")
        self._instance: SizedModel = instance(model, tuple(sizes.items()))
        self._given = _values(given)

    def at(self, given: Mapping[Expr, Expr]) -> Self:
        """The same network at other values; what was derived so far is not derived again."""
        other = object.__new__(type(self))
        other._instance, other._given = self._instance, _values(given)
        return other

    def entries(self, kind: Any, layer: Any) -> list[Quantity]:
        """All entries of a tensor, row by row."""
        return self._instance.entries(kind, layer)

    @property
    def given_entries(self) -> tuple[Expr, ...]:
        """All that is given: inputs, parameters, targets, and dC/dr where C is unspecified."""
        return self._instance.given_entries

    @property
    def directions(self) -> tuple[Expr, ...]:
        """The direction in which parameters and inputs move."""
        return self._instance.directions

    @property
    def model(self) -> Model:
        """What the quantities mean."""
        return self._instance.model

    @property
    def widths(self) -> Mapping[Expr, int]:
        """Units of each layer that has an index."""
        return self._instance.widths

    @property
    def given(self) -> Mapping[Expr, Expr]:
        """The values that all others are computed from."""
        return self._given

    @cached_property
    def values(self) -> dict[Expr, Expr]:
        """The value of every quantity, from the inputs forward."""
        found: dict[Expr, Expr] = dict(self._given)
        for tensor in self.model.defined:
            for entry in self.entries(*tensor):
                definition = self._instance.definition(entry)
                if definition is not None:
                    found[entry] = self.kept(released(definition).xreplace(found))
        return found

    def kept(self, value: Expr) -> Expr:
        """What later values are computed with, where this one has been found."""
        return value

    @property
    def gate_arguments(self) -> list[Expr]:
        """What is 0 at a kink of some definition."""
        return self._instance.gate_arguments

    @cached_property
    def _known(self) -> dict[Expr, Expr]:
        """`values`, and the values of derivatives as they are found."""
        return dict(self.values)

    def derivative(self, of: Quantity, wrt: Quantity) -> Expr:
        """d(of)/d(wrt), by the chain rule through what is computed from `wrt`."""
        return self._value(Partial(of, wrt))

    def __call__(self, expression: Expr, free: Mapping[Symbol, Integer] | None = None) -> Expr:
        """The value of an expression in quantities and their derivatives.

        What no value follows for, such as a derivative of an unspecified cost that is not
        given, stays what it is.
        """
        known = isinstance(expression, Basic)  # a condition has a value too
        meant = expression if known else given_expression(expression, "an expression")
        return self._value(released(self.written_out(meant, free)))

    def written_out(self, expression: Expr, free: Mapping[Symbol, Integer] | None = None) -> Expr:
        """The expression with its sums written out and its free indices put in."""
        return self._instance.written_out(expression, dict(free or {}))

    def depends_on(
        self, expression: Expr, free: Mapping[Symbol, Integer] | None = None
    ) -> set[Expr]:
        """The given entries that the value of an expression is computed from."""
        stack: list[Quantity | Partial] = list(outermost(self.written_out(expression, free)))
        seen: set[Quantity | Partial] = set()
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack += outermost(self._formula(node) or node)
        return {node for node in seen if self._formula(node) is None}

    def _formula(self, node: Quantity | Partial) -> Expr | None:
        """What a node is computed from; None if it is given."""
        if isinstance(node, Partial):
            return self._instance.step(node)
        return self._instance.definition(node)

    def _value(self, written: Expr) -> Expr:
        nodes = outermost(written)
        if not nodes:  # nothing of the model; where nothing is given, its formulas are long
            return written
        self._work_out(nodes)
        return written.xreplace(self._known)

    def _work_out(self, nodes: Iterable[Quantity | Partial]) -> None:
        """Find the values of all that these depend on, without recursion: networks are deep."""
        stack = list(nodes)
        while stack:
            node = stack[-1]
            if node in self._known:
                stack.pop()
                continue
            formula = self._formula(node)
            if formula is None:
                self._known[node] = node
                continue
            missing = [part for part in outermost(formula) if part not in self._known]
            if missing:
                stack += missing
            else:
                self._known[node] = self.kept(released(formula).xreplace(self._known))


def _values(given: Mapping[Expr, Expr]) -> dict[Expr, Expr]:
    """The values that a caller gives, each as an expression."""
    known = instance_of(Mapping, given, "given")
    return {
        of: value if isinstance(value, Expr) else given_expression(value, f"the value of {of}")
        for of, value in known.items()
    }
