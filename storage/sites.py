"""Configured sites, as rows that resources point at."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from storage.dialect import insert_into
from storage.schema import site


def save_sites(connection: Connection, sites: Mapping[str, Any], now: datetime) -> dict[str, int]:
    """Write the sites' settings as they are now; return their ids by name."""
    if not sites:
        return {}
    statement = insert_into(connection, site)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"settings": statement.excluded.settings}
        ),
        [{"name": name, "settings": settings, "since": now} for name, settings in sites.items()],
    )
    return ids_of(connection, sites)


def ids_of(connection: Connection, names: Collection[str]) -> dict[str, int]:
    """Return the ids of the sites of these names that are known."""
    rows = connection.execute(select(site.c.name, site.c.id).where(site.c.name.in_(names)))
    return {row.name: row.id for row in rows}
