"""Serves ``/desk/avisos/difusion/<id>``, from which staff send a running notice to the subscribers of notices."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.agency.model import Agency
from bot.agency.whatsapp_prices import Prices
from bot.agency.whatsapp_templates import MAX_ANSWER
from bot.core.channels import has_address, name_of
from bot.core.messages import Channel
from bot.core.texts import say
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.crisis.broadcasts import Broadcasts, Sending, WhatsAppDay
from bot.desk.crisis.spreading import BROADCAST_PAGE as PATH
from bot.desk.crisis.spreading import Spreading
from bot.desk.pages.base import DeskPages
from bot.desk.pages.notices.view import NoticeViews
from bot.figures.numbers import money, number
from bot.public_notices.broadcasting import AT_ONCE, EVERY_S, TEST, Broadcasting
from bot.public_notices.notice import PublicNotice
from bot.public_notices.recorded import public
from bot.public_notices.words import fits_template, template_length

NOTICES = "/desk/avisos"
CODE_DIGITS = 6  # as in bot/turns/optout.py
Act = Callable[[int, SignedIn], Awaitable[None]]


class BroadcastPage:
    """The page of one notice's broadcast: coverage, test, plan, start by another person, stop, and results."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        broadcasts: Broadcasts,
        spreading: Spreading,
        sender: Broadcasting,
        agency: Agency,
        channels: Sequence[Channel],
    ) -> None:
        phones = (name_of(one) for one in channels if has_address(one))
        self._phones = say("difusion.canales_o").join(phones)  # the channels of a test, '' if none is configured
        self._guard, self._pages, self._broadcasts, self._sender = guard, pages, broadcasts, sender
        self._agency, self._views, self._spreading = agency, NoticeViews(agency), spreading
        self._acts: Mapping[str, Act] = {
            "planificar": self._plan,
            "deshacer": self._discard,
            "partir": self._start,
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
                await self._test(notice, self._code(signed_in), str(form.get("vez", "")))
            elif act := self._acts.get(what):
                await act(notice, signed_in)
            else:
                raise Refused(422, "invalid", say("difusion.ya_no"))
        except Refused as refused:
            return await self._page(signed_in, notice, refused=refused)
        return RedirectResponse(f"{PATH}/{notice}?hecho={what}", 303)

    async def _plan(self, id: int, by: SignedIn) -> None:
        """Plans the broadcast, and tells the others who may start it."""
        await self._broadcasts.plan(id, by)
        await self._spreading.ask_to_start(await self._broadcasts.notice(id), by.staff.id, by.staff.name)

    async def _discard(self, id: int, by: SignedIn) -> None:
        await self._broadcasts.discard(id, by)
        await self._spreading.withdraw_start(id)

    async def _start(self, id: int, by: SignedIn) -> None:
        await self._broadcasts.start(id, by)
        await self._spreading.withdraw_start(id)

    async def _test(self, id: int, code: str, name: str) -> None:
        """Sends the notice as a test to the person who wrote «avísame» with the ``code``.

        ``name`` makes each test unique. Raises Refused if nobody wrote the code within TEST_WITHIN, or the notice was
        not sent.
        """
        subscription = await self._broadcasts.tester(code)
        if subscription is None:
            raise Refused(422, "invalid", say("difusion.prueba_sin_pedir", codigo=code, canales=self._phones))
        sent = await self._sender.send(subscription, await self._broadcasts.notice(id), f"{TEST}{id}-{name[:20]}")
        if sent != "sent":
            raise Refused(409, "changed", say(f"difusion.prueba_{sent}"))

    def _code(self, signed_in: SignedIn) -> str:
        """Returns the code of this session's tests, which only this person sees."""
        digest = hashlib.sha256(f"test-code:{signed_in.csrf_token}".encode()).digest()
        return f"{int.from_bytes(digest[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}}"

    async def _page(
        self, signed_in: SignedIn, id: int, *, done: str = "", refused: Refused | None = None
    ) -> HTMLResponse:
        notice = await self._broadcasts.notice(id)
        coverage, sending = await self._broadcasts.coverage(), await self._broadcasts.of(notice)
        before = await self._broadcasts.before([notice])
        today = self._agency.today()
        return self._pages.sheet(
            "notices_broadcast.html",
            signed_in,
            here=NOTICES,
            status=refused.status_code if refused else 200,
            error=refused.message if refused else "",
            done=done,
            card=self._views.card(notice, signed_in.staff.id, before.get(notice.id)),
            coverage=coverage_lines(
                self._agency, coverage, await self._broadcasts.whatsapp_day(), today, public(notice)
            ),
            sending=sending,
            reaches=any(coverage.values()),
            states=_states(sending),
            code=self._code(signed_in),
            phones=self._phones,
            once=secrets.token_hex(6),
            is_mine=sending is not None and sending.broadcast.author_id == signed_in.staff.id,
        )


def coverage_lines(
    agency: Agency, coverage: Mapping[str, int], day: WhatsAppDay, today: date, notice: PublicNotice
) -> list[str]:
    """Returns lines on the subscribers of each channel, the duration, and the limits and cost of WhatsApp."""
    total, templates = sum(coverage.values()), agency.templates
    minutes = -(-total * EVERY_S // (AT_ONCE * 60))
    wanted = "difusion.quieren" if total > 1 else "difusion.quiere" if total else "difusion.nadie"
    lines = [say(wanted, n=number(total), minutos=int(minutes))]
    lines += [
        say("difusion.por_canal", canal=name_of(Channel(name)), n=number(count)) for name, count in coverage.items()
    ]
    if on_whatsapp := coverage.get(Channel.WHATSAPP, 0):
        lines.append(_template_line(agency, notice))
        later = max(0, on_whatsapp - max(0, templates.daily_limit - day.used))
        limit, used = number(templates.daily_limit), number(day.used)
        key = "difusion.limite" if later else "difusion.limite_alcanza"
        lines.append(say(key, limite=limit, usados=used, n=number(later)))
        if day.in_window:
            wrote = "difusion.ventana_una" if day.in_window == 1 else "difusion.ventana"
            lines.append(say(wrote, n=number(day.in_window)))
        by_template = max(0, on_whatsapp - day.in_window) if fits_template(notice, agency) else 0
        lines += _cost(agency.whatsapp_prices, today, by_template, day.in_window)
    return [*lines, say("difusion.web")]


def _template_line(agency: Agency, notice: PublicNotice) -> str:
    """Returns the line on the citizens of WhatsApp whose reply window is closed."""
    if not agency.templates.answer:
        return say("difusion.plantilla_no")
    if fits_template(notice, agency):
        return say("difusion.plantilla_si")
    return say("difusion.plantilla_larga", n=number(template_length(notice, agency)), maximo=MAX_ANSWER)


def _cost(prices: Prices | None, today: date, by_template: int, within: int) -> list[str]:
    most = prices.most(today, templates=by_template, within=within) if prices else None
    return [say("difusion.costo", valor=money(most, prices.currency))] if prices and most is not None else []


def _states(sending: Sending | None) -> list[tuple[str, int]]:
    if sending is None:
        return []
    counted = [(name, sending.states.get(name, 0)) for name in ("planned", "sent", "withdrawn", "off", "closed")]
    return [*counted, ("delivered", sending.delivered), ("failed", sending.failed)]
