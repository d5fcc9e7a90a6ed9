"""Defines the tables of the entry editor: entries, revisions, editions, approvals, publications.

Also defines those of comments, links for units, news to staff, reminders, pending Git commits, and versions that were
live. Published texts are files in data/faq; these tables keep drafts and history. A hash is the SHA-256 of an entry's
text (bot/faq/entries/canonical.py).
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base

OPEN = ("draft", "review", "approved", "scheduled")
IS_OPEN = text("state IN ('draft', 'review', 'approved', 'scheduled')")


class EntryDocument(Base):
    """An entry; it keeps its row and its ``id`` when its title, topic or file name changes.

    ``path`` is its current file in the FAQ folder. ``published_hash`` is the hash of the published text, '' if there is
    none.
    """

    __tablename__ = "entry_documents"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    path: Mapped[str] = mapped_column(unique=True)
    published_hash: Mapped[str] = mapped_column(server_default="")
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class EntryRevision(Base):
    """The text of an entry at one time; PostgreSQL rejects changes and deletions.

    ``origin`` is page, disk or import. ``author_id`` is NULL if the author's account is not known: for a text from the
    disk, a draft that a process imported, and the other person's draft in a merge, which has only ``author_name``.
    """

    __tablename__ = "entry_revisions"
    __table_args__ = (Index("entry_revisions_of", "document_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_documents.id"))
    hash: Mapped[str]
    content: Mapped[str]
    phrases: Mapped[str]
    author_id: Mapped[uuid.UUID | None]
    author_name: Mapped[str]
    origin: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class EntryEdition(Base):
    """A change of an entry: draft, review, approved, scheduled; then published or discarded.

    At most one edition per entry is open. ``base_hash`` is the hash of the text that was published when the edition was
    opened, rebased, restored or replaced. ``version`` counts the saves and rebases. ``authors`` contains the ids of its
    editors. ``stopped`` says why the edition was not published when it should have been (Stop in
    bot/desk/editing/record.py); ``accepted`` contains the keys of the test messages that its publication may lose.
    ``from_disk`` is true while the edition has the file's text, which no person has changed since. ``disk_seen`` is the
    newest revision from the disk that its editors have seen, 0 if none. ``changed_at`` is the time of the last save or
    of the last request for a review, ``changed_by`` the person who saved it last.
    """

    __tablename__ = "entry_editions"
    __table_args__ = (Index("entry_editions_open", "document_id", unique=True, postgresql_where=IS_OPEN),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_documents.id"))
    state: Mapped[str]
    base_hash: Mapped[str]
    hash: Mapped[str]
    content: Mapped[str]
    phrases: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1")
    authors: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(UUID(as_uuid=True)), server_default="{}")
    publish_at: Mapped[datetime | None]
    stopped: Mapped[str] = mapped_column(server_default="")
    accepted: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    from_disk: Mapped[bool] = mapped_column(server_default=false())
    disk_seen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    changed_by: Mapped[str] = mapped_column(server_default="")


class EntryApproval(Base):
    """The approval of the text with this hash; an edited text has another hash and therefore no approval."""

    __tablename__ = "entry_approvals"
    __table_args__ = (UniqueConstraint("document_id", "hash", "staff_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_documents.id"))
    hash: Mapped[str]
    staff_id: Mapped[uuid.UUID]
    name: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class EntryComment(Base):
    """An editor's comment, for other editors, on the text with this hash."""

    __tablename__ = "entry_comments"
    __table_args__ = (Index("entry_comments_of", "document_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_documents.id"))
    hash: Mapped[str]
    staff_id: Mapped[uuid.UUID | None]
    name: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class EntryPublication(Base):
    """A publication: begun before a file is written, then done, or undone if the files changed meanwhile.

    ``before`` and ``hash`` are the hashes of the texts before and after it ('' if there was none); ``path`` is the
    file. ``way`` is the right by which it was published, and ``reason`` says why it was published without approval. A
    minor or urgent publication is confirmed afterwards by another person. The publication of a text that was replaced
    on the disk is done immediately, and has no ``name``.
    """

    __tablename__ = "entry_publications"
    __table_args__ = (
        Index("entry_publications_begun", "id", postgresql_where=text("state = 'begun'")),
        Index(
            "entry_publications_unconfirmed",
            "id",
            postgresql_where=text("way IN ('minor', 'urgent') AND confirmed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_documents.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("entry_revisions.id"))
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("entry_editions.id"))
    path: Mapped[str]
    before: Mapped[str]
    hash: Mapped[str]
    staff_id: Mapped[uuid.UUID | None]
    name: Mapped[str]
    state: Mapped[str]
    way: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[uuid.UUID | None]
    confirmed_name: Mapped[str] = mapped_column(server_default="")


class EntryLink(Base):
    """A link with which the responsible unit approves the text with this hash, once and without an account.

    ``token_hash`` is the SHA-256 of the link's secret, which is not stored. ``decision`` is approved, changes or ''.
    """

    __tablename__ = "entry_links"
    __table_args__ = (Index("entry_links_of", "document_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_documents.id"))
    hash: Mapped[str]
    unit: Mapped[str]
    staff_id: Mapped[uuid.UUID | None]
    staff_name: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    decision: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime | None]
    name: Mapped[str] = mapped_column(server_default="")
    comment: Mapped[str] = mapped_column(server_default="")


class EntryNews(Base):
    """A notification to staff about an entry; there is one per ``kind`` (a News of noting.py) and ``subject``.

    ``subject`` is the edition, publication or link that it is about. ``name`` is the person or unit who caused it, with
    ``staff_id`` if they have an account; ``text`` is their comment or a further detail. ``told_at`` is NULL until staff
    were notified at the desk, ``mailed_at`` until the e-mails were sent or found unnecessary.
    """

    __tablename__ = "entry_news"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index("entry_news_untold", "id", postgresql_where=text("told_at IS NULL OR mailed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_documents.id"))
    staff_id: Mapped[uuid.UUID | None]
    name: Mapped[str] = mapped_column(server_default="")
    text: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    told_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class EntryReminder(Base):
    """A sent reminder that an entry expires: ``days`` before the date ``expires``."""

    __tablename__ = "entry_reminders"

    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_documents.id"), primary_key=True)
    expires: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class EntryCommit(Base):
    """A publication that waits for its Git commit in the repository of the FAQ folder; deleted once it is committed.

    ``removed`` is the former path of a moved entry, '' if it was not moved. ``what`` is a What of
    bot/desk/editing/commits/queue.py, and ``failure`` says why the last attempt failed. A change made on the disk has
    no ``name``.
    """

    __tablename__ = "entry_commits"
    __table_args__ = (Index("entry_commits_of", "document_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry_documents.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("entry_revisions.id"))
    path: Mapped[str]
    removed: Mapped[str] = mapped_column(server_default="")
    what: Mapped[str]
    staff_id: Mapped[uuid.UUID | None]
    name: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    failure: Mapped[str] = mapped_column(server_default="")


class FaqVersion(Base):
    """The text of a version of an entry that was live at some time, so that old answers can be shown again."""

    __tablename__ = "faq_versions"

    version: Mapped[str] = mapped_column(primary_key=True)
    entry: Mapped[str] = mapped_column(index=True)
    content: Mapped[str]
    first_live_at: Mapped[datetime] = mapped_column(server_default=func.now())
