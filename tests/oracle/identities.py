"""Equations between patterns, each with where it holds; A, B, D stand for anything.

Both sides are equal wherever both have values, but for what the tag says.
"""

from enum import Enum

from tests.oracle.terms import Term, read


class Holds(Enum):
    """At which kinks an identity holds."""

    ALWAYS = "every Step(0)"
    IDEMPOTENT = "Step(0) = 0 or 1"
    OFF_KINKS = "away from kinks"


_ALWAYS = """
    ReLU(A) = A*Step(A)
    ReLU(A) = (A + abs(A))/2
    ReLU(A) = A + ReLU(-A)
    ReLU(A) = max(A, 0)
    ReLU(A) = -min(-A, 0)
    ReLU(A) = ReLU(3*A)/3
    ReLU(A) = ReLU(A)*Step(A)
    ReLU(A) = ReLU(ReLU(A))
    ReLU(A) = cases(A if A > 0; 0 otherwise)
    ReLU(A) = cases(0 if A <= 0; A otherwise)
    ReLU(A)*ReLU(-A) = 0
    ReLU(A)^2 = A*ReLU(A)
    Step(A) = Step(2*A)
    Step(A) = Step(A/5)
    Step(A) = Step(A*exp(A))
    Step(A) = Step(A^3)
    Step(A) = Step(tanh(A))
    Step(A) = Step(exp(A) - 1)
    sign(A) = sign(A)^3
    sign(A) = -sign(-A)
    sign(A) = Heaviside(A, 1/2) - Heaviside(-A, 1/2)
    sign(A) = cases(1 if A > 0; 0 if A = 0; -1 otherwise)
    Heaviside(A, 1/2) = (1 + sign(A))/2
    abs(A) = ReLU(A) + ReLU(-A)
    abs(A) = max(A, -A)
    abs(A) = A*sign(A)
    abs(A)^2 = A^2
    abs(A*B) = abs(A)*abs(B)
    max(A, B) = B + ReLU(A - B)
    max(A, B) = (A + B + abs(A - B))/2
    max(A, B) = max(B, A)
    max(A, B) = -min(-A, -B)
    min(A, B) = A + B - max(A, B)
    min(A, B) = A - ReLU(A - B)
    max(exp(A), exp(B)) = exp(max(A, B))
    LeakyReLU(A, 1/4) = A/4 + 3/4*ReLU(A)
    LeakyReLU(A, 1/4) = ReLU(A) - 1/4*ReLU(-A)
    LeakyReLU(A, 1/4) = max(A, A/4)
    sigmoid(A) = 1/(1 + exp(-A))
    sigmoid(A) = 1 - sigmoid(-A)
    sigmoid(A) = (1 + tanh(A/2))/2
    sigmoid(2*A) = exp(A)^2/(1 + exp(2*A))
    sigmoid(A) = exp(A/2)/(exp(A/2) + exp(-A/2))
    tanh(A) = 2*sigmoid(2*A) - 1
    tanh(A) = -tanh(-A)
    tanh(A) = (exp(A) - exp(-A))/(exp(A) + exp(-A))
    tanh(2*A) = 2*tanh(A)/(1 + tanh(A)^2)
    softplus(A) = log(1 + exp(A))
    softplus(A) = A + softplus(-A)
    softplus(A) = -log(sigmoid(-A))
    log(exp(A) + exp(B)) = B + softplus(A - B)
    erf(A) = -erf(-A)
    sin(A) = -sin(-A)
    cos(A) = cos(-A)
    cos(A)^2 = 1 - sin(A)^2
    sqrt(A^2) = abs(A)
    sqrt(A)^2 = A
    sqrt(A*B) = sqrt(A)*sqrt(B)
    sqrt(A^2 + 1)^2 = A^2 + 1
    sqrt(exp(A)) = exp(A/2)
    exp(A + B) = exp(A)*exp(B)
    exp(A) = exp(A/2)^2
    exp(2*A) = exp(A)^2
    exp(-A) = 1/exp(A)
    exp(3*A/2) = exp(A/2)*exp(A)
    log(exp(A)) = A
    exp(log(A)) = A
    log(A*B) = log(A) + log(B)
    log(A/B) = log(A) - log(B)
    log(A^2) = 2*log(A)
    exp(1/2*log(A))^2 = A
    1/A - 1/(A + 1) = 1/(A*(A + 1))
    A*B/B = A
    A/B = A*B^-1
    A/B + D/B = (A + D)/B
    A*(B + D) = A*B + A*D
    (A + B)^2 = A^2 + 2*A*B + B^2
    A^2 - B^2 = (A - B)*(A + B)
    A + B = B + A
    A*B = B*A
"""
_IDEMPOTENT = """
    Step(A) = Step(A)^2
    Step(A) = Step(A)^3
    Step(A)*ReLU(B) = Step(A)^2*ReLU(B)
"""
_OFF_KINKS = """
    Step(A) = 1 - Step(-A)
    sign(A) = 2*Step(A) - 1
    sign(A)^2 = 1
    Step(A) = cases(1 if A > 0; 0 otherwise)
    Step(A) = Step(ReLU(A))
    Step(A)*Step(B) = Step(min(A, B))
    Step(A)*Step(-A) = 0
    Heaviside(A, 0) = Heaviside(A, 1)
    Heaviside(A, 1/2) = Step(A)
    abs(A)/A = sign(A)
    ReLU(A)/A = Step(A)
    max(Step(A), Step(-A)) = 1
"""
#: Laws of differentiation by x.
_DIFFERENTIATED = """
    diff(A + B, x) = diff(A, x) + diff(B, x)
    diff(A*B, x) = A*diff(B, x) + B*diff(A, x)
    diff(A^2, x) = 2*A*diff(A, x)
    diff(1/A, x) = -diff(A, x)/A^2
    diff(ReLU(A), x) = Step(A)*diff(A, x)
    diff(abs(A), x) = sign(A)*diff(A, x)
    diff(Step(A), x) = 0
    diff(exp(A), x) = exp(A)*diff(A, x)
    diff(log(A), x) = diff(A, x)/A
    diff(sigmoid(A), x) = sigmoid(A)*(1 - sigmoid(A))*diff(A, x)
    diff(tanh(A), x) = (1 - tanh(A)^2)*diff(A, x)
    diff(softplus(A), x) = sigmoid(A)*diff(A, x)
    diff(erf(A), x) = 2/sqrt(pi)*exp(-A^2)*diff(A, x)
    diff(sin(A), x) = cos(A)*diff(A, x)
    diff(cos(A), x) = -sin(A)*diff(A, x)
    diff(sqrt(A^2 + 1), x) = A/sqrt(A^2 + 1)*diff(A, x)
    diff(LeakyReLU(A, 1/4), x) = (1/4 + 3/4*Step(A))*diff(A, x)
    diff(max(A, B), x) = Step(A - B)*diff(A, x) + Step(B - A)*diff(B, x)
    diff(ReLU(A)^2, x) = 2*ReLU(A)*diff(A, x)
"""
#: What is 0 wherever it has a value, and does not look it.
ZEROS = tuple(
    map(
        read,
        (
            "sigmoid(A) + sigmoid(-A) - 1",
            "log(A*B) - log(A) - log(B)",
            "exp(A + B) - exp(A)*exp(B)",
            "1/(A*(A + 1)) - 1/A + 1/(A + 1)",
            "tanh(2*A)*(1 + tanh(A)^2) - 2*tanh(A)",
            "softplus(A) - A - softplus(-A)",
            "log(1 + exp(A)) - softplus(A)",
            "sigmoid(2*A)*(1 + exp(A)^2) - exp(2*A)",
            "(A + B)^2 - A^2 - 2*A*B - B^2",
            "max(A, B) + min(A, B) - A - B",
            "ReLU(A) - A*Step(A)",
            "abs(A) - A*sign(A)",
            "ReLU(A) - ReLU(-A) - A",
            "log(exp(A)) - A",
            "exp(log(A)) - A",
            "exp(A)*exp(-A) - 1",
            "exp(3*A) - exp(A)^3",
            "A/B - 1/(B/A)",
            "LeakyReLU(A, 1/4) - A/4 - 3/4*ReLU(A)",
            "2*tanh(A)/(1 + tanh(A)^2) - tanh(2*A)",
            "ReLU(A)*ReLU(-A)",
            "diff(A, x) - diff(A + B, x) + diff(B, x)",
        ),
    )
)

Identity = tuple[Term, Term, Holds]


def _table(text: str, holds: Holds) -> tuple[Identity, ...]:
    equations = (read(line) for line in text.strip().splitlines())
    return tuple((*_sides(equation), holds) for equation in equations)


def _sides(equation: Term) -> tuple[Term, Term]:
    """Both sides of an equation, which is read as one relation."""
    left, right = equation.args
    return left, right


IDENTITIES = (
    *_table(_ALWAYS, Holds.ALWAYS),
    *_table(_IDEMPOTENT, Holds.IDEMPOTENT),
    *_table(_OFF_KINKS, Holds.OFF_KINKS),
    *_table(_DIFFERENTIATED, Holds.OFF_KINKS),
)
