"""Formats complaints as cards and as lines of the register, with all texts ready for the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.agency.model import Agency
from bot.channels.formatting.places import map_url
from bot.core.channels import name_of
from bot.core.messages import Place
from bot.core.texts import say
from bot.desk.queries.complaints import Change, Listed
from bot.desk.views.times import day_and_hour
from bot.handoff.notices import team_name
from bot.record.complaint_record import ComplaintState, Notified
from bot.record.tables.complaints import ComplaintPhoto

PATH = "/desk/reclamos"


@dataclass(frozen=True)
class PhotoCard:
    """A photo or document: ``url`` shows it in full size, and ``words`` is its name.

    If ``url`` is '', ``words`` explains why there is no photo.
    """

    url: str
    words: str
    is_picture: bool


@dataclass(frozen=True)
class ChangeCard:
    """A change of state in one line, with the reply to the citizen.

    ``notification`` states whether the citizen was notified, '' for a change by the system; ``failed`` is true if the
    channel refused the notification.
    """

    words: str
    reply: str
    notification: str
    failed: bool


@dataclass(frozen=True)
class Card:
    """A complaint as the page shows it; ``map`` is the link to the shared position, or ''.

    ``asked`` is the line with the time and channel; ``seen`` is the id of the newest change, 0 if there is none, so
    that a form detects changes made meanwhile.
    """

    id: int
    number: str
    state: ComplaintState
    state_words: str
    team: str
    asked: str
    what: str
    where: str
    map: str
    photos: tuple[PhotoCard, ...]
    changes: tuple[ChangeCard, ...]
    seen: int


class ComplaintCards:
    """Builds the cards and the lines of the register, with times in the agency's time zone."""

    def __init__(self, agency: Agency) -> None:
        self._agency = agency
        self._zone = agency.zone

    def make(self, one: Listed) -> Card:
        row, team = one.row, team_name(self._agency, one.row.team)
        place = Place(row.latitude, row.longitude) if row.latitude is not None and row.longitude is not None else None
        asked = say("desk.reclamos.recibido", cuando=self._moment(row.at), canal=name_of(row.channel))
        return Card(
            id=row.id,
            number=row.number,
            state=ComplaintState(row.state),
            state_words=_state(ComplaintState(row.state), "" if row.unit == team else row.unit),
            team=team,
            asked=asked,
            what=row.what,
            where=row.location,
            map=map_url(place, self._agency.map_template) if place else "",
            photos=tuple(_photo(row.id, photo) for photo in one.photos),
            changes=tuple(self._changed(change) for change in one.changes),
            seen=one.changes[-1].id if one.changes else 0,
        )

    def line(self, one: Listed) -> Sequence[str]:
        """Returns the cells of a complaint in the register, in the order of ``desk.reclamos.columnas``."""
        row, card = one.row, self.make(one)
        replies = [change.reply for change in one.changes if change.reply]
        position = [f"{row.latitude:.6f}", f"{row.longitude:.6f}"] if row.latitude is not None else ["", ""]
        return [
            row.number,
            self._moment(row.at),
            name_of(row.channel),
            card.team,
            say(f"desk.reclamos.estados.{row.state}"),
            row.unit,
            self._moment(row.changed_at),
            row.what,
            row.location,
            *position,
            str(len(one.photos)),
            replies[-1] if replies else "",
        ]

    def _changed(self, change: Change) -> ChangeCard:
        words = say(
            "desk.reclamos.cambio",
            cuando=self._moment(change.at),
            estado=_state(change.state, change.unit),
            nombre=change.name or say("desk.reclamos.sistema"),
        )
        notification = say(f"desk.reclamos.avisos.{change.told or 'pending'}") if change.name else ""
        return ChangeCard(words, change.reply, notification, failed=change.told == Notified.REFUSED)

    def _moment(self, at: datetime) -> str:
        return day_and_hour(at, self._zone)


def _state(state: ComplaintState, unit: str) -> str:
    words = say(f"desk.reclamos.estados.{state}")
    return say("desk.reclamos.estado_unidad", estado=words, unidad=unit) if unit else words


def _photo(complaint: int, photo: ComplaintPhoto) -> PhotoCard:
    if photo.file_id is None:
        return PhotoCard("", say(f"desk.reclamos.foto_{'pendiente' if photo.next_at else 'perdida'}"), False)
    is_picture = not photo.name.lower().endswith(".pdf")
    return PhotoCard(f"{PATH}/{complaint}/fotos/{photo.id}", photo.name or say("desk.reclamos.foto"), is_picture)
