"""Asks a waiting citizen for consent to a call-back, its matter, a contact and a part of the day, then confirms it.

The form (form.py) is stored with the conversation and changes in the same commit as the replies, so a crash of the
worker repeats no question. The last commit logs the request as an event, and the recorder writes it to PostgreSQL. No
part of the contact is stored before the citizen consents. The matter is not in the form: it is the citizen's message in
the transcript, with contacts masked, from which the desk takes it (bot/handoff/matter.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.agency.model import Agency
from bot.conversation.addresses import Addresses
from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core.messages import Button, CitizenMessage, Reply
from bot.handoff.callback_offer import OFFER, offer
from bot.handoff.callbacks.contact import Contact, ContactKind, Unreadable, has_other_numbers, phone_from, read_contact
from bot.handoff.callbacks.form import Form, Step, Window
from bot.handoff.callbacks.request import CALLBACK, REVOKE, Requests
from bot.handoff.callbacks.words import NO_WORDS, REVOKE_WORDS, YES_WORDS, is_attempt, window_named
from bot.handoff.complaints.words import gives_up_call, is_question, means
from bot.handoff.notices import team_name
from bot.text.translations import in_other_languages, joined, titles
from bot.turns.buttons import offered, plain, pressed, with_ids
from bot.turns.outcome import Decision

YES, NO, THIS, SKIP = (f"{CALLBACK}:{word}" for word in ("yes", "no", "this", "skip"))
CONTACT_WORDS = 5  # a contact with more words around it, numbers aside, also states the matter
FAILURES_BEFORE_LEAVING = 2


@dataclass(frozen=True)
class Said:
    """The citizen's answer: its text, and the payload of the button that it chooses ('' if there is none).

    ``id`` is the id of the message, or of the earlier message that it corrects.
    """

    payload: str
    words: str
    id: str

    @property
    def refuses(self) -> bool:
        return self.payload == NO or (not self.payload and (plain(self.words) in NO_WORDS or gives_up_call(self.words)))


class CallbackDialogue:
    """Decides how to respond to messages about call-backs; stores nothing, since each Decision contains its changes."""

    def __init__(self, agency: Agency, requests: Requests, addresses: Addresses) -> None:
        self._agency = agency
        self._requests = requests
        self._addresses = addresses

    def turn(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """Decides how to respond to a waiting citizen's message; None if the message is not about a call-back.

        Everybody in a group would read the contact, so there an answer to the dialogue ends it.
        """
        button = pressed(message, state.buttons)
        said = Said(button.payload if button else "", message.text, message.edits or message.id)
        form = Form.from_json(state.form)
        if message.shared:
            answers = said.payload.startswith(OFFER) or (form is not None and _answers(form, said))
            return Decision((self._reply("llamada_en_grupo"),), Change(form="")) if answers else None
        if said.payload.startswith(OFFER):
            return self._ask_consent(Form(said.payload.removeprefix(OFFER)))
        if form is None:
            return None
        if said.refuses or message.command:  # «start»
            return self._leave(form)
        if message.edits:
            return self._edited(form, said, state)
        steps = {
            Step.CONSENT: self._consent,
            Step.MATTER: self._matter,
            Step.CONTACT: self._contact,
            Step.WINDOW: self._window,
        }
        return steps[form.step](form, said, state)

    def _edited(self, form: Form, said: Said, state: ConversationState) -> Decision:
        """Responds to a corrected message, which answers no question: the dialogue repeats its own.

        If that message gave the contact, the correction replaces it.
        """
        read = read_contact(said.words) if form.contact_id == said.id else None
        if isinstance(read, Contact):
            form = self._named(form, read, said)
        return self._repeated(form, state)

    def again(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """Returns the decision that repeats the form's question, if the message looks like a question; else None.

        A question may be the matter, and some words of a part of the day look like one. A group is asked nothing.
        """
        form, text = None if message.shared else Form.from_json(state.form), message.text
        if form is None or form.step is Step.MATTER or pressed(message, state.buttons) or message.edits:
            return None
        answers = window_named(text) if form.step is Step.WINDOW else isinstance(read_contact(text), Contact)
        return self._repeated(form, state) if is_question(text) and not answers else None

    def _repeated(self, form: Form, state: ConversationState) -> Decision:
        if form.step is Step.CONSENT:
            return self._ask_consent(form)
        if form.step is Step.WINDOW:
            return self._ask_window(form, state)
        if form.step is Step.CONTACT:
            return self._ask_contact(form, state)
        return self._ask_matter(form, state)

    def begun(self, team: str) -> Decision:
        """Returns the decision that begins the dialogue about a call-back by ``team``: its first question."""
        return self._ask_consent(Form(team))

    def revoked(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """Decides how to respond to the withdrawal of a call-back request; None for any other message.

        The decision withdraws the request. If there is no request yet, it ends the unfinished dialogue; without a
        dialogue, it says that there is no request.
        """
        button = pressed(message, state.buttons)
        if plain(message.text) not in REVOKE_WORDS and (button is None or button.payload != REVOKE):
            return None
        if state.callback:
            return Decision((self._reply("llamada_anulada"),), Change(revoke=True, form=""))
        if form := Form.from_json(state.form):
            return self._leave(form)
        return Decision((self._reply("llamada_ninguna"),))

    def _ask_consent(self, form: Form) -> Decision:
        question = self._reply(
            "llamada_consentimiento",
            equipo=team_name(self._agency, form.team),
            dias=str(self._agency.desk.keep_contact_days),
            privacidad=self._agency.privacy_url,
        )
        return self._asked(form, question, self._button("llamada_acepto", YES), self._button("llamada_no", NO))

    def _consent(self, form: Form, said: Said, state: ConversationState) -> Decision:
        if said.payload != YES and plain(said.words) not in YES_WORDS:
            return self._again(form, self._without_consent(said), state)
        return self._ask_matter(
            replace(form, step=Step.MATTER, failures=0, consented_at=self._requests.now_ms()), state
        )

    def _ask_matter(self, form: Form, state: ConversationState) -> Decision:
        """Asks for the matter; who has given a contact instead reads it, too."""
        missing = self._reply("llamada_asunto_falta", contacto=form.shown)
        question = missing if form.encrypted else self._reply("llamada_asunto")
        return self._asked(form, question, *self._exit_buttons(form, state))

    def _without_consent(self, said: Said) -> Reply:
        """Returns the reply to who did not consent; a contact given before is not kept, and the reply says so."""
        is_contact = not said.payload and isinstance(read_contact(said.words), Contact)
        return self._reply("llamada_falta_acuerdo" if is_contact else "llamada_elige")

    def _matter(self, form: Form, said: Said, state: ConversationState) -> Decision:
        """Accepts any text as the matter, except a contact: keeps it and asks once more for the matter.

        A request for help, such as the command «ayuda», is no matter either.
        If the contact is unusable and nothing else is said, explains why, but only once.
        """
        if not said.payload and means("ayuda", said.words):
            return self._ask_matter(form, state)
        words = [word for word in said.words.split() if not any(map(str.isdigit, word))]
        is_short = said.payload != SKIP and len(words) <= CONTACT_WORDS
        given = read_contact(said.words) if is_short else None
        explains = not form.failures and not has_other_numbers(said.words)
        if explains and isinstance(given, Unreadable) and is_attempt(given, words):
            return self._again(form, self._problem(given), state)
        named = self._named(form, given, said) if isinstance(given, Contact) else form
        if named.encrypted and not form.encrypted:
            return self._ask_matter(named, state)
        if named.encrypted:
            return self._ask_window(named, state)
        return self._ask_contact(replace(named, step=Step.CONTACT, failures=0), state)

    def _named(self, form: Form, contact: Contact, said: Said) -> Form:
        encrypted = self._addresses.encrypt(contact.value)
        given = replace(form, failures=0, kind=contact.kind, encrypted=encrypted, shown=contact.shown)
        return replace(given, contact_id=said.id)

    def _ask_contact(self, form: Form, state: ConversationState) -> Decision:
        known = self._known_number(state)
        if known is None:
            return self._asked(form, self._reply("llamada_contacto"), *self._exit_buttons(form, state))
        question = self._reply("llamada_contacto_o_este", contacto=known.shown)
        return self._asked(form, question, *self._exit_buttons(form, state))

    def _contact(self, form: Form, said: Said, state: ConversationState) -> Decision:
        known = self._known_number(state)
        read = known if said.payload == THIS and known else read_contact(said.words)
        if isinstance(read, Unreadable):
            return self._again(form, self._problem(read), state)
        return self._ask_window(self._named(form, read, said), state)

    def _problem(self, read: Unreadable) -> Reply:
        text = self._agency.say(f"llamada_error_{read.problem}", digitos=read.digits)
        return Reply(text, translations=in_other_languages("llamada_error_nada"))

    def _ask_window(self, form: Form, state: ConversationState) -> Decision:
        """Asks for the part of the day, or makes the request at once if nobody will call or the part is known."""
        asked = replace(form, step=Step.WINDOW)
        if form.kind is ContactKind.EMAIL or not self._requests.asks_when(form.team):
            return self._requests.made(asked, Window.ANY, state)
        return self._asked(asked, self._reply("llamada_franja", contacto=form.shown), *self._window_buttons())

    def _window(self, form: Form, said: Said, state: ConversationState) -> Decision:
        chosen = said.payload.removeprefix(f"{CALLBACK}:")
        if chosen in set(Window):
            return self._requests.made(form, Window(chosen), state)
        if window := window_named(said.words):
            return self._requests.made(form, window, state)
        return self._again(form, self._reply("llamada_elige"), state)

    def _leave(self, form: Form) -> Decision:
        """Ends the dialogue and discards the form.

        The citizen keeps the queue position and can accept the offer later.
        """
        replies = with_ids((replace(self._reply("llamada_cancelada"), buttons=(offer(self._agency, form.team),)),))
        return Decision(replies, Change(buttons=offered(replies), form=""))

    def _again(self, form: Form, problem: Reply, state: ConversationState) -> Decision:
        """Explains the problem and asks again.

        From the FAILURES_BEFORE_LEAVING-th failure on, also says how to leave.
        """
        failed = replace(form, failures=form.failures + 1)
        if failed.failures >= FAILURES_BEFORE_LEAVING:
            way_out = self._reply("llamada_salida")
            translations = joined(problem.translations, way_out.translations)
            problem = replace(problem, text=f"{problem.text}\n\n{way_out.text}", translations=translations)
        return self._asked(failed, problem, *self._exit_buttons(failed, state))

    def _exit_buttons(self, form: Form, state: ConversationState) -> tuple[Button, ...]:
        """Returns the buttons of the form's step; in all steps but WINDOW, one of them leaves the dialogue."""
        leaving = "llamada_dejarlo" if form.failures >= FAILURES_BEFORE_LEAVING else "llamada_cancelar"
        leave = self._button(leaving, NO)
        if form.step is Step.CONSENT:
            return (self._button("llamada_acepto", YES), leave)
        if form.step is Step.MATTER:
            return (self._button("llamada_saltar", SKIP), leave)
        if form.step is Step.WINDOW:
            return self._window_buttons()
        this_number = (self._button("llamada_este_numero", THIS),) if self._known_number(state) else ()
        return (*this_number, leave)

    def _window_buttons(self) -> tuple[Button, ...]:
        titles = {
            "llamada_manana": Window.MORNING,
            "llamada_tarde": Window.AFTERNOON,
            "llamada_da_lo_mismo": Window.ANY,
        }
        return tuple(self._button(key, f"{CALLBACK}:{window}") for key, window in titles.items())

    def _known_number(self, state: ConversationState) -> Contact | None:
        """Returns the citizen's address if it is a Chilean phone number, else None."""
        return phone_from(self._addresses.decrypt(state.address) or "") if state.address else None

    def _button(self, key: str, payload: str) -> Button:
        return Button(self._agency.say(key), payload, titles=titles(key))

    def _reply(self, key: str, **values: str) -> Reply:
        return Reply(self._agency.say(key, **values), translations=in_other_languages(key, **values))

    def _asked(self, form: Form, question: Reply, *buttons: Button) -> Decision:
        replies = with_ids((replace(question, buttons=buttons),))
        return Decision(replies, Change(buttons=offered(replies), form=form.to_json()))


def _answers(form: Form, said: Said) -> bool:
    """Returns whether the citizen answers the form: with a button, a contact, a yes or a refusal."""
    agrees = form.step is Step.CONSENT and plain(said.words) in YES_WORDS
    pressed_one = said.payload.startswith(CALLBACK)
    return pressed_one or agrees or said.refuses or isinstance(read_contact(said.words), Contact)
