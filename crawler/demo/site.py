"""What a newspaper process knows: its size, its switches and its counters."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from crawler.demo.http1 import Answer, Reply, Request
from crawler.demo.prose import LANGUAGES


@dataclass(slots=True, kw_only=True)
class Disguise:
    """A path answers as another path would, for so many requests; None: until it is lifted."""

    path: str
    times: int | None


@dataclass(slots=True, kw_only=True)
class Newspaper:
    """The state behind the routes. `articles` bounds what is linked and listed, not what lives."""

    articles: int = 300
    robots: dict[str, str] = field(default_factory=dict)  # host -> mode of robots.py
    disguises: dict[str, Disguise] = field(default_factory=dict)  # path -> disguise
    asked: Counter[str] = field(default_factory=Counter)  # path -> requests so far, for throttles

    def unmasked(self, path: str) -> str:
        """Return the path whose behaviour a request gets, spending one use of a disguise."""
        disguise = self.disguises.get(path)
        if disguise is None:
            return path
        if disguise.times is not None:
            disguise.times -= 1
            if disguise.times <= 0:
                del self.disguises[path]
        return disguise.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request on its way through the routes. `parts`: the path's segments after the first."""

    paper: Newspaper
    request: Request
    path: str
    parts: tuple[str, ...]

    @property
    def url(self) -> str:
        """The address asked for, without query: what a page calls its own."""
        return self.request.origin + self.request.path

    def part(self, index: int, default: str = "") -> str:
        """Return a segment by its place after the route's name."""
        return self.parts[index] if index < len(self.parts) else default

    def number(self, index: int = 0, default: int = 1) -> int:
        """Return a segment as a whole number; Latin letters and the like give the default."""
        text = self.part(index)
        return int(text) if text.isdecimal() else default

    def seconds(self, index: int = 0, default: float = 1.0) -> float:
        """Return a segment as seconds."""
        try:
            return float(self.part(index))
        except ValueError:
            return default

    def language(self, default: str = "en") -> str:
        """Return the first segment that names a language of the paper."""
        return next((part for part in self.parts if part in LANGUAGES), default)


Route = Callable[[Call], Answer]
Routes = dict[str, Route]


def page(
    html: str, *, status: int = 200, headers: Iterable[tuple[str, str]] = (), wait: float = 0.0
) -> Reply:
    """Return HTML in UTF-8 as a reply."""
    return Reply(status=status, body=html.encode(), headers=tuple(headers), wait=wait)
