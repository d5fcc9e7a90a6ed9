"""Checks the texts for citizens in agency.yml (``textos``)."""

from __future__ import annotations

from collections.abc import Mapping

from bot.agency.segments import TITLE_LIMIT

REQUIRED_TEXTS = (
    "bienvenida",
    "espera",
    "espera_fuera_de_horario",
    "no_se",
    "otra_oficina",
    "deriva",
    "deriva_privado",
    "deriva_pagina",
    "boton_persona",
    "sobre",
    "error_asistente",
    "entrada_vencida",
    "ya_en_espera",
    "vuelve_asistente",
    "atiende_persona",
    "cierre_atencion",
    "mensaje_vacio",
    "mensaje_largo",
    "adjunto",
    "audio",
    "ubicacion",
    "opcion_vencida",
    "aclarar",
    "ninguna",
)
# Optional texts that are shown on a button.
TITLES = (
    "ninguna_una",
    "prefiero_no_decir",
    "boton_frecuentes",
    "boton_reclamo",
    "boton_ver_todo",
    "aviso_boton",
    "llamada_boton",
    "llamada_acepto",
    "llamada_no",
    "llamada_saltar",
    "llamada_este_numero",
    "llamada_cancelar",
    "llamada_dejarlo",
    "llamada_manana",
    "llamada_tarde",
    "llamada_da_lo_mismo",
    "llamada_anular",
    "reclamo_no_aplica",
    "reclamo_boton_ubicacion",
    "reclamo_boton_sin_foto",
    "reclamo_enviar",
    "reclamo_boton_corregir",
    "reclamo_cancelar",
    "reclamo_parte_what",
    "reclamo_parte_where",
    "reclamo_parte_photo",
)
# All texts of buttons that say nothing about the citizen's matter; ``boton_ver_todo_de`` has a placeholder.
BUTTONS = (*TITLES, "boton_persona", "boton_emergencia", "boton_sin_emergencia", "boton_ver_todo_de", "ninguna")


def texts_problem(texts: Mapping[str, str]) -> str | None:
    """Returns a Spanish message about missing texts, else about a text too long for a button; None if all are valid."""
    if missing := [key for key in REQUIRED_TEXTS if not texts.get(key, "").strip()]:
        return f"faltan los textos: {', '.join(missing)}"
    if long := [key for key in TITLES if len(texts.get(key, "").strip()) > TITLE_LIMIT]:
        return f"{long[0]} tiene más de {TITLE_LIMIT} caracteres; no cabe en un botón"
    return None
