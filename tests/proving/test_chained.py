"""What earlier lines have proved serves a later one with the same left side, in its own letters."""

from derive import read_model
from derive.deriving.model_gradient import model_gradient
from derive.deriving.verifying import verify
from derive.notation.ascii.given import formula
from derive.proving import Status
from derive.proving.chained import Said

MODEL = read_model("rms-norm")


def read(text):
    return formula(text, "a formula", MODEL)


def test_a_scope_is_told_in_the_letters_of_its_line():
    for marks in verify(model_gradient(MODEL)):
        assert "letter" not in str(marks.proof.scope.nonzero)


def test_a_line_in_other_letters_follows_and_a_false_one_does_not():
    said = Said()
    right = read("sum(t, dC/do[t,i]*n[t,i])")
    assert said.judge(MODEL, read("dC/dg[i]"), right).proved
    assert said.from_before(MODEL, read("dC/dg[j]"), read("sum(u, n[u,j]*dC/do[u,j])")).proved
    assert said.from_before(MODEL, read("dC/dg[j]"), read("sum(u, n[u,j])")) is None


def test_nothing_follows_from_what_was_not_proved():
    said = Said()
    wrong = read("2*sum(t, dC/do[t,i]*n[t,i])")
    assert said.judge(MODEL, read("dC/dg[i]"), wrong).status is Status.REFUTED
    assert said.from_before(MODEL, read("dC/dg[i]"), wrong) is None
