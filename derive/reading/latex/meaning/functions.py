r"""Functions: ReLU(z), \max(0, z), f'(z), \tanh z, e^{z}, \mathbb{1}[z > 0], softmax(z)_j."""

from __future__ import annotations

from sympy import Derivative, Expr, S, Symbol, exp

from derive.algebra.indices import fresh_index, index_symbols
from derive.algebra.quantities import Partial, Quantity, quantities_in
from derive.errors import ReadingError
from derive.model import matrices
from derive.model.activations import ACTIVATIONS
from derive.model.matrices import Entries, Matrix
from derive.model.network import Network
from derive.notation.ascii.function_names import FUNCTIONS, applied
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning import values
from derive.reading.latex.meaning.applications import einsum
from derive.reading.latex.meaning.brackets import only_value
from derive.reading.latex.meaning.reader import FormulaReader
from derive.reading.latex.naming.meanings import DefinedFunction, FunctionMeaning, Meaning
from derive.reading.latex.naming.quantities import (
    Reference,
    Value,
    derived,
    matrix_entry,
    reference_of,
)
from derive.reading.latex.naming.recognition import same_function
from derive.reading.latex.naming.scope import FormulaScope
from derive.reading.latex.syntax.parsing import parsed
from derive.reading.latex.syntax.tree import (
    End,
    Node,
    Root,
)

_SPECIAL = frozenset({"phi", "sigma", "softmax", "diag"})


def function(
    reader: FormulaReader,
    token: Token,
    meaning: FunctionMeaning | DefinedFunction,
    scripts: Scripts,
) -> Value:
    """A function that was named, with its scripts, and the argument that follows."""
    if meaning == FunctionMeaning("einsum"):
        return einsum(reader, token)
    arguments, behind = _arguments(reader, token)
    if scripts.layer and not scripts.bare:
        _check_layer(reader.scope, token, scripts, arguments)
        exponent = Scripts(power=scripts.power)
    else:
        exponent = Scripts(power=(*scripts.layer, *scripts.power))
    if isinstance(meaning, FunctionMeaning) and meaning.name == "LeakyReLU":
        arguments = [*arguments, *_slope(reader, token, scripts, len(arguments))]
    elif scripts.below and isinstance(meaning, FunctionMeaning) and meaning.name in _SPECIAL:
        if meaning.name == "softmax":  # softmax_j(z)
            whole = apply(reader.scope, meaning, arguments, 0, token)
            return reader.raised(_entry_below(reader, whole, scripts, token), behind)
    elif scripts.below:
        raise LatexError(scripts.below[0].start, f"{token} has no indices here")
    value = apply(reader.scope, meaning, arguments, scripts.primes, token)
    if meaning == FunctionMeaning("softmax") and _has_other_axis(reader.scope, arguments):
        reader.may_mean("softmax may run over another axis than the last; write it with indices")
    if token.text.endswith("log") and reader.scope.lexicon.logarithm_open:
        reader.may_mean("the base of this logarithm is open: ln stands beside log in the text")
    if isinstance(meaning, FunctionMeaning):
        reader.needs_value(meaning.name, arguments[0])
    return reader.raised(reader.with_exponents(value, exponent, token), behind)


def _has_other_axis(scope: FormulaScope, arguments: list[Value]) -> bool:
    """Whether softmax may run over another axis than the last: over that of samples, say."""
    if isinstance(scope.model, Network):
        return False
    argument = arguments[0]
    if isinstance(argument, Matrix):
        return len(argument.rows) + len(argument.columns) > 1
    return not isinstance(argument, Quantity) or len(argument.indices) > 1


def _check_layer(
    scope: FormulaScope, token: Token, scripts: Scripts, arguments: list[Value]
) -> None:
    """g^{[2]}(z^{[2]}): a superscript in brackets is the layer of the argument, and no power."""
    layer = scope.layer_number("z", scripts.layer)
    if len(arguments) != 1 or _layer_of(arguments[0]) != layer:
        raise LatexError(
            scripts.layer[0].start,
            f"a superscript in brackets at {token} is read as the layer of what {token} is "
            "applied to, and this is of another; a derivative is written with primes",
        )


