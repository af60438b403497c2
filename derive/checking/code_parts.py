"""Programs judged: the reading that the most of a program bears out, and mistakes that code has."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from sympy import And, Basic, Eq, Integer, Mul, Pow, S, Sum, Tuple
from sympy.core.function import Application

from derive.algebra.quantities import NO_SUPERSCRIPT, Local, Partial, Quantity
from derive.checking.assessing import assess
from derive.checking.assessment import Assessment, Verdict
from derive.checking.diagnosing.mistakes import Diagnosis, Mistake
from derive.checking.marking import Marking
from derive.checking.sampling.samples import fails_at_a_sample, fails_at_other_sizes
from derive.checking.verdicts import Judged, Part
from derive.meaning.sides import Sides
from derive.model.defined_model import DefinedModel
from derive.model.instances import IllTypedError
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.blocks import Code, code_of
from derive.reading.code.claims import statements
from derive.reading.code.drafts import Drafting
from derive.reading.code.gradients import all_bases
from derive.reading.code.programs import CodeProgram, programs
from derive.reading.code.readings import (
    COUNTS_SAMPLES,
    CodeReading,
    Shape,
    axes_of_weights,
    divided_by,
    readings,
)
from derive.reading.code.shapes import declared
from derive.reading.code_claims import CodeClaim, CodeShapes
from derive.reading.statements import Claim, NotUnderstood, Statement

_BAD = (Verdict.WRONG, Verdict.RIGHT_IF)
_WHOLE_LABELS = "labels are 0 or 1, which the refutation would have to use"
_ONE_SAMPLE = "a sum is missing, unless there is one sample; write shapes, as # x: (N, D)"
_ONE_OUTPUT = (
    "a number of outputs is left out or too much; is there one? write shapes, as # y: (N, K)"
)
_OTHER_SHAPES = "it is right for some shapes, and none fit all lines; write shapes, as # b: (n, 1)"
_SIZES_AS_NUMBERS = "a number that is also the size of an axis stands in it; write sizes by name"


def code_parts(text: str, kind: str) -> tuple[Part, ...]:
    """What the programs of a document say of their gradients, judged; a part for each."""
    code = code_of(text, kind)
    if code is None:
        return ()
    torch = any(
        isinstance(node, ast.Import | ast.ImportFrom) and "torch" in ast.unparse(node)
        for node in ast.walk(code.tree)
    )
    everywhere = declared(code.text, [code.tree])
    parts = [
        _part(one, code, {**everywhere, **declared(code.text, one.parts)}, torch)
        for one in programs(code.tree)
    ]
    return (*(part for part in parts if part is not None), *_broken(code))


def _broken(code: Code) -> Iterator[Part]:
    """What is no Python, and is said to be none."""
    starts = [0]
    for row in code.text.split("\n"):
        starts.append(starts[-1] + len(row) + 1)
    found: list[Judged] = []
    for line, why in code.broken:
        start, end = starts[line - 1], starts[line] - 1
        place = code.place_of(start, max(start, end))
        message = f"this is no Python: {why}"
        one = NotUnderstood(place, code.text[start:end].strip(), message)
        found.append(Judged(one, remark=message))
    if found:
        yield Part(DefinedModel((), (), name="code"), tuple(found), {}, "python")


def _part(
    program: CodeProgram, code: Code, shapes: Mapping[str, Shape], torch: bool
) -> Part | None:
    """A program under the reading with the fewest mistakes, the first of these."""
    try:
        found = readings(program, shapes, torch)
    except UnreadableError as problem:
        return _unread(program, code, str(problem))
    best, fewest = found[0], _failures(found[0], code)
    for reading in found[1:]:
        if fewest == found[0].conflicts:
            break
        failures = _failures(reading, code)
        if failures < fewest:
            best, fewest = reading, failures
    part = _judged(best.drafting, code)
    natural = best.natural and _judged(best.natural, code)
    return part if part is None or natural is None else _right_in_both(part, natural)


def _right_in_both(part: Part, natural: Part) -> Part:
    """What is right only as the shapes are guessed is open, where these do not fit all lines.

    A line that one mistake explains fits.
    """
    if all(
        one.verdict is Verdict.WRONG for one in part.judged if isinstance(one.statement, CodeShapes)
    ):
        return part
    right = {one.statement.place for one in natural.judged if one.verdict is Verdict.RIGHT}
    judged = (
        Judged.not_understood(one.statement, _OTHER_SHAPES)
        if one.verdict is Verdict.RIGHT and one.statement.place not in right
        else one
        for one in part.judged
    )
    return replace(part, judged=tuple(judged))


def _failures(reading: CodeReading, code: Code) -> int:
    """How many lines have no fitting shape, or fail as claims at some point that is tried."""
    found = reading.drafting
    claims = (
        one for one in statements(found, code.source, code.place) if isinstance(one, CodeClaim)
    )
    return reading.conflicts + sum(_fails(found.model, claim) for claim in claims)


def _fails(model: DefinedModel, claim: Claim) -> bool:
    try:
        sides = (claim.left, claim.right)
        return fails_at_a_sample(model, *sides, S.true) or fails_at_other_sizes(
            model, *sides, S.true
        )
    except IllTypedError:
        return True


def _unread(program: CodeProgram, code: Code, why: str) -> Part:
    """A program of which nothing can be judged: its gradients are counted all the same."""
    nodes = (
        node
        for part in program.parts
        if not (isinstance(part, ast.FunctionDef) and part.name == "__init__")
        for node in ast.walk(part)
    )
    lines = [one for one in nodes if isinstance(one, ast.stmt)]
    node = next((one for one in lines if all_bases(one)), lines[0])
    place, source = code.place(node), code.source(node)[:60]
    one = NotUnderstood(place, source, why)
    return Part(DefinedModel((), (), name="code"), (Judged(one, remark=why),), {}, "python")


def _judged(found: Drafting, code: Code) -> Part | None:
    """All lines of a program, judged in order; None where it claims nothing."""
    said = [*statements(found, code.source, code.place)]
    if not any(isinstance(one, CodeClaim | NotUnderstood) for one in said):
        return None
    marking = Marking(found.model, (), {})
    shifting = _shift_that_matters(found)
    judged = [_one(found, marking, number, one, shifting) for number, one in enumerate(said)]
    return Part(found.model, tuple(judged), {}, "python")


def _one(
    found: Drafting, marking: Marking, number: int, statement: Statement, shifting: str | None
) -> Judged:
    if isinstance(statement, CodeClaim):
        if shifting is not None:
            return Judged.not_understood(statement, shifting)
        return _claim(found, marking, number, statement)
    if isinstance(statement, CodeShapes):
        return _shapes(found, statement)
    return marking.judged(number, statement)


def _claim(found: Drafting, marking: Marking, number: int, claim: CodeClaim) -> Judged:
    judged = marking.judged(number, claim)
    if judged.verdict not in _BAD or judged.carried_from is not None:
        return judged
    assert judged.assessment is not None
    of = claim.left.atoms(Partial)
    if any(not found.model.depends(one.of.args[:2], one.wrt.args[:2]) for one in of):
        why = "nothing that is read here leads from it to the cost"
        return Judged.not_understood(claim, why)
    if (guard := _without_guards(found, claim)) is not None:
        return replace(judged, assessment=guard, should_be=None)
    if (why := _unsure(found, claim)) is not None:
        return Judged.not_understood(claim, why)
    mended = _mended(found, claim)
    if mended is not None and _counts_outputs(found, mended):
        return Judged.not_understood(claim, _ONE_OUTPUT)
    if mended is not None:
        wrong = replace(judged.assessment, verdict=Verdict.WRONG)
        return replace(judged, assessment=wrong, diagnosis=mended, should_be=mended.right)
    if judged.assessment.by_targets or judged.assessment.by_convention:
        return judged
    # A program runs on all values, and so what is right on some of them is wrong.
    return replace(judged, assessment=replace(judged.assessment, verdict=Verdict.WRONG))


def _shapes(found: Drafting, statement: CodeShapes) -> Judged:
    """Shapes that differ are wrong where one mistake explains them, or where they are declared."""
    wrong = Assessment(Verdict.WRONG, None, remark=statement.message)
    mended = _mended(found, statement)
    of_one = statement.of_one and not divided_by(found)
    if mended is not None and mended.mistake is Mistake.MISSING_SUM and of_one:
        return Judged.not_understood(statement, f"{statement.message}; {_ONE_SAMPLE}")
    if mended is not None:
        return Judged(
            statement, wrong, diagnosis=mended, should_be=mended.right, remark=statement.message
        )
    if statement.certain:
        shapes = Diagnosis(Mistake.SHAPES, {}, None)
        return Judged(statement, wrong, diagnosis=shapes, remark=statement.message)
    return Judged(statement, remark=statement.message)


def _mended(found: Drafting, statement: CodeClaim | CodeShapes) -> Diagnosis | None:
    """The first likely mistake without which the claim is right."""
    for one in statement.mended():
        if not _fails(found.model, one.claim) and _is_right(found, one.claim.sides):
            return Diagnosis(Mistake(one.mistake), one.details, one.claim.right)
    return None


# -- what a refutation may not use ---------------------------------------------------------------


def _shift_that_matters(found: Drafting) -> str | None:
    """Why nothing is judged: the cost may depend on a largest value, read as any number."""
    for name, given in found.draft.given.items():
        if given.is_shift:
            entry = found.draft.entry(name, given.slots).value
            users = [one for one in found.draft.defined.values() if _uses(one.value, name)]
            local = (found.sides(Local(one.entry, entry), S.Zero)[0] for one in users)
            total = found.sides(Partial(found.model.C, entry), S.Zero)[0]
            if not (all(_is_right(found, one) for one in local) or _is_right(found, total)):
                return "the cost depends on a largest value, whose derivative is not read"
    return None


def _uses(expression: Basic, name: str) -> bool:
    return any(q.kind == name for q in expression.atoms(Quantity))


def _is_right(found: Drafting, sides: Sides) -> bool:
    return assess(found.model, sides).verdict is Verdict.RIGHT


def _without_guards(found: Drafting, claim: CodeClaim) -> Assessment | None:
    """Right but for small constants that guard roots and logarithms."""
    guards = [*found.draft.guards.values()]
    if not guards:
        return None
    zero = {Quantity(name, NO_SUPERSCRIPT): S.Zero for name in guards}
    tensors = tuple(one for one in found.model.tensors if one.name not in guards)
    definitions = tuple(replace(d, right=d.right.xreplace(zero)) for d in found.model.definitions)
    kept = tuple(a for a in found.model.assumptions if not a.atoms(Quantity) & zero.keys())
    plain = replace(found.model, tensors=tensors, definitions=definitions, assumptions=kept)
    sides = replace(claim.sides, left=claim.left.xreplace(zero), right=claim.right.xreplace(zero))
    assessed = assess(plain, sides)
    guarded = Eq(Quantity(guards[0], NO_SUPERSCRIPT), 0)
    if assessed.by_targets and assessed.condition is not None:
        return replace(assessed, condition=And(guarded, assessed.condition))
    if assessed.verdict is not Verdict.RIGHT:
        return None
    return Assessment(Verdict.RIGHT_IF, assessed.proof, guarded)


def _unsure(found: Drafting, claim: CodeClaim) -> str | None:
    """Why a refutation says nothing: it may rest on what the model leaves more general."""
    if found.model.output is not None and (count := _perhaps_samples(found, claim)):
        return f"nothing says whether {count} is the number of samples"
    if found.draft.axes.numbers & found.draft.literals - {Integer(1), Integer(2)}:
        return _SIZES_AS_NUMBERS
    labels = {name for name, given in found.draft.given.items() if given.is_label}
    sides = [claim.right]
    for one in found.model.definitions:
        sides.append(one.right)
        if _varies(one.right, labels):
            labels.add(one.left.kind)
    if labels and not all(_is_affine(side, labels) for side in sides):
        return _WHOLE_LABELS
    return None


def _counts_outputs(found: Drafting, mended: Diagnosis) -> bool:
    """Whether only the number of outputs in a mean is lost, which may be 1: nobody wrote it."""
    if mended.mistake not in (Mistake.MISSING_FACTOR, Mistake.SURPLUS_FACTOR):
        return False
    sizes: set[Basic] = mended.details["factor"].free_symbols
    outputs = axes_of_weights(found) & divided_by(found) - found.draft.axes.written
    return bool(sizes) and sizes <= outputs


def _perhaps_samples(found: Drafting, claim: Claim) -> str | None:
    """A number that is handed in and may count the samples of a cost that is not given."""
    numbers = {name for name, given in found.draft.given.items() if not given.slots}
    named = {str(q.kind) for q in claim.right.atoms(Quantity)} & numbers
    return next((name for name in sorted(named) if COUNTS_SAMPLES.fullmatch(name)), None)


def _is_affine(expression: Basic, labels: set[str]) -> bool:
    """Whether an expression is of degree 1 at most in labels, derivatives of the cost among them.

    What is affine in the labels and differs somewhere on rows of sum 1 differs at whole labels.
    """
    if isinstance(expression, Partial | Quantity):
        return True
    if isinstance(expression, Mul):
        return sum(_varies(one, labels) for one in expression.args) <= 1 and all(
            _is_affine(one, labels) for one in expression.args
        )
    if isinstance(expression, Pow | Application):
        return not _varies(expression, labels)
    if isinstance(expression, Sum):
        return _is_affine(expression.function, labels)
    return all(_is_affine(one, labels) for one in expression.args)


def _varies(expression: Basic, labels: set[str]) -> bool:
    named = any(q.kind in labels for q in Tuple(expression).atoms(Quantity))
    return named or bool(labels and expression.has(Partial))
