"""Names the source of the answer above and its last review to who asks: «¿de dónde sacas eso?», «¿pero seguro?»."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Tracker

from actions.context import context_of
from actions.history import just_sent
from actions.replies.aside import FaqAside
from actions.replies.buttons import whole
from actions.step import citizens_words
from actions.tracker import events_of
from bot.core.payload import Payload
from bot.core.texts import date_in_words
from bot.text.doubts import only_says
from bot.text.markdown import literal


class AskedSource(FaqAside):
    """Replies to who asks for the source."""

    def about(self, tracker: Tracker) -> tuple[Payload, ...]:
        """Returns the reply with the source of the entry sent last; () if the message asks more.

        Also returns () if the last reply was none: «eso» after a referral is not the answer before it.
        """
        id = just_sent(events_of(tracker))
        if not id or not only_says("pide_la_fuente", citizens_words(tracker)):
            return ()
        context, agency = context_of(tracker, self.replies.agency), self.replies.agency
        found = self.faq.answerer.chosen(id, today=self.today(), context=context)
        entry = next(filter(None, (found.entry, *found.variants)), None) if found else None
        answer = self.replies.answer(entry, self.today()) if entry else None
        if not entry or not answer or answer.handoff:  # gone or expired
            return ()
        said = {"pregunta": literal(entry.question), "responsable": literal(entry.responsible)}
        said["revisado"] = date_in_words(entry.reviewed)
        buttons = (whole(entry.id, agency.say("boton_ver_todo")),)
        return (replace(answer, text=agency.say("fuente_de_arriba", **said), buttons=buttons, fold_after=0, title=""),)
