"""Calls Twilio's API through its SDK, over our own HTTP client.

The SDK's asynchronous HTTP client is not used, because it ignores its own timeout (a hanging provider would block a
sender forever), discards the ``Retry-After`` of a response, and logs request parameters.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot.channels.outgoing.unsure import may_have_arrived
from bot.channels.whatsapp.errors import failure
from bot.core.errors.base import PermanentError
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.network import trusted
from bot.core.outgoing.destinations import TWILIO, DestinationRefused, only_to

API = TWILIO
CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 15.0
MAX_CONNECTIONS = 64
MEDIA_MOST_BYTES = 16 * 1024 * 1024
_QUIET = logging.getLogger("ventanilla.twilio")


class ApiRefused(PermanentError):
    """Twilio answered with an error."""

    def __init__(self, *, code: int, status: int, retry_after_s: float = 0.0) -> None:
        super().__init__(code=code, status=status)
        self.code, self.status, self.retry_after_s = code, status, retry_after_s


@dataclass(frozen=True)
class Account:
    """A Twilio account: its credentials, and the sender of messages.

    Messages are sent through the Messaging Service ``service`` (``MG...``) or, if it is '', from the number ``sender``
    (``whatsapp:+...``).
    """

    sid: str
    token: SecretStr
    sender: str = ""
    service: str = ""


class HttpxClient(AsyncHttpClient):  # type: ignore[misc]
    """An HTTP client for the SDK; ``api_url`` is the URL of Twilio, an agency's proxy or a test server."""

    def __init__(self, api_url: str = API) -> None:
        super().__init__(_QUIET, True, ANSWER_TIMEOUT_S)
        self._api_url = api_url.rstrip("/")
        self.http = httpx.AsyncClient(
            verify=trusted(),
            event_hooks=only_to(self._api_url),
            timeout=httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
        )

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  (the SDK's signature)
        allow_redirects: bool = False,
    ) -> Response:
        """Sends one request; raises ApiRefused if the status is 400 or more or the body is not a JSON object.

        Raises httpx.HTTPError if there is no response. ``timeout`` is ignored in favor of the client's own timeouts.
        """
        as_json = (headers or {}).get("Content-Type") == "application/json"
        answer = await self.http.request(
            method.upper(),
            self.target_of(url),
            params=params,
            json=data if as_json else None,
            data=None if as_json else data,
            headers=headers,
            auth=auth,
            follow_redirects=allow_redirects,
        )
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise ApiRefused(code=_code(answer), status=answer.status_code, retry_after_s=_retry_after_s(answer))
        if not _is_object(answer):  # the response did not come from Twilio
            raise ApiRefused(code=0, status=httpx.codes.BAD_GATEWAY)
        return Response(answer.status_code, answer.text, answer.headers)

    def target_of(self, url: str) -> str:
        """Returns a URL of Twilio with its server replaced by ``api_url``."""
        if self._api_url == API:
            return url
        return self._api_url + httpx.URL(url).raw_path.decode()


