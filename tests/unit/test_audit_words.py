"""Tests that an audit row is described in Spanish, with names instead of ids."""

from __future__ import annotations

from bot.desk.views.audit_words import AuditWords
from tests.faq_files import agency
from tests.rows import each_row

ANA_ID = "8d04cb36-18fc-4201-bb87-f6dde3ef94cb"
WORDS = AuditWords(agency(), {ANA_ID: "Ana Soto"})


@each_row(
    ("action", "subject", "words"),
    [
        ("ticket_closed", "5", "Atención #5"),
        ("staff_changed", ANA_ID, "Ana Soto"),
        ("rollout_changed", "telegram", "Telegram"),
        ("rollout_changed", "code", "Código de prueba"),
        ("rollout_changed", "a channel that is gone", "a channel that is gone"),
        ("canned_changed", "saludo", "/saludo"),
        ("canned_changed", "/saludo", "/saludo"),
        ("contact_viewed", "100-204", "Solicitud 100-204"),
        ("missing_settled", "3", "Pregunta 3"),
        ("privacy_answered", "P-FM983WV7", "Solicitud P-FM983WV7"),
        ("data_erased", "D-P7F7CVFQ", "Comprobante D-P7F7CVFQ"),
        ("notice_published", "12.1", "Aviso 12.1"),
        ("broadcast_started", "12.1", "Aviso 12.1"),
        ("entry_published", "5", "Respuesta 5"),
        ("complaint_changed", "179-610", "Reclamo 179-610"),
        ("proposal_decided", "web-0123456789", "Conversación web-0123…"),
        ("sign_in", "", ""),
    ],
)
def test_subject_is_the_name_of_its_person_or_ticket(action: str, subject: str, words: str) -> None:
    assert WORDS.subject(action, subject) == words


@each_row(
    ("key", "value", "words"),
    [
        ("network", "10.0.0.1", "Red: 10.0.0.1"),
        ("roles", ["agent", "admin"], "Roles: Atención, Administración"),
        ("teams", [], "Equipos: ninguno"),
        ("team", "obras", f"Equipo: {agency().teams['obras']}"),
        ("team", "gone", "Equipo: gone"),
        ("to", "line", "A: la fila"),
        ("to", ANA_ID, "A: Ana Soto"),
        ("capacity", 0, "A la vez: la de la institución"),
        ("capacity", 3, "A la vez: 3"),
        ("active", False, "Activa: no"),
        ("languages", ["ht", "xx"], "Idiomas: creole haitiano, xx"),
        ("step", "share", "Responde: A una parte"),
        ("percent", 20, "Parte: 20\u00a0%"),
        ("proof", "llamada", "Comprobó quién lo pide: La llamé a un número que ya tenía"),
        ("state", "done", "Estado: Cumplida"),
        ("state", "in_review", "Estado: En revisión"),
        ("kind", "blocking", "Clase: bloqueo"),
        ("by", "citizen", "Por: la persona que escribe"),
        ("drill", False, "Simulacro: no"),
        ("outcome", "solved", "Cómo terminó: Resuelta"),
        ("a key without a label", "x", "a key without a label: x"),
    ],
)
def test_detail_has_a_label_and_a_value(key: str, value: object, words: str) -> None:
    assert WORDS.details({key: value}) == [words]


def test_ids_are_shown_only_on_request() -> None:
    detail = {"event": "1-0", "outcome": "solved", "team": ""}
    assert WORDS.details(detail) == ["Cómo terminó: Resuelta"]
    assert WORDS.details(detail, technical=True) == ["Mensaje: 1-0", "Cómo terminó: Resuelta"]
