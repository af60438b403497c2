"""Random pairs of expressions, from a seed: true ones by rewriting, false ones by mutation."""

from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from tests.oracle.identities import IDENTITIES, ZEROS, Holds
from tests.oracle.models import CHAINS, NOTHING, Model
from tests.oracle.terms import Term, filled, matched, name, names_in, number, read, replaced, walk

#: The symbol that stands for Step(0) where it is left open.
OPEN = "h0"
_LARGEST = 40
#: What counts as short: the nodes of all terms, and the definitions of a network.
_SHORT, _SHORT_CHAIN = 18, 3


@dataclass(frozen=True)
class Pair:
    """An equation to be judged.

    Attributes:
        at_zero: the value of Step(0) that is asked about, or `OPEN`, or None for that of the
            network.
        holds: where a pair made by rewriting is true; None if nobody knows.
    """

    left: Term
    right: Term
    assume: tuple[Term, ...] = ()
    model: Model = NOTHING
    at_zero: Fraction | str | None = None
    holds: Holds | None = None

    def __str__(self) -> str:
        under = f" under {', '.join(map(str, self.assume))}" if self.assume else ""
        about = f" in {self.model.network}" if self.model.network else ""
        zero = "" if self.at_zero is None else f" with Step(0) = {self.at_zero}"
        return f"{self.left} = {self.right}{under}{about}{zero}"


def pair(seed: int) -> Pair:
    """The pair of a seed, always the same."""
    source = Random(seed)
    kinds = (_free, _free, _free, _under_assumptions, _resolved, _with_zeros, _of_a_network)
    made = source.choice(kinds)(source)
    at_zero = source.choice((None, None, None, Fraction(0), Fraction(1, 2), Fraction(1), OPEN))
    made = replace(made, at_zero=at_zero)
    return _mutated(source, made) if source.random() < 0.4 else made


def short_pair(seed: int) -> Pair:
    """The first of a series of pairs that is short, so that it is soon judged."""
    for attempt in range(1_000):
        made = pair(1_000_000 + 1_000 * seed + attempt)
        if len(made.model.definitions) <= _SHORT_CHAIN and _length(made) <= _SHORT:
            return made
    raise AssertionError(f"seed {seed} makes no short pair")


def _length(made: Pair) -> int:
    return sum(map(_size, (made.left, made.right, *made.assume)))


# -- what a pair begins with ---------------------------------------------------------------


def _free(source: Random) -> Pair:
    """An expression and a rewriting of it, under nothing."""
    names = source.choice((("x",), ("x", "y"), ("x", "y", "w")))
    return _rewritten(source, Pair(*(2 * (_grown(source, names, source.randint(1, 3)),))))


def _under_assumptions(source: Random) -> Pair:
    """The same under conditions that need not have anything to do with it."""
    made = _free(source)
    assume = tuple(_assumption(source) for _ in range(source.choice((1, 1, 2))))
    return replace(made, assume=assume)


def _resolved(source: Random) -> Pair:
    """A condition that decides a gate, or an equality that says what a name is, and what follows.

    The rows are true, by the monotonicity of the functions in them.
    """
    assume, left, right = source.choice(_CONSEQUENCES)
    put = {letter: source.choice(("x", "y", "x", "2*x", "x/2", "x - y")) for letter in "XY"}
    if put["X"] == put["Y"]:
        put["Y"] = "w"
    fill = {key: read(value) for key, value in put.items()}
    made = Pair(
        filled(read(left), fill),
        filled(read(right), fill),
        tuple(filled(read(one), fill) for one in assume),
        holds=Holds.ALWAYS,
    )
    return _rewritten(source, made) if source.random() < 0.5 else made


