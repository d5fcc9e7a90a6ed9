"""Describes an audit row in Spanish: the action, its subject and its details.

The stored details are keys and ids (bot/desk/auth/audit.py); their labels are in ``desk.auditoria.detalles``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.agency.model import Agency
from bot.core.channels import name_of
from bot.core.messages import Channel
from bot.core.roles import role_words
from bot.core.texts import area, say
from bot.desk.auth.audit import CODE_CHANGED, OLDER_NAMES
from bot.desk.views.measure_words import kind_words
from bot.text.languages import Language

# Keys of details that are shown only if ``technical``, mostly ids.
TECHNICAL = frozenset({"event", "reply", "file", "proposal", "version", "conversation", "antes"})
# Actions whose subject is neither a ticket nor an account, with the key of its words below
# ``desk.auditoria.sobre_que``.
SUBJECTS = {
    "contact_viewed": "solicitud",
    "callback_tried": "solicitud",
    "canned_changed": "atajo",
    "missing_settled": "pregunta",
    "spike_closed": "alza",
    "pack_approved": "paquete",
    "tests_changed": "respuesta",
    "data_erased": "comprobante",
    "complaint_changed": "reclamo",
}
# The same for all actions that begin so.
SUBJECTS_OF_KINDS = {
    "entry_": "respuesta",
    "notice_": "aviso",
    "broadcast_": "aviso",
    "privacy_": "solicitud",
}
SHORT_ID = 8


def action_words(action: str) -> str:
    """Returns the Spanish text of an action; the action itself if there is none.

    ``action`` may be the action's name in an older release.
    """
    return str(area("desk")["acciones"].get(OLDER_NAMES.get(action, action), action))


class AuditWords:
    """Describes the rows of one page; ``people`` maps the ids of accounts to names."""

    def __init__(self, agency: Agency, people: Mapping[str, str]) -> None:
        self._teams = agency.teams
        self._people = people
        desk, mesa = area("desk"), area("mesa")
        self._labels: Mapping[str, str] = desk["auditoria"]["detalles"]
        tables: dict[str, Mapping[str, str]] = {
            "step": desk["canales_pagina"]["pasos"],
            "result": desk["llamadas"]["resultados"],
            "outcome": mesa["resultados"],
            "decision": desk["auditoria"]["decisiones"],
            "how": desk["auditoria"]["maneras"],
            "reason": {key: one["lista"] for key, one in area("bloqueos")["razones"].items()},
            "by": desk["auditoria"]["maneras"],
            "proof": desk["comprobaciones"],
            "state": {**area("datos")["estados"], **desk["reclamos"]["estados"]},
            "kind": area("derechos")["tipos"],
        }
        self._values: dict[str, Callable[[str], str]] = {
            **{key: _of(table) for key, table in tables.items()},
            "roles": role_words,
            "teams": self._place,
            "team": self._place,
            "to": self._place,
            "persona": self._place,
            "languages": _language,
            "accion": action_words,
            "measures": kind_words,
        }

    def subject(self, action: str, subject: str) -> str:
        """Returns the subject of an action as Spanish text, such as a ticket's number or a person's name, or ''."""
        if subject in self._people:
            return self._people[subject]
        if action == "rollout_changed":
            if subject == CODE_CHANGED:
                return say("desk.auditoria.sobre_que.codigo")
            return name_of(Channel(subject)) if subject in set(Channel) else subject
        if subject and (key := _kind_of(action)):
            return say(f"desk.auditoria.sobre_que.{key}", cual=subject.removeprefix("/"))
        if subject.isdecimal():
            return say("desk.auditoria.sobre_que.atencion", cual=subject)
        return say("desk.auditoria.sobre_que.conversacion", cual=subject[:SHORT_ID]) if subject else ""

    def details(self, detail: Mapping[str, object], *, technical: bool = False) -> list[str]:
        """Returns the details that have a value, as ``label: value``; details in TECHNICAL only if ``technical``."""
        values = ((key, self._value(key, value)) for key, value in detail.items() if value not in ("", None))
        shown = [(key, words) for key, words in values if technical or key not in TECHNICAL]
        return [f"{self._labels.get(key, key)}: {words}" for key, words in shown]

    def _value(self, key: str, value: object) -> str:
        if isinstance(value, bool):
            return say("desk.auditoria.cierto" if value else "desk.auditoria.falso")
        if isinstance(value, list):
            return ", ".join(self._value(key, one) for one in value) or say("desk.auditoria.ninguno")
        if key == "capacity" and not value:
            return say("desk.auditoria.la_de_siempre")
        if key == "percent":
            return f"{value}\u00a0%"
        return self._values.get(key, str)(str(value))

    def _place(self, key: str) -> str:
        """Returns the name of the team or person with the key, or the text for the queue."""
        known: Mapping[str, Any] = {**self._people, **self._teams, "line": say("desk.auditoria.la_fila")}
        return str(known.get(key, key))


def _kind_of(action: str) -> str:
    """Returns the key of the words for the action's subject; '' if it is a ticket or a conversation."""
    kinds = (key for start, key in SUBJECTS_OF_KINDS.items() if action.startswith(start))
    return SUBJECTS.get(action) or next(kinds, "")


def _of(table: Mapping[str, str]) -> Callable[[str], str]:
    return lambda key: str(table.get(key, key))


def _language(code: str) -> str:
    return Language(code).words if code in set(Language) else code