def _entry_below(reader: FormulaReader, value: Value, scripts: Scripts, token: Token) -> Value:
    if not isinstance(value, Matrix):
        return value
    return matrix_entry(reader.scope, value, scripts.below, token)


def _arguments(reader: FormulaReader, token: Token) -> tuple[list[Value], Node]:
    r"""(a, b), \{a, b\}, [a], or for \tanh z the one factor that follows; and that item."""
    found = reader.bracket
    if found is not None and (found.is_applied or found.opened == "{"):
        if found.condition is not None:
            raise LatexError(found.start, f"{token} is applied to a value, and this is a condition")
        return [reader.value(part) for part in found.members], reader.advance()
    if not reader.starts_factor:
        raise LatexError(token.end, f"{token} is a function, and its argument is missing")
    reader.deeper()
    argument = reader.factor()
    reader.shallower()
    return [argument], End(token.end)


def _slope(reader: FormulaReader, token: Token, scripts: Scripts, written: int) -> list[Value]:
    """The slope of a leaky ReLU: written below it, as a second argument, or the network's."""
    if written > 1:
        return []
    if scripts.below:
        return [reader.value(parsed(scripts.below, scripts.below[-1].end))]
    slopes = {
        layer.activation.slope
        for layer in reader.scope.lexicon.layers
        if layer.activation.kind.is_leaky
    }
    if len(slopes) != 1:
        raise LatexError(token.start, f"write the slope of {token} below it or behind its argument")
    return [slopes.pop()]


# -- applying ------------------------------------------------------------------------------


def apply(
    scope: FormulaScope,
    meaning: FunctionMeaning | DefinedFunction,
    arguments: list[Value],
    primes: int,
    token: Token,
) -> Value:
    """The function, or its derivative as often as it has primes, entry by entry."""
    if isinstance(meaning, FunctionMeaning):
        name = meaning.name
        if name == "sigma":
            name = _sigma(scope, arguments)
        if name == "phi":
            return _activation(scope, arguments, primes, token)
        if name == "softmax":
            return _softmax(scope, arguments, primes, token)
        if name in ("rowsum", "colsum", "rowmean", "colmean"):
            return _summed_along(scope, name, arguments, token)
        if name == "diag":
            return _diagonal(scope, arguments, token)
        if name == "vec":
            return _stacked(arguments, token)
        if primes == 0:
            return apply_named(scope, name, arguments, token)
        if scope.at_kinks and (name, primes) in (("Step", 1), ("ReLU", 2)):
            return _slope_of_a_step(scope, arguments, token)
        body = apply_named(scope, name, [values.ENTRY, *arguments[1:]], token)
    else:
        body = meaning.body.xreplace({meaning.variable: values.ENTRY})
    if len(arguments) != 1 and isinstance(meaning, DefinedFunction):
        raise LatexError(token.start, f"{token} takes one argument")
    if isinstance(body, Matrix):
        raise LatexError(token.start, f"{token} is a function of numbers")
    return _mapped(_differentiated(body, primes), arguments[0])


def apply_named(scope: FormulaScope, name: str, arguments: list[Value], token: Token) -> Value:
    """A function of the ASCII notation, entry by entry where its argument is a vector."""
    vectors = [n for n, argument in enumerate(arguments) if isinstance(argument, Matrix)]
    numbers = [a if not isinstance(a, Matrix) else values.ENTRY for a in arguments]
    if len(vectors) > 1:
        raise LatexError(token.start, f"{token} takes one vector at a time")
    try:
        result = applied(name, numbers, scope.at_zero, 0)
    except ReadingError as problem:
        raise LatexError(token.start, problem.sentence) from None
    return _mapped(result, arguments[vectors[0]]) if vectors else result


def _slope_of_a_step(scope: FormulaScope, arguments: list[Value], token: Token) -> Expr:
    """Step'(z) and ReLU''(z) as distributions, where a delta stands beside them."""
    step, variable = apply_named(scope, "Step", arguments, token), arguments[0]
    if isinstance(step, Expr) and isinstance(variable, Quantity):
        return Partial(step, variable)
    if isinstance(step, Expr) and isinstance(variable, Symbol):
        return Derivative(step, variable)
    raise LatexError(token.start, "the derivative of a step is read at z or a pre-activation")


