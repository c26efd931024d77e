"""Fixtures every test may use: the demo servers, and the switch for the long forms."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from support.servers import fresh_hosts

from crawler.demo.launch import ArchiveServer, NewspaperServer, start_archive, start_newspaper

pytest_plugins = ["support.databases"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --long, which also runs what is marked `long`."""
    parser.addoption("--long", action="store_true", help="run the long forms of the tests too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `long`, unless it is asked for."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.fixture(scope="session")
def newspaper() -> Iterator[NewspaperServer]:
    """A newspaper on two hosts, shared by the session: read its pages, do not turn its switches."""
    with start_newspaper(fresh_hosts(2), articles=60) as server:
        yield server


@pytest.fixture
def fresh_newspaper() -> Iterator[Callable[..., NewspaperServer]]:
    """Start newspapers of the test's own: `fresh_newspaper(hosts=2, articles=300, robots=...)`.

    `hosts` is a number. `robots` is one mode for all hosts, or a mode for each in order.
    """
    with ExitStack() as running:

        def start(
            hosts: int = 1, articles: int = 300, robots: str | tuple[str, ...] = ()
        ) -> NewspaperServer:
            names = fresh_hosts(hosts)
            modes = (robots,) * hosts if isinstance(robots, str) else robots
            server = start_newspaper(
                names, articles=articles, robots=dict(zip(names, modes, strict=False))
            )
            return running.enter_context(server)

        yield start


@pytest.fixture
def archive() -> Iterator[ArchiveServer]:
    """An empty Internet Archive of the test's own; fill it with `archive.hold(...)`."""
    with start_archive(fresh_hosts()) as server:
        yield server
