"""Defines a public notice as every process shows it, and the set of those that run now or later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from bot.core.json_fields import JsonFields

ON_DISK = "disk."


class Severity(StrEnum):
    """How grave a notice is, gravest last; its Spanish name is in ``avisos.gravedad``."""

    INFO = "info"
    IMPORTANT = "important"
    GRAVE = "grave"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True)
class PublicNotice(JsonFields):
    """A notice that two people published; times are in ms since 1970.

    ``id`` differs between the revisions of a notice, since a correction is told again; a longer time is not.
    """

    id: str
    text: str  # plain text; line breaks count
    severity: Severity
    signed: str  # who tells it, such as the agency's name
    signed_at: int
    starts_at: int
    ends_at: int
    sectors: tuple[str, ...] = ()
    wordings: tuple[str, ...] = ()  # what people write who ask about it
    entries: tuple[str, ...] = ()  # ids of the FAQ entries that the crisis makes wrong
    drill: bool = False

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        lists = {name: tuple(data.get(name, ())) for name in ("sectors", "wordings", "entries")}
        return super().from_data({**data, **lists, "severity": Severity(data["severity"])})

    @property
    def is_on_disk(self) -> bool:
        """Returns whether somebody wrote it into the folder ``avisos`` of the machine."""
        return self.id.startswith(ON_DISK)

    def runs_at(self, now_ms: int) -> bool:
        return self.starts_at <= now_ms < self.ends_at


@dataclass(frozen=True)
class NoticeSet:
    """The notices that run now or later, gravest and then newest first."""

    notices: tuple[PublicNotice, ...] = ()

    @classmethod
    def of(cls, notices: Iterable[PublicNotice]) -> Self:
        return cls(tuple(sorted(notices, key=lambda one: (-one.severity.rank, -one.signed_at, one.id))))

    @classmethod
    def from_json(cls, raw: str) -> Self:
        """Parses the form of ``to_json``; raises AttributeError, KeyError, TypeError or ValueError for another one."""
        return cls.of(PublicNotice.from_data(one) for one in json.loads(raw))

    def to_json(self) -> str:
        return json.dumps([one.to_data() for one in self.notices], ensure_ascii=False)

    @property
    def version(self) -> str:
        """Returns a name of this content, by which processes say which set they show."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def at(self, now_ms: int) -> tuple[PublicNotice, ...]:
        """Returns the notices that run at this time."""
        return tuple(one for one in self.notices if one.runs_at(now_ms))

    def next_change(self, now_ms: int) -> int | None:
        """Returns when the next notice starts or ends; None if none does."""
        moments = (moment for one in self.notices for moment in (one.starts_at, one.ends_at) if moment > now_ms)
        return min(moments, default=None)
