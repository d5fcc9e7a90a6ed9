"""Writes sixty days of a simulated town into the record, and keeps the true numbers, for comparison with figures.

The people are invented. Each visit is one episode by construction: nobody writes again within GAP after the last
message or the closing of a ticket. The clocks change on one of the days.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from bot.figures.facts.episodes import GAP
from bot.record.engine import Sessions
from bot.record.tables import Callback, CallbackAttempt, Conversation, Message, Ticket
from bot.record.tables.complaints import Complaint
from bot.record.tables.ratings import AnswerRating, Rating

DAYS = 60
TIMEZONE = "America/Santiago"
ZONE = ZoneInfo(TIMEZONE)
NOW = datetime(2026, 10, 28, 15, 0, tzinfo=UTC)  # the clocks changed on 6 September
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOPICS = {"bache": "calle", "poda": "calle", "basura": "aseo", "licencia": "transito", "agua": "agua"}
KINDS = {
    **{"answered": 46, "chosen": 8, "offered": 3, "referred": 4, "talk": 8, "silent": 1, "danger": 1, "drill": 1},
    **{"person": 14, "lost": 4, "complaint": 3, "called": 4, "uncalled": 1, "missed": 2, "notified": 2},
}
HANDED = frozenset({"person", "lost", "called", "uncalled"})
DAILY = 45


@dataclass
class Visit:
    """The true facts about one episode: the subject of the citizen's messages and the outcome."""

    name: str
    channel: str
    kind: str
    start: datetime
    entry: str = ""
    last: datetime = field(init=False)
    returned: datetime | None = None
    is_first: bool = False
    commune: str = ""
    useful: bool | None = None
    other: bool = False
    reason: str = ""
    team: str = ""
    handed: datetime | None = None
    is_open: bool = False  # whether its ticket is open
    claimed: datetime | None = None
    replied: datetime | None = None
    closed: datetime | None = None
    stars: int | None = None
    promised: datetime | None = None
    called: datetime | None = None
    outcome: str | None = None  # of the call-back
    is_asked: bool = False  # whether «¿Te sirvió?» was asked
    answered_first: bool = False  # before the handoff
    sent: str = ""  # the entry that staff sent

    def __post_init__(self) -> None:
        self.last = self.start

    @property
    def day(self) -> date:
        return self.start.astimezone(ZONE).date()

    @property
    def hour(self) -> int:
        return self.start.astimezone(ZONE).hour

    @property
    def ended(self) -> datetime:
        return max(self.last, self.closed or self.last)

    @property
    def theme(self) -> str:
        return TOPICS.get(self.entry, "")

    @property
    def is_answered(self) -> bool:
        return self.kind in {"answered", "chosen"}


