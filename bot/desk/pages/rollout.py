"""Serves ``/desk/canales``, where administrators set the roll-out of each channel and renew the access code of staff.

A change takes effect immediately in every process (bot/turns/rollout.py) and is recorded in the audit log. A change
that lowers the share of citizens, or renews the code, needs a confirmation.
"""

from __future__ import annotations

from collections.abc import Collection

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.agency.model import Agency
from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text
from bot.core.channels import name_of
from bot.core.messages import Channel
from bot.core.texts import say
from bot.desk.auth.audit import CODE_CHANGED, Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission, may
from bot.desk.pages.base import DeskPages, is_sure
from bot.turns.rollout import Kind, Rollout, Step

PATH = "/desk/canales"
CODE = f"{PATH}/codigo"


class RolloutPage:
    """The handlers of the roll-out page and its forms; ``connected`` are the channels that work."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        rollout: Rollout,
        audit: AuditLog,
        agency: Agency,
        connected: Collection[Channel],
    ) -> None:
        self._guard = guard
        self._pages = pages
        self._rollout = rollout
        self._audit = audit
        self._agency = agency
        self._connected = connected

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.change)
        self._pages.serve(router, "POST", CODE, self.renew_code)

    async def show(self, request: Request) -> HTMLResponse:
        signed_in = await self._guard.page(request, Permission.CHANNELS)
        closed = self._agency.say("canal_cerrado", telefono=self._agency.phone)
        return self._pages.sheet(
            "rollout.html",
            signed_in,
            here=PATH,
            closed=plain_text(markdown_spans(closed)),
            steps=await self._rollout.steps(),
            kinds=list(Kind),
            connected=self._connected,
            code=await self._rollout.code(),
            sees_figures=may(signed_in.staff, Permission.FIGURES),
        )

    async def change(self, request: Request) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.CHANNELS)
        channel, step = _chosen(form)
        if not is_sure(form) and _reach(step) < _reach((await self._rollout.steps())[channel]):
            name = name_of(channel)
            return self._pages.ask(
                request, signed_in, form, here=PATH, key=f"canal_{step.kind}", canal=name, n=step.percent
            )
        await self._rollout.set(channel, step)
        await self._audit.record(
            Action.ROLLOUT_CHANGED, staff_id=signed_in.staff.id, subject=channel, step=step.kind, percent=step.percent
        )
        return RedirectResponse(PATH, 303)

    async def renew_code(self, request: Request) -> Response:
        """Replaces the access code, after a confirmation."""
        signed_in, form = await self._pages.posted(request, Permission.CHANNELS)
        if not is_sure(form):
            return self._pages.ask(request, signed_in, form, here=PATH, key="codigo_nuevo")
        await self._rollout.renew_code()
        await self._audit.record(Action.ROLLOUT_CHANGED, staff_id=signed_in.staff.id, subject=CODE_CHANGED)
        return RedirectResponse(PATH, 303)


def _reach(step: Step) -> int:
    """Returns the percentage of citizens whom the assistant answers at this step."""
    return {Kind.OFF: 0, Kind.STAFF: 0, Kind.SHARE: step.percent, Kind.ON: 100}[step.kind]


def _chosen(form: object) -> tuple[Channel, Step]:
    """Parses the channel and roll-out step of the form; raises Refused if they are invalid."""
    try:
        channel, kind = Channel(str(form["canal"])), Kind(str(form["paso"]))  # type: ignore[index]
        percent = int(str(form["porcentaje"])) if kind is Kind.SHARE else 100  # type: ignore[index]
    except (KeyError, ValueError) as error:
        raise Refused(422, "invalid", say("desk.canales_pagina.invalido")) from error
    if not 0 <= percent <= 100:
        raise Refused(422, "invalid", say("desk.canales_pagina.invalido"))
    return channel, Step(kind, percent)
