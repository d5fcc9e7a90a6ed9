"""Tests a kill between storing a file and announcing it: nothing is lost or doubled, leftovers expire."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import httpx

from bot.conversation.files import FILES_FOLDER, Files, file_id_of
from bot.conversation.inbox import Inbox
from bot.core.messages import Speaker
from bot.run.ports import LOOPBACK, free_port, listening
from tests import forked
from tests.eventually import PATIENCE_S, eventually
from tests.forked import Forked
from tests.no_record import mailbox_of
from tests.transcripts import MASTERS

PDF = b"%PDF-1.7 my bill"
KEEP_DAYS = 90
DAY_S = 24 * 3600


def start(redis_url: str, port: int, home: Path, *how: str) -> Forked:
    return forked.start("tests.integration.chat_process", str(port), str(home), *how, REDIS_URL=redis_url)


def kill(process: Forked) -> None:
    process.kill()
    process.wait()


def kept(home: Path) -> list[Path]:
    """Returns the complete files, whose description is written last."""
    return sorted(path.with_suffix("") for path in (home / FILES_FOLDER).glob("*/*.json"))


async def send(page: httpx.AsyncClient) -> dict[str, Any]:
    answer = await page.post("/api/chat/files", params={"id": "message-1", "name": "cuenta.pdf"}, content=PDF)
    told: dict[str, Any] = answer.json()
    return told


async def waiting(page: httpx.AsyncClient, inbox: Inbox) -> str:
    """Creates a conversation that waits for a person; returns its name."""
    chat = (await page.post("/api/chat")).json()
    page.headers["Authorization"] = f"Bearer {chat['token']}"
    await page.post("/api/chat/messages", json={"id": "message-0", "text": "persona"})

    async def look() -> bool:
        return (await inbox.state(chat["conversation"])).speaker is Speaker.WAITING

    await eventually(look)
    return str(chat["conversation"])


async def test_file_stored_but_not_announced_is_sent_once_on_retry(redis: Any, redis_url: str, tmp_path: Path) -> None:
    port, inbox = free_port(), mailbox_of(redis)
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=PATIENCE_S) as page:
        first = start(redis_url, port, tmp_path, "stall")
        await eventually(lambda: listening(port))
        conversation = await waiting(page, inbox)
        sending = asyncio.create_task(send(page))
        (orphan,) = await eventually(lambda: kept(tmp_path))
        kill(first)
        assert isinstance((await asyncio.gather(sending, return_exceptions=True))[0], httpx.TransportError)
        assert [event.text for event in await inbox.events(conversation) if event.message.attachments] == []

        second = start(redis_url, port, tmp_path)
        await eventually(lambda: listening(port))
        assert [(await send(page))["repeated"] for _ in range(2)] == [False, True]
        kill(second)
    (event,) = [event for event in await inbox.events(conversation) if event.message.attachments]
    told = [file_id_of(one) for one in event.message.attachments]
    assert sorted(path.name for path in kept(tmp_path)) == sorted([orphan.name, *told])
    await expires(Files(tmp_path / FILES_FOLDER), orphan)
    assert await Files(tmp_path / FILES_FOLDER, masters=MASTERS).read(conversation, told[0]) == PDF
    assert [path.name for path in kept(tmp_path)] == told


async def expires(files: Files, orphan: Path) -> None:
    """Makes the file older than the agency's retention, and checks that it is deleted."""
    old = time.time() - (KEEP_DAYS + 1) * DAY_S
    for path in (orphan, orphan.with_suffix(".json")):
        os.utime(path, (old, old))
    assert await files.forget_older(time.time() - KEEP_DAYS * DAY_S) == 1