class Town:
    """Creates the rows of the record by table, the visits, and WhatsApp's message counts of each day."""

    def __init__(self, seed: int = 11) -> None:
        self._dice = random.Random(seed)
        self.visits: list[Visit] = []
        self.carried: defaultdict[date, Counter[str]] = defaultdict(Counter)
        self._rows: dict[type, list[dict[str, Any]]] = {
            table: [] for table in (Message, Ticket, Rating, AnswerRating, Callback, CallbackAttempt, Complaint)
        }
        self._free: dict[str, datetime] = {}  # when a citizen may come again
        self._wrote: dict[str, datetime] = {}
        self._known: dict[str, str] = {}
        for start in self._arrivals():
            self._visit(start)

    def incident(self, start: datetime, entry: str, people: int = 25, minutes: int = 15) -> None:
        """Adds new citizens who write about ``entry`` within ``minutes``; without ``entry``, they get no answer."""
        times = sorted(start + self._dice.random() * minutes * MINUTE for _ in range(people))
        for number, at in enumerate(times):
            name = f"web-incident-{start:%m%d%H}-{number}"
            self._play(Visit(name, "web", "answered" if entry else "missed", at, entry))

    async def write(self, sessions: Sessions) -> None:
        """Writes everything into an empty record."""
        talks: dict[str, list[Visit]] = defaultdict(list)
        for one in sorted(self.visits, key=lambda one: one.start):
            talks[one.name].append(one)
        rows = [
            {"id": name, "channel": own[0].channel, "started_at": own[0].start, "last_at": own[-1].ended}
            | {"known": {"comuna": commune} if (commune := self._known.get(name)) else {}}
            for name, own in talks.items()
        ]
        for own in talks.values():
            own[0].is_first = True
            for one, following in pairwise(own):
                one.returned = following.start
        async with sessions.begin() as session:
            for table, made in {Conversation: rows, **self._rows}.items():
                await session.execute(insert(table), made)

    def _arrivals(self) -> Iterator[datetime]:
        """Yields the times at which citizens write: more at noon, fewer on Sundays."""
        for ago in range(DAYS, -1, -1):
            noon = NOW - ago * DAY
            many = DAILY * (0.4 if noon.weekday() == 6 else 1) * self._dice.uniform(0.85, 1.15)
            yield from sorted(noon + self._dice.gauss(0, 4) * HOUR for _ in range(round(many)))

    def _visit(self, start: datetime) -> None:
        dice = self._dice
        if not NOW - DAYS * DAY < start < NOW - HOUR:
            return
        (kind,) = dice.choices(list(KINDS), list(KINDS.values()))
        channel = dice.choices(("web", "whatsapp", "telegram"), (45, 45, 10))[0]
        name = f"{channel}-{dice.randrange(700)}"
        if self._free.get(name, start) > start:
            return
        about = kind in {*HANDED, "answered", "chosen", "offered"}
        self._play(Visit(name, channel, kind, start, dice.choice(list(TOPICS)) if about else ""))

    def _play(self, visit: Visit) -> None:
        if visit.channel != "web" and visit.name not in self._known and visit.name[-1] in "123":
            self._known[visit.name] = "los-aromos" if visit.name[-1] != "3" else "otra-comuna"
        visit.commune = self._known.get(visit.name, "")
        self.visits.append(visit)
        self._say(visit, visit.start, "citizen")
        if visit.kind in HANDED:
            self._hand_over(visit)
        else:
            getattr(self, f"_{visit.kind}")(visit)
        self._free[visit.name] = NOW if visit.is_open else visit.ended + GAP + SECOND

    def _say(self, visit: Visit, at: datetime, author: str, **data: Any) -> None:
        number = len(self._rows[Message])
        row = {"conversation_id": visit.name, "event_id": f"{int(at.timestamp() * 1000)}-{number}", "at": at}
        self._rows[Message].append(row | {"author": author, "text": "", "data": data, "terms": ""})
        visit.last = max(visit.last, at)
        if visit.channel == "whatsapp":
            carried, wrote = self.carried[at.astimezone(ZONE).date()], self._wrote.get(visit.name)
            if author == "citizen":
                carried["ventanas_whatsapp"] += wrote is None or at - wrote >= DAY
                carried["recibidos_whatsapp"] += 1
                self._wrote[visit.name] = at
            else:
                carried["enviados_whatsapp"] += 1

    def _answered(self, visit: Visit, at: datetime | None = None) -> None:
        at = (at or visit.start) + 2 * SECOND
        proof = {"entry": visit.entry, "version": "a1", "question": "", "confidence": 0.9}
        rating = f"r{len(self._rows[Message])}"
        visit.is_asked = True
        self._say(visit, at, "assistant", provenance=proof, rating_id=rating)
        visit.useful = self._dice.choices((None, True, False), (70, 22, 8))[0]
        if visit.useful is not None:
            visit.other = not visit.useful and self._dice.random() < 0.5
            said = {"useful": visit.useful, "reason": "other" if visit.other else ""}
            row = {"conversation_id": visit.name, "answer": rating, "at": at, "entry": visit.entry, "version": "a1"}
            self._rows[AnswerRating].append(row | said)
        later = at + self._dice.uniform(0.1, 5.5) * HOUR
        if self._dice.random() < 0.2 and later < NOW:  # thanks: still the same episode
            self._say(visit, later, "citizen")

    def _offer(self, visit: Visit) -> str:
        button = f"b{len(self._rows[Message])}"
        shown = [{"id": button, "title": "¿?"}, {"id": f"{button}-no", "title": "Ninguna"}]
        offered = [{"entry": visit.entry, "question": "", "confidence": 0.5}]
        self._say(visit, visit.start + SECOND, "assistant", offered=offered, buttons=shown)
        return button

    def _chosen(self, visit: Visit) -> None:
        button = self._offer(visit)
        self._say(visit, visit.start + MINUTE, "citizen", button=button)
        self._answered(visit, visit.start + MINUTE)

    def _offered(self, visit: Visit) -> None:
        button = self._offer(visit)
        if self._dice.random() < 0.5:
            self._say(visit, visit.start + MINUTE, "citizen", button=f"{button}-no")

    def _referred(self, visit: Visit) -> None:
        self._say(visit, visit.start + SECOND, "assistant", referral="registro-civil")

    def _talk(self, visit: Visit) -> None:
        self._say(visit, visit.start + SECOND, "assistant")

    def _missed(self, visit: Visit) -> None:
        self._say(visit, visit.start + SECOND, "assistant", missed=True)

    def _notified(self, visit: Visit) -> None:
        self._say(visit, visit.start + SECOND, "assistant", notice="1.1")

    def _drill(self, visit: Visit) -> None:
        self._say(visit, visit.start + SECOND, "assistant", drill=True)

    def _silent(self, visit: Visit) -> None:
        pass

    def _danger(self, visit: Visit) -> None:
        self._say(visit, visit.start + SECOND, "assistant", danger={"kind": "health"})

    def _complaint(self, visit: Visit) -> None:
        at = visit.start + 3 * MINUTE
        self._say(visit, at, "citizen")
        row = {"conversation_id": visit.name, "event_id": f"{len(self._rows[Message])}-0", "channel": visit.channel}
        row |= {"number": "1", "address": None, "team": "obras", "what": "", "location": "", "latitude": None}
        self._rows[Complaint].append(row | {"longitude": None, "at": at, "state": "received", "changed_at": at})
        self._say(visit, at + SECOND, "assistant")
        if self._dice.random() < 0.5:
            self._open_ticket(visit, "complaint", at + 2 * SECOND, at + 4 * HOUR)

    def _hand_over(self, visit: Visit) -> None:
        dice, opened = self._dice, visit.start + SECOND
        reasons = ("asked_human", "low_confidence", "none_of_these", "negative_feedback")
        reason = dice.choices(reasons, (40, 40, 10, 10))[0]
        if reason in ("asked_human", "negative_feedback") and dice.random() < 0.4:
            visit.answered_first = True
            proof = {"entry": visit.entry, "version": "a1", "question": "", "confidence": 0.9}
            self._say(visit, opened, "assistant", provenance=proof)
            opened += MINUTE
            self._say(visit, opened - SECOND, "citizen")
        self._say(visit, opened, "assistant")
        if visit.kind == "person":
            visit.claimed = opened + dice.expovariate(1 / 25) * MINUTE
            visit.replied = visit.claimed + dice.uniform(0.5, 12) * MINUTE
            if visit.replied >= NOW:
                visit.claimed = visit.replied = None
        number = self._open_ticket(visit, reason, opened, opened + dice.uniform(5, 30) * HOUR)
        if visit.replied:
            visit.sent = dice.choice((visit.entry, "", *TOPICS))
            proof = {"entry": visit.sent, "version": "a1", "question": "", "confidence": 1.0}
            self._say(visit, visit.replied, "staff", **({"provenance": proof} if visit.sent else {}))
        if (closed := visit.closed) and visit.replied and dice.random() < 0.3:
            visit.stars = dice.choice((5, 4, 4, 2))
            facts = {"ticket_id": number, "conversation_id": visit.name, "at": closed, "words": ""}
            self._rows[Rating].append(facts | {"score": visit.stars})
        if visit.kind in {"called", "uncalled"}:
            self._call(visit, number, opened)

    def _open_ticket(self, visit: Visit, reason: str, opened: datetime, closes: datetime) -> str:
        number, closed = f"t{len(self._rows[Ticket])}", closes if closes < NOW else None
        visit.reason, visit.team, visit.closed = reason, self._dice.choice(("obras", "aseo", "atencion")), closed
        visit.handed, visit.is_open = opened, closed is None
        row = {"id": number, "conversation_id": visit.name, "reason": reason, "team": visit.team}
        row |= {"priority": "normal", "opened_at": opened, "claimed_at": visit.claimed, "closed_at": closed}
        row |= {"state": "closed" if closed else "waiting", "changed_at": closed or opened, "outcome": "solved"}
        near = [{"entry": visit.entry, "question": "", "confidence": 0.2}] if visit.entry else []
        self._rows[Ticket].append(row | {"candidates": near})
        return number

    def _call(self, visit: Visit, ticket: str, opened: datetime) -> None:
        visit.promised = opened + HOUR
        is_reached = visit.kind == "called"
        at = visit.promised + self._dice.uniform(-0.5, 3) * HOUR
        visit.called = at if is_reached and at < NOW else None
        number = len(self._rows[Callback]) + 1
        visit.outcome = ("reached" if visit.called else "not_reached") if visit.closed else None
        row = {"id": number, "conversation_id": visit.name, "event_id": f"{number}-0", "number": "1"}
        row |= {"ticket_id": ticket, "team": visit.team, "contact_kind": "phone", "shown": "", "encrypted": None}
        row |= {"part_of_day": "", "asked_at": opened, "consented_at": opened, "due_at": visit.promised}
        row |= {"promised_at": visit.promised, "outcome": visit.outcome, "closed_at": visit.closed}
        self._rows[Callback].append(row)
        if visit.called:
            tried = {"callback_id": number, "at": visit.called, "staff_id": None, "result": "reached", "note": ""}
            self._rows[CallbackAttempt].append(tried)
