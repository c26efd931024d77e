"""The demo's play: what befalls each page of the little newspaper, and what must come of it.

Every case is set up on the servers themselves; the crawl that meets it knows of nothing. The known
answer stands here once, beside what causes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from crawler.core.words import Liveness
from crawler.demo.launch import ArchiveServer, NewspaperServer
from crawler.demo.pages import plain_article
from crawler.demo.prose import Story, story
from crawler.demo.routes_pages import founding_path

LIVE, ARCHIVE = "live", "demo-archive"
"""The sources a text can have in the demo: the paper itself, or its archive by name."""
ARTICLES = 24

_L = Liveness
_WITHIN = timedelta(days=2)  # after publication the archive took its copies
_LATER = timedelta(days=400)  # and, of one page, another one when it was gone already


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One page of the play. `answers` is the path whose answer it gives; empty: its own."""

    about: str  # in a few words, for the table
    number: int = 0  # of the story; 0: a page that is not listed, at `path`
    path: str = ""
    answers: str = ""  # with {slug} and {language} of the story
    liveness: Liveness = _L.ALIVE
    source: str | None = LIVE  # of the text; None: none is held
    held: bool = False  # by the archive, from when it lived
    held_dead: bool = False  # and again, newer, as the notice that took its place

    @property
    def told(self) -> Story:
        """The story a listed page tells."""
        return story(self.number)

    @property
    def where(self) -> str:
        """The path of the page."""
        return self.path or self.told.path


def _dead(about: str, number: int, answers: str, liveness: Liveness, *, held: bool = True) -> Case:
    source = ARCHIVE if held else None
    return Case(
        about=about, number=number, answers=answers, liveness=liveness, source=source, held=held
    )


BEFALLEN = (
    _dead("gone, 404", 5, "/gone404/{slug}", _L.GONE),
    _dead("gone, 410", 10, "/gone410/{slug}", _L.GONE),
    _dead("gone, but answers 200", 15, "/soft404/founding/{language}/{slug}", _L.SOFT_GONE),
    replace(
        _dead(
            "answers 200, as does the newest copy",
            20,
            "/soft404/heading/{language}/{slug}",
            _L.SOFT_GONE,
        ),
        held_dead=True,
    ),
    _dead("sends all to the front page", 12, "/redirect-home", _L.SOFT_GONE),
    _dead("gone, and no archive has it", 22, "/gone404/{slug}", _L.GONE, held=False),
    Case(
        about="never answers",
        number=17,
        answers="/hang",
        liveness=_L.UNREACHABLE,
        source=None,
    ),
    Case(
        about="behind a paywall, its beginning kept",
        number=19,
        answers="/paywall/{language}/{slug}",
        liveness=_L.PAYWALLED,
    ),
)
"""Stories that the paper lists and that are not, or not simply, there any more."""

UNLISTED = (
    *(
        Case(about='ends in "not available", and lives', path=founding_path(layout, language))
        for layout, language in zip(("end-of-page", "end-of-body"), ("en", "fr"), strict=True)
    ),
    Case(about="moved", path=f"/moved/3/{story(3).slug}", liveness=_L.MOVED, source=None),
    Case(
        about="forbidden by robots.txt",
        path="/robots-denied/minutes-of-the-harbour-board",
        liveness=_L.DISALLOWED,
        source=None,
    ),
)
"""Pages that no front page, feed or sitemap names: as from an old list of links."""

SPELLINGS = ("?utm_source=newsletter&utm_medium=email", "#comments")
"""Other spellings of the first story's address, named as well: no page of their own."""


def cases() -> tuple[Case, ...]:
    """Return every page of the play: the befallen, the unlisted, and all that simply live."""
    befallen = {case.number for case in BEFALLEN}
    living = (
        Case(about=f"lives, in {story(number).language}", number=number)
        for number in range(1, ARTICLES + 1)
        if number not in befallen
    )
    return (*BEFALLEN, *UNLISTED, *living)


def seeds(paper: NewspaperServer) -> Iterator[str]:
    """Yield what the crawl is told: the paper's front page, and the old list of links."""
    yield paper.url("/")
    yield from (paper.url(case.where) for case in UNLISTED)
    yield from (paper.url(story(1).path) + spelling for spelling in SPELLINGS)


def set_up(paper: NewspaperServer, archive: ArchiveServer) -> None:
    """Let befall each page what the play says, after the archive has taken its copies."""
    for case in BEFALLEN:
        if case.held:
            _take(paper, archive, case, _WITHIN)
        paper.behave(case.where, _answer(case))
        if case.held_dead:
            when = f"{case.told.published + _LATER:%Y%m%d%H%M%S}"
            archive.hold(paper.url(case.where), when, paper.page(_answer(case)))
    # Once the archive asks for patience; then it answers.
    archive.fault("429", on="cdx", count=1, retry_after=1)


def _take(paper: NewspaperServer, archive: ArchiveServer, case: Case, after: timedelta) -> None:
    page = plain_article(case.told, paper.url(case.where), ARTICLES)
    archive.hold(paper.url(case.where), f"{case.told.published + after:%Y%m%d%H%M%S}", page)


def _answer(case: Case) -> str:
    return case.answers.format(slug=case.told.slug, language=case.told.language)
