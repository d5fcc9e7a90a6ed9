"""Serves ``/desk/avisos/difusion/<id>``: sends a running notice to the subscribers of notices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.agency.model import Agency
from bot.conversation.addresses import Addresses
from bot.core.channels import name_of
from bot.core.messages import Channel
from bot.core.texts import say
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.crisis.broadcasts import Broadcasts, Sending
from bot.desk.pages.base import DeskPages
from bot.desk.pages.notices.view import NoticeViews
from bot.figures.numbers import number
from bot.public_notices.broadcasting import AT_ONCE, EVERY_S, Broadcasting

PATH = "/desk/avisos/difusion"
NOTICES = "/desk/avisos"
MAX_NUMBER = 20
Act = Callable[[int, SignedIn], Awaitable[None]]


class BroadcastPage:
    """The page of one notice's broadcast: coverage, plan, test, start by another person, stop, and results."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        broadcasts: Broadcasts,
        sender: Broadcasting,
        agency: Agency,
        secret: str,
    ) -> None:
        self._guard, self._pages, self._broadcasts, self._sender = guard, pages, broadcasts, sender
        self._agency, self._views, self._addresses = agency, NoticeViews(agency), Addresses(secret)
        self._acts: Mapping[str, Act] = {
            "planificar": broadcasts.plan,
            "partir": broadcasts.start,
            "parar": broadcasts.stop,
        }

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", f"{PATH}/{{notice}}", self.show)
        self._pages.serve(router, "POST", f"{PATH}/{{notice}}", self.change)

    async def show(self, request: Request, notice: int, hecho: str = "") -> HTMLResponse:
        signed_in = await self._guard.page(request, Permission.NOTICES)
        return await self._page(signed_in, notice, done=hecho if hecho in {*self._acts, "probar"} else "")

    async def change(self, request: Request, notice: int) -> Response:
        """Carries out the action of the pressed button, then shows the page again."""
        signed_in, form = await self._pages.posted(request, Permission.NOTICES)
        what = str(form.get("que", ""))
        try:
            if what == "probar":
                await self._test(notice, str(form.get("numero", "")), str(form.get("vez", "")))
            elif act := self._acts.get(what):
                await act(notice, signed_in)
            else:
                raise Refused(422, "invalid", say("difusion.ya_no"))
        except Refused as refused:
            return await self._page(signed_in, notice, refused=refused)
        return RedirectResponse(f"{PATH}/{notice}?hecho={what}", 303)

    async def _test(self, id: int, number: str, name: str) -> None:
        """Sends the notice as a test to the WhatsApp number of a subscriber; ``name`` makes each test unique.

        Raises Refused if the number has no subscription or the notice was not sent.
        """
        digits = "".join(one for one in number if one.isdecimal())[:MAX_NUMBER]
        conversation = self._addresses.name(Channel.WHATSAPP, f"+{digits}")
        subscription = await self._broadcasts.subscription(conversation)
        if subscription is None:
            raise Refused(422, "invalid", say("difusion.prueba_sin_pedir"))
        sent = await self._sender.send(subscription, await self._broadcasts.notice(id), f"test-{id}-{name[:20]}")
        if sent != "sent":
            raise Refused(409, "changed", say(f"difusion.prueba_{sent}"))

    async def _page(
        self, signed_in: SignedIn, id: int, *, done: str = "", refused: Refused | None = None
    ) -> HTMLResponse:
        notice = await self._broadcasts.notice(id)
        coverage, sending = await self._broadcasts.coverage(), await self._broadcasts.of(notice)
        return self._pages.sheet(
            "notices_broadcast.html",
            signed_in,
            here=NOTICES,
            status=refused.status_code if refused else 200,
            error=refused.message if refused else "",
            done=done,
            card=self._views.card(notice, signed_in.staff.id),
            coverage=self._coverage(coverage),
            sending=sending,
            states=_states(sending),
            is_mine=sending is not None and sending.broadcast.author_id == signed_in.staff.id,
        )

    def _coverage(self, coverage: Mapping[str, int]) -> list[str]:
        """Returns lines on the number of subscribers per channel, the duration, and the limits of WhatsApp."""
        total, templates = sum(coverage.values()), self._agency.templates
        minutes = -(-total * EVERY_S // (AT_ONCE * 60))
        wanted = "difusion.quiere" if total == 1 else "difusion.quieren"
        lines = [say(wanted, n=number(total), minutos=int(minutes))]
        lines += [
            say("difusion.por_canal", canal=name_of(Channel(name)), n=number(count)) for name, count in coverage.items()
        ]
        if on_whatsapp := coverage.get(Channel.WHATSAPP, 0):
            lines.append(say(f"difusion.plantilla_{'si' if templates.answer else 'no'}"))
            later = max(0, on_whatsapp - templates.daily_limit)
            lines.append(say("difusion.limite", limite=number(templates.daily_limit), n=number(later)))
        return [*lines, say("difusion.web")]


def _states(sending: Sending | None) -> list[tuple[str, int]]:
    if sending is None:
        return []
    counted = [(name, sending.states.get(name, 0)) for name in ("planned", "sent", "off", "closed")]
    return [*counted, ("delivered", sending.delivered), ("failed", sending.failed)]
