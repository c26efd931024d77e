"""The spider as Scrapy's own command runs it, on a site with seeds."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.cli import ROOT
from support.crawls import Home
from support.servers import fresh_hosts

from crawler.demo.launch import NewspaperServer, start_newspaper

ARTICLES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A crawled site, and what Scrapy's command left."""

    home: Home
    paper: NewspaperServer
    code: int
    err: str


def scrapy(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `scrapy ARGUMENTS` in the checkout with a home named by the environment."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("NEWSMORGUE_")}
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=ROOT,
        env={**inherited, "NEWSMORGUE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A front page and what it links to, crawled by `scrapy crawl news -a site=courier`."""
    home = Home(tmp_path_factory.mktemp("site"))
    with start_newspaper(fresh_hosts(2), articles=ARTICLES) as paper:
        home.configure(sites=[{"name": "courier", "seeds": [paper.url("/")]}])
        done = scrapy(home.path, "crawl", "news", "-a", "site=courier")
        yield Site(home=home, paper=paper, code=done.returncode, err=done.stderr)


def test_scrapy_crawl_ends_well(site: Site) -> None:
    """`scrapy crawl news -a site=NAME` works from the checkout, quietly, and ends in 0."""
    assert (site.code, site.err) == (0, "")
    harvest = site.home.harvest()
    assert (harvest["finish_reason"], harvest["exit_code"]) == ("finished", 0)
    assert harvest["tally"] == {"fetched": len(site.home.rows("SELECT id FROM visit"))}
    assert harvest["discovered"] == harvest["tally"]["fetched"] + harvest["still_due"]


def test_the_seed_is_read_for_its_links(site: Site) -> None:
    """The front page is a `discover` visit: no article of its own, its links are pages."""
    seed = site.home.visit(site.paper.url("/"), "discover")
    assert seed["outcome"] == "fetched"
    assert site.home.articles(site.paper.url("/")) == []
    found = site.home.rows("SELECT * FROM resource WHERE found_how = 'link'")
    assert {row["found_on"] for row in found} == {seed["resource_id"]}
    assert {row["headline"] is None for row in found} == {False}


def test_every_article_linked_is_stored_under_its_site(site: Site) -> None:
    """All stories of the front page are articles of the site, each visited once."""
    urls = sorted(site.paper.urls(ARTICLES))
    stored = site.home.rows("SELECT url, site, state FROM articles WHERE url LIKE '%/article/%'")
    assert sorted(row["url"] for row in stored) == urls
    assert {(row["site"], row["state"]) for row in stored} == {("courier", "alive")}
    counts = site.paper.counts()
    assert [counts[url.removeprefix(site.paper.base_url())] for url in urls] == [1] * ARTICLES


def test_the_crawl_stays_on_its_host(site: Site) -> None:
    """Links to the same host only are followed, and only from pages read for their links."""
    hosts = {row["host"] for row in site.home.rows("SELECT host FROM resource")}
    assert hosts == {next(iter(site.paper.hosts))}
    assert {asked.host for asked in site.paper.requests()} == hosts


def test_the_stats_of_scrapy_are_not_the_truth(site: Site) -> None:
    """Scrapy leaves no job directory, feed or cache behind: the morgue is all there is."""
    assert {path.name for path in site.home.path.iterdir()} <= {
        "newsmorgue.toml",
        "newsmorgue.db",
        "newsmorgue.db-wal",
        "newsmorgue.db-shm",
        "warc",
    }
    assert not list((site.home.path / "warc").glob("*.open"))


def test_a_site_that_is_not_configured_is_named(site: Site) -> None:
    """An unknown site ends Scrapy's command with a code that is not 0 and says which."""
    done = scrapy(site.home.path, "crawl", "news", "-a", "site=gazette")
    assert done.returncode != 0
    assert "there is no site named 'gazette'" in done.stderr
    assert len(site.home.rows("SELECT id FROM harvest")) == 1