def _mapped(body: Expr, argument: Value) -> Value:
    if isinstance(argument, Matrix):
        return matrices.elementwise(values.ENTRY, body, argument)
    return body.xreplace({values.ENTRY: argument})


def _differentiated(body: Expr, times: int) -> Expr:
    for _ in range(times):
        body = body.diff(values.ENTRY)
    return body


def _sigma(scope: FormulaScope, arguments: list[Value]) -> str:
    """Sigma is the sigmoid, except that of quantities of a network that has none: there any."""
    written = map(scope.network.functions_at, scope.network.layer_numbers[1:])
    if any("sigmoid" in functions for functions in written) or not any(
        map(_concerns_network, arguments)
    ):
        return "sigmoid"
    return "phi"


def _concerns_network(argument: Value) -> bool:
    return isinstance(argument, Matrix) or any(True for _ in quantities_in(argument))


def _activation(scope: FormulaScope, arguments: list[Value], primes: int, token: Token) -> Value:
    """The activation of the layer whose pre-activation the argument is."""
    if len(arguments) != 1:
        raise LatexError(token.start, f"{token} takes one argument")
    network = scope.network
    layer = _layer_of(arguments[0])
    activations = {one.activation for one in network.layers}
    if layer is not None and layer != network.first:
        activation = network.layer(layer).activation
    elif len(activations) == 1:
        activation = activations.pop()
    else:
        raise LatexError(
            token.start,
            f"the layers have several activations, and {token} could be any; name the function",
        )
    if not activation.kind.elementwise:
        return _softmax(scope, arguments, primes, token)
    body = _differentiated(activation(values.ENTRY, scope.at_zero), primes)
    return _mapped(body, arguments[0])


def _layer_of(argument: Value) -> Expr | None:
    """The layer of an argument that is a pre-activation."""
    body = argument.body if isinstance(argument, Entries) else argument
    if isinstance(body, Quantity) and body.kind == "z":
        return body.layer
    if isinstance(argument, matrices.Transposed):
        return _layer_of(argument.of)
    return None


def _softmax(scope: FormulaScope, arguments: list[Value], primes: int, token: Token) -> Value:
    """softmax(z)_j = exp(z_j) / sum_m exp(z_m)."""
    (argument,) = arguments if len(arguments) == 1 else (None,)
    if primes or argument is None:
        raise LatexError(token.start, "the derivative of softmax is a matrix; write its entries")
    network = scope.model
    is_stack = isinstance(network, Network)
    entry = argument if isinstance(argument, Quantity) and argument.indices else None
    if entry is not None and (entry.kind == "z" or not is_stack):
        # softmax(z_j), a common shorthand for its entry j
        bound = fresh_index(index_symbols(entry))
        shifted = entry.at(*entry.indices[:-1], bound)
        axis = network.axes(entry)[-1]
        return exp(entry) / network.sum_over(axis, bound, exp(shifted))
    if isinstance(argument, Matrix) and argument.rows and argument.columns and not is_stack:
        powers = apply_named(scope, "exp", [argument], token)
        sums = apply(scope, FunctionMeaning("rowsum"), [powers], 0, token)
        return values.product(network, [powers, sums], ["", "over"])
    in_rows = scope.lexicon.notation.layout.in_rows
    if in_rows and isinstance(argument, Matrix) and argument.is_row:
        column = _softmax(scope, [matrices.transposed(argument)], primes, token)
        return values.transposed(column)
    if not isinstance(argument, Matrix) or not argument.is_column or len(argument.rows) != 1:
        raise LatexError(token.start, "softmax takes a vector such as z^{(2)}")
    row = fresh_index(())
    top = matrices.entry(network, argument, (row,), ())
    bound = fresh_index(index_symbols(top))
    each = matrices.entry(network, argument, (bound,), ())
    body = exp(top) / network.sum_over(argument.rows[0], bound, exp(each))
    return Entries(argument.rows, (), (row,), (), body)


