"""Lists the names of an FAQ file's header fields."""

from __future__ import annotations

REQUIRED = ("id", "pregunta", "variantes", "tema", "equipo", "fuente", "responsable", "revisado")
OPTIONAL = ("fuente_nombre", "vence", "audiencia")
FIELDS = REQUIRED + OPTIONAL
