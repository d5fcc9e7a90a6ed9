"""Checks the header fields of an FAQ file, with a function for each field.

Each function returns the field's value for the entry, and adds the field's problems to ``found``. A field with an error
makes the file unusable, but the other fields are still checked.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

import yaml

from bot.faq.entries.front_matter import FrontMatter
from bot.faq.entries.problem import Found
from bot.faq.entries.schema import REQUIRED, DisplayField, display_fields, field_names, optional_names
from bot.faq.entries.slug import MAX_ID_CHARS, slug
from bot.text.markdown import literal
from bot.text.normalize import plain

ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
MAX_CHARS = {
    "id": MAX_ID_CHARS,
    "pregunta": 200,
    "variantes": 300,
    "fuente_nombre": 120,
    "responsable": 120,
    "fuente": 500,
}
SENTENCES = frozenset({"pregunta", "variantes"})
MAX_VARIANTS = 200
MAX_BESIDE_THE_ANSWER = 12  # more variants push the answer off the screen; the rest go to <id>.frases.txt
SWALLOWED_ITEM = re.compile(r"\s-\w")
BARE_HOST = re.compile(r"(?:[a-z0-9-]+\.)+([a-z]{2,})(?::\d+)?(?:[/?#]\S*)?$", re.IGNORECASE)
FILES = frozenset(
    {"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "jpg", "jpeg", "png", "htm", "html", "txt", "zip"}
)
BEFORE_HOST = re.compile(r"^(?:http:)?/*", re.IGNORECASE)
ISO_DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
CHILEAN_DATE = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")


def keys(header: FrontMatter, found: Found) -> None:
    """Adds a problem for each missing or unknown field; for an unknown field, suggests the most similar name."""
    known = field_names()
    for name, value in header.fields.items():
        if name not in known:
            matches = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.6)
            code = "campo_desconocido_parecido" if matches else "campo_desconocido"
            found.add(code, value.line, name, parecido="".join(matches), campos=", ".join(known))
    for name in REQUIRED:
        if name not in header.fields:
            found.add("falta_campo", header.line, name)


def whole_address(written: str) -> str:
    """Adds https to an address written without it, such as «www.x.cl/horario»; returns any other text unchanged.

    The name of a file, such as «ordenanza.pdf», is not an address.
    """
    bare = BARE_HOST.match(written)
    return f"https://{written}" if bare and bare[1].lower() not in FILES else written


def text(header: FrontMatter, name: str, found: Found) -> str:
    """Returns the text of a field; "" if absent or not text. Reports a value that is empty, too long or not text."""
    value = header.fields.get(name)
    if value is None:
        return ""
    written = value.text
    if written is None:
        found.add("no_es_texto", value.line, name)
        return ""
    if not written:
        found.add("campo_sin_valor", value.line, name, opcionales=", ".join(optional_names()))
    return _capped(written, name, value.line, found)


def _capped(written: str, name: str, line: int, found: Found) -> str:
    limit = MAX_CHARS.get(name, MAX_CHARS["pregunta"])
    if len(written) <= limit:
        return " ".join(written.split())
    if name in SENTENCES:  # unusually long, but still usable
        found.advise("frase_larga", line, name, largo=len(written), maximo=limit)
        return " ".join(written.split())
    found.add("texto_largo", line, name, largo=len(written), maximo=limit)
    return " ".join(written[:limit].split())


def variants(header: FrontMatter, found: Found, beside: str = "") -> tuple[tuple[str, int], ...]:
    """Returns the usable variants among the first MAX_VARIANTS, each with its line in the file.

    The advice on a long list names the phrases file, ``beside``.
    """
    value = header.fields.get("variantes")
    if value is None:
        return ()
    if not isinstance(value.node, yaml.SequenceNode) or not value.node.value:
        found.add("variantes_sin_lista", value.line, "variantes")
        return ()
    if len(value.node.value) > MAX_VARIANTS:
        found.advise("demasiadas_variantes", value.line, "variantes", maximo=MAX_VARIANTS)
    if len(value.node.value) > MAX_BESIDE_THE_ANSWER:
        line = header.line_of(value.node.value[MAX_BESIDE_THE_ANSWER])
        found.advise("variantes_junto_a_la_respuesta", line, "variantes", maximo=MAX_BESIDE_THE_ANSWER, frases=beside)
    written = (_variant(node, header.line_of(node), found) for node in value.node.value[:MAX_VARIANTS])
    return tuple(variant for variant in written if variant[0])


def _variant(node: yaml.Node, line: int, found: Found) -> tuple[str, int]:
    if isinstance(node, yaml.MappingNode):
        found.add("variante_con_dos_puntos", line, "variantes")
        return "", line
    if not isinstance(node, yaml.ScalarNode):
        found.add("variante_no_texto", line, "variantes")
        return "", line
    written = node.value.strip()
    if node.start_mark.line != node.end_mark.line and SWALLOWED_ITEM.search(written):
        found.add("variante_unida", line, "variantes")
    return utterance(written, line, found), line


def utterance(written: str, line: int, found: Found) -> str:
    """Returns ``written`` as an utterance on one line; if it has no words, returns "" and adds a problem."""
    if not plain(written):
        found.add("variante_vacia", line, "variantes")
        return ""
    return _capped(written, "variantes", line, found)


def identity(header: FrontMatter, folder: str, stem: str, found: Found) -> tuple[str, str]:
    """Returns the entry's id, and its topic as written; adds a problem for each of the two that is wrong.

    The file must be named ``<id>.md`` or ``<id>.<rest>.md``, and its folder like the topic: «Áreas verdes» is in the
    folder ``areas-verdes``.
    """
    name, topic = text(header, "id", found), text(header, "tema", found)
    if name and not ID.match(name):
        found.add("id_mal_escrito", header.fields["id"].line, "id", escrito=name)
    elif name and stem != name and not stem.startswith(name + "."):
        found.add("id_distinto_del_archivo", header.fields["id"].line, "id", escrito=name, nombre=stem)
    if topic and folder not in {topic, slug(topic)}:
        found.add("tema_distinto_de_carpeta", header.fields["tema"].line, "tema", escrito=topic, carpeta=folder)
    return name, topic


def team(header: FrontMatter, teams: Mapping[str, str] | None, found: Found) -> str:
    """Returns the team that gets handoffs; adds a problem if ``teams`` is given and does not contain it."""
    name = text(header, "equipo", found)
    if name and teams is not None and name not in teams:
        matches = difflib.get_close_matches(name.lower(), teams, n=1, cutoff=0.5)
        code = "equipo_desconocido_parecido" if matches else "equipo_desconocido"
        line = header.fields["equipo"].line
        found.add(code, line, "equipo", escrito=name, parecido="".join(matches), equipos=", ".join(teams))
    return name


def url(header: FrontMatter, found: Found) -> str:
    """Returns the URL of the official page, "" if absent; adds a problem unless it is https and has a host name."""
    written = text(header, "fuente", found)
    if not written:
        return ""
    line = header.fields["fuente"].line
    try:
        parts = urlsplit(written)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme != "https":
        secure = "https://" + BEFORE_HOST.sub("", written) if parts.scheme in {"http", ""} else ""
        sample = secure or "https://..."
        found.add("fuente_sin_https", line, "fuente", escrito=written, corregido=sample, correcto=secure)
    elif "." not in host or " " in written:
        found.add("fuente_mal_escrita", line, "fuente", escrito=written)
    return written


def day(header: FrontMatter, name: str, found: Found) -> date | None:
    """Returns the date in the field ``name``, written as 2026-11-30; None if the field is absent or invalid."""
    written = text(header, name, found)
    if not written:
        return None
    try:
        if ISO_DATE.match(written):
            return date.fromisoformat(written)
    except ValueError:
        pass  # a date that does not exist, such as 2026-02-30
    right = _as_iso(written)
    sample = right or "2026-11-30"
    found.add("fecha_mal_escrita", header.fields[name].line, name, escrito=written, corregido=sample, correcto=right)
    return None


def _as_iso(written: str) -> str:
    parts = CHILEAN_DATE.match(written)
    if parts is None:
        return ""
    return f"{parts[3]}-{int(parts[2]):02d}-{int(parts[1]):02d}"


def displayed(header: FrontMatter, found: Found) -> str:
    """Returns the entry's display fields as lines of Markdown, "" if it has none; reports invalid values."""
    shown = ((one.label, _shown(header, name, one, found)) for name, one in display_fields().items())
    return "\n".join(f"**{literal(label)}:** {literal(value)}" for label, value in shown if value)


def _shown(header: FrontMatter, name: str, one: DisplayField, found: Found) -> str:
    if one.kind == "text":
        return text(header, name, found)
    written = day(header, name, found)
    return f"{written:%d-%m-%Y}" if written else ""


def audience(header: FrontMatter, found: Found) -> dict[str, tuple[str, ...]]:
    """Returns the values of each dimension of the audience: ``{"comuna": ("los-aromos",)}``; {} for a general entry."""
    value = header.fields.get("audiencia")
    if value is None:
        return {}
    if not isinstance(value.node, yaml.MappingNode):
        found.add("audiencia_mal_escrita", value.line, "audiencia")
        return {}
    accepted = {str(key.value): _texts(node) for key, node in value.node.value}
    if not all(accepted.values()):
        found.add("audiencia_mal_escrita", value.line, "audiencia")
    return accepted


def _texts(node: yaml.Node) -> tuple[str, ...]:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return tuple(sorted(one.value.strip() for one in nodes if isinstance(one, yaml.ScalarNode) and one.value.strip()))
