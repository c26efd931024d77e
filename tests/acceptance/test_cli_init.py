"""`newsmorgue init`: a home directory that works, and nothing overwritten."""

import json
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.cli import Ran, newsmorgue
from support.databases import Database

from crawler.cli.beginning import names
from crawler.cli.starter import starter
from crawler.config import Config, load
from crawler.config.keys import all_keys

SITE = "https://www.courier.example/news/"
DEFAULT = re.compile(r"^#(?=\[\[|\w+ = )", re.MULTILINE)  # what init puts before a default


def begun(*arguments: object, **more: Any) -> tuple[Ran, dict[str, Any]]:
    """Run `newsmorgue init --json`, which must succeed."""
    ran = newsmorgue("init", *arguments, "--json", **more)
    assert ran.code == 0, ran.err
    return ran, json.loads(ran.out)


def test_init_makes_a_morgue_that_the_other_commands_take(tmp_path: Path) -> None:
    """Settings, database and warc/ are there; doctor has nothing to complain of, status reads."""
    home = tmp_path / "morgue"
    ran, told = begun(home, "--site", SITE, "--contact", "crawls@library.example")
    assert told["sites"] == ["courier.example"]
    assert f"newsmorgue crawl --home {home}" in ran.err
    assert {path.name for path in home.iterdir()} == {"newsmorgue.toml", "newsmorgue.db", "warc"}
    doctor = json.loads(newsmorgue("doctor", "--json", "--home", home).out)
    assert {check["result"] for check in doctor["checks"]} == {"ok"}
    assert newsmorgue("status", "--home", home).code == 0


def test_the_file_says_what_was_given(tmp_path: Path) -> None:
    """Sites, contact and database stand in the file; everything else is at its default."""
    begun(tmp_path, "--site", SITE, "--site", "http://[::1]:8000/", "--database", "sqlite:///a.db")
    config = load(tmp_path)
    assert [(site.name, *site.seeds) for site in config.site] == [
        ("courier.example", SITE),
        ("1", "http://[::1]:8000/"),
    ]
    assert config.database_url == f"sqlite:///{tmp_path}/a.db"
    assert (tmp_path / "a.db").exists()
    left_out = {"site", "database"}  # what was given
    plain = Config(home=tmp_path).model_dump(exclude=left_out)
    assert config.model_dump(exclude=left_out) == plain


def test_every_default_may_be_uncommented(tmp_path: Path) -> None:
    """Each key stands in the file with its words; without the # it says what holds anyway."""
    text = starter({}, [])
    for table, key in all_keys():
        assert re.search(rf"^#{key} = ", text, flags=re.MULTILINE), f"{table} {key}"
    open_file = tmp_path / "newsmorgue.toml"
    open_file.write_text(DEFAULT.sub("", text), encoding="utf-8")
    examples = {"database", "contact", "site"}
    assert load(tmp_path).model_dump(exclude=examples) == Config(home=tmp_path).model_dump(
        exclude=examples
    )
    assert [site.name for site in load(tmp_path).site] == ["courier"]


def test_every_section_is_explained() -> None:
    """Before each table stands a comment of a line or a few."""
    lines = starter({}, []).splitlines()
    heads = [at for at, line in enumerate(lines) if re.match(r"#?\[", line)]
    assert len(heads) == len([name for name in Config.model_fields if name in tables()])
    assert all(lines[at - 1].startswith("# ") for at in heads)


def tables() -> set[str]:
    """Return the names of all sections."""
    return {table for table, _ in all_keys()}


def test_any_text_survives_the_file() -> None:
    """Letters of any script, quotes and control characters come back from the TOML."""
    odd = 'sqlite:///zürich "a" \\ \x7f\t🗞.db'
    assert tomllib.loads(starter({"database": odd}))["database"] == odd


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A second init ends with code 2 and leaves the settings as they are."""
    begun(tmp_path)
    settings = tmp_path / "newsmorgue.toml"
    settings.write_text("# mine\n", encoding="utf-8")
    ran = newsmorgue("init", tmp_path)
    assert ran.code == 2
    assert "overwrites nothing" in ran.err
    assert settings.read_text(encoding="utf-8") == "# mine\n"


def test_a_morgue_without_settings_gets_them(tmp_path: Path) -> None:
    """A database that a crawl has made is kept: init only adds the file."""
    assert newsmorgue("db", "upgrade", "--home", tmp_path).code == 0
    before = (tmp_path / "newsmorgue.db").stat().st_ino
    begun(home=tmp_path)
    assert (tmp_path / "newsmorgue.db").stat().st_ino == before


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--contact", "me at home", "--contact cannot be used"),
        ("--database", "mysql://host/x", "--database cannot be used"),
        ("--site", "courier.example", "https://courier.example"),
        ("--site", "https://me:secret@courier.example/", "no user name and no password"),
        ("--home", "elsewhere", "named twice"),
    ],
)
def test_what_cannot_be_used_is_told_before_anything_is_made(
    tmp_path: Path, option: str, value: str, says: str
) -> None:
    """A bad value ends with code 2, names its option, and no file is made."""
    ran = newsmorgue("init", tmp_path, option, value)
    assert ran.code == 2
    assert says in ran.err
    assert "secret" not in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_made_leaves_no_settings(tmp_path: Path) -> None:
    """The file comes last, so that a second try is not refused; the code is the database's."""
    ran = newsmorgue("init", tmp_path, "--database", "sqlite:///nowhere/a.db")
    assert ran.code == 6
    assert list(tmp_path.iterdir()) == []


def test_init_on_postgres(tmp_path: Path, postgres_database: Database) -> None:
    """The tables are made in the database that is named, and the next command finds them there."""
    postgres_database.execute("DROP SCHEMA public CASCADE")
    postgres_database.execute("CREATE SCHEMA public")
    begun(tmp_path, "--database", postgres_database.url)
    assert postgres_database.one("SELECT count(*) FROM articles") == 0
    assert newsmorgue("status", "--home", tmp_path).code == 0
    assert not (tmp_path / "newsmorgue.db").exists()


def test_a_password_is_for_the_owner_alone(tmp_path: Path, postgres_database: Database) -> None:
    """A file with a password in it is readable by its owner only; the password is not printed."""
    url = postgres_database.url.replace("@", ":geheim@", 1)
    ran, told = begun(tmp_path, "--database", url)
    assert stat.S_IMODE((tmp_path / "newsmorgue.toml").stat().st_mode) == 0o600
    assert "geheim" not in ran.err + told["database"]


def test_sites_have_names_of_their_own() -> None:
    """The host, with the path where a host comes twice, with a number where that is taken."""
    urls = [
        "https://www.courier.example/en/",
        "https://www.courier.example/fr/",
        "https://courier.example/fr",
        "https://www.com/",
        "http://[2001:db8::1]/",
    ]
    assert names(urls) == (
        "courier.example",
        "courier.example-fr",
        "courier.example-2",
        "www.com",
        "2001-db8--1",
    )
    sites = [{"name": n, "seeds": [url]} for n, url in zip(names(urls), urls, strict=True)]
    assert Config(home=Path(), site=sites)
