"""Doors: nothing that is handed in is executed, and what is wrong is one sentence."""

from __future__ import annotations

import inspect
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import derive
from derive import DeriveError, Layer, Network, Quantity, backpropagate, prove, read_network
from derive.cli import main
from derive.deriving.laws import RULES
from derive.documents.certificate_check import verify_certificate
from derive.documents.rule_names import RULE_NAMES
from tests.sweeps import thorough

NETWORK = read_network("one-layer-chain")
#: A right value for a parameter of this name, so that the hostile one is reached.
RIGHT: dict[str, Any] = {
    "network": NETWORK, "text": "r1 = r1", "lhs": "x", "rhs": "x", "left": "x", "right": "x",
    "kind": "W", "layer": 0, "of": Quantity("C", 1), "wrt": Quantity("W", 0), "z": 1,
    "slope": 2, "at_zero": 0, "units": 1, "inputs": 1, "layers": (Layer(1),), "name": "relu",
    "source": "1-1", "derivation": backpropagate(NETWORK), "given": {}, "widths": {},
    "indices": 1, "term": lambda r, y: r, "scale": lambda n: n, "rule": "simplify",
}  # fmt: skip
#: All but the errors, which take nothing but a message.
CALLABLE = [
    name
    for name in derive.__all__
    if callable(found := getattr(derive, name))
    and not (inspect.isclass(found) and issubclass(found, Exception))
]


def hostile(sentinel: Path) -> list[Any]:
    code = f"__import__('pathlib').Path({str(sentinel)!r}).touch()"
    return [code, [code], {code: code}, ((code,),), f"sum(x for x in [{code}])"]


@pytest.mark.parametrize("name", CALLABLE)
def test_no_parameter_is_executed(name: str, tmp_path: Path) -> None:
    function, sentinel = getattr(derive, name), tmp_path / "executed"
    parameters = inspect.signature(function).parameters.values()
    for parameter in parameters:
        for value in hostile(sentinel):
            given: dict[str, Any] = {}
            more: list[Any] = []
            for other in parameters:
                wanted = value if other is parameter else RIGHT.get(other.name)
                if other.kind is other.VAR_POSITIONAL:
                    more = [wanted]
                elif other.kind is not other.VAR_KEYWORD and (
                    other is parameter or other.default is other.empty
                ):
                    given[other.name] = wanted
            with suppress(TypeError, ValueError, AttributeError, KeyError):
                function(*given.values(), *more) if more else function(**given)
            assert not sentinel.exists(), (name, parameter.name, value)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: prove(None, 1),  # pyright: ignore
        lambda: prove(["x"], "x"),  # pyright: ignore
        lambda: prove("x", "x", assume=[5]),  # pyright: ignore
        lambda: prove("1", "0", assume=["log(-x^2) > 0"]),
        lambda: prove("1", "0", assume=["log(-1 - x^4) <= 2"]),
        lambda: Network("oo", (Layer(1),)),
        lambda: Layer("Sum"),
        lambda: derive.Activation("leaky_relu", "nan"),
        lambda: derive.Activation("leaky_relu", float("inf")),
        lambda: derive.ReLU("x; y"),
        lambda: derive.check("z1 = z1", NETWORK, assume="log(-x^2) > 0"),
        lambda: verify_certificate("a = b"),
        lambda: verify_certificate('{"certificate": true, "networks": [], "groups": []}'),
        lambda: verify_certificate('{"certificate": 1, "certificate": 1}'),
    ],
)
def test_what_is_wrong_is_one_sentence(wrong: Any) -> None:
    with pytest.raises(DeriveError) as found:
        wrong()
    assert "\n" not in str(found.value) and "Expecting" not in str(found.value)


def test_an_assumption_may_stand_alone() -> None:
    assert prove("ReLU(x)", "x", assume="x > 0").proved


def test_what_has_no_finite_value_under_the_assumptions_is_not_decided() -> None:
    left = "((max(x, y) / x) / max((y^(3)), (w^(3))))"
    right = "(log(exp((max(x, y) / log(exp(x))))) / max((y^(3)), (w^(3))))"
    assert prove(left, right, assume="x = 0", step_at_zero=0).status.value == "undecided"


def test_cases_are_counted() -> None:
    many = "; ".join(f"{n} if x > {n}" for n in range(200))
    assert prove(f"cases({many}; 500 otherwise)", "0").status.value == "undecided"
    [found] = derive.check(f"cases({many}; 500 otherwise) = 0", NETWORK).judged
    assert found.verdict.value == "undecided"


@pytest.mark.parametrize(
    ("function", "status"),
    [("ReLU", "refuted"),
     *map(thorough, [("exp", "undecided"), ("sigmoid", "refuted"), ("tanh", "refuted"),
                     ("softplus", "refuted")])],
)  # fmt: skip
def test_nests_are_judged(function: str, status: str) -> None:
    """What is beyond reckoning, such as a tower of exponentials, is not decided."""
    assert prove(f"{function}(" * 60 + "x" + ")" * 60, "0").status.value == status


@pytest.mark.thorough
def test_the_signs_of_many_kinks_are_not_combined() -> None:
    found = prove(f"max({', '.join(f'a{n}' for n in range(20))})", "0")
    assert found.status.value == "refuted" and found.condition is None


def test_a_logarithm_that_is_real_nowhere_is_not_decided() -> None:
    found = prove("log(log(ReLU(x)))", "log(log(min(x, 0)))")
    assert found.status.value == "undecided"


def test_the_names_of_rules_are_those_of_the_laws() -> None:
    assert set(RULES) == RULE_NAMES


def test_the_budget_is_said(tmp_path: Path) -> None:
    arguments = ["report", "9-9-9-9-9-9", "--order", "2", "--budget", "1", "-o", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2 and "longer than the 1 s" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "template",
    [
        "<< cycler.__init__.__globals__.os.getcwd() >>", "<< 'a' * 10**10 >>",
        "<% for i in range(10**9) %><% endfor %>", "<< 'x'|indent(10**9) >>",
        "<% for i in range(99999) %><% for j in range(99999) %><% endfor %><% endfor %>",
        "<% set n = namespace(x='a') %><% for i in range(60) %><% set n.x = n.x ~ n.x %>"
        "<% endfor %>",
        "<< network.inputs.subs('x', '1') >>", "<< '{:999999999}'.format(1) >>",
        "<% macro f() %><< f() >><% endmacro %><< f() >>", "<< tex.__globals__ >>",
    ],
)  # fmt: skip
def test_templates_are_kept_in(template: str, tmp_path: Path) -> None:
    file = tmp_path / "markdown" / "page.jinja"
    file.parent.mkdir()
    file.write_text(template)
    with pytest.raises(DeriveError, match=r"page\.jinja:1: "):
        derive.report_on(NETWORK, ("plain",), templates=tmp_path)
