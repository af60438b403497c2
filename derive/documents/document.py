"""A derivation with its verdicts laid out as blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from sympy import Basic, Expr, S

from derive.algebra.indices import index_symbols, substitute, with_canonical_bounds
from derive.algebra.quantities import Fixed, Local, Partial, Quantity
from derive.deriving.laws.algebra import match
from derive.deriving.laws.insertions import inserted
from derive.deriving.laws.users import written_entry
from derive.deriving.verifying import Marks
from derive.documents.blocks import (
    Block,
    Equations,
    Heading,
    LayerRow,
    Paragraph,
    ProofRow,
    ProofTable,
    Results,
    Row,
    Shapes,
    TensorRow,
    TensorTable,
)
from derive.documents.mistakes.usual_mistakes import usual_mistakes
from derive.documents.overview import overview, uses_of_gradients
from derive.documents.worked.steps import AtThePoint, steps_with_numbers
from derive.meaning.derivation import Derivation, Equation, Group, Line
from derive.model.matrices import Einsum, Entries, Matrix, Transposed, is_ones, within
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.naming import OURS, BookNaming
from derive.proving import Scope, Status

#: Groups that go on in the section before them.
CONTINUED = (
    "activations",
    "cost_function",
    "second_activations",
    "cost_curvature",
    "kronecker_factors",
    "all_active",
    "kink_layer",
    "kink_neuron",
    "kink_value",
    "kink_dropped",
    "kernel_backward",
)


#: Groups whose chains end in what a reader came for, and the paragraph before it at the head.
RESULTS = {
    "resolved_gradients": "result",
    "in_matrices": "result_in_matrices",
    "regions": "result_active",
    "kernel_backward": "result",
    "resolved_blocks": "result_hessian",
    "all_active": "result_hessian_active",
    "blocks": "result_blocks",
}
#: What is shown at the head only where the other is not: what it is in short, and worked out.
_IN_PLACE = {"result_blocks": "result_hessian"}


#: What is said of a group behind it.
BEHIND = {
    "determinant": "definiteness",
    "newton": "newton_step",
    "stationary": "where_stationary",
    "smooth_determinant": "smooth_definiteness",
    "smooth_newton": "smooth_newton_step",
    "named_curvature": "named_newton_step",
    "eigenvalues": "signs_of_eigenvalues",
}


#: Rules whose right sides are cases.
_BY_CASES = ("unit active or not", "all later units active or not")


@dataclass(frozen=True)
class Document:
    """Everything a template needs."""

    network: Model
    blocks: tuple[Block, ...]
    equations: int
    proved: int
    words: str = "words.jinja"
    name: str = ""
    naming: BookNaming = OURS
    setting: str = ""  #: what it tells `derive check` of its formulas

    @property
    def complete(self) -> bool:
        """Whether every equation was proved."""
        return self.proved == self.equations


def without_proofs(
    network: Model,
    derivation: Derivation,
    proved: Sequence[bool],
    words: str = "words.jinja",
    name: str | None = None,
    naming: BookNaming = OURS,
    numbers: tuple[Block, ...] = (),
    figures: Mapping[str, tuple[Block, ...]] = MappingProxyType({}),
    values: AtThePoint = MappingProxyType({}),
) -> Document:
    """Number the equations, look up what each rule used, and lay out the blocks.

    All but the section on the proofs: of these it depends on nothing but `proved`.

    `words` is the template that has the words; `name` what the files are called, the
    network's name unless given; `naming` what quantities are called; `numbers` the section of a
    worked example; `figures` those that stand at the end of a section, by its title; `values`
    what quantities are at the point of the network, where steps are followed by their numbers.
    """
    table = _shapes(network) if isinstance(network, Network) else _tensors(network)
    body, ends = _sections(derivation, proved, figures, values)
    results: dict[str, list[Row]] = {}
    for title, key in RESULTS.items():
        results.setdefault(key, []).extend(ends.get(title, ()))
    for key, other in _IN_PLACE.items():
        if results[other]:
            del results[key]
    blocks: list[Block] = [Heading("conventions"), Paragraph("conventions", _occurring(derivation))]
    blocks += [Heading("symbols"), Paragraph("symbols"), table, *figures.get("symbols", ())]
    blocks += (*body, *numbers, *figures.get("numbers", ()))
    if results["result"]:
        blocks += usual_mistakes(network, results["result"], ends.get("quantity", ()))
        uses = {} if isinstance(network, Network) else uses_of_gradients(network)
        blocks += [Heading("summary"), Paragraph("summary", uses)]
    if any(results.values()):
        shown = _results(results, _about_results(network, derivation))
        blocks[:0] = [Heading("result"), *figures.get("result", ()), *shown]
    else:
        blocks[:0] = figures.get("result", ())
    name = network.name if name is None else name
    return Document(network, tuple(blocks), len(proved), sum(proved), words, name, naming)


def with_proofs(body: Document, derivation: Derivation, verdicts: Sequence[Marks]) -> Document:
    """The document with its last section: how each equation was proved."""
    table = _proof_table(list(derivation.steps), verdicts)
    return replace(body, blocks=(*body.blocks, Heading("proofs"), Paragraph("proofs"), table))


def _about_results(model: Model, derivation: Derivation) -> Mapping[str, Basic]:
    """What the paragraphs before the results speak of."""
    if not isinstance(model, Network):
        return overview(model)
    costs = [one.rhs for one in derivation.steps if one.lhs == model.C]
    return {"cost": (*costs, S.Zero)[0]}


def _occurring(derivation: Derivation) -> dict[str, Basic]:
    """What stands in some step and has conventions of its own."""
    matrices = [step.matrices for step in derivation.steps if step.matrices is not None]
    parts = [part for one in matrices for part in within(one.right)]
    has = {
        "local": any(step.rhs.has(Local) for step in derivation.steps),
        "fixed": any(step.rhs.has(Fixed) for step in derivation.steps),
        "matrices": any(matrices),
        "einsum": any(isinstance(part, Einsum) for part in parts),
        "ones": any(isinstance(part, Transposed) and is_ones(part.of) for part in parts),
    }
    return {key: S.true if there else S.false for key, there in has.items()}


def _sections(
    derivation: Derivation,
    proved: Sequence[bool],
    figures: Mapping[str, tuple[Block, ...]],
    values: AtThePoint,
) -> tuple[list[Block], dict[str, list[Row]]]:
    """The blocks of the groups of steps, and by their titles the rows that they end in."""
    numbering = _Numbers()
    blocks: list[Block] = []
    ends: dict[str, list[Row]] = {}
    position = 0
    previous: Group | None = None
    for group in derivation.groups:
        blocks += _heading(group, previous)
        previous = group
        blocks.append(Paragraph("about_" + group.title, group.about))
        marks = proved[position : position + len(group.steps)]
        equations = tuple(_equations(group, marks, numbering))
        blocks += equations
        blocks += steps_with_numbers(group, equations, values)
        if group.title in BEHIND:
            blocks.append(Paragraph(BEHIND[group.title], group.about))
        blocks += figures.get(group.title, ())
        position += len(group.steps)
        if group.title in RESULTS:
            ends.setdefault(group.title, []).extend(_ends(equations))
        elif group.title == "quantity":
            ends.setdefault(group.title, []).extend(_last_in_indices(equations))
    return blocks, ends


def outline(derivation: Derivation, naming: BookNaming) -> Document:
    """The headings and equations of a derivation alone; of proofs nothing is said."""
    blocks: list[Block] = []
    numbering = _Numbers()
    previous: Group | None = None
    for group in derivation.groups:
        blocks += _heading(group, previous)
        previous = group
        blocks += _equations(group, [True] * len(group.steps), numbering)
    network = derivation.groups[0].network
    # The words of second order are those of first order, and more.
    words = "second_order.jinja" if isinstance(network, Network) else "model_second_order.jinja"
    return Document(network, tuple(blocks), 0, 0, words, network.name, naming)


def _heading(group: Group, previous: Group | None) -> Iterator[Heading]:
    """The heading of a group, if it does not go on with what stands before it.

    Derivatives by what stands under one title of the user's have that one together.
    """
    before = "" if previous is None else previous.title
    if group.title in CONTINUED or group.title == before in ("blocks", "definitions"):
        return
    section = str(group.about.get("section", ""))
    if group.title != "quantity" or not section:
        yield Heading(group.title, group.about)
    elif previous is None or before != "quantity" or str(previous.about["section"]) != section:
        yield Heading("section", group.about)


def _ends(blocks: Iterable[Equations]) -> Iterator[Row]:
    """Each chain about a derivative as one row: its left side, and what it comes to."""
    for block in blocks:
        chain: list[Row] = []
        for row, following in zip(block.rows, (*block.rows[1:], None), strict=True):
            chain = [row] if row.left is not None else [*chain, row]
            ends = following is None or following.left is not None
            if ends and _is_derivative(chain[0].left) and row.rule not in _BY_CASES:
                worked_out = (one for one in chain if not _has_derivatives(one.right))
                yield replace(next(worked_out, row), left=chain[0].left)


def _last_in_indices(blocks: Iterable[Equations]) -> Iterator[Row]:
    """The last row of each chain in index form, with the left side of the chain."""
    left: Expr | Matrix | None = None
    for rows in (block.rows for block in blocks):
        for row, following in zip(rows, (*rows[1:], None), strict=True):
            left = left if row.left is None else row.left
            ends = following is None or following.left is not None
            if ends and isinstance(left, Expr) and isinstance(row.right, Expr):
                yield replace(row, left=left)


def _has_derivatives(right: Expr | Matrix) -> bool:
    return isinstance(right, Matrix) or right.has(Partial)


def _is_derivative(left: Expr | Matrix | None) -> bool:
    return isinstance(left.body if isinstance(left, Entries) else left, Partial)


def _results(found: Mapping[str, Sequence[Row]], about: Mapping[str, Basic]) -> Iterator[Block]:
    for key, rows in found.items():
        if rows:
            yield Paragraph(key, about)
            yield Results(tuple(rows))


class _Numbers:
    """Equation numbers, by what an equation says of which quantity."""

    def __init__(self) -> None:
        self._count = 0
        self._said: dict[tuple[Model, Basic], list[tuple[Equation, int]]] = {}

    def add(self, network: Model, start: Expr, step: Line) -> int:
        """The number of the next equation, which says start = ... = step.rhs."""
        self._count += 1
        equation = Equation(start, with_canonical_bounds(step.rhs))
        self._said.setdefault((network, _head(start)), []).append((equation, self._count))
        return self._count

    def used_by(self, network: Model, step: Line) -> tuple[int, ...]:
        """The numbers of the equations that a step's rule put in, each the first that says it."""
        found = {self._number(network, equation) for equation in inserted(network, step)}
        return tuple(sorted(number for number in found if number is not None))

    def _number(self, network: Model, wanted: Equation) -> int | None:
        right = with_canonical_bounds(wanted.rhs)
        for equation, number in self._said.get((network, _head(wanted.lhs)), ()):
            indices = match(equation.lhs, wanted.lhs)
            if indices is not None and substitute(equation.rhs, indices) == right:
                return number
        return None


