"""Headers have a bound: a server that sends them for ever is cut off, not kept in memory."""

from support.fetch_run import outcomes, run
from support.wire import Talk, Wire, raw

from crawler.fetching.heads import MAX_HEAD

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
SETTINGS = {"NEWSMORGUE_ALLOW_PRIVATE": ["127.0.0.2/32"], "NEWSMORGUE_ROBOTS_ENABLED": False}
LINE = b"X-Flood: " + b"f" * 1000 + b"\r\n"
BUFFERED = 16 * 1024 * 1024  # bytes that may lie in the system's buffers between the two


def test_endless_headers_are_cut_off() -> None:
    """The connection is given up at the bound, and the visit says that the answer is not HTTP."""
    sent = [0]

    def flood(talk: Talk) -> None:
        going = talk.send(HEAD)
        while going:
            going = talk.send(LINE)
            sent[0] += len(LINE)

    with Wire({"*": flood}, host="127.0.0.2") as server:
        answer = run([server.url("/flood")], settings=SETTINGS)
    assert outcomes(answer) == ["protocol_error"]
    assert sent[0] < MAX_HEAD + BUFFERED


def test_endless_interim_answers_are_cut_off() -> None:
    """Answers that only announce another one count as the head of it."""

    def announce(talk: Talk) -> None:
        going = True
        while going:
            going = talk.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    with Wire({"*": announce}, host="127.0.0.2") as server:
        answer = run([server.url("/continue")], settings=SETTINGS)
    assert outcomes(answer) == ["protocol_error"]


def test_long_headers_below_the_bound_are_read() -> None:
    """A page with many headers is a page all the same; its body does not count."""
    body = b"x" * (MAX_HEAD + 1)
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    whole = HEAD + LINE * (MAX_HEAD // 2 // len(LINE)) + length + body
    with Wire({"*": raw(whole)}, host="127.0.0.2") as server:
        answer = run([server.url("/long")], settings=SETTINGS)
    assert outcomes(answer) == [200]
