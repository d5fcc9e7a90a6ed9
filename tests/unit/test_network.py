"""Tests that addresses count by the network of one caller, and what counts without a valid address."""

from __future__ import annotations

import pytest

from bot.core.network import SITE_FACTOR, limits, network, site


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("190.100.4.7", "190.100.4.7"),
        ("::ffff:190.100.4.7", "190.100.4.7"),
        ("::FFFF:be64:407", "190.100.4.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::2", "2001:db8::/64"),
        ("2001:0db8:0000:0000:ffff:0000:0000:0001", "2001:db8::/64"),
        ("2001:db8:0:1::2", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
    ],
)
def test_address_counts_by_its_network(host: str, counted: str) -> None:
    assert network(host) == counted


@pytest.mark.parametrize(
    "junk", ["", "testclient", "/run/ventanilla.sock", "1.2.3.4:80", "[::1]", "::1%", "ñ", "1::/64"]
)
def test_invalid_address_counts_unchanged(junk: str) -> None:
    assert (network(junk), limits(junk, 5)[0]) == (junk, (junk, 5))


def test_site_around_a_network_has_a_higher_limit() -> None:
    assert limits("2001:db8:7:1::2", 5) == [("2001:db8:7:1::/64", 5), ("2001:db8:7::/48", 5 * SITE_FACTOR)]
    assert limits(network("2001:db8:7:1::2"), 5) == limits("2001:db8:7:1::2", 5)
    assert limits("::ffff:1.2.3.4", 5) == [("1.2.3.4", 5)]
    assert (site("1.2.3.4"), site("testclient")) == ("", "")
