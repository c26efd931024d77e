"""Hostile answers and hostile addresses in a whole crawl: what is good is kept, nobody is let in.

`benchmarks/trust.py` has the long form: five hundred good pages, and everything opened once to
prove that the trap would catch.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import hostile
from support.crawls import Home
from support.entries import ENTRIES, FORMS, trapped
from support.hostile import Outcome, Scene
from support.servers import fresh_hosts

MEMORY = 400 * 1024 * 1024  # bytes
HOSTS = 8  # of them two with good pages


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, Outcome]]:
    """Good pages crawled among hostile ones."""
    folder = tmp_path_factory.mktemp("hostile")
    home = folder / "home"
    home.mkdir()
    with hostile.staged(fresh_hosts(HOSTS), folder / "secret", each=10, few=True) as scene:
        yield scene, hostile.crawled(scene, home, delay=0)


def test_every_good_page_is_stored(beside: tuple[Scene, Outcome]) -> None:
    """Bombs, drips, floods and lies cost no page of another host."""
    scene, left = beside
    assert left.stored == len(scene.good) == 20


def test_every_hostile_address_has_one_outcome(beside: tuple[Scene, Outcome]) -> None:
    """Each is in the morgue with one visit, and that says why it ended so."""
    _, left = beside
    assert left.odd == []


def test_memory_stays_bounded(beside: tuple[Scene, Outcome]) -> None:
    """No answer makes the process that moves the bytes grow beyond its bound."""
    _, left = beside
    assert left.probe["rss"] < MEMORY


def test_no_local_file_is_read(beside: tuple[Scene, Outcome]) -> None:
    """What an XML entity or a redirect names on this machine is nowhere in the database."""
    scene, left = beside
    assert any("xxe" in url for url in scene.lists)
    for path in left.home.path.glob("newsmorgue.db*"):
        assert hostile.SECRET.encode() not in path.read_bytes()


def test_no_entry_reaches_a_refused_address(tmp_path: Path) -> None:
    """Twelve ways to name an address, in 24 spellings: nobody so much as connects to the canary."""
    hosts = fresh_hosts(2)
    assert (len(ENTRIES), len(FORMS)) == (12, 24)
    with trapped(*hosts) as trap:
        home = Home(tmp_path)
        trap.crawl(home, allow=[f"{host}/32" for host in hosts])
        assert trap.connections == 0
        refused = home.one("SELECT count(*) FROM visit WHERE outcome = 'refused_address'")
        assert refused > len(FORMS)
        assert {"/", "/feed.xml", "/index.xml", "/robots.txt"} <= set(trap.paper.paths())
        assert any(path.startswith("/web/") for path in trap.archive.paths())
