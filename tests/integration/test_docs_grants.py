"""What the how-to on Postgres says of readers: they keep their grants over an upgrade."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import Engine
from support.databases import Postgres

from storage import upgrade
from storage.engine import open_engine
from storage.views import VIEWS

PAGE = (Path(__file__).parents[2] / "docs/howto/use-postgres.md").read_text(encoding="utf-8")
FIRST = "0002"  # the revision that first had the views


@pytest.fixture
def upgraded(postgres: Postgres) -> Any:
    """A database of the first views, granted to a role as the page says, then upgraded."""
    name = postgres.create()
    reader = f"reader_{name}"
    engine = open_engine(postgres.url(name))
    at_first(engine)
    grant = next(line for line in PAGE.splitlines() if line.startswith("GRANT"))
    with psycopg.connect(postgres.conninfo(name), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(reader)))
        connection.execute(grant.replace("TO reader", f"TO {reader}").encode())
        upgrade.upgrade(engine)
        yield connection, reader
        connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(reader)))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(reader)))
    engine.dispose()
    postgres.drop(name)


def at_first(engine: Engine) -> None:
    """Bring a database to the revision of the first views."""
    config = Config()
    config.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, FIRST)


def test_a_reader_keeps_its_grants_over_upgrades(upgraded: Any) -> None:
    """Each view that was granted before an upgrade can be read after it; no table can."""
    connection, reader = upgraded
    for name, may in {**dict.fromkeys(VIEWS, True), "visit": False}.items():
        asked = connection.execute("SELECT has_table_privilege(%s, %s, 'SELECT')", (reader, name))
        assert asked.fetchone() == (may,), name
