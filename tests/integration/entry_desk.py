"""Operates the editors' pages over HTTP, as a browser does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request
from sqlalchemy import select

from bot.agency.model import Agency
from bot.desk.editing.disk import DiskWatch
from bot.desk.editing.staff_notices.news import MAIL_QUIET, QUIET, EntryNewsTask
from bot.desk.pages.entries.list_page import PATH
from bot.faq.entries.folder import load_folder
from bot.mail.senders import Sender
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryEdition, Staff
from bot.tickets.staff_notices import StaffNotice, StaffNotices
from tests.desk_world import DeskWorld, desk_world, served

ANA, EVA, LEO = (f"{name}@losaromos.example" for name in ("ana", "eva", "leo"))
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@asynccontextmanager
async def editors(
    redis: Any,
    database: Sessions,
    agency: Agency,
    faq_dir: Path,
    *,
    four_eyes: bool,
    actions_url: str | None = None,
    commits: str = "",
) -> AsyncIterator[DeskWorld]:
    """Runs a desk with two editors and an agent; the published answers are in ``faq_dir``.

    Without ``actions_url``, a stub of the action server reports a lost message only for texts with «pierde».
    """
    async with AsyncExitStack() as stack:
        if actions_url is None:
            actions_url = await stack.enter_async_context(served(Assistant().app))
        world = _editors(redis, database, replace(agency, four_eyes=four_eyes), faq_dir, actions_url, commits)
        yield await stack.enter_async_context(world)


@asynccontextmanager
async def _editors(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, actions_url: str, commits: str
) -> AsyncIterator[DeskWorld]:
    # No file of the agency is there, unless a test writes one that the next start would read.
    file = faq_dir.parent / "agency.yml"
    settings = {"FAQ_DIR": faq_dir, "actions_url": actions_url, "FAQ_COMMITS": commits, "AGENCY_FILE": file}
    async with desk_world(redis, database, agency, **settings) as made:
        await made.hire(ANA, "Ana", ("editor",))
        await made.hire(EVA, "Eva", ("editor",))
        await made.hire(LEO, "Leo", ("agent",))
        await look(made, faq_dir)
        yield made


async def look(world: DeskWorld, faq_dir: Path) -> None:
    """Records the changes of the folder and updates the desk's entries, as the bot does each second."""
    await DiskWatch(world.sessions, faq_dir, world.agency.teams, four_eyes=world.agency.four_eyes).look()
    folder = load_folder(faq_dir, world.agency.teams)
    world.faq.entries, world.faq.problems = folder.entries, folder.problems


async def editor(world: DeskWorld, email: str = ANA) -> httpx.AsyncClient:
    browser = await world.sign_in_elsewhere(email)
    browser.headers["X-CSRF-Token"] = TOKEN.search((await browser.get(PATH)).text)[1]  # type: ignore[index]
    return browser


async def address(world: DeskWorld, path: str = "calle/bache.md") -> str:
    async with world.sessions() as session:
        found = await session.scalar(select(EntryDocument.id).where(EntryDocument.path == path))
    return f"{PATH}/{found}"


async def press(browser: httpx.AsyncClient, page: str, what: str, **fields: Any) -> httpx.Response:
    """Presses the button ``what`` of the page: posts the form's fields, changed by ``fields``."""
    shown = (await browser.get(page)).text
    hidden = dict(re.findall(r'name="(version|publicada|disco|disco_visto)" value="(\w*)"', shown))
    return await browser.post(
        page, data={"csrf": browser.headers["X-CSRF-Token"], "que": what, "version": "0", **hidden, **fields}
    )


async def save(browser: httpx.AsyncClient, page: str, version: int, **fields: str) -> httpx.Response:
    """Saves the form as the page's script does."""
    files = {name: (None, value) for name, value in {"version": str(version), **fields}.items()}
    return await browser.post(page.replace(PATH, "/desk/api/entries") + "/draft", files=files)


async def edition(world: DeskWorld) -> EntryEdition:
    async with world.sessions() as session:
        return (await session.scalars(select(EntryEdition).order_by(EntryEdition.id.desc()).limit(1))).one()


async def tell(world: DeskWorld, mail: Sender | None = None, later: timedelta | None = None) -> int:
    """Sends the news about entries as of ``later`` from now; by default after the time in which news is gathered."""
    later = later if later is not None else 2 * (MAIL_QUIET if mail else QUIET)
    site, name = "https://chat.example/", world.agency.name
    task = EntryNewsTask(world.sessions, StaffNotices(world.redis), mail=mail, site=site, agency_name=name)
    return await task.notify(datetime.now(UTC) + later)


async def told(world: DeskWorld, email: str = EVA) -> list[str]:
    """Sends the news; returns who caused each of a person's notices about entries, oldest first."""
    await tell(world)
    return [one.by for one in await notices_of(world, email)]


async def notices_of(world: DeskWorld, email: str) -> list[StaffNotice]:
    async with world.sessions() as session:
        id = await session.scalar(select(Staff.id).where(Staff.email == email))
    return await StaffNotices(world.redis).of(str(id))


class Assistant:
    """An action server that reports a lost message for each change whose text contains ``loses``."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.loses = "pierde"
        self.source = "wording"  # of the lost message
        self.meanwhile: list[Callable[[], Awaitable[object]]] = []  # others' actions while it measures, each done once
        self.answers: dict[str, str] | None = {}  # entry by test message; None if the answerer is broken
        self.measured: dict[str, Any] = {}  # what it says about the utterances, instead of the truth
        self.app = FastAPI()
        self.app.post("/effect")(self.effect)
        self.app.post("/tests")(self.tests)
        self.app.post("/reach")(self.reach)

    async def tests(self, request: Request) -> dict[str, Any]:
        answers = self.answers
        texts = [one["text"] for one in (await request.json())["tests"]]
        return {"answered": [answers.get(text, "") for text in texts]} if answers is not None else {}

    async def reach(self, request: Request) -> dict[str, Any]:
        """Says that the phrases are answered, and that messages are offered after the entry on chips."""
        body = await request.json()
        self.asked.append(body["asked"])
        if self.answers is None:
            return {}
        own = [{"text": line, "reached": "answered"} for line in body["phrases"].splitlines()]
        asked = [{"text": text, "reached": "offered", "other": "chip"} for text in body["asked"]]
        rows = [{"is_utterance": one in own, "other": "", **one} for one in (*own, *asked[:40])]
        return {"found": {"reach": rows, "utterances": len(own), "is_expired": False, **self.measured}}

    async def effect(self, request: Request) -> dict[str, Any]:
        body = await request.json()
        self.asked.append(body["asked"])
        while self.meanwhile:
            await self.meanwhile.pop()()
        row = {"text": "hay un hoyo", "source": self.source, "change": "lost", "entry": "bache", "before": "bache"}
        contents = [one["content"] + one["phrases"] for one in body["entries"]]
        rows = [row | {"after": "chip"}] if any(self.loses in one for one in contents) else []
        return {"effect": {"rows": rows, "judged": {"wording": 3, "test": 0, "asked": len(body["asked"])}}}