class Twilio:
    """The API client of one account; unless stated otherwise, methods raise ApiRefused or httpx.HTTPError."""

    def __init__(self, account: Account, api_url: str = API) -> None:
        self._account = account
        self._wire = HttpxClient(api_url)
        self._client = Client(account.sid, account.token.get_secret_value(), http_client=self._wire)

    async def send(self, to: str, content: dict[str, Any], status_callback: str) -> str:
        """Sends one message and returns its MessageSid. Raises SendLater or SendRefused.

        ``content`` contains the SDK's parameters: body, media_url, content_sid, content_variables.
        """
        sender = self._account
        by = {"messaging_service_sid": sender.service} if sender.service else {"from_": sender.sender}
        callback = {"status_callback": status_callback} if status_callback else {}
        try:
            made = await self._client.messages.create_async(to=to, **by, **callback, **content)
        except ApiRefused as error:
            raise failure(error.code, error.status).error(error.code, error.retry_after_s) from error
        except httpx.HTTPError as error:
            raise SendLater("busy", unsure=may_have_arrived(error), error=type(error).__name__) from error
        return str(made.sid or "")

    async def account_status(self) -> str:
        """Returns the account's status: ``active``, ``suspended`` or ``closed``."""
        fetched = await self._client.api.v2010.accounts(self._account.sid).fetch_async()
        return str(fetched.status)

    async def service(self) -> tuple[str, bool]:
        """Returns the Messaging Service's inbound webhook, and whether a sender's own webhook overrides it."""
        fetched = await self._client.messaging.v1.services(self._account.service).fetch_async()
        return str(fetched.inbound_request_url or ""), bool(fetched.use_inbound_webhook_on_number)

    async def senders(self) -> list[dict[str, Any]]:
        """Lists at most 50 of the account's WhatsApp senders.

        Each is ``{sender_id, status, callback_url, status_callback_url}``.
        """
        listed = await self._client.messaging.v2.channels_senders.list_async(channel="whatsapp", limit=50)
        return [_sender(one) for one in listed]

    async def template(self, sid: str) -> tuple[tuple[str, ...], str]:
        """Returns a template's content types (``twilio/quick-reply``) and WhatsApp's approval status (``approved``)."""
        content = self._client.content.v1.contents(sid)
        made = await content.fetch_async()
        approval = await content.approval_fetch().fetch_async()
        return tuple(made.types or {}), str((approval.whatsapp or {}).get("status", "unsubmitted"))

    async def template_text(self, sid: str) -> str:
        """Returns a template's text with its variables as ``{{1}}``; '' if it has no text. Raises SendLater."""
        try:
            made = await self._client.content.v1.contents(sid).fetch_async()
        except (ApiRefused, httpx.HTTPError) as error:
            raise SendLater("busy", error=type(error).__name__) from error
        return next((str(one["body"]) for one in (made.types or {}).values() if one.get("body")), "")

    async def create_template(self, request: dict[str, Any]) -> str:
        """Creates a content template and returns its ContentSid; ``request`` is the body for Twilio's Content API."""
        made = await self._client.request_async(
            "POST",
            "https://content.twilio.com/v1/Content",
            data=request,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        return str(json.loads(made.text)["sid"])

    async def media(self, url: str) -> bytes:
        """Downloads a citizen's file from twilio.com.

        Other servers are refused, since the request carries our credentials.

        Raises SendRefused if the file is gone, too large or on another server, and SendLater if a retry may work.
        """
        address = httpx.URL(url)
        if address.scheme != "https" or not f".{address.host}".endswith(".twilio.com"):
            raise SendRefused("refused")
        try:
            return await self._download(self._wire.target_of(url))
        except ApiRefused as error:
            raise failure(error.code, error.status).error(error.code) from error
        except DestinationRefused as error:  # the log has the host
            raise SendRefused("refused") from error
        except httpx.HTTPError as error:
            raise SendLater("busy", error=type(error).__name__) from error

    async def _download(self, url: str) -> bytes:
        auth = (self._account.sid, self._account.token.get_secret_value())
        body = bytearray()
        async with self._wire.http.stream("GET", url, auth=auth, follow_redirects=True) as answer:
            if answer.status_code >= httpx.codes.BAD_REQUEST:
                raise ApiRefused(code=0, status=answer.status_code)
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MEDIA_MOST_BYTES:
                    raise SendRefused("media")
        return bytes(body)

    async def close(self) -> None:
        await self._wire.http.aclose()


def _sender(one: Any) -> dict[str, Any]:
    webhook = one.webhook or {}
    found = webhook if isinstance(webhook, dict) else vars(webhook)
    return {
        "sender_id": one.sender_id,
        "status": str(one.status),
        "callback_url": found.get("callback_url") or "",
        "status_callback_url": found.get("status_callback_url") or "",
    }


def _is_object(answer: httpx.Response) -> bool:
    try:
        return isinstance(answer.json(), dict)
    except ValueError:
        return False


def _code(answer: httpx.Response) -> int:
    """Returns Twilio's error number; 0 if the response has none."""
    try:
        return int(answer.json().get("code") or 0)
    except (ValueError, AttributeError, TypeError):
        return 0


def _retry_after_s(answer: httpx.Response) -> float:
    value = answer.headers.get("retry-after", "")
    return float(value) if value.isdigit() else 0.0
