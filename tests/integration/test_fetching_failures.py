"""Each way a fetch can fail, against a server that fails that way."""

import ssl
from pathlib import Path

import pytest
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, IgnoreRequest
from support.certificates import server_tls
from support.fetch_run import outcomes, run
from support.wire import Talk, Wire, page, raw
from twisted.internet import error
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed

from crawler.core.words import Outcome
from crawler.demo.launch import start_newspaper
from crawler.fetching.failures import classify
from crawler.fetching.handler import SENT_ONCE

NO_ROBOTS = {"NEWSMORGUE_ROBOTS_ENABLED": False}
REFUSED_PORT = "http://127.0.0.9:9/"  # nothing listens there
UNKNOWN = ["http://paper.invalid/", f"http://{'a' * 64}.example/", "http://a..b/"]
BAD_HEADER = b"HTTP/1.1 200 OK\r\nContent-Length: NaN\r\n\r\nx"


def drip(talk: Talk) -> None:
    """Send a byte now and then, for longer than anyone waits."""
    going = talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while going:
        going = talk.send(b"x") and not talk.stop.wait(0.05)


FAULTS = {
    "/hang": (Talk.hang, "timed_out"),
    "/drip": (drip, "timed_out"),
    "/reset": (Talk.reset, "connect_failed"),
    "/nothing": (lambda _: None, "connect_failed"),
    "/garbage": (raw(b"\x16\x03\x01 garbage\r\n\r\n"), "protocol_error"),
    "/length": (raw(BAD_HEADER), "protocol_error"),
    "/name": (raw(b"HTTP/1.1 200 OK\r\nX-Caf\xe9: x\r\n\r\n"), "protocol_error"),
    "/no-status": (raw(b"HTTP/1.1\r\n\r\n"), "protocol_error"),
    "/half-head": (raw(b"HTTP/1.1 200 OK\r\nContent-Ty"), "connect_failed"),
}


def test_each_fault_of_a_server_has_its_outcome() -> None:
    """Silence, drip, reset and nonsense are told apart, and the problem is one short line."""
    with Wire({path: route for path, (route, _) in FAULTS.items()}) as paper:
        urls = [paper.url(path) for path in FAULTS]
        answer = run(urls, settings={**NO_ROBOTS, "DOWNLOAD_TIMEOUT": 3, **each_its_slot()})
    assert dict(zip(FAULTS, outcomes(answer), strict=True)) == {
        path: outcome for path, (_, outcome) in FAULTS.items()
    }
    problems = [result["problem"] for result in answer["results"]]
    assert all(problem and "\n" not in problem and len(problem) <= 300 for problem in problems)


def each_its_slot() -> dict[str, int]:
    """Let the faults of one host run side by side: nobody waits for the hanging one."""
    return {"CONCURRENT_REQUESTS_PER_DOMAIN": len(FAULTS)}


def test_names_and_ports_that_lead_nowhere() -> None:
    """An unknown or impossible name is dns_failed, a closed port connect_failed, robots or not."""
    urls = [*UNKNOWN, REFUSED_PORT]
    expected = ["dns_failed"] * len(UNKNOWN) + ["connect_failed"]
    assert outcomes(run(urls, scheduled=urls[-1:])) == [*expected, "connect_failed"]
    assert outcomes(run(urls, settings=NO_ROBOTS)) == expected


def test_only_a_trusted_certificate_is_accepted(tmp_path: Path) -> None:
    """Self-signed, expired, of another host, or no TLS at all: tls_failed, and no page is asked."""
    with (
        Wire({"*": page()}, host="127.0.2.1", tls=server_tls(tmp_path, "127.0.2.1")) as good,
        Wire({"*": page()}, host="127.0.2.2", tls=server_tls(tmp_path, "127.0.2.2")) as selfmade,
        Wire(
            {"*": page()}, host="127.0.2.3", tls=server_tls(tmp_path, "127.0.2.3", days=-1)
        ) as old,
        Wire({"*": page()}, host="127.0.2.4", tls=good.tls) as other,
        Wire({"*": page()}, host="127.0.2.5") as plain,
    ):
        trusted = tmp_path / "trusted.pem"
        trusted.write_text("".join((tmp_path / f"127.0.2.{n}.pem").read_text() for n in (1, 3)))
        servers = (good, selfmade, old, other, plain)
        urls = [server.url("/").replace("http:", "https:") for server in servers]
        answer = run(urls, urls, environment={"SSL_CERT_FILE": str(trusted)})
        assert outcomes(answer) == [200, *["tls_failed"] * 4] * 2
        assert not [server.hits for server in servers[1:4] if server.hits]


def test_a_fault_of_ours_is_called_so() -> None:
    """What no rule knows is an internal error, not a sign about the page."""
    for fault in (KeyError("x"), RuntimeError(), IgnoreRequest("why"), DownloadCancelledError("x")):
        outcome, problem = classify(fault)
        assert outcome is Outcome.INTERNAL_ERROR
        assert problem.startswith("unexpected failure")


@pytest.mark.parametrize(
    ("inner", "outcome"),
    [
        (ssl.SSLCertVerificationError("expired"), Outcome.TLS_FAILED),
        (error.TCPTimedOutError(), Outcome.TIMED_OUT),
        (error.NoRouteError(), Outcome.CONNECT_FAILED),
        (error.ConnectionLost(), Outcome.CONNECT_FAILED),
        (ValueError("what is this"), Outcome.PROTOCOL_ERROR),
    ],
)
def test_the_innermost_cause_decides(inner: Exception, outcome: Outcome) -> None:
    """Scrapy's and Twisted's wrappings hide nothing."""
    wrapped = DownloadFailedError("failed")
    wrapped.__cause__ = ResponseFailed([Failure(error.ConnectionDone()), Failure(inner)])
    if outcome is Outcome.PROTOCOL_ERROR:
        wrapped.__cause__ = ResponseFailed([Failure(inner)])
    assert classify(wrapped)[0] is outcome


def test_causes_that_go_in_circles_end() -> None:
    """A chain of causes that leads back to itself, or is very long, costs little."""
    first, second = RuntimeError("x" * 5000), RuntimeError("y")
    first.__cause__, second.__cause__ = second, first
    outcome, problem = classify(first)
    assert outcome is Outcome.INTERNAL_ERROR
    assert len(problem) <= 300


@pytest.mark.parametrize(("meta", "sent"), [({}, 2), ({SENT_ONCE: True}, 1)])
def test_a_dropped_request_goes_out_again_unless_forbidden(
    meta: dict[str, object], sent: int
) -> None:
    """A kept connection that drops a request is replaced for a page, and not for an archive."""
    with start_newspaper() as paper:
        groups = [[paper.url("/article/1")], [paper.url("/drop")]]
        run(*groups, settings=NO_ROBOTS, meta=meta)
        assert paper.counts()["/drop"] == sent
