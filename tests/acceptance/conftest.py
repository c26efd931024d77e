"""The one crawl of every route of the newspaper, which several modules look at."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.crawls import Home, asks
from support.routes import MAX_SIZE, READING, SITES, TIMEOUT, Crawled, cases
from support.servers import fresh_hosts

from crawler.demo.launch import start_archive, start_newspaper


@pytest.fixture(scope="session")
def every_route(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """Every route of the newspaper, crawled once with an archive that holds nothing."""
    home = Home(tmp_path_factory.mktemp("routes"))
    with ExitStack() as stack:
        names = fresh_hosts(len(SITES))
        robots = dict(zip(names, SITES.values(), strict=True))
        paper = stack.enter_context(start_newspaper(names, articles=60, robots=robots))
        archive = stack.enter_context(start_archive(fresh_hosts()))
        home.configure(
            archives=[asks(archive)],
            fetch={"timeout": TIMEOUT, "max_size": MAX_SIZE},
            reading={"time_limit": READING},
        )
        listed = cases(paper)
        ran = home.crawl_list([case.url for case in listed], "--json")
        yield Crawled(
            home=home,
            ran=ran,
            paper=paper,
            archive=archive,
            cases=listed,
            asked=paper.requests(),
        )
