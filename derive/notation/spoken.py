"""Expressions in words, made from what they mean: W^{(1)} is "W of layer 1" and no power of W.

The words are phrases such as "the derivative of {0} with respect to {1}", by their keys; what
stands in braces is put in.  Parts that belong together and might be heard otherwise are said to
be in parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sympy import (
    Abs,
    Add,
    And,
    Basic,
    Derivative,
    Expr,
    FiniteSet,
    Float,
    ImmutableDenseMatrix,
    Integer,
    Interval,
    KroneckerDelta,
    Mul,
    Or,
    Piecewise,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
)
from sympy.core.function import Application
from sympy.core.relational import Relational

from derive.algebra.boxes import ATOM, COMPARISON, OR, PRODUCT, SUM, Box
from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import Shift
from derive.algebra.limits import LeftLimit, RightLimit
from derive.algebra.quantities import Local, Motion, Partial, Quantity, is_step, unmoved
from derive.model.matrices import Matrix
from derive.notation.naming import OURS, BookNaming, TensorNaming
from derive.notation.printer import Printer, factors_of, is_negative, parts_of, terms_of
from derive.notation.spelling import RELATIONS
from derive.notation.spoken_matrices import spoken_matrix
from derive.notation.tex_matrices import WrittenOut

#: What is put into a phrase.
_PLACE = re.compile(r"\{(\d)\}")
#: What is written in a name and not said.
_UNSPOKEN = str.maketrans({"\\": "", "{": "", "}": "", "_": " ", "^": " "})
_LETTERS = re.compile(r"\\?([A-Za-z]+)")
#: Limits by the side from which their variable comes.
_LIMITS = {RightLimit: "limit_from_above", LeftLimit: "limit_from_below"}
#: How a phrase of SymPy's relations is called, by the sign that is printed.
_SIGNS = {
    "=": "equals", r"\ne": "differs", ">": "greater", "<": "less", r"\ge": "at_least",
    r"\le": "at_most",
}  # fmt: skip


@dataclass(frozen=True)
class SpokenWriter(Printer):
    """Says expressions in the phrases of a language.

    Boxes have words for text; `tall` marks those that end in something, so that a comma parts
    them from what follows.
    """

    phrase: Callable[[str], str]
    naming: BookNaming = field(default=OURS)

    def said(self, key: str, *parts: Box | str, strength: int = ATOM, tall: bool = True) -> Box:
        """A phrase with its parts put in."""
        texts = [part if isinstance(part, str) else part.text for part in parts]
        text = _PLACE.sub(lambda place: texts[int(place[1])], self.phrase(key))
        return Box(text, 0.0, strength, tall)

    def equation(self, left: Basic | Matrix | None, relation: str, right: Basic | Matrix) -> str:
        """left = right, or = right alone; `relation` is the sign as LaTeX."""
        key = _SIGNS[relation]
        if left is None:
            return self.said(f"{key}_this", self.box(right)).text
        return self.said(key, self.box(left), self.box(right)).text

    def condition(self, where: Basic) -> str:
        """Where something holds, behind it."""
        return self.said("where", self.box(where)).text

    def grouped(self, box: Box, strength: int) -> Box:
        """A part, said to be in parentheses where it binds less than its place asks for."""
        return box if box.strength >= strength else self.said("grouped", box)

    def joined(self, key: str, boxes: Sequence[Box], strength: int = ATOM) -> Box:
        """Parts with a word between each two, and a comma where the part before is long."""
        first, *others = boxes
        text, before = first.text, first
        for box in others:
            text += ("," if before.tall else "") + f" {self.phrase(key)} {box.text}"
            before = box
        return Box(text, 0.0, strength, any(box.tall for box in boxes))

    def box(self, node: Basic | Matrix) -> Box:
        """The expression in words."""
        match node:
            case Matrix():
                return spoken_matrix(node, self)
            case WrittenOut():
                return node.box
            case Quantity():
                return self.quantity(node)
            case Partial() | Local() | Derivative():
                return self._derivative(node)
            case Symbol():
                return _word(self._words(self.naming.symbol(node.name) or node.name))
            case Integer() | Float():
                return self._signed(str(abs(node)), node < 0)
            case Rational():
                size = self.said("over", str(abs(node.p)), str(node.q), strength=PRODUCT)
                return self.said("negative", size, strength=SUM) if node < 0 else size
            case Add():
                return self._sum(node)
            case exp():
                return self.said("exponential", self.box(node.args[0]))
            case Pow():
                return self._power(node)
            case Mul():
                return self._product(node)
            case Sum():
                return self._big_sum(node)
            case KroneckerDelta() | Shift():
                return self.said("delta", self.joined("both", list(map(self.box, node.args))))
            case Piecewise():
                return self._cases(node)
            case Relational():
                sides = map(self.box, node.args)
                return self.said(
                    _SIGNS[RELATIONS[type(node).__name__]], *sides, strength=COMPARISON
                )
            case And() | Or():
                word = "both" if isinstance(node, And) else "either"
                return self.joined(word, self.parts(parts_of(node), COMPARISON), OR)
            case _:
                return self._function(node)

    def quantity(self, node: Quantity) -> Box:
        """W i j of layer 0, by the letter and the number that the notation has for it."""
        if isinstance(node.layer, Motion):
            return self.said("along", self.quantity(unmoved(node)))
        indices = [self.text(one) for one in node.indices]
        if isinstance(self.naming, TensorNaming) or not str(node.layer):
            return _word(" ".join([node.kind, *filter(None, [str(node.layer)]), *indices]))
        if self.naming.turned and node.kind in ("W", "V"):
            indices.reverse()
        kind = "x" if node.kind == "r" and node.layer == 0 else node.kind
        own = _LETTERS.fullmatch(self.naming.letter(kind))
        name = " ".join([own[1] if own else kind, *indices])
        if not node.has_layer:
            return _word(name)
        number = self.naming.layer(node.layer, node.kind)
        return self.said("of_layer", name, self._words(number), tall=False)

    def _words(self, name: str) -> str:
        """A name without signs: n_{k+1} is "n k plus 1"."""
        for sign in "+-":
            name = name.replace(sign, f" {self.phrase('plus' if sign == '+' else 'minus')} ")
        return name.translate(_UNSPOKEN)

    def _derivative(self, node: Partial | Local | Derivative) -> Box:
        if isinstance(node, Derivative):
            of, chain = node.expr, list(node.variables)
        elif isinstance(node, Local):
            return self.said("local", self.box(node.of), self.box(node.wrt))
        elif is_step(node.wrt):
            return self.said("along", self.box(node.of))
        else:
            of, chain = node.unnested
        key = "derivative" if len(chain) == 1 else "second_derivative"
        body = self.grouped(self.box(of), ATOM)
        return self.said(key, body, self.joined("both", list(map(self.box, chain))))

    def _sum(self, node: Expr) -> Box:
        first, *others = terms_of(node)
        whole = self._term(first)
        for term in others:
            negative = is_negative(term)
            beside = self._term(-term if negative else term)
            key = "minus" if negative else "plus"
            whole = self.joined(key, [whole, beside], SUM)
        return whole

    def _term(self, term: Expr) -> Box:
        if is_negative(term):
            return self.said("negative", self.at_least(-term, PRODUCT), strength=SUM)
        return self.at_least(term, PRODUCT)

    def _product(self, node: Mul) -> Box:
        if Mul(*node.args) != node:  # left so on purpose
            return self._factors(list(node.args))
        negative, above, below = factors_of(node)
        top = self._factors(above or [S.One])
        if below:
            bottom = self.grouped(self._factors(below), ATOM)
            top = self.said("over", self.grouped(top, PRODUCT), bottom, strength=PRODUCT)
        return self.said("negative", top, strength=SUM) if negative else top

    def _factors(self, factors: list[Expr]) -> Box:
        if len(factors) == 1:
            return self.box(factors[0])
        return self.joined("times", self.parts(factors), PRODUCT)

    def _power(self, node: Pow) -> Box:
        base, exponent = node.args
        if exponent == S.Half:
            return self.said("root", self.box(base))
        if exponent.is_Rational and exponent < 0:
            return self.said("over", "1", self.at_least(base**-exponent, ATOM), strength=PRODUCT)
        whole = self.at_least(base, ATOM)
        if exponent == 2:
            return self.said("squared", whole, tall=whole.tall)
        return self.said("power", whole, self.at_least(exponent, ATOM))

    def _big_sum(self, node: Sum) -> Box:
        negative = is_negative(node.function)
        body = self.at_least(-node.function if negative else node.function, PRODUCT)
        for bound, low, high in node.limits:
            body = self.said(
                "sum", self.box(bound), self.box(low), self.box(high), body, strength=PRODUCT
            )
        return self.said("negative", body, strength=SUM) if negative else body

    def _cases(self, node: Piecewise) -> Box:
        cases = [
            self.said("otherwise", self.box(value))
            if condition == S.true
            else self.said("case", self.box(value), self.box(condition))
            for value, condition in node.args
        ]
        return Box("; ".join(case.text for case in cases), 0.0, SUM, tall=True)

    def _signed(self, digits: str, negative: bool) -> Box:
        return self.said("negative", digits, strength=SUM) if negative else _word(digits)

    def _function(self, node: Basic) -> Box:
        """A function of its argument, a limit, or a computed value.

        Raises:
            TypeError: for a kind of expression that derive does not make.
        """
        match node:
            case RightLimit() | LeftLimit():
                return self.said(_LIMITS[type(node)], *map(self.box, node.args), strength=PRODUCT)
            case Abs():
                return self.said("absolute", self.box(node.args[0]))
            case ReLU() | Step():
                return self._of(type(node).__name__, node.args[:1])
            case LeakyReLU():
                name = self.said("with_slope", "leaky ReLU", self.box(node.args[1]))
                return self.said("of", name, self.at_least(node.args[0], ATOM))
            case Application():
                return self._of(type(node).__name__, node.args)
            case ImmutableDenseMatrix():
                rows = (node.row(i) for i in range(node.rows))
                texts = (", ".join(self.text(entry) for entry in row) for row in rows)
                return self.said("rows", "; ".join(texts))
            case FiniteSet():
                return self.said("set", ", ".join(sorted(map(self.text, node.args))))
            case Interval():
                return self.said("interval", self.box(node.start), self.box(node.end))
            case _:
                return _word(str(node))

    def _of(self, name: str, arguments: Sequence[Basic]) -> Box:
        if len(arguments) == 1:
            return self.said("of", name, self.at_least(arguments[0], ATOM))
        return self.said("of", name, self.joined("both", self.parts(arguments, ATOM)))


def _word(text: str) -> Box:
    return Box(text, 0.0)
