"""Tests that the page of metrics is bounded: a source that fails or hangs is left out, and all else is shown."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from pydantic import ValidationError

from bot.core.progress import Progress
from bot.core.settings import Settings
from bot.metrics import page as page_module
from bot.metrics import serving
from bot.metrics.page import Page
from bot.metrics.process_state import parts_source, tasks_source
from bot.metrics.serving import exposed
from bot.run.ports import LOOPBACK, free_port
from tests.eventually import PATIENCE_S


async def works() -> list[Metric]:
    return [GaugeMetricFamily("ventanilla_test", "A test.", value=7)]


async def fails() -> list[Metric]:
    raise ValueError


async def hangs() -> list[Metric]:
    await asyncio.Event().wait()
    return []


async def no() -> bool:
    return False


def lines(text: bytes, name: str) -> list[str]:
    return [line for line in text.decode().splitlines() if line.startswith(name)]


async def test_source_that_fails_or_hangs_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "SOURCE_TIMEOUT_S", 0.05)
    text = await Page({"good": works, "bad": fails, "slow": hangs}).text()
    assert lines(text, "ventanilla_test") == ["ventanilla_test 7.0"]
    assert lines(text, "ventanilla_source_read{") == [
        'ventanilla_source_read{source="good"} 1.0',
        'ventanilla_source_read{source="bad"} 0.0',
        'ventanilla_source_read{source="slow"} 0.0',
    ]


async def test_scrapes_at_the_same_time_read_the_sources_once() -> None:
    reads = 0

    async def counted() -> list[Metric]:
        nonlocal reads
        reads += 1
        return await works()

    page = Page({"counted": counted})
    texts = await asyncio.gather(*(page.text() for _ in range(50)))
    assert (reads, len(set(texts))) == (1, 1)


async def test_hung_part_counts_as_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.metrics.process_state.CHECK_TIMEOUT_S", 0.05)

    async def hung() -> bool:
        await asyncio.Event().wait()
        return True

    async def yes() -> bool:
        return True

    (up,) = await parts_source({"redis": hung, "rasa": no, "postgres": yes})()
    values = {sample.labels["part"]: sample.value for sample in up.samples}
    assert values == {"redis": 0, "rasa": 0, "postgres": 1}


async def test_tasks_have_their_silence_and_its_limit_as_metrics() -> None:
    now = 0.0
    progress = Progress(clock=lambda: now)
    progress.expect("worker", within_s=60)
    now = 25
    silent, limit = await tasks_source(progress)()
    assert [(sample.labels, sample.value) for sample in (*silent.samples, *limit.samples)] == [
        ({"task": "worker"}, 25),
        ({"task": "worker"}, 60),
    ]


async def test_busy_port_stops_nothing() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, free_port()))
        other.listen()
        async with exposed(Page({}), LOOPBACK, other.getsockname()[1]):
            pass


async def test_port_is_free_again_afterwards() -> None:
    port = free_port()
    for _ in range(2):
        async with exposed(Page({"good": works}), LOOPBACK, port), httpx.AsyncClient(timeout=PATIENCE_S) as client:
            answer = await client.get(f"http://{LOOPBACK}:{port}/metrics")
            assert "ventanilla_test 7.0" in answer.text


@pytest.mark.parametrize(
    "sent", [b"", b"GET /metrics HTTP/1.1\r\nX: ", b"x" * 100_000], ids=["nothing", "half", "much"]
)
async def test_client_without_a_request_is_closed(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(serving, "REQUEST_TIMEOUT_S", 0.1)
    port = free_port()
    async with exposed(Page({}), LOOPBACK, port):
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(sent)
        with suppress(ConnectionResetError):  # when what was sent is never read
            assert await reader.read() == b""
        writer.close()


async def test_many_silent_clients_are_refused() -> None:
    port = free_port()
    async with exposed(Page({}), LOOPBACK, port):
        silent = [await asyncio.open_connection(LOOPBACK, port) for _ in range(serving.MAX_AT_ONCE)]
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        assert await reader.read() == b""
        for _, one in (*silent, (reader, writer)):
            one.close()


@pytest.mark.parametrize("port", ["", "0"])
def test_metrics_can_be_off(port: str) -> None:
    assert Settings(METRICS_PORT=port).metrics_port == 0


@pytest.mark.parametrize("name", ["METRICS_PORT", "ACTIONS_METRICS_PORT"])
def test_metrics_are_never_on_the_public_port(name: str) -> None:
    with pytest.raises(ValidationError, match="must differ from PORT"):
        Settings(PORT=8000, **{name: 8000})
