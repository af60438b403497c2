"""Definitions as text, `O[t,j] := sum(s, P[t,s]*V[s,j])`, one on a line, in order.

A line goes on while a bracket is open; what follows a # is a comment.  A letter of the left
side has the axis that it counts on the right, or the one that is written: `B[n:N,j] := b[j]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import Abs, DiracDelta, Heaviside, Max, Min, Piecewise, Symbol, sign

from derive.algebra.arguments import quoted
from derive.algebra.functions import Step
from derive.algebra.indices import free_indices, index
from derive.algebra.quantities import NO_SUPERSCRIPT, Quantity
from derive.errors import DeriveError, NetworkError, ReadingError
from derive.model.defined_model import DefinedModel, TensorDefinition, axis_named
from derive.model.instances import IllTypedError, axis_of, check_indices
from derive.notation.ascii.formulas import read_expression
from derive.notation.ascii.function_names import FUNCTIONS
from derive.notation.ascii.names import WORDS

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LEFT = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:\[([^\[\]]*)\])?\s*")
_LETTER = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?::\s*([A-Za-z][A-Za-z0-9_]*)\s*)?")
#: What has kinks or jumps that the value of Step(0) does not settle in a definition.
_UNSETTLED = (Abs, sign, Max, Min, Heaviside, DiracDelta, Piecewise, Step)
_DIFFERENTIAL = re.compile(r"d[0-9]?")


def check_name(name: object) -> str:
    """A name that a tensor or an axis may have.

    Raises:
        NetworkError: for a word of the notation, and for what is no name.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise NetworkError(f"{quoted(name)} is not a name; write letters and digits, as WQ or h1")
    if name in WORDS or name in FUNCTIONS:
        raise NetworkError(f"{quoted(name)} is a word of the notation; choose another name")
    return name


def check_differentials(name: str, others: Iterable[str]) -> None:
    """A name that a derivative, such as dW or d2C, could be taken for is refused.

    Raises:
        NetworkError: which name is meant.
    """
    for first, second in [(name, one) for one in others] + [(one, name) for one in others]:
        if _DIFFERENTIAL.fullmatch(first.removesuffix(second)) and first.endswith(second):
            raise NetworkError(
                f"{quoted(first)} would be read as the differential of {second}; rename one"
            )
    if _DIFFERENTIAL.fullmatch(name):
        raise NetworkError(f"{quoted(name)} is the sign of a differential; choose another name")


def with_definitions(model: DefinedModel, text: str) -> DefinedModel:
    """The model with the definitions that a text writes, each in terms of earlier names.

    Raises:
        NetworkError: one sentence with the line, what is wrong there and what would be right.
    """
    for number, line in _lines(text):
        try:
            definition = _definition(model, line)
        except DeriveError as problem:
            raise NetworkError(f"definitions, line {number}: {problem}") from None
        model = replace(model, definitions=(*model.definitions, definition))
    if not model.definitions:
        raise NetworkError("definitions are missing; write for example C := 1/2*(w*x - y)^2")
    return model


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The definitions, each with the number of its first line."""
    start, whole = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        code = line.partition("#")[0]
        if not whole and not code.strip():
            continue
        start = start or number
        whole = f"{whole} {code}".strip()
        if whole.count("(") + whole.count("[") <= whole.count(")") + whole.count("]"):
            yield start, whole
            start, whole = 0, ""
    if whole:
        raise NetworkError(f"definitions, line {start}: a bracket is not closed")


def _definition(model: DefinedModel, line: str) -> TensorDefinition:
    left, sign, right = line.partition(":=")
    if not sign:
        raise NetworkError(f"{quoted(line)} has no :=; a definition is written z := w*x")
    name, letters = _left(model, left)
    try:
        value = read_expression(right, model)
    except ReadingError as problem:
        shown = f"after :=, column {problem.column}" if problem.column else "after :="
        raise NetworkError(f"{shown}: {problem.sentence}") from None
    if unsettled := sorted(node.func.__name__ for node in value.atoms(*_UNSETTLED)):
        raise NetworkError(
            f"{unsettled[0]} is not supported in a definition, as nothing says its slope at the "
            "kink; write max(a, b) as b + ReLU(a - b), and |a| as ReLU(a) + ReLU(-a)"
        )
    try:
        check_indices(model, value)
        axes = tuple(
            axis_named(axis) if axis else _counted(model, letter, value)  # pyright: ignore
            for letter, axis in letters
        )
    except IllTypedError as problem:
        raise NetworkError(str(problem)) from None
    bound = [letter for letter, _ in letters]
    if free := sorted(str(s) for s in free_indices(value) - set(bound)):
        raise NetworkError(
            f"the index {free[0]} stands on the right alone; sum over it, or write it on the left"
        )
    return TensorDefinition(Quantity(name, NO_SUPERSCRIPT, *bound), axes, value)


def _left(model: DefinedModel, text: str) -> tuple[str, list[tuple[Symbol, str | None]]]:
    """The name that a line defines, and its letters with the axes that are written."""
    found = _LEFT.fullmatch(text)
    if found is None:
        raise NetworkError(f"{quoted(text.strip())} cannot be defined; write a name as P[t,s]")
    name = check_name(found[1])
    check_differentials(name, model.names)
    if name in model.names or name in model.named_symbols:
        raise NetworkError(f"{name} has a meaning already; each name is defined once")
    letters: list[tuple[Symbol, str | None]] = []
    for part in found[2].split(",") if found[2] is not None else ():
        letter = _LETTER.fullmatch(part)
        if letter is None or not model.accepts_index(letter[1]) or letter[1] == name:
            raise NetworkError(
                f"{quoted(part.strip())} is not an index of {name}; write letters that name "
                "nothing else, as P[t,s], or with an axis, as P[t:T,s]"
            )
        letters.append((index(letter[1]), letter[2]))
    if len({letter for letter, _ in letters}) < len(letters):
        raise NetworkError(f"an index of {name} stands twice on the left")
    return name, letters


def _counted(model: DefinedModel, letter: Symbol, value: object) -> object:
    """The axis that a letter counts on the right side."""
    try:
        return axis_of(model, letter, value)  # pyright: ignore
    except IllTypedError as problem:
        raise IllTypedError(f"{problem}; write its axis, as {letter}:N, if that is meant") from None
