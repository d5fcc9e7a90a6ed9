"""Notifies citizens in their chat of changes that staff made to their complaint, once for each change.

The desk stores a change with an empty ``told``. A killed process leaves ``told`` empty, so the notice is sent later.
The channel's rules apply: no notice after «baja», and outside WhatsApp's window only the approved template.
"""

from __future__ import annotations

from sqlalchemy import select

from bot.agency.model import Agency
from bot.conversation.event_log_entry import event_of
from bot.core.messages import Author, Reply
from bot.handoff.complaints.status import state_words
from bot.record.complaint_record import ComplaintState, Notified
from bot.record.engine import Sessions
from bot.record.tables.complaints import Complaint, ComplaintChange
from bot.store.client import Store
from bot.store.scripts import Script
from bot.text.markdown import literal

LATER = "later"


class ComplaintNews:
    """Sends notices about changed complaints; its methods may raise SQLAlchemyError and redis.RedisError."""

    def __init__(self, redis: Store, sessions: Sessions, agency: Agency) -> None:
        self._sessions, self._agency = sessions, agency
        self._notify = Script(redis, "notify_once")

    async def notify_one(self) -> bool:
        """Sends the oldest notice that is due, or drops it if the channel's rules forbid it.

        Returns False if there is none, or if the notice must wait until conversations are recovered.
        """
        pending = select(ComplaintChange).where(ComplaintChange.told == "").order_by(ComplaintChange.id).limit(1)
        async with self._sessions.begin() as session:
            change = await session.scalar(pending.with_for_update(skip_locked=True))
            if change is None:
                return False
            complaint = await session.get_one(Complaint, change.complaint_id)
            outcome = await self._send(complaint, change)
            if outcome == LATER:
                return False
            change.told = Notified(outcome)
        return True

    async def _send(self, complaint: Complaint, change: ComplaintChange) -> str:
        templated = bool(self._agency.templates.answer)
        notice = Reply(self._words(complaint, change), author=Author.SYSTEM, after_window=templated)
        return str(
            await self._notify(
                conversation=complaint.conversation_id,
                channel=complaint.channel,
                address=complaint.address or "",
                events=[event_of(notice)],
                once=f"complaint-{change.id}",
                by_template=templated,
                idle=self._agency.web_idle_s,
            )
        )

    def _words(self, complaint: Complaint, change: ComplaintChange) -> str:
        state = state_words(self._agency, ComplaintState(change.state), change.unit)
        news = self._agency.say("reclamo_novedad", numero=complaint.number, estado=state)
        if not change.reply:
            return news
        return f"{news}\n\n{self._agency.say('reclamo_novedad_respuesta', respuesta=literal(change.reply))}"
