"""newsmorgue.toml and the environment: defaults, spellings, and faults that name their remedy."""

import json
import os
import pickle
import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

import crawler.settings
from crawler.config import FILE_NAME, Config, load, resolve_home
from crawler.config.keys import all_keys
from crawler.config.locate import line_of
from crawler.config.overlay import scrapy_settings
from crawler.config.reference import configuration_reference
from crawler.core.lifecycle import LifecyclePolicy
from crawler.errors import ConfigError, redacted

ROOT = Path(__file__).parents[2]
DESIGNED = """\
database = "postgresql+psycopg://user@host/morgue"
contact = "https://library.example.org/crawler"
allow_private = []
[fetch]
delay = 1.0
concurrency = 64
timeout = 60
max_size = "5MiB"
[[archive]]
name = "wayback"
dialect = "wayback"
cdx_url = "https://web.archive.org/cdx/search/cdx"
replay_url = "https://web.archive.org/web/"
lookups_per_minute = 24
replays_per_minute = 480
[[site]]
name = "france24"
seeds = ["https://www.france24.com/en/"]
schedule = "0 */6 * * *"
recover = "missing"
"""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith("NEWSMORGUE_"):
            monkeypatch.delenv(name)


def load_text(home: Path, text: str) -> Config:
    (home / FILE_NAME).write_text(text, encoding="utf-8")
    return load(home)