def _diagonal(scope: FormulaScope, arguments: list[Value], token: Token) -> Value:
    if len(arguments) != 1:
        raise LatexError(token.start, "diag takes one vector")
    argument = arguments[0]
    if not isinstance(argument, Matrix):
        return argument
    try:
        return matrices.diagonal(scope.model, argument)
    except matrices.ShapeError as problem:
        raise LatexError(token.start, str(problem)) from None


def _summed_along(scope: FormulaScope, name: str, arguments: list[Value], token: Token) -> Value:
    """The sum or the mean of each row of a matrix, a column; or of its columns, a row."""
    (argument,) = arguments if len(arguments) == 1 else (None,)
    if not isinstance(argument, Matrix) or not (argument.rows and argument.columns):
        raise LatexError(token.start, f"{name} takes one matrix")
    turned = matrices.transposed(argument) if name.startswith("col") else argument
    letters: list[Symbol] = []
    for _ in turned.columns:
        letters.append(fresh_index(letters))
    ones = Entries(turned.columns, (), tuple(letters), (), S.One)
    found = matrices.product(scope.model, turned, ones)
    if name.endswith("mean"):
        sizes = [scope.model.width(axis) for axis in turned.columns]
        found = values.product(scope.model, [found, *sizes], ["", *("over" for _ in sizes)])
    return values.transposed(found) if name.startswith("col") else found


def _stacked(arguments: list[Value], token: Token) -> Value:
    if len(arguments) != 1:
        raise LatexError(token.start, "vec takes one matrix")
    argument = arguments[0]
    return matrices.stacked(argument) if isinstance(argument, Matrix) else argument


def is_dirac(reader: FormulaReader, token: Token) -> bool:
    r"""Whether \delta(w x) is Dirac's delta; \delta(1 - r) is an error signal times a sum."""
    found = reader.bracket
    if found is None or found.opened != "(" or found.start != token.end:
        return False
    return not any(one.is_sign("+", "-") for one in found.tokens)


def root(reader: FormulaReader, item: Root) -> Value:
    r"""\sqrt{…}, of a vector entry by entry."""
    argument = reader.value(item.of)
    reader.needs_value("sqrt", argument)
    return apply_named(reader.scope, "sqrt", [argument], item.token)


def along_direction(reader: FormulaReader, token: Token) -> Value:
    r"""\mathcal{R}\{z\}: the derivative along the direction V, v of Pearlmutter's operator."""
    found = reader.bracket
    assert found is not None
    item = reader.advance()
    value = only_value(reader, found)
    step = reader.scope.model.direction
    if step is None:
        raise LatexError(token.start, "the model has no name for a direction")
    direction = Reference(step.kind, step.layer, ())
    return reader.raised(derived(reader.scope, value, direction, token.start), item)


def primed_quantity(
    reader: FormulaReader, token: Token, meaning: Meaning, scripts: Scripts
) -> Value:
    """C' and C'': the derivatives of the cost where there is one parameter, one number."""
    scope = reader.scope
    groups = list(scope.network.parameter_groups)
    plain = Scripts(scripts.below, scripts.layer)
    reference = reference_of(scope, token, meaning, plain, (False, False))
    if reference.kind != "C" or len(groups) != 1:
        raise LatexError(
            token.start, f"a prime at {token} does not say by what it is differentiated"
        )
    if reader.bracket is not None and reader.bracket.opened == "(":
        raise LatexError(
            token.start, f"{token}'(…) is not read; write \\frac{{\\partial C}}{{\\partial w}}"
        )
    value: Value = scope.model.C
    for _ in range(scripts.primes):
        value = derived(
            scope, value, Reference(*groups[0], () if scope.network.is_chain else None), token.start
        )
    return value


def known_activation(body: Expr, variable: Symbol) -> str | None:
    """The name of the function of this notation that a formula writes, if it is one of them."""
    written = {name for kind in ACTIVATIONS.values() for name in kind.functions} - {"exp"}
    for name in sorted(name for name in written if FUNCTIONS[name].arguments == 1):
        candidate = FUNCTIONS[name].function(variable)
        if same_function(body, candidate, variable):
            return name
    return None
