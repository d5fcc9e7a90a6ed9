"""Converts the stored data of a conversation into the values that its page shows: Spanish text, local times, HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from typing import Any

from bot.agency.desk_settings import COMMUNE
from bot.agency.model import Agency
from bot.agency.territory import ELSEWHERE
from bot.channels.formatting.html import event_html
from bot.conversation.files import PREFIX, file_id_of
from bot.core.channels import name_of
from bot.core.events import Event, EventKind
from bot.core.messages import Attachment, Channel
from bot.core.texts import area, date_in_words, say
from bot.text.languages import OTHERS, Language


@dataclass(frozen=True)
class ShownFile:
    """An attachment's name, or a word for a shared position; ``id`` is that of the stored file, '' if there is none."""

    name: str
    id: str = ""


@dataclass(frozen=True)
class ShownMessage:
    """A message: ``html`` is safe, ``iso`` is the time with its UTC offset, ``hour`` the local time such as «15:04».

    ``who`` is the author in Spanish. ``files`` are the attachments and a shared position.
    """

    author: str
    who: str
    iso: str
    hour: str
    html: str
    files: tuple[ShownFile, ...]


@dataclass(frozen=True)
class Day:
    """The messages of one day; ``title`` is the date as Spanish text."""

    title: str
    messages: tuple[ShownMessage, ...]


@dataclass(frozen=True)
class Group:
    """The rows of one table, each as pairs of label and value."""

    title: str
    rows: tuple[tuple[tuple[str, str], ...], ...]


class OwnDataView:
    """A converter of exports (PersonalData.export) into the values of the page."""

    def __init__(self, agency: Agency) -> None:
        self._agency, self._zone = agency, agency.zone
        self._words: Mapping[str, Any] = area("derechos")["pagina"]

    def days(self, found: Mapping[str, Any]) -> list[Day]:
        """Returns the messages grouped by day, in the order of the conversation, without repetitions."""
        timed = [(self._local(event.at), event) for event in _messages(found)]
        return [
            Day(self._day(next(iter(some))[0]), tuple(self._message(at, event) for at, event in some))
            for some in (list(same) for _, same in groupby(timed, lambda one: one[0].date()))
        ]

    def groups(self, found: Mapping[str, Any]) -> list[Group]:
        """Returns the tables other than messages, in the order of the texts file, without empty values and tables."""
        record = found.get("record", {})
        shown = []
        for table, labels in self._words["campos"].items():
            rows = tuple(filter(None, (self._row(table, labels, row) for row in record.get(table, ()))))
            if rows:
                shown.append(Group(self._words["tablas"][table], rows))
        return shown

    def _message(self, at: datetime, event: Event) -> ShownMessage:
        who = self._words["quien"].get(event.author.value, event.author.value)
        files = tuple(self._file(one) for one in event.message.attachments)
        if event.message.place:
            files = (*files, ShownFile(self._words["ubicacion"]))
        html = event_html(event, self._agency.offices) if event.text else ""
        if event.message.removed_at:
            html = f"<p>{escape(self._words['eliminado'])}</p>"
        return ShownMessage(event.author.value, who, at.isoformat(timespec="seconds"), f"{at:%H:%M}", html, files)

    def _file(self, sent: Attachment) -> ShownFile:
        kept = file_id_of(sent) if sent.ref.startswith(PREFIX) else ""
        return ShownFile(sent.name or self._words["archivo"], kept)

    def _row(self, table: str, labels: Mapping[str, str], row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        shown_values = ((label, self._value(table, name, row.get(name))) for name, label in labels.items())
        return tuple((label, value) for label, value in shown_values if value)

    def _value(self, table: str, name: str, value: Any) -> str:
        if value is None or value in ("", {}):
            return ""
        if name == "at" or name.endswith("_at"):
            return self._moment(datetime.fromisoformat(value))
        if name == "known":
            return self._known(value)
        if name == "channel":
            return name_of(value) if value in set(Channel) else value
        if name == "team":
            return self._agency.teams.get(value, "")
        words: Mapping[str, str] = self._words["valores"].get(table, {}).get(name, {})
        key = str(value).lower() if isinstance(value, bool) else str(value)
        return words.get(key, key)

    def _known(self, known: Mapping[str, str]) -> str:
        """Returns the citizen's user attributes, worded as on the buttons that were pressed, separated by dots."""
        return " · ".join(self._said(name, value) for name, value in known.items())

    def _said(self, name: str, value: str) -> str:
        if value in OTHERS:
            return Language(value).words
        if value == ELSEWHERE:
            return str(self._words["otra_comuna"])
        if name == COMMUNE and value == self._agency.comuna:
            return self._agency.short_name
        segment = self._agency.segments.get(name)
        return segment.titled(value) if segment else value

    def _local(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone)

    def _day(self, at: datetime) -> str:
        words = say("derechos.pagina.dia", dia=say(f"desk.horario.dias.{at.weekday()}"), fecha=date_in_words(at.date()))
        return words[:1].upper() + words[1:]

    def _moment(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return say("derechos.pagina.momento", fecha=date_in_words(local.date()), hora=f"{local:%H:%M}")


def _messages(found: Mapping[str, Any]) -> Iterable[Event]:
    """Returns the messages in the event log and in the record, in order; the record's version takes precedence."""
    live = (one for one in found.get("live", ()) if one["kind"] == EventKind.MESSAGE)
    recorded = found.get("record", {}).get("messages", ())
    by_id = {one["event_id"]: one for one in (*live, *recorded)}
    events = (
        Event.of_message(one | {"conversation_id": ""}, datetime.fromisoformat(one["at"])) for one in by_id.values()
    )
    return sorted(events, key=lambda one: [int(part) for part in one.id.split("-")])
