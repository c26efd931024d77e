"""The mock newspaper: `python -m crawler.demo.newspaper --host 127.0.0.2 --port 0`.

One process may serve several hosts. Routes are named by what they do; see routes_*.py.
"""

import argparse
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from crawler.demo import (
    robots,
    routes_bytes,
    routes_faults,
    routes_lists,
    routes_lookalikes,
    routes_pages,
    routes_redirects,
)
from crawler.demo.control import PREFIX, control
from crawler.demo.http1 import Answer, Handler, Reply, Request
from crawler.demo.journal import Journal
from crawler.demo.process import Listeners, parser, run
from crawler.demo.site import Call, Disguise, Newspaper, Routes

ROUTES: Routes = {
    **routes_lists.ROUTES,
    **routes_pages.ROUTES,
    **routes_redirects.ROUTES,
    **routes_lookalikes.ROUTES,
    **routes_bytes.ROUTES,
    **routes_faults.ROUTES,
}


def respond(paper: Newspaper, request: Request) -> Answer:
    """Return the answer of the route a path names; unknown paths get an honest 404."""
    path = paper.unmasked(request.path)
    first, *rest = unquote(path).strip("/").split("/")
    route = ROUTES.get(first, routes_pages.missing)
    try:
        return route(Call(paper=paper, request=request, path=path, parts=tuple(rest)))
    except ValueError as problem:  # a number that is none, in the path or the query
        return Reply(status=HTTPStatus.BAD_REQUEST, body=str(problem).encode())


def body_of(origin: str, path: str, articles: int) -> bytes:
    """Return the body a newspaper at `origin` gives for a path; TypeError for a raw fault."""
    host = origin.removeprefix("http://")
    name, _, port = host.partition(":")
    request = Request(
        method="GET", target=path, headers={"host": host}, address=name, port=int(port or 80)
    )
    answer = respond(Newspaper(articles=articles), request)
    if not isinstance(answer, Reply):
        raise TypeError(f"{path} has no body: it does {answer.name}")
    return answer.body


class Switches:
    """What POST /_control/<name> may change in a running newspaper."""

    def __init__(self, paper: Newspaper) -> None:
        self._paper = paper

    def robots(self, wish: dict[str, Any]) -> object:
        """{"host": ..., "mode": ...}: another robots.txt from now on."""
        robots.answer(wish["mode"], "")
        self._paper.robots[wish["host"]] = wish["mode"]
        return wish["mode"]

    def behave(self, wish: dict[str, Any]) -> object:
        """{"path": ..., "as": another path or null, "times": n or left out}: a disguise."""
        if wish["as"] is None:
            return self._paper.disguises.pop(wish["path"], None) is not None
        self._paper.disguises[wish["path"]] = Disguise(path=wish["as"], times=wish.get("times"))
        return wish["as"]

    def reset(self, _wish: dict[str, Any]) -> object:
        """Forget counters and disguises."""
        self._paper.asked.clear()
        self._paper.disguises.clear()
        return "reset"


def handler(paper: Newspaper, journal: Journal) -> Handler:
    """Return the function that answers, and logs, every request."""
    on = Switches(paper)
    switches = {"robots": on.robots, "behave": on.behave, "reset": on.reset}

    def handle(request: Request) -> Answer:
        if request.path.startswith(PREFIX):
            return control(request, journal, switches)
        answer = respond(paper, request)
        journal.record(request, answer)
        return answer

    return handle


def robots_mode(text: str) -> tuple[str, str]:
    """Parse HOST=MODE. Raises ArgumentTypeError."""
    host, _, mode = text.partition("=")
    try:
        robots.answer(mode, "")
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem
    return host, mode


def main() -> None:
    """Serve until told to stop."""
    options = parser("Serve a made-up newspaper on loopback.", "127.0.0.2")
    options.add_argument("--articles", type=int, default=300, help="how many are linked and listed")
    options.add_argument(
        "--robots", type=robots_mode, action="append", default=[], metavar="HOST=MODE"
    )
    chosen = options.parse_args()
    paper = Newspaper(articles=chosen.articles, robots=dict(chosen.robots))
    handle = handler(paper, Journal(chosen.log))
    listeners = Listeners(chosen.host or [chosen.default_host], chosen.port, handle)
    run(listeners, exit_with_parent=chosen.exit_with_parent)


if __name__ == "__main__":
    main()
