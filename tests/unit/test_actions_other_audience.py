"""Tests what somebody gets who asks about the answer above for another audience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pytest

from actions.replies.answers import FaqReplies, provenance
from actions.replies.asides import asides
from actions.replies.other_audience import named_audience
from bot.agency.model import Agency
from bot.agency.segments import Segment
from bot.core.payload import Payload
from bot.faq.answering.context import Context
from tests.unit.actions_fakes import TODAY, FakeAnswerer, FakeDecision, FakeEntry, FakeFaq, heard, said

SEGMENTS = {
    "segmento": Segment("¿Eres persona o empresa?", {"persona": "Persona", "empresa": "Empresa"}),
    "edad": Segment("¿Qué edad tienes?", {"mayor": "Tengo 60 años o más", "adulto-joven": "Adulto joven"}),
}
PERSON = FakeEntry(body="Las personas pagan.")
FIRM = FakeEntry(body="Las empresas no pagan.", audience={"segmento": ("empresa",)})
ANSWER = said(Payload("Así.", provenance=provenance(PERSON, 0.9)).to_data())


@dataclass
class Variants(FakeAnswerer):
    """Chooses the variant of the context's audience; ``all`` are sent to who declined to state it."""

    all: Sequence[FakeEntry] = ()

    def chosen(self, id: str, *, today: date, context: Context) -> FakeDecision | None:
        segment = context.audience.get("segmento")
        if not segment and self.all:
            return FakeDecision("answer", variants=tuple(self.all))
        return FakeDecision("answer", entry=FIRM if segment == "empresa" else PERSON)


@pytest.mark.parametrize(
    ("words", "all", "asks"),
    [
        ("¿y para empresas?", (), True),
        ("¿y si soy empresa?", (), True),
        ("¿y cuánto pagan las empresas?", (), True),
        ("¿y para empresas?", (PERSON, FIRM), False),
        ("¿y para personas?", (), False),
        ("¿y para adultos jóvenes?", (), False),
        ("¿y cómo inscribo mi empresa?", (), False),
    ],
)
def test_who_asks_for_another_audience_is_asked_for_it_again(
    agency: Agency, words: str, all: tuple[FakeEntry, ...], asks: bool
) -> None:
    faq = FakeFaq(Variants(FakeDecision("handoff"), all=all))
    about = asides(faq, FaqReplies(replace(agency, segments=SEGMENTS)), lambda: TODAY).about
    replies = about(heard(words, before=(ANSWER,)))
    assert [one.text for one in replies] == (["¿Eres persona o empresa?"] if asks else [])
    if asks:
        [reply] = replies
        assert reply.asks and reply.asks.entry == PERSON.id
        assert [one.title for one in reply.buttons] == ["Persona", "Empresa", agency.say("prefiero_no_decir")]
        assert not about(heard(words))
        assert not about(heard(words, before=(ANSWER, {"event": "user"}, said(reply.to_data()))))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("¿y para empresas?", ("segmento", "empresa")),
        ("¿y para adultos jóvenes?", ("edad", "adulto-joven")),
        ("¿y si tengo 60 años o más?", None),  # more than a few words
        ("tengo 60 años o más", None),  # an answer only while it is asked
        ("para empresas", ("segmento", "empresa")),
        ("si soy empresa", ("segmento", "empresa")),
        ("persona", None),  # asks for one of the team
        ("una persona", None),
        ("necesito una persona", None),
        ("no soy empresa", None),
        ("¿persona o empresa?", None),
        ("¿y para niños?", None),
    ],
)
def test_audience_is_named_if_nothing_else_is(words: str, found: tuple[str, str] | None) -> None:
    assert named_audience(words, SEGMENTS) == found