def fault(home: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_text(home, text)
    assert caught.value.exit_code == 4
    return str(caught.value)


def test_without_a_file_every_setting_has_its_default(tmp_path: Path) -> None:
    """A directory without newsmorgue.toml is a morgue with the documented defaults."""
    config = load(tmp_path)
    assert config.database_url == f"sqlite:///{tmp_path}/newsmorgue.db"
    assert config.warc_dir == tmp_path / "warc"
    assert (config.contact, config.allow_private, config.site) == (None, (), ())
    assert (config.fetch.delay, config.fetch.concurrency, config.fetch.timeout) == (1, 64, 60)
    assert config.fetch.max_size == 5 * 1024**2
    assert [archive.name for archive in config.archive] == ["wayback"]


def test_the_designed_file_spells_out_the_defaults(tmp_path: Path) -> None:
    """The keys of the contract are taken, and its archive is the one that is built in."""
    config = load_text(tmp_path, DESIGNED)
    assert config.database_url == "postgresql+psycopg://user@host/morgue"
    assert config.contact == "https://library.example.org/crawler"
    assert config.archive == load(tmp_path / "nothing").archive
    site = config.site_named("france24")
    assert site is not None
    assert (site.seeds, site.schedule) == (("https://www.france24.com/en/",), "0 */6 * * *")
    assert config.site_named("other") is None


def test_the_lifecycle_section_is_the_policy() -> None:
    """Every number of LifecyclePolicy is a setting, with the policy's own default."""
    policy = load(Path("/nowhere")).lifecycle.policy()
    assert policy == LifecyclePolicy()
    assert {key for table, key in all_keys() if table == "lifecycle"} == set(
        LifecyclePolicy.__dataclass_fields__
    )


def test_every_duration_may_be_zero(tmp_path: Path) -> None:
    """A test can switch off every wait: 0 is taken wherever a duration is."""
    numbers = load(tmp_path).as_record()
    sections = ("fetch", "robots", "reading", "run", "lifecycle")
    waits = [
        (section, key)
        for section in sections
        for key in numbers[section]
        if isinstance(getattr(getattr(load(tmp_path), section), key), float | timedelta)
    ]
    lines = [f"{section}.{key} = 0" for section, key in waits]
    config = load_text(tmp_path, "\n".join(lines))
    assert len(waits) > 20
    assert all(not getattr(getattr(config, section), key) for section, key in waits)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[fetch]\n\ndely = 2", ("newsmorgue.toml, line 3", "no key `dely` in [fetch]", "`delay`")),
        ("contct = 'a@b.c'", ("line 1", "`contct`", "did you mean `contact`?")),
        ("[fetchh]\ndelay = 1", ("line 1", "`fetchh`", "`fetch`")),
        ("delay = 1", ("line 1", "`delay` belongs in [fetch]")),
        ("[run]\nzzz = 1", ("line 2", "known there are heartbeat")),
        ("[fetch]\ndelay = 'soon'", ("line 2", "`delay`", "'soon'", "3 days")),
        ("[fetch]\ndelay = -1", ("line 2", "between 0 and 100 years")),
        ("[fetch]\ndelay = nan", ("line 2", "duration")),
        ("[fetch]\ndelay = true", ("line 2", "duration")),
        ("[fetch]\nconcurrency = 0", ("line 2", "greater than or equal to 1")),
        ("[fetch]\nmax_size = '5 apples'", ("line 2", "5MiB")),
        ("allow_private = ['10.0.0.1/8']", ("line 1", "host bits set", "10.0.0.0/8")),
        ("contact = 'me'", ("line 1", "web or mail address")),
        ("contact = 'a@b\\nX: y'", ("there is no", "TOML")),
        ("home = '/x'", ("no key `home`", "--home")),
        ("[[site]]\nname = 'a'\nseeds = []", ("line 3", "at least 1")),
        ("[[site]]\nname = 'a'", ("line 1", "[[site]] lacks `seeds`")),
        ("[[site]]\nname = 'a b'\nseeds = ['https://a.example/']", ("line 2", "a name is")),
        ("[[site]]\nname = 'a'\nseeds = ['ftp://a/']", ("line 3", "ftp")),
        ("[[site]]\nname = 'a'\nseeds = ['https://u:pw@a/']", ("line 3", "no password")),
        (
            "[[site]]\nname = 'a'\nseeds = ['https://a.example/']\nschedule = 'daily'",
            ("line 4", "cron line"),
        ),
        (
            "[[site]]\nname = 'a'\nseeds = ['https://a/']\n" * 2,
            ("line", "two [[site]] tables are named 'a'", "rename"),
        ),
        (
            "[[site]]\nname='a'\nseeds=['https://a/']\n" * 2 + "recovr = 'never'",
            ("line 7", "[[site]]", "did you mean `recover`?"),
        ),
        (
            "[[archive]]\nname='live'\ncdx_url='https://a/'\nreplay_url='https://a/'",
            ("'live'", "live web"),
        ),
        (
            "[[site]]\nname='a'\nseeds=['https://a.example']\n[[site]]\nname='b'\nseeds=['http://www.a.example']",
            ("line 6", "'a' and 'b'", "http://www.a.example"),
        ),
        ("[[site]]\nname='a'\nseeds='https://a/'", ("line 3", "`seeds`", "a list", "brackets")),
        ("[site]\nname='a'", ("line 1", "[[site]]")),
        ("contact = 7", ("line 1", "`contact`", "text", "quotes")),
        ("[reading]\nworkers = 1.5", ("line 2", "`workers`", "whole number")),
        ("[fetch]\ndelay = = 1", ("is not TOML", "line 2")),
        ("[fetch]\ndely = 1\ntimeot = 2", ("line 2", "Also wrong", "line 3")),
    ],
)
def test_a_fault_names_its_place_and_its_remedy(
    tmp_path: Path, text: str, told: tuple[str, ...]
) -> None:
    """One sentence says which line, which key, and what would be right; the code is 4."""
    message = fault(tmp_path, text).casefold()
    if told == ("there is no", "TOML"):  # a control character is refused by one or the other
        assert "contact" in message
        return
    for words in told:
        assert words.casefold() in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:geheim@h/db",
        "postgres://u:geheim@h",
        "postgresql://h/db?password=geheim&x=",
        "sqlite://geheim",
        "sqlite:///:memory:",
    ],
)
def test_a_database_fault_never_repeats_the_url(tmp_path: Path, url: str) -> None:
    """A password in a database URL is in no message, no representation and no record."""
    text = f"database = '{url}'"
    if url.startswith("postgresql"):
        config = load_text(tmp_path, text)
        shown = repr(config) + config.database_shown + json.dumps(config.as_record())
    else:
        shown = fault(tmp_path, text)
        assert "`database` cannot be used" in shown
    assert "geheim" not in shown


