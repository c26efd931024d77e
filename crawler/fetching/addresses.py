"""Which network addresses a crawler may connect to. Pure: text in, reason out.

The ranges are those of the IANA special-purpose address registries (RFC 6890, as of 2025),
written out because `ipaddress.is_global` differs between Python versions and, in 3.11, calls
NAT64 and 6to4 wrappings of loopback global. An address that carries another one inside is
judged by both.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_REFUSED: dict[str, tuple[str, ...]] = {
    # Link-local and the like already cover most of these; the name is what an operator looks for.
    "metadata": (
        "169.254.169.254/32",  # AWS, GCP, Azure, OpenStack, DigitalOcean
        "169.254.170.2/32",  # AWS container credentials
        "100.100.100.200/32",  # Alibaba
        "168.63.129.16/32",  # Azure's wire server, inside public space
        "192.0.0.192/32",  # Oracle
        "fd00:ec2::/32",  # AWS over IPv6
        "fd20:ce::254/128",  # GCP over IPv6
    ),
    "unspecified": ("0.0.0.0/8", "::/128"),
    "loopback": ("127.0.0.0/8", "::1/128"),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
    "shared": ("100.64.0.0/10",),  # carrier-grade NAT, RFC 6598
    "link_local": ("169.254.0.0/16", "fe80::/10"),
    "documentation": (
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
        "3fff::/20",
    ),
    "benchmarking": ("198.18.0.0/15", "2001:2::/48"),
    "tunnel": (
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "192.88.99.0/24",  # its relays
        "64:ff9b:1::/48",  # NAT64 with a prefix of the operator's own choosing
    ),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "reserved": ("192.0.0.0/24", "240.0.0.0/4", "2001::/23"),
}
_GLOBAL_UNICAST = ip_network("2000::/3")  # all that IANA has given out for the IPv6 internet
_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: the IPv4 internet as an IPv6-only host sees it
_COMPATIBLE = ip_network("::/96")  # IPv4-compatible, deprecated by RFC 4291
_LAST_32_BITS = 0xFFFFFFFF


def is_public(address: str) -> bool:
    """Whether an address lies on the public internet and nowhere else."""
    return why_refused(address, ()) is None


def why_refused(address: str, allowed: Iterable[Network]) -> str | None:
    """Return None for an address that may be connected to, else one word for why not.

    Words: the keys of the table above, and `not_an_address`. `allowed` opens the named networks
    and nothing else: an address with another one inside passes when each of the two is either
    public or allowed.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "not_an_address"
    opened = tuple(allowed)
    return next(_objections(parsed, opened), None)


def networks(cidrs: Iterable[str]) -> tuple[Network, ...]:
    """Parse CIDRs such as `127.0.0.0/8`. Raises `ValueError` for anything else."""
    return tuple(ip_network(cidr.strip()) for cidr in cidrs)


def _objections(address: Address, allowed: tuple[Network, ...]) -> Iterator[str]:
    for face in _faces(address):
        if _within(face, allowed):
            continue
        reason = _special(face)
        if reason is not None:
            yield reason


def _faces(address: Address) -> tuple[Address, ...]:
    """Return what an address stands for, the embedded IPv4 address first."""
    if isinstance(address, IPv4Address):
        return (address,)
    plain = IPv6Address(int(address))  # without the scope id
    inner = _embedded(plain)
    if inner is None:
        return (plain,)
    # A mapped address is a spelling: the connection made is the IPv4 one.
    return (inner,) if plain.ipv4_mapped else (inner, plain)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & _LAST_32_BITS)
    return None


def _special(address: Address) -> str | None:
    for network, reason in _table():
        if address.version == network.version and address in network:
            return reason
    if isinstance(address, IPv6Address) and not (address in _GLOBAL_UNICAST or address in _NAT64):
        return "reserved"
    return None


def _within(address: Address, allowed: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in allowed)


@cache
def _table() -> tuple[tuple[Network, str], ...]:
    return tuple((ip_network(cidr), reason) for reason, cidrs in _REFUSED.items() for cidr in cidrs)
