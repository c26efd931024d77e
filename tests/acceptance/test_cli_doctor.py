"""`newsmorgue doctor` and `db upgrade`: what they find, and that the doctor changes nothing."""

import json
import re
import sqlite3
import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.cli import ROOT, newsmorgue

from crawler.cli.smoke import MODULES, smoke_import


def checks(home: Path, **more: Any) -> tuple[int, dict[str, dict[str, str]]]:
    ran = newsmorgue("doctor", "--json", "--home", home, **more)
    told = json.loads(ran.out)
    assert told["failed"] == sum(check["result"] == "fail" for check in told["checks"])
    return ran.code, {check["check"]: check for check in told["checks"]}


def test_a_fresh_home_is_in_order(tmp_path: Path) -> None:
    """Nothing fails in an empty directory; the missing contact is a warning; nothing is made."""
    code, found = checks(tmp_path)
    assert code == 0
    assert {name for name, check in found.items() if check["result"] != "ok"} == {"contact"}
    assert set(found) == {
        "python",
        "sqlite",
        "imports",
        "home",
        "disk",
        "configuration",
        "contact",
        "database",
    }
    assert list(tmp_path.iterdir()) == []


def test_the_table_is_for_people(tmp_path: Path) -> None:
    """Without --json there is one line a check, under a heading."""
    lines = newsmorgue("doctor", "--home", tmp_path).out.splitlines()
    assert re.split(" {2,}", lines[0]) == ["check", "result", "found", "fix"]
    assert len(lines) == 9


def test_a_broken_configuration_fails(tmp_path: Path) -> None:
    """A config typo is one failed check with its line, not the end of the others."""
    (tmp_path / "newsmorgue.toml").write_text("[fetch]\ndely = 1\n", encoding="utf-8")
    code, found = checks(tmp_path)
    assert code == 1
    assert found["python"]["result"] == "ok"
    assert "line 2" in found["configuration"]["found"]
    assert "`delay`" in found["configuration"]["fix"]


def test_a_missing_home_fails(tmp_path: Path) -> None:
    """A home directory that is not there is told and not made."""
    code, found = checks(tmp_path / "nothing")
    assert code == 1
    assert found["home"]["result"] == "fail"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("url", ["postgresql://u:geheim@127.0.0.1:1/morgue?connect_timeout=5"])
def test_an_unreachable_database_fails(tmp_path: Path, url: str) -> None:
    """A database that does not answer fails its check; the password is not shown."""
    code, found = checks(tmp_path, env={"NEWSMORGUE_DATABASE": url})
    assert code == 1
    assert found["database"]["result"] == "fail"
    assert "geheim" not in json.dumps(found)


def test_upgrade_makes_the_schema_and_the_doctor_sees_it(tmp_path: Path) -> None:
    """`db upgrade` brings an empty database up, says so, and does nothing the second time."""
    first = newsmorgue("db", "upgrade", "--home", tmp_path)
    second = newsmorgue("db", "upgrade", "--home", tmp_path)
    assert (first.code, second.code) == (0, 0)
    assert "upgraded from an empty database" in first.err
    assert "nothing to do" in second.err
    code, found = checks(tmp_path)
    assert code == 0
    assert found["database"]["result"] == "ok"


def test_a_schema_of_another_version_fails(tmp_path: Path) -> None:
    """A database at a revision this version does not know fails with what to do."""
    newsmorgue("db", "upgrade", "--home", tmp_path)
    with sqlite3.connect(tmp_path / "newsmorgue.db") as database:
        database.execute("update alembic_version set version_num = '9999'")
    database.close()
    code, found = checks(tmp_path)
    assert code == 1
    assert "9999" in found["database"]["found"]
    assert "db upgrade" in found["database"]["fix"]


def test_every_dependency_is_tried() -> None:
    """The smoke imports cover each dependency of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[\s\[<>=!~;]", line)[0] for line in project["dependencies"]}
    assert declared <= set(MODULES)


def test_a_broken_import_is_named() -> None:
    """A module that cannot be imported is told with its error; the others are tried as well."""
    found = smoke_import({"rich": "rich", "nothing": "no_such_module", "typer": "typer"})
    assert found["rich"].version
    assert found["typer"].version
    assert "ModuleNotFoundError" in found["nothing"].error


def test_an_import_that_kills_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that ends the process is told by name with the status it died of."""
    (tmp_path / "deadly_module.py").write_text("import os\nos._exit(7)\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = smoke_import({"rich": "rich", "deadly": "deadly_module"})
    assert found["rich"].version
    assert found["deadly"].error == "the process died with status 7"
