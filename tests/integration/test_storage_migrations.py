"""The schema: what the migrations make is what the models say, on both engines."""

import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from support.databases import Database
from support.ledgers import Ledger
from support.records import (
    CANDIDATE,
    LOOKUPS,
    REPLAYS,
    bad_record,
    limits,
    lookup_record,
    memento,
    record,
    replay_record,
    verdict,
    visit,
)

from crawler.core.words import Answer, Liveness
from crawler.errors import CannotOpenDatabase, DatabaseError, ExitCode, SchemaTooNew, SchemaTooOld
from storage import upgrade
from storage.engine import open_engine, opening
from storage.schema import metadata
from storage.views import VIEWS

COLUMNS = {
    "articles": "resource_id site url title authors published_at published_at_source modified_at"
    " language text version reading source memento_url memento_datetime captured_at state"
    " is_partial has_removed_notice text_sha256 extractor_version rowid"
    " published_at_precision published_at_confidence published_before modified_at_source"
    " modified_at_precision modified_at_confidence date_evidence title_source title_confidence"
    " authors_source authors_confidence section section_source section_confidence language_source"
    " canonical_url lead_image is_free",
    "link_health": "resource_id site url state liveness outcome reason http_status"
    " consecutive_failures first_failed_at last_ok_at last_visited_at next_due_at recovered kind"
    " skipped",
    "visits": "visit_id harvest_id resource_id url purpose source started_at outcome liveness"
    " confidence reason http_status final_url bytes truncated content_sha256 warc_file warc_offset",
    "archive_lookups": "resource_id url archive asked_at answer rows_seen memento_url refused"
    " ask_again_at",
    "aliases": "url resource_id why since",
    "changes": "seq at kind resource_id url version reading",
    "harvests": "harvest_id started_at ended_at finish_reason exit_code discovered tally still_due",
}
"""The public contract, written down a second time on purpose: columns are only ever appended."""


def test_migrations_make_what_the_models_say(database: Database) -> None:
    """Tables, columns, types, defaults, indexes and constraints are equal to the models'."""
    assert differences(database) == []


def test_a_difference_would_be_seen(database: Database) -> None:
    """The comparison above is not blind: a column too many is found."""
    database.execute("ALTER TABLE host ADD COLUMN extra INTEGER")
    [(operation, *_rest)] = differences(database)
    assert operation == "remove_column"


def differences(database: Database) -> list[Any]:
    """Return what Alembic would change; views and the full-text index are no models."""
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_object": lambda _o, name, kind, _r, _c: (
            not (kind == "table" and (name in VIEWS or name.startswith("article_search")))
        ),
    }
    with database.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))


def test_partial_indexes_cover_claims(database: Database) -> None:
    """The indexes a claim lives by are there, with their condition, on both engines."""
    query = (
        "SELECT sql FROM sqlite_master WHERE name = ?"
        if database.is_sqlite
        else "SELECT indexdef FROM pg_indexes WHERE indexname = ?"
    )
    unclaimed = database.one(query, ["ix_frontier_unclaimed"])
    assert "(lane, priority, due_at, id)" in unclaimed
    assert "run_id IS NULL" in unclaimed
    assert "run_id IS NOT NULL" in database.one(query, ["ix_frontier_claimed"])


@pytest.mark.parametrize("view", COLUMNS)
def test_views_have_their_columns_in_order(database: Database, view: str) -> None:
    """A public view has exactly the documented columns, in their order, for any driver."""
    assert database.columns(view) == COLUMNS[view].split()


def test_every_view_is_documented() -> None:
    """The list above and the models know the same views."""
    assert set(VIEWS) == set(COLUMNS)


@pytest.mark.parametrize("view", COLUMNS)
def test_migrated_views_say_what_the_models_say(
    database: Database, tmp_path: Path, view: str
) -> None:
    """A view's SQL in the migration gives the rows that its definition in storage.views gives."""
    engine = fill(database, tmp_path)
    modelled = VIEWS[view].compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True})
    with database.plain() as connection:
        by_model = connection.execute(str(modelled)).fetchall()
        by_migration = connection.execute(f"SELECT * FROM {view}").fetchall()
    assert by_migration, "a comparison of nothing with nothing proves nothing"
    assert sorted(map(repr, by_migration)) == sorted(map(repr, by_model))


