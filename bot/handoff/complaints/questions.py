"""Words the questions of a complaint's form, and offers the buttons below them."""

from __future__ import annotations

from bot.agency.model import Agency
from bot.core.messages import Button, Reply
from bot.handoff.complaints.form import Form, Step
from bot.handoff.complaints.words import is_about_attention
from bot.text.markdown import literal
from bot.turns.buttons import ASK_HUMAN, LOCATE

COMPLAINT = "complaint:"
START, CANCEL, SKIP, SEND, FIX = (f"{COMPLAINT}{word}" for word in ("start", "cancel", "skip", "send", "fix"))
SHOWN_CHARACTERS = 400
PARTS = (Step.WHAT, Step.WHERE, Step.PHOTO)
QUESTIONS = {
    Step.WHAT: "reclamo_que",
    Step.WHERE: "reclamo_donde",
    Step.PHOTO: "reclamo_foto",
    Step.FIX: "reclamo_corregir",
}


class Questions:
    """The questions about a complaint, in the texts of one agency."""

    def __init__(self, agency: Agency) -> None:
        self._agency = agency

    def reply(self, form: Form, lead: str = "") -> Reply:
        """Returns the question of the form's step, after the text ``lead``; the last one shows the whole complaint."""
        question = self._summary(form) if form.step is Step.CONFIRM else self._agency.say(_question(form))
        return Reply("\n\n".join(filter(None, (lead, question))), self._buttons(form))

    def begin(self) -> Button:
        """Returns the button that starts a complaint."""
        return Button(self._agency.say("boton_reclamo"), START)

    def _summary(self, form: Form) -> str:
        shown = form.what if len(form.what) <= SHOWN_CHARACTERS else f"{form.what[:SHOWN_CHARACTERS].rstrip()}…"
        where = literal(form.location) if form.location else ""
        if form.place:
            where = " · ".join(filter(None, (where, self._agency.say("reclamo_ubicacion"))))
        return self._agency.say(
            "reclamo_resumen",
            que=" ".join(literal(shown).split()),
            donde=where or self._agency.say("reclamo_sin_lugar"),
            fotos=self._agency.say(f"reclamo_fotos_{min(len(form.photos), 2)}", n=len(form.photos)),
        )

    def _buttons(self, form: Form) -> tuple[Button, ...]:
        cancel = Button(self._agency.say("reclamo_cancelar"), CANCEL)
        locates = form.locates and not is_about_attention(form.what)
        locate = (Button(self._agency.say("reclamo_boton_ubicacion"), LOCATE),) if locates else ()
        by_step = {
            Step.WHAT: (Button(self._agency.say("boton_persona"), ASK_HUMAN), cancel),
            Step.WHERE: (*locate, Button(self._agency.say("reclamo_no_aplica"), SKIP), cancel),
            Step.PHOTO: (Button(self._agency.say("reclamo_boton_sin_foto"), SKIP), cancel),
            Step.CONFIRM: (
                Button(self._agency.say("reclamo_enviar"), SEND),
                Button(self._agency.say("reclamo_boton_corregir"), FIX),
                cancel,
            ),
        }
        if form.step in by_step:
            return by_step[form.step]
        return tuple(Button(self._agency.say(f"reclamo_parte_{one}"), f"{FIX}:{one}") for one in PARTS)


def _question(form: Form) -> str:
    """Returns the key of the form's question; for a complaint about service at an office, it asks for the office."""
    if form.step is Step.WHERE and is_about_attention(form.what):
        return "reclamo_oficina"
    return QUESTIONS[form.step]
