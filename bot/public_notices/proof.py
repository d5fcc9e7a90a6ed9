"""Determines which processes and channels show the notices of PostgreSQL, and how long that took."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.public_notices.kept import Reader
from bot.public_notices.notice import NoticeSet


@dataclass(frozen=True)
class Proof:
    """The processes that show the set (``shown``), those that do not yet (``behind``), and the number of silent ones.

    ``channels`` are the configured channels with at least one process, all of whose processes show the set; ``missing``
    are the others. ``took_ms`` is the time from the change until the last process showed the set; None while a process
    does not show it, or if the time of the change is unknown.
    """

    shown: tuple[str, ...]
    behind: tuple[str, ...]
    silent: int
    channels: tuple[str, ...]
    missing: tuple[str, ...]
    took_ms: int | None
    version: str = ""  # version of the set

    @property
    def processes(self) -> int:
        return len(self.shown) + len(self.behind) + self.silent

    @property
    def is_complete(self) -> bool:
        return bool(self.shown) and not self.behind and not self.silent and not self.missing


def proof_of(
    notices: NoticeSet, readers: Mapping[str, Reader | None], channels: Collection[str], changed_ms: int | None
) -> Proof:
    """Returns which of ``readers`` and ``channels`` show ``notices``; ``changed_ms`` is when the set last changed."""
    alive = [one for one in readers.values() if one is not None]
    shown = [one for one in alive if one.version == notices.version]
    behind = [one for one in alive if one.version != notices.version]
    served = {channel for one in shown for channel in one.channels}
    served -= {channel for one in behind for channel in one.channels}
    silent = len(readers) - len(alive)
    took = max((one.at for one in shown), default=0) - changed_ms if changed_ms is not None else None
    complete = bool(shown) and not behind and not silent
    return Proof(
        shown=tuple(one.name for one in shown),
        behind=tuple(one.name for one in behind),
        silent=silent,
        channels=tuple(one for one in channels if one in served),
        missing=tuple(one for one in channels if one not in served),
        took_ms=max(took, 0) if complete and took is not None else None,
        version=notices.version,
    )
