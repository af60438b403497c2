r"""The entries of a formula in the ASCII notation, with the axes that its indices count.

z = W x + b becomes z[i] := sum(j, W[i,j]*x[j]) + b[i].  Which axes are one follows from what
stands beside what; a formula whose shapes do not go together defines nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field

from derive.reading.inferring.formulas.nodes import (
    Applied,
    Bracket,
    Digits,
    Factors,
    Name,
    Node,
    Norm,
    Raised,
    Size,
    Summed,
    TermSum,
    Turned,
)
from derive.reading.inferring.names import Key, key_of
from derive.reading.inferring.shapes import Shaped, ShapeRules, UndefinedError, number

_ASCII = {
    "\\sigma": "sigmoid",
    **dict.fromkeys(("sigmoid", "sigm", "logistic"), "sigmoid"),
    **dict.fromkeys(("ReLU", "relu", "RELU", "Relu"), "relu"),
    **{
        name: name
        for name in (
            *("exp", "log", "tanh", "sqrt", "max", "min", "softplus", "erf", "abs"),
            *("sin", "cos"),
        )
    },
}
SOFTMAX = ("softmax", "Softmax")


@dataclass
class EntryWriter:
    """Folds one formula after another into entries.

    Attributes:
        shapes: what is multiplied and added, and which axes are one.
        ranks: for each tensor without written indices how many it has; what is not here is
            told by what it is added to.
        spelled: the ASCII name of each tensor.
        functions: names that the document has given to functions.
        applied: tensors that it writes as functions of others, f(x) = w x + b.
        in_rows: whether the samples of a batch are the rows of matrices.
        implied: for names that stand for an entry without its indices, these.
        rows_of: the matrices of which a row is written, with one index.
    """

    shapes: ShapeRules
    ranks: dict[Key, int]
    spelled: Callable[[Key], str]
    functions: Mapping[Key, str]
    applied: Collection[Key]
    in_rows: bool
    implied: Mapping[Key, tuple[str, ...]]
    rows_of: set[Key] = field(default_factory=set[Key])

    def begin(self) -> None:
        """Another formula: its letters have no axes yet."""
        self.shapes.begin()

    def axis_of(self, letter: str) -> int:
        """The axis that a letter counts in this formula."""
        if letter not in self.shapes.counted:
            self.shapes.counted[letter] = self.shapes.axes.new()
        return self.shapes.counted[letter]

    def array(self, node: Node) -> Shaped:
        """The value of a formula.

        Raises:
            UndefinedError: where it is none, or its shapes do not go together.
        """
        match node:
            case Digits():
                return number(node.text)
            case Name():
                return self._named(node)
            case TermSum():
                return self._total(node)
            case Factors():
                return self._product(node)
            case Raised():
                return self._raised(node)
            case Turned():
                of = self.array(node.of)
                if of.is_number:
                    return of
                return Shaped(of.columns, of.rows, lambda row, column: of.entry(column, row))
            case Bracket():
                if len(node.inside) != 1:
                    raise UndefinedError("a list is no value")
                inner = self.array(node.inside[0])
                if isinstance(node.inside[0], TermSum):
                    return inner  # has brackets of its own
                return Shaped(inner.rows, inner.columns, lambda r, c: f"({inner.entry(r, c)})")
            case Applied():
                return self._applied(node)
            case Summed():
                return self._summed(node)
            case Norm():
                return self._length(node, "sqrt({})")
            case Size():
                return self._size(node)
            case _:
                raise UndefinedError("this is no formula of values")

    # -- names -----------------------------------------------------------------------------

    def _named(self, node: Name) -> Shaped:
        if node.text == "\\pi":
            return number("pi")
        if any(part.is_sign("+", "-") for part in node.scripts.below):
            raise UndefinedError("an index that is shifted is not defined by a formula")
        key, letters = key_of(node)
        letters = letters or self.implied.get(key, ())
        if key.any_layer:
            raise UndefinedError("what is said of any layer is no definition of one")
        name = self.spelled(key)
        if len(letters) == 1 and self.in_rows and self.ranks.get(key) == 2:
            if key.role == "parameter":
                raise UndefinedError("nothing says whether a row or a column is meant")
            self.rows_of.add(key)
            of, along = self.shapes.axes.of(key, 2)
            self.shapes.axes.unify(of, self.axis_of(letters[0]))
            return Shaped(along, None, lambda row, _: f"{name}[{letters[0]},{row}]")
        if letters:
            own = self.shapes.axes.of(key, len(letters))
            for axis, letter in zip(own, letters, strict=True):
                self.shapes.axes.unify(axis, self.axis_of(letter))
            return number(f"{name}[{','.join(letters)}]")
        if key not in self.ranks:
            raise UndefinedError(f"nothing says which shape {name} has")
        return self.tensor(key)

    def tensor(self, key: Key) -> Shaped:
        """A tensor that is written without its indices: a column, or a matrix."""
        name = self.spelled(key)
        own = self.shapes.axes.of(key, self.ranks[key])
        if not own:
            return number(name)
        if len(own) == 1:
            return Shaped(own[0], None, lambda row, _: f"{name}[{row}]")
        return Shaped(own[0], own[1], lambda row, column: f"{name}[{row},{column}]")

    def _is_open(self, node: Node) -> Key | None:
        """The tensor of a lone name whose shape is not known yet."""
        if not isinstance(node, Name) or node.text == "\\pi":
            return None
        key, letters = key_of(node)
        return key if not letters and key not in self.ranks else None

    def _adopt(self, key: Key, like: Shaped, *, added: bool) -> None:
        """Give a tensor the shape of what it stands beside; a bias is added to every row."""
        own = [axis for axis in (like.rows, like.columns) if axis is not None]
        if added and len(own) == 2 and key.role == "parameter":
            own = own[1:]
        self.ranks[key] = len(own)
        for axis, other in zip(self.shapes.axes.of(key, len(own)), own, strict=True):
            self.shapes.axes.unify(axis, other)

    # -- sums and products -----------------------------------------------------------------

    def _total(self, node: TermSum) -> Shaped:
        arrays: dict[int, Shaped] = {}
        open_keys = [self._is_open(term) for term in node.terms]
        for place, term in enumerate(node.terms):
            if open_keys[place] is None:
                arrays[place] = self.array(term)
        for place, key in enumerate(open_keys):
            if key is not None and key not in self.ranks:
                shaped = [one for one in arrays.values() if not one.is_number]
                like = shaped[0] if shaped else next(iter(arrays.values()), number("0"))
                self._adopt(key, like, added=True)
            if key is not None:
                arrays[place] = self.array(node.terms[place])
        ordered = [arrays[place] for place in range(len(node.terms))]
        rows, columns, fitted = self.shapes.fitted(ordered)
        signs = node.signs

        def entry(row: str, column: str) -> str:
            parts = [one.entry(row, column) for one in fitted]
            written = "".join(
                f"{'-' if sign < 0 else '+'}{part}" for sign, part in zip(signs, parts, strict=True)
            )
            return f"({written.removeprefix('+')})"

        return Shaped(rows, columns, entry)

    def _product(self, node: Factors) -> Shaped:
        self._settle(node)
        found = self.array(node.factors[0])
        for factor, sign in zip(node.factors[1:], node.signs[1:], strict=True):
            found = self.shapes.times(found, self.array(factor), sign)
        return found

    def _settle(self, node: Factors) -> None:
        """A target beside a function of the output has its shape; behind a matrix is a vector."""
        open_keys = [self._is_open(factor) for factor in node.factors]
        others = [f for f, key in zip(node.factors, open_keys, strict=True) if key is None]
        for key, sign in zip(open_keys, node.signs, strict=True):
            if key is None or key in self.ranks:
                continue
            arrays = [self.array(other) for other in others]
            if self._is_contracted(arrays, node.signs):
                self.ranks[key] = 0
                continue
            like = next((one for one in arrays if not one.is_number), number("0"))
            matrix = like.rows is not None and like.columns is not None
            if matrix and key != open_keys[0] and sign not in ("odot", "over"):
                self.ranks[key] = 1
            else:
                self._adopt(key, like, added=False)

    def _is_contracted(self, arrays: list[Shaped], signs: tuple[str, ...]) -> bool:
        """Whether the other factors are a number together, as w^T x of y w^T x."""
        if len(arrays) < 2 or any(signs) or any(one.is_number for one in arrays):
            return False
        before = self.shapes.summed
        try:
            found = arrays[0]
            for one in arrays[1:]:
                found = self.shapes.times(found, one, "")
        except UndefinedError:
            return False
        finally:
            self.shapes.summed = before
        return found.is_number

    def _raised(self, node: Raised) -> Shaped:
        if (
            isinstance(node.base, Norm)
            and isinstance(node.exponent, Digits)
            and node.exponent.text == "2"
        ):
            return self._length(node.base, "{}")
        base, exponent = self.array(node.base), self.array(node.exponent)
        if not exponent.is_number:
            raise UndefinedError("an exponent is one number")
        power = exponent.entry("", "")
        if None not in base.axes and not power.isdigit():
            raise UndefinedError("the inverse of a matrix is not defined entry by entry")
        power = power if power.isdigit() else f"({power})"
        return Shaped(base.rows, base.columns, lambda r, c: f"({base.entry(r, c)})^{power}")

    def _size(self, node: Size) -> Shaped:
        """The absolute value of a number, or the length of a vector."""
        of = self.array(node.of)
        if of.is_number:
            return number(f"abs({of.entry('', '')})")
        if None not in of.axes:
            raise UndefinedError("lines around a matrix may mean its determinant")
        return self._length(Norm(node.start, node.of), "sqrt({})")

    def _length(self, node: Norm, around: str) -> Shaped:
        """The sum of the squares of all entries."""
        of = self.array(node.of)
        if of.is_number:
            return number(around.format(f"({of.entry('', '')})^2"))
        row = self.shapes.fresh() if of.rows is not None else ""
        column = self.shapes.fresh() if of.columns is not None else ""
        written = f"({of.entry(row, column)})^2"
        for letter in (column, row):
            written = f"sum({letter}, {written})" if letter else written
        return number(around.format(written))

    # -- functions and sums over letters ---------------------------------------------------

    def _applied(self, node: Applied) -> Shaped:
        key, letters = key_of(node.name)
        function = self.functions.get(key) or _ASCII.get(node.name.text)
        if node.name.text in SOFTMAX:
            return self._softmax(node)
        if function is None:
            return self._not_applied(node)
        arguments = list(node.arguments)
        first = arguments[0]
        if function == "max" and isinstance(first, Digits) and first.text == "0":
            function, arguments = "relu", arguments[1:]
        if function == "sqrt" and (key := self._is_open(arguments[0])) is not None:
            self.ranks[key] = 0
        rows, columns, fitted = self.shapes.fitted([self.array(one) for one in arguments])
        if letters:
            raise UndefinedError("a function has no indices")
        return Shaped(
            rows,
            columns,
            lambda r, c: f"{function}({', '.join(one.entry(r, c) for one in fitted)})",
        )

    def _not_applied(self, node: Applied) -> Shaped:
        """C(w) is C, and w (a + b) a product."""
        name = self.array(node.name)
        if key_of(node.name)[0] in self.applied:
            return name
        if len(node.arguments) == 1 and not isinstance(node.arguments[0], Name):
            bracket = Bracket(node.start, node.arguments)
            return self.shapes.times(name, self.array(bracket), "")
        raise UndefinedError("this function is not given")

    def _softmax(self, node: Applied) -> Shaped:
        of = self.array(node.arguments[0])
        inside = node.arguments[0]
        own = key_of(inside)[1] if isinstance(inside, Name) else ()
        if len(node.arguments) == 1 and of.is_number and own:  # softmax(z_i), entry i of it
            return number(f"softmax({own[-1]}, {of.entry('', '')})")
        if len(node.arguments) != 1 or of.rows is None:
            raise UndefinedError("softmax is read for a vector, or for each sample of a batch")
        if of.columns is None:
            return Shaped(of.rows, None, lambda row, _: f"softmax({row}, {of.entry(row, '')})")
        along_rows = self._counts_samples(of.columns)
        if along_rows == self._counts_samples(of.rows):
            raise UndefinedError("nothing says whether rows or columns are samples")
        return Shaped(
            of.rows,
            of.columns,
            lambda row, column: (
                f"softmax({row if along_rows else column}, {of.entry(row, column)})"
            ),
        )

    def _counts_samples(self, axis: int) -> bool:
        """Whether an axis of what is computed is that of a matrix of inputs: a batch's samples."""
        axes = self.shapes.axes
        inputs = (own for key, own in axes.owned.items() if _is_input_matrix(key, own))
        return any(axes.root(axis) == axes.root(one) for own in inputs for one in own)

    def _summed(self, node: Summed) -> Shaped:
        outer = {letter: self.shapes.counted.pop(letter, None) for letter in node.letters}
        body = self.array(node.body)
        if not body.is_number:
            raise UndefinedError("a sum over letters is one of numbers")
        written = body.entry("", "")
        for letter in reversed(node.letters):
            if letter not in self.shapes.counted:
                raise UndefinedError(f"the letter {letter} of this sum does not occur in it")
            self.shapes.axes.bound(self.shapes.counted.pop(letter), node.last)
            written = f"sum({letter}, {written})"
        self.shapes.counted |= {letter: axis for letter, axis in outer.items() if axis is not None}
        return number(written)


def _is_input_matrix(key: Hashable, axes: tuple[int, ...]) -> bool:
    return isinstance(key, Key) and key.role == "input" and len(axes) == 2


def letters_of(node: Node) -> Iterator[str]:
    """All index letters of a formula."""
    for part in node.walk():
        if isinstance(part, Name):
            yield from key_of(part)[1]
        elif isinstance(part, Summed):
            yield from part.letters
