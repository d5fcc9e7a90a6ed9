"""Tests that a proxy of the environment does not come between the parts of one machine."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from bot.core.network import ActionsEndpoint
from bot.core.outgoing.private import by_proxy
from bot.run.ports import free_port
from bot.run.probes import http_version
from bot.run.rasa_part import _client, answers
from bot.turns.rasa_client import Rasa
from tests.small_server import Quiet, serving


class Well(Quiet):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


@pytest.fixture(params=["http://127.0.0.1:{}", "socks://127.0.0.1:{}"])
def part(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yields the URL of a part, while the environment names a proxy on which nobody listens."""
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, request.param.format(free_port()))
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.0/8,::1")  # as Ubuntu writes it; httpx knows no ranges
    _client.cache_clear()
    with serving(Well) as url:
        yield url
    _client.cache_clear()


async def test_every_part_of_this_machine_is_reached_without_the_proxy(part: str) -> None:
    assert answers(part)
    assert http_version(part) == "ok"
    async with ActionsEndpoint(part).client(5.0) as client:
        assert (await client.get("/health")).status_code == httpx.codes.OK
    rasa = Rasa(part)
    assert await rasa.healthy()
    await rasa.close()


@pytest.mark.parametrize(
    ("address", "used"),
    [
        ("http://localhost:5005", False),
        ("http://[::1]:5005", False),
        ("http://rasa:5005", False),
        ("https://rasa.losaromos.example", True),
        ("http://10.0.0.9:5005", True),
        ("http://[::1", True),
    ],
)
def test_parts_elsewhere_are_reached_as_the_environment_says(address: str, used: bool) -> None:
    assert by_proxy(address) is used
