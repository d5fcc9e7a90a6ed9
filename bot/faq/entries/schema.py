"""The names of an FAQ file's header fields: the one list that the reader, its hints and the editor's form share."""

from __future__ import annotations

REQUIRED = ("id", "pregunta", "variantes", "tema", "equipo", "fuente", "responsable", "revisado")
OPTIONAL = ("fuente_nombre", "vence", "audiencia")
FIELDS = REQUIRED + OPTIONAL
