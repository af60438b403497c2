"""Values of all quantities of a model from definitions at a point, and the gradient of C.

Quantities are computed by their definitions, in order.  Derivatives are computed by the last
line of each chain of the derivation (`derive.deriving.model_gradient`), from the objective
backwards: each dC/dq in terms of the dC/du of what uses q.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import Basic, Expr, Piecewise, Pow, S, Symbol

from derive.algebra.arguments import instance_of, quoted
from derive.algebra.quantities import Partial, Quantity, ascii_name, is_step
from derive.deriving.laws.matrix_forms import tensor_entry
from derive.deriving.model_curvature import backward_along, forward_along
from derive.deriving.model_gradient import differentiated, gradients, model_gradient
from derive.errors import DeriveError
from derive.evaluating.enclosures import Number, NumberArithmetic, constant, to_digits
from derive.evaluating.evaluation import in_ascii, nested_texts
from derive.evaluating.local_derivatives import in_cases
from derive.lazy import late
from derive.meaning.instance_derivatives import SizedModel, instance
from derive.model.defined_model import DefinedModel
from derive.model.model import Head, Model
from derive.model.nested_numbers import Nested
from derive.model.tensor_values import TensorValues, tensor_values
from derive.notation.ascii.printing import ascii_text

_as_markdown = late("derive.documents.displays", "as_markdown")


@dataclass(frozen=True)
class ModelEvaluation:
    """What `evaluate` found of a model from definitions, as SymPy numbers.

    Tensors are nested tuples, one for each axis in order.

    Attributes:
        objective: the name of what is differentiated.
        C: its value; None where it is some function of the output.
        quantities: the value of every defined quantity but the objective, by name.
        gradients: the derivative of the objective by each of these, by inputs and by parameters,
            by name; None at order 0.
        parameters: the names of all entries of parameters, row by row, as "W[0,1]".
        gradient: the derivative of the objective by each of `parameters`; None at order 0.
        motions: where the point gives a direction, R(q) of each quantity and, of order 1, R(dC/dq),
            by these names: Jacobians and the Hessian times the direction.
        kinks: what is exactly 0 where a definition has a kink, as "h[0]".
        step_at_zero: the value of Step(0) that derivatives use there.
    """

    objective: str
    C: Expr | None
    quantities: Mapping[str, Nested]
    gradients: Mapping[str, Nested] | None
    parameters: tuple[str, ...]
    gradient: tuple[Expr, ...] | None
    motions: Mapping[str, Nested]
    kinks: tuple[str, ...]
    step_at_zero: Expr

    def to_json(self) -> dict[str, Any]:
        """All of it as strings and lists; rational numbers are exact."""
        found: dict[str, Any] = {
            "objective": self.objective,
            "C": None if self.C is None else in_ascii(self.C),
            "quantities": nested_texts(self.quantities),
        }
        if self.gradients is not None and self.gradient is not None:
            found["gradients"] = nested_texts(self.gradients)
            found["parameters"] = list(self.parameters)
            found["gradient"] = list(map(in_ascii, self.gradient))
        if self.motions:
            found["motions"] = nested_texts(self.motions)
        return found | {"kinks": list(self.kinks), "step_at_zero": in_ascii(self.step_at_zero)}

    def _repr_markdown_(self) -> str | None:
        return _as_markdown(self)


def evaluate_model(
    model: DefinedModel, point: Mapping[str, Any] | None = None, order: int = 1
) -> ModelEvaluation:
    """Every quantity at a point, and with order 1 the derivative of the objective by each.

    Args:
        point: like `DefinedModel.point`, which is taken when it is not given: exact numbers for
            all given tensors, as nested lists; sizes of axes follow from it.

    Raises:
        DeriveError: when the point does not fit the model, or a formula has no value there.
    """
    if order not in (0, 1):
        raise DeriveError(
            "a model from definitions is evaluated to order 0 (values) or 1 (gradient), "
            f"not {quoted(order)}"
        )
    numbers = model.point if point is None else point
    if numbers is None:
        names = ", ".join(one.name for one in model.tensors)
        raise DeriveError(f"{model.name} has no [point]; give one with numbers for {names}")
    given = tensor_values(model, instance_of(Mapping, numbers, "the point"))
    sized = instance(model, tuple(given.sizes.items()))
    known = _constants(given)
    formulas = [*_definitions(sized)]
    if order:
        _check_output_slopes(model, known)
        formulas += _derivatives(sized)
    if given.moves:
        known = {entry: constant(Fraction(0)) for entry in _standing(sized)} | known
        formulas += _motions(sized, order)
    return to_digits(lambda arithmetic: _evaluated(sized, known, formulas, order, arithmetic))


def gate_values(model: DefinedModel, point: Mapping[str, Any]) -> dict[str, Expr]:
    """What has a kink where it is 0, as "h[0]", and its value at a point.

    Raises:
        DeriveError: when the point does not fit the model, or a formula has no value there.
    """
    given = tensor_values(model, point)
    definitions, gates = _gates(model, tuple(given.sizes.items()))

    def at(arithmetic: NumberArithmetic) -> dict[str, Expr]:
        known = _computed(_constants(given), definitions, arithmetic)
        return {name: arithmetic.read(arithmetic.value(gate, known)) for name, gate in gates}

    return to_digits(at)


@lru_cache(maxsize=16)
def _gates(
    model: DefinedModel, sizes: tuple[tuple[Expr, int], ...]
) -> tuple[tuple[tuple[Expr, Expr], ...], tuple[tuple[str, Expr], ...]]:
    """The formulas of all defined entries, and what is 0 at kinks, by name."""
    sized = instance(model, sizes)
    gates = ((ascii_text(one), in_cases(one)) for one in sized.gate_arguments)
    return tuple(_definitions(sized)), tuple(gates)


def _constants(given: TensorValues) -> dict[Expr, Number]:
    return {
        entry: constant(Fraction(int(value.p), int(value.q)))
        for entry, value in given.entries.items()
    }


def _check_output_slopes(model: DefinedModel, known: Mapping[Expr, Number]) -> None:
    """Where C is not specified, its gradient follows from its derivatives by the output."""
    for kind, _ in model.opaque(model.C.args[:2]):
        if not any(isinstance(entry, Partial) for entry in known):
            raise DeriveError(
                f"C is not specified, so its gradient needs dC/d{kind} in the point; values alone "
                "are order 0"
            )


def _definitions(sized: SizedModel) -> Iterator[tuple[Expr, Expr]]:
    """Each defined entry and its formula, each after those that it is computed from."""
    for head in sized.model.defined:
        for entry in sized.entries(*head):
            formula = sized.definition(entry)
            if formula is not None:
                yield entry, in_cases(formula)


def _derivatives(sized: SizedModel) -> Iterator[tuple[Expr, Expr]]:
    """dC/dq for each entry, and its formula, in the same way; 0 where nothing uses it."""
    model = sized.model
    for head in (*model.defined, *model.given):
        if not model.users(Quantity(*head)) and head != model.C.args[:2]:
            for entry in sized.entries(*head):
                yield Partial(model.C, entry), S.Zero
    for start, formula in _chains(model):
        for entry, written in _of_each_entry(sized, start.wrt, formula):
            yield Partial(model.C, entry), written


def _of_each_entry(
    sized: SizedModel, general: Quantity, formula: Expr
) -> Iterator[tuple[Quantity, Expr]]:
    """Every entry of a tensor with what a formula for its general one says of it."""
    letters = [letter for letter in general.indices if isinstance(letter, Symbol)]
    for entry in sized.entries(*general.args[:2]):
        free = dict(zip(letters, entry.indices, strict=True))
        yield entry, in_cases(sized.written_out(formula, free))


@lru_cache(maxsize=16)
def _chains(model: Model) -> tuple[tuple[Partial, Expr], ...]:
    """Where each chain of the gradient starts and what it comes to, from the objective back."""
    found: list[tuple[Partial, Expr]] = []
    for group in model_gradient(model).groups:
        for chain in group.chains:
            if isinstance(start := chain[0].lhs, Partial):
                found.append((start, chain[-1].rhs))
    return tuple(found)


def _standing(sized: SizedModel) -> Iterator[Expr]:
    """R{W} and R{dC/dO} of what is given: 0 where the point does not say more."""
    model = sized.model
    for head in model.given:
        for entry in sized.entries(*head):
            if (moved := model.moving(entry)) != 0:
                yield moved
    for head in model.opaque(model.C.args[:2]):
        for entry in sized.entries(*head):
            yield Partial(Partial(model.C, entry), _direction(model))


def _direction(model: Model) -> Quantity:
    assert model.direction is not None
    return model.direction


def _motions(sized: SizedModel, order: int) -> Iterator[tuple[Expr, Expr]]:
    """R{q} for each entry, and with order 1 R{dC/dq}, each with its formula."""
    direction = _direction(sized.model)
    for start, formula in _along(sized.model):
        of = start.of
        if isinstance(of, Partial) and not order:
            continue
        for entry, written in _of_each_entry(sized, tensor_entry(start), formula):
            moved = Partial(sized.model.C, entry) if isinstance(of, Partial) else entry
            yield Partial(moved, direction), written


@lru_cache(maxsize=16)
def _along(model: Model) -> tuple[tuple[Partial, Expr], ...]:
    """Where each chain along a direction starts and what it comes to, forward and then back."""
    _, known = gradients(model)
    groups = (forward_along(model), backward_along(model, differentiated(model, known), known))
    chains = (chain for group in groups for chain in group.chains)
    last = {chain[0].lhs: chain[-1].rhs for chain in chains}
    return tuple((start, right) for start, right in last.items() if isinstance(start, Partial))


def _evaluated(
    sized: SizedModel,
    given: Mapping[Expr, Number],
    formulas: Iterable[tuple[Expr, Expr]],
    order: int,
    arithmetic: NumberArithmetic,
) -> ModelEvaluation:
    model = sized.model
    known = _computed(given, formulas, arithmetic)
    objective = model.C.kind
    values = {entry: arithmetic.read(number) for entry, number in known.items()}
    inner = [head for head in model.defined if head != model.C.args[:2]]
    to_inputs = [h for h in model.given if model.role(h) in ("input", "parameter")]
    parameters = [entry for head in model.parameters for entry in sized.entries(*head)]
    of_c = {
        entry.wrt: value
        for entry, value in values.items()
        if isinstance(entry, Partial) and not is_step(entry.wrt)
    }
    along = {
        entry.of: value
        for entry, value in values.items()
        if isinstance(entry, Partial) and is_step(entry.wrt)
    }
    return ModelEvaluation(
        objective=objective,
        C=values.get(model.C),
        quantities={str(head[0]): _nested(sized, head, values) for head in inner},
        gradients={str(head[0]): _nested(sized, head, of_c) for head in (*inner, *to_inputs)}
        if order
        else None,
        parameters=tuple(map(ascii_name, parameters)),
        gradient=tuple(of_c[entry] for entry in parameters) if order else None,
        motions=_nested_motions(sized, along),
        kinks=_kinks(sized, known, arithmetic),
        step_at_zero=model.step_at_zero,
    )


def _computed(
    given: Mapping[Expr, Number],
    formulas: Iterable[tuple[Expr, Expr]],
    arithmetic: NumberArithmetic,
) -> dict[Expr, Number]:
    """What is given, and the value of each formula in turn."""
    known = dict(given)
    for entry, formula in formulas:
        try:
            for divisor in _divisors(formula):
                arithmetic.power(arithmetic.value(divisor, known), -1)
            known[entry] = arithmetic.value(formula, known)
        except ZeroDivisionError:
            raise DeriveError(f"{ascii_name(entry)} divides by 0 at this point") from None
        except DeriveError as problem:
            raise DeriveError(f"{ascii_name(entry)} has no value here: {problem}") from None
    return known


def _divisors(formula: Basic) -> Iterator[Expr]:
    """What a formula divides by, so that 0/0 is noticed; not what only a case divides by."""
    if isinstance(formula, Pow) and formula.func is Pow and formula.exp.is_negative:
        yield formula.base
    if not isinstance(formula, Piecewise):
        for part in formula.args:
            yield from _divisors(part)


def _kinks(
    sized: SizedModel, known: Mapping[Expr, Number], arithmetic: NumberArithmetic
) -> tuple[str, ...]:
    """What is exactly 0 where a definition has a kink."""
    arguments = ((one, arithmetic.value(in_cases(one), known)) for one in sized.gate_arguments)
    return tuple(ascii_text(one) for one, value in arguments if arithmetic.sign(value) == 0)


def _nested(sized: SizedModel, head: Head, values: Mapping[Expr, Expr]) -> Nested:
    """The values of a tensor as nested tuples, one for each axis."""

    def rows(units: tuple[int, ...], axes: tuple[Expr, ...]) -> Nested:
        if not axes:
            return values[Quantity(*head).at(*units)]
        count = sized.widths[axes[0]]
        return tuple(rows((*units, unit), axes[1:]) for unit in range(1, count + 1))

    return rows((), sized.model.axes(Quantity(*head)))


def _nested_motions(sized: SizedModel, along: Mapping[Expr, Expr]) -> dict[str, Nested]:
    """The values of R{q} and R{dC/dq} by name, tensor by tensor."""
    tensors = dict.fromkeys((isinstance(of, Partial), tensor_entry(of).args[:2]) for of in along)
    found: dict[str, Nested] = {}
    for differentiated_too, head in tensors:
        values = {
            tensor_entry(of): value
            for of, value in along.items()
            if isinstance(of, Partial) == differentiated_too
        }
        name = str(head[0])
        inner = f"d{sized.model.C.kind}/d{name}" if differentiated_too else name
        found[f"R({inner})"] = _nested(sized, head, values)
    return found