def _with_zeros(source: Random) -> Pair:
    """Gates and quotients of what vanishes wherever it has a value."""
    fill = {letter: _argument(source, ("x", "y")) for letter in "ABD"}
    zero = filled(source.choice(ZEROS), fill)
    model = NOTHING
    if source.random() < 0.25:
        model = source.choice(CHAINS)
        defined = source.choice(sorted(model.definitions))
        zero = Term("-", (name(defined), model.definitions[defined]))
    if source.random() < 0.2:
        zero = _step_of_rewriting(source, zero)[0]
    left, right = source.choice(_OF_ZEROS)
    fill = {"Z": zero, "B": _argument(source, ("x", "y"))}
    return Pair(filled(left, fill), filled(right, fill), model=model)


def _of_a_network(source: Random) -> Pair:
    """An equation of backpropagation in a chain, rewritten."""
    model = source.choice(CHAINS)
    depth = sum(1 for key in model.definitions if key.startswith("z"))
    k = source.randint(1, depth)
    slope = {"one": "Step(Z)", "two": "Step(Z)", "sig": "r*(1 - r)", "lea": None}[model.network[:3]]
    slope = slope or "(alpha + (1 - alpha)*Step(Z))"
    slope = slope.replace("Z", f"z{k}").replace("r", f"r{k}")
    before = "x" if k == 1 else f"r{k - 1}"
    left, right = source.choice(
        [
            (f"dC/dr{depth}", f"r{depth} - y"),
            (f"dC/dz{k}", f"dC/dr{k}*{slope}"),
            (f"dC/dW{k - 1}", f"dC/dz{k}*{before}"),
            (f"dC/dW{k - 1}", f"dC/dr{k}*{slope}*{before}"),
            (f"dr{k}/dz{k}", slope),
            (f"dz{k}/dW{k - 1}", before),
            (f"z{k}", f"W{k - 1}*{before}"),
            (f"r{k}^2*Step(r{k})", f"r{k}^2*Step(z{k})"),
            ("C", f"(r{depth} - y)^2/2"),
            (f"d2C/dr{depth}dr{depth}", "1"),
            (f"d2C/dW0dW{depth - 1}", f"d2C/dW{depth - 1}dW0"),
            (f"d2C/dW{k - 1}dW{k - 1}", f"d2C/dz{k}dz{k}*{before}^2"),
        ]
    )
    assume: tuple[Term, ...] = ()
    if source.random() < 0.3:
        assume = (read(source.choice((f"z{k} > 0", f"z{k} < 0", "x > 0", f"z{k} != 0"))),)
    made = Pair(read(left), read(right), assume, model)
    return _rewritten(source, made) if source.random() < 0.5 else made


