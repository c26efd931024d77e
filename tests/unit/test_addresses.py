"""Which addresses may be connected to."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetching.addresses import is_public, networks, why_refused

LOOPBACK = networks(["127.0.0.0/8"])

REFUSED = {
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "::1": "loopback",
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "::": "unspecified",
    "10.1.2.3": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "fc00::1": "private",
    "fdff::1": "private",
    "fec0::1": "private",
    "100.64.0.1": "shared",
    "100.127.255.255": "shared",
    "169.254.0.1": "link_local",
    "fe80::1": "link_local",
    "fe80::1%eth0": "link_local",
    "169.254.169.254": "metadata",
    "100.100.100.200": "metadata",
    "168.63.129.16": "metadata",
    "192.0.0.192": "metadata",
    "fd00:ec2::254": "metadata",
    "fd20:ce::254": "metadata",
    "::ffff:169.254.169.254": "metadata",
    "224.0.0.1": "multicast",
    "ff02::1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "192.0.0.1": "reserved",
    "4000::1": "reserved",
    "100::1": "reserved",
    "5f00::1": "reserved",
    "192.0.2.1": "documentation",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "2001:db8::1": "documentation",
    "3fff::1": "documentation",
    "198.18.0.1": "benchmarking",
    "::ffff:127.0.0.1": "loopback",
    "::127.0.0.1": "loopback",
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b::a00:1": "private",
    "64:ff9b:1::7f00:1": "tunnel",
    "64:ff9b:1::808:808": "tunnel",
    "2002:7f00:1::": "loopback",
    "2002:c0a8:101::1": "private",
    "2002:808:808::1": "tunnel",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "documentation",  # the client in it is 192.0.2.45
    "2001:0:4136:e378:8000:63bf:f7f7:f7f7": "tunnel",
    "192.88.99.1": "tunnel",
    "localhost": "not_an_address",
    "127.1": "not_an_address",
    "2130706433": "not_an_address",
    "": "not_an_address",
}
PUBLIC = [
    "8.8.8.8",
    "151.101.1.164",
    "100.63.255.255",
    "100.128.0.0",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450:4001:81b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused_by_name(address: str) -> None:
    """Every special range is refused with the word an operator would look for."""
    assert why_refused(address, ()) == REFUSED[address]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is_public(address: str) -> None:
    """Ordinary addresses pass, also as an IPv6-only host sees the IPv4 internet."""
    assert is_public(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::ffff:127.0.0.1"])
def test_allow_private_opens_the_named_network(address: str) -> None:
    """An allowed network is open, also in the mapped spelling of its addresses."""
    assert why_refused(address, LOOPBACK) is None


@pytest.mark.parametrize("address", ["10.0.0.1", "::1", "169.254.169.254", "2002:7f00:1::"])
def test_allow_private_opens_nothing_else(address: str) -> None:
    """Allowing one network leaves the others shut, and tunnels into it too."""
    assert why_refused(address, LOOPBACK) is not None


def test_each_face_needs_its_own_permission() -> None:
    """An allowed tunnel does not carry a refused address inside it."""
    tunnels = networks(["2002::/16"])
    assert why_refused("2002:7f00:1::", tunnels) == "loopback"
    assert why_refused("2002:7f00:1::", (*tunnels, *LOOPBACK)) is None


def test_a_cidr_must_be_one() -> None:
    """A typo in allow_private is an error, not an open door."""
    with pytest.raises(ValueError, match="does not appear to be"):
        networks(["127.0.0.0/33"])


@given(st.ip_addresses(v=4).filter(lambda address: not address.is_global))
def test_no_wrapping_makes_a_special_address_public(address: IPv4Address) -> None:
    """Mapped, NAT64, 6to4, compatible and Teredo forms of a special address are refused."""
    number = int(address)
    wrapped = [
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(0x64FF9B << 96 | number),
        IPv6Address(0x2002 << 112 | number << 80),
        IPv6Address(number),
        IPv6Address(0x20010000 << 96 | (number ^ 0xFFFFFFFF)),
    ]
    assert not is_public(str(address))
    assert not any(is_public(str(form)) for form in wrapped)


@given(st.ip_addresses(v=6))
def test_the_table_is_never_laxer_than_the_standard_library(address: IPv6Address) -> None:
    """What Python calls not global is not public here, NAT64 with a public inside excepted."""
    if is_public(str(address)) and address.ipv4_mapped is None:
        assert address.is_global
