r"""A name with its scripts as a quantity: W^{(0)}_{ij}, W^T, \delta^{l}, z_1, \hat y."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Integer, KroneckerDelta, Symbol

from derive.algebra.indices import Shift, fresh_index, index, index_symbols, substitute
from derive.algebra.quantities import Partial, Quantity
from derive.model.defined_model import DefinedModel
from derive.model.instances import shifts_of
from derive.model.matrices import (
    Entries,
    Matrix,
    as_row,
    entry,
    free_indices,
    gradient,
    tensor,
    transposed,
)
from derive.model.model import Model
from derive.model.network import Network
from derive.reading.latex.lexical.problems import LatexError, MissingQuantityError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.meanings import (
    Defined,
    Gradient,
    KindName,
    Meaning,
    OneTensor,
    Plain,
)
from derive.reading.latex.naming.scope import FormulaScope
from derive.reading.latex.naming.subscripts import (
    indices_of,
    matrix_entry,
    subscripts,
    with_single_units,
)

Value = Expr | Matrix

#: So often a letter may count in a shifted index.
_MOST_STRIDE = 16


@dataclass(frozen=True)
class Reference:
    """Which quantity a name means: one entry, or a whole tensor where `indices` is None.

    `of_cost` says that the derivative of the cost by it is meant, as with delta.
    """

    kind: str
    layer: Expr
    indices: tuple[Expr, ...] | None
    of_cost: bool = False


def quantity_value(
    scope: FormulaScope, token: Token, meaning: Meaning, scripts: Scripts, named: tuple[bool, bool]
) -> Value:
    """What a name means, its power and transposition left aside.

    Args:
        named: whether subscript and layer are part of the name itself.

    Raises:
        LatexError: when it means no quantity of the network.
    """
    match meaning:
        case Plain(symbol):
            if scripts.below and not named[0]:
                raise LatexError(token.start, f"{token} is a number and has no indices")
            if scripts.layer and not named[1]:
                raise LatexError(token.start, f"{token} is a number and has no layer")
            return symbol
        case Defined():
            found = _defined(scope, token, meaning, scripts, named)
            # What was set to a gradient is a row where gradients are.
            is_gradient = isinstance(found, Entries) and isinstance(found.body, Partial)
            turns = is_gradient and scope.rows and found.is_column
            return transposed(found) if turns else found
        case Gradient(wrt):
            value: Value = scope.model.C
            for part in wrt:
                reference = _of_tensor(scope, token, part, () if named[0] else scripts.below)
                value = derived(scope, value, reference, token.start)
            return value
        case _ if _has_shift(scope, meaning, scripts) and not named[0]:
            return _at_shifted(scope, token, meaning, scripts, named)
        case OneTensor() if not named[0] and (row := _row(scope, meaning, scripts)) is not None:
            return row
        case KindName("delta") if (shift := _shift(scope, scripts, named)) is not None:
            return shift
        case KindName("delta") if _is_kronecker(scripts, named):
            first, second = subscripts(scope, scripts.below, 2, token)
            return KroneckerDelta(first, second)
        case _:
            return value_of(scope, reference_of(scope, token, meaning, scripts, named))


def _row(scope: FormulaScope, meaning: OneTensor, scripts: Scripts) -> Matrix | None:
    """Y_i of a matrix of which the text writes rows so, as a column; None for anything else."""
    model = scope.model
    below = [token for token in scripts.below if not token.is_sign("{", "}")]
    if not isinstance(model, DefinedModel) or len(below) != 1 or below[0].kind != "name":
        return None
    if meaning.kind not in model.own_rows:
        return None
    whole = tensor(model, meaning.kind, meaning.layer)
    if not isinstance(whole, Entries) or len(whole.row) != 1 or not whole.column:
        return None
    unit = scope.unit(below[0].text, below[0].start)
    body = substitute(whole.body, {whole.row[0]: unit})
    return Entries(whole.columns, (), whole.column, (), body)


def value_of(scope: FormulaScope, reference: Reference) -> Value:
    """The entry or the tensor that is referred to."""
    network = scope.model
    if reference.of_cost:
        return derived(scope, network.C, Reference(*_fields(reference)), 0)
    if reference.indices is not None:
        return _entry(network, reference.kind, reference.layer, reference.indices)
    value = tensor(network, reference.kind, reference.layer)
    if not isinstance(value, Matrix):
        return value
    if _is_vector(network, reference):
        return as_row(value) if scope.lexicon.notation.layout.in_rows else value
    return transposed(value) if scope.turns(reference.kind, reference.layer) else value


def _entry(model: Model, kind: str, layer: Expr, indices: tuple[Expr, ...]) -> Quantity:
    """The entry, without the indices that count the one unit of a layer."""
    axes = model.slots(kind, layer)
    if not indices and not any(map(model.has_index, axes)):
        return Quantity(kind, layer)
    kept = (i for i, axis in zip(indices, axes, strict=True) if model.has_index(axis))
    return Quantity(kind, layer, *kept)


def _is_vector(network: Model, reference: Reference) -> bool:
    """Whether a whole vector is referred to, rather than a matrix of weights."""
    return len(network.slots(reference.kind, reference.layer)) == 1


def _fields(reference: Reference) -> tuple[str, Expr, tuple[Expr, ...] | None]:
    return reference.kind, reference.layer, reference.indices


def derived(scope: FormulaScope, of: Value, reference: Reference, at: int) -> Value:
    """The derivative of a value by what is referred to; vectors give columns, or rows."""
    network = scope.model
    if reference.indices is not None:
        quantity = _entry(network, reference.kind, reference.layer, reference.indices)
        if isinstance(of, Matrix):
            return _entrywise(of, quantity)
        return Partial(of, quantity)
    if isinstance(of, Matrix):
        outputs = _multiplied(scope, of, reference)
        return _jacobian(scope, of, reference, at) if outputs is None else outputs
    value = gradient(network, of, reference.kind, reference.layer)
    if not isinstance(value, Matrix):
        return value
    if scope.lexicon.notation.layout.in_rows and _is_vector(network, reference):
        return as_row(value)
    if reference.kind != "V" and scope.turns(reference.kind, reference.layer):
        value = transposed(value)
    return transposed(value) if scope.rows and value.is_column else value


def _multiplied(scope: FormulaScope, of: Matrix, reference: Reference) -> Matrix | None:
    """What dz/dW is short for where z = W r: r transposed, since dz_i/dW_ij = r_j for every i."""
    body = of.body if isinstance(of, Entries) else None
    if not isinstance(body, Quantity) or body.kind != "z" or reference.kind != "W":
        return None
    if not isinstance(scope.model, Network) or reference.layer + 1 != body.layer:
        return None
    outputs = tensor(scope.model, "r", reference.layer)
    if not isinstance(outputs, Matrix):
        return None
    return outputs if scope.lexicon.notation.layout.in_rows else transposed(outputs)


def _entrywise(of: Matrix, quantity: Quantity) -> Matrix:
    if not isinstance(of, Entries):
        raise LatexError(0, "this derivative of a matrix is read only with indices")
    return Entries(of.rows, of.columns, of.row, of.column, Partial(of.body, quantity))


def _jacobian(scope: FormulaScope, of: Matrix, reference: Reference, at: int) -> Value:
    """The matrix of dz_i/dr_j, its rows those of z."""
    by = tensor(scope.model, reference.kind, reference.layer)
    if not isinstance(by, Matrix):
        return _entrywise(of, Quantity(reference.kind, reference.layer))
    return derived_by_entries(scope, of, by, at)


def derived_by_entries(scope: FormulaScope, of: Value, by: Matrix, at: int) -> Value:
    """The derivative of a number or vector by each entry of a vector, in rows of the first.

    Raises:
        LatexError: when one of them is a matrix, or the vector is no quantity of the network.
    """
    vector = of if isinstance(of, Matrix) else None
    if (by.rows and by.columns) or (vector and vector.rows and vector.columns):
        raise LatexError(
            at,
            "the derivative of a vector by a matrix has three indices; write it with indices, "
            "or by the vec of the matrix",
        )
    if vector and scope.lexicon.notation.layout.in_rows:
        raise LatexError(
            at,
            "where vectors are rows, the derivative of a vector by a vector is written in two "
            "ways, one the transpose of the other; write it with indices",
        )
    letters: list[Symbol] = []
    held = free_indices(of) if isinstance(of, Matrix) else index_symbols(of)
    for _ in (*(vector.rows + vector.columns if vector else ()), *by.rows, *by.columns):
        letters.append(fresh_index({*letters, *held}))
    across = len(by.rows) + len(by.columns)
    row, column = tuple(letters[:-across]), tuple(letters[-across:])
    quantity = _vector_entry(scope, by, column)
    if not isinstance(quantity, Quantity):
        raise LatexError(at, "derivatives are taken by the entries of a quantity")
    if vector is None:
        slope = Entries(by.rows or by.columns, (), column, (), Partial(of, quantity))
        return transposed(slope) if scope.rows or scope.lexicon.notation.layout.in_rows else slope
    body = Partial(_vector_entry(scope, vector, row), quantity)
    return Entries(vector.rows or vector.columns, by.rows or by.columns, row, column, body)


def _vector_entry(scope: FormulaScope, vector: Matrix, units: tuple[Symbol, ...]) -> Expr:
    return entry(scope.model, vector, *((units, ()) if vector.rows else ((), units)))


# -- which quantity ------------------------------------------------------------------------


def reference_of(
    scope: FormulaScope, token: Token, meaning: Meaning, scripts: Scripts, named: tuple[bool, bool]
) -> Reference:
    """The quantity that a name with its scripts refers to.

    Raises:
        LatexError: when it refers to none.
    """
    match meaning:
        case OneTensor():
            return _of_tensor(scope, token, meaning, () if named[0] else scripts.below)
        case KindName():
            return _of_kind(scope, token, meaning.kind, scripts, named)
        case Defined():
            return _reference_to(scope, token, _defined(scope, token, meaning, scripts, named))
        case _:
            raise LatexError(token.start, f"{token} is no quantity of the network")


def _reference_to(scope: FormulaScope, token: Token, value: Value) -> Reference:
    """The quantity that a defined name turned out to be."""
    if isinstance(value, Entries) and isinstance(value.body, Quantity):
        return Reference(value.body.kind, value.body.layer, None)
    if isinstance(value, Quantity):
        slots = scope.model.slots(value.kind, value.layer)
        units = with_single_units(scope, slots, value.indices, token)
        return Reference(value.kind, value.layer, tuple(units))
    raise LatexError(
        token.start, f"{token} is a formula here, and derivatives are taken by quantities"
    )


def _of_kind(
    scope: FormulaScope, token: Token, kind: str, scripts: Scripts, named: tuple[bool, bool]
) -> Reference:
    network = scope.network
    layer_tokens = () if named[1] else scripts.layer
    tensor_kind = {"x": "r", "yhat": "r", "delta": "z"}.get(kind, kind)
    if kind in ("x", "yhat", "y", "U", "C"):
        layer = network.first if kind == "x" else network.last
        if kind == "U" and not network.has_difference:
            raise scope.lexicon.unknown(token, scripts)
        if layer_tokens:
            return _of_fixed_kind(scope, token, kind, scripts)
    elif layer_tokens:
        layer = scope.layer_number(kind, layer_tokens)
    elif _numbers_a_layer(scope, kind, scripts) and not named[0]:
        layer = scope.layer_number(kind, scripts.below)
        scripts = replace(scripts, below=())
    else:
        layer = _only_layer(scope, token, kind, scripts)
    below = () if named[0] else scripts.below
    indices = indices_of(scope, tensor_kind, layer, below, token)
    return Reference(tensor_kind, layer, indices, of_cost=kind == "delta")


def _numbers_a_layer(scope: FormulaScope, kind: str, scripts: Scripts) -> bool:
    """Whether a subscript is a layer, z_l and W_{l+1}, where there are several and no unit is l."""
    below = [part for part in scripts.below if not part.is_sign("{", "}")]
    letter = bool(below) and below[0].text in ("l", "L")
    shifted = len(below) == 3 and below[1].is_sign("+", "-") and below[2].kind == "number"
    return letter and (len(below) == 1 or shifted) and len(scope.layers_of(kind)) > 1


def _of_fixed_kind(scope: FormulaScope, token: Token, kind: str, scripts: Scripts) -> Reference:
    """x^{(0)} is x, and y^{(L)} y; any other superscript is none."""
    layer = scope.layer_number("r", scripts.layer)
    fixed = scope.network.first if kind == "x" else scope.network.last
    if layer != fixed:
        raise MissingQuantityError(scripts.layer[0].start, f"{token} belongs to layer {fixed}")
    tensor_kind = {"x": "r", "yhat": "r"}.get(kind, kind)
    indices = indices_of(scope, tensor_kind, layer, scripts.below, token)
    return Reference(tensor_kind, layer, indices)


def _of_tensor(
    scope: FormulaScope, token: Token, meaning: OneTensor, below: Sequence[Token]
) -> Reference:
    network = scope.model
    if not scope.exists(meaning.kind, meaning.layer):
        raise MissingQuantityError(
            token.start, f"this network has no {meaning.kind} of layer {meaning.layer}"
        )
    if not below and meaning.indices and all(letter.isdigit() for letter in meaning.indices):
        units = [Integer(int(letter) + 1) for letter in meaning.indices]  # ASCII counts from 0
    elif not below and meaning.indices:
        units = [scope.unit(letter, token.start) for letter in meaning.indices]
    else:
        return Reference(
            meaning.kind,
            meaning.layer,
            indices_of(scope, meaning.kind, meaning.layer, below, token),
        )
    slots = network.slots(meaning.kind, meaning.layer)
    if len(units) != len(slots):
        units = with_single_units(scope, slots, units, token)
    return Reference(meaning.kind, meaning.layer, tuple(units))


def _only_layer(scope: FormulaScope, token: Token, kind: str, scripts: Scripts) -> Expr:
    """The layer of a quantity that is written without one."""
    layers = scope.layers_of(kind)
    if not layers:
        raise MissingQuantityError(token.start, f"this network has no quantity {token}")
    letters = scope.lexicon.notation.letters
    items = [part.text for part in scripts.below if part.kind == "name"]
    typed = [letters[item] for item in items if item in letters]
    if typed:
        number = Integer(min(typed) if kind in ("W",) else typed[0] - (kind == "b"))
        if scope.exists(kind, number):
            return number
    if len(layers) > 1 or (scope.network.is_chain and scripts.below):
        if scripts.below and scope.network.is_chain:
            raise scope.lexicon.unknown(token, scripts)
        options = " or ".join(f"{token}^{{({layer})}}" for layer in layers[:3])
        raise LatexError(
            token.start,
            f"{token} has no layer here; write {options}, or declare what it stands for",
        )
    return layers[0]


# -- indices -------------------------------------------------------------------------------


def _is_kronecker(scripts: Scripts, named: tuple[bool, bool]) -> bool:
    r"""\delta_{ij}: two indices and no layer."""
    if any(part.is_sign("+", "-") for part in scripts.below):
        return False
    items = [part for part in scripts.below if part.kind in ("name", "number")]
    two = len(items) == 2 or (
        len(items) == 1 and len(items[0].text) == 2 and items[0].text.isdigit()
    )
    return two and not scripts.layer and not any(named)


def _has_shift(scope: FormulaScope, meaning: Meaning, scripts: Scripts) -> bool:
    """Whether an index is a sum; in a stack of layers k+1 below is the number of a layer."""
    if isinstance(scope.model, Network) or meaning == KindName("delta"):
        return False
    model = scope.model
    return any(_shifted_units(model, item) or _has_plus(item) for item in _items(scripts.below))


def _has_plus(item: Sequence[Token]) -> bool:
    return any(part.is_sign("+") for part in item)


def _at_shifted(
    scope: FormulaScope, token: Token, meaning: Meaning, scripts: Scripts, named: tuple[bool, bool]
) -> Value:
    """x_{c,t+s-1}: the sum over all entries of x, each with a shift."""
    below: list[Token] = []
    shifts: list[tuple[Symbol, list[Token]]] = []
    used = {index(part.text) for part in scripts.below if part.kind == "name"}
    for item in _items(scripts.below):
        first = item[0]
        if len(item) > 1:
            shifts.append((fresh_index(used), item))
            used.add(shifts[-1][0])
            first = first._replace(text=shifts[-1][0].name)
        below += [first]
    value = quantity_value(scope, token, meaning, replace(scripts, below=tuple(below)), named)
    if not isinstance(value, Quantity):
        raise LatexError(token.start, f"{token} has no shifted index here")
    found: Expr = value
    for letter, item in shifts:
        names = _shifted_units(scope.model, item)
        if names is None or letter not in value.indices:
            raise LatexError(item[0].start, "a shifted index is a sum of letters, as t+s-1")
        axis = scope.model.axes(value)[value.indices.index(letter)]
        units = _units(scope, names)
        found = scope.model.sum_over(axis, letter, Shift(letter, *units) * found)
    return found


def _items(below: Sequence[Token]) -> list[list[Token]]:
    """The parts of a subscript between commas."""
    items: list[list[Token]] = [[]]
    for part in below:
        if part.is_sign(","):
            items.append([])
        elif not part.is_sign("{", "}") and part.kind != "quad":
            items[-1].append(part)
    return [item for item in items if item]


def _units(scope: FormulaScope, names: tuple[list[Token], int]) -> list[Expr]:
    """The letters of a shifted index as units, and its offset if it has one."""
    letters, offset = names
    units = [scope.unit(name.text, name.start) for name in letters]
    return [*units, Integer(offset + 1)] if offset else units


def _shifted_units(model: Model, item: Sequence[Token]) -> tuple[list[Token], int] | None:
    """t and s of t+s-1, which counts from 1, and an offset; None for anything else.

    An offset is one that the model has: of another one nobody can tell from where it counts.
    """
    *letters, sign, number = item if len(item) > 2 else (*item, None, None)
    constant = 0
    if sign is not None and number is not None and number.kind == "number":
        if not (sign.is_sign("+", "-") and number.text.isdigit()):
            return None
        constant = int(number.text) if sign.is_sign("+") else -int(number.text)
        item = letters
    names = _letters_added(item)
    if names is None:
        return None
    offset = constant + len(names) - 1
    of_model = {(_counted(parts), _offset(parts)) for _, parts in shifts_of(model)}
    known = (len(names), offset) in of_model or (not of_model and len(names) > 1 and not offset)
    return (names, offset) if known else None


def _counted(parts: Sequence[Expr]) -> int:
    return sum(not isinstance(part, Integer) for part in parts)


def _offset(parts: Sequence[Expr]) -> int:
    return sum(int(part) for part in parts if isinstance(part, Integer))


def _letters_added(letters: Sequence[Token]) -> list[Token] | None:
    """t and s of t+s; t, t and s of 2t+s; None for anything else."""
    names: list[Token] = []
    times, expected = 1, True
    for token in letters:
        if token.is_sign("+") and not expected:
            expected = True
        elif token.kind == "number" and expected and times == 1 and token.text.isdigit():
            times = min(int(token.text), _MOST_STRIDE)
        elif token.kind == "name" and expected:
            names += [token] * times
            times, expected = 1, False
        else:
            return None
    return names if names and not expected else None


def _shift(scope: FormulaScope, scripts: Scripts, named: tuple[bool, bool]) -> Expr | None:
    r"""\delta_{l,t+s-1}: 1 where unit l is the one at t + s - 1; None for another subscript."""
    items = _items(scripts.below)
    if any(named) or scripts.layer or len(items) != 2 or len(items[0]) != 1:
        return None
    names = _shifted_units(scope.model, items[1])
    if names is None:
        return None
    (unit,) = items[0]
    return Shift(scope.unit(unit.text, unit.start), *_units(scope, names))


def _defined(
    scope: FormulaScope, token: Token, meaning: Defined, scripts: Scripts, named: tuple[bool, bool]
) -> Value:
    """A name that the document defined, at the indices that it now has."""
    value = meaning.value
    if not meaning.letters or named[0]:
        if scripts.below and not named[0]:
            if isinstance(value, Matrix):
                return matrix_entry(scope, value, scripts.below, token)
            raise LatexError(token.start, f"{token} was defined without indices")
        return value
    units = subscripts(scope, scripts.below, len(meaning.letters), token)
    places: dict[Expr, Expr] = {
        index(letter): unit for letter, unit in zip(meaning.letters, units, strict=True)
    }
    return value if isinstance(value, Matrix) else substitute(value, places)


def symbol_named(name: str) -> Symbol:
    """The plain variable of this name, as in an activation's own formula."""
    return Symbol(name, real=True)
