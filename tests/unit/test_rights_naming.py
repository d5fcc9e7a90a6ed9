"""Tests which short texts name a request about own data."""

from __future__ import annotations

from bot.agency.privacy_settings import RequestKind
from bot.turns.rights.naming import names_request
from tests.rows import each_row


@each_row(
    ("text", "kind"),
    [
        ("corregir", "rectification"),
        ("corregir mi dirección", "rectification"),
        ("corrige mi nombre", "rectification"),
        ("corríjanme el nombre", "rectification"),
        ("quiero que me corrijan el apellido", "rectification"),
        ("cambiar mi dirección", "rectification"),
        ("actualizar mi teléfono, por favor", "rectification"),
        ("corregir mi apellido materno", "rectification"),
        ("corregir mi nombre, está mal escrito", "rectification"),
        ("bloqueen todo", "blocking"),
        ("bloqueen todo, ya no quiero estar", "blocking"),
        ("corregir mi nombre porque me casé", "rectification"),
        ("bloquear mi tarjeta porque la perdí", ""),
        ("bloquear ya no", ""),
        ("porque me da miedo", ""),
        ("quiero bloquear mis datos personales", "blocking"),
        ("me opongo", "objection"),
        ("me opongo a que publiquen mi foto", "objection"),
        ("cambiar", ""),
        ("cambiar el nombre", ""),
        ("corregir mi dirección en el registro social de hogares", ""),
        ("actualizar mis datos del registro social", ""),
        ("arreglar mi calle", ""),
        ("cambiar mi cita", ""),
        ("me opongo a la multa", ""),
        ("me opongo a la foto del radar", ""),
        ("bloquear mi tarjeta bip", ""),
        ("bloquear mi teléfono", ""),
        ("no quiero que bloqueen mis datos", ""),
        ("mi dirección", ""),
        ("", ""),
    ],
)
def test_verb_with_own_datum_names_the_request(text: str, kind: str) -> None:
    assert [one.value for one in RequestKind if names_request(one.value, text)] == ([kind] if kind else [])
