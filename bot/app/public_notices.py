"""Builds the objects with which a process shows public notices, and the tasks that update them."""

from __future__ import annotations

import re
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from html import unescape
from typing import Any, Self

from bot.agency.model import Agency
from bot.app.role import Role
from bot.channels.folders import bubbles
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Channel
from bot.core.network import ActionsEndpoint
from bot.core.settings import Settings
from bot.handoff.open_now import changed_opening, usual_openings
from bot.public_notices.board import NoticeBoard
from bot.public_notices.follower import NoticeFollower
from bot.public_notices.kept import KeptNotices
from bot.public_notices.notice import PublicNotice
from bot.public_notices.words import banner, reply_of
from bot.record.engine import Sessions
from bot.store.client import Store
from bot.tickets.tickets import Tickets
from bot.turns.notices.action_server import ActionServer
from bot.turns.notices.inserter import NoticeInserter
from bot.turns.notices.matter import NoticeMatter
from bot.turns.notices.waiting import WaitingCitizens

TAG = re.compile(r"<[^>]*>")


def shows(channel: str, notice: PublicNotice, *, agency: Agency) -> bool:
    """Returns whether a channel renders a notice as one message that begins with its title, text and signature."""
    reply, parts = reply_of(notice, agency), banner(notice, agency)
    event = Event("", "", EventKind.MESSAGE, reply.author, reply.text, MessageFacts.of_reply(reply), notice.signed_at)
    messages = bubbles(event, "").get(Channel(channel), [])
    read = " ".join(unescape(TAG.sub(" ", message.html)) for message in messages)
    words = _letters(f"{parts.title} {parts.text} {parts.sectors} {parts.signature}")
    return len(messages) == 1 and _letters(read).startswith(words)


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


@dataclass(frozen=True)
class PublicNotices:
    """The objects with which this process shows public notices and sends them to citizens."""

    board: NoticeBoard
    kept: KeptNotices
    matter: NoticeMatter
    inserter: NoticeInserter

    @classmethod
    def from_settings(cls, settings: Settings, agency: Agency, redis: Store) -> Self:
        board = NoticeBoard()
        matter = NoticeMatter(board, ActionsEndpoint.of(settings))
        inserter = NoticeInserter(
            agency,
            board,
            matter,
            lambda: changed_opening(agency, board, datetime.now(UTC)),
            lambda: usual_openings(agency, datetime.now(UTC)),
        )
        return cls(board, KeptNotices(redis), matter, inserter)

    def work(
        self, settings: Settings, agency: Agency, sessions: Sessions, channels: tuple[Channel, ...], role: Role
    ) -> NoticeFollower:
        """Returns the task that updates this process's notices and, in a worker, also Redis and the action server."""
        actions = ActionServer(self.matter, self.kept) if role.works and settings.actions_url else None
        served = (*((Channel.WEB,) if role.serves_people else ()), *(channels if role.works else ()))
        return NoticeFollower(
            self.board,
            self.kept,
            sessions,
            home=settings.home,
            signed=agency.name,
            name=role.value,
            channels=served,
            keeps=role.works,
            also=(actions.prepare,) if actions else (),
            shows=partial(shows, agency=agency),
        )

    def waiting(self, redis: Store, tickets: Tickets, agency: Agency) -> Coroutine[Any, Any, None]:
        """Returns the coroutine that sends running notices to waiting citizens, except on the web or in emergencies."""
        return WaitingCitizens(redis, tickets, self.board, agency).run()
