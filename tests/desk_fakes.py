"""Provides the desk without stores: real guard and pages, a signed-in account, an audit log in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from fastapi import APIRouter, FastAPI

from bot.desk.auth.accounts import StaffMember
from bot.desk.auth.guard import CSRF_HEADER, Guard
from bot.desk.auth.sessions import SignedIn
from bot.desk.pages.base import DeskPages

TOKEN = "the-token-of-a-session"
CSRF = "the-token-of-a-form"
OURS = "http://desk.example"
ANA = StaffMember(
    id=UUID(int=7),
    email="ana@losaromos.example",
    name="Ana Soto",
    roles=("agent",),
    teams=(),
    languages=(),
    capacity=0,
    active=True,
    must_change_password=False,
    password_expires_at=None,
    has_second_factor=False,
)


def signed_in(*roles: str, **more: Any) -> SignedIn:
    """Returns Ana signed in with ``roles`` (agent by default); ``more`` are other fields of her account."""
    now = datetime.now(UTC)
    return SignedIn(replace(ANA, roles=roles or ANA.roles, **more), CSRF, "hash", now, now)


@dataclass
class Browsers:
    """Replaces StaffSessions: ``who`` is the open session, ``waits`` the session that awaits its code."""

    who: SignedIn | None = None
    waits: SignedIn | None = None
    is_fresh: bool = True
    touched: int = 0

    async def find(self, token: str) -> SignedIn | None:
        return self.who if token == TOKEN else None

    async def find_waiting(self, token: str) -> SignedIn | None:
        return self.waits if token == TOKEN else None

    async def touch(self, _who: SignedIn) -> None:
        self.touched += 1

    def fresh(self, _who: SignedIn) -> bool:
        return self.is_fresh


@dataclass
class Audit:
    """An audit log in memory, as (action, facts) pairs."""

    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def record(self, action: str, **facts: Any) -> None:
        self.rows.append((str(action), facts))

    async def record_view(self, action: str, **facts: Any) -> None:
        self.rows.append((str(action), facts))

    @property
    def actions(self) -> list[str]:
        return [action for action, _ in self.rows]


def gate_of(browsers: Browsers, **more: Any) -> Guard:
    return Guard(browsers, **{"public_url": OURS} | more)  # type: ignore[arg-type]


def pages_of(guard: Guard, agency: Any, auth: Any = None) -> DeskPages:
    return DeskPages(guard=guard, auth=auth, agency=agency)


@asynccontextmanager
async def browsing(*handlers: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Yields an HTTP client with a signed-in session, on an app with the given pages or routers."""
    app = FastAPI()
    router = APIRouter()
    for one in handlers:
        if isinstance(one, APIRouter):
            app.router.routes.extend(one.routes)
        else:
            one.add_to(router)
    app.include_router(router)
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 4000))
    headers = {"Origin": OURS, CSRF_HEADER: CSRF}
    async with httpx.AsyncClient(transport=transport, base_url=OURS, headers=headers) as client:
        client.cookies.set("ventanilla", TOKEN)
        yield client


async def always(_name: str, _limit: int, _seconds: int) -> bool:
    """Allows every use; replaces ``Inbox.allow``."""
    return True
