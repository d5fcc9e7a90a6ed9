"""Reads the backlog for editors: groups of unanswered questions, and messages that were linked to an entry.

Questions similar to recently decided ones are left out.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from sqlalchemy import select

from bot.faq.entries.entry import Published
from bot.learning.backlog.embedding import DIGITS
from bot.learning.backlog.gathering import TERM
from bot.learning.backlog.grouping import Vectors, groups_of, near_any
from bot.learning.backlog.private import private_conversations
from bot.learning.backlog.reading import NOT_IT, Source, usable
from bot.record.engine import Sessions
from bot.record.tables import BacklogDecision, BacklogItem, LegalHold
from bot.text.normalize import plain

LEAST_CITIZENS = 3
# With fewer citizens than FEW_CITIZENS in the backlog, as in a small office, questions of one or two citizens are shown
# too, ALONE_AFTER they wrote: by then, staff can hardly tell whose question it was.
FEW_CITIZENS = 100
ALONE_AFTER = timedelta(days=7)
WEEK = timedelta(days=7)
MOST_ITEMS = 10_000  # maximum number of items, the newest ones
SHOWN_TEXTS = 5
SUGGESTED = 3


class Item(NamedTuple):
    """Columns of BacklogItem, and when the item's decision expires (``until``; None without a decision)."""

    id: int
    conversation_id: str | None
    source: str
    at: datetime
    text: str
    entries: list[str]
    denied: list[str]
    reason: str
    reply: str
    team: str
    staff_name: str
    vector: bytes | None
    until: datetime | None


@dataclass(frozen=True)
class Utterance:
    """A citizen's masked message, and whether an entry may get it as an utterance (``usable``)."""

    text: str
    usable: bool


@dataclass(frozen=True)
class StaffReply:
    """The masked answer and the name of a staff member; ``text`` may be ''."""

    name: str
    text: str


@dataclass(frozen=True)
class Group:
    """Messages with the same meaning.

    ``utterances`` begins with the title. ``entries`` are the ids of published entries that the citizens may mean,
    likeliest first; a ``labelled`` group contains only the entry that they are known to mean. ``denied`` are the ids of
    published entries that were judged not to answer these messages, the most frequent first; a ``labelled`` group has
    none, since its messages share only the entry that they mean. ``this_week`` and ``week_before`` count citizens.
    ``reasons`` counts why answers did not help.
    """

    items: tuple[int, ...]
    utterances: tuple[Utterance, ...]
    citizens: int
    this_week: int
    week_before: int
    sources: tuple[tuple[Source, int], ...]
    reasons: tuple[tuple[str, int], ...]
    entries: tuple[str, ...]
    denied: tuple[str, ...]
    replies: tuple[StaffReply, ...]
    team: str
    labelled: bool

    @property
    def title(self) -> str:
        return self.utterances[0].text

    @property
    def id(self) -> int:
        """Returns the id of the newest item, which identifies the group on a page."""
        return max(self.items)


class Backlog:
    """The groups that await a decision."""

    def __init__(self, sessions: Sessions, published: Published) -> None:
        self._sessions, self._published = sessions, published

    async def waiting(self, now: datetime | None = None) -> list[Group]:
        """Returns the groups, those with the most citizens first; if equal, the fastest-growing first.

        A group has at least LEAST_CITIZENS citizens, with three exceptions: it is labelled; staff noted its question as
        missing; or fewer than FEW_CITIZENS citizens wrote the backlog's messages. In the last case, older messages
        without personal data are shown too, but none of a conversation under a legal hold. Raises SQLAlchemyError.
        """
        now = now or datetime.now(UTC)
        items = await self._items(now)
        held = await self._held()
        said = {entry.id: (*entry.utterances, *entry.counterexamples) for entry in self._published.entries}
        entries = {id: frozenset(map(plain, texts)) for id, texts in said.items()}
        return await asyncio.to_thread(waiting_in, items, entries, now, held=held)

    async def _held(self) -> frozenset[str]:
        async with self._sessions() as session:
            return frozenset((await session.scalars(select(LegalHold.conversation_id))).all())

    async def _items(self, now: datetime) -> list[Item]:
        hidden = BacklogItem.conversation_id.in_(private_conversations())
        query = (
            select(*(getattr(BacklogItem, name) for name in Item._fields[:-1]), BacklogDecision.until)
            .outerjoin(BacklogDecision, BacklogDecision.id == BacklogItem.decision_id)
            .where((BacklogItem.at > now - TERM) | (BacklogDecision.until > now), hidden.is_not(True))
            .order_by(BacklogItem.at.desc())
            .limit(MOST_ITEMS)
        )
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
        return [item for item in (Item._make(row) for row in rows) if item.until is None or item.until > now]


