r"""What a name can stand for, and the names that mean something without being declared."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Symbol

from derive.model.matrices import Matrix


@dataclass(frozen=True)
class KindName:
    """A family of quantities: W, b, z, r, or the error signal "delta"; a layer is needed."""

    kind: str


@dataclass(frozen=True)
class OneTensor:
    """A tensor of one layer, perhaps at certain indices (from 1, or letters)."""

    kind: str
    layer: Expr
    indices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gradient:
    """A derivative of the cost by one or two tensors: dC/dW0."""

    wrt: tuple[OneTensor, ...]


@dataclass(frozen=True)
class FunctionMeaning:
    """A function of the notation by name; "phi" is the activation of whatever layer it meets."""

    name: str


@dataclass(frozen=True)
class Defined:
    """What the document set a name to; `letters` are the subscripts that it was defined with."""

    value: Expr | Matrix
    letters: tuple[str, ...] = ()


@dataclass(frozen=True)
class DefinedFunction:
    """A function that the document defined: f(variable) = body."""

    variable: Symbol
    body: Expr


@dataclass(frozen=True)
class Plain:
    """A plain symbol: a width, a slope, the variable of an activation."""

    symbol: Symbol


Meaning = KindName | OneTensor | Gradient | FunctionMeaning | Defined | DefinedFunction | Plain


Key = tuple[str, str, str]  #: the name, its subscript and its layer as written


DEFAULT: dict[str, Meaning] = {
    **{name: KindName("W") for name in ("W", "w")},
    **{name: KindName(name) for name in "bzr"},
    "\\delta": KindName("delta"),
    "x": KindName("x"),
    "y": KindName("y"),
    "U": KindName("U"),
    "\\hat{y}": KindName("yhat"),
    "yhat": KindName("yhat"),
    **{name: KindName("C") for name in ("C", "E", "J", "\\ell", "loss", "Loss", "cost", "Cost")},
    **{f"\\mathcal{{{letter}}}": KindName("C") for letter in "CEJL"},
    **{name: FunctionMeaning("ReLU") for name in ("ReLU", "relu", "RELU", "Relu", "rect")},
    **{name: FunctionMeaning("Step") for name in ("Step", "step", "Heaviside", "heaviside")},
    **{name: FunctionMeaning("Step") for name in ("\\Theta", "\\theta", "H", "u")},
    **{name: FunctionMeaning("sigmoid") for name in ("sigmoid", "sigm", "logistic")},
    "\\sigma": FunctionMeaning("sigma"),
    **{name: FunctionMeaning("phi") for name in ("\\phi", "f", "g", "\\psi", "h", "a", "act")},
    **{name: FunctionMeaning(name) for name in ("tanh", "exp", "log", "max", "min", "softplus")},
    **{name: FunctionMeaning(name) for name in ("sqrt", "erf", "sin", "cos")},
    **{name: FunctionMeaning(name) for name in ("softmax", "diag", "vec", "abs")},
    **{name: FunctionMeaning("fixed") for name in ("fixed", "stopgrad", "detach")},
    "Softmax": FunctionMeaning("softmax"),
    **{name: FunctionMeaning("sign") for name in ("sgn", "sign")},
    "Dirac": FunctionMeaning("dirac"),
    **{name: FunctionMeaning("LeakyReLU") for name in ("LeakyReLU", "lrelu", "LReLU", "leakyrelu")},
}


#: Letters that stand for a family of second order only where a layer is written above them.
WITH_LAYER: dict[str, Meaning] = {
    "V": KindName("V"),
    "v": KindName("v"),
    "G": KindName("G"),
    "\\gamma": KindName("Gv"),
}


#: Letters that are a function only where an argument follows, and otherwise nothing.
NEEDS_ARGUMENT = frozenset({"H", "u", "f", "g", "h", "a", "\\phi", "\\psi", "\\theta", "\\Theta"})


#: Usual names of costs, each with the costs that it is the name of; one that is not that of the
#: network is a name all the same, and no product of its letters.
COST_WORDS: dict[str, tuple[str, ...]] = {
    "BCE": ("binary_cross_entropy",),
    "CE": ("cross_entropy", "binary_cross_entropy"),
    "NLL": ("cross_entropy", "binary_cross_entropy"),
    "MSE": ("mean_squared_error",),
    "SSE": (),
    "RSS": (),
    "MAE": (),
    "LL": (),
    "KL": (),
}
