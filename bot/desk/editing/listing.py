"""Lists all entries for the editors, with their state, expiry, and numbers of answers and ratings."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

from sqlalchemy import Integer, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.logs import log
from bot.desk.editing.form import NotAForm, form_of
from bot.desk.editing.record import OPEN, Way
from bot.desk.editing.text import EntryText
from bot.faq.entries.entry import Entry, Published
from bot.faq.entries.folder import is_entry
from bot.faq.entries.phrases import entry_name
from bot.faq.entries.problem import Problem, Severity
from bot.record.engine import Sessions
from bot.record.tables import AnswerRating, EntryDocument, EntryEdition, EntryPublication, EntryRevision, Message
from bot.text.normalize import plain

SOON = timedelta(days=30)
COUNTED_OVER = timedelta(days=30)
COUNTS_FRESH_S = 300.0


class EntryState(StrEnum):
    """The state of an entry as the list shows it; its Spanish name is in ``entradas.estados``."""

    ERROR = "error"
    REVIEW = "review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    STOPPED = "stopped"
    DRAFT = "draft"
    EXPIRED = "expired"
    SOON = "soon"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"  # its draft was discarded, and nothing was ever published
    CURRENT = "current"


class PublishedFiles(Published, Protocol):
    """Provides the published entries, and the problems of their files."""

    @property
    def problems(self) -> Sequence[Problem]: ...


@dataclass(frozen=True)
class Listed:
    """A row of the list.

    ``answered`` counts answers, and ``useful`` and ``useless`` count ratings, all of the last 30 days.
    """

    id: str
    path: str
    question: str
    topic: str
    state: EntryState
    answered: int
    useful: int
    useless: int
    reviewed: date | None
    expires: date | None  # of the published text
    stopped: str  # why the scheduled edition was not published; '' if it was not stopped
    found_by: str  # the normalized text that a search looks through
    topic_title: str = ""  # as in Entry; without a published text, as in the draft


class _Document(NamedTuple):
    """The columns of EntryDocument that the list needs; tuples load several times faster than ORM objects."""

    id: uuid.UUID
    path: str
    published_hash: str
    published_before: bool
    withdrawn: bool


class _Edition(NamedTuple):
    """The columns of an open EntryEdition that the list needs.

    The text is left out, since all texts together may take megabytes.
    """

    document_id: uuid.UUID
    state: str
    stopped: str


class _Drafted(NamedTuple):
    """Fields of a draft's header: question, topic ('' if it cannot be parsed), and the date of the last review."""

    question: str
    topic: str
    reviewed: date | None = None


NOTHING_DRAFTED = _Drafted("", "")


@dataclass(frozen=True)
class _Counts:
    answered: Mapping[str, int]
    opinions: Mapping[str, tuple[int, int]]


NOTHING = _Counts({}, {})


class Listing:
    """Builds the list of entries; caches the counts for COUNTS_FRESH_S seconds."""

    def __init__(self, sessions: Sessions, faq: PublishedFiles) -> None:
        self._sessions, self._faq = sessions, faq
        self._counts: _Counts | None = None
        self._counted_at = -COUNTS_FRESH_S
        self._counting: asyncio.Task[None] | None = None

    async def all(self, today: date) -> list[Listed]:
        """Returns all entries, sorted by topic and question."""
        live = {entry.path: entry for entry in self._faq.entries}
        editions = select(EntryEdition.document_id, EntryEdition.state, EntryEdition.stopped)
        async with self._sessions() as session:
            withdrawals = select(EntryPublication.hash).where(EntryPublication.way == Way.WITHDRAWAL)
            # A hash belongs to one entry, since each text contains the entry's id.
            withdrawn = EntryDocument.published_hash.in_(withdrawals)
            before = EntryDocument.published_at.is_not(None)
            columns = (EntryDocument.id, EntryDocument.path, EntryDocument.published_hash, before, withdrawn)
            documents = [_Document(*row) for row in await session.execute(select(*columns))]
            rows = await session.execute(editions.where(EntryEdition.state.in_(OPEN)))
            open_editions = {row[0]: _Edition(*row) for row in rows}
            drafted = await _drafted(session, [one.id for one in documents if one.path not in live])
        counts = await self._fresh_counts()
        broken = {_entry_of(one.file) for one in self._faq.problems if one.severity is Severity.ERROR}
        listed = [
            _listed(
                one,
                open_editions.get(one.id),
                live.get(one.path),
                drafted.get(one.id, NOTHING_DRAFTED),
                one.path in broken,
                counts,
                today,
            )
            for one in documents
        ]
        return sorted(listed, key=lambda one: (one.topic, one.found_by))

    async def _fresh_counts(self) -> _Counts:
        """Returns the cached counts; if they are old, counts again in the background, which may take a second.

        Waits only if nothing has been counted yet.
        """
        if time.monotonic() - self._counted_at > COUNTS_FRESH_S and (self._counting is None or self._counting.done()):
            self._counting = asyncio.create_task(self._count_again())
        if self._counts is None and self._counting is not None:
            await asyncio.shield(self._counting)  # shielded, since other requests wait for the same task
        return self._counts or NOTHING

    async def _count_again(self) -> None:
        try:
            self._counts, self._counted_at = await self._count(), time.monotonic()
        except (SQLAlchemyError, OSError) as error:
            if self._counts is None:
                raise
            log.warning("entries: answers not counted", error=type(error).__name__)

    async def _count(self) -> _Counts:
        since = datetime.now(UTC) - COUNTED_OVER
        entry = Message.data["provenance"]["entry"].astext
        answers = select(entry, func.count()).where(Message.at >= since, Message.author == "assistant").group_by(entry)
        useful = func.sum(AnswerRating.useful.cast(Integer))
        rated = select(AnswerRating.entry, useful, func.count()).where(AnswerRating.at >= since)
        async with self._sessions() as session:
            answered = (await session.execute(answers)).all()
            opinions = (await session.execute(rated.group_by(AnswerRating.entry))).all()
        return _Counts(
            {name: count for name, count in answered if name},
            {name: (int(good), count - int(good)) for name, good, count in opinions},
        )


