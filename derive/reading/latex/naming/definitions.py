r"""Names that a document introduces: "Let a_1 = ReLU(z_1)", "where U = y - \hat y", f(z) = …"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Symbol

from derive.algebra.indices import free_indices
from derive.algebra.quantities import Quantity
from derive.model.matrices import Entries, Matrix
from derive.notation.notations import Weights
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts, written
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning.functions import known_activation
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.meanings import (
    DEFAULT,
    Defined,
    DefinedFunction,
    FunctionMeaning,
    Key,
    KindName,
    Plain,
)
from derive.reading.latex.naming.recognition import quantity_meant, same_function
from derive.reading.latex.naming.scope import FormulaScope
from derive.reading.latex.syntax.parsing import parsed
from derive.reading.latex.syntax.tree import Exponential, Named, Terms, plain_bracket

_FREE_FUNCTIONS = frozenset({"phi"})
#: Functions of mathematics that no document defines anew.
_WELL_KNOWN = frozenset(
    {
        *("sin", "cos", "tan", "cot", "sinh", "cosh", "arcsin", "arccos", "arctan", "artanh"),
        *("erf", "erfc", "sinc", "\\Gamma", "det", "tr", "rank", "argmax", "argmin", "lim", "sup"),
    }
)


def bare_name(side: Sequence[Token]) -> tuple[Token, Scripts] | None:
    """The name and its scripts where a side is nothing else; None too for broken scripts."""
    return lone_name(_tree(side))


def lone_name(side: Terms | None) -> tuple[Token, Scripts] | None:
    """The same of the tree of a side."""
    item = None if side is None else side.lone
    name = item.name if isinstance(item, Exponential) else item
    if not isinstance(name, Named):
        return None
    scripts = name.scripts
    plain = not (scripts.power or scripts.transposed or scripts.positive or scripts.primes)
    return (name.token, scripts) if plain else None


def _tree(side: Sequence[Token]) -> Terms:
    return parsed(tuple(side), side[-1].end if side else 0)


def key_of(name: Token, scripts: Scripts) -> Key:
    """What a definition is filed under."""
    return name.text, written(scripts.below), written(scripts.layer)


def meaning_given(
    scope: FormulaScope, name: Token, scripts: Scripts, value: Expr | Matrix
) -> Lexicon:
    """The lexicon in which the name stands for the value.

    A value that is the definition of a quantity of the network makes the name one of that
    quantity, so that one can differentiate by it.
    """
    lexicon = scope.lexicon
    meant = quantity_meant(lexicon.model, value)
    known = value if meant is None else meant
    letters: tuple[str, ...] = ()
    if isinstance(known, Expr) and (free := free_indices(known)):
        units = [scope.unit(t.text, t.start) for t in scripts.below if t.kind == "name"]
        if frozenset(units) != free or len(units) != len(free):
            raise LatexError(
                name.start, f"{name} is defined here by a formula with other indices than its own"
            )
        letters = tuple(str(unit) for unit in units)
    return lexicon.bind(key_of(name, scripts), Defined(known, letters))


def family_meant(
    lexicon: Lexicon, name: Token, values: Sequence[tuple[Expr, object]]
) -> Lexicon | None:
    """The lexicon in which the name is a family such as r, if it is that in every layer.

    Args:
        values: for several layers (as the document counts), what the name is set to there.
    """
    kinds: set[str] = set()
    for layer, value in values:
        meant = quantity_meant(lexicon.model, value)  # pyright: ignore
        body = meant.body if isinstance(meant, Entries) else meant
        if not isinstance(body, Quantity):
            return None
        number = layer - lexicon.notation.input_layer
        if body.kind in ("W", "b") and lexicon.notation.weights is Weights.ENTER:
            number -= 1
        if body.layer != number:
            return None
        kinds.add(body.kind)
    if len(kinds) != 1:
        return None
    return lexicon.bind((name.text, "", ""), KindName(kinds.pop()))


def function_head(lexicon: Lexicon, side: Sequence[Token]) -> tuple[Token, Token] | None:
    """Name and variable where a side is f(z) and f is a function that is not fixed."""
    return head_of(lexicon, _tree(side))


def head_of(lexicon: Lexicon, side: Terms | None) -> tuple[Token, Token] | None:
    """The same of the tree of a side."""
    run = None if side is None else side.run
    if run is None or len(run.items) != 2:
        return None
    applied, bracket = run.items
    within = plain_bracket(bracket, "(")
    argument = within.members[0].lone if within is not None and len(within.members) == 1 else None
    if not isinstance(applied, Named) or not isinstance(argument, Named):
        return None
    name, variable = applied.token, argument.token
    if not (applied.is_bare and argument.is_bare) or name.text in _WELL_KNOWN:
        return None
    meaning = lexicon.find(name.text, Scripts())[0]
    free = meaning in (None, FunctionMeaning("sigma")) or (
        isinstance(meaning, FunctionMeaning) and meaning.name in _FREE_FUNCTIONS
    )
    named = lexicon.spelled.get(name.text, "phi")
    again = (
        isinstance(meaning, FunctionMeaning)
        and DEFAULT.get(name.text) == FunctionMeaning("phi")
        and named == "phi"
    )
    return (name, variable) if free or again or isinstance(meaning, DefinedFunction) else None


def is_activation(lexicon: Lexicon, body: Expr, variable: Symbol) -> bool:
    """Whether a formula is the one activation that the network has."""
    activations = {layer.activation for layer in lexicon.layers}
    if len(activations) != 1 or body.free_symbols - {variable}:
        return False
    (activation,) = activations
    if not activation.kind.elementwise:
        return False
    return same_function(body, activation(variable, lexicon.model.step_at_zero), variable)


def with_variable(lexicon: Lexicon, variable: Token) -> tuple[Lexicon, Symbol]:
    """The lexicon in which the variable of a function is a plain number."""
    symbol = Symbol(variable.text.lstrip("\\"), real=True)
    return lexicon.bind((variable.text, "", ""), Plain(symbol)), symbol


def function_meant(lexicon: Lexicon, name: Token, variable: Symbol, body: Expr) -> Lexicon:
    """The lexicon in which the function is what the document says."""
    known = None if body.free_symbols - {variable} else known_activation(body, variable)
    if known is not None:
        return lexicon.bind((name.text, "", ""), FunctionMeaning(known))
    return lexicon.bind((name.text, "", ""), DefinedFunction(variable, body))
