"""Database URLs: which are taken, and where a relative one lies."""

from pathlib import Path
from urllib.parse import urlsplit

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}

EXAMPLES = "sqlite:///news.db or postgresql+psycopg://user@host/morgue"


def database_url(text: str, home: Path) -> str:
    """Return the URL for SQLAlchemy; a relative SQLite path starts at `home`.

    Raises ValueError, which never repeats the URL: it may hold a password.
    """
    scheme, _, rest = text.strip().partition("://")
    driver = _DRIVERS.get(scheme)
    if driver is None or not rest:
        raise ValueError(f"it starts with no known scheme; write {EXAMPLES}")
    if driver == "sqlite":
        return _sqlite_url(rest, home)
    if not urlsplit(f"{driver}://{rest}").path.strip("/"):
        raise ValueError(f"it names no database; write {EXAMPLES}")
    return f"{driver}://{rest}"


def _sqlite_url(rest: str, home: Path) -> str:
    """Return the URL of a SQLite file from what follows `sqlite://`."""
    path, _, query = rest.partition("?")
    if not path.startswith("/") or path == "/":
        raise ValueError("it names no file; write sqlite:///news.db (three slashes)")
    if path == "/:memory:":
        raise ValueError("a database in memory forgets everything; name a file")
    absolute = home.absolute() / path[1:]
    return f"sqlite:///{absolute}" + (f"?{query}" if query else "")
