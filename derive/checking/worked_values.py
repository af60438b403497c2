r"""Tables of numbers that somebody filled in, marked: what is given, and what is worked out of it.

Behind the comment `derive: values = below` the rows of tables say what tensors are: first inputs,
targets and parameters, then what is asked for, z^{(1)} and \frac{\partial C}{\partial W^{(0)}}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sympy import Expr, Integer, Rational

from derive.algebra.quantities import Partial, Quantity
from derive.checking.assessment import Assessment, Verdict
from derive.checking.verdicts import Judged
from derive.errors import DeriveError
from derive.lazy import late
from derive.meaning.instance_derivatives import SizedModel
from derive.meaning.sides import Sides
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.ascii.printing import ascii_text
from derive.notation.tex import tex
from derive.proving import Counterexample, Method, Proof, Status
from derive.reading.headers import header_settings
from derive.reading.statements import Claim, NotUnderstood, Place

if TYPE_CHECKING:
    from derive.evaluating.descent import Numbers

#: Loaded for the first document with such a table.
_by_group = late("derive.evaluating.descent", "by_group")
_evaluate = late("derive.evaluating.evaluate", "evaluate")

#: | $`z`$ | $`3`$ | ... in Markdown, $\displaystyle z$ & $3$ & ... in LaTeX.
_ROW = re.compile(
    r"^\|[ \t]*\$`?(?P<name>[^|\n]+?)`?\$[ \t]*\|(?P<value>[^|\n]*)\|"
    r"|^\$\\displaystyle (?P<tex_name>.+?)\$ &[ \t]*(?P<tex_value>\$[^$\n]*\$|[^$&\n]*?)[ \t]*"
    r"(?:&[^\n]*)?\\tabularnewline",
    re.MULTILINE,
)
_MATRIX = re.compile(r"\\begin\{([pb]?matrix)\}(.*)\\end\{\1\}", re.DOTALL)
#: [1, 2], [[1, 2], [3, 4]], (1, 2)^T.
_LISTED = re.compile(r"[\[(](.*)[\])]\s*(?:\^\{?(?:T|\\top|\\mathsf\{T\})\}?)?", re.DOTALL)
_NUMBER = re.compile(
    r"(?P<sign>[-−+]?)\s*(?:\\[dt]?frac\{(?P<above>\d{1,99})\}\{(?P<below>\d{1,99})\}"
    r"|(?P<numerator>\d{1,99})\s*/\s*(?P<denominator>\d{1,99})"
    r"|(?P<whole>\d{1,99})(?:\.(?P<decimals>\d{1,99}))?)"
    r"(?:\s*\\(?:cdot|times)\s*10\^\{?(?P<ten>-?\d{1,3})\}?)?"
)
_BLANK = re.compile(r"\\hspace\{[^}]*\}|\\(?:ldots|dots)(?![A-Za-z])|[$`\s]")
_UNREAD = "in its place belongs a number, such as -3/2 or 0.25, or a matrix of numbers"
_OTHER_SHAPE = "it has not as many rows and columns as there are entries"


@dataclass(frozen=True)
class _Written:
    """A number as it was written; `digits` are those behind the point, if it has one."""

    value: Rational
    digits: int | None

    def agrees(self, exact: Expr) -> bool:
        """Whether it is the number; decimals may be rounded to the digits that they have."""
        room = Rational(0) if self.digits is None else Rational(10) ** -self.digits / 2
        if exact.is_Rational:
            return bool(abs(exact - self.value) <= room)
        return self.digits is not None and bool(abs(exact - self.value) <= room)


@dataclass(frozen=True)
class _Row:
    """What a row says: its tensor or derivative, its numbers, and where; None where unread."""

    name: Expr
    rows: list[list[_Written]] | None
    place: Place
    source: str


def values_judged(text: str, kind: str, model: Model) -> tuple[Judged, ...]:
    """The rows of a document's tables in which numbers were filled in, each with its verdict.

    Nothing is said of documents that do not ask for it, and of rows that are left open.
    """
    if not isinstance(model, Network):
        return ()
    found: list[Judged] = []
    for _, end, settings in header_settings(text, kind):
        if ("values", "below") in settings:
            found += _judged(tuple(_rows(text, end, model)), model)
    return tuple(found)


def _judged(rows: Sequence[_Row], network: Network) -> Iterator[Judged]:
    given = {_key(row.name): row.rows for row in rows if _key(row.name)}
    point: dict[str, Any] = {}
    for key, entries in given.items():
        if entries is None:
            return
        numbers = [[one.value for one in line] for line in entries]
        point[key] = numbers if key.startswith("W") else [line[0] for line in numbers]
    try:
        expected = _expected(network, point)
    except DeriveError:  # a row of what is given is missing, or of another shape
        return
    for row in rows:
        if row.name in expected:
            yield _verdict(row, expected[row.name], network)


def _verdict(row: _Row, exact: Numbers, network: Network) -> Judged:
    """Of a matrix the first entry that is not what it should be, else the first."""
    same = row.rows is not None and [len(a) for a in row.rows] == [len(b) for b in exact]
    if row.rows is None or not same:
        why = _OTHER_SHAPE if row.rows is not None else _UNREAD
        return Judged(NotUnderstood(row.place, row.source, why), remark=why)
    flat = [
        (written, value)
        for mine, right in zip(row.rows, exact, strict=True)
        for written, value in zip(mine, right, strict=True)
    ]
    wrong = [n for n, (written, value) in enumerate(flat) if not written.agrees(value)]
    chosen = wrong[0] if wrong else 0
    left, (written, value) = _entries(network, row.name)[chosen], flat[chosen]
    read_as = f"{ascii_text(left)} = {written.value}"
    claim = Claim(row.place, row.source, Sides(left, written.value), read_as)
    status = Status.REFUTED if wrong else Status.PROVED
    verdict = Verdict.WRONG if wrong else Verdict.RIGHT
    alone = len(flat) == 1
    at = Counterexample({ascii_text(left): value}, value, written.value)
    proof = Proof(status, Method.NONE, counterexample=at if wrong and not alone else None)
    should_be = value if wrong and alone else None
    return Judged(claim, Assessment(verdict, proof), should_be=should_be)


def _expected(network: Network, point: Mapping[str, Any]) -> Mapping[Expr, Numbers]:
    """What every tensor and derivative is at a point, as rows."""
    found = _evaluate(network, point, 1)
    assert found.gradient is not None
    expected: dict[Expr, Numbers] = {network.C: [[found.C]]}
    for kind, layers in (("z", found.z[0]), ("r", found.r[0][1:])):
        for layer, entries in enumerate(layers, start=1):
            expected[Quantity(kind, Integer(layer))] = [[one] for one in entries]
    for group, slopes in _by_group(network, found.gradient).items():
        expected[Partial(network.C, Quantity(*group))] = slopes
    return {name: rows for name, rows in expected.items() if _are_numbers(rows)}


def _are_numbers(rows: Numbers) -> bool:
    return all(entry.is_number for row in rows for entry in row)


def _entries(network: Network, name: Expr) -> list[Expr]:
    sized = SizedModel(network, {n: int(network.width(n)) for n in network.layer_numbers})
    if isinstance(name, Partial):
        (of,) = name.unnested[1]
        return [Partial(network.C, one) for one in sized.entries(of.kind, of.layer)]
    assert isinstance(name, Quantity)
    return [name] if name.kind == "C" else list(sized.entries(name.kind, name.layer))


def _rows(text: str, start: int, network: Network) -> Iterator[_Row]:
    names = {tex(name): name for name in _names(network)}
    for match in _ROW.finditer(text, start):
        name = names.get((match["name"] or match["tex_name"]).strip())
        value = match["value"] if match["name"] else match["tex_value"]
        if name is None or not _BLANK.sub("", value):
            continue
        line = text.count("\n", 0, match.start()) + 1
        at = match.start() - (text.rfind("\n", 0, match.start()) + 1)
        place = Place(line, at + 1, match.start(), match.end())
        yield _Row(name, _numbers(value.replace("$", "").replace("`", "")), place, match[0])


def _names(network: Network) -> Iterator[Expr]:
    for layer in network.layer_numbers:
        yield Quantity("r", layer)
        if layer != network.first:
            yield Quantity("z", layer)
    yield Quantity("y", network.last)
    yield network.C
    for group in network.parameter_groups:
        yield Quantity(*group)
        yield Partial(network.C, Quantity(*group))


def _key(name: Expr) -> str:
    """How a point calls an input, a target or a parameter; empty for what is worked out."""
    if not isinstance(name, Quantity) or name.kind == "C":
        return ""
    if name.kind in ("W", "b"):
        return f"{name.kind}{name.layer}"
    if name.kind == "y":
        return "y"
    return "x" if name.kind == "r" and name.layer == 0 else ""


def _numbers(written: str) -> list[list[_Written]] | None:
    found = [[_number(cell.strip()) for cell in row] for row in _cells(written.strip())]
    read = [[one for one in row if one is not None] for row in found]
    return read if [len(row) for row in read] == [len(row) for row in found] else None


def _cells(written: str) -> list[list[str]]:
    """The entries, row by row, of a matrix in LaTeX, in brackets as in code, or of one number."""
    if matrix := _MATRIX.fullmatch(written):
        return [row.split("&") for row in matrix[2].split(r"\\")]
    listed = _LISTED.fullmatch(re.sub(r"\\(?:left|right)(?![A-Za-z])", "", written))
    if listed is None:
        return [[written]]
    rows = re.findall(r"[\[(]([^\[\]()]*)[\])]", listed[1])
    if rows or ";" in listed[1]:
        return [row.split(",") for row in rows or listed[1].split(";")]
    return [[cell] for cell in listed[1].split(",")]  # a vector is a column


def _number(written: str) -> _Written | None:
    match = _NUMBER.fullmatch(written)
    if match is None:
        return None
    power = int(match["ten"] or 0)
    decimals = match["decimals"] or ""
    if (above := match["above"] or match["numerator"]) is not None:
        if int(below := match["below"] or match["denominator"]) == 0:
            return None
        size = Rational(int(above), int(below))
    else:
        size = Rational(int(match["whole"] + decimals), 10 ** len(decimals))
    size *= Rational(10) ** power * (-1 if match["sign"] in ("-", "−") else 1)
    return _Written(size, len(decimals) - power if decimals else None)
