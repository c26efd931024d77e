"""The dialects of web archives: how each is asked, and how its answers are read."""

from typing import Protocol

from crawler.archives.base import Dialect
from crawler.archives.pywb import Pywb
from crawler.archives.timemap import TimeMap
from crawler.errors import ConfigError

KNOWN = ("wayback", "pywb", "timemap", "timegate")


class ArchiveConfig(Protocol):
    """What a dialect needs of an `[[archive]]` section."""

    @property
    def name(self) -> str:
        """Name of the archive, unique in the configuration."""

    @property
    def dialect(self) -> str:
        """Which language it speaks."""

    @property
    def cdx_url(self) -> object:
        """Where its index is asked; written with `str()`."""

    @property
    def replay_url(self) -> object:
        """Where its copies lie, up to the timestamp; written with `str()`."""

    @property
    def raw(self) -> bool:
        """Whether it gives copies as they were captured."""


def dialect(config: ArchiveConfig) -> Dialect:
    """Return the dialect of one configured archive. Raises `ConfigError` for an unknown one."""
    name, index, prefix = config.name, str(config.cdx_url), str(config.replay_url)
    match config.dialect:
        case "wayback":
            # Only here, because waybackpy brings requests along.
            from crawler.archives.wayback import Wayback  # noqa: PLC0415

            return Wayback(name=name, cdx_url=index, replay_prefix=prefix)
        case "pywb":
            return Pywb(name=name, cdx_url=index, replay_prefix=prefix)
        case "timemap" | "timegate":
            return TimeMap(
                name=name,
                cdx_url=index,
                replay_prefix=prefix,
                gate=config.dialect == "timegate",
                raw=config.raw,
            )
    raise ConfigError(
        f"the archive {config.name!r} is said to speak {config.dialect!r}",
        f"this Newsmorgue knows {', '.join(KNOWN)}",
        "Change `dialect` in its [[archive]] section, or take the section out",
    )
