"""What LaTeX and the ASCII notation share: the order of terms and factors, signs, parentheses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from sympy import Add, And, Basic, Expr, Integer, Mul, Or, Pow, Rational, Symbol

from derive.algebra.boxes import PRODUCT, SUM, Box, parenthesised, row
from derive.algebra.quantities import Quantity
from derive.notation.spelling import factor_order, term_order


class Printer(ABC):
    """Writes expressions as boxes, part by part."""

    @abstractmethod
    def box(self, node: Basic) -> Box:
        """The expression."""

    def text(self, node: Basic) -> str:
        """The expression as text."""
        return self.box(node).text

    def at_least(self, node: Basic, strength: int) -> Box:
        """The expression, in parentheses where it binds less than its place asks for."""
        return self.grouped(self.box(node), strength)

    def grouped(self, box: Box, strength: int) -> Box:
        """A part, in parentheses where it binds less than its place asks for."""
        return box if box.strength >= strength else parenthesised(box)

    def parts(self, nodes: Iterable[Basic], strength: int = PRODUCT) -> list[Box]:
        """Parts of a product or a condition."""
        return [self.at_least(node, strength) for node in nodes]

    def sum_of_terms(self, node: Expr) -> Box:
        """Terms with signs between them."""
        parts: list[Box | str] = []
        for term in terms_of(node):
            negative = is_negative(term)
            signs = (" - ", " + ") if parts else ("-", "")
            parts += [signs[not negative], self.at_least(-term if negative else term, PRODUCT)]
        return row(*parts, strength=SUM)


def is_negative(term: Expr) -> bool:
    """Whether a minus sign is written before a term."""
    return bool(term.as_coeff_Mul()[0] < 0)


def terms_of(expression: Expr) -> list[Expr]:
    """The terms of a sum in the order in which they are printed."""
    ordered = sorted(Add.make_args(expression), key=term_order)
    for position, term in enumerate(ordered):
        if not is_negative(term):
            return [term, *ordered[:position], *ordered[position + 1 :]]
    return ordered


def factors_of(node: Expr) -> tuple[bool, list[Expr], list[Expr]]:
    """Sign, factors above and factors below the fraction line, in printing order."""
    negative, above, below = False, [], []
    for factor in Mul.make_args(node):
        if isinstance(factor, Rational):
            negative = factor < 0
            if abs(factor.p) != 1:
                above.append(Integer(abs(factor.p)))
            if factor.q != 1:
                below.append(Integer(factor.q))
        elif isinstance(factor, Pow) and (2 * factor.exp).is_Integer and factor.exp < 0:
            below.append(factor.base**-factor.exp)
        else:
            above.append(factor)
    return negative, sorted(above, key=factor_order), sorted(below, key=factor_order)


def below_is_plain(below: list[Expr]) -> bool:
    """Whether a denominator is only numbers and widths, as in 1/2 or 2/n."""
    return all(f.is_number or isinstance(f, Symbol) for f in below)


def parts_of(condition: And | Or) -> list[Basic]:
    """The parts of a condition: those on the layers near the input first."""
    return sorted(condition.args, key=_condition_order)


def _condition_order(condition: Basic) -> tuple[int, str]:
    layers = [int(q.layer.as_coeff_Add()[0]) for q in condition.atoms(Quantity)]
    return (max(layers, default=0), str(condition))
