"""Serves ``/desk/cifras/apertura``: the numbers before and after each change of a channel's roll-out, also as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.agency.model import Agency
from bot.core.disk import Disk
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.unavailable import require_room
from bot.desk.pages.base import DeskPages
from bot.desk.pages.figures.files import CSV, download
from bot.desk.pages.figures.rollout_view import LEAST, change_view, evidence_csv
from bot.desk.queries.rollout_changes import RolloutChange, rollout_changes
from bot.desk.queries.rollout_evidence import RolloutEvidence
from bot.record.engine import Sessions

FIGURES = "/desk/cifras"
PATH = f"{FIGURES}/apertura"
CSV_PATH = f"{PATH}.csv"
MOST_SHOWN = 3  # changes on a page, since each reads the episodes of eight weeks
MOST_IN_FILE = 50
MOST_DIGITS = 16


class RolloutEvidencePage:
    """The handlers of the page about roll-out changes and of its CSV file."""

    def __init__(self, *, guard: Guard, pages: DeskPages, sessions: Sessions, agency: Agency, disk: Disk) -> None:
        self._guard, self._pages, self._agency, self._disk = guard, pages, agency, disk
        self._sessions, self._evidence = sessions, RolloutEvidence(sessions)

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "GET", CSV_PATH, self.csv)

    async def show(self, request: Request, antes: str = "") -> Response:
        """Shows the newest changes; if ``antes`` is the id of a change, shows the changes before it."""
        signed_in = await self._guard.page(request, Permission.FIGURES)
        require_room(self._disk)
        every, now = await rollout_changes(self._sessions), datetime.now(UTC)
        chosen = _before(every, antes)
        found = await self._evidence.of(every, chosen[:MOST_SHOWN], now)
        return self._pages.sheet(
            "figures_rollout.html",
            signed_in,
            here=FIGURES,
            t=area("cifras"),
            changes=[change_view(one, self._agency.timezone, now) for one in found],
            least=LEAST,
            older=f"{PATH}?antes={found[-1].change.id}" if len(chosen) > MOST_SHOWN else "",
            csv=CSV_PATH,
            channels_page=may(signed_in.staff, Permission.CHANNELS),
        )

    async def csv(self, request: Request) -> Response:
        await self._guard.page(request, Permission.FIGURES)
        require_room(self._disk)
        every = await rollout_changes(self._sessions)
        found = await self._evidence.of(every, every[:MOST_IN_FILE], datetime.now(UTC))
        return await download(evidence_csv, found, "apertura.csv", CSV)


def _before(every: Sequence[RolloutChange], text: str) -> list[RolloutChange]:
    """Returns the changes before the change with the id ``text``; all changes if ``text`` is not a number."""
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        return list(every)
    return [one for one in every if one.id < int(text)]
