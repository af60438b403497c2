"""Documents of ours with one token changed: what is said of them agrees with numbers."""

from itertools import islice

import pytest

from benchmarks.mutants import gallery, mutants, outcomes
from derive.checking.assessment import Verdict


@pytest.mark.thorough
@pytest.mark.parametrize(
    "name", ["one-layer-chain", "two-layer-chain", "general-layer", "leaky-chain"]
)
def test_a_changed_token_is_judged_as_numbers_say(name: str) -> None:
    text, kind, judge = next(rest for one, *rest in gallery() if one == name)
    found = [one for mutant in islice(mutants(text, kind), 1) for one in outcomes(mutant, judge)]
    assert found
    said = {(one.verdict, one.true) for one in found}
    assert (Verdict.RIGHT, False) not in said
    assert (Verdict.WRONG, True) not in said
