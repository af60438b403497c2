r"""Derivatives: \frac{\partial C}{\partial w}, \partial C/\partial w, dC/dw, \nabla_W C, dW."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Derivative, Integer, Symbol

from derive.algebra.quantities import Local, Quantity
from derive.model.matrices import Matrix, transposed
from derive.model.model import head_named
from derive.reading.latex.grammar import values
from derive.reading.latex.grammar.contents import content
from derive.reading.latex.grammar.functions import function
from derive.reading.latex.grammar.powers import is_power
from derive.reading.latex.grammar.reader import FormulaReader
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts, read_scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.meanings import FunctionMeaning, KindName, OneTensor, Plain
from derive.reading.latex.naming.quantities import (
    Reference,
    Value,
    derived,
    derived_by_entries,
    reference_of,
    symbol_named,
)
from derive.reading.latex.naming.scope import FormulaScope

MAXIMAL_ORDER = 4
_HOW_FAR = "whether all terms are differentiated, or the first alone, is open: write brackets"
_UNIT_BY_UNIT = "a derivative of a vector may be meant unit by unit; write it with indices"
_LOCAL = 0


@dataclass(frozen=True)
class Variable:
    """What is differentiated by: a quantity, a vec of one, or the variable of a function."""

    what: Reference | Symbol | Matrix
    turned: bool = False
    at: int = 0


def is_differential(token: Token) -> bool:
    r"""\partial, d, \nabla."""
    return token.is_command("partial") or (token.kind == "name" and token.text == "d")


def starts_with_d(reader: FormulaReader) -> bool:
    """Whether the d that comes next is a differential rather than a name that was declared."""
    follower = reader.ahead(1)
    lexicon = reader.scope.lexicon
    if lexicon.knows("d"):
        if not (_sticks(reader.next, follower) and _is_tensor(reader.scope, follower)):
            return False
        if not lexicon.glued:
            reader.may_mean(f"d is a size here, and d{follower} may be a product")
        return True
    return (
        follower.kind == "name" or follower.is_sign("/", "{", "^") or follower.is_command("nabla")
    )


def fraction(reader: FormulaReader) -> Value:
    """A fraction, or a derivative that is written as one."""
    sign = reader.advance()
    above, above_end = reader.group(), reader.last.start
    below, below_end = reader.group(), reader.last.start
    above = [t for t in above if t.kind != "quad"]
    below = [t for t in below if t.kind != "quad"]
    if _is_derivative(reader, above, below):
        top = reader.inside(above, above_end)
        order, of = _numerator(top)
        if not top.at_end:
            raise top.error(f"found {top.next} behind what is differentiated")
        variables = _denominator(reader.inside(below, below_end))
        return _finished(reader, sign, order, of, variables)
    if not above or not below:
        raise LatexError(sign.start, "a fraction has something above and below its line")
    top_value = reader.inside(above, above_end).whole()
    bottom = reader.inside(below, below_end).whole()
    reader.divides(bottom)
    return reader.at_place(
        sign.start,
        lambda: values.product(reader.scope.model, [top_value, bottom], ["", "over"]),
    )


def braced(reader: FormulaReader, opened: Token, above: Sequence[Token]) -> Value | None:
    r"""{\partial a}/{\partial z} behind its first group; None for a quotient of values."""
    mark = reader.mark()
    end = reader.last.start
    reader.advance()
    below = reader.group()
    if not _is_derivative(reader, above, below):
        reader.back(mark)
        return None
    below_end = reader.last.start
    top = reader.inside(above, end)
    order, of = _numerator(top)
    if not top.at_end:
        raise top.error(f"found {top.next} behind what is differentiated")
    return _finished(reader, opened, order, of, _denominator(reader.inside(below, below_end)))


def _is_derivative(reader: FormulaReader, above: Sequence[Token], below: Sequence[Token]) -> bool:
    """Whether both parts of a fraction begin with a sign of differentiation, and d is no size."""
    if not (above and below and is_differential(above[0]) and is_differential(below[0])):
        return False
    if above[0].kind == "command" or not reader.scope.lexicon.knows("d"):
        return True
    parts = [part[1] for part in (above, below) if len(part) > 1]
    return len(parts) == 2 and all(_is_tensor(reader.scope, part) for part in parts)


def _sticks(token: Token, follower: Token) -> bool:
    return token.end == follower.start and follower.kind == "name"


def _is_tensor(scope: FormulaScope, token: Token) -> bool:
    """Whether a token begins the name of a tensor."""
    named = (m for (name, _, _), m in scope.lexicon.declared.items() if name == token.text)
    return token.kind == "name" and any(isinstance(m, OneTensor) for m in named)


def inline(reader: FormulaReader) -> Value:
    r"""\partial C/\partial w, d/dw(…), \partial_w C, \nabla_W C, and dW alone for dC/dW."""
    sign = reader.next
    if sign.is_command("nabla") or reader.ahead(1).is_sign("_"):
        return _subscripted(reader)
    mark = reader.mark()
    order, of = _numerator(reader)
    if reader.next.is_sign("/") and (
        is_differential(reader.ahead(1))
        or (reader.ahead(1).is_sign("(", "{") and is_differential(reader.ahead(2)))
    ):
        reader.advance()
        bracketed = reader.next.is_sign("(", "{")
        if bracketed:
            tokens = reader.group() if reader.next.is_sign("{") else content(reader)[1]
            variables = _denominator(reader.inside(tokens, reader.last.start))
        else:
            variables = _differentials(reader, order)
        return _finished(reader, sign, order, of, variables)
    reader.back(mark)
    if sign.kind == "name":
        return _shorthand(reader)
    raise LatexError(sign.start, "a derivative is written \\partial C/\\partial w")


def _shorthand(reader: FormulaReader) -> Value:
    """dW for dC/dW, as in code."""
    sign = reader.advance()
    variable = _variable(reader)[0]
    objective = reader.scope.model.C.kind
    if not isinstance(variable.what, Reference) or variable.what.kind == objective:
        raise LatexError(sign.start, "a differential stands here alone; write dC/dw")
    return _derived(reader, reader.scope.model.C, [variable], sign)


def _numerator(reader: FormulaReader) -> tuple[int, Value | None]:
    r"""\partial^2 C: the order and what is differentiated, if that is written here.

    The order is 0 for \partial^{+}, the derivative of a formula with all else in it fixed.
    """
    reader.advance()
    order = 1
    if reader.next.is_sign("^"):
        reader.advance()
        written = reader.group()
        is_local = len(written) == 1 and written[0].is_sign("+")
        order = _LOCAL if is_local else _order(written, reader.last)
    if reader.at_end or reader.next.is_sign("/"):
        return order, None
    return order, reader.factor()


def _order(tokens: Sequence[Token], at: Token) -> int:
    if len(tokens) == 1 and tokens[0].kind == "number" and tokens[0].text.isdigit():
        order = int(tokens[0].text)
        if 1 <= order <= MAXIMAL_ORDER:
            return order
    raise LatexError(at.start, f"the order of a derivative is a number from 1 to {MAXIMAL_ORDER}")


def _denominator(reader: FormulaReader) -> list[Variable]:
    r"""\partial w_1 \partial w_2, or \partial w^2."""
    found: list[Variable] = []
    while not reader.at_end:
        if not is_differential(reader.next):
            raise reader.error(f"found {reader.next} where \\partial or d is expected")
        reader.advance()
        found += _variable(reader)
    return found


def _differentials(reader: FormulaReader, order: int) -> list[Variable]:
    r"""As many differentials as the order asks for, behind a slash."""
    found: list[Variable] = []
    while len(found) < order and is_differential(reader.next):
        reader.advance()
        found += _variable(reader)
    return found


def _variable(reader: FormulaReader) -> list[Variable]:
    """A quantity, once for each time that it is differentiated by: w^2 is twice."""
    if not reader.unbraced() and reader.next.is_sign("{", "("):
        opened = reader.next
        tokens = reader.group() if opened.is_sign("{") else content(reader)[1]
        inner = reader.inside(tokens, reader.last.start)
        found = _variable(inner)
        if not inner.at_end:
            raise inner.error(f"found {inner.next} behind the variable")
        if reader.next.is_sign("^"):
            reader.advance()
            return found * _order(reader.group(), reader.last)
        return found
    token = reader.advance()
    if token.kind != "name":
        raise LatexError(token.start, f"found {token} where a variable is expected")
    lexicon = reader.scope.lexicon
    if lexicon.find(token.text, Scripts())[0] == FunctionMeaning("vec"):
        return [Variable(_vector(reader, token), at=token.start)]
    scripts = lexicon.with_name_apart(token.text, read_scripts(reader))
    meaning, with_below, with_layer = lexicon.find(token.text, scripts)
    times = 1
    if (
        meaning is not None
        and not with_layer
        and scripts.layer
        and is_power(reader.scope, scripts, meaning)
    ):
        times = _order(scripts.layer, token)
        scripts = Scripts(scripts.below, transposed=scripts.transposed)
    elif scripts.power:
        times = _order(scripts.power, token)
    what = _meant(reader, token, meaning, scripts, (with_below, with_layer))
    return [Variable(what, scripts.transposed, token.start)] * times


def _vector(reader: FormulaReader, token: Token) -> Matrix | Reference:
    r"""\mathrm{vec}(W): the entries of a matrix, differentiated by one after the other."""
    value = function(reader, token, FunctionMeaning("vec"), Scripts())
    if isinstance(value, Matrix):
        return value
    if isinstance(value, Quantity):
        return Reference(value.kind, value.layer, value.indices)
    raise LatexError(token.start, "derivatives are taken by the entries of a quantity")


def _meant(
    reader: FormulaReader, token: Token, meaning: object, scripts: Scripts, named: tuple[bool, bool]
) -> Reference | Symbol:
    plain = not (scripts.below or scripts.layer)
    if isinstance(meaning, Plain) and (plain or any(named)):
        return meaning.symbol
    if meaning == KindName("z") and plain and reader.scope.has_plain_variable:
        return symbol_named("z")
    if meaning is None or isinstance(meaning, FunctionMeaning | Plain):
        raise reader.scope.lexicon.unknown(token, scripts)
    reference = reference_of(reader.scope, token, meaning, scripts, named)  # pyright: ignore
    if reference.of_cost:
        raise LatexError(token.start, f"{token} is a derivative, not what one differentiates by")
    return reference


def _subscripted(reader: FormulaReader) -> Value:
    r"""\nabla_W C, \partial_w C, \nabla_{W^{(0)}} C."""
    sign = reader.advance()
    times = 1
    if sign.is_command("nabla") and reader.next.is_sign("^"):
        reader.advance()
        times = _order(reader.group(), reader.last)
    if not reader.next.is_sign("_"):
        return _by_its_argument(reader, sign, times)
    reader.advance()
    below = reader.group()
    inner = reader.inside(below, reader.last.start)
    variables = _output_alone(reader, below)
    while not variables or inner.next.is_sign(","):
        if variables:
            inner.advance()
        variables += _variable(inner)
    if reader.next.is_sign("^"):
        reader.advance()
        times = _order(reader.group(), reader.last)
    return _derived(reader, _operand(reader), variables * times, sign)


def _by_its_argument(reader: FormulaReader, sign: Token, times: int) -> Value:
    r"""\nabla C(w): the gradient by what C is written as a function of; \nabla W: that by W."""
    unsaid = LatexError(sign.start, "this gradient does not say by what; write \\nabla_W C")
    mark = reader.mark()
    if reader.next.kind != "name":
        raise unsaid
    token = reader.advance()
    read_scripts(reader)
    if not reader.next.is_sign("("):
        reader.back(mark)
        if times == 1 and (variable := _parameter(reader)) is not None:
            return _derived(reader, reader.scope.model.C, [variable], sign)
        raise unsaid
    inside = content(reader)[1]
    end = reader.last.start
    reader.back(mark)
    if not inside or inside[0].kind != "name" or token.text == inside[0].text:
        raise unsaid
    inner = reader.inside(inside, end)
    variables = _variable(inner)
    if not inner.at_end:
        raise unsaid
    return _derived(reader, reader.factor(), variables * times, sign)


def _parameter(reader: FormulaReader) -> Variable | None:
    """A parameter, of which a gradient can only be that of the cost."""
    mark = reader.mark()
    variable = _variable(reader)[0]
    what = variable.what
    model = reader.scope.model
    if isinstance(what, Reference) and model.role(head_named(what.kind, what.layer)) == "parameter":
        return variable
    reader.back(mark)
    return None


def _output_alone(reader: FormulaReader, below: Sequence[Token]) -> list[Variable]:
    r"""\nabla_a C: outputs without a layer are those that the cost is a function of."""
    if len(below) != 1 or below[0].kind != "name":
        return []
    meaning = reader.scope.lexicon.find(below[0].text, Scripts())[0]
    if meaning != KindName("r"):
        return []
    network = reader.scope.network
    indices = None if network.has_index(network.last) else (Integer(1),)
    return [Variable(Reference("r", network.last, indices), at=below[0].start)]


def _finished(
    reader: FormulaReader, sign: Token, order: int, of: Value | None, variables: list[Variable]
) -> Value:
    if order == _LOCAL and len(variables) == 1:
        return _local(reader, _operand(reader) if of is None else of, variables[0], sign)
    if len(variables) != order:
        raise LatexError(
            sign.start,
            f"this derivative is of order {order} above and of order {len(variables)} below",
        )
    return _derived(reader, _operand(reader) if of is None else of, variables, sign)


def _local(reader: FormulaReader, of: Value, variable: Variable, sign: Token) -> Value:
    by = variable.what
    if isinstance(of, Matrix) or not isinstance(by, Reference) or by.indices is None:
        raise LatexError(sign.start, "a derivative with a + is read with indices")
    return Local(of, Quantity(by.kind, by.layer, *by.indices))


def _operand(reader: FormulaReader) -> Value:
    """What a derivative sign acts on: a bracket, a function or quantity, else the whole term."""
    while reader.next.kind == "quad":
        reader.advance()
    token = reader.next
    if token.is_command("cdot"):
        reader.advance()
        token = reader.next
    reader.deeper()
    bracketed = token.is_sign("(", "[", "{") or token.is_command("left", "{")
    value = reader.factor() if bracketed or token.kind == "name" else reader.term()
    reader.shallower()
    if not bracketed and token.kind != "name" and reader.next.is_sign("+", "-"):
        reader.may_mean(_HOW_FAR)
    return value


def _derived(reader: FormulaReader, of: Value, variables: Sequence[Variable], sign: Token) -> Value:
    for variable in variables:
        what = variable.what
        of_unit = isinstance(of, Quantity) and of.kind == "z"
        by_weights = isinstance(what, Reference) and what.kind == "W"
        if by_weights and (of_unit or isinstance(of, Matrix)):
            reader.loose.append(_UNIT_BY_UNIT)
        if isinstance(variable.what, Symbol):
            if isinstance(of, Matrix):
                raise LatexError(sign.start, "a vector is differentiated here by a plain variable")
            of = Derivative(of, variable.what)
            continue
        if isinstance(variable.what, Matrix):
            of = derived_by_entries(reader.scope, of, variable.what, variable.at)
        else:
            of = derived(reader.scope, of, variable.what, sign.start)
        if variable.turned and isinstance(of, Matrix):
            of = transposed(of)
    return of
