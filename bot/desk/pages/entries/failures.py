"""Describes in Spanish why the action of a button on an entry's page failed, and which fields its form lacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.core.logs import log
from bot.core.texts import say
from bot.desk.editing.editions import NewerText
from bot.desk.editing.form import NotAForm
from bot.desk.editing.publisher import (
    ChangedOnDisk,
    NeedsApproval,
    NothingToPublish,
    PublishedMeanwhile,
    UnseenOnDisk,
)
from bot.desk.editing.record import OwnText
from bot.desk.editing.repair import DraftOpen
from bot.desk.editing.second_look import ReadAnother
from bot.desk.pages.entries.acting import NeverPublished, NoReason
from bot.desk.pages.entries.expiry import EndsBefore, NoDate
from bot.desk.pages.entries.view import label_of
from bot.faq.entries.problem import Problem

FAILED: dict[type[Exception], str] = {
    NoDate: "sin_fecha",
    EndsBefore: "termina_antes",
    NeedsApproval: "falta_aprobacion",
    UnseenOnDisk: "disco_sin_ver",
    PublishedMeanwhile: "publicada_entretanto",
    NewerText: "llego_otro",
    ChangedOnDisk: "cambio_en_disco",
    NothingToPublish: "nada_que_publicar",
    NeverPublished: "nunca_publicada",
    OwnText: "es_tuya",
    ReadAnother: "otra_mirada",
    NotAForm: "no_se_lee",
    NoReason: "sin_motivo",
    DraftOpen: "hay_borrador",
    OSError: "sin_escribir",
}
MISSING = frozenset({"falta_campo", "campo_sin_valor"})
TABS = {"pregunta": "respuesta", "variantes": "gente", "no_responde": "gente"}  # tab of a form's field; others: «datos»


def message_of(error: Exception) -> str:
    """Returns a Spanish text for why the action failed; logs if files could not be written."""
    if isinstance(error, OSError):
        log.warning("entries: not written", error=type(error).__name__)
    key = next(key for kind, key in FAILED.items() if isinstance(error, kind))
    return say(f"entradas.errores.{key}")


def in_form(problems: Iterable[Problem]) -> list[Problem]:
    """Returns the problems in the form's terms: a missing field is a blank field there, not a missing line."""
    return [_of_form(one) if one.code in MISSING else one for one in problems]


def _of_form(problem: Problem) -> Problem:
    tab = say(f"entradas.pestanas.{TABS.get(problem.field, 'datos')}")
    message = say("entradas.faltan.campo", campo=label_of(problem.field))
    return replace(problem, message=message, fix=say("entradas.faltan.donde", pestana=tab))
