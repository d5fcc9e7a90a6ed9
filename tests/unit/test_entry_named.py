"""Tests that an entry's team and audience are worded by their names."""

from __future__ import annotations

from dataclasses import replace

from bot.agency.model import Agency
from bot.agency.segments import Segment
from bot.desk.editing.form import form_of
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.named import named_audience, named_fields

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
    assert named_audience(form, asking) == "Los Aromos, WhatsApp, Tengo 60 o más"


def test_team_that_left_agency_yml_keeps_its_key(agency: Agency) -> None:
    assert named_fields(form_of(EntryText(TEXT.format(team="antigua"))), agency)["equipo"] == "antigua"