#: What follows from a condition on X and Y.
_CONSEQUENCES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("exp(X) < exp(Y)",), "ReLU(X - Y)", "0"),
    (("exp(X) > 8",), "abs(X - 2)", "X - 2"),
    (("exp(X) > 1",), "ReLU(X)", "X"),
    (("exp(2*X) > 1 + X", "X > -1/4"), "max(exp(2*X), 1 + X)", "exp(2*X)"),
    (("X > 0",), "ReLU(exp(2*X) - 1 - X)", "exp(2*X) - 1 - X"),
    (("X > 1/100",), "abs(1 - exp(X/2))", "exp(X/2) - 1"),
    (("log(X) > log(Y)",), "ReLU(X - Y)", "X - Y"),
    (("log(X) < 0",), "ReLU(1 - X)", "1 - X"),
    (("sigmoid(X) > sigmoid(Y)",), "max(X, Y)", "X"),
    (("sigmoid(X) > 1/2",), "ReLU(X)", "X"),
    (("sigmoid(X) < 3/4", "X > 2"), "X", "Y"),
    (("softplus(X) > 1",), "ReLU(X)", "X"),
    (("tanh(X) > 0",), "abs(X)", "X"),
    (("tanh(X) < tanh(Y)",), "min(X, Y)", "X"),
    (("exp(X) = exp(Y)",), "X", "Y"),
    (("Y = exp(X)",), "log(Y)", "X"),
    (("Y = softplus(X)",), "log(exp(Y) - 1)", "X"),
    (("log(Y/(1 - Y)) = X",), "sigmoid(X)", "Y"),
    (("exp(X) = 1 + X",), "X", "0"),
    (("X^2 = 2",), "exp(X^2)", "exp(2)"),
    (("X^2 = 2", "X > 0"), "ReLU(X - 1)", "X - 1"),
    (("X^2 = 2",), "X^4 - 4", "0"),
    (("X*Y = 1",), "log(X) + log(Y)", "0"),
    (("X*Y = 1",), "1/X", "Y"),
    (("X + Y = 3",), "exp(X)*exp(Y)", "exp(3)"),
    (("X = Y",), "ReLU(X - Y)", "0"),
    (("X = Y",), "sign(X - Y)", "0"),
    (("X = 0",), "X/X", "1"),
    (("X = 0",), "0/X", "0"),
    (("X = 0",), "abs(X)", "0"),
    (("X >= 0",), "abs(X)", "X"),
    (("X >= 0",), "sign(X)", "Step(X)"),
    (("X > 0",), "sign(X)", "Step(X)"),
    (("X <= 0",), "Step(X)", "0"),
    (("X < 0",), "Step(X)", "0"),
    (("X > Y", "Y > 0"), "max(X, Y, 0)", "X"),
    (("X > Y and Y > 1",), "ReLU(X*Y - 1)", "X*Y - 1"),
    (("X > 2 or X < -2",), "ReLU(X^2 - 4)", "X^2 - 4"),
    (("X != 0",), "X/X", "1"),
    (("X < 0",), "log(exp(X))", "X"),
    (("X > 0",), "log(X^2)", "2*log(X)"),
    (("X < 0",), "log(X^2)", "2*log(-X)"),
    (("0 < X and X < 1",), "abs(log(X))", "-log(X)"),
    (("X > 3",), "ReLU(log(X) - 1)", "log(X) - 1"),
    (("softplus(X) < softplus(Y)",), "Step(X - Y)", "0"),
    (("abs(X) < 1",), "ReLU(X + 1)", "X + 1"),
    (("ReLU(X) > 0",), "abs(X)", "X"),
    (("max(X, Y) < 0",), "ReLU(X) + ReLU(Y)", "0"),
    (("Step(X) = 1", "X != 0"), "ReLU(X)", "X"),
    (("sign(X) = sign(Y)",), "abs(X + Y)", "abs(X) + abs(Y)"),
)
#: Equations about what is 0 wherever it has a value; most are false or say nothing.
_OF_ZEROS = tuple(
    (read(left), read(right))
    for left, right in (
        ("Step(Z) + Step(-Z)", "1"),
        ("Step(Z) + Step(-Z)", "0"),
        ("sign(Z)^2", "1"),
        ("sign(Z)", "0"),
        ("B*sign(Z)^2", "B"),
        ("Step(Z)", "Step(Z)^2"),
        ("ReLU(B)*Step(Z)", "ReLU(B)*Step(Z)^2"),
        ("Step(Z) - 1", "-Step(-Z)"),
        ("Step(Z)", "0"),
        ("1/Z", "1/Z"),
        ("Z/Z", "1"),
        ("B + Z/Z", "B + 1"),
        ("(B*Z)/Z", "B"),
        ("abs(Z)/Z", "sign(Z)"),
        ("cases(1 if Z > 0; 0 otherwise)", "Step(Z)"),
        ("cases(B if Z = 0; 0 otherwise)", "0"),
        ("Heaviside(Z, 1/2)", "Step(Z)"),
        ("max(B, B + Z)", "B"),
        ("ReLU(B + Z)", "ReLU(B)"),
        ("Step(B + Z)", "Step(B)"),
        ("log(Z^2)", "2*log(abs(Z))"),
        ("Step(Z*B)", "Step(Z)"),
        ("Step(Z)*Step(B)", "Step(Z)*(1 - Step(-B))"),
        ("diff(abs(Z), x)", "sign(Z)*diff(Z, x)"),
        ("log(exp(Z))*B", "0"),
        ("exp(Z)*B", "B"),
    )
)


