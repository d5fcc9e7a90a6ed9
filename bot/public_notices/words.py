"""Formats a public notice as a message and as a banner."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.agency.model import Agency
from bot.agency.whatsapp_templates import MAX_ANSWER
from bot.core.json_fields import JsonFields
from bot.core.messages import Author, Reply
from bot.core.texts import say
from bot.public_notices.notice import PublicNotice
from bot.text.markdown import literal

MARKS = len("**__")  # of WhatsApp: the bold title, the signature in italics
NO_LIST = "\u200b"  # after the number with which a line begins
BLOCK_START = re.compile(r"^(\s*)([#+-]|\d+(?=[.)]))", re.MULTILINE)


@dataclass(frozen=True)
class Banner(JsonFields):
    """A notice as pages show it, in plain text; ``signature`` contains the signer and the time."""

    id: str
    severity: str
    title: str
    text: str
    sectors: str
    signature: str
    drill: bool


def banner(notice: PublicNotice, agency: Agency) -> Banner:
    return Banner(
        id=notice.id,
        severity=notice.severity.value,
        title=_title(notice),
        text=notice.text,
        sectors=_sectors(notice),
        signature=_signature(notice, agency),
        drill=notice.drill,
    )


def reply_of(notice: PublicNotice, agency: Agency, *, after_window: bool = False) -> Reply:
    """Returns the message of a notice, in Markdown.

    With ``after_window``, it may be sent through a WhatsApp template.
    """
    parts = (f"**{literal(_title(notice))}**", _as_written(notice.text), literal(_sectors(notice)))
    signature = f"_{literal(_signature(notice, agency))}_"
    text = "\n\n".join(part for part in (*parts, signature) if part)
    return Reply(text, author=Author.SYSTEM, notice=notice.id, drill=notice.drill, after_window=after_window)


def unasked(notice: PublicNotice, agency: Agency) -> Reply:
    """Returns the message of a notice for somebody who did not ask for it; it must not arrive after the notice ended.

    Only the notices that are stored in Redis can be withdrawn.
    """
    return replace(reply_of(notice, agency), lapses=not notice.is_on_disk)


def template_length(notice: PublicNotice, agency: Agency) -> int:
    """Returns how many characters of WhatsApp's template the message of a notice takes, in UTF-16 code units."""
    parts = (_title(notice), notice.text, _sectors(notice), _signature(notice, agency))
    line = " ".join(" ".join(parts).split())
    return len(line.encode("utf-16-le", "surrogatepass")) // 2 + MARKS + reply_of(notice, agency).text.count(NO_LIST)


def fits_template(notice: PublicNotice, agency: Agency) -> bool:
    """Returns whether the agency has a template for replies after the window that can carry the notice."""
    return bool(agency.templates.answer) and template_length(notice, agency) <= MAX_ANSWER


def _title(notice: PublicNotice) -> str:
    title = say(f"avisos.titulo_{notice.severity}")
    return say("avisos.prueba", titulo=title) if notice.drill else title


def _sectors(notice: PublicNotice) -> str:
    return say("avisos.sectores", sectores=", ".join(notice.sectors)) if notice.sectors else ""


def _signature(notice: PublicNotice, agency: Agency) -> str:
    zone = agency.zone
    at, now = (datetime.fromtimestamp(notice.signed_at / 1000, zone), datetime.now(UTC).astimezone(zone))
    hour = f"{at:%H:%M}"
    moment = hour if at.date() == now.date() else say("avisos.otro_dia", dia=f"{at:%d-%m}", hora=hour)
    return say("avisos.firma", firma=notice.signed, hora=moment)


def _as_written(text: str) -> str:
    """Converts plain text to Markdown that keeps its line breaks, without creating lists or headings."""
    safe = BLOCK_START.sub(lambda start: f"{start[1]}{_kept(start[2])}", literal(text))
    return re.sub(r"(?<!\n)\n(?!\n)", "  \n", safe)


def _kept(start: str) -> str:
    return f"{start[:-1]}{start[-1]}{NO_LIST}" if start.isdigit() else f"\\{start}"