def fill(database: Database, folder: Path) -> Engine:
    """Give every view rows: an article, an edit, a move, a death, an archive's answers."""
    ledger = Ledger(database, folder)
    ledger.seed(*(f"http://paper.example/{name}" for name in ("a", "moved", "gone")))
    for of in ledger.claim(limits(per_host=9)):
        if of.url.endswith("a"):
            ledger.write(record(of))
        elif of.url.endswith("moved"):
            there = visit(of.url, final_url="http://paper.example/new")
            ledger.write(record(of, visit=there, verdict=verdict(Liveness.MOVED)))
        else:
            ledger.write(bad_record(of, Liveness.GONE))
    question = ledger.claim_archive(LOOKUPS)
    assert question is not None
    ledger.write(lookup_record(question, Answer.HAS, candidates=(CANDIDATE,)))
    copy = ledger.claim_archive(REPLAYS)
    assert copy is not None
    ledger.write(replay_record(copy, memento()))
    return ledger.engine


def test_the_files_names_are_the_revisions() -> None:
    """What the file names say without Alembic is what Alembic reads in the files, in one line."""
    scripts = ScriptDirectory.from_config(alembic_config())
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert upgrade.known() == tuple(reversed(revisions))
    assert upgrade.head() == revisions[0]


def test_a_schema_that_is_current_needs_no_alembic(database: Database) -> None:
    """Opening a morgue to read, to write, or to upgrade in vain does not import Alembic."""
    work = (
        "for act in (upgrade.current, upgrade.check, upgrade.ensure, upgrade.upgrade): act(engine)"
    )
    child = start(f"{work}\nassert 'alembic' not in sys.modules", database.url)
    assert child.communicate(timeout=60) == ("", "")
    assert child.returncode == 0


def test_every_earlier_schema_becomes_the_present_one(empty_database: Database) -> None:
    """Step by step or at once, an upgrade ends in the newest schema and tells where it began."""
    engine = empty_database.engine()
    for revision, later in pairwise(upgrade.known()):
        migrate(engine, revision)
        with pytest.raises(SchemaTooOld, match=revision):
            upgrade.check(engine)
        migrate(engine, later)
        assert upgrade.current(engine) == later
    upgrade.check(engine)


def migrate(engine: Engine, revision: str) -> None:
    """Bring a database to a revision, as the Newsmorgue of that day would have."""
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def alembic_config() -> Config:
    """Return where Alembic finds the migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def test_an_empty_database_gets_the_schema(empty_database: Database) -> None:
    """First contact creates all, with the change counter at nought."""
    engine = empty_database.engine()
    upgrade.ensure(engine)
    assert upgrade.current(engine) == upgrade.head()
    assert empty_database.rows("SELECT id, value FROM change_counter") == [(1, 0)]


def test_upgrading_twice_changes_nothing(empty_database: Database) -> None:
    """An upgrade tells where it came from; a second one finds nothing to do."""
    engine = empty_database.engine()
    assert upgrade.upgrade(engine) == (upgrade.EMPTY, upgrade.head())
    assert upgrade.upgrade(engine) == (upgrade.head(), upgrade.head())
    upgrade.ensure(engine)
    upgrade.check(engine)


def test_two_processes_may_create_the_schema_at_once(empty_database: Database) -> None:
    """Two first contacts at the same moment both find one whole schema."""
    children = [start("upgrade.ensure(engine)", empty_database.url) for _ in range(2)]
    assert [child.communicate(timeout=60)[1] for child in children] == ["", ""]
    assert [child.returncode for child in children] == [0, 0]
    assert empty_database.rows("SELECT id FROM change_counter") == [(1,)]


@pytest.mark.parametrize("act", [upgrade.ensure, upgrade.check, upgrade.upgrade])
def test_a_newer_schema_is_refused(database: Database, act: Callable[[Engine], object]) -> None:
    """A database of a later version is neither read nor written, and the error is the sixth."""
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew, match="9999") as caught:
        act(database.engine())
    assert caught.value.exit_code == ExitCode.DATABASE
    assert database.one("SELECT version_num FROM alembic_version") == "9999"


def test_two_revisions_at_once_are_not_ours_to_touch(database: Database) -> None:
    """A morgue that some tool has marked with two revisions is refused, both are named."""
    database.execute("INSERT INTO alembic_version VALUES ('0000')")
    with pytest.raises(SchemaTooNew, match=f"0000,{upgrade.head()}"):
        upgrade.check(database.engine())


@pytest.mark.parametrize("act", [upgrade.ensure, upgrade.check])
def test_an_older_schema_asks_for_an_upgrade(
    database: Database, act: Callable[[Engine], object]
) -> None:
    """A schema of an earlier version is not upgraded behind its owner's back."""
    database.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(SchemaTooOld, match="0001"):
        act(database.engine())


