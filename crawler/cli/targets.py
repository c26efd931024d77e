"""What a user named on the command line: configured sites, URLs, lists of URLs."""

from collections.abc import Iterable

from crawler.cli.lists import objection, read_list
from crawler.cli.printing import say
from crawler.config import Config
from crawler.config.keys import nearest
from crawler.errors import UsageError


def sites_and_urls(
    arguments: Iterable[str], source: str | None, config: Config
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sites and the URLs named by the arguments and by the list, once each.

    Raises UsageError for an argument that is neither.
    """
    sites: dict[str, None] = {}
    urls: dict[str, None] = {}
    for argument in arguments:
        if config.site_named(argument) is not None:
            sites[argument] = None
        else:
            urls[_url(argument, config)] = None
    return tuple(sites), tuple(urls | dict.fromkeys(listed(source)))


def urls_only(arguments: Iterable[str], source: str | None) -> tuple[str, ...]:
    """Return the URLs of the arguments and of the list, once each. Raises UsageError."""
    named = {_checked(argument): None for argument in arguments}
    return tuple(named | dict.fromkeys(listed(source)))


def listed(source: str | None) -> tuple[str, ...]:
    """Return the URLs of a list; lines that are none are told on standard error."""
    if source is None:
        return ()
    return read_list(source, say)


def _url(argument: str, config: Config) -> str:
    """Return an argument that is a URL; else say what it could have been."""
    if "://" in argument or not _is_name(argument):
        return _checked(argument)
    names = tuple(site.name for site in config.site)
    near = nearest(argument, names)
    why = f"did you mean {near}?" if near else f"configured are: {', '.join(names) or 'none'}"
    raise UsageError(
        f"there is no site named {argument!r}",
        why,
        "Name a configured site, or write the whole URL with https://",
    )


def _is_name(argument: str) -> bool:
    """Whether an argument rather is a site's name than a host or an address."""
    return "." not in argument and "/" not in argument and ":" not in argument


def _checked(argument: str) -> str:
    """Return a URL that can be crawled."""
    why = objection(argument)
    if why is None:
        return argument
    shown = argument.encode("utf-8", "backslashreplace").decode()
    raise UsageError(f"{shown!r} is no URL that can be crawled", why, "Correct it or leave it out")
