"""Tests that staff who may read a conversation open its files, and that nothing in a file can execute."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.conversation.malware import UNCHECKED
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Attachment, Author, MediaKind
from bot.desk.api.attachments import HEADERS, LINK_S, Attachments
from bot.desk.api.search import ReadingLimits
from bot.desk.queries.reach import Readable
from bot.desk.queries.search import Past
from bot.desk.views.extras import ATTACHMENTS
from tests.desk_fakes import Audit, Browsers, browsing, gate_of, signed_in
from tests.pictures import SECRET_MAKE, photo, picture

JPEG, SVG = picture("JPEG"), b"<svg onload=alert(1)>"


def sent(ref: str = "sealed") -> list[Event]:
    other = Event("1-0", "c", EventKind.MESSAGE, Author.CITIZEN)
    return [
        other,
        Event(
            "2-0",
            "c",
            EventKind.MESSAGE,
            Author.CITIZEN,
            facts=MessageFacts(attachments=(Attachment(MediaKind.PHOTO, ref),)),
        ),
    ]


@dataclass
class World:
    """Conversation ``c``, which is open with ``team`` and in the record; ``content`` is the channel's file."""

    team: str = "obras"
    open_events: list[Event] = field(default_factory=sent)
    past: Past | None = None
    content: bytes | Exception | None = JPEG
    audit: Audit = field(default_factory=Audit)
    asked: list[tuple[str, int]] = field(default_factory=list)
    within_limit: bool = True
    counted: list[str] = field(default_factory=list)

    async def ticket_of(self, conversation: str) -> Any:
        return SimpleNamespace(ticket=SimpleNamespace(team=self.team, owner=None)) if conversation == "c" else None

    async def readable(self, *_asked: Any) -> Readable:
        return Readable(everything=True)

    async def transcript(self, _conversation: str) -> list[Event]:
        return self.open_events

    async def fetch(self, encrypted: str, seconds: int) -> bytes | None:
        self.asked.append((encrypted, seconds))
        if isinstance(self.content, Exception):
            raise self.content
        return self.content

    async def allow(self, name: str, _limit: int, _seconds: int) -> bool:
        self.counted.append(name)
        return self.within_limit

    async def get(self, path: str = "c/sealed") -> httpx.Response:
        async def past(_conversation: str, _agent: Any) -> Past | None:
            return self.past

        guard = gate_of(Browsers(signed_in(teams=("obras",))))
        search: Any = SimpleNamespace(past=past)
        me: Any = self
        limits = ReadingLimits(self.allow)
        api = Attachments(
            guard=guard,
            desk=me,
            search=search,
            reach=me,
            audit=me.audit,  # type: ignore[arg-type]
            fetch=me.fetch,
            limits=limits,
        )
        async with browsing(api) as client:
            return await client.get(f"{ATTACHMENTS}/{path}")


async def test_picture_is_shown_and_that_is_audited() -> None:
    world = World()
    answer = await world.get()
    assert (answer.headers["content-type"], answer.headers["content-disposition"]) == (
        "image/jpeg",
        'inline; filename="adjunto.jpg"',
    )
    assert (world.asked, world.audit.actions) == ([("sealed", LINK_S)], ["attachment_opened"])


async def test_metadata_of_a_picture_stays_here_and_it_has_a_thumbnail() -> None:
    for path in ("c/sealed", "c/sealed?mini"):
        answer = await World(content=photo()).get(path)
        assert answer.headers["content-type"] == "image/jpeg"
        assert SECRET_MAKE.encode() not in answer.content


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff damaged", SVG, b"", b"<html>", b"GIF89a", b"%PDF-1.7", b" \xff\xd8\xff"]
)
async def test_other_files_are_saved_and_cannot_execute(content: bytes) -> None:
    answer = await World(content=content).get()
    assert answer.headers["content-disposition"] == 'attachment; filename="adjunto"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert all(answer.headers[name] == value for name, value in HEADERS.items())


@pytest.mark.parametrize(
    "world",
    [
        World(team="aseo"),
        World(open_events=[]),
        World(open_events=sent("another")),
        World(past=Past("web", sent("another"))),
    ],
)
async def test_file_of_another_team_or_conversation_is_not_even_fetched(world: World) -> None:
    if world.past is not None:
        world.open_events = []
    answer = await world.get()
    assert (answer.status_code, world.asked, world.audit.rows) == (404, [], [])


async def test_file_of_an_older_conversation_opens_from_the_record() -> None:
    world = World(open_events=[], past=Past("telegram", sent()))
    assert (await world.get()).status_code == 200
    assert len(world.counted) == 1


@pytest.mark.parametrize(
    ("world", "path", "expected"),
    [
        (World(within_limit=False, past=Past("telegram", sent())), "c/sealed", (200, 0)),
        (World(within_limit=False, past=Past("telegram", sent()), open_events=[]), "c/sealed", (429, 1)),
        (World(within_limit=False, past=Past("telegram", sent()), open_events=[]), "c/sealed?mini", (200, 0)),
        (World(within_limit=False, open_events=[]), "c/sealed", (404, 0)),
    ],
)
async def test_above_the_limit_only_whole_files_of_the_record_are_refused(
    world: World, path: str, expected: tuple[int, int]
) -> None:
    assert ((await world.get(path)).status_code, len(world.counted)) == expected


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"\xff\xd8\xff damaged", b"OggS"])
async def test_file_without_a_thumbnail_is_not_served_as_one(content: bytes) -> None:
    world = World(open_events=[], past=Past("telegram", sent()), content=content)
    answer = await world.get("c/sealed?mini")
    assert (answer.status_code, answer.json()["detail"]["error"], world.audit.rows) == (404, "no_thumbnail", [])


@pytest.mark.parametrize(
    ("content", "status", "error"),
    [
        (SendLater("busy"), 502, "provider"),
        (SendRefused("refused"), 502, "provider"),
        (SendLater(UNCHECKED), 503, "unchecked"),
        (None, 404, "expired"),
    ],
)
async def test_unfetchable_file_gives_an_error_and_no_audit_row(content: Any, status: int, error: str) -> None:
    world = World(content=content)
    answer = await world.get()
    assert (answer.status_code, answer.json()["detail"]["error"], world.audit.rows) == (status, error, [])
