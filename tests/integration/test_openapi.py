"""Tests every operation of the published OpenAPI description with generated requests, valid or not: no 500.

Schemathesis generates the requests from the description, always the same ones, so that a failure can be reproduced.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from schemathesis.generation import GenerationMode

from bot.agency.model import Agency
from bot.channels.web import chat_limits
from tests.chat_world import ChatServer
from tests.eventually import PATIENCE_S

MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
REQUESTS = 12  # of each operation and mode
LIMITS = ("OPENINGS_PER_ADDRESS", "MESSAGES_PER_CONVERSATION", "MESSAGES_PER_ADDRESS", "FILES_PER_CONVERSATION")
NO_LIMIT = 1_000_000
FUZZED = settings(
    max_examples=REQUESTS,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def server(redis_url: str, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    for limit in LIMITS:
        monkeypatch.setattr(chat_limits, limit, NO_LIMIT)
    running = ChatServer(redis_url, agency).start()
    yield running
    running.stop()


def status_of(client: httpx.Client, case: Any, url: str) -> int:
    """Sends a generated request and returns the status; does not read an event stream, which never ends."""
    sent = case.as_transport_kwargs(base_url=url)
    sent["headers"] = {name: value for name, value in dict(sent["headers"]).items() if is_sendable(value)}
    body = {"content": sent["data"]} if "data" in sent else {"json": sent["json"]} if "json" in sent else {}
    with client.stream(
        sent["method"], sent["url"], params=sent.get("params"), headers=dict(client.headers) | sent["headers"], **body
    ) as answer:
        return answer.status_code


def is_sendable(value: object) -> bool:
    written = str(value)
    return written.isascii() and written.isprintable() and written == written.strip()


def test_no_generated_request_makes_the_server_fail(server: ChatServer) -> None:
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    failed: list[str] = []
    accepted: set[str] = set()
    with httpx.Client(timeout=PATIENCE_S) as client:
        token = client.post(f"{server.url}/api/chat").json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for operation in operations:
            cases = some.one_of([operation.as_strategy(generation_mode=mode) for mode in MODES])

            @FUZZED
            @given(case=cases)
            def answers(case: Any) -> None:
                status, request = status_of(client, case, server.url), f"{case.method} {case.formatted_path}"
                if status >= httpx.codes.INTERNAL_SERVER_ERROR:
                    failed.append(f"{request}: {status}")
                if status < httpx.codes.BAD_REQUEST:
                    accepted.add(request)

            answers()
    assert len(operations) == 9
    assert failed == []
    assert len(accepted) > 5, accepted  # the requests get beyond the checks