@pytest.mark.parametrize(
    ("written", "opened"),
    [
        ("sqlite:///other.db", "sqlite:///{home}/other.db"),
        ("sqlite:////srv/m.db", "sqlite:////srv/m.db"),
        ("postgres://u@h/db", "postgresql+psycopg://u@h/db"),
        ("postgresql://u@h/db", "postgresql+psycopg://u@h/db"),
    ],
)
def test_database_urls_are_brought_to_one_form(tmp_path: Path, written: str, opened: str) -> None:
    """A relative file lies in the home directory; every Postgres spelling gets our driver."""
    config = load_text(tmp_path, f"database = '{written}'")
    assert config.database_url == opened.format(home=tmp_path)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p%40ss@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u:a/b@c@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u@h/db", "postgresql://u@h/db"),
        ("postgresql://h/db?sslpassword=x&y=1", "postgresql://h/db?sslpassword=***&y=1"),
        ("cannot reach postgresql://u:pw@h/db now", "cannot reach postgresql://u:***@h/db now"),
    ],
)
def test_redacted_hides_every_password(url: str, shown: str) -> None:
    """Only the password goes, in a URL alone or inside a sentence."""
    assert redacted(url) == shown


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NEWSMORGUE_SECTION__KEY overrides one key and leaves its neighbours as the file has them."""
    monkeypatch.setenv("NEWSMORGUE_FETCH__DELAY", "0.5 s")
    monkeypatch.setenv("NEWSMORGUE_ALLOW_PRIVATE", "127.0.0.0/8, ::1/128")
    monkeypatch.setenv("NEWSMORGUE_SITE", '[{"name": "a", "seeds": ["https://a.example/"]}]')
    monkeypatch.setenv("NEWSMORGUE_CONTACT", "")
    config = load_text(tmp_path, "contact = 'a@b.example'\n[fetch]\ndelay = 9\ntimeout = 7")
    assert (config.fetch.delay, config.fetch.timeout) == (0.5, 7)
    assert config.allow_private == (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    assert config.site[0].name == "a"
    assert config.contact == "a@b.example"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("NEWSMORGUE_FETCH__DELY", "1", "NEWSMORGUE_FETCH__DELAY"),
        ("NEWSMORGUE_DATABSE", "x", "NEWSMORGUE_DATABASE"),
        ("NEWSMORGUE_FETCH__DELAY", "soon", "NEWSMORGUE_FETCH__DELAY"),
        ("NEWSMORGUE_SITE", "a", "NEWSMORGUE_SITE"),
        ("NEWSMORGUE_QQQ__ZZZ", "a", "NEWSMORGUE_QQQ__ZZZ"),
    ],
)
def test_a_wrong_variable_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    """A mistyped or unusable environment variable is an error that names it."""
    monkeypatch.setenv(variable, value)
    message = fault(tmp_path, "")
    assert variable in message
    assert told in message


def test_variables_of_others_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Containers set names like NEWSMORGUE_VERSION; they are no settings and no faults."""
    monkeypatch.setenv("NEWSMORGUE_VERSION", "3")
    monkeypatch.setenv("NEWSMORGUE_HOME", "/elsewhere")
    assert load(tmp_path).home == tmp_path


