"""Sends messages such as alarms by e-mail (SMTP) or SMS (Twilio)."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

import httpx
from pydantic import SecretStr

from bot.core.errors import RetryableError
from bot.core.network import trusted

TIMEOUT_S = 15.0
SUBMISSION_PORT, TLS_PORT = 587, 465


class SendingFailed(RetryableError):
    """The message could not be sent."""


@dataclass(frozen=True)
class Words:
    """The text of a message such as an alarm or the monthly report; it never quotes a citizen."""

    subject: str
    text: str
    file_name: str = ""
    file: bytes = b""  # a PDF; only e-mails carry it


class Sender(Protocol):
    """A way to send a message to a person; ``way`` is its name in metrics and logs."""

    way: str

    async def send(self, to: str, words: Words) -> None:
        """Sends the message to the address or number ``to``. Raises SendingFailed."""
        ...


class MailSender:
    """Sends e-mails through ``url``, such as ``smtp://user:password@host:587`` or ``smtps://...``.

    With ``smtp``, STARTTLS is used if the server offers it, and is required if there is a password.
    """

    way = "mail"

    def __init__(self, url: SecretStr, sender: str) -> None:
        self._url, self._sender = urlsplit(url.get_secret_value()), sender

    async def send(self, to: str, words: Words) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, words.subject
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].strip(">") or None)
        message["Importance"] = "normal" if words.file else "high"
        message.set_content(words.text)
        if words.file:
            message.add_attachment(words.file, maintype="application", subtype="pdf", filename=words.file_name)
        try:
            await asyncio.to_thread(self._deliver, message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise SendingFailed(way=self.way, error=type(error).__name__) from error

    def _deliver(self, message: EmailMessage) -> None:
        url, context = self._url, ssl.create_default_context()
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                url.hostname or "", url.port or TLS_PORT, timeout=TIMEOUT_S, context=context
            )
        else:
            server = smtplib.SMTP(url.hostname or "", url.port or SUBMISSION_PORT, timeout=TIMEOUT_S)
        with server:
            server.ehlo()
            if url.scheme != "smtps" and (server.has_extn("starttls") or url.password):
                server.starttls(context=context)
                server.ehlo()
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(message)


@dataclass(frozen=True)
class SmsAccount:
    """A Twilio account, and ``sender``: the number or Messaging Service (MG...) that sends."""

    sid: str
    token: SecretStr
    sender: str
    api_url: str


class SmsSender:
    """Sends SMS through Twilio; the HTTP client stays open until ``close``."""

    way = "sms"

    def __init__(self, account: SmsAccount) -> None:
        self._account = account
        auth = (account.sid, account.token.get_secret_value())
        self._client = httpx.AsyncClient(verify=trusted(), base_url=account.api_url, auth=auth, timeout=TIMEOUT_S)

    async def send(self, to: str, words: Words) -> None:
        sender = self._account.sender
        by = {"MessagingServiceSid": sender} if sender.startswith("MG") else {"From": sender}
        path = f"/2010-04-01/Accounts/{self._account.sid}/Messages.json"
        try:
            answer = await self._client.post(path, data={"To": to, "Body": words.subject + "\n" + words.text, **by})
            answer.raise_for_status()
            if "sid" not in answer.json():
                raise ValueError("no sid")
        except (httpx.HTTPError, ValueError, TypeError) as error:
            raise SendingFailed(way=self.way, error=type(error).__name__) from error

    async def close(self) -> None:
        await self._client.aclose()
