"""Every folder tests/pages/<site>/<case> is a case: what came in, and what must come out.

Adding one needs no code: page.html (bytes as received), request.json (url, status, headers,
final_url, chain, headline) and expected.json (only the fields named there are compared).
"""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.core.values import History, Hop, HostFacts, PageReading, Verdict, Visit
from crawler.core.verdict import judge
from crawler.core.words import Outcome
from crawler.reading.page import read_page

PAGES = Path(__file__).parent.parent / "pages"
CASES = sorted(path.parent.relative_to(PAGES).as_posix() for path in PAGES.rglob("expected.json"))
KNOWN = {
    "liveness", "reason", "has_article", "title", "language", "removed", "contains", "lacks",
    "published", "authors", "charset", "is_partial",
}  # fmt: skip


def load(case: str, name: str) -> dict[str, Any]:
    return json.loads((PAGES / case / name).read_text(encoding="utf-8"))


@cache
def outcome_of(case: str) -> tuple[PageReading, Verdict]:
    request = load(case, "request.json")
    url, headers = request["url"], tuple((name, value) for name, value in request["headers"])
    visit = Visit(
        url=url,
        final_url=request.get("final_url", url),
        outcome=Outcome.FETCHED,
        status=request["status"],
        headers=headers,
        chain=tuple(Hop(**hop) for hop in request.get("chain", ())),
    )
    body = (PAGES / case / "page.html").read_bytes()
    reading = read_page(body, headers=headers, url=visit.final_url)
    history = History(url=url, headline=request.get("headline"))
    return reading, judge(visit, reading, history, HostFacts(name=case.split("/", maxsplit=1)[0]))


def found(case: str) -> dict[str, Any]:
    """Return what came out, under the names that expected.json uses."""
    reading, verdict = outcome_of(case)
    article = reading.article
    return {
        "liveness": verdict.liveness.value,
        "reason": verdict.reasons[0],
        "has_article": article is not None,
        "title": article and article.title,
        "language": article and article.language,
        "removed": sorted({span.kind.value for span in reading.removed}),
        "published": article and article.published and article.published.at,
        "authors": list(article.authors) if article else [],
        "charset": reading.charset,
        "is_partial": bool(article and article.is_partial),
    }


FIELDS = [
    (case, field)
    for case in CASES
    for field in load(case, "expected.json")
    if field not in {"contains", "lacks"}
]


@pytest.mark.parametrize(("case", "field"), FIELDS)
def test_field_is_as_expected(case: str, field: str) -> None:
    """Each field of expected.json is what reading and judging the page give."""
    wanted = load(case, "expected.json")[field]
    wanted = datetime.fromisoformat(wanted) if field == "published" else wanted
    assert found(case)[field] == wanted


@pytest.mark.parametrize(
    "case", [case for case in CASES if "contains" in load(case, "expected.json")]
)
def test_article_loses_no_paragraph(case: str) -> None:
    """Every line under `contains` is in the article's text."""
    article = outcome_of(case)[0].article
    text = " ".join((article.text if article else "").split())
    missing = [line for line in load(case, "expected.json")["contains"] if line.strip() not in text]
    assert missing == []


@pytest.mark.parametrize("case", [case for case in CASES if "lacks" in load(case, "expected.json")])
def test_article_holds_no_foreign_line(case: str) -> None:
    """No line under `lacks` is in the article's text."""
    article = outcome_of(case)[0].article
    text = article.text if article else ""
    assert [line for line in load(case, "expected.json")["lacks"] if line in text] == []


@pytest.mark.parametrize("case", CASES)
def test_case_is_well_formed(case: str) -> None:
    """A case names only known fields, and the verdict explains itself."""
    verdict = outcome_of(case)[1]
    assert set(load(case, "expected.json")) <= KNOWN
    assert verdict.reasons
    assert verdict.rules_version
    assert all(span.rule == verdict.reasons[0] for span in verdict.evidence)


def test_founding_case_is_covered() -> None:
    """The founding case and its inverse stand in several layouts and languages."""
    reasons = [load(case, "expected.json")["reason"] for case in CASES]
    removed = [load(case, "expected.json").get("removed", []) for case in CASES]
    assert sum("not_found" in kinds for kinds in removed) >= 6
    assert sum(reason in {"notice_in_head", "notice_without_article"} for reason in reasons) >= 4
