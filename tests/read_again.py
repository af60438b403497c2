"""A report as readers have it: proved, confirmed, judged by `check`, its certificate verified."""

from derive.checking.check import check
from derive.checking.verdicts import Verdict
from derive.documents.certificate_check import verify_certificate
from derive.documents.reporting import report_on
from derive.model.network import Network

#: What `check` says of lines that are as they should be: a text may name what it speaks of.
FINE = frozenset({Verdict.RIGHT, Verdict.DEFINED})


def all_right(text: str, given: Network, more_than: int = 20) -> bool:
    """Whether `check` calls every equation of a text right, and finds more than so many."""
    summary = check(text, given).summary
    return summary.all_right and summary.counts[Verdict.RIGHT] > more_than


def assert_proved_and_read_again(given: Network, order: int, more_than: int = 20) -> None:
    """The documents of a network hold what they say, by every road there is."""
    result = report_on(given, order=order, thorough=True)
    assert result.confirmation is not None and result.confirmation.mismatch is None
    assert result.proved == result.equations
    for file, text in result.files:
        assert isinstance(text, str)
        if file.endswith(".md"):
            assert all_right(text, given, more_than)
        if file.endswith(".json"):
            count, failures = verify_certificate(text)
            assert count and not failures
