"""Defines the form that holds the state of the dialogue about a complaint; it is stored with the conversation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.core.json_fields import SparseFields
from bot.core.messages import Attachment, CitizenMessage, MediaKind, Place

MAX_PHOTOS = 5
FORGOTTEN_AFTER_MS = 24 * 3600 * 1000  # after this time, a message no longer counts as an answer to an unfinished form
KEPT = frozenset({MediaKind.PHOTO, MediaKind.DOCUMENT})


class Step(StrEnum):
    """The question that the dialogue asked last; PHOTOS means that no dialogue began and only photos are stored."""

    PHOTOS = "photos"
    WHAT = "what"
    WHERE = "where"
    PHOTO = "photo"
    CONFIRM = "confirm"
    FIX = "fix"


@dataclass(frozen=True)
class Form(SparseFields):
    """The citizen's answers so far; ``at`` is when the form last changed, in ms since 1970.

    ``answered`` are the steps that need not be asked again. ``locates`` is true if the citizen's channel can show a
    button that shares the position. ``part`` is the newest part that a text gave, ``part_id`` the id of that message.
    """

    step: Step = Step.PHOTOS
    at: int = 0
    team: str = ""
    what: str = ""
    location: str = ""
    place: Place | None = None
    photos: tuple[Attachment, ...] = ()
    answered: tuple[Step, ...] = ()
    locates: bool = False
    part: Step | None = None
    part_id: str = ""

    @property
    def is_open(self) -> bool:
        """Returns whether the dialogue has asked a question that the next message may answer."""
        return self.step is not Step.PHOTOS

    @property
    def next_step(self) -> Step:
        """Returns the first step that is not answered; CONFIRM if all are."""
        return next((one for one in (Step.WHAT, Step.WHERE, Step.PHOTO) if one not in self.answered), Step.CONFIRM)

    def with_photos(self, photos: Sequence[Attachment]) -> Form:
        """Returns the form with ``photos`` added, at most MAX_PHOTOS in total.

        The dialogue then no longer asks for a photo.
        """
        if not photos:
            return self
        kept = (*self.photos, *photos)[:MAX_PHOTOS]
        return replace(self, photos=kept).having(Step.PHOTO)

    def given(self, step: Step, message: CitizenMessage) -> Form:
        """Returns the form with ``message`` as the one that answers ``step``, in case the citizen corrects it.

        Several lines may be several messages; a correction of one of them would replace all.
        """
        id = "" if "\n" in message.text else message.edits or message.id
        return replace(self, part=step, part_id=id).having(step)

    def corrected(self, text: str) -> Form:
        """Returns the form with the newest part replaced by ``text``."""
        return replace(self, what=text) if self.part is Step.WHAT else replace(self, location=text)

    def having(self, step: Step) -> Form:
        return replace(self, answered=tuple(dict.fromkeys((*self.answered, step))))

    def lacking(self, step: Step) -> Form:
        return replace(self, answered=tuple(one for one in self.answered if one is not step))

    def to_json(self) -> str:
        return json.dumps(self.to_data())

    @classmethod
    def from_json(cls, text: str, now_ms: int) -> Form:
        """Parses a stored form.

        Returns a new form if the text is empty or the form is older than FORGOTTEN_AFTER_MS.
        """
        raw: dict[str, Any] = json.loads(text or "{}")
        if now_ms - raw.get("at", 0) > FORGOTTEN_AFTER_MS:
            return cls()
        return cls(
            step=Step(raw.get("step", Step.PHOTOS)),
            at=raw.get("at", 0),
            team=raw.get("team", ""),
            what=raw.get("what", ""),
            location=raw.get("location", ""),
            place=Place.from_data(raw["place"]) if raw.get("place") else None,
            photos=tuple(Attachment.from_data(one) for one in raw.get("photos", ())),
            answered=tuple(Step(one) for one in raw.get("answered", ())),
            part=Step(raw["part"]) if raw.get("part") else None,
            part_id=raw.get("part_id", ""),
        )


def photos_of(attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Returns the attachments that are kept as a complaint's photos: photos and documents with a reference."""
    return tuple(one for one in attachments if one.kind in KEPT and one.ref)


def has_video(attachments: Sequence[Attachment]) -> bool:
    """Returns whether there is a video, which cannot be kept with a complaint."""
    return any(one.kind is MediaKind.VIDEO for one in attachments)
