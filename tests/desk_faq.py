"""Provides a small FAQ for the desk, and the candidates that the action server returns for a text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.core.messages import Source
from bot.faq.entries.entry import Entry

PAGE = Source("ChileAtiende", "https://www.chileatiende.gob.cl/licencia")
LICENCE = Entry(
    id="licencia-renovacion",
    question="¿Cómo renuevo mi licencia de conducir?",
    variants=("kiero renobar el carnet de manejar",),
    topic="transito",
    team="transito",
    source=PAGE,
    responsible="Dirección de Tránsito",
    reviewed=date(2026, 11, 1),
    expires=None,
    audience={},
    body="Pide **hora** en línea.\n\n- Cédula vigente\n- Licencia anterior",
    version="abc123abc123",
    path="transito/licencia-renovacion.md",
)
RUBBISH = replace(
    LICENCE,
    id="basura",
    question="¿Cuándo pasa el camión?",
    variants=(),
    body="A la misma hora.",
    version="def456def456",
)
OLD = replace(LICENCE, id="vieja", question="¿Y la licencia vieja?", version="0a0a0a0a0a0a", expires=date(2020, 1, 1))
CANDIDATES = [
    {"entry": "licencia-renovacion", "question": "¿Cómo renuevo?", "confidence": 0.834},
    {"entry": "vieja", "question": "¿Y la vieja?", "confidence": 0.1},
    {"entry": "basura", "question": "¿Cuándo?", "confidence": 0.01},
]