def _entry_of(file: str) -> str:
    return file if is_entry(file) else entry_name(file)


def _listed(
    document: _Document,
    edition: _Edition | None,
    entry: Entry | None,
    drafted: _Drafted,
    broken: bool,
    counts: _Counts,
    today: date,
) -> Listed:
    topic, _, name = document.path.partition("/")
    id = entry.id if entry else name.partition(".")[0]
    question = entry.question if entry else drafted.question
    useful, useless = counts.opinions.get(id, (0, 0))
    is_published = bool(document.published_hash) and not document.withdrawn
    return Listed(
        id=str(document.id),
        path=document.path,
        question=question or id,
        topic=topic,
        state=_state(document, edition, entry, broken, today),
        answered=counts.answered.get(id, 0),
        useful=useful,
        useless=useless,
        reviewed=entry.reviewed if entry else drafted.reviewed if is_published else None,
        expires=entry.expires if entry and is_published else None,
        stopped=edition.stopped if edition else "",
        found_by=_words(question, entry.variants if entry else (), document.path),
        topic_title=entry.topic_title if entry else drafted.topic if drafted.topic != topic else "",
    )


def _state(document: _Document, edition: _Edition | None, entry: Entry | None, broken: bool, today: date) -> EntryState:
    if broken:
        return EntryState.ERROR
    if edition is not None:
        return EntryState.STOPPED if edition.stopped else EntryState(edition.state)
    if document.withdrawn or not document.published_hash:
        return EntryState.WITHDRAWN if document.published_before else EntryState.DISCARDED
    if entry is None or entry.expires is None:
        return EntryState.CURRENT
    if entry.expires < today:
        return EntryState.EXPIRED
    return EntryState.SOON if entry.expires <= today + SOON else EntryState.CURRENT


async def _drafted(session: AsyncSession, documents: Sequence[uuid.UUID]) -> dict[uuid.UUID, _Drafted]:
    """Returns the question and topic of each document's open edition, else of its newest text, keyed by document id.

    The newest text is used because the bot reads the file of a new publication only a moment later.
    """
    if not documents:
        return {}
    texts = select(EntryRevision.document_id, EntryRevision.content).distinct(EntryRevision.document_id)
    texts = texts.order_by(EntryRevision.document_id, EntryRevision.id.desc())
    written = await session.execute(texts.where(EntryRevision.document_id.in_(documents)))
    query = select(EntryEdition.document_id, EntryEdition.content).where(EntryEdition.state.in_(OPEN))
    drafted = await session.execute(query.where(EntryEdition.document_id.in_(documents)))
    return {id: _of_draft(content) for id, content in (*written, *drafted)}


@lru_cache(maxsize=2_000)
def _of_draft(content: str) -> _Drafted:
    try:
        fields = form_of(EntryText(content)).fields
    except NotAForm:
        return NOTHING_DRAFTED
    with suppress(ValueError):
        return _Drafted(fields["pregunta"], fields["tema"], date.fromisoformat(fields["revisado"]))
    return _Drafted(fields["pregunta"], fields["tema"])


@lru_cache(maxsize=20_000)
def _words(question: str, variants: tuple[str, ...], path: str) -> str:
    """Returns the normalized text that a search looks through: question, variants and file name."""
    return " ".join(["", plain(question), *map(plain, variants), plain(path)])


def found(listed: Sequence[Listed], words: str, topic: str = "", state: str = "") -> list[Listed]:
    """Returns the entries of ``topic`` and ``state`` ('' means all) that match ``words``.

    Each word must begin a word of the question, the variants or the file name; the answer is not searched.
    """
    searched = [f" {word}" for word in plain(words).split()]
    return [
        one
        for one in listed
        if (not topic or one.topic == topic)
        and (not state or one.state == state)
        and all(word in one.found_by for word in searched)
    ]
