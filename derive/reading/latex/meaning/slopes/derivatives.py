r"""Derivatives: \frac{\partial C}{\partial w}, \partial C/\partial w, dC/dw, \nabla_W C, dW."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Derivative, Integer, Symbol

from derive.algebra.quantities import Local, Quantity
from derive.model.matrices import Matrix, transposed
from derive.model.model import Model, head_named
from derive.model.network import Network
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning import values
from derive.reading.latex.meaning.functions import function
from derive.reading.latex.meaning.powers import is_power
from derive.reading.latex.meaning.reader import FormulaReader
from derive.reading.latex.naming.meanings import FunctionMeaning, KindName, OneTensor, Plain
from derive.reading.latex.naming.quantities import (
    Reference,
    Value,
    derived,
    derived_by_entries,
    reference_of,
    symbol_named,
    value_of,
)
from derive.reading.latex.naming.scope import FormulaScope
from derive.reading.latex.syntax.tree import (
    Differential,
    Enclosed,
    End,
    Exponential,
    FractionBar,
    Named,
    Node,
    Operator,
    Scripted,
    Terms,
    plain_bracket,
    shown,
)

MAXIMAL_ORDER = 4
_LOCAL = 0
_HOW_FAR = "whether all terms are differentiated, or the first alone, is open: write brackets"
_UNIT_BY_UNIT = "a derivative of a vector may be meant unit by unit; write it with indices"


@dataclass(frozen=True)
class Variable:
    """What is differentiated by: a quantity, a vec of one, or the variable of a function."""

    what: Reference | Symbol | Matrix
    turned: bool = False
    at: int = 0


def is_differential(item: Node) -> bool:
    r"""\partial, d."""
    if isinstance(item, Differential):
        return item.token.text == "partial"
    return isinstance(item, Named) and item.token.text == "d"


def starts_with_d(reader: FormulaReader) -> bool:
    """Whether the d that comes next is a differential rather than a name that was declared."""
    item, follower = reader.next, reader.ahead(1)
    if not isinstance(item, Named) or item.token.text != "d":
        return False
    if reader.scope.lexicon.knows("d"):
        if not (_sticks(item, follower) and _is_tensor(reader.scope, follower)):
            return False
        if not reader.scope.lexicon.glued:
            reader.may_mean(f"d is a size here, and d{_base(follower)} may be a product")
        return True
    named = isinstance(follower, Named | Exponential) or _is_nabla(follower)
    grouped = isinstance(follower, Enclosed) and follower.opened == "{"
    return named or grouped or _is_over(follower) or bool(item.scripts.layer)


def fraction(reader: FormulaReader, item: FractionBar) -> Value:
    """A fraction, or a derivative that is written as one, perhaps with its minus above."""
    turned = replace(item.above, signs=(1,)) if item.above.signs == (-1,) else None
    if turned is not None and _is_derivative(reader, turned, item.below):
        slope = _quotient_of_differentials(reader, item.start, turned, item.below)
        return values.negative(slope, item.start)
    if _is_derivative(reader, item.above, item.below):
        return _quotient_of_differentials(reader, item.start, item.above, item.below)
    top_value = reader.value(item.above)
    bottom = reader.value(item.below)
    reader.divides(bottom)
    return reader.at_place(
        item.start,
        lambda: values.product(reader.scope.model, [top_value, bottom], ["", "over"]),
    )


def derivative_parts(reader: FormulaReader, item: FractionBar) -> tuple[Value, Reference] | None:
    r"""a and z of \partial a/\partial z, a first derivative by a quantity; None for all else."""
    if not _is_derivative(reader, item.above, item.below) or item.above.run is None:
        return None
    top = _only_run(reader, item.above, "what is differentiated")
    order, of = _numerator(top)
    variables = _denominator(reader, item.below)
    if order != 1 or of is None or not top.at_end or len(variables) != 1 or variables[0].turned:
        return None
    by = variables[0].what
    return (of, by) if isinstance(by, Reference) else None


def braced(reader: FormulaReader, above: Enclosed) -> Value | None:
    r"""{\partial a}/{\partial z} behind its first group; None for a quotient of values."""
    below = plain_bracket(reader.ahead(1), "{") if _is_over(reader.next) else None
    if below is None or len(above.members) + len(below.members) > 2:
        return None
    top, bottom = above.members[0], below.members[0]
    if not _is_derivative(reader, top, bottom):
        return None
    reader.advance()
    reader.advance()
    return _quotient_of_differentials(reader, above.start, top, bottom)


def _quotient_of_differentials(
    reader: FormulaReader, sign: int, above: Terms, below: Terms
) -> Value:
    top = _only_run(reader, above, "what is differentiated")
    start = top.mark()
    order, of = _numerator(top)
    if not top.at_end:  # a product, all of which stands above the line
        top.back(start)
        top.advance()
        of = top.term()
    if not top.at_end:
        words = f"found {shown(top.next)} behind what is differentiated"
        raise LatexError(top.next.start, words)
    return _finished(reader, sign, order, of, _denominator(reader, below))


def _only_run(reader: FormulaReader, terms: Terms, what: str) -> FormulaReader:
    """A reader of the one term that stands here."""
    if terms.surplus is not None:
        raise terms.surplus.with_traceback(None)
    if terms.run is None:
        raise LatexError(terms.start, f"a sum stands here where {what} is expected")
    return reader.inside(terms.run)


def _first(terms: Terms) -> Node:
    return terms.runs[0].items[0] if terms.signs[0] > 0 else End(terms.start)


def _is_derivative(reader: FormulaReader, above: Terms, below: Terms) -> bool:
    """Whether both parts of a fraction begin with a sign of differentiation, and d is no size."""
    if _lacks_a_sign(reader, above, below):
        return True
    if not (is_differential(_first(above)) and is_differential(_first(below))):
        return False
    if isinstance(_first(above), Differential) or not reader.scope.lexicon.knows("d"):
        return True
    return all(_begins_with_a_tensor(reader.scope, part) for part in (above, below))


def _lacks_a_sign(reader: FormulaReader, above: Terms, below: Terms) -> bool:
    r"""Whether \frac{\partial}{w} stands here, which can only mean \frac{\partial}{\partial w}."""
    items = above.runs[0].items
    lone = len(above.runs) == len(below.runs) == len(items) == len(below.runs[0].items) == 1
    return (
        lone and isinstance(_first(above), Differential) and _is_tensor(reader.scope, _first(below))
    )


def _begins_with_a_tensor(scope: FormulaScope, terms: Terms) -> bool:
    """Whether the name of a tensor stands behind the first d."""
    first, *rest = terms.runs[0].items
    plain = isinstance(first, Named) and first.is_bare
    return plain and bool(rest) and _is_tensor(scope, rest[0])


def _is_over(item: Node) -> bool:
    return isinstance(item, Operator) and item.sign == "over"


def _is_nabla(item: Node) -> bool:
    return isinstance(item, Differential) and item.token.text == "nabla"


def _sticks(item: Named, follower: Node) -> bool:
    return item.token.end == follower.start and isinstance(follower, Named)


def _base(item: Node) -> Token | None:
    return item.token if isinstance(item, Named) else None


def _is_tensor(scope: FormulaScope, item: Node) -> bool:
    """Whether an item is the name of a tensor."""
    base = _base(item)
    declared = scope.lexicon.declared.items()
    named = (m for (name, _, _), m in declared if base is not None and name == base.text)
    return any(isinstance(m, OneTensor) for m in named)


def inline(reader: FormulaReader) -> Value:
    r"""\partial C/\partial w, d/dw(…), \partial_w C, \nabla_W C, and dW alone for dC/dW."""
    item = reader.next
    if isinstance(item, Differential) and (item.by or item.token.text == "nabla"):
        return _subscripted(reader, item)
    mark = reader.mark()
    order, of = _numerator(reader)
    if _is_over(reader.next):
        group = plain_bracket(reader.ahead(1), "(", "{")
        if group is not None and is_differential(_first(group.members[0])):
            reader.advance()
            reader.advance()
            variables = _denominator(reader, group.members[0])
            return _finished(reader, item.start, order, of, variables)
        if is_differential(reader.ahead(1)):
            reader.advance()
            return _finished(reader, item.start, order, of, _differentials(reader, order))
    reader.back(mark)
    if isinstance(item, Named):
        return _shorthand(reader)
    raise LatexError(item.start, "a derivative is written \\partial C/\\partial w")


def _shorthand(reader: FormulaReader) -> Value:
    """dW for dC/dW, as in code."""
    sign = reader.advance()
    variable = _variable(reader)[0]
    objective = reader.scope.model.C.kind
    if not isinstance(variable.what, Reference) or variable.what.kind == objective:
        raise LatexError(sign.start, "a differential stands here alone; write dC/dw")
    return _derived(reader, reader.scope.model.C, [variable], sign.start)


def _numerator(reader: FormulaReader) -> tuple[int, Value | None]:
    r"""\partial^2 C: the order and what is differentiated, if that is written here.

    The order is 0 for \partial^{+}, the derivative of a formula with all else in it fixed.
    """
    item = reader.advance()
    assert isinstance(item, Differential | Named)
    scripts = item.scripts
    order = (
        _LOCAL if scripts.positive else _order(_bare(scripts), item.token) if scripts.layer else 1
    )
    if scripts.below or scripts.transposed or scripts.primes:
        raise LatexError(item.start, "a derivative is written \\partial C/\\partial w")
    if reader.at_end or _is_over(reader.next):
        return order, None
    return order, reader.factor()


def _bare(scripts: Scripts) -> Sequence[Token]:
    """The exponent without brackets, which is the order."""
    return (*scripts.layer, *scripts.power) if scripts.bare else ()


def _order(tokens: Sequence[Token], at: Token) -> int:
    if len(tokens) == 1 and tokens[0].kind == "number" and tokens[0].text.isdigit():
        order = int(tokens[0].text)
        if 1 <= order <= MAXIMAL_ORDER:
            return order
    raise LatexError(at.start, f"the order of a derivative is a number from 1 to {MAXIMAL_ORDER}")


def _denominator(reader: FormulaReader, below: Terms) -> list[Variable]:
    r"""\partial w_1 \partial w_2, or \partial w^2."""
    inner = _only_run(reader, below, "\\partial or d")
    found: list[Variable] = []
    if len(below.runs[0].items) == 1 and not is_differential(inner.next):
        return _variable(inner)  # its sign was forgotten
    while not inner.at_end:
        if not is_differential(inner.next):
            words = f"found {shown(inner.next)} where \\partial or d is expected"
            raise LatexError(inner.next.start, words)
        inner.advance()
        found += _variable(inner)
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
    bracket = reader.bracket
    item = reader.advance()
    if bracket is not None and bracket.opened in ("{", "(") and len(bracket.members) == 1:
        found = _variable_alone(reader, bracket.members[0])
        if isinstance(item, Scripted):
            return found * _order(_bare(item.scripts), item.at)
        return found
    name = item.name if isinstance(item, Exponential) else item
    if not isinstance(name, Named):
        raise LatexError(item.start, f"found {shown(item)} where a variable is expected")
    return _of_name(reader, name)


def _variable_alone(reader: FormulaReader, terms: Terms) -> list[Variable]:
    inner = _only_run(reader, terms, "a variable")
    found = _variable(inner)
    if not inner.at_end:
        raise LatexError(inner.next.start, f"found {shown(inner.next)} behind the variable")
    return found


def _of_name(reader: FormulaReader, item: Named) -> list[Variable]:
    token, lexicon = item.token, reader.scope.lexicon
    if lexicon.find(token.text, Scripts())[0] == FunctionMeaning("vec"):
        return [Variable(_vector(reader, token), at=token.start)]
    scripts = lexicon.with_name_apart(token.text, item.scripts)
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


def _subscripted(reader: FormulaReader, item: Differential) -> Value:
    r"""\nabla_W C, \partial_w C, \nabla_{W^{(0)}} C."""
    reader.advance()
    scripts = item.scripts
    if scripts.transposed or scripts.positive or scripts.primes:
        raise LatexError(item.start, "a gradient has an order above and what it is by below")
    times = _order(_bare(scripts), item.token) if scripts.layer else 1
    if not item.by:
        return _by_its_argument(reader, item.start, times)
    variables = _output_alone(reader, scripts.below)
    if not variables:
        variables = [one for part in item.by for one in _variable_alone(reader, part)]
    return _derived(reader, _operand(reader), variables * times, item.start)


def _by_its_argument(reader: FormulaReader, sign: int, times: int) -> Value:
    r"""\nabla C(w): the gradient by what C is written as a function of; \nabla W: that by W.

    \nabla f is that by the only thing that f depends on.
    """
    name, bracket = reader.next, plain_bracket(reader.ahead(1), "(")
    if isinstance(name, Named) and bracket is not None and len(bracket.members) == 1:
        first = _first(bracket.members[0])
        if isinstance(first, Named) and first.token.text != name.token.text:
            variables = _variable_alone(reader, bracket.members[0])
            return _derived(reader, reader.factor(), variables * times, sign)
    if isinstance(name, Named) and bracket is None and times == 1:
        variable = _variable(reader)[0]
        what = variable.what
        role = reader.scope.model.role
        if isinstance(what, Reference) and role(head_named(what.kind, what.layer)) == "parameter":
            return _derived(reader, reader.scope.model.C, [variable], sign)
        only = _only_variable(reader.scope.model, what)
        if isinstance(what, Reference) and only is not None:
            return _derived(reader, value_of(reader.scope, what), [only], sign)
    raise LatexError(sign, "this gradient does not say by what; write \\nabla_W C")


def _only_variable(model: Model, what: Reference | Symbol | Matrix) -> Variable | None:
    """What a number depends on alone, constants and targets aside: x of f = x^T x."""
    if isinstance(model, Network) or not isinstance(what, Reference):
        return None
    of = head_named(what.kind, what.layer)
    if model.slots(what.kind, what.layer) or model.role(of) != "defined":
        return None
    moving = [one for one in model.given if model.role(one) in ("input", "parameter")]
    found = [one for one in moving if model.depends(of, one)]
    if len(found) != 1:
        return None
    kind, layer = str(found[0][0]), found[0][1]
    return Variable(Reference(kind, layer, None if model.slots(kind, layer) else ()))


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
    reader: FormulaReader, sign: int, order: int, of: Value | None, variables: list[Variable]
) -> Value:
    if order == _LOCAL and len(variables) == 1:
        return _local(reader, _operand(reader) if of is None else of, variables[0], sign)
    if len(variables) != order:
        raise LatexError(
            sign,
            f"this derivative is of order {order} above and of order {len(variables)} below",
        )
    return _derived(reader, _operand(reader) if of is None else of, variables, sign)


def _local(reader: FormulaReader, of: Value, variable: Variable, sign: int) -> Value:
    by = variable.what
    if isinstance(of, Matrix) or not isinstance(by, Reference) or by.indices is None:
        raise LatexError(sign, "a derivative with a + is read with indices")
    return Local(of, Quantity(by.kind, by.layer, *by.indices))


def _operand(reader: FormulaReader) -> Value:
    """What a derivative sign acts on: a bracket, a function or quantity, else the whole term."""
    if isinstance(reader.next, Operator) and reader.next.sign == "cdot":
        reader.advance()
    reader.deeper()
    named = isinstance(reader.next, Named | Exponential)
    alone = named or reader.bracket is not None
    value = reader.factor() if alone else reader.term()
    reader.shallower()
    if not alone and isinstance(reader.next, End) and reader.next.followed:
        reader.may_mean(_HOW_FAR)
    return value


def _derived(reader: FormulaReader, of: Value, variables: Sequence[Variable], sign: int) -> Value:
    for variable in variables:
        what = variable.what
        of_unit = isinstance(of, Quantity) and of.kind == "z"
        by_weights = isinstance(what, Reference) and what.kind == "W"
        if by_weights and (of_unit or isinstance(of, Matrix)):
            reader.gathered.loose.append(_UNIT_BY_UNIT)
        if isinstance(variable.what, Symbol):
            if isinstance(of, Matrix):
                raise LatexError(sign, "a vector is differentiated here by a plain variable")
            of = Derivative(of, variable.what)
            continue
        if isinstance(variable.what, Matrix):
            of = derived_by_entries(reader.scope, of, variable.what, variable.at)
        else:
            of = derived(reader.scope, of, variable.what, sign)
        if variable.turned and isinstance(of, Matrix):
            of = transposed(of)
    return of