def test_home_is_the_option_then_the_variable_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--home wins over NEWSMORGUE_HOME, and that over the current directory."""
    monkeypatch.chdir(tmp_path)
    assert resolve_home(None) == tmp_path
    monkeypatch.setenv("NEWSMORGUE_HOME", "/srv/morgue")
    assert resolve_home(None) == Path("/srv/morgue")
    assert resolve_home(Path("here")) == tmp_path / "here"


def test_a_config_is_frozen_and_crosses_processes(tmp_path: Path) -> None:
    """Nobody changes a setting under way; a Config can be pickled and recorded as JSON."""
    config = load_text(tmp_path, DESIGNED)
    with pytest.raises(ValidationError):
        config.fetch.delay = 0  # type: ignore[misc]
    with pytest.raises(ValidationError):
        config.contact = None  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(config)) == config  # noqa: S301 - our own bytes
    assert json.loads(json.dumps(config.as_record()))["fetch"]["delay"] == 1


def test_files_from_windows_are_read(tmp_path: Path) -> None:
    """A byte order mark and CRLF line ends do no harm; other encodings are named."""
    (tmp_path / FILE_NAME).write_bytes(b"\xef\xbb\xbf[fetch]\r\ndelay = 3\r\n")
    assert load(tmp_path).fetch.delay == 3
    (tmp_path / FILE_NAME).write_bytes("contact = 'ä'".encode("latin-1"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path)


def test_lines_are_found_in_nested_tables() -> None:
    """A key's line is that of its own table, also when tables repeat; else the table's line."""
    text = "a = 1\n[[site]]\nname = 'x'\n[ fetch ] # here\n'delay' = 1\n[[site]]\nname = 'y'"
    assert line_of(text, ("site", 0, "name")) == 3
    assert line_of(text, ("site", 1, "name")) == 7
    assert line_of(text, ("site", 1, "seeds")) == 6
    assert line_of(text, ("fetch", "delay")) == 5
    assert line_of(text, ("nothing",)) is None


def test_what_a_user_sets_reaches_scrapy(tmp_path: Path) -> None:
    """Overlaid names are settings of crawler.settings, the archives' slots apart."""
    config = load_text(tmp_path, "contact = 'a@b.example'\n[fetch]\ndelay = 7\nmax_size = '1MiB'")
    overlay = scrapy_settings(config)
    assert [name for name in overlay if not hasattr(crawler.settings, name)] == ["DOWNLOAD_SLOTS"]
    assert (overlay["DOWNLOAD_DELAY"], overlay["NEWSMORGUE_MAX_SIZE"]) == (7, 1024**2)
    assert "a@b.example" in overlay["USER_AGENT"]


def test_scrapy_and_config_agree_on_the_defaults() -> None:
    """`scrapy crawl` without newsmorgue.toml behaves as `newsmorgue crawl` without one."""
    overlay = scrapy_settings(load(Path("/nowhere")))
    assert set(overlay.pop("DOWNLOAD_SLOTS")) == {"archive:wayback"}
    assert overlay == {name: getattr(crawler.settings, name) for name in overlay}


def test_every_setting_is_used() -> None:
    """A key that no code reads would be a promise nobody keeps."""
    files = [
        path for room in ("crawler", "spiders", "storage") for path in ROOT.glob(f"{room}/**/*.py")
    ]
    config = ROOT / "crawler/config"
    readers = [path for path in files if path.parent != config or path.name == "overlay.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in readers)
    keys = [
        (table, key) for table, key in all_keys() if table not in {"", "judge", "lifecycle", "site"}
    ]
    names = {(t, k): rf"\.{k}\b" if t == "archive" else rf"\.{t}\.{k}\b" for t, k in keys}
    names[("reading", "workers")] = r"\.reading\.worker_count\b"
    assert [key for key, name in names.items() if not re.search(name, text)] == []


def test_the_reference_is_made_from_the_models() -> None:
    """docs/reference/configuration.md is what the models say, word for word."""
    page = (ROOT / "docs/reference/configuration.md").read_text(encoding="utf-8")
    assert page == configuration_reference()
    assert all(f"| `{key}` |" in page for _, key in all_keys())


def test_the_example_in_the_reference_can_be_loaded(tmp_path: Path) -> None:
    """The reference's whole file is a working newsmorgue.toml."""
    page = configuration_reference()
    example = page.split("```toml\n")[1].split("```")[0]
    assert load_text(tmp_path, example).site[0].name == "courier"
