"""The demo servers are what the other tests trust: their log, and how they live and die."""

import signal
import subprocess
import sys
from collections.abc import Callable
from http.client import HTTPConnection, RemoteDisconnected

import pytest
from support.servers import fresh_hosts, get

from crawler.demo.launch import NewspaperServer, start_archive
from crawler.demo.server import environment

Fresh = Callable[..., NewspaperServer]


def test_log_holds_every_request_and_no_control(fresh_newspaper: Fresh) -> None:
    """Each request is one line, in order, with agent, encodings and status; control is silent."""
    paper = fresh_newspaper()
    get(paper.url("/gone404/a?b=c"), User_Agent="tester", Accept_Encoding="br")
    with pytest.raises(RemoteDisconnected):
        get(paper.url("/drop"))
    assert paper.counts() == {"/gone404/a?b=c": 1, "/drop": 1}
    first, second = paper.requests()
    assert (first.n, first.path, first.status) == (1, "/gone404/a?b=c", 404)
    assert (first.user_agent, first.accept_encoding) == ("tester", "br")
    assert (second.n, second.status, second.deed) == (2, None, "drop")
    assert first.host in paper.hosts


def test_connection_is_kept_between_requests(newspaper: NewspaperServer) -> None:
    """HTTP/1.1 keep-alive: one connection carries several requests, HEAD and 304 included."""
    talk = HTTPConnection(newspaper.base_url().removeprefix("http://"), timeout=30)
    try:
        for method, path in [("GET", "/"), ("HEAD", "/"), ("GET", "/status/304"), ("GET", "/")]:
            talk.request(method, path)
            answer = talk.getresponse()
            answer.read()
            assert not answer.will_close
    finally:
        talk.close()


def test_refuse_and_accept(fresh_newspaper: Fresh) -> None:
    """A server that refuses gives no connection; it comes back on the same port."""
    paper = fresh_newspaper()
    paper.refuse()
    with pytest.raises(ConnectionRefusedError):
        get(paper.url("/"))
    paper.accept()
    assert get(paper.url("/")).status == 200


def test_server_dies_with_its_parent() -> None:
    """A server whose parent is killed sees the end of its input and goes."""
    code = (
        "import os, signal; from crawler.demo.launch import start_newspaper\n"
        f"server = start_newspaper({fresh_hosts()!r})\n"
        "print(server.base_url(), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    # run() returned, so nobody holds its stderr pipe any more: the server had inherited it.
    with pytest.raises(ConnectionRefusedError):
        get(f"{done.stdout.strip()}/")


def test_port_in_use_is_an_error(newspaper: NewspaperServer) -> None:
    """A server that cannot listen ends, and its starter is told."""
    host, _, port = newspaper.base_url().removeprefix("http://").partition(":")
    with pytest.raises(RuntimeError, match="ended before it listened"):
        start_archive((host,), port=int(port))
