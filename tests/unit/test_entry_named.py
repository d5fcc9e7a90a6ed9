"""Tests that an entry's team and audience are worded by their names."""

from __future__ import annotations

from dataclasses import replace

from bot.agency.model import Agency
from bot.agency.segments import Segment
from bot.desk.editing.form import form_of
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.named import named_audience, named_fields
from bot.desk.pages.entries.view import changes

TEXT = """---
id: bache
pregunta: ¿Cómo aviso de un hoyo?
equipo: {team}
audiencia: {{comuna: [los-aromos], canal: [whatsapp], segmento: [mayor]}}
---
Avisa.
"""


def test_keys_of_agency_yml_are_not_shown(agency: Agency) -> None:
    asking = replace(agency, segments={"segmento": Segment("¿Cuál es tu caso?", {"mayor": "Tengo 60 o más"})})
    form = form_of(EntryText(TEXT.format(team="aseo")))
    assert named_fields(form, asking)["equipo"] == "Aseo, Ornato y Medio Ambiente"
    assert named_audience(form, asking) == "comuna: Los Aromos; canal: WhatsApp; ¿Cuál es tu caso?: Tengo 60 o más"


def test_team_that_left_agency_yml_keeps_its_key(agency: Agency) -> None:
    assert named_fields(form_of(EntryText(TEXT.format(team="antigua"))), agency)["equipo"] == "antigua"


def test_another_question_with_the_same_answer_is_a_change(agency: Agency) -> None:
    yes = {"si": "Sí", "whatsapp": "Por teléfono"}
    publics = {"adulto": Segment("¿Tienes 60 o más?", yes), "dueno": Segment("¿Eres dueño de la casa?", yes)}
    asking = replace(agency, segments=publics)
    before, after = (
        EntryText(TEXT.format(team="aseo").replace("canal: [whatsapp], segmento: [mayor]", f"{name}: [si]"))
        for name in ("adulto", "dueno")
    )
    shown = changes(before, after, asking)
    assert "<del>60</del>" in shown
    assert "<ins>dueño</ins>" in shown
    other = EntryText(after.content.replace("dueno: [si]", "dueno: [whatsapp]"))
    assert named_audience(form_of(other), asking) == "comuna: Los Aromos; ¿Eres dueño de la casa?: Por teléfono"