def waiting_in(
    items: Sequence[Item],
    entries: dict[str, frozenset[str]],
    now: datetime,
    *,
    held: frozenset[str] = frozenset(),
) -> list[Group]:
    """Returns the groups of the undecided ``items``, in the order of ``waiting``; blocks for about a second.

    ``entries`` maps the id of each published entry to its normalized utterances and counterexamples. ``held`` are the
    ids of the conversations under a legal hold.
    """
    embedded = [item for item in items if item.vector]
    vectors = _vectors(embedded)
    decided = np.array([item.until is not None for item in embedded], dtype=bool)
    again = near_any(vectors, vectors[decided])
    labels: defaultdict[str, list[Item]] = defaultdict(list)
    rows: list[int] = []
    for row, item in enumerate(embedded):
        if item.until is not None:
            continue
        if Source(item.source).is_label:
            if item.entries[0] in entries and plain(item.text) not in entries[item.entries[0]] and usable(item.text):
                labels[item.entries[0]].append(item)
        elif not again[row]:
            rows.append(row)
    asked = [embedded[row] for row in rows]
    few = len({_citizen(item) for item in items}) < FEW_CITIZENS
    alone = [few and _may_stand_alone(item, held, now) for item in asked]
    groups = [*_unwritten(asked, vectors[rows], entries, now, alone), *_labelled(labels, entries, now)]
    return sorted(groups, key=lambda one: (-one.citizens, one.week_before - one.this_week, one.title))


def _vectors(items: Sequence[Item]) -> Vectors:
    if not items:
        return np.zeros((0, 1), dtype=np.float32)
    return np.frombuffer(b"".join(item.vector or b"" for item in items), DIGITS).reshape(len(items), -1).astype("f4")


def _unwritten(
    asked: Sequence[Item],
    vectors: Vectors,
    entries: dict[str, frozenset[str]],
    now: datetime,
    alone: Sequence[bool],
) -> Iterable[Group]:
    """Yields the groups with at least LEAST_CITIZENS, then each other question that staff noted as missing, on its own.

    At the end, yields the groups, of any size, of the remaining items that ``alone`` marks.
    """
    grouped = groups_of(vectors, [_citizen(item) for item in asked], least=LEAST_CITIZENS)
    taken = {row for group in grouped for row in group.members}
    for group in grouped:
        yield _group([asked[row] for row in group.members], entries, now)
    for row, item in enumerate(asked):
        if row not in taken and item.source == Source.MISSING:
            taken.add(row)
            yield _group([item], entries, now)
    few = [row for row in range(len(asked)) if alone[row] and row not in taken]
    for group in groups_of(vectors[few], few, least=1):
        yield _group([asked[few[member]] for member in group.members], entries, now)


def _may_stand_alone(item: Item, held: frozenset[str], now: datetime) -> bool:
    """Returns whether an item may be shown without two other citizens' messages."""
    return item.at <= now - ALONE_AFTER and usable(item.text) and item.conversation_id not in held


def _labelled(labels: dict[str, list[Item]], entries: dict[str, frozenset[str]], now: datetime) -> Iterable[Group]:
    for items in labels.values():
        yield _group(items, entries, now, labelled=True)


def _group(
    items: Sequence[Item], entries: dict[str, frozenset[str]], now: datetime, *, labelled: bool = False
) -> Group:
    """Builds the group of ``items``: a medoid and its neighbors, or the labels of an entry if ``labelled``."""
    near = Counter(entry for item in items for entry in _meant(item) if entry in entries)
    denied = Counter(entry for item in items for entry in item.denied if entry in entries and not labelled)
    replies = {(item.staff_name, item.reply): None for item in items if item.source == Source.MISSING}
    teams = Counter(item.team for item in items if item.team)
    return Group(
        items=tuple(item.id for item in items),
        utterances=_utterances(items),
        citizens=len({_citizen(item) for item in items}),
        this_week=len({_citizen(item) for item in items if item.at > now - WEEK}),
        week_before=len({_citizen(item) for item in items if now - 2 * WEEK < item.at <= now - WEEK}),
        sources=tuple(Counter(Source(item.source) for item in items).most_common()),
        reasons=tuple(Counter(item.reason for item in items if item.reason).most_common()),
        entries=tuple(id for id, _ in near.most_common(SUGGESTED)),
        denied=tuple(id for id, _ in denied.most_common(SUGGESTED)),
        replies=tuple(StaffReply(*reply) for reply in replies),
        team=teams.most_common(1)[0][0] if teams else "",
        labelled=labelled,
    )


def _utterances(items: Sequence[Item]) -> tuple[Utterance, ...]:
    """Returns at most SHOWN_TEXTS distinct texts.

    Those that may become utterances come first, so that the title identifies nobody.
    """
    texts: dict[str, str] = {}
    for item in items:
        texts.setdefault(plain(item.text), item.text)
    made = [Utterance(text, usable(text)) for text in texts.values()]
    return tuple(sorted(made, key=lambda one: not one.usable)[:SHOWN_TEXTS])


def _meant(item: Item) -> list[str]:
    """Returns the ids of the entries that the citizen may mean; [] if the citizen answered «No era eso»."""
    return [] if item.reason == NOT_IT else item.entries[:SUGGESTED]


def _citizen(item: Item) -> str:
    return item.conversation_id or f"missing-{item.id}"
