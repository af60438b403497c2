"""Derivatives of the oracle's expressions, by rules of its own.

The derivative of ReLU is Step, that of Step is 0: what is formal at kinks, and true off them.
"""

from tests.oracle.terms import Term, filled, name, number, read

ZERO, ONE = number(0), number(1)
#: The slope of each function of one argument A.
_SLOPES = {
    head: read(slope)
    for head, slope in {
        "ReLU": "Step(A)",
        "Step": "0",
        "sign": "0",
        "abs": "sign(A)",
        "exp": "exp(A)",
        "log": "1/A",
        "sqrt": "1/(2*sqrt(A))",
        "erf": "2/sqrt(pi)*exp(-A^2)",
        "sin": "cos(A)",
        "cos": "-sin(A)",
        "sigmoid": "sigmoid(A)*(1 - sigmoid(A))",
        "tanh": "1 - tanh(A)^2",
        "softplus": "sigmoid(A)",
    }.items()
}


def plus(left: Term, right: Term) -> Term:
    if ZERO in (left, right):
        return right if left == ZERO else left
    return Term("+", (left, right))


def times(left: Term, right: Term) -> Term:
    if ZERO in (left, right):
        return ZERO
    if ONE in (left, right):
        return right if left == ONE else left
    return Term("*", (left, right))


def slope(term: Term, by: str, definitions: dict[str, Term] | None = None) -> Term:
    """d term / d by, in which names that have definitions move with what defines them."""
    defined = definitions or {}

    def of(inner: Term) -> Term:
        return slope(inner, by, defined)

    match term.head:
        case "number":
            return ZERO
        case "name":
            if term.leaf == by:
                return ONE
            return of(defined[term.leaf]) if term.leaf in defined else ZERO
        case "partial":
            return of(partial(term, defined))
        case "+" | "-":
            left, right = map(of, term.args)
            return plus(left, right if term.head == "+" else times(number(-1), right))
        case "negative":
            return times(number(-1), of(term.args[0]))
        case "*":
            a, b = term.args
            return plus(times(of(a), b), times(a, of(b)))
        case "/":
            a, b = term.args
            return plus(
                times(of(a), Term("/", (ONE, b))),
                times(Term("negative", (of(b),)), Term("/", (a, Term("^", (b, number(2)))))),
            )
        case "^":
            base, exponent = term.args
            less = plus(exponent, number(-1))
            return times(times(exponent, Term("^", (base, less))), of(base))
        case "LeakyReLU":
            z, a, *at_zero = term.args
            gate = Term("Step", (z, *at_zero))
            return times(plus(a, times(plus(ONE, times(number(-1), a)), gate)), of(z))
        case "Heaviside":
            return ZERO
        case "max" | "min":
            return of(_as_gates(term))
        case "cases":
            args = list(term.args)
            args[::2] = map(of, args[::2])
            return term.with_args(args)
        case "diff":
            return of(slope(term.args[0], term.args[1].leaf, defined))
        case head:
            z, *at_zero = term.args
            outer = filled(_SLOPES[head], {"A": z})
            if head == "ReLU" and at_zero:
                outer = Term("Step", (z, *at_zero))
            return times(outer, of(z))


def _as_gates(term: Term) -> Term:
    """max(a, b) = b + ReLU(a - b), min(a, b) = b - ReLU(b - a), from the left."""
    first, *rest = dict.fromkeys(term.args)
    for other in rest:
        a, b = (first, other) if term.head == "max" else (other, first)
        excess = Term("ReLU", (Term("-", (a, b)),))
        first = Term("+" if term.head == "max" else "-", (other, excess))
    return first


def partial(term: Term, definitions: dict[str, Term]) -> Term:
    """dC/dW0 or d2C/dW0dW1, worked out by the definitions."""
    above, below = str(term.leaf).split("/")
    of = name(above.removeprefix("d2").removeprefix("d"))
    for by in below.split("d")[1:]:
        of = slope(of, by, definitions)
    return of


def expanded(term: Term, definitions: dict[str, Term]) -> Term:
    """The term with derivatives worked out and definitions put in, down to what is given."""
    if term.head == "partial":
        return expanded(partial(term, definitions), definitions)
    if term.head == "name" and term.leaf in definitions:
        return expanded(definitions[term.leaf], definitions)
    return term.with_args(expanded(argument, definitions) for argument in term.args)