# -- expressions ---------------------------------------------------------------------------

_NUMBERS = ("2", "-1", "1/2", "3", "1", "-3/2")
_GATES = (
    "ReLU(A)", "ReLU(A)", "Step(A)", "abs(A)", "sign(A)", "LeakyReLU(A, 1/4)", "max(A, B)",
    "min(A, B)", "Heaviside(A, 1/2)", "ReLU(-A)", "cases(A if A > B; B otherwise)", "Step(A, 1/2)",
)  # fmt: skip
_SMOOTH = (
    "exp(A)", "exp(A)", "log(A)", "sigmoid(A)", "tanh(A)", "softplus(A)", "exp(2*A)", "exp(A/2)",
    "exp(-A)", "sigmoid(3*A)", "tanh(A/2)", "exp(1/2*log(A))", "log(exp(A) + exp(B))",
    "softplus(-2*A)", "erf(A)", "erf(-A/2)", "sin(A)",
    "cos(2*A)", "sqrt(A^2 + 1)", "sqrt(A)", "sqrt(A^2)",
)  # fmt: skip
_ALGEBRA = (
    "A + B", "A - B", "A*B", "A*B", "A/B", "A^2", "A^3", "-A", "2*A", "1/(A^2 + 1)", "1/(A + B)",
)  # fmt: skip


def _grown(source: Random, names: tuple[str, ...], depth: int) -> Term:
    if depth == 0:
        return name(source.choice(names)) if source.random() < 0.8 else _number(source)
    if depth > 1 and source.random() < 0.06:
        return Term("diff", (_grown(source, names, depth - 1), name(source.choice(names))))
    pattern = read(source.choice(source.choice((_GATES, _GATES, _SMOOTH, _ALGEBRA))))
    fill = {letter: _grown(source, names, depth - 1) for letter in sorted(names_in(pattern))}
    return filled(pattern, fill)


def _number(source: Random) -> Term:
    return read(source.choice(_NUMBERS))


def _argument(source: Random, names: tuple[str, ...]) -> Term:
    """Something small to put into a pattern."""
    return read(source.choice((*names, *names, "2*x", "x/2", "x + y", "x*y", "x - 1", "3")))


def _assumption(source: Random) -> Term:
    a, b = _argument(source, ("x", "y")), _argument(source, ("x", "y", "w"))
    shape = source.choice(
        (
            "A > 0", "A < 0", "A >= 0", "A < B", "A = B", "A != 0", "A > 1/3 and A < 3/7",
            "A <= 1", "exp(A) < exp(B)", "log(A) > log(B)", "softplus(A) > 1", "sigmoid(A) > 1/3",
            "B = exp(A)", "B = A^2", "A^2 = 2", "tanh(A) < 1/2", "abs(A) < 1", "A*B = 1",
            "ReLU(A) > 0", "A < 0 or A > 1", "max(A, B) > 0", "exp(A/2) < 1 + A", "A = 0",
            "exp(2*A) > B", "log(A) < B", "A^2 + B^2 = 1", "1/A > B",
        )
    )  # fmt: skip
    return filled(read(shape), {"A": a, "B": b})


# -- rewriting and mutation ----------------------------------------------------------------

_ORDER = [None, Holds.OFF_KINKS, Holds.IDEMPOTENT, Holds.ALWAYS]


def _rewritten(source: Random, made: Pair) -> Pair:
    """The pair with its right side rewritten a few times; it holds where all of that does."""
    right, holds = made.right, [made.holds or Holds.ALWAYS]
    for _ in range(source.choice((1, 1, 2, 3))):
        right, held = _step_of_rewriting(source, right)
        holds.append(held)
    known = made.holds is not None or made.left == made.right
    return replace(made, right=right, holds=min(holds, key=_ORDER.index) if known else None)


