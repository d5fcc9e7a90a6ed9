"""Formats the list of conversations that a figure counts, and one conversation with personal data masked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.conversation.readable import readable
from bot.core.channels import name_of
from bot.core.messages import Author
from bot.core.texts import area, say
from bot.desk.pages.figures.view import Names, reason_words, theme_words
from bot.desk.queries.reach import Readable
from bot.desk.views.times import day_and_hour
from bot.figures.results import Listed
from bot.figures.segments import Slice
from bot.learning.backlog.private import private_conversations
from bot.record.engine import Sessions
from bot.record.log_order import log_order
from bot.record.tables import Message
from bot.record.transcripts.rows import gone, read
from bot.text.masking.masking import masked

MOST_MESSAGES = 200
SPEAKERS = (Author.CITIZEN, Author.ASSISTANT, Author.STAFF)


@dataclass(frozen=True)
class ListedRow:
    """A conversation that a figure counts; ``address`` is its page's address, '' if the reader may not open it."""

    at: str
    cells: tuple[str, ...]  # channel, topic, reason of the handoff, team
    address: str


def listed_rows(
    found: Sequence[Listed], timezone: str, teams: Mapping[str, str], addresses: Mapping[int, str]
) -> list[ListedRow]:
    """Formats the conversations; ``addresses`` maps positions in ``found`` to pages that the reader may open."""
    zone = ZoneInfo(timezone)
    return [
        ListedRow(
            day_and_hour(one.started_at, zone),
            (
                name_of(one.channel),
                theme_words(one.theme) if one.theme is not None else "",
                reason_words(one.reason) if one.reason else "",
                teams.get(one.team, one.team),
            ),
            addresses.get(place, ""),
        )
        for place, one in enumerate(found)
    ]


def slice_words(among: Slice, names: Names) -> str:
    """Returns Spanish text that names the table row whose conversations are listed; '' if all are listed."""
    if not among.dimension:
        return ""
    words: Mapping[str, Callable[[str], str]] = {
        "theme": theme_words,
        "reason": reason_words,
        "team": lambda team: names.teams.get(team, team),
        "hour": lambda hour: say("cifras.hora", h=hour.zfill(2)),
        "entry": lambda entry: names.questions.get(entry, entry),
    }
    value = words[among.dimension](among.value)
    return say("cifras.rebanada", que=area("cifras")["por"][among.dimension].capitalize(), cual=value)


@dataclass(frozen=True)
class MaskedLine:
    """A message with personal data masked."""

    author: str  # an Author
    who: str
    at: str
    text: str


class MaskedConversations:
    """Reads messages with personal data masked, and finds the conversations that are private (bot/learning/backlog)."""

    def __init__(self, sessions: Sessions, timezone: str) -> None:
        self._sessions, self._zone = sessions, ZoneInfo(timezone)

    async def private(self, names: Collection[str]) -> frozenset[str]:
        """Returns the conversations in ``names`` that are private, so that nobody may read them.

        Raises SQLAlchemyError.
        """
        found = private_conversations().subquery()
        async with self._sessions() as session:
            return frozenset(await session.scalars(select(found.c[0]).where(found.c[0].in_(list(names)))))

    async def lines(self, name: str, start: datetime, end: datetime, readable_by: Readable) -> list[MaskedLine]:
        """Returns at most MOST_MESSAGES messages from ``start`` to ``end``, both included, that a person may read.

        Raises SQLAlchemyError.
        """
        query = (
            select(Message)
            .where(
                Message.conversation_id == name, Message.author.in_(SPEAKERS), Message.at >= start, Message.at <= end
            )
            .order_by(log_order())
            .limit(MOST_MESSAGES)
        )
        async with self._sessions() as session:
            found = await read(session, query, gone())
        return [self._line(one) for one in found if _is_seen(one, readable_by)]

    def _line(self, one: Message) -> MaskedLine:
        words, shown = area("cifras")["conversacion"], masked(readable(one.text).strip())
        files = words["archivo"] if one.data.get("attachments") or one.data.get("place") else ""
        at = day_and_hour(one.at, self._zone)
        return MaskedLine(one.author, words["quien"][one.author], at, "\n".join(filter(None, (shown, files))))


def _is_seen(one: Message, readable_by: Readable) -> bool:
    return readable_by.holds(round(one.at.timestamp() * 1000), one.data.get("of_ticket", ""))
