"""Made-up news, seeded: the same number always tells the same story.

Words and sentence patterns are data, one `prose/<language>.toml` a language.
"""

import random
import tomllib
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

LANGUAGES = ("en", "fr", "de", "es", "ar")
FIRST_DAY = datetime(2019, 1, 7, 6, 30, tzinfo=UTC)
SPAN_DAYS = 2100  # stories are spread over about six years

Words = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article's content, before any markup. `slug` is ready for a URL path."""

    number: int
    language: str
    headline: str
    slug: str
    standfirst: str
    author: str
    section: str
    place: str
    published: datetime
    modified: datetime
    paragraphs: tuple[str, ...]

    @property
    def path(self) -> str:
        """The canonical path on any host."""
        return f"/article/{self.number}/{self.slug}"


def seeded(*parts: object) -> random.Random:
    """Return a generator that depends on nothing but the parts."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - made-up news, not secrets


@lru_cache
def words(language: str) -> Words:
    """Return the labels, notices, words and patterns of a language of `LANGUAGES`."""
    return tomllib.loads((Path(__file__).parent / "prose" / f"{language}.toml").read_text("utf-8"))


def language_of(number: int) -> str:
    """Return the language of story `number`: they take turns."""
    return LANGUAGES[number % len(LANGUAGES)]


def numbers_in(language: str, articles: int) -> range:
    """Return the numbers of all listed stories in a language."""
    return range(LANGUAGES.index(language) or len(LANGUAGES), articles + 1, len(LANGUAGES))


def slugify(headline: str) -> str:
    """Return a URL path segment: lower case, Latin accents dropped, other scripts encoded."""
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", headline) if not unicodedata.combining(char)
    )
    kept = "".join(char if char.isalnum() else " " for char in plain.replace("'", ""))
    return quote("-".join(kept.lower().split()))


def _cast(dice: random.Random, vocabulary: dict[str, list[str]]) -> dict[str, object]:
    """Choose who and what one story is about."""
    place, place2 = dice.sample(vocabulary["place"], 2)
    person, person2 = dice.sample(vocabulary["person"], 2)
    return {
        "place": place,
        "place2": place2,
        "person": person,
        "person2": person2,
        "topic": dice.choice(vocabulary["topic"]),
        "role": dice.choice(vocabulary["role"]),
        "years": dice.randint(3, 19),
        "money": dice.randint(21, 97),
        "month": dice.choice(vocabulary["month"]),
    }


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _fill(
    pattern: str, cast: dict[str, object], dice: random.Random, vocabulary: dict[str, list[str]]
) -> str:
    """Return one sentence: the story's own names, the rest chosen for this sentence."""
    body, day = dice.choice(vocabulary["body"]), dice.choice(vocabulary["day"])
    return pattern.format(
        **cast,
        body=body,
        body_up=_upper_first(body),
        day=day,
        day_up=_upper_first(day),
        number=dice.randint(24, 88),
        small=dice.randint(3, 9),
        detail=dice.choice(vocabulary["detail"]),
        reason=dice.choice(vocabulary["reason"]),
    )


def _paragraphs(
    dice: random.Random, cast: dict[str, object], lexicon: Words, count: int
) -> tuple[str, ...]:
    """Return `count` paragraphs of three to five sentences, each pattern used in turn."""
    patterns, vocabulary = lexicon["patterns"], lexicon["words"]
    sentences = patterns["sentence"]
    deck = [one for _ in range(3) for one in dice.sample(sentences, len(sentences))]
    opening = [dice.choice(patterns["opening"]), deck.pop()]
    bundles = [
        opening,
        *([deck.pop() for _ in range(dice.randint(3, 5))] for _ in range(count - 1)),
    ]
    return tuple(
        " ".join(_fill(pattern, cast, dice, vocabulary) for pattern in bundle) for bundle in bundles
    )


@lru_cache(maxsize=4096)
def story(number: int, language: str = "") -> Story:
    """Return story `number`, in its own language unless another is asked for."""
    language = language or language_of(number)
    lexicon, dice = words(language), seeded("story", number, language)
    patterns, vocabulary = lexicon["patterns"], lexicon["words"]
    cast = _cast(dice, vocabulary)
    headline = _fill(dice.choice(patterns["headline"]), cast, dice, vocabulary)
    published = FIRST_DAY + timedelta(days=number * 37 % SPAN_DAYS, minutes=number * 7 % 720)
    return Story(
        number=number,
        language=language,
        headline=_upper_first(headline),
        slug=slugify(headline),
        standfirst=_fill(dice.choice(patterns["standfirst"]), cast, dice, vocabulary),
        author=dice.choice(vocabulary["person"]),
        section=dice.choice(lexicon["labels"]["nav"][1:]),
        place=str(cast["place"]),
        published=published,
        modified=published + timedelta(minutes=dice.randint(5, 240)),
        paragraphs=_paragraphs(dice, cast, lexicon, dice.randint(6, 14)),
    )


def named_story(path: str, language: str) -> Story:
    """Return the story of a path; a last segment of several words becomes its headline."""
    told, slug = story(number_of(path), language), path.rpartition("/")[2]
    if "-" not in slug:
        return told
    return replace(told, headline=_upper_first(unquote(slug).replace("-", " ")), slug=slug)


def number_of(slug: str) -> int:
    """Return a stable story number for a path that carries none, between 1,000 and 1,000,999."""
    return 1000 + seeded("slug", slug).randrange(1_000_000)
