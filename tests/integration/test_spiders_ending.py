"""How a harvest's tally becomes an exit code, and the sentence that goes with it."""

from collections.abc import Mapping

import pytest

from crawler.cli.harvesting import shortcoming
from crawler.core.words import Outcome
from crawler.errors import ExitCode
from crawler.plans import HarvestReport
from spiders.harvest import is_failure


def report(code: ExitCode, tally: Mapping[str, int], *lanes: str) -> HarvestReport:
    """Return how a harvest ended."""
    return HarvestReport(
        harvest_id=1,
        finish_reason="finished",
        exit_code=code,
        tally=tally,
        discovered=0,
        still_due=0,
        next_due_at=None,
        lanes_held=lanes,
        seconds=1.0,
    )


@pytest.mark.parametrize(
    ("tally", "recovered", "failed"),
    [
        ({"fetched": 1, "dns_failed": 99}, 0, False),
        ({"truncated": 1}, 0, False),
        ({"redirected": 1}, 0, False),
        ({"not_modified": 1}, 0, False),
        ({"dns_failed": 1}, 0, True),
        ({"dns_failed": 1, "archive_has_not": 1}, 0, True),
        ({"dns_failed": 1, "archive_has": 1, "archive_could_not_ask": 1}, 0, True),
        ({"dns_failed": 1, "archive_has": 2}, 1, False),
        ({"robots_disallowed": 3}, 0, True),
        ({"archive_has_not": 3}, 0, False),
        ({"archive_could_not_ask": 3}, 0, False),
        ({"fetched": 99, "internal_error": 1}, 0, True),
        ({}, 0, False),
    ],
)
def test_what_counts_as_failed(tally: dict[str, int], recovered: int, *, failed: bool) -> None:
    """Nothing fetched of what was asked for, or a fault of our own. An archive may say no."""
    assert is_failure(tally, recovered) is failed
    assert set(tally) <= {word.value for word in Outcome}


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (report(ExitCode.FAILURES, {"tls_failed": 2}), "nothing could be fetched"),
        (report(ExitCode.FAILURES, {"fetched": 9, "internal_error": 2}), "2 pages met a fault"),
        (report(ExitCode.ARCHIVE, {"archive_could_not_ask": 1}), "no web archive could be asked"),
        (report(ExitCode.LANES_HELD, {}, "host:courier.example"), "host:courier.example"),
    ],
)
def test_a_code_has_its_sentence(ended: HarvestReport, words: str) -> None:
    """A harvest that ends with 3, 5 or 7 says why and what to do."""
    fault = shortcoming(ended)
    assert fault is not None
    assert words in str(fault)
    assert fault.fix


def test_a_harvest_that_is_done_says_nothing_more() -> None:
    """Code 0 has no fault to tell."""
    assert shortcoming(report(ExitCode.DONE, {"fetched": 1})) is None
