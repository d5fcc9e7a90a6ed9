"""Tests that a request without a response may have reached the provider, but not if it found no connection."""

from __future__ import annotations

import httpx
import pytest

from bot.channels.outgoing.unsure import may_have_arrived


@pytest.mark.parametrize("error", [httpx.ReadTimeout(""), httpx.ReadError(""), httpx.RemoteProtocolError("")])
def test_lost_response_leaves_the_outcome_unknown(error: Exception) -> None:
    assert may_have_arrived(error)


@pytest.mark.parametrize(
    "error", [httpx.ConnectError(""), httpx.ConnectTimeout(""), httpx.PoolTimeout(""), None, ValueError()]
)
def test_request_without_connection_did_not_arrive(error: Exception | None) -> None:
    assert not may_have_arrived(error)
