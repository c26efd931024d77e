"""newsmorgue.toml and the environment as typed settings."""

from crawler.config.lifecycle import Lifecycle
from crawler.config.load import FILE_NAME, load, resolve_home
from crawler.config.models import Config
from crawler.config.sections import Archive, Fetch, Reading, Robots, Run, Site

__all__ = [
    "FILE_NAME",
    "Archive",
    "Config",
    "Fetch",
    "Lifecycle",
    "Reading",
    "Robots",
    "Run",
    "Site",
    "load",
    "resolve_home",
]
