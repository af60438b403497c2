"""The verdicts on the seeds' claims, against a table written from the mathematics by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import S

from derive.claims import networks as of
from derive.claims import report, seed_1, seed_2, seed_3
from derive.claims.analysis import gradient_flow, newton
from derive.claims.analysis.finding import Finding, found
from derive.claims.checks import (
    Bound,
    Definition,
    Documented,
    Equality,
    Heuristic,
    Readable,
    Refuted,
)
from derive.claims.claim import Entry, SeedClaim, Speaker, judged
from derive.claims.computed import ArithmeticCheck, Cases, Exact, InstanceCheck
from derive.claims.outcome import Word
from derive.claims.page import SEEDS
from derive.documents.certificate_check import verify_certificate
from derive.errors import DeriveError
from derive.model.network import Network
from tests.judged_claims import document
from tests.sweeps import sweep

#: T true, T| true under a condition, F false, H heuristic, D definition, Q a question,
#: S a fact that a source has, - nothing to judge; with a second letter where a claim has two
#: halves.  Written from the mathematics, not from what the program says.
EXPECTED = {
    "S1.1": "D", "S1.2": "D", "S1.3": "-", "S1.4": "D", "S1.5": "T|", "S1.6": "F", "S1.7": "T|",
    "S1.8": "F", "S1.9": "F", "S1.10": "Q", "S1.11": "T", "S1.12": "T|", "S1.13": "T",
    "S1.14": "-", "S1.15": "D", "S1.16": "T|", "S1.17": "T|", "S1.18": "HT", "S1.19": "FH",
    "S1.20": "D", "S1.21": "D", "S1.22": "T", "S1.23": "T", "S1.24": "T", "S1.25": "T",
    "S1.26": "T", "S1.27": "T", "S1.28": "T", "S1.29": "D", "S1.30": "D", "S1.31": "T",
    "S1.32": "T", "S1.33": "T", "S1.34": "T", "S1.35": "T", "S1.36": "T", "S1.37": "-",
    "S1.38": "T", "S1.39": "T", "S1.40": "T", "S1.41": "HT", "S1.42": "T", "S1.43": "H",
    "S1.44": "T", "S1.45": "T",
    "S2.1": "H", "S2.2": "T", "S2.3": "S", "S2.4": "F", "S2.5": "F", "S2.6": "T|", "S2.7": "H",
    "S2.8": "T|", "S2.9": "ST", "S2.10": "S", "S2.11": "H", "S2.12": "D", "S2.13": "HT",
    "S2.14": "ST", "S2.15": "Q",
    "S3.1": "D", "S3.2": "S", "S3.3": "T|", "S3.4": "T|", "S3.5": "F", "S3.6": "T|", "S3.7": "Q",
    "S3.8": "T|", "S3.9": "T", "S3.10": "T|", "S3.11": "F", "S3.12": "T|", "S3.13": "T",
    "S3.14": "T", "S3.15": "T", "S3.16": "T", "S3.17": "T", "S3.18": "T|", "S3.19": "T",
    "S3.20": "T", "S3.21": "F", "S3.22": "H", "S3.23": "T",
}  # fmt: skip

LETTERS = {
    Word.PROVED: "T", Word.ARITHMETIC: "T", Word.TRUE_IF: "T|", Word.REFUTED: "F",
    Word.HEURISTIC: "H", Word.DEFINITION: "D", Word.ANSWERED: "Q", Word.DOCUMENTED: "S",
    Word.NOT_JUDGED: "-",
}  # fmt: skip


def entry(name: str) -> Entry:
    (one,) = (e for own in document().entries.values() for e in own if e.id == name)
    return one


CLAIMS = {c.id: c for sections in SEEDS.values() for section in sections for c in section.claims}


def test_every_claim_is_there_once() -> None:
    numbers = [c.id for sections in SEEDS.values() for s in sections for c in s.claims]
    expected = [f"S{s}.{n}" for s, most in ((1, 45), (2, 15), (3, 23)) for n in range(1, most + 1)]
    assert numbers == expected == list(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_verdicts(name: str) -> None:
    one = entry(name)
    assert LETTERS[one.verdict] + "".join(LETTERS[w] for w in one.partly) == EXPECTED[name]


def test_heuristics_and_documented_facts_name_their_references() -> None:
    for own in document().entries.values():
        for one in own:
            if one.verdict in (Word.HEURISTIC, Word.DOCUMENTED):
                assert one.references, one.id


def test_refutations_have_their_evidence() -> None:
    for own in document().entries.values():
        for one in own:
            for outcome in (*one.outcomes, *one.remarks):
                if outcome.word is Word.REFUTED:
                    assert outcome.difference or outcome.facts, one.id
                if outcome.difference:
                    assert outcome.difference.left != outcome.difference.right


def test_conditions_that_the_engine_found() -> None:
    conditions = {
        "S1.5": "(w_1 > 0) & (w_2*x > 0)",
        "S1.7": "(w_1 > 0) & (w_2 > 0) & (w_3*x > 0)",
        "S1.12": "z > 0",
        "S1.16": "Ne(x, 0)",
        "S1.17": "Ne(x, 0)",
        "S3.18": "N > 2",
    }
    for name, condition in conditions.items():
        assert str(entry(name).outcomes[0].condition) == condition


def test_numbers() -> None:
    assert entry("S1.5").facts["share_2"] == S(1) / 4
    assert entry("S1.7").facts["share_3"] == S(1) / 8
    assert entry("S1.8").facts["derivatives"] == 4
    assert entry("S3.5").facts["landed"] == S(3) / 2
    assert str(entry("S3.8").facts["true"]) == "-0.2979"
    assert (entry("S3.14").facts["right"], entry("S3.14").facts["left"]) == (10, 4)
    he = [entry("S1.10").facts[f"he_at_{layer}"] for layer in (3, 2, 1)]
    assert he == [1, S(1) / 2, 1]
    assert entry("S1.5").facts["share_2_with_zero"] == S(2) / 3
    assert entry("S1.36").facts["activations"] == 5


#: What the sentences that ask for more are answered with, among what was proved.
ANSWERED = [
    ("S1.9", "dC/dW2", "(r3-y)*Step(z3)*r2", of.THREE),
    ("S1.9", "dC/dW0", "(r3-y)*Step(z3)*W2*Step(z2)*W1*Step(z1)*x", of.THREE),
    ("S1.24", "dC/dW{k}[i,j]", "dC/dz{k+1}[j]*dz{k+1}[j]/dW{k}[i,j]", of.GENERAL),
    ("S1.35", "dC/dW0[i,j]", "x[i]*Step(z1[j])*sum(l, W1[j,l]*Step(z2[l])*(r2[l]-y[l]))",
     of.LAYERS),
    ("S1.43", "ReLU(w_1/c*ReLU(c*w_2*x))", "ReLU(w_1*ReLU(w_2*x))", None),
    ("S2.6", "dC/db1", "-y*Step(z2)", of.BIASED_TWO),
    ("S2.10", "ReLU(z)", "0", None),
    ("S3.5", "d2C/dW0dW0", "0", of.NEURON),
    ("S3.7", "W0*d2C/dW0dW0-W1*d2C/dW0dW1", "-dC/dW0", of.TWO),
]  # fmt: skip


@pytest.mark.parametrize(("name", "left", "right", "network"), ANSWERED)
def test_what_was_asked_is_answered_by_a_proof(
    name: str, left: str, right: str, network: Network | None
) -> None:
    one = entry(name)
    sought = Equality(left, right, network).equation
    outcomes = (*one.outcomes, *one.remarks)
    assert any(o.equation == sought and o.word is Word.PROVED for o in outcomes)


# -- nothing is typed: what is changed changes its verdict ------------------------------------

TAMPERED = [
    ("S1.22", Equality("dC/dr1", "y-r1", of.NEURON), Word.REFUTED),
    ("S1.25", Equality("dC/dW0", "(ReLU(W0*x)+y)*Step(W0*x)*x", of.NEURON), Word.REFUTED),
    ("S1.34", Equality("dC/dW{k}[i,j]", "-dC/dz{k+1}[j]*r{k}[i]", of.GENERAL), Word.REFUTED),
    ("S1.33", Equality("dz{k+1}[j]/dr{k}[i]", "2*W{k}[i,j]", of.GENERAL), Word.REFUTED),
    ("S1.1", Definition((Equality("C", "(y-yhat)^2", of.NEURON),)), Word.REFUTED),
    ("S1.11", Bound("sigmoid(z)*(1-sigmoid(z))", "1/5", "1/2-sigmoid(z)"), Word.UNDECIDED),
    ("S1.13", ArithmeticCheck(lambda: gradient_flow.products(10)), Word.REFUTED),
    ("S1.6", Readable("a = b"), Word.DEFINITION),
    ("S1.5", Equality("ReLU(w_1*ReLU(w_2*x))", "w_1*w_2*x", assume=("w_1>0", "w_2>0", "x>0")),
     Word.PROVED),
    ("S3.14", Equality("d2C/dW0dW0", "-x^2*Step(W0*x)", of.NEURON), Word.REFUTED),
    ("S3.21", Equality("d2r2[m]/dW0[i,j]dW0[l,p]", "0", of.LAYERS), Word.PROVED),
    ("S3.17", Equality("d2r2[m]/dW0[i,j]dW1[l,p]", "0", of.LAYERS), Word.REFUTED),
    ("S3.17", Equality("d2r2[m]/dW0[i,j]dW0[l,p]", "0", of.SIGMOID_LAYERS), Word.REFUTED),
    ("S2.5", InstanceCheck(newton.one_neuron), Word.UNDECIDED),
]  # fmt: skip


@pytest.mark.parametrize(("name", "check", "word"), TAMPERED)
def test_tampering_changes_the_verdict(name: str, check: object, word: Word) -> None:
    claim = CLAIMS[name]
    changed = judged(replace(claim, checks=(check,), remarks=()))
    assert changed.verdict is word
    assert changed.verdict is not entry(name).verdict


@pytest.mark.parametrize("seed", sweep([seed_1, seed_2, seed_3], [seed_2]))
def test_no_claim_survives_with_its_equations_negated(seed: object) -> None:
    """Each proved equation with a right side that is not 0 is refuted with the sign changed."""
    for section in seed.SECTIONS:
        for claim in section.claims:
            for check in claim.checks:
                plain = isinstance(check, Equality) and check.right != "0"
                if plain and check.outcome().word is Word.PROVED:
                    changed = replace(check, right=f"-({check.right})")
                    assert changed.outcome().word in (Word.REFUTED, Word.TRUE_IF), claim.id


def test_what_the_document_adds_must_be_true() -> None:
    claim = SeedClaim("S0.1", Speaker.ANSWER, (Definition(),), (Equality("x", "2*x"),))
    with pytest.raises(DeriveError, match=r"S0\.1"):
        judged(claim)


def test_answers_to_questions_must_be_true() -> None:
    with pytest.raises(DeriveError, match=r"S0\.2"):
        judged(SeedClaim("S0.2", Speaker.QUESTION, (Equality("x", "2*x"),), asks=True))


def test_what_is_called_false_must_be_refuted() -> None:
    with pytest.raises(DeriveError, match="was to be refuted"):
        Refuted(Equality("x+x", "2*x")).outcome()


def test_the_worst_part_is_the_verdict() -> None:
    def word(*checks: object) -> Word:
        return judged(SeedClaim("S0.3", Speaker.ANSWER, checks)).verdict

    proved, false = Equality("x+x", "2*x"), Equality("x", "x+1")
    conditional, open_ = Equality("ReLU(x)", "x"), InstanceCheck(lambda: Finding(S.true))
    assert word(proved) is Word.PROVED
    assert word(proved, conditional) is Word.TRUE_IF
    assert word(proved, Heuristic(("hanin2018",))) is Word.HEURISTIC
    assert word(conditional, false, proved) is Word.REFUTED
    assert word(false, open_) is Word.UNDECIDED
    assert word(Definition(), Documented(("theano",))) is Word.DOCUMENTED


def test_findings_decide() -> None:
    yes, no = (lambda: found(True)), (lambda: found(False))
    assert Exact(yes).outcome().word is Word.PROVED
    assert Exact(no).outcome().word is Word.REFUTED
    assert ArithmeticCheck(yes).outcome().word is Word.ARITHMETIC
    assert InstanceCheck(yes).outcome().word is Word.UNDECIDED  # one instance proves nothing
    assert InstanceCheck(no).outcome().word is Word.REFUTED
    mixed = Cases((("with_bias", yes), ("without_bias", no))).outcome()
    assert (mixed.word, mixed.cases, mixed.others) == (
        Word.TRUE_IF, ("with_bias",), ("without_bias",),
    )  # fmt: skip
    assert Cases((("with_bias", no),)).outcome().word is Word.REFUTED


@pytest.mark.thorough
def test_the_certificate_is_proved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "claims_document", lambda *_: document())
    ((name, text),) = report.report_on_claims(("json",)).files
    total, failures = verify_certificate(text)
    assert name == "claims.json" and failures == () and total > 50
