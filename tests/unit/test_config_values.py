"""Durations, sizes and networks, as people write them in newsmorgue.toml."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config.values import (
    parse_networks,
    parse_seconds,
    parse_size,
    show_seconds,
    show_size,
)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(0, 0), (1.5, 1.5), ("90", 90), ("250 ms", 0.25), ("1 h 30 min", 5400), ("2weeks", 1209600)],
)
def test_durations_are_read(written: object, seconds: float) -> None:
    """Numbers are seconds; texts carry their unit, several of them if need be."""
    assert parse_seconds(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "soon", "3 fortnights", "1 h 30", "-1", None, [], True, float("inf"), "9e9"]
)
def test_nonsense_is_no_duration(written: object) -> None:
    """What cannot be meant is refused, infinity and booleans too."""
    with pytest.raises(ValueError, match="duration"):
        parse_seconds(written)


@given(st.integers(0, 100 * 365 * 86_400))
def test_durations_survive_being_shown(seconds: int) -> None:
    """What the reference shows is what the file would be read as."""
    assert parse_seconds(show_seconds(seconds)) == seconds


@given(st.integers(0, 1 << 50))
def test_sizes_survive_being_shown(size: int) -> None:
    """What the reference shows is what the file would be read as."""
    assert parse_size(show_size(size)) == size


@pytest.mark.parametrize("written", ["", "5 apples", -1, None, True, 1.5, "MiB"])
def test_nonsense_is_no_size(written: object) -> None:
    """What cannot be meant is refused."""
    with pytest.raises(ValueError, match="size"):
        parse_size(written)


def test_networks_are_read_from_lists_and_texts() -> None:
    """A list of CIDRs, or one text with commas or spaces; a lone address is a network of one."""
    expected = (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert parse_networks(["10.0.0.0/8", "::1"]) == expected
    assert parse_networks("10.0.0.0/8, ::1") == expected
    with pytest.raises(ValueError, match="network"):
        parse_networks(7)
