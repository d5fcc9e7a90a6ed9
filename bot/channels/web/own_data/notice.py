"""Builds the parts of the privacy notice that depend on the running settings.

These are the law, the data protection officer, the channels and the providers that process messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from bot.agency.model import Agency
from bot.core.channels import name_of
from bot.core.texts import area, say
from bot.store.keys import IDLE_TTL_S


def notice_facts(agency: Agency, channels: Sequence[str], today: date) -> dict[str, str]:
    """Returns the values of the placeholders that occur only in the privacy notice."""
    since, privacy = agency.privacy.law_since, agency.privacy
    key = "rige" if since <= today else "regira"
    abroad = [(name_of(one), who) for one in channels if (who := area(one).get("proveedor"))]
    lines = [say("aviso.canal", canal=name, quien=who) for name, who in abroad]
    return {
        "ley": say(f"aviso.{key}", fecha=f"{since:%d-%m-%Y}"),
        "delegado": _delegate(privacy.delegate_name, privacy.delegate_email),
        "canales": "\n".join(lines) if lines else say("aviso.sin_proveedores"),
        "transferencia": say("aviso.transferencia") if lines else "",
        "mapa": _map(agency.map_template),
        "dias_chat": str(IDLE_TTL_S // (24 * 3600)),
        "horas_chat": _hours(agency.chat_idle_hours),
        "horas_web": _hours(agency.web_idle_s // 3600),
        "dias_auditoria": str(agency.audit_days),
        "dias_solicitudes": str(privacy.keep_request_days),
    }


def _hours(hours: int) -> str:
    return say("aviso.hora" if hours == 1 else "aviso.horas", n=hours)


def _delegate(name: str, email: str) -> str:
    if not (name or email):
        return say("aviso.sin_delegado")
    contact = f"[{email}](mailto:{email})" if email else ""
    return say("aviso.delegado", quien=", ".join(one for one in (name, contact) if one))


def _map(template: str) -> str:
    """Returns Spanish text that says which map gets a shared position; ``template`` is the map's URL, or ''."""
    if not template:
        return say("aviso.sin_mapa")
    host = urlsplit(template).hostname
    return say("aviso.mapa", sitio=host) if host else say("aviso.mapa_del_telefono")
