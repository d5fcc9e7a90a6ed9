"""Defines a public notice as every process shows it, and the set of notices that run now or later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from bot.core.json_fields import JsonFields
from bot.public_notices.measures import Measure

ON_DISK = "disk."


class Severity(StrEnum):
    """The severity of a notice, in ascending order; its Spanish name is in ``avisos.gravedad``."""

    INFO = "info"
    IMPORTANT = "important"
    GRAVE = "grave"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True)
class PublicNotice(JsonFields):
    """A published notice; times are in ms since 1970.

    Each revision of a notice has its own ``id``, since a correction is announced again; a renewal keeps the id.
    """

    id: str
    text: str  # plain text with significant line breaks
    severity: Severity
    signed: str  # the signature, such as the agency's name
    signed_at: int
    starts_at: int
    ends_at: int
    sectors: tuple[str, ...] = ()
    utterances: tuple[str, ...] = ()  # possible messages of people who ask about the notice
    entries: tuple[str, ...] = ()  # ids of the FAQ entries that the notice replaces
    drill: bool = False
    measures: tuple[Measure, ...] = ()  # without those that were lifted

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        lists = {name: tuple(data.get(name, ())) for name in ("sectors", "utterances", "entries")}
        measures = tuple(Measure.from_data(one) for one in data.get("measures", ()))
        return super().from_data({**data, **lists, "measures": measures, "severity": Severity(data["severity"])})

    @property
    def is_on_disk(self) -> bool:
        """Returns whether the notice comes from the folder ``avisos`` of the machine."""
        return self.id.startswith(ON_DISK)

    def runs_at(self, now_ms: int) -> bool:
        return self.starts_at <= now_ms < self.ends_at


@dataclass(frozen=True)
class NoticeSet:
    """The notices that run now or later, most severe first, then newest first."""

    notices: tuple[PublicNotice, ...] = ()

    @classmethod
    def of(cls, notices: Iterable[PublicNotice]) -> Self:
        return cls(tuple(sorted(notices, key=lambda one: (-one.severity.rank, -one.signed_at, one.id))))

    @classmethod
    def from_json(cls, raw: str) -> Self:
        """Parses the output of ``to_json``; raises AttributeError, KeyError, TypeError or ValueError if invalid."""
        return cls.of(PublicNotice.from_data(one) for one in json.loads(raw))

    def to_json(self) -> str:
        return json.dumps([one.to_data() for one in self.notices], ensure_ascii=False)

    @property
    def version(self) -> str:
        """Returns a hash of the contents, by which processes report which set they show."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def at(self, now_ms: int) -> tuple[PublicNotice, ...]:
        """Returns the notices that are running at this time."""
        return tuple(one for one in self.notices if one.runs_at(now_ms))

    def next_change(self, now_ms: int) -> int | None:
        """Returns when the next notice starts or ends (ms); None if none will."""
        moments = (moment for one in self.notices for moment in (one.starts_at, one.ends_at) if moment > now_ms)
        return min(moments, default=None)