def _step_of_rewriting(source: Random, term: Term) -> tuple[Term, Holds]:
    """One place written in another way that the table knows."""
    options: list[tuple[Term, Term, Holds]] = []
    for inner in dict.fromkeys(walk(term)):
        for one, other, holds in IDENTITIES:
            for pattern, new in ((one, other), (other, one)):
                found = matched(pattern, inner)
                if found is None or pattern.head == "name" or not pattern.args:
                    continue
                missing = names_in(new) - found.keys() - {"x"}
                found |= {letter: _argument(source, ("x",)) for letter in sorted(missing)}
                options.append((inner, filled(new, found), holds))
    if not options:
        return term, Holds.ALWAYS
    inner, new, holds = source.choice(options)
    result = replaced(term, {inner: new})
    return (result, holds) if _size(result) <= _LARGEST else (term, Holds.ALWAYS)


def _size(term: Term) -> int:
    return sum(1 for _ in walk(term))


def _mutated(source: Random, made: Pair) -> Pair:
    """The pair with one slip in a side, or now and then in an assumption."""
    if made.assume and source.random() < 0.2:
        first, *rest = made.assume
        return replace(made, assume=(_with_slip(source, first), *rest), holds=None)
    if source.random() < 0.3:
        return replace(made, left=_with_slip(source, made.left), holds=None)
    return replace(made, right=_with_slip(source, made.right), holds=None)


def _with_slip(source: Random, term: Term) -> Term:
    places = [t for t in dict.fromkeys(walk(term)) if t.head != "partial"]
    source.shuffle(places)
    for place in places:
        slips = _slips(source, place)
        if slips:
            return replaced(term, {place: source.choice(slips)})
    return Term("negative", (term,))


_SWAPPED: dict[str, tuple[str, ...]] = {
    "+": ("-", "*"),
    "-": ("+",),
    "*": ("+", "/"),
    "/": ("*",),
    "max": ("min",),
    "min": ("max",),
    "ReLU": ("Step", "abs", "softplus"),
    "Step": ("ReLU", "sign", "sigmoid"),
    "abs": ("ReLU", "sign"),
    "sign": ("Step", "tanh"),
    "exp": ("softplus", "log"),
    "log": ("softplus", "exp"),
    "sigmoid": ("tanh", "softplus", "exp"),
    "tanh": ("sigmoid", "sign"),
    "softplus": ("ReLU", "exp"),
    "erf": ("tanh", "exp"),
    "sin": ("cos", "erf"),
    "cos": ("sin", "exp"),
    "sqrt": ("abs", "log"),
    "<": ("<=", ">"),
    ">": (">=", "<"),
    "<=": ("<", ">="),
    ">=": (">", "<="),
    "=": ("!=", "<="),
    "!=": ("=",),
    "and": ("or",),
}


def _slips(source: Random, term: Term) -> list[Term]:
    """What somebody may write by mistake."""
    found: list[Term] = []
    if term.head in _SWAPPED and not (term.head in ("Step", "ReLU") and len(term.args) > 1):
        found += [Term(head, term.args) for head in _SWAPPED[term.head]]
    match term.head:
        case "+" | "-" | "*" | "/":
            found += term.args  # a term or a factor is dropped
        case "negative":
            found += term.args
        case "^":
            found += [term.args[0], Term("^", (term.args[0], number(4)))]
        case "name":
            found += [name(other) for other in ("x", "y", "w") if other != term.leaf and
                      term.leaf in ("x", "y", "w")]  # fmt: skip
            found.append(Term("negative", (term,)))
        case "number":
            found += [number(term.leaf + 1), number(2 * term.leaf)] if term.leaf else [number(1)]
        case "cases" if len(term.args) == 4:
            a, condition, b, otherwise = term.args
            found += [Term("cases", (b, condition, a, otherwise)), a, b]
        case "Step" | "ReLU" | "exp" | "sigmoid" | "tanh":
            first, *rest = term.args
            inner = Term("*", (number(2), first)), Term("negative", (first,))
            found += [Term(term.head, (other, *rest)) for other in inner]
            found += [number(0), number(1)] if term.head == "Step" else [term.args[0]]
    return [t for t in found if t != term]
