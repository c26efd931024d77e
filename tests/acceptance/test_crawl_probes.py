"""Sites that answer 200 for what is not there, in a language without any phrase of ours."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

import pytest
from support.crawls import Home
from support.papers import HTML
from support.servers import fresh_hosts
from support.warcs import records
from support.wire import Route, Talk, Wire, page, redirect

# Made-up prose in Basque: none of the notices' languages, none of the addresses' words.
_PROSE = (
    "Herriko plazan bildu ziren atzo auzotar guztiak eta luze hitz egin zuten zubi berriaz.",
    "Alkateak esan zuen lanak udazkenean hasiko direla eta bi urte iraungo dutela gutxienez.",
    "Merkatariak kezkatuta daude kaleak itxita egongo direlako eta salmentak jaitsiko direlako.",
    "Ikasleek ere parte hartu zuten eta autobus geltoki berri bat eskatu zuten eskola ondoan.",
)
DEAD = ("/albiste/700101.html", "/albiste/700102.html", "/albiste/700103.html")


def story(number: int) -> Route:
    """Return an article without any metadata: a headline and prose of its own."""
    texts = [f"{text} {_PROSE[(number + place) % 4]}" for place, text in enumerate(_PROSE)]
    turned = texts[number % 4 :] + texts[: number % 4]
    return _page(f"Zubia eta plaza {_LETTERS[number]}", turned)


_LETTERS = ("bat", "bi", "hiru", "lau", "bost")


def _page(title: str, texts: list[str], cards: str = "") -> Route:
    body = "".join(f"<p>{escape(text)}</p>" for text in texts)
    html = (
        f"<!DOCTYPE html><html lang=eu><head><title>{title}</title></head><body>"
        f"<h1>{title}</h1>{body}{cards}</body></html>"
    )
    return page(html.encode(), Content_Type=HTML)


LIVING = {f"/albiste/70000{number}.html": story(number) for number in range(3)}


def front() -> Route:
    """Return a front page whose teasers are others each time it is asked for."""
    count = 0

    def answer(talk: Talk) -> None:
        nonlocal count
        count += 1
        cards = "".join(
            f'<li class="card"><a href="/albiste/{70000 + one}.html"><h3>Albistea {one}</h3></a>'
            f"<p>{_PROSE[(count + one) % 4]}</p></li>"
            for one in range(8)
        )
        _page("Eguneko Albisteak", [], f"<ul>{cards}</ul>")(talk)

    return answer


@contextmanager
def paper(otherwise: Route) -> Iterator[Wire]:
    """Serve three living stories and a front page; all else gets `otherwise`."""
    routes = {**LIVING, "/": front(), "/robots.txt": page(b"", 404), "*": otherwise}
    with Wire(routes, host=fresh_hosts()[0]) as server:
        yield server


def crawled(server: Wire, home: Home, paths: list[str], **tables: object) -> Home:
    """Crawl these paths of a server."""
    home.configure(**tables)  # type: ignore[arg-type]
    ran = home.crawl_list([server.url(path) for path in paths])
    assert ran.code == 0, ran.err
    return home


def bogus(server: Wire) -> list[str]:
    """Return what was asked for that no test named."""
    known = {*LIVING, *DEAD, "/", "/robots.txt"}
    return [path for path in server.paths() if path not in known]


def said(home: Home, path: str) -> tuple[str, str]:
    """Return liveness and reason of the last visit of a path."""
    query = "SELECT liveness, reason FROM visits WHERE url LIKE ? ORDER BY visit_id DESC LIMIT 1"
    [row] = home.rows(query, f"%{path}")
    return row["liveness"], row["reason"]


ALL = [*LIVING, *DEAD]


@pytest.mark.parametrize("build", [front, lambda: _page("Hara", [_PROSE[0][:70]])])
def test_what_answers_200_for_anything_is_found_out(
    tmp_path: Path, build: Callable[[], Route]
) -> None:
    """One probe tells the living from the dead where no word and no address does."""
    home = Home(tmp_path)
    with paper(build()) as server:
        crawled(server, home, ALL)
        assert len(bogus(server)) == 1
    for path in DEAD:
        assert said(home, path) == ("soft_gone", "known_error_page")
    for path in LIVING:
        assert said(home, path)[0] == "alive"
    stored = home.rows("SELECT url FROM articles")
    assert len(stored) == len(LIVING)
    assert home.one("SELECT count(*) FROM resource") == len(ALL)
    assert home.one("SELECT honest_404 FROM host") == 0


def test_an_honest_host_is_asked_once(tmp_path: Path) -> None:
    """A real 404 for the bogus address settles the doubt; the living stay alive."""
    with paper(page(b"ez dago", 404)) as server:
        home = crawled(server, Home(tmp_path), ALL)
        assert len(bogus(server)) == 1
        home.pass_time()
        assert home.run("crawl").code == 0
        assert len(bogus(server)) == 1
    assert {said(home, path)[0] for path in LIVING} == {"alive"}
    assert {said(home, path) for path in DEAD} == {("gone", "http_404")}
    assert home.one("SELECT honest_404 FROM host") == 1


def test_a_host_that_leads_all_to_one_list_is_found_out(tmp_path: Path) -> None:
    """Where the bogus address is led to, the dead are led to as well."""
    with paper(redirect("/")) as server:
        home = crawled(server, Home(tmp_path), ALL)
        assert len(bogus(server)) == 1
    assert {said(home, path)[0] for path in LIVING} == {"alive"}
    assert {said(home, path)[0] for path in DEAD} == {"soft_gone"}
    [known] = json.loads(home.one("SELECT error_pages FROM host"))
    assert known["final_url"] == server.url("/")


def test_a_window_of_nothing_asks_in_every_run(tmp_path: Path) -> None:
    """With `probe_window` 0 a run takes no earlier run's word, and asks once."""
    with paper(page(b"ez dago", 404)) as server:
        home = crawled(server, Home(tmp_path), [*LIVING], judge={"probe_window": 0})
        home.pass_time()
        assert home.run("crawl").code == 0
        assert len(bogus(server)) == 2


