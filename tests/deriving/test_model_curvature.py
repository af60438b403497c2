"""Second order of models from definitions: products along a direction, Jacobians and blocks."""

import pytest

from derive import Model, check, judge, read_model
from derive.deriving.model_curvature import model_curvature
from derive.deriving.verifying import verify
from derive.documents.certificate_check import verify_certificate
from derive.documents.reporting import report_on, shown
from derive.errors import DeriveError
from derive.files.built_in import builtin_models
from derive.notation.ascii.given import formula
from tests.read_again import FINE
from tests.sweeps import sweep

#: Of each model, what `derive show` ends in.
KNOWN = [
    ("softmax", "R(p)", "p[n,c]*(R(z[n,c]) - sum(k, R(z[n,k])*p[n,k]))"),
    ("softmax", "dp/dz", "delta(j,n)*p[n,c]*(delta(c,i) - p[n,i])"),
    ("attention-head", "R(P)", "P[t,s]*(R(S[t,s]) - sum(l, R(S[t,l])*P[t,l]))"),
    ("ridge", "d2C/dwdw", "delta(i,j)*lambda + 1/N*sum(n, x[n,i]*x[n,j])"),
    ("linear", "d2C/dbdb", "N*delta(j,l)"),
    (
        "softmax-cross-entropy",
        "d2C/dWdW",
        "1/N*sum(n, p[n,c]*x[n,i]*x[n,j]*(delta(c,k) - p[n,k]))",
    ),
    ("rms-norm", "do/dx", "delta(l,t)*g[i]*(delta(i,j) - 1/d*n[t,i]*n[t,j])/s[t]"),
]


@pytest.mark.parametrize("name", sweep(builtin_models(), ["ridge", "softmax"]))
def test_every_line_of_second_order_is_proved_at_every_size(name):
    derivation = model_curvature(read_model(name))
    for line, marks in zip(derivation.steps, verify(derivation), strict=True):
        assert marks.proved, (line.rule, line.lhs, line.rhs, marks.proof.remark)
        assert marks.proof.scope.widths.every


@pytest.mark.parametrize("name", sweep(builtin_models(), ["ridge"]))
def test_documents_of_second_order_are_read_back_and_proved_again(name):
    model = read_model(name)
    files = dict(report_on(model, dialects=["github", "json"], order=2).files)
    assert "(-1)" not in files[f"{name}-second-order.md"]
    checked = check(files[f"{name}-second-order.md"], model, kind="markdown")
    assert {one.verdict for one in checked.equations} <= FINE
    _, failures = verify_certificate(files[f"{name}-second-order.json"])
    assert not failures


@pytest.mark.parametrize(("name", "quantity", "right"), KNOWN)
def test_forms_that_people_know_are_reached(name, quantity, right):
    model = read_model(name)
    last = shown(model, quantity, "text").splitlines()[-1]
    left = shown(model, quantity, "text").split(" = ")[0]
    found = last.split(" = ")[-1].split("   ")[0]
    assert formula(found, "found", model) == formula(right, "known", model) or (
        judge(model, formula(found, "found", model), formula(right, "known", model)).proved
    )
    assert judge(model, formula(left, "left", model), formula(found, "found", model)).proved


def test_the_split_has_a_third_part_for_a_penalty():
    derivation = model_curvature(read_model("ridge"))
    (group,) = (group for group in derivation.groups if group.title == "split_at_output")
    assert group.about["penalty"]
    assert str(group.steps[-1].rhs).count("delta") <= 1
    assert (
        formula("delta(i,j)*lambda", "a penalty", read_model("ridge")) in group.steps[-1].rhs.args
    )


@pytest.mark.parametrize(
    "objective",
    [
        "C := 1/2*sum(n, o[n]^2) + sum(n, o[n])*sum(i, w[i]^2)",  # the penalty is multiplied
        "C := 1/2*sum(n, (o[n] - sum(i, x[n,i]))^2)",  # the input goes around the output
    ],
)
def test_nothing_is_split_where_the_output_does_not_carry_all(objective):
    model = Model.from_definitions(
        f"""
        input x[N,d]
        parameter w[d]
        output o
        o[n] := sum(i, x[n,i]*w[i])
        {objective}
        """
    )
    assert model.objective == "C"
    assert model.splits_at is None


def test_bound_letters_stay_apart_from_those_of_a_gradient_in_which_they_stand():
    # d2C/dW[i,c] dW[l,j]: the sum over classes in dC/dW[i,c] takes neither i nor c, l, j.
    one = Model.from_definitions("""
        input x[N,d], w[N,K]
        parameter W[d,K]
        target y[N,K]
        z[n,c] := sum(i, x[n,i]*W[i,c])
        p[n,c] := softmax(c, z[n,c])
        C := -sum(n, sum(c, y[n,c]*w[n,c]*log(p[n,c])))/N
    """)
    assert all(mark.proved for mark in verify(model_curvature(one)))


def test_what_is_long_is_left_out_and_counted():
    derivation = model_curvature(read_model("gelu-block"))
    (group,) = (group for group in derivation.groups if group.title == "blocks_of_parameters")
    assert (group.about["left_out"], group.about["count"]) == (2, 3)


def test_a_quantity_of_which_nothing_is_known_is_named_with_those_that_are():
    with pytest.raises(DeriveError, match="there is no quantity 'dQ/dR'"):
        shown(read_model("attention-head"), "dQ/dR", "text")


def test_an_index_that_a_derivative_does_not_vary_with_is_no_letter_of_its_sums():
    """dC/dA_nmk = 2 B_kn sum_lj A_nlj B_jn is the same for every m."""
    text = "parameter A[N,M,K], B[K,N]\nC := sum(n, sum(m, sum(k, A[n,m,k]*B[k,n]))^2)"
    model = Model.from_definitions(text)
    assert all(marks.proved for marks in verify(model_curvature(model)))
