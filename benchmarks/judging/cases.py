"""The cases: what a site may answer at an article's address, made of its own living page.

Everything is drawn by a seed made of the page's name and the kind of case. Words come from the
half of wordings.toml and lookalikes.toml that the page's domain belongs to.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlsplit

from crawler.core.probing import bogus_url
from crawler.core.words import Liveness
from judging import frames, layouts, lookalikes, wordings
from judging.layouts import Offer
from judging.surgery import Anatomy, dissect, plain, readdress, site_name, write
from judging.values import Case, Source, Split
from judging.wordings import Wording

SEED = b"measure of the judge"  # of the bogus addresses
LIVING = ("living", "living notice", "living banner", "about")
SOFT = (
    "soft chrome", "soft paragraph", "soft front", "soft most read", "soft teasers",
    "soft redirect",
)  # fmt: skip
NOTICED = 3  # cases of a living page with a notice, for each page
EMPTIED = 2  # cases of a not-found page in the site's frame
OFFERS = 14
_FEW = 5
_LEAD = 170  # characters of a teaser
_NOT_FREE = re.compile(rb'isAccessibleForFree"?\s*:\s*"?false', re.IGNORECASE)
_GONE = frozenset({Liveness.SOFT_GONE, Liveness.GONE})


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A page to make cases of, with all others, whose headlines make the teasers."""

    source: Source
    anatomy: Anatomy
    pool: Sequence[Source]
    split: Split
    noticed: int = NOTICED  # cases of the living page with a notice

    @cached_property
    def site(self) -> str:
        """What the site is called."""
        return site_name(self.anatomy.root, self.host)

    @property
    def host(self) -> str:
        """The page's host."""
        return urlsplit(self.source.url).netloc

    def dice(self, kind: str, number: int = 0) -> random.Random:
        """Return a generator that depends on page and kind only."""
        return random.Random(f"{self.source.id}/{kind}/{number}")

    def offers(self, kind: str) -> list[Offer]:
        """Draw teasers of other pages, in the page's language where there are some."""
        others = [one for one in self.pool if one.title != self.source.title]
        same = [one for one in others if one.language == self.source.language]
        pool = same if len(same) >= _FEW else others
        drawn = self.dice(f"offers {kind}").sample(pool, min(OFFERS, len(pool)))
        return [_offer(one) for one in drawn]

    def wording(self, dice: random.Random, *, own: bool, kind: str = "") -> Wording | None:
        """Draw a notice in the page's own language, or in any."""
        language = self.source.language
        if not own or language not in wordings.languages():
            language = dice.choice(wordings.languages())
        return wordings.wording(dice, language, self.split, kind)

    def numbered(self, dice: random.Random) -> str:
        """Return an address that promises nothing: the same host, a number, no slug."""
        parts = urlsplit(self.source.url)
        return f"{parts.scheme}://{parts.netloc}/news/{dice.randrange(10**6, 10**8)}"

    def case(self, kind: str, body: bytes, expected: frozenset[Liveness], **more: object) -> Case:
        """Return a case at the page's own address."""
        made = Case(
            kind=kind, source=self.source, url=self.source.url, body=body, expected=expected,
            headline=self.source.title,
        )  # fmt: skip
        return replace(made, **more)  # type: ignore[arg-type]


def survey(
    source: Source, pool: Sequence[Source], *, noticed: int = NOTICED, split: Split | None = None
) -> Ground | None:
    """Cut a page open; None if its article cannot be found in it.

    `split` is whose words the cases are made with; left out, those of the page's own.
    """
    anatomy = dissect(source.body, source.text)
    if anatomy is None:
        return None
    words = split or source.split
    return Ground(source=source, anatomy=anatomy, pool=pool, split=words, noticed=noticed)


def cases_of(ground: Ground, kinds: Sequence[str] = ()) -> Iterator[Case]:
    """Yield all cases of a page, or those of some kinds. A kind may be one of look-alikes."""
    for kind, make in KINDS.items():
        if not kinds or kind in kinds:
            yield from make(ground)
    yield from (one for one in lookalikes.cases(ground) if not kinds or one.kind in kinds)


