"""Implements ``ventanilla whatsapp check``: checks settings, account, senders, templates and webhook.

The command sends a signed request to our own public address, which reveals the most frequent faults: a proxy that
changes the path, or a PUBLIC_URL that differs from the address that Twilio calls.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
from twilio.request_validator import RequestValidator

from bot.agency.whatsapp_templates import Templates
from bot.channels.whatsapp.adapter import account_from
from bot.channels.whatsapp.api import Account, ApiRefused, Twilio
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.channels.whatsapp.signature import FORM, SIGNATURE_HEADER, Fields
from bot.channels.whatsapp.webhook import OVERRIDES, PATH
from bot.core.network import trusted
from bot.core.outgoing.destinations import only_to
from bot.core.texts import say

ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
BAD_CREDENTIALS = 20003
NOT_FOUND = 20404
PROBE = {"VentanillaCheck": "1"}
TIMEOUT_S = 10.0
ONLINE = "ONLINE"
LOOPBACK = "http://127.0.0.1"  # accepted without https, for local tests


@dataclass(frozen=True)
class Finding:
    """The result of one check, in Spanish: what was checked, and ``detail`` if it passed or ``fix`` if it failed."""

    what: str
    detail: str = ""
    fix: str = ""

    @property
    def line(self) -> str:
        if self.fix:
            return say("whatsapp.cli.mal", que=self.what, arreglo=self.fix)
        return say("whatsapp.cli.bien", que=self.what, detalle=self.detail)


def good(part: str, key: str, **facts: object) -> Finding:
    return Finding(say(f"whatsapp.partes.{part}"), detail=say(f"whatsapp.detalle.{key}", **facts))


def bad(part: str, key: str, **facts: object) -> Finding:
    return Finding(say(f"whatsapp.partes.{part}"), fix=say(f"whatsapp.arreglo.{key}", **facts))


class Check:
    """The checks of the command, run in order; a check that depends on a failed check is skipped."""

    def __init__(self, *, account: Account, twilio: Twilio, templates: Templates, public_url: str) -> None:
        self._account = account
        self._twilio = twilio
        self._templates = templates
        self._url = public_url.rstrip("/") + PATH

    async def findings(self) -> list[Finding]:
        wrong = [*self._settings()]
        if wrong:
            return wrong
        found = [good("ajustes", "completos")]
        try:
            found.append(await self._credentials())
            if not found[-1].fix:
                found += [one async for one in self._sender()]
                found += [one async for one in self._used_templates()]
        except ApiRefused as error:
            found.append(bad("credenciales", "twilio", codigo=error.code or error.status))
        except httpx.HTTPError as error:
            found.append(bad("credenciales", "sin_red", error=type(error).__name__))
        return [*found, await self._address()]

    def _settings(self) -> list[Finding]:
        account, wrong = self._account, []
        if not ACCOUNT_SID.fullmatch(account.sid):
            wrong.append(bad("ajustes", "sid_invalido"))
        if not account.token.get_secret_value():
            wrong.append(bad("ajustes", "falta", nombre="TWILIO_AUTH_TOKEN"))
        if not (account.sender or account.service):
            wrong.append(bad("ajustes", "sin_remitente"))
        if not self._url.startswith(("https://", LOOPBACK)):
            wrong.append(bad("ajustes", "sin_https", url=self._url.removesuffix(PATH)))
        return wrong

    async def _credentials(self) -> Finding:
        try:
            status = await self._twilio.account_status()
        except ApiRefused as error:
            if error.code == BAD_CREDENTIALS or error.status in {401, 403}:
                return bad("credenciales", "credenciales")
            raise
        return (
            good("credenciales", "cuenta_activa")
            if status == "active"
            else bad("credenciales", "cuenta", estado=status)
        )

    async def _sender(self) -> AsyncIterator[Finding]:
        """Checks the Messaging Service or number, and the webhook that Twilio calls for citizens' messages."""
        by_number = True
        if self._account.service:
            inbound, by_number = await self._twilio.service()
            yield good("remitente", "servicio", servicio=self._account.service)
            if not by_number:
                yield self._called(inbound)
        if not self._account.sender:
            return
        listed = {str(one["sender_id"]): one for one in await self._twilio.senders()}
        sender = listed.get(self._account.sender)
        if sender is None:
            yield bad("remitente", "remitente_desconocido", remitente=self._account.sender)
            return
        if not str(sender["status"]).upper().startswith(ONLINE):
            yield bad("remitente", "remitente_fuera", remitente=self._account.sender, estado=sender["status"])
        else:
            yield good("remitente", "en_linea", remitente=self._account.sender)
        if by_number:
            yield self._called(str(sender["callback_url"]))

    def _called(self, actual: str) -> Finding:
        if actual.partition("#")[0] == self._url:
            return good("aviso", "apunta", url=actual)
        return bad("aviso", "aviso", actual=actual, url=self._url + OVERRIDES)

    async def _used_templates(self) -> AsyncIterator[Finding]:
        used = [(sid, "botones", "twilio/quick-reply") for sid in self._templates.buttons.values()]
        used += [(sid, "listas", "twilio/list-picker") for sid in self._templates.lists.values()]
        used += [(self._templates.answer, "respuesta", "")] if self._templates.answer else []
        wrong = [finding for one in used if (finding := await self._template(*one))]
        for finding in wrong:
            yield finding
        if not used:
            yield good("plantillas", "sin_plantillas")
        elif not wrong:
            yield good("plantillas", "plantillas", cuantas=len(used))

    async def _template(self, sid: str, use: str, wanted: str) -> Finding | None:
        try:
            types, approval = await self._twilio.template(sid)
        except ApiRefused as error:
            if error.code == NOT_FOUND or error.status == httpx.codes.NOT_FOUND:
                return bad("plantillas", "plantilla_desconocida", sid=sid)
            raise
        if wanted and wanted not in types:
            return bad("plantillas", "plantilla_otra", sid=sid, tipo=", ".join(types), uso=use, esperado=wanted)
        if not wanted and approval != "approved":
            return bad("plantillas", "plantilla_sin_aprobar", sid=sid, estado=approval)
        return None

    async def _address(self) -> Finding:
        """Checks that a validly signed request to the public address reaches the bot and is accepted."""
        validator = RequestValidator(self._account.token.get_secret_value())
        signature = validator.compute_signature(self._url, Fields(list(PROBE.items())))
        headers = {SIGNATURE_HEADER: signature, "content-type": FORM}
        try:
            hooks = only_to(self._url)
            async with httpx.AsyncClient(verify=trusted(), timeout=TIMEOUT_S, event_hooks=hooks) as client:
                answer = await client.post(self._url, content=urlencode(PROBE), headers=headers)
        except httpx.HTTPError as error:
            return bad("direccion", "sin_respuesta", url=self._url, error=type(error).__name__)
        if answer.status_code == httpx.codes.FORBIDDEN:
            return bad("direccion", "firma", url=self._url)
        if answer.status_code != httpx.codes.OK:
            return bad("direccion", "respuesta", url=self._url, estado=answer.status_code)
        return good("direccion", "firma_aceptada", url=self._url)


def check(settings: WhatsAppSettings, public_url: str, templates: Templates) -> list[str]:
    """Runs the checks and returns lines for the terminal; a line with a cross states the fix."""

    async def done() -> list[str]:
        account = account_from(settings)
        twilio = Twilio(account, settings.twilio_api_url)
        looking = Check(account=account, twilio=twilio, templates=templates, public_url=public_url)
        try:
            return [finding.line for finding in await looking.findings()]
        finally:
            await twilio.close()

    return asyncio.run(done())
