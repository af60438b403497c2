"""The two expression nodes that everything is written in: `Quantity` and `Partial`.

A `Quantity` is a named tensor entry of a network, such as z^(2)_j or W^(0)_{11}: a kind, a
layer number (a number or a symbol such as k) and indices (symbols, or numbers from 1).  A
`Partial` is a derivative that has not been worked out, such as dC/dz^(1): SymPy's own
`Derivative` of two symbols evaluates to 0, and so cannot say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sympy import (
    Add,
    AtomicExpr,
    Basic,
    Derivative,
    Dummy,
    Expr,
    Function,
    Integer,
    KroneckerDelta,
    Mul,
    Piecewise,
    Pow,
    S,
    Sum,
    Symbol,
)
from sympy.core.relational import Relational
from sympy.core.symbol import Str
from sympy.printing.precedence import PRECEDENCE

from derive.algebra.arguments import expression, quoted
from derive.algebra.boxes import along_box, bracketed, derivative_box, glyphs, quantity_box, row
from derive.errors import DeriveError

#: Kinds of a network -> what a document calls them.  x is r of layer 0; C and U belong to the
#: last layer.
#: V and v are the direction of a Hessian-vector product, entry by entry as W and b, and
#: Partial(q, t) is the derivative of q along it: R{q} = d/dt q(W + t V, b + t v) at t = 0.
KINDS = {
    "W": "weight",
    "b": "bias",
    "z": "pre-activation",
    "r": "output",
    "y": "target",
    "U": "difference",
    "C": "cost",
    "V": "direction of the weights",
    "v": "direction of the biases",
    "t": "step along the direction",
    "G": "pre-activation Gauss-Newton matrix",
    "Gv": "Gauss-Newton product",
}
PARAMETERS = ("W", "b")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_t = Dummy("t", real=True)
#: Parameter -> the direction in which it moves.
DIRECTIONS = {"W": "V", "b": "v"}


@lru_cache(maxsize=50_000)
def _kept(cls: type, *args: Any) -> Any:
    """A node of these arguments, the same one each time: what is identical is soon compared."""
    return Expr.__new__(cls, *args)


class NoSuperscript(AtomicExpr):
    """What stands for the superscript of a tensor without one."""

    is_commutative = True

    def _sympystr(self, printer: Any) -> str:
        return ""

    def _latex(self, printer: Any) -> str:
        return ""


NO_SUPERSCRIPT = NoSuperscript()


class Motion(AtomicExpr):
    """What stands for the superscript of R{W}: how a given tensor W moves along the direction."""

    is_commutative = True

    def _sympystr(self, printer: Any) -> str:
        return "motion"


MOTION = Motion()


class Quantity(Expr):
    """An entry of a named tensor: `Quantity("W", 0, i, j)` is W^(0)_{ij}.

    Layers of one unit have no index, so W^(0) between two such layers has none at all.
    The layer of y, U and C is that of the output.  Tensors of other models have names alone,
    such as WQ or h1, and `NO_SUPERSCRIPT`.
    """

    is_commutative = True
    is_real = True
    is_symbol = True  # so that Derivative does not swap it for a dummy while differentiating
    _diff_wrt = True
    precedence = PRECEDENCE["Pow"]  # (W^{(0)})^2: a superscript, or a fraction, is raised

    def __new__(cls, kind: str | Str, layer: Any, *indices: Any) -> Quantity:
        name = Str(kind) if isinstance(kind, str) else kind
        if not isinstance(name, Str) or not _NAME.fullmatch(name.name):
            raise DeriveError(f"a quantity is called by a name such as W or WQ, not {quoted(kind)}")
        places = (expression(layer, "a layer"), *(expression(i, "an index") for i in indices))
        return _kept(cls, name, *places)  # pyright: ignore[reportArgumentType]

    @property
    def kind(self) -> str:
        """The name: in a network one of `KINDS`."""
        return self.args[0].name

    @property
    def layer(self) -> Expr:
        """The layer number in the superscript."""
        return self.args[1]

    @property
    def indices(self) -> tuple[Expr, ...]:
        """The subscripts: symbols, or numbers from 1."""
        return self.args[2:]

    @property
    def has_layer(self) -> bool:
        """Whether its name says a layer: not so x, y, U, C and t."""
        return self.kind not in "yUCt" and not (self.kind == "r" and self.layer == 0)

    def at(self, *indices: Any) -> Quantity:
        """The entry of the same tensor at other indices."""
        return Quantity(self.args[0], self.layer, *indices)

    @property
    def name(self) -> str:
        """The ASCII name; SymPy asks it of whatever stands among free symbols."""
        return ascii_name(self)

    @property
    def free_symbols(self) -> set[Any]:
        # The head (kind and layer) is included so that SymPy's Derivative does not take
        # W_ij and W_lm for unrelated variables.
        symbols: set[Any] = {self, _head_symbol(self.kind, self.layer)}
        for index in self.indices:
            symbols |= index.free_symbols
        return symbols

    def _eval_derivative(self, s: Any) -> Expr:
        if not isinstance(s, Quantity) or s.args[:2] != self.args[:2]:
            return S.Zero
        product: Expr = S.One
        for mine, other in zip(self.indices, s.indices, strict=True):
            product = product * KroneckerDelta(mine, other)
        return product

    def _sympystr(self, printer: Any) -> str:
        return ascii_name(self)

    def _latex(self, printer: Any) -> str:
        if isinstance(self.layer, Motion):
            return along_box(glyphs(printer._print(unmoved(self)))).text
        indices = [printer._print(index) for index in self.indices]
        return quantity_box(self.kind, self.layer, indices, printer._print).text


@cache
def _head_symbol(kind: str, layer: Expr) -> Symbol:
    """What all entries of one tensor have in common."""
    return Symbol(f"{kind}^({layer})")


def is_step(quantity: Expr) -> bool:
    """Whether this is the step t along the direction in which the parameters move."""
    if not isinstance(quantity, Quantity) or quantity.kind != "t":
        return False
    return not isinstance(quantity.layer, NoSuperscript)


def unmoved(quantity: Quantity) -> Quantity:
    """W_ij for R{W_ij}."""
    return Quantity(quantity.args[0], NO_SUPERSCRIPT, *quantity.indices)


def names_curvature(quantity: Expr) -> bool:
    """Whether this is a name of a network for sums of second derivatives, G or gamma."""
    if not isinstance(quantity, Quantity) or quantity.kind not in ("G", "Gv"):
        return False
    return not isinstance(quantity.layer, NoSuperscript)


class Partial(Expr):
    """The partial derivative of `of` with respect to `wrt`, not yet worked out.

    `wrt` is a `Quantity`; `of` any expression, so second order is
    `Partial(Partial(C, W0), W1)`.  All that `of` is computed from after `wrt` moves with
    it; what comes before, and the parameters, stay fixed.
    """

    is_commutative = True
    is_real = True
    is_symbol = True  # so that Derivative does not swap it for a dummy while differentiating
    _diff_wrt = True
    precedence = PRECEDENCE["Pow"]  # (W^{(0)})^2: a superscript, or a fraction, is raised

    def __new__(cls, of: Any, wrt: Any) -> Partial:
        if not isinstance(wrt, Quantity):
            raise DeriveError(f"a Partial is taken with respect to a Quantity, not {quoted(wrt)}")
        return _kept(cls, expression(of), wrt)  # pyright: ignore[reportArgumentType]

    @property
    def of(self) -> Expr:
        """What is differentiated."""
        return self.args[0]

    @property
    def wrt(self) -> Quantity:
        """The quantity that is varied."""
        return self.args[1]

    @property
    def unnested(self) -> tuple[Expr, list[Quantity]]:
        """What is differentiated in the end, and the variables, the first one first."""
        of, variables = self.of, [self.wrt]
        while isinstance(of, Partial) and not (is_step(of.wrt) or is_step(self.wrt)):
            of, variables = of.of, [of.wrt, *variables]
        return of, variables

    @property
    def name(self) -> str:
        """The ASCII name, as for a Quantity."""
        return ascii_name(self)

    @property
    def free_symbols(self) -> set[Any]:
        # The node itself, for the same reason as a Quantity's head.
        return {self} | self.of.free_symbols | self.wrt.free_symbols

    def _eval_derivative(self, s: Any) -> Expr:
        if self == s:
            return S.One
        return Partial(self, s) if isinstance(s, Quantity) else S.Zero

    def _sympystr(self, printer: Any) -> str:
        return ascii_name(self)

    def _latex(self, printer: Any) -> str:
        if is_step(self.wrt):
            return along_box(glyphs(printer._print(self.of))).text
        of, chain = self.unnested
        variables = [glyphs(printer._print(wrt)) for wrt in chain]
        written = glyphs(printer._print(of))
        if isinstance(of, Quantity):
            return derivative_box(written, variables).text
        return row(derivative_box("", variables), bracketed(written)).text


class Local(Expr):
    """The derivative of the formula of `of` by `wrt`, with all else in that formula fixed.

    A `Partial` moves everything that is computed from `wrt`; where a quantity is computed from
    `wrt` in two ways, at once and through another quantity, the two differ, and the chain rule
    over all users of `wrt` is one of local derivatives.
    """

    is_commutative = True
    is_real = True
    precedence = PRECEDENCE["Pow"]

    def __new__(cls, of: Any, wrt: Any) -> Local:
        if not isinstance(wrt, Quantity):
            raise DeriveError(f"a derivative is taken by a Quantity, not by {quoted(wrt)}")
        return Expr.__new__(cls, expression(of), wrt)

    @property
    def of(self) -> Expr:
        """A quantity, or its formula."""
        return self.args[0]

    @property
    def wrt(self) -> Quantity:
        """The quantity that is varied."""
        return self.args[1]


class Fixed(Function):
    """fixed(f): the value of f, which stays as it is while all else moves (stop-gradient).

    Each derivative of it is 0.  So fixed(f) = f as values, and the derivatives of both differ:
    equal values may be put for one another, `released`, only where nothing is left to
    differentiate.
    """

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, f: Expr) -> Expr | None:
        return f if f.is_number or isinstance(f, Fixed) else None

    def fdiff(self, argindex: int = 1) -> Expr:
        """0."""
        return S.Zero


def released(expression: Basic) -> Any:
    """The expression as a value: f for fixed(f), but where it is yet to be differentiated."""
    if isinstance(expression, Fixed):
        return released(expression.args[0])
    standing = isinstance(expression, Quantity | Partial | Local | Derivative)
    if standing or not expression.has(Fixed):
        return expression
    return rebuilt(expression, [released(argument) for argument in expression.args])


def ascii_name(quantity: Expr) -> str:
    """The ASCII name of a Quantity or Partial: `W0[0,1]`, `dC/dz2[j]`, `d2C/dW0dW1`.

    Numeric indices count from 0 here, as in code; mathematical ones count from 1.
    """
    if isinstance(quantity, Quantity):
        if isinstance(quantity.layer, Motion):
            return f"R({unmoved(quantity)})"
        return ascii_entry(ascii_tensor(quantity.kind, quantity.layer), quantity.indices)
    if isinstance(quantity, Partial):
        if is_step(quantity.wrt):
            return f"R({quantity.of})"
        of, chain = quantity.unnested
        top = ascii_name(of) if isinstance(of, Quantity) else f"({of})"
        return ascii_derivative(top, list(map(ascii_name, chain)))
    raise TypeError(f"{quantity!r} has no ASCII name")


@lru_cache(maxsize=1_000)
def ascii_tensor(kind: str, layer: Expr) -> str:
    """The name of a whole tensor: W0, z{k+1}, y, C."""
    number = str(layer).replace(" ", "")
    if kind in "yUCt" or not number:
        return kind
    return kind + (number if number.isdigit() else f"{{{number}}}")


def ascii_entry(tensor: str, indices: Sequence[Basic]) -> str:
    """W0[0,i]."""
    return tensor + (f"[{','.join(map(ascii_index, indices))}]" if indices else "")


def ascii_index(index: Basic) -> str:
    """An index; numbers count from 0."""
    return str(index - 1) if isinstance(index, Integer) else str(index)


def ascii_derivative(of: str, variables: Sequence[str]) -> str:
    """dC/dz2[j], d2C/dW0dW1."""
    order = "" if len(variables) == 1 else str(len(variables))
    return f"d{order}{of}/" + "".join(f"d{one}" for one in variables)


def quantities_in(expression: Expr) -> Iterator[Quantity]:
    """Every Quantity in an expression, those inside Partials included, with repetitions."""
    if isinstance(expression, Quantity):
        yield expression
        return
    for argument in expression.args:
        yield from quantities_in(argument)  # pyright: ignore[reportArgumentType]


def replace_whole(expression: Basic, mapping: Mapping[Any, Any]) -> Any:
    """Replace nodes of an expression, but never inside a Quantity or Partial that stays.

    So putting a definition in for z^(1) leaves dC/dz^(1) what it is.
    """
    if expression in mapping:
        return mapping[expression]
    if not expression.args or isinstance(expression, Quantity | Partial):
        return expression
    arguments = [replace_whole(argument, mapping) for argument in expression.args]
    if all(new is old for new, old in zip(arguments, expression.args, strict=True)):
        return expression
    return rebuilt(expression, arguments)


@lru_cache(maxsize=20_000)
def outermost(expression: Basic, outside: tuple[type, ...] = ()) -> tuple[Any, ...]:
    """The quantities and derivatives of an expression that are not inside another, each once.

    Those inside a node of a class in `outside` are left out too.
    """
    found: dict[Basic, None] = {}
    stack: list[Basic] = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, Quantity | Partial):
            found[node] = None
        elif not isinstance(node, outside):
            stack.extend(reversed(node.args))
    return tuple(found)


def derivative_along(expression: Expr, direction: Mapping[Any, Expr]) -> Expr:
    """d/dt of an expression at t = 0, each q in it moving by t direction[q].

    SymPy's own rules.  Only for nodes that have others is SymPy asked: it works with t in place,
    and takes most of its time to find what is 0.
    """
    moving = {q: by for q, by in direction.items() if by != 0}
    return _along(expression, moving) if moving else S.Zero


def _along(node: Any, moving: Mapping[Any, Expr]) -> Expr:
    if node in moving:
        return moving[node]
    if not node.args or isinstance(node, Quantity | Partial):
        return S.Zero
    args = node.args
    match node:
        case Add():
            return Add(*(_along(term, moving) for term in args))
        case Mul():
            slopes = [_along(factor, moving) for factor in args]
            return Add(
                *(
                    Mul(*args[:n], slope, *args[n + 1 :])
                    for n, slope in enumerate(slopes)
                    if slope != 0
                )
            )
        case Pow() if (slope := _along(node.exp, moving)) == 0:
            slope = _along(node.base, moving)
            return node * (slope * node.exp / node.base) if slope != 0 else slope
        case Sum():
            slope = _along(node.function, moving)
            return Sum(slope, *node.limits) if slope != 0 else slope
        case Function() if type(node)._eval_derivative is Function._eval_derivative:
            slopes = [_along(argument, moving) for argument in args]
            partials = ((n, slope) for n, slope in enumerate(slopes, start=1) if slope != 0)
            return Add(*(node.fdiff(n) * slope for n, slope in partials))
        case _:
            if moving.keys().isdisjoint(outermost(node)):
                return S.Zero
            moved = replace_whole(node, {q: q + _t * by for q, by in moving.items()})
            return moved.diff(_t).xreplace({_t: S.Zero})


@lru_cache(maxsize=20_000)
def _is_left_standing(product: Mul) -> bool:
    return Mul(*product.args) != product


def rebuilt(node: Basic, arguments: Sequence[Any]) -> Any:
    """The node with other arguments; products and cases left standing are left standing.

    Where SymPy refuses the arguments, as it does to compare what is infinite or not real, a
    condition does not hold and an expression has no value.
    """
    if isinstance(node, Piecewise):
        return Piecewise(*arguments, evaluate=False)
    if isinstance(node, Mul) and _is_left_standing(node):
        return Mul(*arguments, evaluate=False)
    try:
        return node.func(*arguments)
    except (TypeError, ValueError):
        return S.false if isinstance(node, Relational) else S.NaN
