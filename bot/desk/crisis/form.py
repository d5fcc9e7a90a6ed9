"""Parses and checks the form of a public notice; reads and writes the names of the entries that it replaces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from bot.conversation.readable import readable
from bot.core.texts import say
from bot.desk.auth.guard import Refused
from bot.public_notices.last_resort import MAX_CHARACTERS
from bot.public_notices.measures import Measure
from bot.public_notices.notice import Severity

MAX_SIGNED = 80
MAX_SECTORS, MAX_SECTOR = 20, 60
MAX_UTTERANCES, MAX_UTTERANCE = 30, 120
MAX_ENTRIES, MAX_ENTRY_NAME = 30, 300
NO_QUESTIONS: Mapping[str, str] = {}
MAX_AHEAD = timedelta(days=30)
HOURS = (1, 2, 4, 8, 12, 24)  # at most a day, so that somebody reviews a longer notice every day
DEFAULT_HOURS = 4
# As in the table of levels in docs/manual-de-crisis.md.
HOURS_OF = {Severity.INFO: DEFAULT_HOURS, Severity.IMPORTANT: 12, Severity.GRAVE: DEFAULT_HOURS}
BOLD = re.compile(r"\*\*(\S(?:[^\n]*?\S)?)\*\*(?!\*)")
LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)")
LOCAL = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class NoticeForm:
    """The contents of a notice's form; a ``starts_at`` of None means an immediate start.

    ``signed`` is the name under the notice. ``utterances`` are messages of people who may ask about it, ``entries`` the
    ids of the FAQ entries that it replaces. ``pack`` is the key of its pack, '' without a pack. ``shown_lifted`` are
    the keys of the measures that the form showed as lifted.
    """

    text: str
    severity: Severity
    signed: str
    hours: int = DEFAULT_HOURS
    starts_at: datetime | None = None
    sectors: tuple[str, ...] = ()
    utterances: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    drill: bool = False
    pack: str = ""
    measures: tuple[Measure, ...] = ()
    shown_lifted: frozenset[str] = frozenset()

    @classmethod
    def from_posted(
        cls, form: Mapping[str, object], timezone: str, questions: Mapping[str, str] = NO_QUESTIONS
    ) -> Self:
        """Parses and checks the posted form; raises Refused, whose message the page shows.

        ``questions`` maps the ids of the FAQ entries to their questions.
        """
        text = plain_of(readable(_posted(form, "texto").replace("\r\n", "\n")).strip())
        signed = " ".join(readable(_posted(form, "firma")).split())
        if not text or len(text) > MAX_CHARACTERS:
            raise _refused("texto_malo", maximo=MAX_CHARACTERS)
        if not signed or len(signed) > MAX_SIGNED:
            raise _refused("firma_mala", maximo=MAX_SIGNED)
        hours = _posted(form, "horas")
        if hours not in map(str, HOURS):
            raise _refused("horas_malas")
        severity = _posted(form, "gravedad")
        if severity not in set(Severity):
            raise _refused("gravedad_mala")
        return cls(
            text=text,
            severity=Severity(severity),
            signed=signed,
            hours=int(hours),
            starts_at=_moment(_posted(form, "desde"), timezone),
            sectors=_listed(_posted(form, "sectores").replace(",", "\n"), MAX_SECTORS, MAX_SECTOR),
            utterances=_listed(_posted(form, "sobre"), MAX_UTTERANCES, MAX_UTTERANCE),
            entries=_known(f"{_posted(form, 'reemplaza')}\n{_posted(form, 'otra')}", questions),
            drill="simulacro" in form,
            pack=_posted(form, "paquete")[:40],
        )


def plain_of(text: str) -> str:
    """Returns the text of a notice without the marks of Markdown that entries have, since a notice is plain text."""
    return LINK.sub(r"\1: \2", BOLD.sub(r"\1", text))


def _posted(form: Mapping[str, object], name: str) -> str:
    return str(form.get(name, "") or "")


def _listed(text: str, most: int, longest: int) -> tuple[str, ...]:
    lines = (" ".join(readable(line).split())[:longest] for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))[:most]


def _known(text: str, questions: Mapping[str, str]) -> tuple[str, ...]:
    """Parses a list of FAQ entries. Raises Refused if one of them is unknown."""
    ids, unknown = ids_of(_listed(text, MAX_ENTRIES, MAX_ENTRY_NAME), questions)
    if unknown:
        raise _refused("respuesta_desconocida", cuales=", ".join(unknown))
    return tuple(ids[:MAX_ENTRIES])


def _moment(written: str, timezone: str) -> datetime | None:
    """Parses a local time; None if empty or past. Raises Refused if it is malformed or more than MAX_AHEAD away."""
    if not written:
        return None
    try:
        moment = datetime.strptime(written, LOCAL).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the latter in the year 9999
        raise _refused("desde_malo") from error
    now = datetime.now(UTC)
    if moment > now + MAX_AHEAD:
        raise _refused("desde_malo")
    return moment if moment > now else None


def _refused(key: str, **values: object) -> Refused:
    return Refused(422, "invalid", say(f"avisos.problemas.{key}", **values))


def named(ids: Iterable[str], questions: Mapping[str, str]) -> str:
    """Returns a line for each entry: its question, or its id if the question is unknown or not the only such one.

    ``questions`` maps the id of each published entry to its question.
    """
    times = Counter(_bare(one) for one in questions.values())
    return "\n".join(questions[id] if times[_bare(questions.get(id, ""))] == 1 else id for id in ids)


def ids_of(lines: Iterable[str], questions: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Returns the ids of the entries that the lines name, in order, and the names of no entry.

    A line is a question, or ids and addresses of the entries' public pages with commas between them.
    """
    of_question = {_bare(question): id for id, question in questions.items()}
    found: list[str] = []
    unknown: list[str] = []
    for line in lines:
        if id := of_question.get(_bare(line)):
            found.append(id)
            continue
        for name in filter(None, (one.strip() for one in line.split(","))):
            id = name.rstrip("/").rpartition("/")[2]
            (found if id in questions else unknown).append(id if id in questions else name)
    return list(dict.fromkeys(found)), unknown


def _bare(question: str) -> str:
    return " ".join(question.casefold().strip("¿? ").split())
