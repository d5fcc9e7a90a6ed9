"""Serves ``/desk/avisos``, where supervisors write, approve, correct, renew and lift public notices.

They also approve packs and close spike alarms. While PostgreSQL is unavailable, nobody can sign in or change anything.
The page then shows the notices that this process still shows to citizens, and what to do on the server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from bot.agency.model import Agency
from bot.core.texts import say
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.sessions import SignedIn
from bot.desk.auth.unavailable import STORE_ERRORS
from bot.desk.crisis.approvals import hash_of
from bot.desk.crisis.book import RUNNING, Person, state_of
from bot.desk.crisis.form import HOURS, HOURS_OF, MAX_UTTERANCES, NoticeForm
from bot.desk.crisis.packs import Pack, packs
from bot.desk.pages.base import DeskPages
from bot.desk.pages.form_fields import number
from bot.desk.pages.notices.forms import DRILL, NOTHING_ASKED, Asked, NoticeForms
from bot.desk.pages.notices.manual_page import PATH as MANUAL
from bot.desk.pages.notices.measures import PackMeasures
from bot.desk.pages.notices.services import NoticeServices
from bot.desk.pages.notices.view import NoticeViews
from bot.desk.pages.pdf import can_make_pdf
from bot.desk.views.measure_words import MeasureWords
from bot.public_notices.last_resort import FOLDER, MAX_CHARACTERS
from bot.public_notices.notice import Severity
from bot.public_notices.recorded import measures_in
from bot.public_notices.words import banner
from bot.record.tables import Notice, PackApproval
from bot.spikes.alarms import HARMLESS

PATH = "/desk/avisos"
Act = Callable[[Any, Person], Awaitable[str | None]]  # returns the end of the URL to redirect to, or None


class NoticesPage:
    """The page of public notices, its forms, and the proof, which the page reloads every two seconds."""

    def __init__(self, *, guard: Guard, pages: DeskPages, services: NoticeServices, agency: Agency) -> None:
        self._guard, self._pages, self._services, self._agency = guard, pages, services, agency
        self._book, self._spreading = services.book, services.spreading
        self._measures = PackMeasures(agency, services.faq, services.data)
        self._views = NoticeViews(agency, MeasureWords(agency, self._measures.questions))
        self._forms = NoticeForms(agency, self._measures, self._views)
        self._acts: Mapping[str, Act] = {
            "guardar": self._save,
            "publicar": self._publish,
            "renovar": self._renew,
            "terminar": self._end,
            "pasos": self._tick,
            "medidas": self._lift,
        }

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.change)
        self._pages.serve(router, "GET", f"{PATH}/prueba", self.proof)

    async def show(
        self,
        request: Request,
        paquete: str = "",
        hecho: str = "",
        alza: int = 0,
        aviso: int = 0,
        otra_vez: int = 0,
        levantado: int = 0,
    ) -> HTMLResponse:
        try:
            signed_in = await self._guard.page(request, Permission.NOTICES)
            return await self._page(signed_in, Asked(paquete, hecho, aviso, alza, otra_vez, levantado))
        except STORE_ERRORS:
            return self._last_known()

    async def proof(self, request: Request, visto: str = "") -> HTMLResponse:
        """Renders only the proof, which the page's script reloads, and whether notices differ from ``visto``."""
        await self._guard.page(request, Permission.NOTICES)
        changed = bool(visto) and visto != state_of(await self._book.open())
        return self._pages.page("notices_proof.html", proof=await self._proof(), changed=changed)

    async def change(self, request: Request) -> Response:
        """Carries out the button's action and shows the page again; after an error, the form keeps what was entered."""
        signed_in, form = await self._pages.posted(request, Permission.NOTICES)
        what = str(form.get("que", ""))
        try:
            if what == "nada":
                await self._services.spikes.book.close(number(form, "id"), HARMLESS, signed_in)
                return RedirectResponse(f"{PATH}?hecho={what}", 303)
            if what == "aprobar":
                name = str(form.get("paquete", ""))
                read = str(form.get("leido", ""))
                await self._services.approvals.approve(name, self._packs().get(name), read, signed_in)
                return RedirectResponse(f"{PATH}?paquete={name}&hecho={what}#h-new", 303)
            act = self._acts.get(what)
            if act is None:
                raise Refused(422, "invalid", say("avisos.problemas.ya_no"))
            end = await act(form, Person(signed_in.staff.id, signed_in.staff.name))
        except Refused as refused:
            return await self._page(signed_in, refused=refused, posted=form if what == "guardar" else None)
        return RedirectResponse(f"{PATH}?hecho={what}{end or ''}", 303)

    async def _save(self, form: Any, by: Person) -> str:
        checked = NoticeForm.from_posted(form, self._agency.timezone, self._measures.questions())
        id, alarm = number(form, "id"), number(form, "alza")
        own = measures_in(await self._book.get(id)) if id else ()  # as it was last saved
        shown = frozenset(map(str, form.getlist("levantada")))
        checked = replace(checked, measures=self._measures.chosen(form, own), shown_lifted=shown)
        notice = (
            await self._book.save(id, number(form, "version"), checked, by)
            if id
            else await self._book.add(checked, by, **({"spike": alarm} if alarm else {}))
        )
        await self._services.spikes.book.noticed(notice, by)
        if "paso" in form:
            await self._tick_of(notice, form, by)
        await self._spreading.ask_for_approval(notice)
        return f"&aviso={notice.id}"

    async def _publish(self, form: Any, by: Person) -> str:
        since = await self._spreading.now_ms()
        reason = str(form.get("motivo", ""))
        id, version = number(form, "id"), number(form, "version")
        notice = await self._book.publish(id, version, by, reason, **await self._pack_facts(id))
        await self._spreading.spread(since)
        await self._spreading.withdraw_requests(notice)
        await self._spreading.notify_everybody(notice, self._views.starts(notice))
        return "#h-running"

    async def _pack_facts(self, id: int) -> dict[str, object]:
        """Returns, for the audit, the notice's pack and whether the pack is approved; {} if the notice has no pack."""
        name = (await self._book.get(id)).pack
        return {"pack": name, "pack_approved": name in await self._approvals()} if name else {}

    async def _renew(self, form: Any, by: Person) -> None:
        since = await self._spreading.now_ms()
        await self._book.renew(number(form, "id"), number(form, "horas"), by)
        await self._spreading.spread(since)

    async def _end(self, form: Any, by: Person) -> str:
        since = await self._spreading.now_ms()
        notice, corrections = await self._book.end(number(form, "id"), by)
        await self._spreading.spread(since)
        await self._spreading.withdraw_requests(notice)
        if notice.published_at:
            await self._spreading.withdraw_announcement(notice)
        lifted = f"&levantado={notice.number}" if notice.published_at else ""
        return f"&aviso={corrections[-1].id}{lifted}" if corrections else lifted

    async def _lift(self, form: Any, by: Person) -> None:
        since = await self._spreading.now_ms()
        await self._book.lift(number(form, "id"), {str(one) for one in form.getlist("medida")}, by)
        await self._spreading.spread(since)

    async def _tick(self, form: Any, by: Person) -> None:
        await self._tick_of(await self._book.get(number(form, "id")), form, by)

    async def _tick_of(self, notice: Notice, form: Any, by: Person) -> None:
        pack = self._packs().get(notice.pack)
        done, seen = form.getlist("paso"), form.getlist("visto")
        known = pack.lista if pack else ()
        await self._services.steps.tick(
            notice.number, [one for one in known if one in done], [one for one in known if one in seen], by.name
        )

    async def _approvals(self) -> Mapping[str, PackApproval]:
        return await self._services.approvals.of(self._packs())

    def _packs(self) -> Mapping[str, Pack]:
        return packs(self._services.data)

    async def _proof(self) -> object:
        channels = tuple(one.value for one in self._services.channels)
        proof = await self._spreading.proof(channels)
        await self._services.proving.keep(proof)
        return self._views.proof(proof)

    async def _page(
        self,
        signed_in: SignedIn,
        asked: Asked = NOTHING_ASKED,
        *,
        refused: Refused | None = None,
        posted: FormData | None = None,
    ) -> HTMLResponse:
        """Renders the page; ``posted`` is a notice's form that was refused, and keeps what was entered."""
        notices = await self._notices(signed_in)
        row = self._forms.row_of(posted, refused, (*notices["drafts"], *notices["running"]))
        pack = str(posted.get("paquete", "")) if posted is not None and row is None else asked.pack
        chosen, done_words = self._packs().get(pack), {*self._acts, "nada", "aprobar"}
        return self._pages.sheet(
            "notices.html",
            signed_in,
            here=PATH,
            status=refused.status_code if refused else 200,
            error=refused.message if refused else "",
            form_at=self._forms.place_of(posted, row),
            done=asked.done if asked.done in done_words else "",
            saved=asked.saved,
            lifted_told=self._views.lifted_told(await self._services.broadcasts.reached(asked.lifted)),
            new=await self._new(asked, pack, posted if row is None else None),
            pack=chosen,
            pack_name=pack if chosen or pack == DRILL else "",
            pack_hash=hash_of(chosen) if chosen else "",
            approvals={name: self._views.approved(one) for name, one in (await self._approvals()).items()},
            fields_of=lambda one: self._forms.posted(posted, one) if one is row else self._forms.of(one),
            **notices,
            **self._choices(),
        )

    async def _new(self, asked: Asked, pack: str, posted: FormData | None) -> Mapping[str, Any]:
        """Returns the values of a new notice's form."""
        if posted is not None:
            return self._forms.posted(posted)
        if asked.again:
            return self._forms.again(await self._book.published(asked.again))
        return await self._of_spike(asked.spike, self._forms.new(self._packs().get(pack), pack))

    async def _notices(self, signed_in: SignedIn) -> dict[str, Any]:
        """Returns the notices, alarms and proof that the page shows."""
        viewer = signed_in.staff.id
        await self._spreading.drop_stale_requests(viewer)
        rows = await self._book.open()
        edits = may(signed_in.staff, Permission.ENTRIES)
        before = await self._services.broadcasts.before(rows)
        cards = [self._views.card(row, viewer, before.get(row.id)) for row in rows]
        return {
            "spikes": await self._services.spikes.cards(edits=edits),
            "edits": edits,
            "running": [one for one in cards if one.row.state == RUNNING],
            "drafts": [one for one in cards if one.row.state != RUNNING],
            "state": state_of(rows),
            "changed": False,
            "ended": [self._views.card(row, viewer) for row in await self._book.ended()],
            "steps": await self._services.steps.of({row.number for row in rows}),
            "hour_of": self._views.hour,
            "proof": await self._proof(),
            "drill_is_due": await self._book.drill_is_due(self._agency.crisis.drill_every),
            "on_disk": [banner(one, self._agency) for one in self._services.board.known.notices if one.is_on_disk],
        }

    def _choices(self) -> dict[str, object]:
        """Returns the template's values for the forms: packs, options of the fields, and limits."""
        return {
            "questions": self._measures.questions().values(),
            "packs": self._packs(),
            "severities": list(Severity),
            "hours": HOURS,
            "hours_of": HOURS_OF,
            "most": MAX_CHARACTERS,
            "manual": MANUAL if can_make_pdf() else "",
            "drill_days": self._agency.crisis.drill_every.days,
            "extra": self._views.extra_characters(),
        }

    async def _of_spike(self, id: int, new: dict[str, Any]) -> dict[str, Any]:
        """Returns ``new``, the initial fields, with the utterances of the spike alarm ``id`` put before the pack's."""
        if not id:
            return new
        utterances = [*await self._services.spikes.utterances(id), *str(new.get("sobre", "")).splitlines()]
        return new | {"sobre": "\n".join(dict.fromkeys(utterances[:MAX_UTTERANCES])), "alza": str(id)}

    def _last_known(self) -> HTMLResponse:
        shown = [banner(one, self._agency) for one in self._services.board.running]
        folder = self._services.home / FOLDER
        return self._pages.page("notices_last.html", status=503, signed_in=None, shown=shown, folder=folder)
