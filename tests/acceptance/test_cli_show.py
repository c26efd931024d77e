"""`newsmorgue show` and `status` as an archivist reads them: each line says what it is about."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.crawls import Home, asks
from support.servers import fresh_hosts

from crawler.demo.launch import start_archive, start_newspaper

PATHS = {
    "moved": "/moved/6/council-votes-for-new-harbour-wall",
    "target": "/article/6/council-votes-for-new-harbour-wall",
    "paywalled": "/paywall/en/a-new-hall-for-the-town-with-doubts",
    "soft": "/soft404/founding/en/harbour-wall-story-again",
    "dead": "/gone410/9/a-story-nobody-took-in",
    "founding": "/founding/end-of-body/en",
}
BAD, GOOD = "20190103040506", "20200103040506"


@dataclass(frozen=True)
class Shown:
    """A crawled morgue and the addresses in it."""

    home: Home
    urls: dict[str, str]

    def show(self, name: str) -> dict[str, list[str]]:
        """Return what `show` prints of a page: values by name, in order, however often."""
        ran = self.home.run("show", self.urls[name])
        assert (ran.code, ran.err) == (0, "")
        found: dict[str, list[str]] = {}
        name = ""
        for line in ran.out.splitlines():
            words = line.strip().split("  ", 1)
            if line.startswith("    ") or not line:
                found.setdefault(name, []).extend(filter(None, [line.strip()]))
                continue
            name = words[0]
            found.setdefault(name, []).extend(word.strip() for word in words[1:])
        return found


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """One page of each kind. Of the disguised one the archive's oldest copy is disguised, too."""
    home = Home(tmp_path_factory.mktemp("shown"))
    with ExitStack() as stack:
        paper = stack.enter_context(start_newspaper(fresh_hosts(), articles=60))
        archive = stack.enter_context(start_archive(fresh_hosts()))
        urls = {name: paper.url(path) for name, path in PATHS.items()}
        archive.hold(urls["soft"], GOOD, paper.page("/article/5/x"))
        archive.hold(urls["soft"], BAD, paper.page(PATHS["soft"]))
        home.configure(archives=[asks(archive)])
        ran = home.crawl_list([url for name, url in urls.items() if name != "target"])
        assert ran.code == 0, ran.err
        yield Shown(home, urls)


def test_a_recovered_page_has_its_proof(shown: Shown) -> None:
    """State, source, copy, refused copies with the reason, evidence and place of the bytes."""
    page = shown.show("soft")
    assert page["page"] == [shown.urls["soft"]]
    assert page["state"][0].startswith("suspected: 1 failure since 20")
    assert "soft_gone, HTTP 200" in page["last visit"][0]
    assert "from the archive wayback, captured 2020-01-03T04:05:06Z" in page["text"][0]
    (accepted,) = page["accepted"]
    assert f"/{GOOD}id_/" in accepted
    assert accepted in page["copy"]
    (refused,) = page["refused"]
    assert refused.startswith("known_error_page: ")
    assert f"/{BAD}id_/" in refused
    assert any("the same as at" in line for line in page["evidence"])
    assert all(line.startswith("warc/newsmorgue-") for line in page["bytes"])


def test_a_moved_page_says_where_to(shown: Shown) -> None:
    """The old address names the new one and its hops; the new one names the old."""
    page = shown.show("moved")
    assert page["moved to"][0].startswith(shown.urls["target"])
    assert page["hops"] == [f"301 {shown.urls['moved']}"]
    there = shown.show("target")
    assert there["also known as"] == [f"{shown.urls['moved']} (moved)"]
    assert "came by way of another address" in there["last visit"][0]


def test_a_paywalled_text_is_called_a_beginning(shown: Shown) -> None:
    """Nobody takes a stub for the whole article."""
    page = shown.show("paywalled")
    assert page["state"] == ["alive"]
    assert page["text"][0].endswith("only its beginning")
    assert page["text"][1].endswith("only the beginning")
    assert page["evidence"] == ["in json_ld: isAccessibleForFree: false"]


def test_a_dead_page_says_what_is_left_to_try(shown: Shown) -> None:
    """No text, the archive's answer, and when page and archive are asked again."""
    page = shown.show("dead")
    assert page["text"] == ["none"]
    assert [line.split()[0] for line in page["next"]] == ["lookup", "visit"]
    assert page["captures"] == ["0"]
    assert page["ask again"]


def test_what_was_cut_out_is_shown(shown: Shown) -> None:
    """The notice of the founding case stands beside its version, with its place."""
    page = shown.show("founding")
    assert any(line.startswith("not_found, after the article: ") for line in page["cut out"])


def test_status_is_a_summary_in_words(shown: Shown) -> None:
    """Sums and what they are made of, what is due, and the runs with their outcomes."""
    ran = shown.home.run("status")
    lines = dict(line.split("  ", 1) for line in ran.out.splitlines()[:7])
    assert lines["pages"].strip() == "6: 3 alive, 1 dead, 1 moved, 1 suspected"
    assert lines["texts"].strip() == "4: 3 live, 1 wayback"
    assert lines["lost"].strip().startswith("2 suspected or dead")
    assert lines["archives"].strip() == "2: 1 has, 1 has_not"
    assert "Latest runs" in ran.out
    assert "finished, exit code 0" in ran.out


def test_the_json_keeps_its_form(shown: Shown) -> None:
    """Programs read the same keys as ever: the layout for people changes nothing."""
    life = json.loads(shown.home.run("show", shown.urls["soft"], "--json").out)
    first = ["page", "due", "aliases", "visits", "versions", "archive_lookups"]
    assert list(life) == [*first, "changes"]
    status = json.loads(shown.home.run("status", "--json").out)
    assert list(status) == [
        "pages",
        "articles",
        "archive_lookups",
        "changes",
        "quarantined",
        "due_now",
        "next_due_at",
        "harvests",
    ]


def test_an_empty_morgue_has_a_status(tmp_path: Path) -> None:
    """Right after init there is nothing, and it says so."""
    home = Home(tmp_path)
    assert home.run("init").code == 0
    ran = home.run("status")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "pages     none",
        "texts     none",
        "changes   none",
        "due now   0",
        "next due  nothing is planned",
    ]
