"""Writes the folder of a breach: the saved facts, the reports with their deadlines, and the list of keys to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.agency.model import Agency
from bot.breach.facts import AUDIT_FILE, Facts, audit_csv, copy_logs, end_all_sessions, gather, hour, seal
from bot.core.disk import replace_file
from bot.core.texts import area, say
from bot.record.engine import Sessions

TEMPLATES = Path(__file__).with_name("templates")
ALERT, SECOND, FINAL = timedelta(hours=3), timedelta(hours=72), timedelta(days=15)
FOLDER_NAME = "brecha-%Y%m%d-%H%M%S"
LOGS = "registros"
PRIVATE = 0o700


@dataclass(frozen=True)
class Incident:
    """A breach: when it became known, which starts the deadlines, and when the facts were saved."""

    known_at: datetime
    frozen_at: datetime

    @property
    def limits(self) -> dict[str, str]:
        known = self.known_at
        return {"alerta": hour(known + ALERT), "segundo": hour(known + SECOND), "final": hour(known + FINAL)}


@dataclass(frozen=True)
class Written:
    """The result of ``write_pack``: the new folder, and the number of sessions ended; None without ``end_sessions``."""

    folder: Path
    ended: int | None


async def write_pack(
    sessions: Sessions, agency: Agency, incident: Incident, *, into: Path, logs: Path, end_sessions: bool
) -> Written:
    """Writes the facts and reports of a breach into a new folder below ``into``; ``logs`` is the folder of log files.

    With ``end_sessions``, then ends all staff sessions: last, since the facts include their number. Raises
    SQLAlchemyError and OSError.
    """
    folder = _private_folder(into, incident.frozen_at.strftime(FOLDER_NAME))
    facts = await gather(sessions, incident.frozen_at)
    replace_file(folder / AUDIT_FILE, await audit_csv(sessions, incident.frozen_at))
    copied = copy_logs(logs, folder / LOGS)
    values = _values(agency, incident, facts, copied)
    for template in sorted(TEMPLATES.glob("*.md")):
        replace_file(folder / template.name, template.read_text(encoding="utf-8").format(**values))
    seal(folder)
    return Written(folder, await end_all_sessions(sessions) if end_sessions else None)


def _private_folder(into: Path, name: str) -> Path:
    """Creates the folder and its subfolder for logs, readable only by this user."""
    folder = into / name
    into.mkdir(parents=True, exist_ok=True)
    for one in (folder, folder / LOGS):
        one.mkdir(mode=PRIVATE)
    return folder


def _values(agency: Agency, incident: Incident, facts: Facts, logs: int) -> dict[str, object]:
    names = area("brecha")["cuentas"]
    counts = "\n".join(f"- {names[key]}: {count}" for key, count in facts.counts.items())
    channels = ", ".join(f"{channel} {count}" for channel, count in facts.channels.items()) or "0"
    delegate = " ".join(one for one in (agency.privacy.delegate_name, agency.privacy.delegate_email) if one)
    return {
        "institucion": agency.name,
        "correo": agency.email,
        "telefono": agency.phone,
        "delegado": delegate or say("brecha.sin_delegado"),
        "conocida": hour(incident.known_at),
        "congelada": hour(incident.frozen_at),
        "cuentas": counts,
        "canales": channels,
        "sello": facts.newest_seal,
        "registros": logs,
        **incident.limits,
    }
