"""Serves ``/desk/datos``: the register of requests about personal data, with their deadlines and actions.

Each export, blocking, correction or erasure of data belongs to a request, so that it has a reason in the register.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.agency.privacy_settings import RequestKind, due_at
from bot.conversation.addresses import Addresses
from bot.conversation.inbox import Inbox
from bot.conversation.readable import readable
from bot.core.errors.base import PermanentError
from bot.core.messages import Author, Reply
from bot.core.texts import area, say
from bot.desk.api.search import Reading, ReadingLimits
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.pages.base import DeskPages, is_sure
from bot.desk.pages.privacy.cards import Card, Cards
from bot.desk.pages.privacy.holds import HoldsPage
from bot.desk.pages.privacy.masking_try import MaskingPage
from bot.desk.pages.privacy.register_file import register_csv
from bot.desk.pages.templates import PAGE_HEADERS
from bot.desk.queries.privacy_register import SHOWN_CLOSED, NewRequest, NotOpen, PrivacyRegister
from bot.handoff.callbacks.contact import Contact, read_contact
from bot.privacy.corrections import NewContact
from bot.privacy.erasures import REQUEST_MARK, By, new_receipt
from bot.privacy.personal_data import NothingKept, PersonalData
from bot.record.privacy_requests import RequestState
from bot.record.tables import PrivacyRequest
from bot.text.markdown import literal

PATH = "/desk/datos"
FILE_PATH = "/desk/datos.csv"
MIN_REASON = 20
MAX_TEXT = 2000


COUNTED = {"bajar": Reading.EXPORT, "borrar": Reading.ERASURE}  # limited for each account and hour


@dataclass(frozen=True)
class PrivacyStores:
    """The stores that the page reads and changes; ``addresses`` encrypts a corrected contact."""

    register: PrivacyRegister
    data: PersonalData
    inbox: Inbox
    addresses: Addresses


class PrivacyPage:
    """The handlers of the register, its forms, and the changes to the data of a request's conversation."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        holdings: PrivacyStores,
        agency: Agency,
        audit: AuditLog,
    ) -> None:
        self._guard, self._pages, self._audit = guard, pages, audit
        self._limits = ReadingLimits(holdings.inbox.allow)
        self._register, self._data, self._inbox = holdings.register, holdings.data, holdings.inbox
        self._agency, self._cards, self._addresses = agency, Cards(agency), holdings.addresses

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "GET", FILE_PATH, self.file)
        self._pages.serve(router, "POST", PATH, self.note)
        self._pages.serve(router, "POST", f"{PATH}/{{receipt}}/prorroga", self.extend)
        self._pages.serve(router, "POST", f"{PATH}/{{receipt}}/respuesta", self.answer)
        self._pages.serve(router, "POST", f"{PATH}/{{receipt}}/datos", self.change_data)
        guard, pages, agency = self._guard, self._pages, self._agency
        MaskingPage(guard=guard, pages=pages, agency=agency).add_to(router)
        HoldsPage(guard=guard, pages=pages, data=self._data, agency=agency, audit=self._audit).add_to(router)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.PRIVACY)
        await self._audit.record_view(Action.PRIVACY_VIEWED, staff_id=signed_in.staff.id)
        return await self._list(signed_in, done=request.query_params.get("hecho", ""))

    async def file(self, request: Request) -> Response:
        """Returns the whole register as CSV."""
        signed_in = await self._guard.page(request, Permission.PRIVACY)
        await self._audit.record(Action.PRIVACY_VIEWED, staff_id=signed_in.staff.id, file=True)
        attached = {"Content-Disposition": 'attachment; filename="solicitudes.csv"'}
        content = register_csv(await self._closed(await self._register.every()))
        return Response(content, media_type="text/csv; charset=utf-8", headers=PAGE_HEADERS | attached)

    async def note(self, request: Request) -> Response:
        """Adds a request that arrived by letter, by e-mail, by telephone or at the agency's counter."""
        signed_in, form = await self._pages.posted(request, Permission.PRIVACY)
        kind, way, number = _text(form, "tipo"), _text(form, "via"), _text(form, "numero")
        if kind not in set(RequestKind) or way not in area("datos")["vias"]:
            return await self._list(signed_in, status=422, error=say("datos.errores.falta"))
        try:
            conversation = await self._data.find(number) if number else ""
        except NothingKept:
            return await self._list(signed_in, status=422, error=say("datos.errores.no_encontrada"))
        due = due_at(RequestKind(kind), self._agency.now(), self._agency.schedule)
        receipt = new_receipt(REQUEST_MARK)
        new = NewRequest(receipt, RequestKind(kind), way, _text(form, "nota"), conversation, due)
        await self._register.note(new, by=signed_in.staff.id)
        return _back(receipt, "anotada")

    async def extend(self, request: Request, receipt: str) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.PRIVACY)
        why = _text(form, "razon")
        if len(why) < MIN_REASON:
            return await self._list(signed_in, status=422, error=say("datos.errores.razon", minimo=MIN_REASON))
        try:
            one = await self._register.extend(receipt, why, by=signed_in.staff.id, timezone=self._agency.timezone)
        except NotOpen:
            return await self._list(signed_in, status=409, error=say(NotOpen.text_key))
        await self._notify(one, "prorroga", razon=literal(why), fecha=self._cards.make(one).due[:10])
        return _back(receipt, "prorrogada")

    async def answer(self, request: Request, receipt: str) -> Response:
        """Closes a request and sends the answer to its conversation, if there is one.

        A refusal requires a reason and gets a text about the data protection agency.
        """
        signed_in, form = await self._pages.posted(request, Permission.PRIVACY)
        state, identity, answer = _text(form, "estado"), _text(form, "identidad"), _text(form, "respuesta")
        if state not in (RequestState.DONE, RequestState.REFUSED) or identity not in area("datos")["identidades"]:
            return await self._list(signed_in, status=422, error=say("datos.errores.falta"))
        if state == RequestState.REFUSED:
            if len(answer) < MIN_REASON:
                return await self._list(signed_in, status=422, error=say("datos.errores.razon", minimo=MIN_REASON))
            answer = f"{answer}\n\n{say('datos.agencia')}"
        try:
            one = await self._register.answer(
                receipt, RequestState(state), answer, identity=identity, by=signed_in.staff.id
            )
        except NotOpen:
            return await self._list(signed_in, status=409, error=say(NotOpen.text_key))
        await self._notify(one, "respuesta", respuesta=literal(answer))
        return _back(receipt, "respondida")

    async def change_data(self, request: Request, receipt: str) -> Response:
        """Exports, blocks, unblocks, corrects or erases the data of the request's conversation.

        Exporting and erasing require a recent password. Raises Refused if the request is unknown or has no
        conversation, if the action or a correction is invalid, or if the account exports or erases too often.
        """
        action = _text(await request.form(), "accion")
        fresh = action in COUNTED
        signed_in, form = await self._pages.posted(request, Permission.PRIVACY, fresh=fresh, back=PATH)
        one = await self._register.get(receipt)
        if one is None or not one.conversation_id:
            raise Refused(404, "gone", say("datos.errores.sin_conversacion"))
        if action == "borrar" and not is_sure(form):
            return self._pages.ask(request, signed_in, form, here=PATH, key="datos", comprobante=receipt)
        if action in COUNTED:
            await self._limits.count(signed_in, COUNTED[action])
        if action == "bajar":
            return await self._export(one.conversation_id, signed_in)
        try:
            await self._change(action, one.conversation_id, form, signed_in)
        except PermanentError as error:
            return await self._list(signed_in, status=409, error=say(error.text_key, **error.facts))
        return _back(receipt, action)

    async def _change(self, action: str, name: str, form: Mapping[str, Any], signed_in: SignedIn) -> None:
        by, corrections = signed_in.staff.id, self._data.corrections
        if action == "bloquear":
            await corrections.block(name, by=by)
        elif action == "desbloquear":
            await corrections.unblock(name, by=by)
        elif action == "borrar":
            await self._data.erase(name, new_receipt(), By.STAFF, staff=by)
        elif action == "corregir":
            await self._correct(name, form, signed_in)
        else:
            raise Refused(422, "action", say("datos.errores.falta"))

    async def _correct(self, name: str, form: Mapping[str, Any], signed_in: SignedIn) -> None:
        wrong, right, contact = (_text(form, key) for key in ("dice", "debe", "contacto"))
        found = read_contact(contact) if contact else None
        if not ((wrong and right) or contact) or (contact and not isinstance(found, Contact)):
            raise Refused(422, "correction", say("datos.errores.corregir"))
        if wrong and right:
            await self._data.corrections.correct_words(name, wrong, right, by=signed_in.staff.id)
        if isinstance(found, Contact):
            new = NewContact(found.kind.value, self._addresses.encrypt(found.value), found.shown)
            await self._data.corrections.correct_contact(name, new, by=signed_in.staff.id)

    async def _export(self, name: str, signed_in: SignedIn) -> Response:
        found = await self._data.export(name)
        await self._data.note_export(name, staff=signed_in.staff.id)
        content = json.dumps(found, ensure_ascii=False, indent=2, default=str)
        attached = {"Content-Disposition": 'attachment; filename="datos.json"'}
        return Response(content, media_type="application/json", headers=PAGE_HEADERS | attached)

    async def _notify(self, one: PrivacyRequest, key: str, **values: str) -> None:
        """Notifies the citizen in their chat, if the request belongs to a conversation."""
        if one.conversation_id:
            text = say(f"datos.aviso.{key}", comprobante=one.receipt, **values)
            await self._inbox.notify(one.conversation_id, Reply(text, author=Author.SYSTEM), anybody=True, asked=True)

    async def _list(self, signed_in: SignedIn, *, status: int = 200, error: str = "", done: str = "") -> Response:
        return self._pages.sheet(
            "privacy.html",
            signed_in,
            here=PATH,
            status=status,
            open=[await self._card(one) for one in await self._register.open()],
            answered=await self._closed(await self._register.answered()),
            file=FILE_PATH,
            shown=SHOWN_CLOSED,
            kinds=list(RequestKind),
            error=error,
            done=area("datos")["hecho"].get(done, ""),
            law=self._agency.privacy.law_since,
            most=MAX_TEXT,
        )

    async def _closed(self, requests: Sequence[PrivacyRequest]) -> list[Card]:
        names = await self._register.names(requests)
        return [self._cards.make(one, answered_by=names.get(one.answered_by, "")) for one in requests]

    async def _card(self, one: PrivacyRequest) -> Card:
        if not (name := one.conversation_id):
            return self._cards.make(one)
        blocked = await self._data.corrections.is_blocked(name)
        places = await self._data.show_record(name)
        explanation = [] if blocked else await self._register.explanation(one)
        return self._cards.make(one, is_blocked=blocked, places=places, explanation=explanation)


def _text(form: Mapping[str, Any], name: str) -> str:
    return readable(str(form.get(name, "")).replace("\r\n", "\n")).strip()[:MAX_TEXT]


def _back(receipt: str, done: str) -> Response:
    return RedirectResponse(f"{PATH}?{urlencode({'hecho': done})}#{receipt}", 303)
