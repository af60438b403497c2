"""Definitions as text, `O[t,j] := sum(s, P[t,s]*V[s,j])`, one on a line, in order.

A line goes on while a bracket is open; what follows a # is a comment.  A letter of the left
side has the axis that it counts on the right, or the one that is written: `B[n:N,j] := b[j]`.
`f(u) := u*sigmoid(u)` is a function of one's own, which stands for its formula in later lines.
`parameter WQ[d,k], b[k]` declares what is given, `size m = 2` an axis whose size is a number,
`assume sum(c, y[n,c]) = 1` what every equation may use, and `objective C` and `output O` what is
differentiated and where Gauss-Newton splits.  `== Attention weights ==` is a title over what
follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sympy import Expr, Integer, Symbol

from derive.algebra.arguments import quoted
from derive.algebra.indices import free_indices, index
from derive.algebra.quantities import NO_SUPERSCRIPT, Quantity, quantities_in
from derive.errors import DeriveError, NetworkError, ReadingError
from derive.model.assumptions import checked_assumption
from derive.model.defined_model import (
    ROLES,
    DefinedModel,
    Tensor,
    TensorDefinition,
    axis_named,
    role_named,
)
from derive.model.instances import IllTypedError, axis_of, check_indices, without_shifts
from derive.notation.ascii.definition_functions import (
    KNOWN,
    check_formula,
    own_function,
    parameters_of,
)
from derive.notation.ascii.formulas import read_condition, read_expression
from derive.notation.ascii.function_names import FUNCTIONS
from derive.notation.ascii.names import WORDS, FunctionInFormulas

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LEFT = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:\[([^\[\]]*)\])?\s*")
_LETTER = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?::\s*([A-Za-z][A-Za-z0-9_]*)\s*)?")
_DECLARATION = re.compile(rf"({'|'.join(ROLES)})\s+(.*)", re.DOTALL)
_DECLARED = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:\[([^\[\]]*)\])?\s*(,|$)")
_SIZE = re.compile(r"size\s+([A-Za-z][A-Za-z0-9_]*)\s*=\s*([0-9]+)")
_CHOICE = re.compile(r"(objective|output)\s+([A-Za-z][A-Za-z0-9_]*)")
#: A title has none of the signs that mark words in documents.
_TITLE = re.compile(r"==\s*([^=*\s](?:[^=*]{0,78}[^=*\s])?)\s*==")
_ASSUMPTION = re.compile(r"assume\s+(.*)", re.DOTALL)
_FUNCTION = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*\(([^()]*)\)\s*")
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
    """The model with what a text declares and defines, each in terms of earlier names.

    Raises:
        NetworkError: one sentence with the line, what is wrong there and what would be right.
    """
    functions: dict[str, FunctionInFormulas] = {**KNOWN}
    chosen: dict[str, str] = {}
    section = ""
    for number, line in _lines(text):
        try:
            if line.startswith("=="):
                section = _title(line, model)
            elif choice := _CHOICE.fullmatch(line):
                chosen[choice[1]] = choice[2]
            elif assumed := _ASSUMPTION.fullmatch(line):
                model = with_assumptions(model, (assumed[1],))
            elif size := _SIZE.fullmatch(line):
                model = _with_size(model, size[1], int(size[2]))
            elif declared := _DECLARATION.fullmatch(line):
                model = _with_tensors(model, declared[1], declared[2], functions)
            else:
                left, right = _halves(line)
                if function := _FUNCTION.fullmatch(left):
                    name = _new_name(model, function[1], functions)
                    functions[name] = _function(name, function[2], right, functions)
                else:
                    definition = _definition(model, left, right, functions)
                    definition = replace(definition, section=section)
                    model = replace(model, definitions=(*model.definitions, definition))
        except DeriveError as problem:
            raise NetworkError(f"definitions, line {number}: {problem}") from None
    if not model.definitions:
        raise NetworkError("definitions are missing; write for example C := 1/2*(w*x - y)^2")
    return replace(model, **chosen)


def with_assumptions(model: DefinedModel, texts: Iterable[str]) -> DefinedModel:
    """The model with further assumptions, such as sum(c, y[n,c]) = 1 and tau > 0.

    Raises:
        NetworkError: for one that cannot be read or used.
    """
    for text in texts:
        try:
            relation = read_condition(text, model)
            check_indices(model, relation)
        except (ReadingError, IllTypedError) as problem:
            raise NetworkError(f"the assumption {quoted(text)}: {problem}") from None
        found = checked_assumption(model, relation)
        model = replace(model, assumptions=(*model.assumptions, found))
    return model


def _title(line: str, model: DefinedModel) -> str:
    """The title in `== Attention weights ==`."""
    found = _TITLE.fullmatch(line)
    if found is None or not found[1].isprintable():
        raise NetworkError(
            "a title is written == Attention weights ==, in up to 80 characters without = and *"
        )
    if any(one.section == found[1] for one in model.definitions):
        raise NetworkError(f"the title {quoted(found[1])} stands over definitions already")
    return found[1]


def _with_size(model: DefinedModel, name: str, size: int) -> DefinedModel:
    """The model with an axis whose size is a number."""
    axis = axis_named(check_name(name))
    if size < 1 or any(axis == known for known, _ in model.numbers):
        raise NetworkError(f"the size of {name} is one whole number from 1, given once")
    return replace(model, numbers=(*model.numbers, (axis, Integer(size))))


def _with_tensors(
    model: DefinedModel, role: str, text: str, functions: Mapping[str, object]
) -> DefinedModel:
    """The model with further tensors that are given, `x[T,d], y[T]`."""
    position = 0
    while position < len(text):
        found = _DECLARED.match(text, position)
        if found is None:
            raise NetworkError(
                f"{quoted(text[position:].strip())} is not declared rightly; write {role} x[T,d], "
                "with the axes in brackets"
            )
        name = _new_name(model, found[1], functions)
        check_differentials(name, model.names)
        axes = tuple(axis_named(check_name(a.strip())) for a in (found[2] or "").split(",") if a)
        if name in map(str, (*axes, *model.all_axes)):
            raise NetworkError(f"{name} is a tensor and an axis; rename one")
        tensor = Tensor(name, axes, role_named(role))
        model = replace(model, tensors=(*model.tensors, tensor))
        position = found.end()
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


def _halves(line: str) -> tuple[str, str]:
    left, sign, right = line.partition(":=")
    if not sign:
        raise NetworkError(f"{quoted(line)} has no :=; a definition is written z := w*x")
    return left, right


def _new_name(model: DefinedModel, name: str, functions: Mapping[str, object]) -> str:
    check_name(name)
    if name in model.names or name in model.named_symbols or name in functions:
        raise NetworkError(f"{name} has a meaning already; each name is defined once")
    return name


def _value(
    text: str,
    model: DefinedModel | None,
    functions: Mapping[str, FunctionInFormulas],
    names: Iterable[str] = (),
) -> Expr:
    """The formula to the right of :=."""
    try:
        return read_expression(text, model, names=names, functions=functions)
    except ReadingError as problem:
        shown = f"after :=, column {problem.column}" if problem.column else "after :="
        raise NetworkError(f"{shown}: {problem.sentence}") from None


def _function(
    name: str, between: str, right: str, functions: Mapping[str, FunctionInFormulas]
) -> FunctionInFormulas:
    """`f(u) := right`, a formula in its parameters alone."""
    parameters = parameters_of(name, between)
    body = _value(right, None, functions, parameters)
    if others := sorted({str(s) for s in body.free_symbols} - {*parameters}):
        raise NetworkError(
            f"the formula of {name} is one in {', '.join(parameters)} alone, and {others[0]} "
            f"stands in it; hand it in, as {name}({', '.join((*parameters, others[0]))})"
        )
    return own_function(parameters, body)


def _definition(
    model: DefinedModel, left: str, right: str, functions: Mapping[str, FunctionInFormulas]
) -> TensorDefinition:
    name, letters = _left(model, left, functions)
    value = _value(right, model, functions)
    check_formula(value)
    _check_numbers(model, value)
    try:
        # What t counts in x[t+s] is said elsewhere, or on the left.
        check_indices(model, without_shifts(value))
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


def _check_numbers(model: DefinedModel, value: Expr) -> None:
    """Refuse a definition by one unit of an axis that may have fewer."""
    for entry in quantities_in(value):
        for axis, unit in zip(model.axes(entry), entry.indices, strict=True):
            if isinstance(unit, Integer) and not isinstance(model.width(axis), Integer):
                raise NetworkError(
                    f"{model.axis_in_words(axis)} has no size in [axes], so its units have no "
                    "numbers here"
                )


def _left(
    model: DefinedModel, text: str, functions: Mapping[str, object]
) -> tuple[str, list[tuple[Symbol, str | None]]]:
    """The name that a line defines, and its letters with the axes that are written."""
    found = _LEFT.fullmatch(text)
    if found is None:
        raise NetworkError(f"{quoted(text.strip())} cannot be defined; write a name as P[t,s]")
    name = _new_name(model, found[1], functions)
    check_differentials(name, model.names)
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
