"""Asks a citizen what happened, where, and for a photo, and files the complaint once the citizen confirms it.

The form (form.py) is stored with the conversation and changes in the same commit as the replies. The last commit logs
the complaint as an event, which the recorder writes to PostgreSQL. So a killed process neither loses nor duplicates a
complaint. Emergencies and requests for a person are recognized earlier (bot/turns/turns.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core.channels import traits_of
from bot.core.messages import Author, Button, CitizenMessage, Reply
from bot.handoff.complaints.filing import Filing
from bot.handoff.complaints.form import Form, Step, has_video, photos_of
from bot.handoff.complaints.questions import CANCEL, COMPLAINT, FIX, SEND, START, Questions
from bot.handoff.complaints.said import Said, button_notice
from bot.handoff.complaints.words import is_only_place, is_question, means, part_named, tells_more
from bot.handoff.matter import asks_to_reach_somebody
from bot.text.mourning import mourns
from bot.turns.attachments import unread
from bot.turns.buttons import ASK_HUMAN, offered, pressed, with_ids
from bot.turns.emergency import asks_for_person
from bot.turns.foreign_language import translated
from bot.turns.outcome import Decision, Turn

DESCRIPTION_WORDS = 8  # a first message with at least this many words counts as the description of what happened
MIN_LETTERS = 3
MAX_CHARACTERS = 4000  # of what happened, with what is added later
LEAVING = frozenset({Step.WHAT, Step.CONFIRM})  # the steps in which «mejor no» discards the complaint

# Answers a citizen's question without asking Rasa; the decision has no replies if no answer is certain enough.
Answer = Callable[[CitizenMessage, ConversationState], Awaitable[Decision]]


class ComplaintDialogue:
    """Decides how to respond to messages about a complaint.

    Stores nothing, since each Decision contains its changes.
    """

    def __init__(self, agency: Agency, filing: Filing) -> None:
        self._agency, self._filing, self._questions = agency, filing, Questions(agency)

    def begun(self, turn: Turn, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision that starts the dialogue, instead of ``turn``, which hands the complaint to a person."""
        form = replace(self._form(state), team=turn.handoff.team if turn.handoff else "")
        form = form.with_photos(photos_of(message.attachments))
        tells = pressed(message, state.buttons) is None and len(message.text.split()) >= DESCRIPTION_WORDS
        if tells:
            form = replace(form, what=message.text.strip()).given(Step.WHAT, message)
        decision = self._asked(form, self._agency.say("reclamo_anotado" if tells else "reclamo_inicio"))
        dangers = tuple(one for one in turn.replies if one.danger)
        decision = decision if dangers else self._with_sympathy(decision, message.text)
        decision = replace(decision.led_by(*with_ids(dangers)), change=turn.change(decision.change))
        return self._without_video(decision, message)

    def is_open(self, state: ConversationState) -> bool:
        """Returns whether the dialogue is open; photos alone or a forgotten form are none."""
        return self._form(state).is_open

    def asks_what(self, state: ConversationState) -> bool:
        """Returns whether the last question was what happened, which any text answers."""
        return self._form(state).step is Step.WHAT

    def gives_place(self, message: CitizenMessage, state: ConversationState) -> bool:
        """Returns whether the message answers the question about the place, and says nothing but a place."""
        return self._form(state).step is Step.WHERE and is_only_place(message.text)

    async def decide(self, message: CitizenMessage, state: ConversationState, answer: Answer) -> Decision | None:
        """Decides how to respond to a message; None if it is not about a complaint, or leaves the dialogue.

        Outside the dialogue, the response to photos without text is the question of what they show. ``answer`` answers
        other questions.
        """
        button, form = pressed(message, state.buttons), self._form(state)
        said = Said(message, button.payload if button else "")
        if said.payload == START:
            return self._asked(form, self._agency.say("reclamo_inicio"))
        if not form.is_open:
            return self._photo_alone(form, message)
        if message.command:  # «start»
            return self._left().followed_by(Reply(self._agency.say("bienvenida")))
        if self._leaves(said):
            return None
        if form.step is Step.WHAT and form.what and said.declines:  # the correction of a part, which stays as it was
            return self._asked(form.having(Step.WHAT))
        if said.is_(CANCEL, "cancelar") or (form.step in LEAVING and said.declines):
            return self._left()
        if message.edits:
            return await self._edited(form, said, state, answer)
        return self._without_video(await self._step(form, said, state, answer), message)

    def noted(self, decision: Decision, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision with a notice about the photos or the video in the message.

        Keeps the photos for a complaint, unless the decision hands the citizen off to a person. Returns the decision
        unchanged if there are neither, if it changes the complaint's form itself, or if the message is only a video,
        which has its own reply.
        """
        photos = photos_of(message.attachments)
        noted_video = bool(message.text) and has_video(message.attachments)
        if decision.change.complaint is not None or not (photos or noted_video):
            return decision
        if decision.handoff or not photos:
            text = translated(self._agency, "foto_para_persona" if photos else "video_no_visto")
            return decision.followed_by(text)
        (note,) = with_ids((replace(self._note("foto_guardada"), buttons=(self._questions.begin(),)),))
        earlier = state.buttons if decision.change.buttons is None else decision.change.buttons
        form = self._stamped(self._form(state).with_photos(photos))
        change = replace(decision.change, buttons=(*note.buttons, *earlier), complaint=form.to_json())
        return replace(decision.followed_by(note), change=change)

    def _photo_alone(self, form: Form, message: CitizenMessage) -> Decision | None:
        photos = photos_of(message.attachments)
        if not photos or message.text:
            return None
        person = Button(self._agency.say("boton_persona"), ASK_HUMAN)
        reply = Reply(self._agency.say("foto_sin_palabras"), (self._questions.begin(), person))
        return self._said(form.with_photos(photos), reply)

    def _leaves(self, said: Said) -> bool:
        """Returns whether the message leaves the dialogue: another feature's button, or a request for a person."""
        elsewhere = bool(said.payload) and not said.payload.startswith(COMPLAINT)
        return elsewhere or asks_for_person(said.text) or asks_to_reach_somebody(said.text)

    async def _step(self, form: Form, said: Said, state: ConversationState, answer: Answer) -> Decision:
        photos, place = photos_of(said.message.attachments), said.message.place
        form = replace(form.with_photos(photos), place=place or form.place)
        if place:
            form = replace(form, location=place.title or form.location).having(Step.WHERE)
        if key := button_notice(said):
            return self._asked(form, self._agency.say(key))
        if not said.text and not said.payload:
            return self._without_text(form, said, got=bool(photos or place))
        if not said.payload and is_question(said.text):
            answered = await answer(said.message, state)
            if answered.change.to_approve:
                return answered
            if answered.replies or not _may_answer(form, said):
                return self._after_answer(form, answered)
        if form.step is Step.CONFIRM and said.is_(SEND, "enviar"):
            return await self._sent(form, said, state)
        return self._answered(form, said)

    async def _edited(self, form: Form, said: Said, state: ConversationState, answer: Answer) -> Decision:
        """Responds to a corrected message, which answers no question: the dialogue repeats its own.

        If that message gave the newest part of the complaint, the correction replaces the part.
        """
        if said.message.edits == form.part_id and said.text:
            return self._asking(form.corrected(said.text))
        answered = await answer(said.message, state) if is_question(said.text) else Decision()
        return self._after_answer(form, answered) if answered.replies else self._asking(form)

    async def _sent(self, form: Form, said: Said, state: ConversationState) -> Decision:
        """Files the complaint.

        Keeps the form for later and says so if the citizen or their network sent too many, or if no number is free.
        """
        if not await self._filing.allows(said.message):
            return self._asked(form, self._agency.say("reclamo_muchos"))
        return await self._filing.filed(form, state) or self._asked(form, self._agency.say("reclamo_sin_numero"))

    def _without_text(self, form: Form, said: Said, *, got: bool) -> Decision:
        """Responds to a message without text in the dialogue.

        If ``got`` (it has a photo or a location), asks the next question; else explains that it cannot be used.
        """
        if got:
            return self._asked(form, self._agency.say("reclamo_recibido"))
        if has_video(said.message.attachments):
            return self._asked(form)
        return self._asked(form, self._agency.say(unread(said.message) or "mensaje_vacio"))

    def _without_video(self, decision: Decision, message: CitizenMessage) -> Decision:
        """Adds the notice that the message's video, if any, is not kept; replies about dangers still come first."""
        if not has_video(message.attachments):
            return decision
        dangers = tuple(one for one in decision.replies if one.danger)
        others = tuple(one for one in decision.replies if not one.danger)
        return replace(decision, replies=(*dangers, self._note("reclamo_video"), *others))

    def _after_answer(self, form: Form, answered: Decision) -> Decision:
        """Returns the answer to a question asked during the dialogue, followed by the form's own question."""
        lead = self._agency.say("reclamo_seguimos" if answered.replies else "reclamo_pregunta_despues")
        decision = self._asked(form, lead)
        change = answered.change
        kept = replace(decision.change, known=change.known, dialogue=change.dialogue, unheard=change.unheard)
        return replace(decision.led_by(*answered.replies), change=kept)

    def _answered(self, form: Form, said: Said) -> Decision:
        steps = {
            Step.WHAT: self._what,
            Step.WHERE: self._where,
            Step.PHOTO: self._photo,
            Step.CONFIRM: self._confirm,
            Step.FIX: self._fix,
        }
        if form.step in {Step.WHAT, Step.WHERE} and not said.payload and means("ayuda", said.text):
            return self._asked(form)
        return steps[form.step](form, said)

    def _what(self, form: Form, said: Said) -> Decision:
        if sum(char.isalpha() for char in said.text) < MIN_LETTERS or said.payload:
            return self._asked(form, self._agency.say("reclamo_que_corto"))
        asked = self._asked(replace(form, what=said.text).given(Step.WHAT, said.message))
        return self._with_sympathy(asked, said.text)

    def _with_sympathy(self, decision: Decision, text: str) -> Decision:
        return decision.led_by(Reply(self._agency.say("condolencia"))) if mourns(text) else decision

    def _where(self, form: Form, said: Said) -> Decision:
        location = "" if said.skips else said.text
        place = form.place if location else None
        return self._asked(replace(form, location=location, place=place).given(Step.WHERE, said.message))

    def _photo(self, form: Form, said: Said) -> Decision:
        if said.skips or Step.PHOTO in form.answered:
            return self._asked(form.having(Step.PHOTO))
        return self._more(form, said) or self._asked(form, self._agency.say("reclamo_foto_no_entendi"))

    def _confirm(self, form: Form, said: Said) -> Decision:
        if said.is_(FIX, "corregir"):
            return self._asking(replace(form, step=Step.FIX))
        if part := part_named(said.text):
            return self._asked(_cleared(form, part))
        return self._more(form, said) or self._asked(form, self._agency.say("reclamo_elige"))

    def _more(self, form: Form, said: Said) -> Decision | None:
        """Adds what the citizen tells late to what happened, says so and repeats the question; None if nothing is told.

        A correction of an earlier message would replace both, so it no longer counts.
        """
        what = f"{form.what}\n{said.text}"
        if said.payload or len(what) > MAX_CHARACTERS:
            return None
        if not tells_more(said.text, marked=form.step is Step.CONFIRM):
            return None
        return self._asked(replace(form, what=what, part_id=""), self._agency.say("reclamo_agregado"))

    def _fix(self, form: Form, said: Said) -> Decision:
        if said.declines:
            return self._asked(form)
        part = Step(said.payload.removeprefix(f"{FIX}:")) if said.payload else part_named(said.text)
        if part is None:
            return self._asking(form, self._agency.say("reclamo_elige"))
        return self._asked(_cleared(form, part))

    def _asked(self, form: Form, lead: str = "") -> Decision:
        """Asks the next unanswered question, after the text ``lead``."""
        return self._asking(replace(form, step=form.next_step), lead)

    def _asking(self, form: Form, lead: str = "") -> Decision:
        return self._said(form, self._questions.reply(form, lead))

    def _said(self, form: Form, reply: Reply) -> Decision:
        replies = with_ids((reply,))
        return Decision(replies, Change(buttons=offered(replies), complaint=self._stamped(form).to_json()))

    def _left(self) -> Decision:
        return Decision((Reply(self._agency.say("reclamo_cancelado")),), Change(buttons=(), complaint=""))

    def _form(self, state: ConversationState) -> Form:
        form = Form.from_json(state.complaint, self._filing.now_ms())
        return replace(form, locates=state.channel is not None and traits_of(state.channel).locates)

    def _stamped(self, form: Form) -> Form:
        return replace(form, at=self._filing.now_ms())

    def _note(self, key: str) -> Reply:
        return Reply(self._agency.say(key), author=Author.SYSTEM)


def _may_answer(form: Form, said: Said) -> bool:
    """Returns whether what looks like a question may answer the form's: «donde el almacén» is a place."""
    return form.step in {Step.WHAT, Step.CONFIRM} or (form.step is Step.WHERE and not said.has_mark)


def _cleared(form: Form, part: Step) -> Form:
    """Returns the form without the answer to ``part``, so that the dialogue asks for it again."""
    if part is Step.PHOTO:
        form = replace(form, photos=())
    if part is Step.WHERE:
        form = replace(form, location="", place=None)
    return form.lacking(part)
