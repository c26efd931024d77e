"""What the judge's page rules weigh, reckoned once from visit, reading and history."""

from dataclasses import dataclass

from crawler.core import paths
from crawler.core.folding import word_set
from crawler.core.overlap import headline_words, is_unspaced, overlap, slug_words
from crawler.core.values import History, HostFacts, Notice, PageReading, Signals, Visit
from crawler.core.words import Place

FOUND, MISSED = 0.6, 0.35  # shares of promised words: found; found nowhere
SLUG = 3  # words a slug needs before it can be missed
_PAIR = 2
_PROSE_HEAD = 2000  # characters compared
_DENSE = 2.5  # letters one character of a script without spaces stands for; as in shapes.py
_CARDS = 5
_LINKED = 0.4  # share of link text on index pages
_ARTICLE_TYPES = word_set(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BlogPosting "
    "LiveBlogPosting BackgroundNewsArticle ReviewNewsArticle"
)
_HEAD = frozenset({Place.TITLE, Place.HEADING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Overlaps are shares of the promised words, 0 to 1, or None if they prove nothing."""

    visit: Visit
    reading: PageReading
    host: HostFacts
    promised: tuple[str, ...]  # the words of the known headline, else of the slug
    is_own: bool  # neither can be compared: they are those of the page's own headline
    head_overlap: float | None  # with title, h1 and og:title
    prose_overlap: float | None  # with the prose
    prose: int  # characters of it, outside notices, furniture and cards; as many as in English
    text: int  # characters of the extracted article

    @property
    def signals(self) -> Signals:
        """The page's signals."""
        return self.reading.signals

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The notices a reader sees: those in templates and furniture count for nothing."""
        return tuple(one for one in self.signals.notices if one.place is not Place.OUTSIDE)

    @property
    def head_notices(self) -> tuple[Notice, ...]:
        """The notices in title and h1."""
        return tuple(one for one in self.notices if one.place in _HEAD)

    @property
    def says_article(self) -> bool:
        """Whether the page calls itself an article and names a headline or a date."""
        typed = bool(_ARTICLE_TYPES.intersection(self.signals.jsonld_types))
        named = bool(self.signals.jsonld_headline or self.signals.has_published_date)
        return (typed or self.signals.og_type == "article") and named

    @property
    def is_found(self) -> bool:
        """Whether the promised words are in the headline or the prose."""
        return max(self.head_overlap or 0.0, self.prose_overlap or 0.0) >= FOUND

    @property
    def is_missed(self) -> bool:
        """Whether the promised words are plainly nowhere on the page."""
        if self.is_own:
            return False
        shares = [one for one in (self.head_overlap, self.prose_overlap) if one is not None]
        return bool(shares) and len(self.promised) >= SLUG and max(shares) < MISSED

    @property
    def is_unmet(self) -> bool:
        """Whether of even two promised words nothing is on the page: enough beside other signs."""
        if self.is_own or len(self.promised) < _PAIR:
            return False
        shares = [one for one in (self.head_overlap, self.prose_overlap) if one is not None]
        return bool(shares) and max(shares) < MISSED

    @property
    def is_index(self) -> bool:
        """Whether the page is mainly offers of other pages."""
        linked = self.signals.link_chars >= self.signals.text_chars * _LINKED
        return self.signals.teaser_cards >= _CARDS or (linked and self.signals.link_chars > 0)

    @property
    def was_sent_elsewhere(self) -> bool:
        """Whether redirects ended at another page than the one asked for."""
        visit = self.visit
        return bool(visit.chain) and not paths.same_page(visit.url, visit.final_url)


def gather(visit: Visit, reading: PageReading, history: History, host: HostFacts) -> Facts:
    """Reckon the facts. A headline known from a feed or link goes before the address's slug.

    Where neither can be compared, the page's own headline is: its prose should at least be about
    that. It proves nothing of redirects and is never missed.
    """
    signals = reading.signals
    body = reading.article.text if reading.article else ""
    # JSON-LD's articleBody is prose no element shows: then the text itself is looked at. Any other
    # text without prose behind it is what the extractor made of teasers.
    prose = signals.prose_head or (body[:_PROSE_HEAD] if signals.body_chars else "")
    headline, slug = headline_words(history.headline), slug_words(visit.url)
    promised = headline if len(headline) >= SLUG else slug
    own = headline_words(_own_headline(signals))
    is_own = len(own) >= SLUG and overlap(promised, prose) is None
    head = " ".join((signals.title, *signals.headings[:2], signals.og_title or ""))
    words = own if is_own else promised
    return Facts(
        visit=visit,
        reading=reading,
        host=host,
        promised=words,
        is_own=is_own,
        head_overlap=overlap(words, head) if head.strip() and not is_own else None,
        prose_overlap=overlap(words, prose) if prose else None,
        prose=int(max(signals.prose_chars, signals.body_chars) * _density(prose)),
        text=len(body),
    )


def _density(prose: str) -> float:
    return _DENSE if is_unspaced(prose) else 1


def _own_headline(signals: Signals) -> str:
    notices = {one.text for one in signals.notices}
    shown = (signals.jsonld_headline, signals.og_title, *signals.headings, signals.title)
    return next((text for text in shown if text and text not in notices), "")
