"""What a page says of itself in JSON-LD, from however broken a script."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crawler.core.folding import word_set
from crawler.reading.tree import Element

_MAX_SCRIPT = 2_000_000  # characters
_MAX_NODES = 3000
ARTICLE_TYPES = word_set(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BlogPosting "
    "LiveBlogPosting BackgroundNewsArticle ReviewNewsArticle SocialMediaPosting Report Recipe "
    "AdvertiserContentArticle AskPublicNewsArticle TechArticle ScholarlyArticle Review "
    "MedicalScholarlyArticle"
)


@dataclass(frozen=True, slots=True)
class Structured:
    """All JSON-LD objects of a page, flattened, and the one that is the article, if any."""

    types: tuple[str, ...] = ()
    article: dict[str, Any] | None = None
    trail: tuple[str, ...] = ()  # the names of the breadcrumbs, from the front page on

    def text(self, key: str) -> str:
        """Return a text of the article object, spaces made single, or an empty string."""
        return " ".join(self.raw(key).split())

    def raw(self, key: str) -> str:
        """Return a text of the article object as it stands there, or an empty string."""
        value = (self.article or {}).get(key)
        value = value[0] if isinstance(value, list) and value else value
        return value if isinstance(value, str) else ""


def read_structured(root: Element) -> Structured:
    """Read every JSON-LD script. One that is no JSON is passed over."""
    nodes = [node for script in _scripts(root) for node in _nodes(_load(script))]
    types = dict.fromkeys(name for node in nodes for name in types_of(node))
    articles = [node for node in nodes if ARTICLE_TYPES.intersection(types_of(node))]
    best = max(articles, key=_weight, default=None)
    trails = (_trail(node) for node in nodes if "BreadcrumbList" in types_of(node))
    return Structured(types=tuple(types)[:50], article=best, trail=max(trails, key=len, default=()))


def types_of(node: dict[str, Any]) -> tuple[str, ...]:
    """Return an object's types without their vocabulary's address."""
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return tuple(name.rsplit("/", 1)[-1] for name in names if isinstance(name, str))


def _trail(node: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of a breadcrumb list, in the order in which they stand."""
    items = node.get("itemListElement")
    crumbs = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    inner = [item if isinstance(item := crumb.get("item"), dict) else {} for crumb in crumbs]
    names = [
        crumb.get("name") or item.get("name") for crumb, item in zip(crumbs, inner, strict=True)
    ]
    return tuple(" ".join(name.split()) for name in names if isinstance(name, str))


def _weight(node: dict[str, Any]) -> int:
    """The article of the page says more of itself than a teaser in an item list does."""
    wanted = ("headline", "datePublished", "author", "articleBody", "mainEntityOfPage")
    return sum(bool(node.get(key)) for key in wanted)


def _scripts(root: Element) -> Iterator[str]:
    for script in root.iter("script"):
        kind = (script.get("type") or "").strip().lower()
        if kind.startswith("application/ld+json") and script.text:
            yield script.text[:_MAX_SCRIPT]


def _load(script: str) -> Any:
    text = script.strip().removeprefix("<!--").removesuffix("-->").strip()
    text = text.removeprefix("//<![CDATA[").removesuffix("//]]>").strip().rstrip(";")
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object inside, nearest to the surface first, without recursion."""
    waiting, seen = [value], 0
    while waiting and seen < _MAX_NODES:
        item = waiting.pop(0)
        seen += 1
        if isinstance(item, dict):
            yield item
            waiting.extend(inner for inner in item.values() if isinstance(inner, dict | list))
        elif isinstance(item, list):
            waiting.extend(inner for inner in item if isinstance(inner, dict | list))
