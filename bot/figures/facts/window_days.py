"""Counts, per day, the messages that a conversation received and sent and the reply windows that opened; does no I/O.

Only channels with a reply window are counted. A window opens when the citizen writes, and closes once they have written
nothing for the number of hours that the channel allows (ReplyWindow.hours). After that, only messages that may use the
approved template are sent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.channels import traits_of
from bot.core.messages import Author, Channel
from bot.core.reply_window import ReplyWindow
from bot.figures.facts.talks import Said, Talk

FAILED = "failed"


@dataclass(frozen=True)
class Counts:
    """The numbers of messages that a conversation received and sent on a day.

    ``at`` is the time of the day's first message. ``windows`` counts the reply windows that opened, ``inside`` the
    messages sent within a window, and ``templates`` the messages sent outside.
    """

    conversation_id: str
    channel: str
    day: date
    at: datetime
    windows: int
    received: int
    inside: int
    templates: int


def window_days_of(talk: Talk, timezone: str) -> list[Counts]:
    """Returns the counts of the conversation's days, oldest first; [] if its channel has no reply window."""
    window = traits_of(Channel(talk.channel)).reply_window if talk.channel in set(Channel) else None
    if window is None:
        return []
    counts: defaultdict[date, Counter[str]] = defaultdict(Counter)
    first: dict[date, datetime] = {}
    for at, name in _counted(talk, window):
        day = at.astimezone(ZoneInfo(timezone)).date()
        counts[day][name] += 1
        first.setdefault(day, at)
    return [
        Counts(
            conversation_id=talk.id,
            channel=talk.channel,
            day=day,
            at=first[day],
            windows=one["windows"],
            received=one["received"],
            inside=one["inside"],
            templates=one["templates"],
        )
        for day, one in counts.items()
    ]


def _counted(talk: Talk, window: ReplyWindow) -> Iterator[tuple[datetime, str]]:
    """Yields the time of each message and of each opened window, with the name of the count that it adds to."""
    wrote_at: datetime | None = None
    last: Said | None = None
    for one in talk.messages:
        if one.author == Author.CITIZEN:
            if wrote_at is None or one.at - wrote_at >= timedelta(hours=window.hours):
                yield one.at, "windows"
            yield one.at, "received"
            wrote_at, last = one.at, None
        elif not _failed(one) and not _is_joined(last, one):
            is_open = wrote_at is not None and one.at - wrote_at < timedelta(milliseconds=window.free_ms)
            if is_open or _may_use_template(one):
                yield one.at, "inside" if is_open else "templates"
            last = one


def _failed(one: Said) -> bool:
    return bool((one.data.get("delivery") or {}).get("state") == FAILED)


def _may_use_template(one: Said) -> bool:
    return one.author == Author.STAFF or bool(one.data.get("after_window"))


def _is_joined(last: Said | None, one: Said) -> bool:
    """Returns whether two replies belong to one turn, which the channel sends as one message (whatsapp/render.py)."""
    if last is None or last.at != one.at:
        return False
    return not _may_use_template(last) and not _may_use_template(one)