def _living(ground: Ground) -> Iterator[Case]:
    paid = {Liveness.PAYWALLED} if _NOT_FREE.search(ground.source.body) else set()
    soft = next(_soft_chrome(ground), None) if ground.dice("honest").random() < 0.5 else None
    yield ground.case(
        "living", ground.source.body, frozenset({Liveness.ALIVE, *paid}),
        headers=(("content-type", "text/html"),), probe=soft and soft.probe, is_honest=not soft,
    )  # fmt: skip


def _living_notice(ground: Ground) -> Iterator[Case]:
    for number in range(ground.noticed):
        dice = ground.dice("living notice", number)
        words = ground.wording(dice, own=number % 3 != 1)
        if words is None:
            continue
        place, markup = dice.choice(list(layouts.PLACES)), dice.choice(list(layouts.MARKUPS))
        helping = dice.choice(("none", "inside", "beside"))
        page = ground.anatomy.fresh()
        layouts.PLACES[place](page, layouts.notice(dice, words, markup, helping))
        url = ground.numbered(dice) if number % 3 == 2 else ground.source.url
        readdress(page.root, url)
        foreign = [words.heading, words.sentence, *([] if helping == "none" else [words.help])]
        if dice.random() < 0.5:
            layouts.skip_link(page, words)
            foreign.append(words.skip)
        soft = next(_soft_chrome(ground), None) if dice.random() < 0.5 else None
        yield ground.case(
            "living notice", write(page.root), frozenset({Liveness.ALIVE, Liveness.PAYWALLED}),
            variant=f"{place} x {markup} x help {helping}", language=words.language, url=url,
            foreign=tuple(foreign), probe=soft and soft.probe, is_honest=not soft,
        )  # fmt: skip


Frame = Callable[[Ground, random.Random, Wording, str, Sequence[Offer]], bytes]


def _soft(
    ground: Ground, kind: str, frame: Frame, *, number: int = 0, withdrawn: bool = False
) -> Iterator[Case]:
    """Yield a page without its article, and what the same host answers for a bogus sibling."""
    words = ground.wording(
        ground.dice(kind, number), own=number == 0, kind="withdrawn" if withdrawn else ""
    )
    if words is None:
        return
    seed = f"frame {kind}"
    url = ground.numbered(ground.dice(kind, number)) if number else ground.source.url
    sibling = bogus_url(url, SEED)
    body = frame(ground, ground.dice(seed, number), words, url, ground.offers(kind))
    probe = frame(ground, ground.dice(seed, number), words, sibling, ground.offers("probe"))
    expected = frozenset({Liveness.WITHDRAWN}) if withdrawn else _GONE
    yield ground.case(
        kind, body, expected, url=url, language=words.language,
        probe=None if withdrawn else probe, variant=f"{words.language} {number}",
    )  # fmt: skip


def _soft_chrome(ground: Ground) -> Iterator[Case]:
    for number in range(EMPTIED):
        yield from _soft(ground, "soft chrome", frames.with_notice, number=number)


def _soft_paragraph(ground: Ground) -> Iterator[Case]:
    yield from _soft(ground, "soft paragraph", frames.with_paragraph)


def _withdrawn(ground: Ground) -> Iterator[Case]:
    yield from _soft(ground, "withdrawn", frames.with_notice, withdrawn=True)


def _soft_front(ground: Ground) -> Iterator[Case]:
    yield from _soft(ground, "soft front", frames.front)


def _soft_most_read(ground: Ground) -> Iterator[Case]:
    yield from _soft(ground, "soft most read", frames.most_read)


def _soft_teasers(ground: Ground) -> Iterator[Case]:
    yield from _soft(ground, "soft teasers", frames.teasers_left)


