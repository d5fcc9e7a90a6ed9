"""Tests the caller of a request: one address, an IPv6 network, or the site whose page sent it."""

from __future__ import annotations

import pytest

from bot.core.network import host_of, network


@pytest.mark.parametrize("host", ["203.0.113.7", "", "testclient", "no:address:at:all:but:colons", "localhost"])
def test_other_addresses_count_unchanged(host: str) -> None:
    assert network(host) == host


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2:a:b:c:d", "2001:db8:1:2:ffff::1"),
        ("2001:db8:1:2::5", "2001:db8:1:2:0:0:0:6"),
        ("2001:db8::1", "2001:db8::a:b:c:d"),
        ("2001:db8:1::1", "2001:db8:1:0:a:b:c:d"),
        ("2001:DB8:1:2::5", "2001:db8:1:2::6"),
        ("2001:0db8:0001:0002::5", "2001:db8:1:2::6"),
        ("fe80::1%eth0", "fe80::2%eth0"),
    ],
)
def test_two_addresses_of_a_64_network_count_together(one: str, other: str) -> None:
    assert network(one) == network(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::5", "2001:db8:1:3::5"),
        ("2001:db8::1", "2001:db9::1"),
        ("203.0.113.7", "203.0.113.8"),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8"),
    ],
)
def test_two_networks_count_apart(one: str, other: str) -> None:
    assert network(one) != network(other)


def test_ipv4_mapped_address_is_the_same_caller() -> None:
    assert network("::ffff:203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://www.losaromos.example", "www.losaromos.example"),
        ("http://localhost:8000", "localhost:8000"),
        ("https://[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        ("https://desk.example@evil.example", "desk.example@evil.example"),
        ("null", ""),
        ("", ""),
        ("http://[::1", ""),
        ("http://[desk.example]", ""),
    ],
)
def test_host_of_an_invalid_origin_is_empty(origin: str, host: str) -> None:
    assert host_of(origin) == host
