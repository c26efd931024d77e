"""The address guard: a name or literal is looked up once, vetted, and only then connected to.

It stands where Twisted asks for addresses, after every redirect, encoding and cache, and the
addresses it lets through are the very ones that are dialled: there is no second lookup that an
attacker's name server could answer differently.
"""

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any, NoReturn, Self

from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.resolver import CachingHostnameResolver, HostResolution, dnscache
from scrapy.statscollectors import StatsCollector
from twisted.internet.address import IPv4Address
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.fetching.addresses import Network, networks, why_refused

_LONGEST_NAME = 253  # characters, RFC 1035
_LONGEST_LABEL = 63


class AddressRefused(Exception):  # noqa: N818 - a word of the domain
    """The host has no address that may be connected to."""

    def __init__(self, host: str, address: str, reason: str) -> None:
        super().__init__(
            f"{host} is at {address}, which is refused: {reason}; allow_private opens a network"
        )
        self.host = host
        self.address = address
        self.reason = reason


class RefusedAddress(IPv4Address):
    """Stands in the answer for a host without a permitted address.

    Twisted's endpoint turns an empty answer into "not found" and offers no way to hand it an
    error. It does read `host` of each address it is given, and there the refusal is raised, into
    the failure of exactly this request.
    """

    def __init__(self, refusal: AddressRefused) -> None:
        self.refusal = refusal

    @property
    def host(self) -> NoReturn:  # type: ignore[override]
        """Raise the refusal."""
        raise self.refusal


@implementer(IResolutionReceiver)
class Vetting:
    """Passes the permitted addresses of one lookup on, and the refusal if there are none.

    Receivers and resolutions are `Any`: zope's interfaces say nothing to a type checker.
    """

    def __init__(
        self, receiver: Any, host: str, allowed: Sequence[Network], *, names: bool
    ) -> None:
        self._receiver = receiver
        self._host = host
        self._allowed = allowed
        self._can_carry_refusal = names
        self._passed = 0
        self._refusal: AddressRefused | None = None

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 - Twisted's
        """Pass on."""
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802 - Twisted's name
        """Pass on a permitted address, remember the first refused one."""
        host = getattr(address, "host", "")
        reason = why_refused(host, self._allowed)
        if reason is None:
            self._passed += 1
            self._receiver.addressResolved(address)
        elif self._refusal is None:
            self._refusal = AddressRefused(self._host, host, reason)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        """Finish; with nothing permitted, the refusal goes out in place of an address."""
        if self._refusal is not None and not self._passed and self._can_carry_refusal:
            self._receiver.addressResolved(RefusedAddress(self._refusal))
        self._receiver.resolutionComplete()


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's caching resolver with every answer vetted, cached ones and literals too.

    Settings: NEWSMORGUE_ALLOW_PRIVATE (CIDRs let through), NEWSMORGUE_DNS_TTL (seconds an answer
    is kept; Scrapy's own cache keeps it for the life of the process).
    """

    def __init__(
        self, reactor: ReactorBase, cache_size: int, allowed: Iterable[Network], ttl: float
    ) -> None:
        super().__init__(reactor, cache_size)
        self._allowed = tuple(allowed)
        self._ttl = ttl
        self._asked: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Read the settings. Scrapy hands over the crawler process, which has only those."""
        settings = crawler.settings
        return cls(
            reactor,
            settings.getint("DNSCACHE_SIZE"),
            networks(settings.getlist("NEWSMORGUE_ALLOW_PRIVATE")),
            settings.getfloat("NEWSMORGUE_DNS_TTL") if settings.getbool("DNSCACHE_ENABLED") else 0,
        )

    def allow(self, allowed: Iterable[Network]) -> None:
        """Let through these private networks from now on, and no others."""
        self._allowed = tuple(allowed)

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: Any,  # noqa: N803 - Twisted's name
        hostName: str,  # noqa: N803 - Twisted's name
        portNumber: int = 0,  # noqa: N803 - Twisted's name
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803 - Twisted's name
        transportSemantics: str = "TCP",  # noqa: N803 - Twisted's name
    ) -> Any:
        """Look a name or literal up and vet what comes, as `IHostnameResolver` asks."""
        vetting: Any = Vetting(
            resolutionReceiver, hostName, self._allowed, names=addressTypes is None
        )
        if not _is_askable(hostName):
            return _answer_nothing(vetting, hostName)
        self._forget_if_old(hostName)
        return super().resolveHostName(
            vetting, hostName, portNumber, addressTypes, transportSemantics
        )

    def _forget_if_old(self, host: str) -> None:
        now = monotonic()
        if host not in dnscache:
            self._asked[host] = now
        elif now - self._asked.get(host, 0.0) >= self._ttl:
            dnscache.pop(host, None)
            self._asked[host] = now
        while len(self._asked) > max(1, dnscache.limit or 1):
            self._asked.pop(next(iter(self._asked)))


class GuardCounter:
    """Downloader middleware that counts refusals: `guard/refused` and one count a reason."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawler's stats, and give its networks to the resolver."""
        _heed(crawler)
        return cls(crawler.stats)

    def process_exception(self, request: Request, exception: Exception) -> None:  # noqa: ARG002
        """Count, and let the failure go on."""
        if isinstance(exception, AddressRefused):
            self._stats.inc_value("guard/refused")
            self._stats.inc_value(f"guard/refused/{exception.reason}")


def _heed(crawler: Crawler) -> None:
    """Let the resolver know the crawler's own settings.

    Scrapy makes it from the settings of the process: `scrapy crawl` has not read the spider's then.
    """
    from twisted.internet import reactor  # noqa: PLC0415 - importing it early would install it

    resolver = getattr(reactor, "nameResolver", None)
    if isinstance(resolver, GuardedResolver):
        resolver.allow(networks(crawler.settings.getlist("NEWSMORGUE_ALLOW_PRIVATE")))


def _is_askable(host: str) -> bool:
    """Whether getaddrinfo can be asked: it raises, and so never answers, for names this bad."""
    try:
        encoded = host.encode("idna")
    except UnicodeError:
        return False
    labels = encoded.removesuffix(b".").split(b".")
    return len(encoded) <= _LONGEST_NAME and all(len(label) <= _LONGEST_LABEL for label in labels)


def _answer_nothing(receiver: Vetting, host: str) -> Any:
    resolution = HostResolution(host)
    receiver.resolutionBegan(resolution)
    receiver.resolutionComplete()
    return resolution
