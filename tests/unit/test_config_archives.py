"""[[archive]] tables: each dialect with what it needs, and faults that name their remedy."""

from pathlib import Path

import pytest

from crawler.archives import KNOWN, dialect
from crawler.config import FILE_NAME, load
from crawler.errors import ConfigError

TABLE = """\
[[archive]]
name = "mine"
dialect = "{dialect}"
cdx_url = "{cdx_url}"
replay_url = "https://archive.example/web"
{more}
"""


def written(home: Path, dialect: str, cdx_url: str, more: str = "") -> Path:
    text = TABLE.format(dialect=dialect, cdx_url=cdx_url, more=more)
    (home / FILE_NAME).write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize("name", KNOWN)
def test_every_dialect_can_be_configured(tmp_path: Path, name: str) -> None:
    """What newsmorgue.toml may say, the archives' room knows; the replay prefix gets its slash."""
    (archive,) = load(written(tmp_path, name, "https://archive.example/index/")).archive
    assert dialect(archive).name == "mine"
    assert dialect(archive).replay_prefix == "https://archive.example/web/"


@pytest.mark.parametrize(
    ("name", "cdx_url", "more", "told"),
    [
        ("z3950", "https://a.example/", "", ("line 3", "`dialect`", "wayback", "timegate")),
        ("timemap", "https://a.example/map", "", ("line 4", "`cdx_url`", "appended", "slash")),
        ("timegate", "https://a.example/gate", "", ("line 4", "`cdx_url`", "appended", "slash")),
        ("pywb", "https://a.example/cdx", "raw = false", ("line 6", "`raw`", "timemap")),
        ("timemap", "https://a.example/", "raw = 7", ("line 6", "`raw`", "true or false")),
        ("pywb", "ftp://a.example/", "", ("line 4", "`cdx_url`", "not a web address")),
        ("pywb", "https://u:p@a.example/", "", ("line 4", "`cdx_url`", "no password")),
        ("pywb", "https://a.example/", "timegate_url = ''", ("line 6", "no key `timegate_url`")),
    ],
)
def test_a_fault_names_its_place_and_its_remedy(
    tmp_path: Path, name: str, cdx_url: str, more: str, told: tuple[str, ...]
) -> None:
    """One sentence says which line, which key, and what would be right."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, name, cdx_url, more))
    for words in told:
        assert words in str(caught.value)


def test_a_map_may_be_asked_for_by_a_parameter(tmp_path: Path) -> None:
    """The page's address is appended to a path or to a query's last value."""
    (archive,) = load(written(tmp_path, "timemap", "https://a.example/map?url=")).archive
    asked = dialect(archive).lookup_url("https://paper.example/a?b=1&c=2", None)
    assert asked == "https://a.example/map?url=https%3A%2F%2Fpaper.example%2Fa%3Fb%3D1%26c%3D2"
