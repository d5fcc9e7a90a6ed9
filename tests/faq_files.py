"""Writes small FAQ files, and provides their agency and vectorizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from bot.agency.model import Agency, load_agency

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = {
    "bache": ("¿Cómo aviso de un hoyo en la calle?", "hay un hoyo en mi calle", "el pavimento está roto"),
    "basura": ("¿Qué días pasa el camión de la basura?", "cuando pasa la basura", "a qué hora retiran los desechos"),
    "licencia": ("¿Cómo renuevo mi licencia de conducir?", "se me venció el carnet de manejar", "renovar licencia"),
    "chip": ("¿Cómo inscribo a mi mascota?", "poner el chip a mi perro", "registro de mascotas"),
}


@cache
def agency() -> Agency:
    """Returns the demo's agency, loaded once and changed so that staff sign in without a second factor."""
    return replace(load_agency(ROOT / "agency.yml"), second_factor=())


def written(id: str, question: str, variants: Sequence[str], *, extra: str = "") -> str:
    """Returns an entry's file as an editor would write it."""
    listed = "\n".join(f"  - {variant}" for variant in variants)
    return f"""---
id: {id}
pregunta: {question}
variantes:
{listed}
tema: calle
equipo: atencion
fuente: https://www.losaromos.example/{id}
responsable: OIRS
revisado: 2026-11-01
{extra}---
Respuesta sobre {id}.
"""


def write_folder(folder: Path, ids: Sequence[str] = tuple(QUESTIONS)) -> Path:
    """Writes the entries ``ids`` below ``folder`` and returns ``folder``."""
    (folder / "calle").mkdir(parents=True, exist_ok=True)
    for id in ids:
        question, *variants = QUESTIONS[id]
        (folder / "calle" / f"{id}.md").write_text(written(id, question, variants))
    return folder


GOOD_ENTRY = """---
id: bache
pregunta: ¿Cómo aviso de un hoyo en la calle?
variantes:
  - hay un hoyo en mi calle
  - se me reventó la rueda en un evento
tema: calle
equipo: transito
fuente: https://www.losaromos.example/baches
fuente_nombre: Municipalidad de Los Aromos
responsable: Dirección de Tránsito
revisado: 2026-11-01
---

Escríbenos con la **dirección exacta**.
"""
