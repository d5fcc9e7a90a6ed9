"""Turns an FAQ decision into replies: an answer, choices, a question about the audience, a referral or a handoff.

Does no I/O; the texts come from agency.yml.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from actions.emergency import numbers
from actions.faq import Decision, Entry, OutOfScopeTopic
from actions.replies.above import above, detail_above, instead_of_offer
from actions.replies.audience import question
from actions.replies.beside import with_rest
from actions.replies.buttons import ASK_HUMAN, choice, whole
from bot.agency.model import Agency
from bot.agency.segments import titles_of
from bot.core.messages import NONE_OF_THESE, Button, Candidate, Handoff, HandoffReason, Provenance, RecognizedDanger
from bot.core.payload import Payload
from bot.crisis.emergency import confirmation
from bot.faq.answering.asked_section import asked_sections
from bot.faq.answering.follow_up import asks_three
from bot.faq.entries.sections import fold_after, is_long, parts_of
from bot.handoff.open_now import open_now
from bot.text.markdown import literal

PRIVATE = "privado"


@dataclass(frozen=True)
class Asked:
    """The properties of a question that determine how much of an answer is sent.

    ``words`` is the citizen's text, ``previous`` is the id of the entry last sent, and ``above`` that entry. ``folds``
    is true if the citizen's channel folds long answers; such a channel gets whole answers.
    """

    words: str = ""
    previous: str | None = None
    folds: bool = True
    above: Entry | None = None


NOTHING_ASKED = Asked()


@dataclass(frozen=True)
class Part:
    """An entry and its answer.

    ``audience`` is the title of the audience to which the answer applies, '' if it applies to this citizen.
    """

    entry: Entry
    answer: Payload
    audience: str = ""

    def lead(self) -> Part:
        """Returns a copy whose answer is shortened to its first part, if the answer is long."""
        cut = fold_after(self.entry.body)
        return replace(self, answer=replace(self.answer, text=parts_of(self.entry.body).lead)) if cut else self

    def under(self, *headings: str) -> Payload:
        """Returns the answer below ``headings`` and the audience, without its title; unchanged if there are neither.

        These paragraphs stay visible in a folded answer.
        """
        above = (*headings, f"**{self.audience}**") if self.audience else headings
        if not above:
            return self.answer
        fold = self.answer.fold_after and self.answer.fold_after + len(above)
        return replace(self.answer, text="\n\n".join((*above, self.answer.text)), fold_after=fold, title="")


@dataclass(frozen=True)
class FaqReplies:
    """Builds replies with the texts of one agency; ``now`` returns the current time, with a time zone."""

    agency: Agency
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def for_decision(self, decision: Decision, today: date, asked: Asked = NOTHING_ASKED) -> tuple[Payload, ...]:
        """Returns the replies to a message, at least one.

        There are several for two questions, for a possible danger, and if each audience has its own answer.
        """
        danger, topic = decision.danger, decision.out_of_scope_topic
        if danger is None or (topic and topic.emergency):
            return self._said(decision, today, asked)
        if danger.sure:
            return (numbers(self.agency, danger.kind),)
        notice = self._possible(danger.kind)
        if decision.kind == "scope":
            return (replace(notice, buttons=(*notice.buttons, self._person())),)
        return (notice, *self._said(decision, today, asked))

    def notices(self, decision: Decision) -> tuple[Payload, ...]:
        """Returns the reply about a possible danger, which precedes a command's reply; () if there is no danger."""
        return (self._possible(decision.danger.kind),) if decision.danger else ()

    def _possible(self, kind: str) -> Payload:
        """Returns the reply about a possible danger, with a button that confirms it."""
        confirm = Button(self.agency.say("boton_emergencia"), confirmation(kind))
        return Payload(self.agency.emergency_notice(kind), (confirm,), danger=RecognizedDanger(kind, sure=False))

    def _said(self, decision: Decision, today: date, asked: Asked) -> tuple[Payload, ...]:
        if decision.entry or decision.variants:  # the entry may have expired
            return with_rest(self.agency, self._answers(decision, today, asked), decision, self.refer)
        others = self._parts(decision.also, decision.also_variants, today, decision.candidates)
        told = tuple(part.under() for part in others if not part.answer.handoff)
        if asks := decision.asks:
            told = with_rest(self.agency, told, decision, self.refer)
            return (*told, question(self.agency, asks, decision.candidates))
        if others and not told:  # the only answer has expired
            return (others[0].answer,)
        return (*told, *self._unknown(decision, asked))

    def _unknown(self, decision: Decision, asked: Asked) -> tuple[Payload, ...]:
        if decision.kind == "clarify" and decision.candidates:
            instead = instead_of_offer(self.agency, decision.candidates, asked.words, asked.previous, asked.above)
            return (instead or self.offer(decision.candidates),)
        if decision.out_of_scope_topic:
            return (self._elsewhere(decision.out_of_scope_topic, decision.candidates),)
        return (detail_above(self.agency, asked.words, asked.above) or self.not_known(decision.candidates),)

    def _answers(self, decision: Decision, today: date, asked: Asked) -> tuple[Payload, ...]:
        """Returns the answers to one or two questions, with at most one handoff, which comes last."""
        first = self._parts(decision.entry, decision.variants, today, decision.candidates)
        if decision.follows and decision.entry and first[0].answer.provenance:
            return (self._followed(first[0].answer, decision.entry, asked),)
        second = self._parts(decision.also, decision.also_variants, today, decision.candidates)
        if not second or second[0].entry.id == first[0].entry.id:
            return tuple(part.under() for part in first)
        if first[0].answer.handoff:
            first, second = second, first
        if first[0].answer.handoff:
            return (second[0].answer,)
        if second[0].answer.handoff:
            return tuple(part.under() for part in (*first, *second))
        more = "dos_preguntas_de_mas" if decision.beside or asks_three(asked.words) else "dos_preguntas"
        return self._both((first, second), asked, self.agency.say(more))

    def _parts(
        self, entry: Entry | None, variants: Sequence[Entry], today: date, candidates: Sequence[Candidate]
    ) -> tuple[Part, ...]:
        """Returns the answer of ``entry``, or else an answer for each audience to which the citizen may belong."""
        if entry:
            return (Part(entry, self.answer(entry, today, candidates)),)
        return tuple(
            Part(one, self.answer(one, today, candidates), literal(titles_of(self.agency.segments, one.audience)))
            for one in variants
        )

    def _followed(self, answer: Payload, entry: Entry, asked: Asked) -> Payload:
        """Returns the sections that a follow-up to the last answer clearly asks for, otherwise the whole answer.

        A long answer that the citizen has above is not sent again: ``above`` refers to it.
        """
        heading = self.agency.say("sobre", pregunta=entry.question)
        is_above = asked.previous == entry.id
        sections = asked_sections(asked.words, entry.question, entry.body) if is_above else ()
        if not sections and is_above and is_long(entry.body):
            return above(self.agency, answer, entry, asked.words)
        if not sections:
            return replace(answer, text=f"{heading}\n\n{answer.text}", fold_after=0, title="")
        text = "\n\n".join([heading, *(one.text for one in sections)])
        buttons = (whole(entry.id, self.agency.say("boton_ver_todo")),)
        return replace(answer, text=text, buttons=buttons, fold_after=0, title="")

    def _both(
        self, answers: tuple[tuple[Part, ...], tuple[Part, ...]], asked: Asked, intro: str
    ) -> tuple[Payload, ...]:
        """Returns the answers to two questions, each below its question, the first also below ``intro``.

        On a channel that does not fold, long answers are shortened to their first part, and buttons request the rest.
        """
        replies, buttons = [], []
        for n, parts in enumerate(answers, 1):
            shown = parts if asked.folds else tuple(part.lead() for part in parts)
            if any(part.answer.text != part.entry.body for part in shown):
                buttons.append(whole(shown[0].entry.id, self.agency.say("boton_ver_todo_de", n=n)))
            heading = self.agency.say("dos_preguntas_cada", n=n, pregunta=literal(shown[0].entry.question))
            above = (intro, heading) if n == 1 else (heading,)
            replies += [replace(shown[0].under(*above), title="")]
            replies += [replace(part.under(), title="") for part in shown[1:]]
        replies[-1] = replace(replies[-1], buttons=(*replies[-1].buttons, *buttons))
        return tuple(replies)

    def for_chosen(
        self, decision: Decision | None, today: date, waiting: Candidate | None = None
    ) -> tuple[Payload, ...]:
        """Returns the replies for the entry that the citizen chose; ``decision`` is None if the entry is gone.

        An entry is gone if it is no longer published. ``waiting`` is the candidate that the assistant offered or asked
        about before, or None. If it is the chosen entry, the answer gets the candidate's confidence; otherwise the
        confidence is 1.
        """
        if decision is None:
            return (self.gone(),)
        waited = waiting is not None and waiting.entry in {one.entry for one in decision.candidates}
        candidates = (waiting,) if waiting and waited else decision.candidates
        if decision.entry:
            return (self.answer(decision.entry, today, candidates),)
        if decision.variants:
            return tuple(part.under() for part in self._parts(None, decision.variants, today, candidates))
        if decision.asks:
            return (question(self.agency, decision.asks, candidates),)
        return (self.not_known(candidates, self.agency.say("sin_tu_caso")),)

    def _elsewhere(self, out_of_scope_topic: OutOfScopeTopic, candidates: Sequence[Candidate]) -> Payload:
        """Returns the reply to an out-of-scope topic: emergency numbers, a handoff or a referral."""
        if out_of_scope_topic.emergency:
            return numbers(self.agency, out_of_scope_topic.emergency)
        if not out_of_scope_topic.body:
            return self.not_known(candidates)
        if out_of_scope_topic.is_agencys:
            other = self.agency.say("otra_oficina", organismo=literal(out_of_scope_topic.body))
            return self.not_known(candidates, other)
        return self.refer(out_of_scope_topic)

    def refer(self, out_of_scope_topic: OutOfScopeTopic) -> Payload:
        """Returns the referral to the responsible organization; it is not an answer, so it has no provenance."""
        key = "deriva_privado" if out_of_scope_topic.scope == PRIVATE else "deriva"
        named = {"organismo": literal(out_of_scope_topic.body), "nombre": literal(out_of_scope_topic.title)}
        parts = [self.agency.say(key, **named)]
        if out_of_scope_topic.url:
            page = out_of_scope_topic.url.partition("://")[2].rstrip("/") or out_of_scope_topic.url
            parts.append(self.agency.say("deriva_pagina", pagina=literal(page), url=out_of_scope_topic.url))
        return Payload(" ".join(parts), buttons=(self._person(),), referral=out_of_scope_topic.name)

    def _person(self) -> Button:
        return Button(self.agency.say("boton_persona"), ASK_HUMAN)

    def answer(self, entry: Entry, today: date, candidates: Sequence[Candidate] = ()) -> Payload:
        """Returns the entry's text, or a handoff to its team if the entry has expired."""
        if entry.expires is not None and entry.expires < today:
            handoff = Handoff(HandoffReason.EXPIRED_ENTRY, team=entry.team, candidates=tuple(candidates))
            return Payload(self.agency.say("entrada_vencida"), handoff=handoff)
        confidence = next((found.confidence for found in candidates if found.entry == entry.id), 1.0)
        body, proof = self._body(entry), provenance(entry, confidence)
        title = entry.question if is_long(body) else ""
        return Payload(body, source=entry.source, provenance=proof, fold_after=fold_after(body), title=title)

    def _body(self, entry: Entry) -> str:
        """Returns the entry's text.

        The entry on opening hours begins with a line that says whether the agency is open now.
        """
        if entry.id != self.agency.hours_entry:
            return entry.body
        return f"**{open_now(self.agency, self.now()).words}.**\n\n{entry.body}"

    def offer(self, candidates: Sequence[Candidate], question: str | None = None) -> Payload:
        """Returns a question with a button for each of the best candidates and one for "none of these"."""
        shown = tuple(candidates[: self.agency.max_choices])
        asks, none = ("aclarar_una", "ninguna_una") if len(shown) == 1 else ("aclarar", "ninguna")
        buttons = (*(choice(candidate) for candidate in shown), Button(self.agency.say(none), NONE_OF_THESE))
        return Payload(question or self.agency.say(asks), buttons=buttons, candidates=shown)

    def offer_again(self, candidates: Sequence[Candidate], *, is_stuck: bool) -> Payload:
        """Returns the same offer once more; if ``is_stuck``, says why a choice is needed, and offers a person."""
        offer = self.offer(candidates, self.agency.say("hay_que_elegir" if is_stuck else "cual_de_estas"))
        return replace(offer, buttons=(*offer.buttons[:-1], self._person())) if is_stuck else offer

    def not_known(self, candidates: Sequence[Candidate], text: str = "") -> Payload:
        """Returns a handoff with ``text``, which by default says that the assistant is not sure of the answer."""
        handoff = Handoff(HandoffReason.LOW_CONFIDENCE, team=self.agency.default_team, candidates=tuple(candidates))
        return Payload(text or self.agency.say("no_se"), handoff=handoff)

    def gone(self) -> Payload:
        """Returns the reply to the choice of an entry that is no longer published."""
        return Payload(self.agency.say("opcion_vencida"))


def unfolded(reply: Payload) -> Payload:
    return replace(reply, fold_after=0)


def provenance(entry: Entry, confidence: float) -> Provenance:
    """Returns the provenance of an answer, with its confidence rounded to four digits."""
    return Provenance(
        entry=entry.id,
        version=entry.version,
        question=entry.question,
        confidence=round(float(confidence), 4),
        responsible=entry.responsible,
        reviewed=entry.reviewed.isoformat(),
    )