def test_an_empty_database_holds_no_archive_to_read(empty_database: Database) -> None:
    """Reading does not create: there is a clear error and there are still no tables."""
    with pytest.raises(DatabaseError, match="no archive"):
        upgrade.check(empty_database.engine())
    with pytest.raises(Exception, match="harvest"):
        empty_database.rows("SELECT * FROM harvest")


def test_reading_makes_no_file(tmp_path: Path) -> None:
    """To look for an archive where there is none leaves the directory as it was."""
    engine = open_engine(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(DatabaseError, match="no archive"):
        upgrade.check(engine)
    engine.dispose()
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_database_is_refused(empty_database: Database) -> None:
    """A database with another program's tables is left alone."""
    empty_database.execute("CREATE TABLE invoice (id INTEGER)")
    with pytest.raises(DatabaseError, match="invoice"):
        upgrade.ensure(empty_database.engine())


def test_a_foreign_database_that_uses_alembic_is_refused(empty_database: Database) -> None:
    """Another program's Alembic revision is not taken for a later one of ours."""
    empty_database.execute("CREATE TABLE invoice (id INTEGER)")
    empty_database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    empty_database.execute("INSERT INTO alembic_version VALUES ('ae1027a6acf')")
    with pytest.raises(DatabaseError, match="another program"):
        upgrade.upgrade(empty_database.engine())


@pytest.mark.parametrize("when", ["CREATE TABLE visit ", "CREATE VIEW changes", "UPDATE alembic"])
def test_a_kill_in_mid_migration_leaves_nothing_half(empty_database: Database, when: str) -> None:
    """Killed at any statement of it, a migration has not begun; the next one does all."""
    child = start(f"kill_at(engine, {when!r}); upgrade.ensure(engine)", empty_database.url)
    assert child.communicate(timeout=60) == ("", "")
    assert child.returncode == -signal.SIGKILL
    engine = empty_database.engine()
    assert upgrade.current(engine) == upgrade.EMPTY
    upgrade.ensure(engine)
    assert empty_database.rows("SELECT id, value FROM change_counter") == [(1, 0)]


_CHILD = """
import os, signal, sys
from sqlalchemy import event
from storage import upgrade
from storage.engine import open_engine

def kill_at(engine, start):
    @event.listens_for(engine, "before_cursor_execute")
    def seen(_connection, _cursor, statement, *_rest):
        if statement.strip().startswith(start):
            os.kill(os.getpid(), signal.SIGKILL)

engine = open_engine(sys.argv[1])
"""


def start(work: str, url: str) -> subprocess.Popen[str]:
    """Start a process that does this work on the database's engine."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{_CHILD}\n{work}", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_is_no_database_gives_one_clear_error(tmp_path: Path) -> None:
    """A file that SQLite cannot read is named, with what to do."""
    path = tmp_path / "photo.db"
    path.write_bytes(b"GIF89a" * 400)
    url = f"sqlite:///{path}"
    with pytest.raises(CannotOpenDatabase, match="not a database") as caught, opening(url):
        upgrade.ensure(open_engine(url))
    assert caught.value.exit_code == ExitCode.DATABASE


def test_a_password_is_never_shown() -> None:
    """The error for a database that cannot be reached names it without its password."""
    url = "postgresql+psycopg://clerk:secret@127.0.0.1:9/morgue"
    with pytest.raises(CannotOpenDatabase) as caught, opening(url):
        upgrade.ensure(open_engine(url))
    assert "secret" not in str(caught.value)
    assert "clerk" in str(caught.value)


def test_sqlite_is_as_durable_as_a_ledger_must_be(sqlite_database: Database) -> None:
    """Every connection runs in WAL with synchronous FULL and foreign keys on."""
    with sqlite_database.engine().connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
