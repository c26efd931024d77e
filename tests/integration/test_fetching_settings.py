"""The settings as Scrapy sees them."""

import subprocess
import sys
from pathlib import Path

from scrapy.settings import Settings, default_settings
from scrapy.utils.conf import build_component_list
from support.fetch_run import outcomes, run
from support.wire import Wire, not_found, page

from crawler import settings as ours

ROOT = Path(__file__).parents[2]
OWN = {name for name in vars(ours) if name.isupper() and not name.startswith("_")}


def effective() -> Settings:
    """Return Scrapy's settings with ours on top."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    return settings


def components(name: str) -> list[str]:
    """Return the short names of the components that are on, in order."""
    table = effective().get_component_priority_dict_with_base(name)
    return [path.rpartition(".")[2] for path in build_component_list(table)]


def test_every_setting_is_one_that_scrapy_knows() -> None:
    """A setting of Scrapy's that is mistyped, or gone in a new release, fails here."""
    imported = {"ACCEPT_ENCODING"}
    known = set(default_settings.__all__) | imported
    assert not {name for name in OWN - known if not name.startswith("NEWSMORGUE_")}


def test_just_these_components_run() -> None:
    """Nothing of Scrapy's drops, retries, redirects or decodes behind our back."""
    assert components("DOWNLOADER_MIDDLEWARES") == [
        "LaneSlots",
        "RobotsMiddleware",
        "DownloadTimeoutMiddleware",
        "DefaultHeadersMiddleware",
        "UserAgentMiddleware",
        "GuardCounter",
        "DownloaderStats",
    ]
    assert components("SPIDER_MIDDLEWARES") == ["StartSpiderMiddleware"]
    listed = set(components("EXTENSIONS"))
    assert "Caps" in listed
    assert not listed & {"TelnetConsole", "RemoteControl", "FeedExporter", "AutoThrottle"}


def test_no_port_listens_during_a_crawl() -> None:
    """A crawler answers nobody: no telnet, no remote control."""
    with Wire({"*": page()}) as paper:
        answer = run([paper.url("/")], scheduled=[paper.url("/b")])
    assert outcomes(answer) == [200, 200]
    assert answer["listening"] == []
    assert answer["stderr"] == ""


def test_each_scheduled_request_ends_in_a_callback() -> None:
    """Errors, long addresses, repeats and other hosts all come back: none is dropped unsaid."""
    statuses = {f"/{status}": page(b"", status) for status in (204, 302, 404, 410, 429, 500, 503)}
    with Wire({**statuses, "*": not_found, "/same": page()}) as paper:
        urls = [paper.url(path) for path in (*statuses, "/same", "/same", f"/{'x' * 5000}")]
        answer = run(scheduled=urls)
    expected = [204, 302, 404, 410, 429, 500, 503, 200, 200, 404]
    assert sorted(outcomes(answer)) == sorted(expected)


def test_one_request_at_a_time_goes_to_a_host() -> None:
    """Lanes are by host name: port and www. make no second one, and another host has its own."""
    names = {host: [["127.0.0.1"]] for host in ("a.example", "www.a.example", "b.example")}
    with Wire({"*": page()}) as one, Wire({"*": page()}) as two:
        urls = [
            f"http://a.example:{one.port}/",
            f"http://www.a.example:{one.port}/",
            f"http://a.example:{two.port}/",
            f"http://b.example:{one.port}/",
        ]
        answer = run(urls, names=names)
    assert outcomes(answer) == [200] * 4
    assert set(answer["delays"]) == {"a.example", "b.example"}


def test_scrapy_list_works_in_the_checkout() -> None:
    """The spiders are ordinary Scrapy spiders: Scrapy's own command finds the settings."""
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
