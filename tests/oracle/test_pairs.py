"""Random pairs: what is proved is true in all of its scope, what is refuted fails at the point.

A pair is known by its seed: `python -m tests.oracle SEED 1` shows one and what is wrong with it.
"""

import pytest

from tests.oracle.faults import faults, judged
from tests.oracle.pairs import pair, short_pair

_SHARDS, _EACH = 30, 10
#: 9,500 short pairs and 500 long ones, none of them among those above.
_THOROUGH_SHARDS, _THOROUGH_EACH, _THOROUGH_LONG = 100, 95, 5


def assert_well_judged(pairs):
    wrong = [f"{one}: {'; '.join(found)}" for one in pairs if (found := faults(one, judged(one)))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("shard", range(_SHARDS))
def test_short_pairs(shard):
    assert_well_judged(short_pair(seed) for seed in range(shard * _EACH, (shard + 1) * _EACH))


@pytest.mark.thorough
@pytest.mark.parametrize("shard", range(_THOROUGH_SHARDS))
def test_pairs(shard):
    first = 1_000 + shard * _THOROUGH_EACH
    assert_well_judged(map(short_pair, range(first, first + _THOROUGH_EACH)))
    longer = shard * _THOROUGH_LONG
    assert_well_judged(map(pair, range(longer, longer + _THOROUGH_LONG)))