def _head(expression: Expr) -> Basic:
    """A quantity or derivative without its indices; other expressions are their own heads."""
    if isinstance(expression, Quantity):
        return Quantity(*expression.args[:2])
    if isinstance(expression, Partial):
        return Partial(_head(expression.of), _head(expression.wrt))
    return expression


def _equations(group: Group, proved: Sequence[bool], numbers: _Numbers) -> Iterable[Equations]:
    position = 0
    together: list[Row] = []
    for chain in group.chains:
        rows: list[Row] = []
        for step in chain:
            references = _ranges(numbers.used_by(group.network, step))
            rows.append(
                Row(
                    left=None if rows else step.printed_left,
                    right=step.printed_right,
                    rule=step.rule,
                    number=numbers.add(group.network, chain[0].lhs, step),
                    proved=proved[position],
                    references=references,
                    where=step.where,
                )
            )
            position += 1
        if len(rows) == 1:
            together += rows
            continue
        if together:
            yield Equations(tuple(together))
            together = []
        yield Equations(tuple(rows))
    if together:
        yield Equations(tuple(together))


def _tensors(model: Model) -> TensorTable:
    """What is given, role by role, then what is defined."""
    rows: list[TensorRow] = []
    for head in (*model.given, *model.defined):
        entry, letters = written_entry(model, head, set())
        sizes = tuple(model.width(axis) for axis, _ in letters)
        rows.append(TensorRow(entry, model.role(head), sizes))
    return TensorTable(tuple(rows))


