r"""Factors of a gradient in the colour of where they came from: the cost, or the layer passed.

Going back, each layer contributes the slope of its activations and its weights, and the last one
what a parameter is multiplied with: of (r - y) Step(z^(2)) r^(1) the first is the cost's and the
other two are layer 2's.  In LaTeX a colour is `\textcolor` with one of the names of `MARKS`, in
MathML the class `from-n`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sympy import Add, Basic, Derivative, Expr, Integer, Pow
from sympy.core.function import Application

from derive.algebra.boxes import Box
from derive.algebra.quantities import Local, Partial, Quantity, quantities_in
from derive.model.matrices import Elementwise, Entries, Matrix, Total, Transposed, within
from derive.notation.tex import LatexWriter

#: The cost's, then those of layers 1, 2, ...; after the last they begin again with layer 1's.
MARKS = ("orange", "blue", "teal", "violet", "red", "brown", "magenta")


def colour(layer: int) -> int:
    """Which of `MARKS` a layer has; 0 is the cost."""
    return 1 + (layer - 1) % (len(MARKS) - 1) if layer else 0


def coloured(writer: LatexWriter, left: Expr | Matrix | None) -> LatexWriter:
    """The writer for what `left`, a first or second derivative of the cost, is equal to."""
    body = left.body if isinstance(left, Entries) else left
    if not isinstance(body, Partial):
        return writer
    of, chain = body.unnested
    if not isinstance(of, Quantity) or of.kind != "C" or len(chain) > 2:
        return writer
    if len(chain) == 2:
        return _ColouredTerms(writer.naming, writer.connectives, writer)
    (wrt,) = chain
    source = wrt.layer if wrt.kind == "W" else None
    return _ColouredWriter(writer.naming, writer.connectives, writer, source)


@dataclass(frozen=True)
class _ColouredWriter(LatexWriter):
    """Writes factors in their colours; what stands in a function or under a sign has none."""

    plain: LatexWriter = field(default_factory=LatexWriter)
    source: Expr | None = None  #: the layer whose output the parameter is multiplied with

    def box(self, node: Basic | Matrix) -> Box:
        if isinstance(node, Application | Partial | Local | Derivative | Add):
            return self.plain.box(node)
        return super().box(node)

    def at_least(self, node: Basic, strength: int) -> Box:
        origin = self._origin(node)
        if origin is None or not origin.is_Integer:
            return super().at_least(node, strength)
        return _marked(self.plain.at_least(node, strength), int(origin))

    def factor(self, part: Matrix) -> Box:
        origin = self._origin_of_matrix(part)
        if origin is None or not origin.is_Integer:
            return super().factor(part)
        return _marked(self.plain.box(part), int(origin))

    def _origin_of_matrix(self, part: Matrix) -> Expr | None:
        """That of its entries; an error, r - y, is the cost's."""
        match part:
            case Entries():
                return self._origin(part.body)
            case Transposed():
                return self._origin_of_matrix(part.of)
            case Elementwise() if isinstance(part.of, Entries):
                return self._origin(part.body.xreplace({part.variable: part.of.body}))
            case Total():
                bodies = [one.body for one in within(part) if isinstance(one, Entries)]
                errors = [one for body in bodies for one in quantities_in(body) if one.kind == "y"]
                return Integer(0) if errors else None
            case _:
                return None

    def _origin(self, factor: Basic) -> Expr | None:
        """The layer that a factor came from, 0 for the cost; None for what came from neither."""
        match factor:
            case Partial():
                of = factor.of
                return of.layer if isinstance(of, Quantity) and of.kind in "zr" else None
            case Quantity():
                return self._origin_of_quantity(factor)
            case Add():
                return self._origin_of_sum(factor)
            case Pow():
                return self._origin(factor.base)
            case Application():
                return self._carried(_only(factor))
            case _:
                return None

    def _origin_of_quantity(self, factor: Quantity) -> Expr | None:
        if factor.kind == "U":
            return Integer(0)
        if factor.kind not in "Wr":
            return None
        return self._carried(factor.layer + int(factor.kind == "W"))

    def _carried(self, layer: Expr | None) -> Expr | None:
        """The output that a weight is multiplied with comes with the layer behind it.

        So does what that output is computed from.
        """
        if layer is None or self.source is None or not (self.source - layer).is_nonnegative:
            return layer
        return self.source + 1

    def _origin_of_sum(self, factor: Add) -> Expr | None:
        """r - y is the cost's, and 1 - r a slope of the layer of r."""
        if any(one.kind in "yU" for one in quantities_in(factor)):
            return Integer(0)
        return _only(factor)


def _marked(box: Box, origin: int) -> Box:
    return replace(box, text=rf"\textcolor{{{MARKS[colour(origin)]}}}{{{box.text}}}")


@dataclass(frozen=True)
class _ColouredTerms(_ColouredWriter):
    """Of a second derivative each term has its factors in colours.

    An output among them is a slope, or what a weight is multiplied with: only the input, which is
    no slope, has a colour, that of the first layer.
    """

    def box(self, node: Basic | Matrix) -> Box:
        return LatexWriter.box(self, node) if isinstance(node, Add) else super().box(node)

    def _origin_of_quantity(self, factor: Quantity) -> Expr | None:
        if factor.kind != "r":
            return super()._origin_of_quantity(factor)
        return Integer(1) if factor.layer == 0 else None

    def _origin_of_sum(self, factor: Add) -> Expr | None:
        """r - y is the cost's; a sum in which it is a factor has several origins."""
        kinds = {str(one.kind) for one in quantities_in(factor)}
        return None if "y" in kinds and "W" in kinds else super()._origin_of_sum(factor)


def _only(factor: Basic) -> Expr | None:
    """The layer that all in a slope belongs to; that of its weights is the one they lead to."""
    layers = {one.layer + int(one.kind in "Wb") for one in quantities_in(factor)}
    return max(layers) if layers and all(one.is_Integer for one in layers) else None
