"""The whole of a morgue's configuration as one frozen value."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from crawler.config.database import database_url
from crawler.config.judging import Judge
from crawler.config.lifecycle import Lifecycle
from crawler.config.sections import (
    INTERNET_ARCHIVE,
    Archive,
    Discovery,
    Fetch,
    Reading,
    Robots,
    Run,
    Site,
)
from crawler.config.values import Networks
from crawler.core.urls import identity
from crawler.errors import redacted

_LIVE = "live"  # the word that stands as `source` beside a text from the live web


class Config(BaseSettings):
    """newsmorgue.toml, with the environment over it. Made by `crawler.config.load`.

    Attributes are named as the keys are. `home` is no key: it is where the file lies.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="NEWSMORGUE_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        validate_default=True,
    )

    home: Path = Field(description="The directory of this morgue.")
    database: str | None = Field(
        None,
        repr=False,
        description="Where the ledger is kept: a SQLite file or a Postgres database. "
        "Left out: `newsmorgue.db` in the home directory. A relative path starts there.",
    )
    contact: str | None = Field(
        None,
        description="An address or a page about your crawl; it goes into the User-Agent. "
        "Site owners who can reach you seldom block you.",
    )
    allow_private: Annotated[Networks, NoDecode] = Field(
        (),
        description="Private networks, as CIDRs, that may be fetched from all the same. "
        "By default no address inside your own network is.",
    )
    fetch: Fetch = Fetch()
    discovery: Discovery = Discovery()
    robots: Robots = Robots()
    reading: Reading = Reading()
    run: Run = Run()
    judge: Judge = Judge()
    lifecycle: Lifecycle = Lifecycle()
    archive: tuple[Archive, ...] = (INTERNET_ARCHIVE,)
    site: tuple[Site, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the hook's own signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment over the file, and the home directory given over both."""
        given = dict(init_settings())
        home = InitSettingsSource(settings_cls, {"home": given.pop("home")})
        return home, env_settings, InitSettingsSource(settings_cls, given)

    @field_validator("database")
    @classmethod
    def _database_is_known(cls, text: str | None) -> str | None:
        """Refuse what neither engine could open. The home directory does not matter here."""
        if text is not None:
            database_url(text, Path())
        return text

    @field_validator("contact")
    @classmethod
    def _contact_is_an_address(cls, text: str | None) -> str | None:
        """Refuse what would break the User-Agent header or reach nobody."""
        if text is None:
            return None
        is_address = text.startswith(("http://", "https://")) or "@" in text
        if not is_address or not text.isprintable() or not text.isascii() or " " in text:
            raise ValueError("a contact is a web or mail address in ASCII, without spaces")
        return text

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """Refuse what no single key shows: names and seeds given twice."""
        _refuse_repeated("site", (site.name for site in self.site))
        _refuse_repeated("archive", (archive.name for archive in self.archive))
        _refuse_shared_seeds(self.site)
        if any(archive.name == _LIVE for archive in self.archive):
            raise ValueError(f"an archive cannot be named {_LIVE!r}; that is the live web")
        return self

    @property
    def database_url(self) -> str:
        """The database's URL for SQLAlchemy, password included: never print it."""
        return database_url(self.database or "sqlite:///newsmorgue.db", self.home)

    @property
    def database_shown(self) -> str:
        """The database's URL as it may be printed and logged."""
        return redacted(self.database_url)

    @property
    def warc_dir(self) -> Path:
        """Where the WARC files are."""
        return self.home.absolute() / "warc"

    def site_named(self, name: str) -> Site | None:
        """Return the configured site of that name."""
        return next((site for site in self.site if site.name == name), None)

    def as_record(self) -> dict[str, Any]:
        """Return all settings as plain JSON values, for the harvest's row; no password."""
        record: dict[str, Any] = self.model_dump(mode="json")
        return record | {"database": self.database_shown}


def _refuse_repeated(table: str, names: Iterable[str]) -> None:
    """Raise if a name stands twice among the tables of one kind."""
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            _raise_repeated(f"two [[{table}]] tables are named {name!r}", (table, number, "name"))
        seen.add(name)


def _refuse_shared_seeds(sites: Iterable[Site]) -> None:
    """Raise if two sites name one seed: its pages could be counted to one of them only."""
    owners: dict[str, str] = {}
    for number, site in enumerate(sites):
        for url in site.seeds:
            owner = owners.setdefault(identity(url), site.name)
            if owner != site.name:
                message = f"the sites {owner!r} and {site.name!r} both have the seed {url}"
                _raise_repeated(message, ("site", number, "seeds"))


def _raise_repeated(message: str, at: tuple[str | int, ...]) -> NoReturn:
    raise PydanticCustomError("repeated", "{message}", {"message": message, "at": at})
