"""Proofs are kept by what was asked, the last ones, and can be taken to another process."""

from derive.proving.kept_proofs import KeptProofs
from derive.proving.proof import Proof, undecided


def test_what_was_asked_before_is_not_judged_again() -> None:
    kept = KeptProofs(2)
    asked: list[str] = []

    def proof(name: str) -> Proof:
        def judge() -> Proof:
            asked.append(name)
            return undecided(name)

        return kept.found(name, judge)

    assert [proof(name).remark for name in ("a", "a", "b", "c", "a")] == ["a", "a", "b", "c", "a"]
    assert asked == ["a", "b", "c", "a"]  # two are kept


def test_what_a_piece_of_work_looks_for_reaches_another() -> None:
    here, there = KeptProofs(9), KeptProofs(9)
    here.found("known", lambda: undecided("known"))
    new = here.added_by(lambda: here.found("new", lambda: undecided("new")))
    assert [asked for asked, _ in new] == ["new"]
    there.add(new)
    assert there.found("new", lambda: undecided("otherwise")).remark == "new"


def test_what_cannot_be_taken_along_is_left() -> None:
    kept = KeptProofs(9)
    local = object()  # equal to no copy of itself
    assert kept.added_by(lambda: kept.found(local, lambda: undecided("no"))) == []