def test_what_teaches_nothing_is_no_death(tmp_path: Path) -> None:
    """A host that refuses the bogus address teaches nothing, and is not asked again at once."""
    with paper(page(b"ez", 403)) as server:
        home = crawled(server, Home(tmp_path), [*LIVING])
        assert len(bogus(server)) == 1
    assert {said(home, path)[0] for path in LIVING} == {"alive"}
    [probe] = json.loads(home.one("SELECT probes FROM host"))
    assert (probe["status"], probe["lesson"]) == (403, "nothing")


def test_robots_are_obeyed_by_probes(tmp_path: Path) -> None:
    """No bogus address is asked for that robots.txt disallows."""
    lines = "User-agent: *\nDisallow: /\n" + "".join(f"Allow: {path}\n" for path in ALL)
    routes = {**LIVING, "/robots.txt": page(lines.encode()), "*": front()}
    with Wire(routes, host=fresh_hosts()[0]) as server:
        crawled(server, Home(tmp_path), ALL)
        assert bogus(server) == []


def test_a_page_under_many_addresses_is_nobodys(tmp_path: Path) -> None:
    """Without probes the third showing tells; the first two are visited anew and taken back."""
    home = Home(tmp_path)
    texts = [f"{one} {other}" for one in _PROSE for other in _PROSE]
    with paper(_page("Hara", texts)) as server:
        crawled(server, home, ALL, judge={"probe": False})
        assert bogus(server) == []
        asked = [path for path in server.paths() if path in DEAD]
    assert sorted(Counter(asked).values()) == [1, 2, 2]
    assert {said(home, path)[0] for path in DEAD} == {"soft_gone"}
    assert len(home.rows("SELECT url FROM articles")) == len(LIVING)
    told = home.rows("SELECT kind, version FROM changes WHERE kind = 'withdrawn'")
    assert told == [{"kind": "withdrawn", "version": 1}] * 2
    held = home.rows("SELECT url FROM resource WHERE has_complete_version AND state <> 'alive'")
    assert held == []


def test_the_probe_is_in_the_evidence_and_in_the_warc(tmp_path: Path) -> None:
    """`show` tells the bogus address, its answer and what it taught; its bytes are kept."""
    with paper(front()) as server:
        home = crawled(server, Home(tmp_path), [DEAD[0]])
        [asked] = bogus(server)
    shown = home.run("show", server.url(DEAD[0])).out
    assert f"{server.url(asked)}: 200, page" in shown
    [file] = (home.path / "warc").iterdir()
    kept = [one for one in records(file) if one.kind == "response"]
    urls = [one.fields["WARC-Target-URI"] for one in kept]
    assert [url for url in urls if "robots" not in url] == [server.url(asked), server.url(DEAD[0])]
