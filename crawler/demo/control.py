"""The switches under /_control/. Requests to them are not logged."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from crawler.demo.http1 import Reply, Request
from crawler.demo.journal import Journal

PREFIX = "/_control/"
JSON = "application/json"

Switch = Callable[[dict[str, Any]], object]


def answer_json(value: object, status: int = 200) -> Reply:
    """Return a value as a JSON reply."""
    return Reply(status=status, body=json.dumps(value).encode(), media_type=JSON)


def control(request: Request, journal: Journal, switches: Mapping[str, Switch]) -> Reply:
    """Answer GET /_control/requests, or POST /_control/<switch> with a JSON object.

    A switch that raises KeyError, ValueError or OSError gives 400 with the message.
    """
    name = request.path.removeprefix(PREFIX)
    if name == "requests":
        return answer_json(journal.summary())
    if name not in switches:
        return answer_json({"error": f"no switch {name!r}", "known": sorted(switches)}, 404)
    try:
        return answer_json({"ok": switches[name](json.loads(request.body or b"{}"))})
    except (KeyError, ValueError, TypeError, OSError) as problem:
        return answer_json({"error": repr(problem)}, HTTPStatus.BAD_REQUEST)