def _shapes(network: Network) -> Shapes:
    rows: list[LayerRow] = [LayerRow(network.first, network.first, network.inputs, None)]
    for number, layer in zip(network.layer_numbers[1:], network.layers, strict=True):
        if rows[-1].layer == layer:
            rows[-1] = LayerRow(rows[-1].first, number, layer.units, layer)
        else:
            rows.append(LayerRow(number, number, layer.units, layer))
    kinds = ["W"] if network.cost is None else ["x", "y", "W"]
    if any(layer.bias for layer in network.layers):
        kinds.append("b")
    return Shapes(tuple(rows), (*kinds, "z", "r", "C"))


def _proof_table(steps: Sequence[Line], verdicts: Sequence[Marks]) -> ProofTable:
    """Equations with the same status, method and scope on one row, in order of appearance."""
    groups: dict[ProofRow, list[int]] = {}
    for number, (step, verdict) in enumerate(zip(steps, verdicts, strict=True), start=1):
        proof, scope = verdict.proof, verdict.proof.scope
        status = proof.status if verdict.rule_confirmed else Status.UNDECIDED
        key = ProofRow(
            numbers=(),
            status=status,
            method=proof.method,
            kinks=scope.kinks,
            derivative=scope.derivative,
            left_out=bool(scope.apart),
            widths=_widths(step, scope),
            assuming=scope.assuming,
            conditional=scope.where != S.true,
            nonzero=bool(scope.nonzero),
        )
        groups.setdefault(key, []).append(number)
    return ProofTable(
        tuple(replace(key, numbers=_ranges(numbers)) for key, numbers in groups.items())
    )


def _widths(step: Line, scope: Scope) -> str:
    """What a proof says of widths, where the equation depends on them."""
    if not any(index_symbols(part) for part in (step.lhs, step.rhs, step.where)):
        return ""
    return "every" if scope.widths.every else "own"


def _ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """1, 2, 3, 7 -> (1, 3), (7, 7)."""
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges)
