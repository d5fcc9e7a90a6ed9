"""Tests the harness's agents: late replies for a ticket that has left the agent must be refused with 409."""

from __future__ import annotations

from random import Random

import httpx
import pytest

from benchmarks.faulting.agents import Agent, Desk


@pytest.mark.parametrize(
    ("status", "late", "repeated"),
    [
        (409, [], False),
        (200, ["ana to 7: HTTP 200"], False),
        (404, ["ana to 7: HTTP 404"], False),
        (401, [], True),
        (503, [], True),
    ],
)
async def test_late_reply_that_is_not_refused_as_another_s_is_a_finding(
    status: int, late: list[str], repeated: bool
) -> None:
    desk = Desk(holding={"ana": ["7"]})
    agent = Agent("http://desk", "ana", Random(0), desk, lambda _ticket: True)

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status)

    transport = httpx.MockTransport(answer)
    agent._client = httpx.AsyncClient(transport=transport, base_url="http://desk", headers={"X-CSRF-Token": "x"})
    try:
        await agent._reply_late()
    except Exception as error:
        assert (str(error), repeated) == (str(status), True)
    else:
        assert not repeated
    assert desk.late == late
    await agent._client.aclose()