def _about(ground: Ground) -> Iterator[Case]:
    """Yield a living article whose headline, slug and opening are about missing pages."""
    dice = ground.dice("about")
    rows = wordings.phrases("about", ground.source.language, ground.split)
    if not rows:
        return
    row = dice.choice(rows)
    headline = row["headline"]
    page = ground.anatomy.fresh()
    frames.retell(page, headline, row["opening"], f"{headline} | {ground.site}")
    parts = urlsplit(ground.source.url)
    slug = "-".join(plain(headline).split())
    url = f"{parts.scheme}://{parts.netloc}/{parts.path.split('/')[1]}/{slug}"
    yield ground.case(
        "about", write(page.root), frozenset({Liveness.ALIVE, Liveness.PAYWALLED}), url=url,
        headline=headline, language=row["tag"], variant=headline[:20],
    )  # fmt: skip


def _banner(ground: Ground) -> Iterator[Case]:
    """Yield a living page with a consent banner in its markup."""
    dice = ground.dice("banner")
    rows = wordings.phrases("banner", ground.source.language, ground.split)
    if not rows:
        return
    row = dice.choice(rows)
    page = ground.anatomy.fresh()
    place = dice.choice(("body first", "body last", "after text", "main end"))
    layouts.PLACES[place](page, frames.banner(dice, row["heading"], row["sentence"]))
    yield ground.case(
        "living banner", write(page.root), frozenset({Liveness.ALIVE, Liveness.PAYWALLED}),
        variant=place, language=row["tag"], foreign=(row["heading"], row["sentence"]),
    )  # fmt: skip


def _paywall(ground: Ground) -> Iterator[Case]:
    """Yield the beginning of an article that is sold, and the offer to sell it."""
    dice = ground.dice("paywall")
    rows = wordings.phrases("paywall", ground.source.language, ground.split)
    page = ground.anatomy.fresh()
    if not rows or not frames.shorten(page):
        return
    row, mark = dice.choice(rows), dice.choice(frames.PAID_MARKS)
    frames.sell(page, ground.source.title, row, mark)
    yield ground.case(
        "paywall", write(page.root), frozenset({Liveness.PAYWALLED}), variant=mark,
        language=row["tag"], foreign=(row["heading"], row["sentence"]),
    )  # fmt: skip


def _redirected(ground: Ground) -> Iterator[Case]:
    """Yield redirects that lead away from the article."""
    for made in _soft(ground, "soft redirect", frames.front):
        final = ground.dice("redirect").choice(_targets(ground.source.url))
        yield replace(
            made, final_url=final, chain=lookalikes.hops(made.url, final), probe=None,
            variant=urlsplit(final).path,
        )  # fmt: skip


def _targets(url: str) -> list[str]:
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    section = parts.path.split("/")[1] if parts.path.count("/") > 1 else "news"
    paths = ("/", "/index.html", "/404", "/error/not-found.html", "/search?q=story", f"/{section}/")
    return [*(root + path for path in paths), "https://www.group-of-papers.example/"]


def _moved(ground: Ground) -> Iterator[Case]:
    """Yield a living page that answers at another address now."""
    parts = urlsplit(ground.source.url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    dice = ground.dice("moved")
    path = f"/archive/2024/{last}" if dice.random() < 0.5 else f"/a/{dice.randrange(10**6, 10**7)}"
    final = f"https://{parts.netloc}{path}"
    yield ground.case(
        "moved", ground.source.body, frozenset({Liveness.MOVED}), final_url=final,
        headers=(("content-type", "text/html"),), chain=lookalikes.hops(ground.source.url, final),
        variant="slug" if last in path else "number",
    )  # fmt: skip


def _offer(source: Source) -> Offer:
    lead = " ".join(source.text[: _LEAD * 2].split())[:_LEAD].rpartition(" ")[0]
    return Offer(title=source.title, path=urlsplit(source.url).path, lead=lead)


KINDS: dict[str, Callable[[Ground], Iterator[Case]]] = {
    "living": _living,
    "living notice": _living_notice,
    "living banner": _banner,
    "about": _about,
    "moved": _moved,
    "soft chrome": _soft_chrome,
    "soft paragraph": _soft_paragraph,
    "soft front": _soft_front,
    "soft most read": _soft_most_read,
    "soft teasers": _soft_teasers,
    "soft redirect": _redirected,
    "withdrawn": _withdrawn,
    "paywall": _paywall,
}
