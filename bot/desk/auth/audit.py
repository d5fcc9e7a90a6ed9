"""Writes the audit log, which records what each staff member viewed or changed.

PostgreSQL chains the hashes of the rows. Updates are rejected, and deletions too, except by retention (migration 0003).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.record.engine import Sessions
from bot.record.tables import Audit

VIEW_COUNTS_FOR = timedelta(minutes=15)
CODE_CHANGED = "code"  # the subject of ROLLOUT_CHANGED if the access code was replaced


class Action(StrEnum):
    """The kinds of actions in the audit log; their Spanish names are in ``desk.acciones``."""

    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_OUT = "sign_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (the name of an action)
    STAFF_ADDED = "staff_added"
    STAFF_RESET = "staff_reset"
    STAFF_CHANGED = "staff_changed"
    SESSIONS_ENDED = "sessions_ended"
    OIDC_BOUND = "oidc_bound"
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    RECOVERY_CODE_USED = "recovery_code_used"
    LINE_VIEWED = "line_viewed"
    CALLBACKS_VIEWED = "callbacks_viewed"
    PROPOSALS_VIEWED = "proposals_viewed"
    TRANSCRIPT_VIEWED = "transcript_viewed"
    TICKET_CLAIMED = "ticket_claimed"
    TICKET_REPLIED = "ticket_replied"
    TICKET_CLOSED = "ticket_closed"
    TICKET_REOPENED = "ticket_reopened"
    TICKET_SNOOZED = "ticket_snoozed"
    TICKET_WOKEN = "ticket_woken"
    TICKET_MOVED = "ticket_moved"
    PROPOSAL_DECIDED = "proposal_decided"
    NOTE_WRITTEN = "note_written"
    SHIFT_ENDED = "shift_ended"
    CONTACT_VIEWED = "contact_viewed"
    CALLBACK_TRIED = "callback_tried"
    COMPLAINTS_VIEWED = "complaints_viewed"
    COMPLAINT_CHANGED = "complaint_changed"
    COMPLAINTS_DOWNLOADED = "complaints_downloaded"
    ROLLOUT_CHANGED = "rollout_changed"
    FILE_SENT = "file_sent"
    FILE_OPENED = "file_opened"
    CONVERSATIONS_SEARCHED = "conversations_searched"
    MISSING_VIEWED = "missing_viewed"
    MISSING_SETTLED = "missing_settled"
    BACKLOG_VIEWED = "backlog_viewed"
    BACKLOG_DECIDED = "backlog_decided"
    BACKLOG_UNDONE = "backlog_undone"
    ENTRY_SAVED = "entry_saved"
    ENTRY_SENT = "entry_sent"
    ENTRY_APPROVED = "entry_approved"
    ENTRY_RETURNED = "entry_returned"
    ENTRY_REPAIRED = "entry_repaired"
    ENTRY_PUBLISHED = "entry_published"
    ENTRY_WITHDRAWN = "entry_withdrawn"
    ENTRY_DISCARDED = "entry_discarded"
    ENTRY_CONFIRMED = "entry_confirmed"
    ENTRY_OVERRIDDEN = "entry_overridden"
    TESTS_CHANGED = "tests_changed"
    ENTRY_LINKED = "entry_linked"
    ENTRY_DECIDED = "entry_decided"
    CANNED_CHANGED = "canned_changed"
    AGENCY_CHANGED = "agency_changed"
    ATTACHMENT_OPENED = "attachment_opened"
    NOTICE_SAVED = "notice_saved"
    NOTICE_PUBLISHED = "notice_published"
    NOTICE_RENEWED = "notice_renewed"
    NOTICE_LIFTED = "notice_lifted"
    NOTICE_DISCARDED = "notice_discarded"
    NOTICE_MEASURES_LIFTED = "notice_measures_lifted"
    PACK_APPROVED = "pack_approved"
    BROADCAST_PLANNED = "broadcast_planned"
    BROADCAST_DISCARDED = "broadcast_discarded"
    BROADCAST_STARTED = "broadcast_started"
    BROADCAST_STOPPED = "broadcast_stopped"
    SPIKE_CLOSED = "spike_closed"
    SAMPLE_VIEWED = "sample_viewed"
    CAUTION_DECIDED = "caution_decided"
    OPINIONS_VIEWED = "opinions_viewed"
    AUDIT_VIEWED = "audit_viewed"
    AUDIT_DOWNLOADED = "audit_downloaded"
    SENDER_BANNED = "sender_banned"
    SENDER_UNBANNED = "sender_unbanned"
    MESSAGE_REMOVED = "message_removed"
    DATA_ERASED = "data_erased"
    DATA_EXPORTED = "data_exported"
    DATA_BLOCKED = "data_blocked"
    DATA_UNBLOCKED = "data_unblocked"
    DATA_CORRECTED = "data_corrected"
    DATA_EXPIRED = "data_expired"
    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    PRIVACY_VIEWED = "privacy_viewed"
    PRIVACY_NOTED = "privacy_noted"
    PRIVACY_EXTENDED = "privacy_extended"
    PRIVACY_ANSWERED = "privacy_answered"


# Names that older releases gave to actions; their rows keep them, since no row is ever changed.
OLDER_NAMES: Mapping[str, Action] = {"entry_mended": Action.ENTRY_REPAIRED}


def names_of(action: str) -> list[str]:
    """Returns the names under which rows record an action: the current name, and the names in older releases."""
    return [action, *(name for name, newer in OLDER_NAMES.items() if newer == action)]


class AuditLog:
    """Adds rows to the audit log, each in its own transaction."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def record(self, action: Action, *, staff_id: UUID | None, subject: str = "", **detail: object) -> None:
        async with self._sessions.begin() as session:
            add_audit(session, action, staff_id=staff_id, subject=subject, **detail)

    async def record_view(self, action: Action, *, staff_id: UUID, subject: str = "", **detail: object) -> None:
        """Adds a row unless the person has a row with the same action and subject within VIEW_COUNTS_FOR."""
        same = select(Audit.id).where(Audit.staff_id == staff_id, Audit.action == action, Audit.subject == subject)
        async with self._sessions.begin() as session:
            if await session.scalar(same.where(Audit.at > datetime.now(UTC) - VIEW_COUNTS_FOR).limit(1)) is None:
                add_audit(session, action, staff_id=staff_id, subject=subject, **detail)


def add_audit(
    session: AsyncSession, action: Action, *, staff_id: UUID | None, subject: str = "", **detail: object
) -> None:
    """Adds a row in the caller's transaction; ``detail`` must not contain text that a citizen wrote."""
    session.add(Audit(action=action.value, staff_id=staff_id, subject=subject, detail=dict(detail)))
