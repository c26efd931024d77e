"""Database URLs: which are taken, where a relative one lies, and how one is shown."""

import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_SECRET_PARAMETER = re.compile(r"((?:ssl)?password=)[^&\s]*", re.IGNORECASE)
_USERINFO = re.compile(r"(\w://[^:/@\s]*):[^/\s]*@")

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


def redacted(text: str) -> str:
    """Return a URL, or a text that holds one, with *** in place of every password."""
    return _SECRET_PARAMETER.sub(r"\1***", _USERINFO.sub(r"\1:***@", text))


def without_credentials(url: str) -> str:
    """Return a URL with no user and no password at all, for records that others read."""
    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return redacted(urlunsplit(bare))
