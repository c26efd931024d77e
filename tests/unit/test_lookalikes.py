"""Pages that stand where the article should."""

import tomllib
from importlib import resources

import pytest

from crawler.core import lookalikes
from crawler.core.values import Signals, Visit
from crawler.core.words import Liveness, Outcome

RULES = tomllib.loads(
    resources.files("crawler.core").joinpath("lookalikes.toml").read_text(encoding="utf-8")
)["rule"]
URL = "https://a.example/news/story-of-the-day"
PAGE_RULES = [rule for rule in RULES if rule.get("title") or rule.get("markup")]
WIRE_RULES = [rule for rule in RULES if rule.get("header") or rule.get("host")]


def visit(**changes: object) -> Visit:
    values = {"url": URL, "final_url": URL, "outcome": Outcome.FETCHED, "status": 200}
    return Visit(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", PAGE_RULES, ids=lambda rule: rule["code"])
def test_every_page_rule_is_met_by_a_bare_page(rule: dict[str, list[str]]) -> None:
    """Each text of each rule works on a page without prose."""
    for title in rule.get("title", [""]):
        for markup in rule.get("markup", [""]):
            markers = lookalikes.find_markers(f"<div>{markup.upper()}</div>", title.upper(), 0)
            codes = {found.code for found in lookalikes.by_page(
                visit(status=rule.get("status", [200])[0]), Signals(lookalike_markers=markers)
            )}  # fmt: skip
            assert rule["code"] in codes


@pytest.mark.parametrize("rule", WIRE_RULES, ids=lambda rule: rule["code"])
def test_every_wire_rule_is_met_without_a_page(rule: dict[str, list[str]]) -> None:
    """Headers and hosts decide before anything is read."""
    name, text = rule.get("header", ["x-none", ""])
    host = rule.get("host", ["a.example"])[0]
    met = lookalikes.by_wire(
        visit(
            status=rule.get("status", [200])[0],
            headers=((name, f"v1 {text}"),),
            final_url=f"https://{host}/x",
        )
    )
    assert rule["code"] in {found.code for found in met}


def test_scripts_of_good_pages_are_no_wall() -> None:
    """Consent and captcha scripts stand on good pages: with prose around them they mean nothing."""
    markup = '<script src="//x/sp_message_container"></script><div id="px-captcha"></div>'
    assert lookalikes.find_markers(markup, "A story", 2000) == ()
    marked = lookalikes.find_markers(markup, "A story", 0)
    busy = Signals(lookalike_markers=marked, prose_chars=0, text_chars=9000)
    assert list(lookalikes.by_page(visit(), busy)) == []


def test_a_vendors_header_needs_its_refusal() -> None:
    """DataDome's and Akamai's headers come with good answers as well."""
    headers = (("server", "AkamaiGHost"), ("x-datadome", "protected"))
    assert list(lookalikes.by_wire(visit(headers=headers))) == []
    refused = [rule.verdict for rule in lookalikes.by_wire(visit(headers=headers, status=403))]
    assert refused == [Liveness.BLOCKED, Liveness.BLOCKED]


def test_each_cookie_is_looked_at() -> None:
    """A firewall's cookie is seldom the first one that is set."""
    cookies = (("set-cookie", "lang=en"), ("set-cookie", "datadome=x1; Path=/"))
    assert list(lookalikes.by_wire(visit(headers=cookies))) == []
    refused = lookalikes.by_wire(visit(headers=cookies, status=403))
    assert [rule.code for rule in refused] == ["datadome_challenge"]


def test_consent_host_matches_whole_labels() -> None:
    """A host that merely ends in the same letters is another one."""
    assert list(lookalikes.by_wire(visit(final_url="https://notdan.com/x"))) == []
    assert [rule.code for rule in lookalikes.by_wire(visit(final_url="https://www.dan.com/x"))] == [
        "parking_host"
    ]


def test_a_consent_path_counts_only_without_prose() -> None:
    """An article about consent lives under such a path, too."""
    at = visit(final_url="https://a.example/gdpr-consent?back=1")
    assert [rule.code for rule in lookalikes.by_page(at, Signals())] == ["consent_path"]
    assert list(lookalikes.by_page(at, Signals(prose_chars=3000))) == []
