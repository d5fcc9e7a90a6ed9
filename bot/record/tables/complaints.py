"""Defines the tables of complaints, which outlive the conversation in which a complaint was made."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class Complaint(Base):
    """A complaint or report.

    ``number`` is the number that the citizen quotes. ``address`` is the encrypted address for news, NULL on the web.
    ``location`` is the place in the citizen's words; ``latitude`` and ``longitude`` are set if the citizen shared a
    location. ``state`` is a ComplaintState, and ``unit`` the unit to which the complaint was referred.
    """

    __tablename__ = "complaints"
    __table_args__ = (UniqueConstraint("conversation_id", "event_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    conversation_id: Mapped[str]
    event_id: Mapped[str]
    number: Mapped[str] = mapped_column(index=True)
    channel: Mapped[str]
    address: Mapped[str | None]
    team: Mapped[str]
    what: Mapped[str]
    location: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str]
    unit: Mapped[str] = mapped_column(server_default="")
    changed_at: Mapped[datetime] = mapped_column(index=True)


class ComplaintPhoto(Base):
    """A photo of a complaint.

    ``ref`` is as in Attachment. ``file_id`` is the file in COMPLAINT_FILES, NULL until the photo is copied there. The
    next attempt to copy it is at ``next_at``. If both are NULL, the photo could not be copied.
    """

    __tablename__ = "complaint_photos"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id", ondelete="CASCADE"), index=True)
    ref: Mapped[str]
    name: Mapped[str]
    file_id: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(server_default=func.now(), index=True)


class ComplaintChange(Base):
    """A change of a complaint's state; the first change records the receipt.

    ``reply`` is staff's message to the citizen. ``told`` is a Notified, '' until the citizen is notified. ``export_at``
    is when the change is next sent to the agency's register; NULL once the register accepted it or sending was given
    up.
    """

    __tablename__ = "complaint_changes"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    state: Mapped[str]
    unit: Mapped[str] = mapped_column(server_default="")
    reply: Mapped[str] = mapped_column(server_default="")
    told: Mapped[str] = mapped_column(server_default="", index=True)
    export_tries: Mapped[int] = mapped_column(default=0)
    export_at: Mapped[datetime | None] = mapped_column(server_default=func.now(), index=True)
