"""The shortest way to have a list read in this process, and headlines in eleven scripts."""

from datetime import UTC, datetime

from crawler.core.listings import Listing, ListLimits
from crawler.discovery.listing import read_listing

URL = "https://times.example/feeds/all.xml"
HEADLINES = {
    "en": "Old lighthouse shines again",
    "fr": "Où la forêt a brûlé : récit et œuvre de la reconquête",
    "de": "Größe zählt nicht, über Straßen, die schrumpfen",
    "ru": "Мост через Неву закрыли на ремонт",
    "ar": "المدينة القديمة تستعيد أسواقها",
    "he": "הגשר הישן נפתח מחדש",
    "el": "Το παλιό λιμάνι ανοίγει ξανά",  # noqa: RUF001 - Greek
    "hi": "पुराना पुल फिर से खुला",
    "th": "สะพานเก่าเปิดอีกครั้ง",
    "ja": "古い灯台が再び光る",
    "zh": "旧灯塔重新点亮",
    "ko": "옛 등대가 다시 빛나다",
}


def listed(
    body: str | bytes,
    *,
    kind: str = "application/xml",
    encoding: str = "",
    url: str = URL,
    limits: ListLimits = ListLimits(),  # noqa: B008 - frozen
    truncated: bool = False,
) -> Listing:
    data = body.encode() if isinstance(body, str) else body
    headers = [("content-type", kind)] if kind else []
    headers += [("content-encoding", encoding)] if encoding else []
    return read_listing(data, headers=tuple(headers), url=url, limits=limits, truncated=truncated)


def urls(listing: Listing) -> list[str]:
    return [one.url for one in listing.entries]


def headlines(listing: Listing) -> list[str | None]:
    return [one.headline for one in listing.entries]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def rss(items: str, channel: str = "", attributes: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {attributes}><channel>'
        f"<title>The Times</title>{channel}{items}</channel></rss>"
    )


def item(inner: str, link: str = "https://times.example/1") -> str:
    return f"<item><link>{link}</link>{inner}</item>"


def atom(entries: str, head: str = "", attributes: str = "") -> str:
    space = "http://www.w3.org/2005/Atom"
    return f'<feed xmlns="{space}" {attributes}><title>The Times</title>{head}{entries}</feed>'


def urlset(rows: str, root: str = "urlset", attributes: str = "") -> str:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    declared = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{declared}\n<{root} {space} {attributes}>\n{rows}\n</{root}>\n"


def located(*addresses: str) -> str:
    return "".join(f"<url><loc>{address}</loc></url>\n" for address in addresses)
